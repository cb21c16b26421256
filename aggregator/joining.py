"""What people decide about one problem in two cases: join, split, move, "not the same", undo (T3).

    join(A, B)            A's messages, answers, notes and promises go to B; A's number leads to B
    split(B, messages)    the messages, with what was answered to them, become a case of their own
    move(messages, B)     messages go to another case
    undo(link)            what one of these acts moved goes back, and the cases are as before
    not_the_same(A, B)    never suggested again, neither for cases joined into them later;
                          perhaps_the_same(A, B) takes that back

Every act leaves a `CaseLink` with the ids of what it moved. Tasks and pauses stay with the case
they were given to; the whole counts the earliest opening and the pauses all parts had in common
(groups.py), so no act moves a deadline back. An answer stands where the message stands that it
answers. A confidential case is never joined with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from aggregator import cases, deadlines, groups, triage, twins
from aggregator.audit import SYSTEM, Actor, record
from aggregator.cases import CaseError
from aggregator.db import Database, lock_processing
from aggregator.models import (
    Account,
    Assignment,
    Case,
    CaseLink,
    Draft,
    Message,
    MessageAccount,
    Note,
    Person,
    Reminder,
    Reply,
    Suggestion,
)
from aggregator.notifications import notify
from aggregator.people import Viewer
from aggregator.rules import casenumbers
from aggregator.rules.routing import Addressed

_INHERITED = ("place", "urgent")
"""What the whole takes over from a part where it has none itself."""


def _id(case: Case) -> int:
    assert case.id is not None
    return case.id


# --- acts ----------------------------------------------------------------------------------------


def join(
    database: Database, now: datetime, viewer: Viewer, number: str, into: str, *,
    reason: str = "", version: int | None = None, into_version: int | None = None,
) -> CaseLink:  # fmt: skip
    """Join a case into another. CaseError: same_case, closed, confidential, joined, changed, and
    claimed where a colleague holds it and no `reason` is given (they are told it)."""
    with database.writing() as session:
        lock_processing(session)
        part = cases.acting(session, viewer, number, version)
        target = cases.acting(session, viewer, into, into_version)
        _check_pair(part, target)
        _check_claim(session, now, viewer, part, reason)
        return _join(session, now, viewer.actor, part, target, reason=reason)


def join_by_itself(
    session: Session, now: datetime, part: Case, target: Case, reasons: Sequence[dict[str, Any]]
) -> CaseLink:
    """The program joins a case nobody has touched, in the caller's transaction, which holds the
    lock of processing. `reasons` as in `Suggestion.reasons`, for the page. CaseError as `join`.

    A person who undoes it has said that the two are not the same.
    """
    _check_pair(part, target)
    link = _join(session, now, SYSTEM, part, target)
    link.before = {**link.before, "reasons": list(reasons)}
    return link


def _join(
    session: Session, now: datetime, actor: Actor, part: Case, target: Case, *, reason: str = ""
) -> CaseLink:
    link = CaseLink(
        kind="join", source_id=_id(part), target_id=_id(target), at=now, person_id=actor.person_id
    )
    before = {name: getattr(target, name) for name in _INHERITED}
    target.place = target.place or part.place
    target.urgent = target.urgent or part.urgent
    link.before = {
        "status": part.status,
        "suggestion": _decide(session, now, actor, part, target, "joined"),
        "had": before,
        "got": {name: getattr(target, name) for name in _INHERITED},
        "forwarded": _forwarded(session, target),
    }
    ids = list(session.exec(select(Message.id).where(Message.case_id == part.id)))
    link.moved = {
        **_carry(session, part, target, [int(i or 0) for i in ids], everything=True),
        "assignment": _give_tasks(session, part, target),
    }
    part.status, part.joined_into = "joined", target.id
    part.next_due_at, part.late = None, False
    session.add(link)
    _settle(session, now, part, target)
    _written(session, actor, link, "cases_joined", part, target, reason)
    return link


def _check_pair(part: Case, target: Case) -> None:
    if part.id == target.id:
        raise CaseError("a case cannot be joined into itself", "same_case")
    for case in (part, target):
        if case.status == "closed":
            raise CaseError(f"case {case.number} is closed; reopen it first", "closed")
        if case.confidential:
            raise CaseError(
                f"case {case.number} is confidential and stays on its own", "confidential"
            )


def _check_claim(session: Session, now: datetime, viewer: Viewer, part: Case, reason: str) -> None:
    """Nobody's case disappears from their hands without a word."""
    if part.claimed_by in (None, viewer.id):
        return
    if part.claim_expires_at is not None and part.claim_expires_at < now:
        return
    holder = session.get_one(Person, part.claimed_by)
    if not reason.strip():
        raise CaseError(
            f"{holder.name} holds case {part.number}; say why it is joined", "claimed",
            holder=holder.name,
        )  # fmt: skip
    notify(session, now, holder, "claim", case=part, who=viewer.name, reason=reason.strip()[:300])


