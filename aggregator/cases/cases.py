"""Who sees a case, who has it in hand, what is noted on it, what it waits for (T3).

Each act is one transaction: a conditional UPDATE or a version check, and a line in the
audit trail. A person sees a case when their agency is assigned to it, or their role
sees every agency. Tasks of agencies are in tasks.py, the end of a case in closing.py,
what is said to residents in replies.py.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, update
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from aggregator import city
from aggregator.cases import deadlines
from aggregator.cases.deadlines import OPEN as OPEN
from aggregator.people.notifications import notify
from aggregator.people.people import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store.audit import record
from aggregator.store.db import Database, once_a_look, table
from aggregator.store.tables.cases import Assignment, Case, Note
from aggregator.store.tables.people import Person

LONGEST_NOTE = 5000
_LONGEST_REASON = 300
_BY_NUMBER = select(Case).where(col(Case.number) == bindparam("number"))
_TO_ACT_ON = _BY_NUMBER.with_for_update().execution_options(populate_existing=True)
"""Read as it is now, whatever the transaction has read before, and kept from others."""
PAUSES = ("menunggu_pelapor", "menunggu_anggaran")


class CaseError(Exception):
    """An act was refused; nothing was changed. `code` for screens, `detail` for their
    sentences."""

    def __init__(self, message: str, code: str, **detail: Any) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail


@once_a_look
def find_in(session: Session, viewer: Viewer, typed: str) -> Case:
    """The case with this number, if the viewer may see it. CaseError."""
    return _found(session, viewer, typed, _BY_NUMBER)


def _found(session: Session, viewer: Viewer, typed: str, query: Any) -> Case:
    number = casenumbers.tidy(typed)
    if not casenumbers.is_valid(number):
        raise CaseError(
            f"{typed!r} is not a case number: a digit is wrong", "bad_number"
        )
    case: Case | None = session.exec(query, params={"number": number}).first()
    if case is None:
        raise CaseError(f"there is no case {number}", "no_such_case")
    if not sees(session, viewer, case):
        raise CaseError(f"case {number} belongs to another agency", "not_yours")
    return case


def sees(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether a person may open a case: one of their office's, or of any for some
    roles."""
    if viewer.sees_all:
        return True
    tasks = deadlines.tasks_of(session, id_of(case))
    return any(task.agency_code == viewer.agency_code for task in tasks)


_case, _task = table(Case).c, table(Assignment).c


def is_of(agency: Any, *more: Any) -> Any:
    """The condition that a case is given to an agency, asked of each case: for queries
    that leave few cases, where all cases the agency ever had would be many more."""
    task = select_rows(_task.id).where(
        _task.case_id == _case.id, _task.agency_code == agency, *more
    )
    return task.exists()


def unheld(now: Any) -> Any:
    """The condition that nobody has a case in hand."""
    return or_(_case.claimed_by.is_(None), _case.claim_expires_at < now)


def lead(session: Session, case: Case) -> str | None:
    """The agency that leads a case."""
    query = select(Assignment.agency_code).where(
        Assignment.case_id == case.id, Assignment.role == "lead"
    )
    return session.exec(query).first()


def acting(
    session: Session, viewer: Viewer, number: str, version: int | None = None
) -> Case:
    """The case for an act inside a transaction of the caller's. CaseError."""
    if not viewer.may_act:
        raise CaseError(f"{viewer.login} may read, not act", "read_only")
    case = _found(session, viewer, number, _TO_ACT_ON)
    if case.joined_into is not None:
        whole = session.get_one(Case, case.joined_into).number
        raise CaseError(
            f"case {case.number} is part of case {whole}", "joined", into=whole
        )
    if version is not None and case.version != version:
        raise CaseError(
            f"case {case.number} has changed since you opened it; look at it again",
            "changed",
        )
    return case


def id_of(case: Case) -> int:
    assert case.id is not None
    return case.id


