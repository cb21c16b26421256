"""What colleagues write to each other on a case; residents never see it."""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.cases import casefile, sight
from aggregator.cases.casefile import CaseFile
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.people.viewers import viewer as as_viewer
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case, Note
from aggregator.store.tables.people import Person

LONGEST_NOTE = 5000


def add_note(
    database: Database, now: datetime, viewer: Viewer, number: str, text: str
) -> Note:
    """A remark among colleagues. Refusal."""
    _check(text)
    with casefile.acting(database, now, viewer, number) as file:
        return _add(file, text)


def _check(text: str) -> None:
    if not text.strip():
        raise Refusal("the note is empty", "empty")
    if len(text) > LONGEST_NOTE:
        raise Refusal(f"a note has at most {LONGEST_NOTE} characters", "too_long")


def _add(file: CaseFile, text: str) -> Note:
    note = Note(
        case_id=file.id,
        person_id=file.viewer.id,
        text=text.strip(),
        created_at=file.now,
    )
    file.session.add(note)
    file.session.flush()
    file.record("noted")
    return note


_MENTION = re.compile(
    r"(?<![\w@.])@([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])", re.IGNORECASE
)


def logins(text: str) -> list[str]:
    """The logins that a text names, each once, in its order."""
    return list(dict.fromkeys(match[1].lower() for match in _MENTION.finditer(text)))


def write(
    database: Database, now: datetime, viewer: Viewer, number: str, text: str
) -> Note:
    """Write a note and tell those it names, where they may see the case. CaseError."""
    _check(text)
    with casefile.acting(database, now, viewer, number) as file:
        session, case = file.session, file.case
        written = _add(file, text)
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
        if sight.sees(session, as_viewer(person), case)
    ]
