"""Which agencies own a case, on what level of authority, and for what reason.

Roles: *lead* acts and answers, *help* acts too, *responsible* is a body outside the
city that must act (the lead then answers with its name), *possible* may turn out to be
responsible. Reasons are short codes that `explain` turns into a sentence a person can
check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from aggregator.rules.places.gazetteer import Place
from aggregator.rules.reports.institutions import Told

Level = Literal[
    "kota",
    "kecamatan",
    "kelurahan",
    "bumd",
    "provinsi",
    "nasional",
    "kabupaten",
    "polisi",
    "pln",
    "pengembang",
    "lainnya",
]
Role = Literal["lead", "help", "responsible", "possible"]
Visibility = Literal["publik", "publik_tanpa_identitas", "dm", "rahasia"]

MOST = 3
NOT_A_CASE = frozenset({"spam", "bukan_aduan"})
_STRICTEST: tuple[Visibility, ...] = (
    "rahasia",
    "dm",
    "publik_tanpa_identitas",
    "publik",
)
# A bounced duty is worth a proposal from so many bounces on, and this share of all its
# cases.
_BOUNCES = 3
_BOUNCED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Addressed:
    """The city's account that a resident addressed; `combine` says who then leads."""

    account_id: int
    agency_code: str
    handle: str


@dataclass(frozen=True, slots=True)
class Owner:
    """`agency`: a code of agencies.yaml, or of a body outside the city (role
    responsible or possible, or `outside`)."""

    agency: str
    level: Level
    reason: str
    role: Role
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """Somebody outside the city; `reach` says in each language how a resident gets
    there."""

    code: str
    level: Level
    name: Mapping[str, str]
    reach: Mapping[str, str]
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """An agency that comes in on a condition: `when` or the type of place it is
    `at`."""

    agency: str
    when: str = "always"
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Who acts on a kind of complaint from `since` to `until`, both days included.

    `calm_lead` leads instead where the text is a complaint or a wish and nothing is
    acute.
    """

    kind: str
    lead: str
    calm_lead: str | None = None
    help: tuple[Condition, ...] = ()
    outside: tuple[str, ...] = ()
    responsible: tuple[Condition, ...] = ()
    possible: tuple[Condition, ...] = ()
    visibility: Visibility = "publik"
    emergency: bool = False
    emergency_help: tuple[str, ...] = ()
    unsure: bool = False
    verified: bool = False
    since: date | None = None
    until: date | None = None

    def valid(self, on: date) -> bool:
        return (self.since or date.min) <= on <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class Table:
    """The duties of a city. `levels`: of every agency; `ward_codes`, `district_codes`:
    by name; `health_centres`: by name of the ward they are in."""

    duties: tuple[Duty, ...]
    bodies: Mapping[str, Body]
    levels: Mapping[str, Level]
    ward_codes: Mapping[str, str] = field(default_factory=dict)
    district_codes: Mapping[str, str] = field(default_factory=dict)
    health_centres: Mapping[str, str] = field(default_factory=dict)
    _of_kind: dict[str, list[Duty]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for duty in self.duties:
            self._of_kind.setdefault(duty.kind, []).append(duty)

    def duty(self, kind: str, on: date) -> Duty | None:
        return next(
            (duty for duty in self._of_kind.get(kind, ()) if duty.valid(on)), None
        )

    def led_by(self, agency: str | None, on: date) -> frozenset[str]:
        """The kinds an agency leads; none for the one that gets all the rest, whose
        account says nothing of a message."""
        led = [one for one in self.duties if one.lead == agency and one.valid(on)]
        if any(one.unsure for one in led):
            return frozenset()
        return frozenset(one.kind for one in led)

    def secret_kinds(self, on: date) -> frozenset[str]:
        return frozenset(kind for kind in self._of_kind if self.is_secret(kind, on))

    def is_secret(self, kind: str, on: date) -> bool:
        """Whether reports of a kind are seen by their readers alone."""
        duty = self.duty(kind, on)
        return duty is not None and duty.visibility == "rahasia"

    def owner(self, agency: str, role: Role, reason: str) -> Owner:
        body = self.bodies.get(agency)
        if body is not None:
            return Owner(agency, body.level, reason, role, outside=True)
        return Owner(agency, self.levels.get(agency, "lainnya"), reason, role)


def owners(
    kinds: Sequence[str],
    places: Sequence[Place],
    klass: str,
    table: Table,
    on: date,
    body: Told | None = None,
) -> list[Owner]:
    """At most three owners, best first. `kinds`: best first; `klass`: as in the judging
    surface; `body`: outside the city, whose matter it is: the city answers with its
    name."""
    if klass in NOT_A_CASE:
        return []
    abroad = _elsewhere(places, table)
    if abroad is not None:
        # Life goes before borders: the city's disaster office passes an emergency on at
        # once.
        relay = (
            [table.owner("bpbd", "help", "class:darurat")] if klass == "darurat" else []
        )
        return [abroad, *relay]
    kinds = ["pungli"] if klass == "wbs" else list(kinds)
    duties = [duty for kind in kinds if (duty := table.duty(kind, on)) is not None]
    # A secret kind keeps every other office out, for that may be the one complained
    # about.
    duties = [duty for duty in duties if duty.visibility == "rahasia"] or duties
    found: list[Owner] = []
    secret = any(duty.visibility == "rahasia" for duty in duties)
    if body is not None and klass != "darurat" and not secret:
        reason = f"institution:{body.word}"
        found.append(table.owner(body.code, "responsible", reason))
    for duty in duties:
        # Of each kind the body that must act, then who leads here: the likeliest kind
        # first.
        found += _responsible(duty, places, table, klass)
        found += _leads(duty, places, table, klass)
    if klass == "darurat" and not any(duty.emergency for duty in duties):
        found.insert(0, table.owner("bpbd", "lead", "class:darurat"))
    if klass == "cek_hoaks":
        found.append(table.owner("diskominfo", "help", "class:cek_hoaks"))
    for duty in duties:
        found += _helpers(duty, places, table, klass)
    return _one_lead(found)[:MOST]


def authority(found: Sequence[Owner]) -> Level | None:
    """The level that decides: of the body responsible, else of the lead."""
    return found[0].level if found else None


def ours(found: Sequence[Owner]) -> list[str]:
    """The city's agencies among owners, in order."""
    return [owner.agency for owner in found if not owner.outside]