def split(
    database: Database, now: datetime, viewer: Viewer, number: str, messages: Sequence[int], *,
    version: int | None = None,
) -> CaseLink:  # fmt: skip
    """Make a case of its own of some messages. CaseError: no_message, nothing_left, changed.

    The new case is read and given to offices as if it had come alone; offices that had it before
    keep the time they got it. The pair is remembered as not the same.
    """
    with database.writing() as session:
        lock_processing(session)
        case = cases.acting(session, viewer, number, version)
        chosen = _chosen(session, case, messages)
        first = min(chosen, key=lambda message: message.created_at)
        fresh = Case(
            channel=first.channel, first_message_id=first.id, opened_at=first.created_at,
            last_message_at=first.created_at, confidential=case.confidential, place=first.place,
            message_count=1,
        )  # fmt: skip
        session.add(fresh)
        session.flush()
        fresh.number = casenumbers.number_of(_id(fresh))
        link = _take(session, now, viewer, "split", case, fresh, chosen)
        link.before["suggestion"] = _decide(session, now, viewer.actor, fresh, case, "refused")
        if _answered(session, fresh):
            fresh.status = "answered"
        triage.open_case(session, now, fresh, first, _addressed(session, first))
        _keep_times(session, viewer, case, fresh)
        session.add(link)
        _settle(session, now, case, fresh)
        _written(session, viewer.actor, link, "cases_split", case, fresh)
        return link


def move(
    database: Database, now: datetime, viewer: Viewer, messages: Sequence[int], into: str, *,
    version: int | None = None,
) -> CaseLink:  # fmt: skip
    """Bring messages of one case to another. CaseError: no_message, same_case, closed,
    confidential, nothing_left (every message of a case: join the cases)."""
    with database.writing() as session:
        lock_processing(session)
        first = session.get(Message, messages[0]) if messages else None
        if first is None or first.case_id is None:
            named = ", ".join(map(str, messages)) or "none named"
            raise CaseError(f"there is no such message in a case: {named}", "no_message")
        here = session.get_one(Case, first.case_id)
        case = cases.acting(session, viewer, here.number or "", version)
        target = cases.acting(session, viewer, into)
        _check_pair(case, target)
        link = _take(session, now, viewer, "move", case, target, _chosen(session, case, messages))
        session.add(link)
        _settle(session, now, case, target)
        _written(session, viewer.actor, link, "cases_moved", case, target)
        return link


def _chosen(session: Session, case: Case, ids: Sequence[int]) -> list[Message]:
    """Messages of residents in a case, oldest row first; at least one other must remain."""
    spoken = select(Message).where(Message.case_id == case.id, Message.direction == "in")
    rows = list(session.exec(spoken.order_by(col(Message.id))))
    chosen = [row for row in rows if row.id in set(ids)]
    missing = set(ids) - {row.id for row in chosen}
    if missing or not chosen:
        named = ", ".join(map(str, sorted(missing))) or "none named"
        raise CaseError(f"case {case.number} has no such message: {named}", "no_message")
    if len(chosen) == len(rows):
        raise CaseError(f"case {case.number} would be left without a message", "nothing_left")
    return chosen


def _take(
    session: Session, now: datetime, viewer: Viewer, kind: str, case: Case, target: Case,
    chosen: Sequence[Message],
) -> CaseLink:  # fmt: skip
    link = CaseLink(
        kind=kind, source_id=_id(case), target_id=_id(target), at=now, person_id=viewer.id,
        before={"first_message_id": case.first_message_id},
    )  # fmt: skip
    link.moved = _carry(session, case, target, [message.id or 0 for message in chosen])
    link.before["status"] = case.status
    if case.status == "answered" and not _answered(session, case):
        case.status = "new"
    link.before["left"] = case.status
    return link


