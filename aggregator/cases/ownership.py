"""Whose a case is, as the rules read it or a person said: on what level of authority,
and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aggregator import city
from aggregator.rules.reports.authority import Body, Level, Role
from aggregator.store.tables.cases import Assignment, Case


@dataclass(frozen=True, slots=True)
class Proposed:
    """One of the likeliest owners. `body`: set for who is outside the city; `has_it`:
    whether the agency has a task in the case; `reason`: a code for
    `authority.explain`."""

    agency: str
    level: Level
    role: Role
    reason: str
    body: Body | None
    has_it: bool


def proposed(case: Case, tasks: Iterable[Assignment]) -> list[Proposed]:
    """The likeliest owners, best first; none where no rule read the case."""
    table = city.here().duties
    having = {row.agency_code for row in tasks if row.status != "bounced"}
    return [
        Proposed(
            owner.agency,
            owner.level,
            owner.role,
            owner.reason,
            table.bodies.get(owner.agency),
            owner.agency in having,
        )
        for owner in case.understood.owners
        if owner.agency in table.bodies or owner.agency in table.levels
    ]


def level_of(agency: str) -> Level:
    """On what level an agency of the city acts."""
    return city.here().duties.levels.get(agency, "lainnya")
