"""The clocks of a stored case: read from what happened, kept in the row only to sort
by.

Nothing here can be reset: a join, a reopening or another poll changes what happened,
never a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, bindparam, literal_column
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from aggregator import city
from aggregator.cases import groups
from aggregator.rules.time import clocks
from aggregator.rules.time.clocks import Clock, History, Pause
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database, table
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case, CasePause
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Person
from aggregator.store.versions import changed

OPEN = ("new", "answered")
IS_OPEN: ColumnElement[bool] = literal_column("\"case\".status IN ('new', 'answered')")
"""With its values written out, so that the indexes of open cases are used."""
_BOUND_BY_NOTHING = ("apresiasi", "bukan_aduan", "spam")
_QUESTION = "permintaan_informasi"
_RUNNING = ("running", "near", "breached")


@dataclass(frozen=True, slots=True)
class AgencyClock:
    """A clock and whom it binds: an agency, or "" for the city as a whole."""

    agency: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that arrived; `by`: the agencies of who wrote it and of the account it
    went by."""

    by: frozenset[str]
    at: datetime


def history(
    case: Case,
    assignment: Assignment | None,
    pauses: list[CasePause],
    responses: tuple[datetime, ...] | None = None,
) -> History:
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
        responses=responses,
    )


def responses(
    case: Case, row: Assignment, lead: str, answers: Sequence[Answer]
) -> tuple[datetime, ...]:
    """The answers that count for an office with a task.

    Its own; the lead's for who helps; everybody's to a question, and while the office
    has the case in hand. "We have passed it on" from another office leaves the office
    that must act bound. What was said before it got the task still counts for steps
    that began earlier.
    """
    found = [row.done_at] if row.status == "done" and row.done_at else []
    for answer in answers:
        before, own = answer.at < row.assigned_at, row.agency_code in answer.by
        shared = (
            (row.role == "help" and lead in answer.by)
            or case.klass == _QUESTION
            or (row.acknowledged_at is not None and row.acknowledged_at <= answer.at)
        )
        if before or own or shared:
            found.append(answer.at)
        if before and own:
            # an office that had answered before it got the task owes no first answer
            found.append(row.assigned_at)
    return tuple(found)


_TASKS = (
    select(Assignment)
    .where(col(Assignment.case_id) == bindparam("case"))
    .order_by(col(Assignment.id))
)
"""Made once, as it is asked on every page: making a query takes longer than asking
it."""


def tasks_of(session: Session, case_id: int) -> list[Assignment]:
    """What each agency has to do in a case, the oldest task first."""
    return list(session.exec(_TASKS, params={"case": case_id}))


def of_case(session: Session, now: datetime, case: Case) -> list[AgencyClock]:
    """Every clock of a case: the city's steps once, an agency's for each that has a
    task.

    What is no case (thanks, talk, promotion) is bound by no procedure, nor is what was
    said before the city read the account.
    """
    number = case.id
    return _clocks(
        now,
        case,
        tasks_of(session, number),
        groups.pauses_of(session, case),
        _answers(session, [case]).get(number, []),
        _windows(session, now, [case])[number],
    )


def clocks_of(
    now: datetime,
    case: Case,
    tasks: Sequence[Assignment],
    pauses: list[CasePause],
    answers: Sequence[Answer],
    messages: Iterable[Message],
) -> list[AgencyClock]:
    """`of_case` for whoever has read all of it: when it stood still, which answers
    arrived, what was said."""
    return _clocks(now, case, tasks, pauses, answers, _windows_of(now, case, messages))


def of_cases(
    session: Session, now: datetime, cases: Sequence[Case]
) -> dict[int, list[AgencyClock]]:
    """`of_case` of many, by their ids, in as many queries as for one."""
    tasks, pauses = _tasks(session, cases), _pauses(session, cases)
    answers, windows = _answers(session, cases), _windows(session, now, cases)
    return {
        number: _clocks(
            now,
            case,
            tasks[number],
            pauses[number],
            answers.get(number, []),
            windows[number],
        )
        for case in cases
        for number in [case.id]
    }


def _clocks(
    now: datetime,
    case: Case,
    tasks: Sequence[Assignment],
    pauses: list[CasePause],
    answers: Sequence[Answer],
    windows: Sequence[AgencyClock],
) -> list[AgencyClock]:
    bound = case.klass not in _BOUND_BY_NOTHING and not case.history
    return [*(_steps(now, case, tasks, pauses, answers) if bound else ()), *windows]