def _answered(session: Session, case: Case, since: datetime | None = None) -> bool:
    arrived = select(Reply.id).where(Reply.case_id == case.id, Reply.state == "sent")
    if since is not None:
        arrived = arrived.where(col(Reply.sent_at) >= since)
    return session.exec(arrived.limit(1)).first() is not None


def undo(
    database: Database, now: datetime, viewer: Viewer, link_id: int, *,
    messages: Sequence[int] | None = None,
) -> CaseLink:  # fmt: skip
    """Take one act back; of a join also for some of its messages only. What came later stays.

    CaseError: no_such_link, undone, joined_further (undo the later join first), no_message.
    """
    with database.writing() as session:
        lock_processing(session)
        link = session.exec(
            select(CaseLink).where(CaseLink.id == link_id).with_for_update()
        ).first()
        if link is None:
            raise CaseError(f"there is no act {link_id} to undo", "no_such_link")
        if link.undone_at is not None:
            raise CaseError(f"act {link_id} is undone already", "undone")
        source = session.get_one(Case, link.source_id)
        target = session.get_one(Case, link.target_id)
        _check_undo(session, viewer, link, source, target)
        link.undone_at, link.undone_by = now, viewer.id
        back = [i for i in link.moved["message"] if messages is None or i in set(messages)]
        if not back:
            raise CaseError("none of these messages came by that act", "no_message")
        if link.kind == "join":
            _undo_join(session, now, link, source, target, back, partly=messages is not None)
            if link.person_id is None:
                _decide(session, now, viewer.actor, source, target, "refused")
        else:
            _undo_taking(session, now, link, source, target, back)
        _settle(session, now, source, target)
        _written(session, viewer.actor, link, "cases_undone", source, target)
        return link


def _check_undo(
    session: Session, viewer: Viewer, link: CaseLink, source: Case, target: Case
) -> None:
    """Both cases must still be where the act left them."""
    holder = target if held(link) == target.id else source
    for case in (target, source):
        if case is source and link.kind == "join":
            continue
        if case.joined_into is not None:
            whole = groups.whole(session, case)
            raise CaseError(
                f"case {case.number} is part of case {whole.number} by now; undo that first",
                "joined_further", into=whole.number,
            )  # fmt: skip
    cases.acting(session, viewer, holder.number or "")


def held(link: CaseLink) -> int:
    """The case an act is taken back on: the whole of a join, else where messages came from."""
    return link.target_id if link.kind == "join" else link.source_id


def _undo_join(
    session: Session, now: datetime, link: CaseLink, source: Case, target: Case,
    back: Sequence[int], *, partly: bool,
) -> None:  # fmt: skip
    moved = link.moved if not partly else {**link.moved, "note": [], "draft": []}
    _bring_back(session, target, source, moved, back)
    source.status, source.joined_into = link.before["status"], None
    if source.status == "new" and _answered(session, source, link.at):
        source.status = "answered"
    for name in _INHERITED:
        others = any(getattr(part, name) for part in groups.sources(session, _id(target)))
        if getattr(target, name) == link.before["got"][name] and not others:
            setattr(target, name, link.before["had"][name])
    _take_tasks_back(session, link, target)
    _undecide(session, now, source, target, link.before["suggestion"])


def _undo_taking(
    session: Session, now: datetime, link: CaseLink, source: Case, target: Case,
    back: Sequence[int],
) -> None:  # fmt: skip
    _bring_back(session, target, source, link.moved, back)
    if link.before["first_message_id"] in back:
        source.first_message_id = link.before["first_message_id"]
    if source.status == link.before["left"]:
        source.status = link.before["status"]
    if link.kind == "move":
        return
    left = session.exec(
        select(Message.id).where(Message.case_id == target.id, Message.direction == "in").limit(1)
    ).first()
    if left is None:
        _carry(session, target, source, [], everything=True)
        target.status, target.joined_into = "joined", source.id
        target.next_due_at, target.late = None, False
    _undecide(session, now, source, target, link.before["suggestion"])


def not_the_same(
    database: Database, now: datetime, viewer: Viewer, number: str, other: str
) -> None:
    """Remember that two cases are two problems. CaseError `same_case`."""
    with database.writing() as session:
        lock_processing(session)
        one = cases.acting(session, viewer, number)
        two = cases.acting(session, viewer, other)
        if one.id == two.id:
            raise CaseError("this is one case", "same_case")
        _decide(session, now, viewer.actor, one, two, "refused")
        for case, against in ((one, two), (two, one)):
            case.version += 1
            record(session, viewer.actor, "not_the_same", "case", _id(case), other=against.number)


