"""What people decide about one problem in two cases: join, split, move, "not the same",
undo (T3).

    join(A, B)            A's messages, answers, notes and promises go to B; A's number leads to B
    split(B, messages)    the messages, with what was answered to them, become a case of their own
    move(messages, B)     messages go to another case
    undo(link)            what one of these acts moved goes back, and the cases are as before
    not_the_same(A, B)    never suggested again, neither for cases joined into them later;
                          perhaps_the_same(A, B) takes that back

Every act leaves a `CaseLink` with the ids of what it moved. Tasks and pauses stay with
the case they were given to; the whole counts the earliest opening and the pauses all
parts had in common (cases/groups.py), so no act moves a deadline back. An answer stands where
the message stands that it answers. A confidential case is never joined with another.
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from aggregator.cases import casefile, deadlines, groups, secrecy, sight, triage
from aggregator.cases.casefile import Seen
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.rules.reports.authority import Addressed
from aggregator.store.audit import SYSTEM, Actor
from aggregator.store.db import Database, lock_processing
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.people import Person
from aggregator.store.tables.twins import CaseLink
from aggregator.store.versions import changed
from aggregator.twins import _moving as moving
from aggregator.twins import search, suggestions

_INHERITED = ("place", "urgent", "maybe_urgent")
"""What the whole takes over from a part where it has none itself."""


def join(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    into: str,
    *,
    reason: str = "",
    seen: Seen | None = None,
) -> CaseLink:
    """Join a case into another. Refusal: same_case, closed, confidential, joined,
    changed, and claimed where a colleague holds it and no `reason` is given (they are
    told it)."""
    with database.writing() as session:
        lock_processing(session)
        part = casefile.act_in(session, now, viewer, number, seen).case
        target = casefile.act_in(session, now, viewer, into).case
        _check_pair(part, target)
        _check_claim(session, now, viewer, part, reason)
        return _join(session, now, viewer.actor, part, target, reason=reason)


def join_by_itself(
    session: Session,
    now: datetime,
    part: Case,
    target: Case,
    reasons: Sequence[dict[str, Any]],
) -> CaseLink:
    """The program joins a case nobody has touched, in the caller's transaction, which
    holds the lock of processing. `reasons` as in `Suggestion.reasons`, for the page.
    Refusal as `join`.

    A person who undoes it has said that the two are not the same.
    """
    _check_pair(part, target)
    link = _join(session, now, SYSTEM, part, target)
    link.before = {**link.before, "reasons": list(reasons)}
    return link


def _join(
    session: Session,
    now: datetime,
    actor: Actor,
    part: Case,
    target: Case,
    *,
    reason: str = "",
) -> CaseLink:
    link = CaseLink(
        kind="join",
        source_id=part.id,
        target_id=target.id,
        at=now,
        person_id=actor.person_id,
    )
    before = {name: getattr(target, name) for name in _INHERITED}
    target.place = target.place or part.place
    target.urgent = target.urgent or part.urgent
    if target.urgent:
        target.maybe_urgent = False
    elif part.maybe_urgent:
        target.maybe_urgent = not triage.denied(session, target)
    # stays with the whole after an undo: 112 knows of it all the same
    target.told_112_at = target.told_112_at or part.told_112_at
    link.before = {
        "status": part.status,
        "suggestion": suggestions.decide(session, now, actor, part, target, "joined"),
        "had": before,
        "got": {name: getattr(target, name) for name in _INHERITED},
        "forwarded": moving.forwarded(session, target),
    }
    ids = list(session.exec(select(Message.id).where(Message.case_id == part.id)))
    link.moved = {
        **moving.carry(session, part, target, list(ids), everything=True),
        "assignment": moving.give_tasks(session, part, target),
    }
    part.status, part.joined_into = "joined", target.id
    part.next_due_at, part.late = None, False
    session.add(link)
    _settle(session, now, part, target)
    _written(session, actor, link, "cases_joined", part, target, reason)
    return link


def _check_pair(part: Case, target: Case) -> None:
    if part.id == target.id:
        raise Refusal("a case cannot be joined into itself", "same_case")
    for case in (part, target):
        if case.status == "closed":
            raise Refusal(f"case {case.number} is closed; reopen it first", "closed")
        if case.confidential:
            raise Refusal(
                f"case {case.number} is confidential and stays on its own",
                "confidential",
            )


def _check_claim(
    session: Session, now: datetime, viewer: Viewer, part: Case, reason: str
) -> None:
    """Nobody's case disappears from their hands without a word."""
    if part.claimed_by in (None, viewer.id):
        return
    if part.claim_expires_at is not None and part.claim_expires_at < now:
        return
    holder = session.get_one(Person, part.claimed_by)
    if not reason.strip():
        raise Refusal(
            f"{holder.name} holds case {part.number}; say why it is joined",
            "claimed",
            holder=holder.name,
        )
    notify(
        session,
        now,
        holder,
        "claim",
        case=part,
        who=viewer.name,
        reason=reason.strip()[:300],
    )


