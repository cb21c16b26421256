"""Promises in answers of ours: dated, listed, told to their author on the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from aggregator import city
from aggregator.cases import sight
from aggregator.people import shifts
from aggregator.people.notifications import notify
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.rules.time import promises
from aggregator.rules.time.calendar import Calendar, midnight
from aggregator.store.audit import record
from aggregator.store.db import Database
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case, Reminder
from aggregator.store.tables.people import Person

_AHEAD = timedelta(hours=2)
"""A promise for the day it is made on is told so long before offices close, and after
it."""


class ReminderError(PeopleError):
    """A reminder stays as it is; `code` for screens."""


def note_promises(session: Session, now: datetime, reply: Reply) -> list[Reminder]:
    """A reminder for every promise of an answer, in the caller's transaction; once an
    answer."""
    query = select(Reminder.id).where(Reminder.reply_id == reply.id)
    if session.exec(query).first() is not None:
        return []
    found = promises.promises(reply.text, now, city.here().rules.calendar)
    made = [
        Reminder(
            case_id=reply.case_id,
            reply_id=reply.id,
            person_id=reply.person_id,
            due_on=one.due,
            words=one.said,
            created_at=now,
        )
        for one in found
    ]
    session.add_all(made)
    return made


def of_person(database: Database, viewer: Viewer) -> list[tuple[Reminder, Case]]:
    """Open reminders of a person, the next first; of secret cases those they read."""
    with database.reading() as session:
        query = (
            select(Reminder, Case)
            .join(Case, col(Case.id) == col(Reminder.case_id))
            .where(
                Reminder.person_id == viewer.id,
                Reminder.state == "open",
                sight.unhidden(viewer),
            )
        )
        return list(
            session.exec(query.order_by(col(Reminder.due_on), col(Reminder.id)))
        )


_PROMISED = (
    select(Reminder)
    .where(col(Reminder.case_id) == bindparam("case"))
    .order_by(col(Reminder.due_on))
)


def of_case(session: Session, case_id: int) -> list[Reminder]:
    return list(session.exec(_PROMISED, params={"case": case_id}))


def change(
    database: Database,
    viewer: Viewer,
    reminder_id: int,
    *,
    due_on: date | None = None,
    state: str | None = None,
) -> Reminder:
    """Move, finish or drop a reminder: its author, or whoever sees every agency.
    ReminderError."""
    if state not in (None, "open", "done", "dropped"):
        raise ReminderError(f"a reminder cannot be {state!r}", "bad_state")
    with database.writing() as session:
        reminder = session.get(Reminder, reminder_id)
        case = session.get(Case, reminder.case_id) if reminder else None
        theirs = reminder is not None and viewer.id == reminder.person_id
        if (
            reminder is None
            or case is None
            or not (viewer.sees_all or theirs)
            or sight.hides(session, viewer, case)
        ):
            raise ReminderError(
                "there is no such reminder of yours", "no_such_reminder"
            )
        if due_on is not None:
            reminder.due_on, reminder.told_at = due_on, None
        reminder.state = state or reminder.state
        record(
            session,
            viewer.actor,
            "reminder_changed",
            "reminder",
            reminder_id,
            case_id=reminder.case_id,
            state=reminder.state,
        )
        return reminder


def due_at(due_on: date, made_at: datetime, calendar: Calendar) -> datetime:
    """When a promise is told: as its day begins; "sore ini" while there is still time
    to keep it, not in the minute it is given."""
    if due_on > calendar.local(made_at).date():
        return midnight(due_on)
    closing = datetime.combine(due_on, calendar.closes, calendar.zone)
    return max(made_at + _AHEAD, closing - _AHEAD)


def tell_due(database: Database, now: datetime) -> int:
    """Tell authors (or their deputies) what they promised for today; each once; how
    many.

    Looks first, and takes the write lock only where something is due.
    """
    day, calendar = city.here().today(now), city.here().rules.calendar
    waiting = (
        Reminder.state == "open",
        Reminder.due_on <= day,
        col(Reminder.told_at).is_(None),
    )
    with database.reading() as session:
        due = [
            one.id
            for one in session.exec(select(Reminder).where(*waiting))
            if due_at(one.due_on, one.created_at, calendar) <= now
        ]
    if not due:
        return 0
    with database.writing() as session:
        query = select(Reminder).where(*waiting, col(Reminder.id).in_(due))
        rows = session.exec(query.with_for_update(skip_locked=True)).all()
        return sum(_tell(session, now, day, reminder) for reminder in rows)


def _tell(session: Session, now: datetime, day: date, reminder: Reminder) -> bool:
    case = session.get_one(Case, reminder.case_id)
    reminder.told_at = now
    if case.status == "closed":
        reminder.state = "done"
        return False
    person = shifts.present(session, session.get_one(Person, reminder.person_id), day)
    if person is not None:
        notify(session, now, person, "reminder", case=case, words=reminder.words)
    return person is not None
