"""@login in a note: the colleague is told that their name was said, never what was
said."""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.cases import cases
from aggregator.people.notifications import notify
from aggregator.people.people import Viewer
from aggregator.people.people import viewer as as_viewer
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case, Note
from aggregator.store.tables.people import Person

_MENTION = re.compile(
    r"(?<![\w@.])@([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])", re.IGNORECASE
)


def logins(text: str) -> list[str]:
    """The logins that a text names, each once, in its order."""
    return list(dict.fromkeys(match[1].lower() for match in _MENTION.finditer(text)))


def note(
    database: Database, now: datetime, viewer: Viewer, number: str, text: str
) -> Note:
    """Write a note and tell those it names, where they may see the case. CaseError."""
    with database.writing() as session:
        written = cases.add_note_in(session, now, viewer, number, text)
        case = session.get_one(Case, written.case_id)
        for person in named(session, case, written.text):
            if person.id != viewer.id:
                notify(session, now, person, "mention", case=case, who=viewer.name)
        return written


def named(session: Session, case: Case, text: str) -> list[Person]:
    """People named who may see the case; others are not told that it exists."""
    found = logins(text)
    if not found:
        return []
    query = select(Person).where(
        col(Person.login).in_(found), Person.status == "active"
    )
    return [
        person
        for person in session.exec(query)
        if cases.sees(session, as_viewer(person), case)
    ]
