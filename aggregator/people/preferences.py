"""What a person has chosen for themselves: kept with the person, wherever they sign in.

`tour`: steps of the tour they have seen; `piket`: at night they are told of everything;
`theme`: light or dark, else their system's; `muted`: kinds of notifications that stay
on the pages; `quiet`: hours in which nothing but what is urgent is told; `signature`:
what {petugas} stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from aggregator.store.db import Database
from aggregator.store.tables.people import Person

THEMES = ("light", "dark")
MAY_BE_MUTED = (
    "escalation",
    "digest",
    "mention",
    "reminder",
    "claim",
    "language",
    "handover",
    "account",
    "incident_proposed",
    "incident_taken",
    "help_asked",
    "help_proposed",
    "help_used",
    "waived",
)
"""Not emergencies, and of the others not what is urgent."""
LONGEST_SIGNATURE = 60


def of_person(database: Database, person_id: int) -> dict[str, Any]:
    with database.reading() as session:
        return dict(session.get_one(Person, person_id).preferences)


def choose(database: Database, person_id: int, **choices: Any) -> None:
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        person.preferences = {**person.preferences, **choices}


def mutes(chosen: Mapping[str, Any], kind: str) -> bool:
    return kind in chosen.get("muted", ())


def may_ring(chosen: Mapping[str, Any], at: time, *, night: bool) -> bool:
    """Whether somebody is told now of what is not urgent. `night`: the city's quiet
    hours."""
    if chosen.get("piket"):
        return True
    return not night and not _is_within(at, chosen.get("quiet"))


def _is_within(at: time, hours: list[str] | None) -> bool:
    """Whether a time of the day lies in hours that may go over midnight."""
    if not hours:
        return False
    begins, ends = (time.fromisoformat(text) for text in hours)
    return begins <= at < ends if begins < ends else at >= begins or at < ends
