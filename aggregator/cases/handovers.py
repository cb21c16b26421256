"""What one shift leaves to the next: open, promised and nearly late cases, and a
note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from aggregator import city
from aggregator.cases import deadlines, sight
from aggregator.people import readers
from aggregator.people.notifications import notify
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store.audit import record
from aggregator.store.db import Database
from aggregator.store.tables.cases import Assignment, Case, Handover, Reminder
from aggregator.store.tables.people import Person, Shift

SOON = timedelta(hours=8)
"""A deadline within the next shift is nearly late."""
LONGEST_NOTE = 5000
_LISTED = 100
_LISTS = ("urgent", "late", "near", "waiting")


def state(session: Session, now: datetime, agency: str) -> dict[str, Any]:
    """The work of an agency at a moment: `open` (a number of cases), and by case number
    `urgent`, `late`, `near` (deadlines within the next shift), `waiting`, `promised`
    (with days). A note is for everybody of the agency, so no secret case is in it."""
    ours = (
        select(Case)
        .join(Assignment, col(Assignment.case_id) == col(Case.id))
        .where(
            Assignment.agency_code == agency,
            Assignment.status == "open",
            col(Case.status).in_(deadlines.OPEN),
            sight.NO_SECRET,
        )
    )

    def numbers(*conditions: Any) -> list[str]:
        query = ours.where(*conditions).order_by(col(Case.next_due_at), col(Case.id))
        return [case.number for case in session.exec(query.limit(_LISTED))]

    return {
        "open": session.exec(select(func.count()).select_from(ours.subquery())).one(),
        "urgent": numbers(col(Case.urgent)),
        "late": numbers(col(Case.late)),
        "near": numbers(col(Case.late).is_(False), col(Case.next_due_at) <= now + SOON),
        "waiting": numbers(col(Case.waiting).is_not(None)),
        "promised": _promised(session, now, agency),
    }


def _promised(session: Session, now: datetime, agency: str) -> list[dict[str, str]]:
    """Promises of the agency's people due today or tomorrow, or not kept yet."""
    tomorrow = city.here().today(now) + timedelta(days=1)
    query = (
        select(Reminder, Case)
        .join(Case, col(Case.id) == col(Reminder.case_id))
        .join(Person, col(Person.id) == col(Reminder.person_id))
        .where(
            Person.agency_code == agency,
            Reminder.state == "open",
            Reminder.due_on <= tomorrow,
            Case.status != "closed",
            sight.NO_SECRET,
        )
        .order_by(col(Reminder.due_on), col(Reminder.id))
    )
    return [
        {"number": case.number, "due_on": str(reminder.due_on), "words": reminder.words}
        for reminder, case in session.exec(query.limit(_LISTED))
    ]


def write(
    database: Database,
    now: datetime,
    viewer: Viewer,
    text: str,
    agency: str | None = None,
) -> Handover:
    """Leave a note with the state of the agency's work; tells who comes next.
    PeopleError."""
    code = agency or viewer.agency_code
    if not viewer.may_act or (code != viewer.agency_code and not viewer.sees_all):
        raise PeopleError(
            f"{viewer.login} does not hand over the shift of {code}", "not_yours"
        )
    if len(text) > LONGEST_NOTE:
        raise PeopleError(f"a note has at most {LONGEST_NOTE} characters", "too_long")
    with database.writing() as session:
        note = Handover(
            agency_code=code,
            person_id=viewer.id,
            text=text.strip(),
            state=state(session, now, code),
            created_at=now,
        )
        session.add(note)
        session.flush()
        name = city.here().catalog.short_name(code)
        for person in _next(session, now, code, viewer):
            notify(session, now, person, "handover", agency=name, who=viewer.name)
        record(session, viewer.actor, "handed_over", "handover", note.id, agency=code)
        return note


def _next(
    session: Session, now: datetime, agency: str, viewer: Viewer
) -> Sequence[Person]:
    query = (
        select(Person)
        .join(Shift, col(Shift.person_id) == col(Person.id))
        .where(
            Shift.agency_code == agency,
            Shift.starts_at <= now + SOON,
            Shift.ends_at > now,
            Person.status == "active",
            col(Person.id) != viewer.id,
        )
    )
    return list({person.id: person for person in session.exec(query)}.values())


def latest(database: Database, agency: str, limit: int = 10) -> list[Handover]:
    """The newest first, without what has become secret since."""
    with database.reading() as session:
        query = select(Handover).where(Handover.agency_code == agency)
        newest = query.order_by(col(Handover.id).desc()).limit(limit)
        found = list(session.exec(newest))
        secret = readers.hidden_numbers(
            session, {one for note in found for one in _numbers(note.state)}
        )
        session.expunge_all()
    for note in found if secret else ():
        note.state = _without(note.state, secret)
    return found


def _numbers(state: dict[str, Any]) -> Iterator[str]:
    for key in _LISTS:
        yield from state.get(key, ())
    for one in state.get("promised", ()):
        yield one["number"]


def _without(state: dict[str, Any], secret: set[str]) -> dict[str, Any]:
    kept = {
        key: [one for one in state.get(key, ()) if one not in secret] for key in _LISTS
    }
    promised = [one for one in state.get("promised", ()) if one["number"] not in secret]
    return {**state, **kept, "promised": promised}