def _steps(
    now: datetime,
    case: Case,
    tasks: Sequence[Assignment],
    pauses: list[CasePause],
    answers: Sequence[Answer],
) -> list[AgencyClock]:
    rules = city.here().rules
    lead = next(
        (
            row.agency_code
            for row in tasks
            if row.role == "lead" and row.status != "bounced"
        ),
        "",
    )

    def clocks_of(row: Assignment | None) -> list[Clock]:
        said = responses(case, row, lead, answers) if row and answers else None
        known = history(case, row, pauses, said)
        return clocks.clocks(known, rules.rule_sets, rules.calendar, now)

    # The city has forwarded a case when its first office got it; another office later
    # is no delay.
    first = min(tasks, key=lambda row: row.assigned_at, default=None)
    found = [
        AgencyClock("", one) for one in clocks_of(first) if one.owner == "verifikator"
    ]
    for row in sorted(tasks, key=lambda row: row.role != "lead"):
        if row.status in ("open", "done"):
            own = (one for one in clocks_of(row) if one.owner != "verifikator")
            found += [AgencyClock(row.agency_code, one) for one in own]
    return found


def _tasks(session: Session, cases: Sequence[Case]) -> dict[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = {case.id: [] for case in cases}
    query = select(Assignment).where(col(Assignment.case_id).in_(found))
    for row in session.exec(query.order_by(col(Assignment.id))):
        found[row.case_id].append(row)
    return found


def _answers(session: Session, cases: Sequence[Case]) -> dict[int, list[Answer]]:
    """Answers that arrived: sent from here, and written on the platform itself."""
    answered = [case.id for case in cases if case.first_response_at]
    found: dict[int, list[Answer]] = {}
    if not answered:
        return found
    sent = (
        select(Reply.case_id, Person.agency_code, Account.agency_code, Reply.sent_at)
        .join(Person, col(Person.id) == col(Reply.person_id))
        .join(Account, col(Account.id) == col(Reply.account_id))
        .where(col(Reply.case_id).in_(answered), Reply.state == "sent")
    )
    for number, writer, account, at in session.exec(sent):
        if at is not None:
            found.setdefault(number, []).append(
                Answer(frozenset((writer, account)), at)
            )
    elsewhere = (
        select(Message.case_id, Account.agency_code, Message.created_at)
        .join(Account, col(Account.id) == col(Message.account_id))
        .where(col(Message.case_id).in_(answered), Message.direction == "out")
    )
    for case_id, account, at in session.exec(elsewhere):
        found.setdefault(case_id or 0, []).append(Answer(frozenset((account,)), at))
    return found


def _pauses(session: Session, cases: Sequence[Case]) -> dict[int, list[CasePause]]:
    found: dict[int, list[CasePause]] = {case.id: [] for case in cases}
    for row in session.exec(select(CasePause).where(col(CasePause.case_id).in_(found))):
        found[row.case_id].append(row)
    joined = select(Case.joined_into).where(col(Case.joined_into).in_(found)).distinct()
    wholes = set(session.exec(joined))
    for case in cases:
        if case.id in wholes:
            found[case.id] = groups.pauses_of(session, case)
    return found


_said = table(Message).c
_WINDOWS = (
    select_rows(_said.case_id, _said.channel, func.max(_said.reply_until))
    .where(
        _said.case_id.in_(bindparam("cases", expanding=True)),
        _said.reply_until.is_not(None),
        _said.deleted_at.is_(None),
    )
    .group_by(_said.case_id, _said.channel)
)


def _windows(
    session: Session, now: datetime, cases: Sequence[Case]
) -> dict[int, list[AgencyClock]]:
    """The platforms' own deadlines for an answer, one a channel."""
    answered = {case.id: case.last_answer_at for case in cases}
    found: dict[int, list[AgencyClock]] = {number: [] for number in answered}
    for number, channel, until in session.execute(_WINDOWS, {"cases": list(answered)}):
        if number is not None and until is not None:
            window = clocks.reply_window(channel, until, answered[number], now)
            found[number].append(AgencyClock("", window))
    return found


def _windows_of(
    now: datetime, case: Case, messages: Iterable[Message]
) -> list[AgencyClock]:
    """`_windows` of one case, of all that was said in it."""
    ends: dict[str, datetime] = {}
    for said in messages:
        if said.reply_until is not None and said.deleted_at is None:
            ends[said.channel] = max(
                said.reply_until, ends.get(said.channel, said.reply_until)
            )
    return [
        AgencyClock(
            "", clocks.reply_window(channel, ends[channel], case.last_answer_at, now)
        )
        for channel in sorted(ends)
    ]


def refresh(session: Session, now: datetime, case: Case) -> None:
    """Write down the nearest deadline and whether one has passed, for sorting and the
    ladder."""
    refresh_all(session, now, [case])


def refresh_all(session: Session, now: datetime, cases: Sequence[Case]) -> None:
    """`refresh` of many."""
    found = of_cases(session, now, cases)
    for case in cases:
        _write_down(case, found[case.id])


def begin(
    now: datetime, case: Case, message: Message, tasks: Sequence[Assignment]
) -> None:
    """`refresh` of a case to which nothing but its first message has happened: nothing
    is read."""
    found = (
        _steps(now, case, tasks, [], []) if case.klass not in _BOUND_BY_NOTHING else []
    )
    if message.reply_until is not None and message.deleted_at is None:
        window = clocks.reply_window(message.channel, message.reply_until, None, now)
        found.append(AgencyClock("", window))
    _write_down(case, found)


def _write_down(case: Case, found: Sequence[AgencyClock]) -> None:
    if case.status not in OPEN:
        case.next_due_at, case.late = None, False
        return
    # the day from which a case may be closed binds nobody to do anything
    duties = [entry.clock for entry in found if not entry.clock.closing]
    open_ones = [clock for clock in duties if clock.met_at is None and clock.due_at]
    case.late = any(clock.state == "breached" for clock in open_ones)
    case.next_due_at = min(
        (
            clock.due_at
            for clock in open_ones
            if clock.due_at and clock.state in _RUNNING
        ),
        default=None,
    )


def refresh_due(database: Database, now: datetime, limit: int = 200) -> int:
    """Look again at open cases whose deadline has come; how many."""
    due = (IS_OPEN, col(Case.next_due_at) <= now, col(Case.late).is_(False))
    with database.reading() as session:
        ids = list(session.exec(select(Case.id).where(*due).limit(limit)))
    if not ids:
        return 0
    with database.writing() as session:
        query = select(Case).where(*due, col(Case.id).in_(ids))
        cases = list(session.exec(query.with_for_update(skip_locked=True)))
        refresh_all(session, now, cases)
        return len(cases)


def answered(session: Session, now: datetime, case: Case, at: datetime) -> None:
    """An answer of ours arrived: the first one stops a clock, the last one starts
    another."""
    case.first_response_at = case.first_response_at or at
    case.last_answer_at = max(case.last_answer_at or at, at)
    refresh(session, now, case)


def begin_pause(
    session: Session,
    now: datetime,
    case: Case,
    reason: str,
    recheck: date | None,
    person_id: int,
) -> None:
    session.add(
        CasePause(
            case_id=case.id,
            reason=reason,
            started_at=now,
            recheck=recheck,
            person_id=person_id,
        )
    )
    case.waiting = reason
    session.flush()
    refresh(session, now, case)


def end_pause(session: Session, now: datetime, case: Case) -> bool:
    """False where no pause is open."""
    query = select(CasePause).where(
        CasePause.case_id == case.id, col(CasePause.ended_at).is_(None)
    )
    open_ones = list(session.exec(query))
    for pause in open_ones:
        pause.ended_at = now
    case.waiting = None
    session.flush()
    refresh(session, now, case)
    return bool(open_ones)


def end_pauses_that_are_over(database: Database, now: datetime) -> int:
    """Pauses whose re-check day or longest wait has come; how many.

    Looks first, and takes the write lock only where a pause is over.
    """
    with database.reading() as session:
        over = [case.id for pause, case in _waiting(session) if _over(pause, case, now)]
    if not over:
        return 0
    ended = 0
    with database.writing() as session:
        for pause, case in _waiting(session, over):
            if not _over(pause, case, now):
                continue
            end_pause(session, now, case)
            changed(session, SYSTEM, "pause_ended", case, pause=pause.reason)
            ended += 1
    return ended


def _waiting(
    session: Session, ids: Sequence[int | None] | None = None
) -> list[tuple[CasePause, Case]]:
    """Open pauses with their cases; with `ids` those alone, kept from others
    meanwhile."""
    query = (
        select(CasePause, Case)
        .join(Case, col(Case.id) == col(CasePause.case_id))
        .where(col(CasePause.ended_at).is_(None), col(Case.waiting).is_not(None))
    )
    if ids is not None:
        query = query.where(col(Case.id).in_(ids)).with_for_update(skip_locked=True)
    return list(session.exec(query))


def _over(pause: CasePause, case: Case, now: datetime) -> bool:
    ends = latest_end(pause, case)
    return ends is not None and now >= ends


def latest_end(pause: CasePause, case: Case) -> datetime | None:
    """When a pause ends by itself: as its re-check day begins, or after the longest
    wait of the rules of the case's day."""
    found = city.here().rules
    if pause.reason == "menunggu_anggaran" and pause.recheck is not None:
        return datetime.combine(pause.recheck, time(), found.calendar.zone)
    sets = clocks.rules_of_day(found.rule_sets, case.opened_at, found.calendar)
    longest = min((one.longest_wait for one in sets), default=None)
    return pause.started_at + longest if longest is not None else None