def split(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    messages: Sequence[int],
    *,
    seen: Seen | None = None,
) -> CaseLink:
    """Make a case of its own of some messages. Refusal: no_message, nothing_left,
    changed.

    The new case is read and given to offices as if it had come alone; offices that had
    it before keep the time they got it. The pair is remembered as not the same.
    """
    with database.writing() as session:
        lock_processing(session)
        case = casefile.act_in(session, now, viewer, number, seen).case
        chosen = _chosen(session, case, messages)
        first = min(chosen, key=lambda message: message.created_at)
        fresh = Case(
            channel=first.channel,
            first_message_id=first.id,
            opened_at=first.created_at,
            last_message_at=first.created_at,
            confidential=case.confidential,
            place=first.place,
            message_count=1,
        )
        session.add(fresh)
        session.flush()
        fresh.number = casenumbers.number_of(fresh.id)
        link = _take(session, now, viewer, "split", case, fresh, chosen)
        link.before["suggestion"] = suggestions.decide(
            session, now, viewer.actor, fresh, case, "refused"
        )
        if _answered(session, fresh):
            fresh.status = "answered"
        if case.confidential:
            secrecy.follow(session, now, case, fresh)
        triage.open_case(session, now, fresh, first, _addressed(session, first))
        moving.keep_times(session, viewer, case, fresh)
        session.add(link)
        _settle(session, now, case, fresh)
        _written(session, viewer.actor, link, "cases_split", case, fresh)
        return link


def move(
    database: Database,
    now: datetime,
    viewer: Viewer,
    messages: Sequence[int],
    into: str,
    *,
    seen: Seen | None = None,
) -> CaseLink:
    """Bring messages of one case to another. Refusal: no_message, same_case, closed,
    confidential, nothing_left (every message of a case: join the cases)."""
    with database.writing() as session:
        lock_processing(session)
        first = session.get(Message, messages[0]) if messages else None
        here = session.get(Case, first.case_id) if first and first.case_id else None
        if here is None or sight.hides(session, viewer, here):
            named = ", ".join(map(str, messages)) or "none named"
            raise Refusal(f"there is no such message in a case: {named}", "no_message")
        case = casefile.act_in(session, now, viewer, here.number, seen).case
        target = casefile.act_in(session, now, viewer, into).case
        _check_pair(case, target)
        link = _take(
            session, now, viewer, "move", case, target, _chosen(session, case, messages)
        )
        session.add(link)
        _settle(session, now, case, target)
        _written(session, viewer.actor, link, "cases_moved", case, target)
        return link


def _chosen(session: Session, case: Case, ids: Sequence[int]) -> list[Message]:
    """Messages of residents in a case, oldest row first; at least one other must
    remain."""
    spoken = select(Message).where(
        Message.case_id == case.id, Message.direction == "in"
    )
    rows = list(session.exec(spoken.order_by(col(Message.id))))
    chosen = [row for row in rows if row.id in set(ids)]
    missing = set(ids) - {row.id for row in chosen}
    if missing or not chosen:
        named = ", ".join(map(str, sorted(missing))) or "none named"
        raise Refusal(f"case {case.number} has no such message: {named}", "no_message")
    if len(chosen) == len(rows):
        raise Refusal(
            f"case {case.number} would be left without a message", "nothing_left"
        )
    return chosen


def _take(
    session: Session,
    now: datetime,
    viewer: Viewer,
    kind: str,
    case: Case,
    target: Case,
    chosen: Sequence[Message],
) -> CaseLink:
    link = CaseLink(
        kind=kind,
        source_id=case.id,
        target_id=target.id,
        at=now,
        person_id=viewer.id,
        before={"first_message_id": case.first_message_id},
    )
    link.moved = moving.carry(session, case, target, [message.id for message in chosen])
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
    database: Database,
    now: datetime,
    viewer: Viewer,
    link_id: int,
    *,
    messages: Sequence[int] | None = None,
) -> CaseLink:
    """Take one act back; of a join also for some of its messages only. What came later
    stays.

    Refusal: no_such_link, undone, joined_further (undo the later join first),
    no_message, read_only.
    """
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    with database.writing() as session:
        lock_processing(session)
        link = session.exec(
            select(CaseLink).where(CaseLink.id == link_id).with_for_update()
        ).first()
        source = session.get(Case, link.source_id) if link else None
        target = session.get(Case, link.target_id) if link else None
        if (
            link is None
            or source is None
            or target is None
            or any(sight.hides(session, viewer, one) for one in (source, target))
        ):
            raise Refusal(f"there is no act {link_id} to undo", "no_such_link")
        if link.undone_at is not None:
            raise Refusal(f"act {link_id} is undone already", "undone")
        _check_undo(session, now, viewer, link, source, target)
        link.undone_at, link.undone_by = now, viewer.id
        back = [
            i for i in link.moved["message"] if messages is None or i in set(messages)
        ]
        if not back:
            raise Refusal("none of these messages came by that act", "no_message")
        if link.kind == "join":
            _undo_join(
                session, now, link, source, target, back, partly=messages is not None
            )
            if link.person_id is None:
                suggestions.decide(
                    session, now, viewer.actor, source, target, "refused"
                )
        else:
            _undo_taking(session, now, link, source, target, back)
        _settle(session, now, source, target)
        _written(session, viewer.actor, link, "cases_undone", source, target)
        return link