def perhaps_the_same(
    database: Database, now: datetime, viewer: Viewer, number: str, other: str
) -> None:
    """Take "not the same" back: the pair is suggested again, if anything ever spoke for it.
    CaseError `undone` where nobody has said it."""
    with database.writing() as session:
        lock_processing(session)
        one = cases.acting(session, viewer, number)
        two = cases.acting(session, viewer, other)
        row = _pair(session, one, two)
        if row is None or row.state != "refused":
            raise CaseError("nobody has said that these are not the same", "undone")
        _undecide(session, now, one, two, "open" if row.reasons else None)
        for case, against in ((one, two), (two, one)):
            case.version += 1
            record(session, viewer.actor, "perhaps_the_same", "case", _id(case),
                   other=against.number)  # fmt: skip


# --- what is carried over ------------------------------------------------------------------------


def _carry(
    session: Session, origin: Case, target: Case, ids: Sequence[int], *, everything: bool = False
) -> dict[str, list[int]]:
    """Messages with what hangs on them; `everything`: also what hangs on the case. What moved."""
    answers = _ids(session, Reply, origin, col(Reply.message_id).in_(ids))
    spoken = _with_echoes(session, origin, ids, answers)
    promises = [] if everything else [col(Reminder.reply_id).in_(answers)]
    moved = {
        "message": spoken,
        "reply": answers,
        "reminder": _ids(session, Reminder, origin, *promises),
        "note": _ids(session, Note, origin) if everything else [],
        "draft": _drafts(session, origin, target) if everything else [],
    }
    _send_over(session, moved, target)
    return moved


_TABLES: dict[str, Any] = {
    "message": Message, "reply": Reply, "reminder": Reminder, "note": Note, "draft": Draft,
}  # fmt: skip


def _send_over(session: Session, moved: dict[str, list[int]], target: Case) -> None:
    for name, ids in moved.items():
        for row in session.exec(select(_TABLES[name]).where(_TABLES[name].id.in_(ids))):
            row.case_id = target.id
    session.flush()


def _ids(session: Session, table: Any, case: Case, *conditions: Any) -> list[int]:
    query = select(table.id).where(table.case_id == case.id, *conditions).order_by(table.id)
    return [int(found) for found in session.exec(query)]


def _with_echoes(
    session: Session, case: Case, ids: Sequence[int], answers: Sequence[int]
) -> list[int]:
    """The messages and our own posts below them, which came back through polling."""
    natives = select(Message.channel, Message.scope, Message.native_id).where(
        col(Message.id).in_(ids)
    )
    below = {tuple(row) for row in session.exec(natives)}
    own = select(Message).where(Message.case_id == case.id, Message.direction == "out")
    echoes = [
        row.id or 0
        for row in session.exec(own)
        if (row.channel, row.scope, row.parent_id or "") in below
        or row.extra.get("reply_id") in answers
    ]
    return sorted({*ids, *echoes})


def _drafts(session: Session, origin: Case, target: Case) -> list[int]:
    """A person has one draft a case: theirs for the target stays theirs."""
    writers = set(session.exec(select(Draft.person_id).where(Draft.case_id == target.id)))
    own = session.exec(select(Draft).where(Draft.case_id == origin.id))
    return [row.id or 0 for row in own if row.person_id not in writers]


def _bring_back(
    session: Session, target: Case, source: Case, moved: dict[str, Any], ids: Sequence[int]
) -> None:
    """What an act moved and is still there, with all answers given to it meanwhile."""
    still = _ids(session, Message, target, col(Message.id).in_(ids))
    _carry(session, target, source, still)
    for name in ("reminder", "note", "draft"):
        table = _TABLES[name]
        here = _ids(session, table, target, table.id.in_(moved[name]))
        if name == "reminder":
            free = col(Reminder.reply_id).is_(None)
            here = _ids(session, table, target, table.id.in_(moved[name]), free)
        _send_over(session, {name: here}, source)


# --- tasks ---------------------------------------------------------------------------------------