def visibility(kinds: Iterable[str], klass: str, table: Table, on: date) -> Visibility:
    """The strictest of the kinds' visibilities: who may see a case and where it is
    answered."""
    if klass == "wbs":
        return "rahasia"
    asked = {
        duty.visibility for kind in kinds if (duty := table.duty(kind, on)) is not None
    }
    return next((level for level in _STRICTEST if level in asked), "publik")


def combine(
    addressed: Sequence[Addressed],
    found: Sequence[Owner],
    seen_by: Visibility,
    table: Table,
) -> list[Owner]:
    """Owners by duty together with the agencies whose accounts were addressed.

    The duty leads; without one the first account addressed does. A secret case goes to
    its owners alone: the office a resident complains about, addressed or not, does not
    see it.
    """
    kept = list(found)
    if seen_by == "rahasia" and kept:
        return kept
    has_lead = any(owner.role == "lead" for owner in kept)
    for account in addressed:
        if any(owner.agency == account.agency_code for owner in kept):
            continue
        role: Role = "help" if has_lead else "lead"
        kept.append(table.owner(account.agency_code, role, f"account:{account.handle}"))
        has_lead = True
    return kept


def _elsewhere(places: Sequence[Place], table: Table) -> Owner | None:
    """Another government, where every place that is known to be somebody's is its."""
    theirs = [place for place in places if place.city is False and place.government]
    if not theirs or any(place.city for place in places):
        return None
    place = theirs[0]
    return table.owner(str(place.government), "responsible", f"place:{place.name}")


def _responsible(
    duty: Duty, places: Sequence[Place], table: Table, klass: str
) -> list[Owner]:
    if klass in ("permintaan_informasi", "apresiasi") and duty.kind != "listrik":
        return []
    return [
        table.owner(condition.agency, "responsible", reason)
        for condition in duty.responsible
        if (reason := _holds(condition.when, duty, places)) is not None
    ]


def _holds(when: str, duty: Duty, places: Sequence[Place]) -> str | None:
    """The reason why a condition holds, or None."""
    if when == "always":
        return f"kind:{duty.kind}"
    about, _, value = when.partition(":")
    for place in places:
        if about == "road" and place.road_class == value:
            return f"road:{value}:{place.name}"
        if about == "school" and _school_of(place) == value.casefold():
            return f"school:{value}:{place.name}"
    return None


