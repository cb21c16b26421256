"""Chronic spots: where the same kind of problem came back after it had been closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from aggregator.cases import privacy, sight
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case

WITHIN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Spot:
    """Cases of one problem that came back, the newest first. `times`: how often it was
    there."""

    kind: str | None
    place: str | None
    ward: str | None
    times: int
    cases: list[Case]

    @property
    def is_open(self) -> bool:
        return self.cases[0].status != "closed"


def spots(
    database: Database, now: datetime, viewer: Viewer, kind: str = ""
) -> list[Spot]:
    """Spots that came back within a year, as far as the viewer may open their cases:
    what is open now and came most often first. Confidential cases make no spot."""
    with database.reading() as session:
        query = select(Case).where(
            Case.recurrence > 0,
            Case.opened_at > now - WITHIN,
            col(Case.confidential).is_(False),
            Case.status != "joined",
            sight.seen_by(viewer),
        )
        if kind:
            query = query.where(Case.kind == kind)
        again = list(session.exec(query.order_by(col(Case.id).desc())))
        full = privacy.full_cases(session, now, viewer, [case.id for case in again])
        found = _chains(again, _earlier(session, viewer, again), full)
    return sorted(
        found, key=lambda spot: (not spot.is_open, -spot.times, spot.cases[0].id)
    )


def _earlier(session: Session, viewer: Viewer, again: list[Case]) -> dict[int, Case]:
    """The cases that others came back of, by id, all the way to the first."""
    known: dict[int, Case] = {case.id: case for case in again}
    wanted = {case.recurrence_of for case in again if case.recurrence_of}
    while missing := wanted - set(known):
        query = select(Case).where(col(Case.id).in_(missing), sight.seen_by(viewer))
        rows = list(session.exec(query))
        known |= {case.id: case for case in rows}
        wanted = {case.recurrence_of for case in rows if case.recurrence_of}
    return known


def _chains(again: list[Case], known: dict[int, Case], full: set[int]) -> list[Spot]:
    """One spot for all cases that lead back to one first case. `full`: those read
    unmasked."""
    members: dict[int, dict[int, Case]] = defaultdict(dict)
    for case in again:
        chain = [case]
        while (before := known.get(chain[-1].recurrence_of or 0)) is not None:
            chain.append(before)
        root = chain[-1].recurrence_of or chain[-1].id
        members[root].update({one.id: one for one in chain})
    return [
        _spot(sorted(found.values(), key=lambda one: -(one.id)), full)
        for found in members.values()
    ]


def _spot(cases: list[Case], full: set[int]) -> Spot:
    newest = cases[0]
    reader = privacy.Reader("full" if newest.id in full else "masked")
    return Spot(
        newest.kind,
        reader.text(next((one.place for one in cases if one.place), _named(newest))),
        next((one.ward for one in cases if one.ward), None),
        max(one.recurrence for one in cases) + 1,
        cases,
    )


def _named(case: Case) -> str | None:
    """The place the rules read in the words of the report."""
    places = case.understood.places
    return places[0].name if places else None
