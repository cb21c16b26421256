"""The end of a case: close it, by hand or once its answer has arrived, and open it
again (T3)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.cases import casefile, deadlines, tasks
from aggregator.cases.casefile import Seen
from aggregator.people import holds, viewers
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.people import Person
from aggregator.store.versions import changed

OUTCOMES = ("selesai", "bukan_kewenangan", "arsip")
WAITS = "menunggu_pelapor"
"""The outcome of an answer that asks: no end, the case waits for the resident."""


def close(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    seen: Seen | None = None,
    *,
    outcome: str = "selesai",
    waive: str | None = None,
) -> Case:
    """Close a case. Where other agencies have open tasks, `waive` must say why these
    are not needed any more (Refusal `others_open` names them); the reason is kept
    with each."""
    if outcome not in OUTCOMES:
        raise Refusal(f"a case closes as one of {', '.join(OUTCOMES)}", "bad_outcome")
    with casefile.acting(database, now, viewer, number, seen) as file:
        _close(file.session, now, viewer, file.case, outcome, waive)
        return file.case


def _close(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    outcome: str,
    waive: str | None,
) -> None:
    check_closable(session, viewer, case, waive)
    waiting = session.exec(
        select(Reply.id).where(
            Reply.case_id == case.id,
            col(Reply.state).in_(("queued", "sending", "try_later", "unknown")),
        )
    ).first()
    if waiting is not None:
        raise Refusal(
            "an answer has not arrived yet; wait or settle it", "reply_waiting"
        )
    case.status, case.closed_at, case.closed_by = "closed", now, viewer.id
    case.outcome = outcome
    for row in tasks.open_of(session, case):
        mine = row.agency_code == viewer.agency_code
        tasks.finish_row(session, now, viewer, case, row, None if mine else waive)
    deadlines.end_pause(session, now, case)
    holds.let_go(case)
    changed(session, viewer.actor, "closed", case, outcome=outcome)


def check_closable(
    session: Session, viewer: Viewer, case: Case, waive: str | None = None
) -> None:
    if case.status == "closed":
        raise Refusal(f"case {case.number} is closed already", "closed")
    others = tasks.open_of_others(session, viewer, case)
    if others and not waive:
        codes = ", ".join(row.agency_code for row in others)
        raise Refusal(f"{codes} have open tasks in it", "others_open", agencies=codes)


def close_after(session: Session, now: datetime, answer: Reply) -> None:
    """Close the case of an answer that has arrived and was meant to end it; of one that
    asks the resident something, let it wait for them.

    Where other offices still act and nothing says why they need not, the part of the
    writer's office ends and the case goes on without it. Where another answer is on its
    way, the case stays open, in the hands of whoever holds it.
    """
    if answer.state != "sent":
        return
    case = session.get_one(Case, answer.case_id)
    if (
        answer.outcome == WAITS
        and not case.waiting
        and case.status in ("new", "answered")
    ):
        deadlines.begin_pause(session, now, case, WAITS, None, answer.person_id)
    if not answer.closes:
        return
    viewer = viewers.viewer(session.get_one(Person, answer.person_id))
    session.flush()
    try:
        _close(session, now, viewer, case, answer.outcome or "selesai", answer.waives)
    except Refusal as error:
        if error.code == "others_open":
            _end_own_part(session, now, viewer, case)


def open_after_failure(session: Session, now: datetime, answer: Reply) -> None:
    """A platform took the answer that ended a case and could not deliver it after all:
    the case is open again, unless another answer ended it too."""
    case = session.get_one(Case, answer.case_id)
    if (
        not answer.closes
        or case.status != "closed"
        or case.closed_by != answer.person_id
    ):
        return
    also = select(Reply.id).where(
        Reply.case_id == case.id,
        col(Reply.closes),
        Reply.state == "sent",
        Reply.id != answer.id,
    )
    if session.exec(also).first() is None:
        reopen_in(session, now, case)
        changed(session, SYSTEM, "reopened", case, reply=answer.id)


def _end_own_part(session: Session, now: datetime, viewer: Viewer, case: Case) -> None:
    row = tasks.own_open(session, viewer, case)
    if row is None:
        return
    tasks.finish_row(session, now, viewer, case, row, None)
    if case.claimed_by == viewer.id:
        holds.let_go(case)
    session.flush()
    deadlines.refresh(session, now, case)
    changed(session, viewer.actor, "task_done", case, agency=row.agency_code)


def check_ending(
    session: Session, viewer: Viewer, case: Case, waive: str | None
) -> None:
    """Whether an answer may end a case, or at least the part of the writer's office.
    Refusal."""
    try:
        check_closable(session, viewer, case, waive)
    except Refusal as error:
        if error.code != "others_open" or tasks.own_open(session, viewer, case) is None:
            raise


def reopen(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    with casefile.acting(database, now, viewer, number) as file:
        case = file.case
        if case.status != "closed":
            raise Refusal(f"case {case.number} is not closed", "not_closed")
        if case.history:
            raise Refusal(
                f"case {case.number} is of before the city read this account", "history"
            )
        reopen_in(file.session, now, case)
        file.changed("reopened")
        return case


def reopen_in(session: Session, now: datetime, case: Case) -> None:
    """Open a closed case again inside a transaction of the caller's, who tells of it;
    its old deadlines go on."""
    case.status, case.closed_at, case.closed_by, case.outcome = "new", None, None, None
    query = select(Assignment).where(
        Assignment.case_id == case.id, Assignment.status != "bounced"
    )
    for row in session.exec(query):
        tasks.open_again(row)
    session.flush()
    deadlines.refresh(session, now, case)
