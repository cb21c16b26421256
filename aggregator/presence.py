"""Who has a case open just now, and who writes in it: told by open pages every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from aggregator import cases, drafts
from aggregator.db import Database
from aggregator.models import Person, Presence
from aggregator.people import Viewer

LASTS = timedelta(seconds=60)
"""An open page tells of itself three times in this time."""


@dataclass(frozen=True, slots=True)
class Other:
    """A colleague who has the case open."""

    name: str
    agency_code: str
    writing: bool


def look(
    database: Database, now: datetime, viewer: Viewer, number: str, *, writing: bool | None = None
) -> list[Other]:
    """Say that the viewer has the case open and hear who else has, writers first. CaseError.

    `writing`: None where their draft tells it.
    """
    with database.writing() as session:
        case = cases.find_in(session, viewer, number)
        if writing is None:
            writing = drafts.is_writing(session, now, viewer, case)
        row = session.get(Presence, (case.id, viewer.id))
        if row is None:
            row = Presence(case_id=case.id or 0, person_id=viewer.id, seen_at=now)
            session.add(row)
        row.seen_at = now
        row.writing = writing
        session.flush()
        session.execute(
            delete(Presence).where(
                col(Presence.case_id) == case.id, col(Presence.seen_at) <= now - LASTS
            )
        )
        query = (
            select(Person.name, Person.agency_code, Presence.writing)
            .join(Presence, col(Presence.person_id) == col(Person.id))
            .where(Presence.case_id == case.id, Presence.person_id != viewer.id)
            .order_by(col(Presence.writing).desc(), col(Person.name))
        )
        return [Other(*row) for row in session.exec(query)]
