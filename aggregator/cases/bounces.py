"""What "not ours" teaches: kinds and agencies that do not go together, and what to
write instead.

Nothing is changed by itself: a person edits config/routing.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from aggregator import city
from aggregator.cases import sight
from aggregator.rules.reports import authority
from aggregator.rules.reports.authority import Duty
from aggregator.store.db import Database
from aggregator.store.tables.cases import Assignment, Bounce, Case


@dataclass(frozen=True, slots=True)
class Bounced:
    """`of`: cases of the kind that the agency had; `instead`: who mostly took them;
    `change`: what to write in routing.yaml, where bounces are many enough to say so."""

    kind: str
    agency: str
    bounces: int
    of: int
    instead: str | None
    change: str | None


def bounced(database: Database, now: datetime) -> list[Bounced]:
    """Every pair of kind and agency that bounced, the most frequent first."""
    with database.reading() as session:
        bounces = select(Bounce).join(Case, col(Case.id) == col(Bounce.case_id))
        rows = list(
            session.exec(bounces.where(col(Bounce.kind).is_not(None), sight.NO_SECRET))
        )
        query = (
            select(Case.kind, Assignment.agency_code, func.count())
            .join(Assignment, col(Assignment.case_id) == col(Case.id))
            .where(col(Case.kind).is_not(None), sight.NO_SECRET)
            .group_by(col(Case.kind), col(Assignment.agency_code))
        )
        had = {
            (str(kind), agency): count for kind, agency, count in session.exec(query)
        }
    seen = [
        authority.Bounce(str(row.kind), row.agency_code, row.to_agency) for row in rows
    ]
    worth = {(one.kind, one.agency) for one in authority.proposals(seen, had)}
    takers: dict[tuple[str, str], list[str | None]] = {}
    for one in seen:
        takers.setdefault((one.kind, one.agency), []).append(one.taken_by)
    found = [
        _bounced(pair, taken, had, pair in worth, now) for pair, taken in takers.items()
    ]
    return sorted(found, key=lambda one: (-one.bounces, one.kind, one.agency))


def _bounced(
    pair: tuple[str, str],
    taken: list[str | None],
    had: Mapping[tuple[str, str], int],
    worth: bool,
    now: datetime,
) -> Bounced:
    kind, agency = pair
    known = sorted(taker for taker in taken if taker)
    instead = max(known, key=known.count, default=None)
    here = city.here()
    duty = here.duties.duty(kind, here.today(now))
    change = _change(duty, agency, instead) if duty is not None and worth else None
    return Bounced(
        kind, agency, len(taken), max(had.get(pair, 0), len(taken)), instead, change
    )


def _change(duty: Duty, agency: str, instead: str | None) -> str:
    if duty.lead == agency and instead is None:
        return f"{duty.kind}: find another lead than {agency}; nobody was named"
    if duty.lead == agency:
        return f"{duty.kind}: lead: {instead} (was {agency})"
    if any(condition.agency == agency for condition in duty.help):
        return f"{duty.kind}: take {agency} out of help"
    return f"{duty.kind}: {agency} is in no duty; residents address its accounts"
