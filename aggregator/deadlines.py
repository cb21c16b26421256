"""The clocks of a stored case: read from what happened, kept in the row only to sort by.

Nothing here can be reset: a join, a reopening or another poll changes what happened, never a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from aggregator import city, groups
from aggregator.audit import SYSTEM, record
from aggregator.db import Database
from aggregator.models import Assignment, Case, CasePause, Message
from aggregator.rules import clocks
from aggregator.rules.clocks import Clock, History, Pause

OPEN = ("new", "answered")
_BOUND_BY_NOTHING = ("apresiasi", "bukan_aduan", "spam")
_RUNNING = ("running", "near", "breached")


@dataclass(frozen=True, slots=True)
class AgencyClock:
    """A clock and whom it binds: an agency, or "" for the city as a whole."""

    agency: str
    clock: Clock


def history(case: Case, assignment: Assignment | None, pauses: list[CasePause]) -> History:
    """What happened, as the rules of clocks want it."""
    return History(
        received=case.opened_at,
        forwarded=assignment.assigned_at if assignment else None,
        first_response=case.first_response_at,
        followed_up=(assignment.done_at if assignment else None) or case.closed_at,
        last_answer=case.last_answer_at,
        closed=case.closed_at,
        pauses=tuple(
            Pause(pause.reason, pause.started_at, pause.ended_at, pause.recheck)  # type: ignore[arg-type]
            for pause in pauses
        ),
        type=case.sop_type,
    )


def of_case(session: Session, now: datetime, case: Case) -> list[AgencyClock]:
    """Every clock of a case: the city's steps once, an agency's for each that has a task.

    What is no case (thanks, talk, promotion) is bound by no procedure.
    """
    if case.klass in _BOUND_BY_NOTHING:
        return _windows(session, now, case)
    rules = city.here().rules
    pauses = groups.pauses_of(session, case)
    query = select(Assignment).where(Assignment.case_id == case.id)
    rows = sorted(session.exec(query), key=lambda row: (row.role != "lead", row.id or 0))
    found: list[AgencyClock] = []
    tasks: list[Assignment | None] = [*rows] or [None]
    for row in tasks:
        for clock in clocks.clocks(
            history(case, row, pauses), rules.rule_sets, rules.calendar, now
        ):
            first = row is tasks[0]
            if clock.owner == "verifikator" and first:
                found.append(AgencyClock("", clock))
            elif clock.owner != "verifikator" and row is not None and _binds(row):
                found.append(AgencyClock(row.agency_code, clock))
    return [*found, *_windows(session, now, case)]


def _binds(row: Assignment) -> bool:
    return row.status in ("open", "done")


def _windows(session: Session, now: datetime, case: Case) -> list[AgencyClock]:
    """The platforms' own deadlines for an answer, one a channel."""
    query = (
        select(Message.channel, func.max(Message.reply_until))
        .where(
            Message.case_id == case.id,
            col(Message.reply_until).is_not(None),
            col(Message.deleted_at).is_(None),
        )
        .group_by(Message.channel)
    )
    return [
        AgencyClock("", clocks.reply_window(channel, until, case.last_answer_at, now))
        for channel, until in session.exec(query)
        if until is not None
    ]


def refresh(session: Session, now: datetime, case: Case) -> None:
    """Write down the nearest deadline and whether one has passed, for sorting and the ladder."""
    if case.status not in OPEN:
        case.next_due_at, case.late = None, False
        return
    duties = [entry.clock for entry in of_case(session, now, case) if not entry.clock.closing]
    open_ones = [clock for clock in duties if clock.met_at is None and clock.due_at is not None]
    case.late = any(clock.state == "breached" for clock in open_ones)
    case.next_due_at = min(
        (clock.due_at for clock in open_ones if clock.due_at and clock.state in _RUNNING),
        default=None,
    )


def refresh_due(database: Database, now: datetime, limit: int = 200) -> int:
    """Look again at open cases whose deadline has come; how many."""
    with database.writing() as session:
        query = select(Case).where(
            col(Case.status).in_(OPEN), col(Case.next_due_at) <= now, col(Case.late).is_(False)
        )
        cases = list(session.exec(query.limit(limit).with_for_update(skip_locked=True)))
        for case in cases:
            refresh(session, now, case)
        return len(cases)


def answered(session: Session, now: datetime, case: Case, at: datetime) -> None:
    """An answer of ours arrived: the first one stops a clock, the last one starts another."""
    case.first_response_at = case.first_response_at or at
    case.last_answer_at = max(case.last_answer_at or at, at)
    refresh(session, now, case)


def begin_pause(
    session: Session, now: datetime, case: Case, reason: str, recheck: date | None, person_id: int
) -> None:
    session.add(
        CasePause(
            case_id=case.id or 0, reason=reason, started_at=now, recheck=recheck,
            person_id=person_id,
        )
    )  # fmt: skip
    case.waiting = reason
    session.flush()
    refresh(session, now, case)


def end_pause(session: Session, now: datetime, case: Case) -> bool:
    """False where no pause is open."""
    query = select(CasePause).where(CasePause.case_id == case.id, col(CasePause.ended_at).is_(None))
    open_ones = list(session.exec(query))
    for pause in open_ones:
        pause.ended_at = now
    case.waiting = None
    session.flush()
    refresh(session, now, case)
    return bool(open_ones)


def end_pauses_that_are_over(database: Database, now: datetime) -> int:
    """Pauses whose re-check day or longest wait has come; how many."""
    ended = 0
    with database.writing() as session:
        waiting = select(Case).where(col(Case.waiting).is_not(None))
        for case in session.exec(waiting.with_for_update(skip_locked=True)).all():
            query = select(CasePause).where(
                CasePause.case_id == case.id, col(CasePause.ended_at).is_(None)
            )
            pause = session.exec(query).first()
            if pause is None or not _over(pause, case, now):
                continue
            end_pause(session, now, case)
            case.version += 1
            record(session, SYSTEM, "pause_ended", "case", case.id or 0, reason=pause.reason)
            ended += 1
    return ended


def _over(pause: CasePause, case: Case, now: datetime) -> bool:
    found = city.here().rules
    if pause.reason == "menunggu_anggaran" and pause.recheck is not None:
        return city.here().today(now) >= pause.recheck
    sets = clocks.rules_of_day(found.rule_sets, case.opened_at, found.calendar)
    longest = min((one.longest_wait for one in sets), default=None)
    return longest is not None and now >= pause.started_at + longest