def _school_of(place: Place) -> str:
    words = place.name.casefold().split()
    return next(
        (
            word
            for word in words
            if word.startswith(("sma", "smk", "mts", "mi", "madra"))
        ),
        "",
    )


def _leads(
    duty: Duty, places: Sequence[Place], table: Table, klass: str
) -> list[Owner]:
    if duty.unsure:
        ward = _of_place("@ward", places, table)
        return [table.owner(ward[0], "lead", ward[1])] if ward else []
    named = next(
        (place for place in places if place.code in table.levels and place.code), None
    )
    lead = table.owner(duty.lead, "lead", f"kind:{duty.kind}")
    if duty.calm_lead and klass in ("pengaduan", "aspirasi"):
        return [table.owner(duty.calm_lead, "lead", f"kind:{duty.kind}"), lead]
    if duty.kind == "kesehatan" and named and named.type in ("puskesmas", "hospital"):
        return [table.owner(str(named.code), "lead", f"place:{named.name}"), lead]
    if duty.kind == "kesehatan" and klass == "permintaan_informasi":
        centre = _of_place("@health_centre", places, table)
        return [table.owner(centre[0], "lead", centre[1]), lead] if centre else [lead]
    found = [lead]
    if klass == "darurat":
        found += [
            table.owner(agency, "help", "class:darurat")
            for agency in duty.emergency_help
        ]
    return found


def _helpers(
    duty: Duty, places: Sequence[Place], table: Table, klass: str
) -> list[Owner]:
    kinds_of_place = {place.type for place in places}
    possible = [
        table.owner(condition.agency, "possible", f"at:{condition.at}")
        for condition in duty.possible
        if condition.at in kinds_of_place
    ]
    helpers: list[Owner] = []
    for condition in duty.help:
        if condition.agency.startswith("@"):
            local = _of_place(condition.agency, places, table)
            helpers += [table.owner(local[0], "help", local[1])] if local else []
        elif condition.at is None or condition.at in kinds_of_place:
            reason = (
                f"kind:{duty.kind}" if condition.at is None else f"at:{condition.at}"
            )
            helpers.append(table.owner(condition.agency, "help", reason))
    outside = [
        table.owner(code, "possible", f"kind:{duty.kind}") for code in duty.outside
    ]
    return [] if klass == "apresiasi" else possible + helpers + outside


def _of_place(
    what: str, places: Sequence[Place], table: Table
) -> tuple[str, str] | None:
    """The agency of the only ward, district or health centre that places agree on, with
    reason."""
    if what == "@district":
        names = {place.kecamatan for place in places if place.kecamatan and place.city}
        codes = table.district_codes
    else:
        names = {
            place.kelurahan
            for place in places
            if place.kelurahan and place.city and not place.ambiguous
        }
        codes = table.ward_codes if what == "@ward" else table.health_centres
    if len(names) != 1:
        return None
    name = names.pop()
    code = codes.get(name or "")
    return (code, f"{what[1:]}:{name}") if code else None


def _one_lead(found: Iterable[Owner]) -> list[Owner]:
    """Every agency once, and one lead: the leads of further kinds help."""
    kept: dict[str, Owner] = {}
    led = False
    for owner in found:
        if owner.agency in kept:
            continue
        if owner.role == "lead" and led:
            owner = Owner(
                owner.agency, owner.level, owner.reason, "help", owner.outside
            )
        led = led or owner.role == "lead"
        kept[owner.agency] = owner
    return list(kept.values())


def not_ours(
    owner: Owner, table: Table, language: str, case_number: str | None = None
) -> str:
    """A polite answer that names the body responsible and how to reach it. `language`:
    id su en."""
    body = table.bodies[owner.agency]
    name = body.name.get(language, body.name["id"])
    reach = body.reach.get(language, body.reach["id"])
    number = f" ({case_number})" if case_number else ""
    return _NOT_OURS.get(language, _NOT_OURS["id"]).format(
        name=name, reach=reach, number=number
    )