def claim(
    database: Database, now: datetime, viewer: Viewer, number: str, minutes: int = 120
) -> Case:
    """Take the case, or prolong one's own hold. CaseError `claimed` names the
    holder."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise CaseError(f"case {case.number} is closed; reopen it first", "closed")
        won = session.execute(
            update(Case)
            .where(
                col(Case.id) == case.id,
                or_(
                    col(Case.claimed_by).is_(None),
                    col(Case.claimed_by) == viewer.id,
                    col(Case.claim_expires_at) < now,
                ),
            )
            .values(
                claimed_by=viewer.id,
                claimed_at=now,
                claim_expires_at=now + timedelta(minutes=minutes),
                version=Case.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
        session.refresh(case)
        if won.rowcount != 1:  # type: ignore[attr-defined]
            holder = session.get_one(Person, case.claimed_by)
            raise CaseError(
                f"{holder.name} took case {case.number} first",
                "claimed",
                holder=holder.name,
            )
        _acknowledge(session, now, viewer, case)
        record(session, viewer.actor, "claimed", "case", id_of(case))
        return case


def _acknowledge(session: Session, now: datetime, viewer: Viewer, case: Case) -> None:
    """Somebody of an agency took the case in hand: nobody above needs to be told any
    more."""
    for row in deadlines.tasks_of(session, id_of(case)):
        if row.agency_code == viewer.agency_code:
            row.acknowledged_at = row.acknowledged_at or now


def release(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    """Give the case back to the queue. Only its holder, or a role that sees every
    agency."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.claimed_by is None:
            raise CaseError(f"nobody holds case {case.number}", "not_claimed")
        if case.claimed_by != viewer.id and not viewer.sees_all:
            holder = session.get_one(Person, case.claimed_by)
            raise CaseError(
                f"{holder.name} holds the case", "claimed", holder=holder.name
            )
        let_go(case)
        record(session, viewer.actor, "released", "case", id_of(case))
        return case


def let_go(case: Case) -> None:
    case.claimed_by = case.claimed_at = case.claim_expires_at = None
    case.version += 1


def take_over(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    reason: str,
    minutes: int = 120,
) -> Case:
    """Take a case out of a colleague's hands; they are told why. CaseError without a
    reason."""
    if not reason.strip():
        raise CaseError("say why you take it over", "reason_needed")
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise CaseError(f"case {case.number} is closed; reopen it first", "closed")
        former = session.get(Person, case.claimed_by) if case.claimed_by else None
        case.claimed_by, case.claimed_at = viewer.id, now
        case.claim_expires_at = now + timedelta(minutes=minutes)
        case.version += 1
        _acknowledge(session, now, viewer, case)
        if former is not None and former.id != viewer.id:
            said = reason.strip()[:_LONGEST_REASON]
            notify(
                session, now, former, "claim", case=case, who=viewer.name, reason=said
            )
        record(
            session,
            viewer.actor,
            "taken_over",
            "case",
            id_of(case),
            former=former.login if former else None,
        )
        return case


def add_note(
    database: Database, now: datetime, viewer: Viewer, number: str, text: str
) -> Note:
    with database.writing() as session:
        return add_note_in(session, now, viewer, number, text)


def add_note_in(
    session: Session, now: datetime, viewer: Viewer, number: str, text: str
) -> Note:
    """A note inside a transaction of the caller's. CaseError."""
    if not text.strip():
        raise CaseError("the note is empty", "empty")
    if len(text) > LONGEST_NOTE:
        raise CaseError(f"a note has at most {LONGEST_NOTE} characters", "too_long")
    case = acting(session, viewer, number)
    note = Note(
        case_id=id_of(case), person_id=viewer.id, text=text.strip(), created_at=now
    )
    session.add(note)
    session.flush()
    record(session, viewer.actor, "noted", "case", id_of(case))
    return note


def wait(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    reason: str,
    *,
    recheck: date | None = None,
) -> Case:
    """Stop the clocks that may stop: for the reporter (capped), for a budget (with
    `recheck`)."""
    if reason not in PAUSES:
        raise CaseError(f"a case waits for one of {', '.join(PAUSES)}", "bad_pause")
    if reason == "menunggu_anggaran" and (
        recheck is None or recheck <= city.here().today(now)
    ):
        raise CaseError(
            "say on which day the budget is asked for again", "recheck_needed"
        )
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise CaseError(f"case {case.number} is closed", "closed")
        if case.waiting:
            raise CaseError(f"case {case.number} waits already", "waiting")
        deadlines.begin_pause(session, now, case, reason, recheck, viewer.id)
        case.version += 1
        record(session, viewer.actor, "waits", "case", id_of(case), reason=reason)
        return case


def go_on(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    """End the waiting of a case."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if not deadlines.end_pause(session, now, case):
            raise CaseError(f"case {case.number} does not wait", "not_waiting")
        case.version += 1
        record(session, viewer.actor, "pause_ended", "case", id_of(case))
        return case
