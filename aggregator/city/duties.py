"""config/routing.yaml and the agencies as one table of duties."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import Field

from aggregator.city import geography
from aggregator.city.catalog import Catalog, Name
from aggregator.rules.reports import authority
from aggregator.rules.reports.authority import Level, Visibility
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.yamlfile import Problem

_PLACES = ("@ward", "@district", "@health_centre")
_LEVELS: dict[str, Level] = {
    "opd": "kota",
    "bumd": "bumd",
    "kecamatan": "kecamatan",
    "kelurahan": "kelurahan",
    "puskesmas": "kota",
}


class Body(Model):
    code: str
    level: Level
    name: Name
    reach: Name
    verified: bool


class At(Model):
    """An agency that comes in at a type of place."""

    agency: str
    at: str


class When(Model):
    agency: str
    when: str = Field(pattern=r"^(always|road:(nasional|provinsi|tol)|school:\w+)$")


class Duty(Model):
    kind: str
    lead: str
    calm_lead: str | None = None
    help: tuple[str | At, ...] = ()
    outside: tuple[str, ...] = ()
    responsible: tuple[When, ...] = ()
    possible: tuple[At, ...] = ()
    visibility: Visibility = "publik"
    emergency: bool = False
    emergency_help: tuple[str, ...] = ()
    unsure: bool = False
    verified: bool
    since: date | None = None
    until: date | None = None


def load(folder: Path, catalog: Catalog) -> authority.Table:
    """Read and check routing.yaml of a configuration folder. ConfigError."""
    problems: list[Problem] = []
    file = File(folder / "routing.yaml", ["bodies", "duties"], problems)
    bodies = {body.code: _body(body) for body, _ in file.entries("bodies", Body)}
    duties = file.entries("duties", Duty, label="kind")
    for duty, line in duties:
        _check(file, duty, line, catalog, bodies)
    _check_days(file, duties)
    missing = set(catalog.categories) - {duty.kind for duty, _ in duties}
    for kind in sorted(missing) if duties else []:
        file.wrong(
            0, f"kind {kind} of categories.yaml has no duty", "add one with its lead"
        )
    if problems:
        raise ConfigError(problems)
    for code, government in geography.governments_of(folder).items():
        bodies[code] = authority.Body(
            code,
            government.level,
            government.name.model_dump(),
            _BY_LAPOR,
            verified=False,
        )
    return authority.Table(
        duties=tuple(_duty(duty) for duty, _ in duties),
        bodies=bodies,
        levels={
            code: _LEVELS[agency.kind] for code, agency in catalog.agencies.items()
        },
        ward_codes=_by_name(catalog, "kelurahan"),
        district_codes=_by_name(catalog, "kecamatan"),
        health_centres={
            geography.short_name(catalog.agencies[agency.ward]): agency.code
            for agency in catalog.agencies.values()
            if agency.kind == "puskesmas" and agency.ward
        },
    )


# Every government of the country takes complaints through the national channel.
_BY_LAPOR = {"id": "SP4N-LAPOR! (lapor.go.id)", "en": "SP4N-LAPOR! (lapor.go.id)"}


def _by_name(catalog: Catalog, kind: str) -> dict[str, str]:
    return {
        geography.short_name(agency): agency.code
        for agency in catalog.agencies.values()
        if agency.kind == kind
    }


def _body(body: Body) -> authority.Body:
    return authority.Body(
        body.code,
        body.level,
        body.name.model_dump(),
        body.reach.model_dump(),
        body.verified,
    )


def _duty(duty: Duty) -> authority.Duty:
    return authority.Duty(
        kind=duty.kind,
        lead=duty.lead,
        calm_lead=duty.calm_lead,
        help=tuple(
            (
                authority.Condition(entry)
                if isinstance(entry, str)
                else authority.Condition(entry.agency, at=entry.at)
            )
            for entry in duty.help
        ),
        outside=duty.outside,
        responsible=tuple(
            authority.Condition(e.agency, when=e.when) for e in duty.responsible
        ),
        possible=tuple(
            authority.Condition(entry.agency, at=entry.at) for entry in duty.possible
        ),
        visibility=duty.visibility,
        emergency=duty.emergency,
        emergency_help=duty.emergency_help,
        unsure=duty.unsure,
        verified=duty.verified,
        since=duty.since,
        until=duty.until,
    )


def _check(
    file: File,
    duty: Duty,
    line: int,
    catalog: Catalog,
    bodies: dict[str, authority.Body],
) -> None:
    if duty.kind not in catalog.categories:
        file.unknown(line, duty.kind, "kind", duty.kind, catalog.categories)
    helpers = [entry if isinstance(entry, str) else entry.agency for entry in duty.help]
    leads = [duty.lead] if duty.calm_lead is None else [duty.lead, duty.calm_lead]
    for code in (*leads, *helpers, *duty.emergency_help):
        if code not in catalog.agencies and code not in _PLACES:
            file.unknown(line, duty.kind, "agency", code, [*catalog.agencies, *_PLACES])
    conditional = [e.agency for e in duty.responsible] + [
        e.agency for e in duty.possible
    ]
    for code in (*duty.outside, *conditional):
        if code not in bodies:
            file.unknown(line, duty.kind, "body", code, bodies)


def _check_days(file: File, duties: list[tuple[Duty, int]]) -> None:
    """No two duties of a kind on the same day."""
    before: dict[str, tuple[Duty, int]] = {}
    for duty, line in sorted(duties, key=lambda entry: entry[0].since or date.min):
        other = before.get(duty.kind)
        if other and (other[0].until or date.max) >= (duty.since or date.min):
            file.wrong(
                line,
                f"{duty.kind}: two duties on the same day",
                f"end the one in line {other[1]} with `until` before this one's"
                " `since`",
            )
        before[duty.kind] = (duty, line)