def _check_undo(
    session: Session,
    now: datetime,
    viewer: Viewer,
    link: CaseLink,
    source: Case,
    target: Case,
) -> None:
    """Both cases must still be where the act left them."""
    holder = target if held(link) == target.id else source
    for case in (target, source):
        if case is source and link.kind == "join":
            continue
        if case.joined_into is not None:
            whole = groups.whole(session, case)
            raise Refusal(
                f"case {case.number} is part of case {whole.number} by now; undo that"
                " first",
                "joined_further",
                into=whole.number,
            )
    casefile.act_in(session, now, viewer, holder.number)


def held(link: CaseLink) -> int:
    """The case an act is taken back on: the whole of a join, else where messages came
    from."""
    return link.target_id if link.kind == "join" else link.source_id


def _undo_join(
    session: Session,
    now: datetime,
    link: CaseLink,
    source: Case,
    target: Case,
    back: Sequence[int],
    *,
    partly: bool,
) -> None:
    moved = link.moved if not partly else {**link.moved, "note": [], "draft": []}
    moving.bring_back(session, target, source, moved, back)
    source.status, source.joined_into = link.before["status"], None
    if source.status == "new" and _answered(session, source, link.at):
        source.status = "answered"
    for name in _INHERITED:
        others = any(getattr(part, name) for part in groups.sources(session, target.id))
        if getattr(target, name) == link.before["got"][name] and not others:
            setattr(target, name, link.before["had"][name])
    moving.take_tasks_back(session, link, target)
    suggestions.undecide(session, now, source, target, link.before["suggestion"])


def _undo_taking(
    session: Session,
    now: datetime,
    link: CaseLink,
    source: Case,
    target: Case,
    back: Sequence[int],
) -> None:
    moving.bring_back(session, target, source, link.moved, back)
    if link.before["first_message_id"] in back:
        source.first_message_id = link.before["first_message_id"]
    if source.status == link.before["left"]:
        source.status = link.before["status"]
    if link.kind == "move":
        return
    left = session.exec(
        select(Message.id)
        .where(Message.case_id == target.id, Message.direction == "in")
        .limit(1)
    ).first()
    if left is None:
        moving.carry(session, target, source, [], everything=True)
        target.status, target.joined_into = "joined", source.id
        target.next_due_at, target.late = None, False
    suggestions.undecide(session, now, source, target, link.before["suggestion"])


def _addressed(session: Session, message: Message) -> list[Addressed]:
    query = (
        select(Account)
        .join(MessageAccount, col(MessageAccount.account_id) == col(Account.id))
        .where(MessageAccount.message_id == message.id)
        .order_by(col(Account.id))
    )
    return [
        Addressed(row.id, row.agency_code, row.handle) for row in session.exec(query)
    ]


def _settle(session: Session, now: datetime, *cases: Case) -> None:
    """Counts, times and deadlines of cases whose messages have changed."""
    session.flush()
    for case in cases:
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
    case.reporters = search.count_reporters(session, case.id)
    if last is not None:
        case.last_message_at = last
    own = session.get(Message, case.first_message_id) if case.first_message_id else None
    if (own is None or own.case_id != case.id) and first is not None:
        case.first_message_id = first


def _reopen_clocks(session: Session, case: Case) -> None:
    """The earliest opening and the answers of everything the case holds now."""
    joined = groups.sources(session, case.id)
    case.opened_at = min(
        [groups.own_opening(session, case), *(part.opened_at for part in joined)]
    )
    arrived = select(func.min(Reply.sent_at), func.max(Reply.sent_at)).where(
        Reply.case_id == case.id, Reply.state == "sent"
    )
    case.first_response_at, case.last_answer_at = session.exec(arrived).one()


def _written(
    session: Session,
    actor: Actor,
    link: CaseLink,
    action: str,
    source: Case,
    target: Case,
    reason: str = "",
) -> None:
    """A line in the history of both cases."""
    session.flush()
    said: dict[str, Any] = {"reason": reason.strip()[:300]} if reason.strip() else {}
    for case, other in ((source, target), (target, source)):
        told = {"link": link.id, "other": other.number, **said}
        changed(session, actor, action, case, **told)


def links(
    database: Database, now: datetime, viewer: Viewer, number: str
) -> list[CaseLink]:
    """The acts a case took part in, the newest first."""
    with casefile.reading(database, now, viewer, number) as file:
        query = select(CaseLink).where(
            or_(col(CaseLink.source_id) == file.id, col(CaseLink.target_id) == file.id)
        )
        return list(file.session.exec(query.order_by(col(CaseLink.id).desc())))