def _rows(session: Session, case: Case) -> dict[str, Assignment]:
    query = select(Assignment).where(Assignment.case_id == case.id)
    return {row.agency_code: row for row in session.exec(query)}


def _forwarded(session: Session, case: Case) -> dict[str, str]:
    return {code: row.assigned_at.isoformat() for code, row in _rows(session, case).items()}


def _give_tasks(session: Session, part: Case, target: Case) -> list[int]:
    """The offices of the part get the whole, from the day they got the part; ids of new tasks."""
    have = _rows(session, target)
    led = any(row.role == "lead" for row in have.values())
    fresh: list[Assignment] = []
    for code, row in _rows(session, part).items():
        if code in have:
            have[code].assigned_at = min(have[code].assigned_at, row.assigned_at)
            continue
        fresh.append(
            Assignment(
                case_id=_id(target), agency_code=code, role="help" if led else row.role,
                reason=f"joined:{part.number}", assigned_at=row.assigned_at, status=row.status,
                acknowledged_at=row.acknowledged_at, done_at=row.done_at, done_by=row.done_by,
                waived_reason=row.waived_reason,
            )
        )  # fmt: skip
    session.add_all(fresh)
    session.flush()
    return [row.id or 0 for row in fresh]


def _take_tasks_back(session: Session, link: CaseLink, target: Case) -> None:
    """Tasks that came by the join go, unless somebody worked on them or another part needs them."""
    others = [_rows(session, part) for part in groups.sources(session, _id(target))]
    of_part = _rows(session, session.get_one(Case, link.source_id))
    for code, row in _rows(session, target).items():
        times = [rows[code].assigned_at for rows in others if code in rows]
        if row.id in link.moved["assignment"]:
            if not times and _untouched(row, of_part.get(code)):
                session.delete(row)
        elif code in link.before["forwarded"]:
            before = datetime.fromisoformat(link.before["forwarded"][code])
            row.assigned_at = min([before, *times])
    session.flush()


def _untouched(row: Assignment, given: Assignment | None) -> bool:
    return given is not None and all(
        getattr(row, name) == getattr(given, name)
        for name in ("status", "acknowledged_at", "done_at", "waived_reason")
    )


def _keep_times(session: Session, viewer: Viewer, case: Case, fresh: Case) -> None:
    """Offices that had the whole have the new case as long; who splits goes on seeing it."""
    had, has = _rows(session, case), _rows(session, fresh)
    for code, row in has.items():
        if code in had:
            row.assigned_at = min(row.assigned_at, had[code].assigned_at)
    if viewer.agency_code in had and viewer.agency_code not in has:
        session.add(
            Assignment(
                case_id=_id(fresh), agency_code=viewer.agency_code, role="help",
                reason=f"split:{case.number}", assigned_at=had[viewer.agency_code].assigned_at,
            )
        )  # fmt: skip
    session.flush()


def _addressed(session: Session, message: Message) -> list[Addressed]:
    query = (
        select(Account)
        .join(MessageAccount, col(MessageAccount.account_id) == col(Account.id))
        .where(MessageAccount.message_id == message.id)
        .order_by(col(Account.id))
    )
    return [Addressed(row.id or 0, row.agency_code, row.handle) for row in session.exec(query)]


# --- what follows from the messages --------------------------------------------------------------


def _settle(session: Session, now: datetime, *changed: Case) -> None:
    """Counts, times and deadlines of cases whose messages have changed."""
    session.flush()
    for case in changed:
        case.version += 1
        if case.joined_into is not None:
            continue
        _recount(session, case)
        _reopen_clocks(session, case)
        session.flush()
        deadlines.refresh(session, now, case)


def _recount(session: Session, case: Case) -> None:
    spoken = (Message.case_id == case.id, Message.direction == "in")
    query = select(func.count(), func.min(Message.id), func.max(Message.created_at))
    count, first, last = session.exec(query.where(*spoken)).one()
    case.message_count = count
    case.reporters = twins.count_reporters(session, _id(case))
    if last is not None:
        case.last_message_at = last
    own = session.get(Message, case.first_message_id) if case.first_message_id else None
    if (own is None or own.case_id != case.id) and first is not None:
        case.first_message_id = first


