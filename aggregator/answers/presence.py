"""Who has a case open just now, and who writes in it: told by open pages every few
seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from aggregator.answers import drafts
from aggregator.cases import casefile
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database, put, table
from aggregator.store.tables.answers import Presence
from aggregator.store.tables.people import Person

LASTS = timedelta(seconds=60)
"""An open page tells of itself three times in this time."""


@dataclass(frozen=True, slots=True)
class Other:
    """A colleague who has the case open."""

    name: str
    agency_code: str
    writing: bool


def look(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    *,
    writing: bool | None = None,
) -> list[Other]:
    """Say that the viewer has the case open and hear who else has, writers first.
    CaseError.

    `writing`: None where their draft tells it.
    """
    with casefile.reading(database, now, viewer, number) as file:
        if writing is None:
            writing = drafts.is_writing(file)
    return told(database, now, viewer, file.id, writing=writing)


def told(
    database: Database, now: datetime, viewer: Viewer, case_id: int, *, writing: bool
) -> list[Other]:
    """`look` at a case that was open to the viewer just now."""
    _say(database, now, case_id, viewer.id, writing=writing)
    query = (
        select(Person.name, Person.agency_code, Presence.writing)
        .join(Presence, col(Presence.person_id) == col(Person.id))
        .where(
            Presence.case_id == case_id,
            Presence.person_id != viewer.id,
            col(Presence.seen_at) > now - LASTS,
        )
        .order_by(col(Presence.writing).desc(), col(Person.name))
    )
    with database.reading() as session:
        return [Other(*row) for row in session.exec(query)]


def _say(
    database: Database, now: datetime, case_id: int, person_id: int, *, writing: bool
) -> None:
    """Written in as short a turn as can be: every open page does it three times a
    minute."""
    silent = delete(Presence).where(
        col(Presence.case_id) == case_id, col(Presence.seen_at) <= now - LASTS
    )
    here = {"case_id": case_id, "person_id": person_id}
    with database.writing(lasting=False) as session:
        put(session, table(Presence), here, {"seen_at": now, "writing": writing})
        session.execute(silent)