_NOT_OURS = {
    "id": (
        "Terima kasih atas laporannya{number}. Hal ini merupakan kewenangan {name},"
        " bukan Pemerintah Kota Bogor. Silakan menghubungi {reach}. Laporan Bapak/Ibu"
        " kami catat."
    ),
    "su": (
        "Hatur nuhun kana laporanana{number}. Ieu perkawis janten kawenangan {name},"
        " sanés Pamaréntah Kota Bogor. Mangga tiasa ngahubungan {reach}. Laporanana"
        " parantos dicatet."
    ),
    "en": (
        "Thank you for your report{number}. This is the responsibility of {name}, not"
        " of the City of Bogor. Please contact them: {reach}. We have recorded your"
        " report."
    ),
}


def explain(
    reason: str,
    language: str = "id",
    kind_name: Callable[[str], str] = lambda code: code,
) -> str:
    """A reason as a sentence. Unknown codes are shown as they are."""
    code, _, value = reason.partition(":")
    words = _REASONS.get(code)
    if words is None:
        return reason
    spoken = "en" if language == "en" else "id"
    first, _, second = value.partition(":")
    if code == "kind":
        first = kind_name(first)
    first = _NAMES.get(f"{code}:{first}", {}).get(spoken, first)
    return words[spoken].format(first, second)


_REASONS = {
    "kind": {"id": "urusan {0}", "en": "because it is about: {0}"},
    "class": {"id": "karena {0}", "en": "because of {0}"},
    "place": {"id": "karena tempatnya: {0}", "en": "because of the place: {0}"},
    "road": {
        "id": "{1} tercatat sebagai jalan {0} (belum diverifikasi)",
        "en": "{1} is listed as a {0} road (not verified)",
    },
    "institution": {"id": "karena disebut: {0}", "en": "because of the word: {0}"},
    "school": {"id": "{1} dikelola di luar kota", "en": "{1} is not run by the city"},
    "ward": {"id": "Kelurahan {0}", "en": "ward {0}"},
    "district": {"id": "Kecamatan {0}", "en": "district {0}"},
    "health_centre": {"id": "puskesmas di {0}", "en": "health centre in {0}"},
    "at": {"id": "karena tempatnya {0}", "en": "because the place is: {0}"},
    "account": {"id": "akun @{0} disebut", "en": "account @{0} was addressed"},
    "person": {"id": "dilibatkan oleh {0}", "en": "brought in by {0}"},
    "said": {"id": "ditetapkan oleh {0}", "en": "named by {0}"},
    "language": {
        "id": "ada yang menjawab dalam bahasa pelapor ({0})",
        "en": "somebody there answers in the language of the reporter ({0})",
    },
}
_NAMES = {
    "class:darurat": {"id": "keadaan darurat", "en": "an emergency"},
    "class:cek_hoaks": {"id": "kabar perlu dicek", "en": "news to be checked"},
    "road:nasional": {"en": "national"},
    "road:provinsi": {"en": "provincial"},
    "road:tol": {"en": "toll"},
    "at:market": {"id": "pasar", "en": "a market"},
    "at:estate": {"id": "perumahan", "en": "a housing estate"},
}


@dataclass(frozen=True, slots=True)
class Bounce:
    """An agency said "not ours" of a case of a kind; `taken_by`: who then took it, if
    known."""

    kind: str
    agency: str
    taken_by: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A duty that people correct so often that the table should be looked at."""

    kind: str
    agency: str
    bounces: int
    of: int
    instead: str | None


def proposals(
    bounces: Iterable[Bounce], routed: Mapping[tuple[str, str], int]
) -> list[Proposal]:
    """What bounces teach about the table, most frequent first; a person changes the
    file.

    `routed`: how many cases of (kind, agency) there were.
    """
    takers: dict[tuple[str, str], Counter[str | None]] = {}
    for bounce in bounces:
        takers.setdefault((bounce.kind, bounce.agency), Counter())[bounce.taken_by] += 1
    found = []
    for (kind, agency), taken in takers.items():
        count, total = taken.total(), max(routed.get((kind, agency), 0), taken.total())
        if count >= _BOUNCES and count / total >= _BOUNCED_SHARE:
            known = [(code, n) for code, n in taken.most_common() if code is not None]
            found.append(
                Proposal(kind, agency, count, total, known[0][0] if known else None)
            )
    return sorted(
        found, key=lambda proposal: (-proposal.bounces, proposal.kind, proposal.agency)
    )