def _reopen_clocks(session: Session, case: Case) -> None:
    """The earliest opening and the answers of everything the case holds now."""
    joined = groups.sources(session, _id(case))
    case.opened_at = min([groups.own_opening(session, case), *(part.opened_at for part in joined)])
    arrived = select(func.min(Reply.sent_at), func.max(Reply.sent_at)).where(
        Reply.case_id == case.id, Reply.state == "sent"
    )
    case.first_response_at, case.last_answer_at = session.exec(arrived).one()


# --- decisions -----------------------------------------------------------------------------------


def _pair(session: Session, one: Case, two: Case) -> Suggestion | None:
    later, earlier = max(_id(one), _id(two)), min(_id(one), _id(two))
    return session.exec(
        select(Suggestion).where(Suggestion.case_id == later, Suggestion.other_id == earlier)
    ).first()


def _decide(
    session: Session, now: datetime, actor: Actor, one: Case, two: Case, state: str
) -> str | None:
    """Write a decision about a pair; what was known of it before (None: nothing)."""
    row = _pair(session, one, two)
    before = row.state if row else None
    if row is None:
        row = Suggestion(
            case_id=max(_id(one), _id(two)), other_id=min(_id(one), _id(two)), score=0.0,
            reasons=[], created_at=now,
        )  # fmt: skip
        session.add(row)
    row.state, row.decided_at, row.decided_by = state, now, actor.person_id
    session.flush()
    return before


def _undecide(session: Session, now: datetime, one: Case, two: Case, before: str | None) -> None:
    row = _pair(session, one, two)
    if row is None:
        return
    if before is None:
        session.delete(row)
        return
    row.state, row.decided_at = before, now
    if before == "open":
        row.decided_at, row.decided_by = None, None


def _written(
    session: Session, actor: Actor, link: CaseLink, action: str, source: Case, target: Case,
    reason: str = "",
) -> None:  # fmt: skip
    """A line in the history of both cases."""
    session.flush()
    said: dict[str, Any] = {"reason": reason.strip()[:300]} if reason.strip() else {}
    for case, other in ((source, target), (target, source)):
        record(
            session, actor, action, "case", _id(case), link=link.id,
            other=other.number, **said,
        )  # fmt: skip


# --- reading -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggested:
    """Two open cases that may be one. `case` is the later; reasons as in `Suggestion.reasons`."""

    suggestion: Suggestion
    case: Case
    other: Case


def suggestions(
    database: Database, viewer: Viewer, number: str | None = None, limit: int = 50
) -> list[Suggested]:
    """Open suggestions among cases the viewer sees, the likeliest first; of one case, or all."""
    with database.reading() as session:
        query = select(Suggestion).where(Suggestion.state == "open")
        if number is not None:
            case = cases.find_in(session, viewer, number)
            group = [_id(case), *(_id(part) for part in groups.parts(session, _id(case)))]
            query = query.where(
                or_(col(Suggestion.case_id).in_(group), col(Suggestion.other_id).in_(group))
            )
        query = query.order_by(col(Suggestion.score).desc(), col(Suggestion.id))
        return _worth_showing(session, viewer, session.exec(query), limit)


def _worth_showing(
    session: Session, viewer: Viewer, rows: Iterable[Suggestion], limit: int
) -> list[Suggested]:
    """Each pair of wholes once, if both are open and nobody said that they are not the same."""
    seen: set[tuple[int, int]] = set()
    found: list[Suggested] = []
    for row in rows:
        one = groups.whole(session, session.get_one(Case, row.case_id))
        two = groups.whole(session, session.get_one(Case, row.other_id))
        key = (max(_id(one), _id(two)), min(_id(one), _id(two)))
        if one.id == two.id or key in seen or not _both_open(one, two):
            continue
        seen.add(key)
        if not (cases.sees(session, viewer, one) and cases.sees(session, viewer, two)):
            continue
        if not groups.told_apart(session, *key):
            found.append(Suggested(row, one, two))
        if len(found) == limit:
            break
    return found


def _both_open(one: Case, two: Case) -> bool:
    return all(case.status in cases.OPEN and not case.confidential for case in (one, two))


def links(database: Database, viewer: Viewer, number: str) -> list[CaseLink]:
    """The acts a case took part in, the newest first."""
    with database.reading() as session:
        case = cases.find_in(session, viewer, number)
        query = select(CaseLink).where(
            or_(col(CaseLink.source_id) == case.id, col(CaseLink.target_id) == case.id)
        )
        return list(session.exec(query.order_by(col(CaseLink.id).desc())))
