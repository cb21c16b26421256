"""One answer to all: what one case's reporters are told, each on their own channel,
each once.

    plan(case, text)    one draft a reporter with what stands in the way; sends and writes nothing
    queue(case, text)   the same as replies, which the outbox sends; the same key again is the same
    told(notice)        what became of it, reporter by reporter

A reporter is answered at their newest message that can still be answered. Confidential
reports are left out: nothing about them goes anywhere in bulk. Platforms take equal
public comments for spam (X: "substantially similar" automated replies), so from the
second public answer of an account on each begins with another greeting.
"""  # noqa: E501

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.answers import outward, replies
from aggregator.answers.outward import Cleared
from aggregator.answers.replies import Target
from aggregator.cases import casefile
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Notice, NoticeRecipient, Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.versions import changed
from aggregator.twins import search
from connectors import base

_GREETINGS = {
    "id": (
        "Halo {name}, ",
        "Kepada {name}: ",
        "Selamat siang {name}, ",
        "{name}, ",
        "Terima kasih {name}. ",
        "Untuk {name}: ",
        "Salam {name}, ",
        "Yth. {name}, ",
    ),
    "su": (
        "Sampurasun {name}, ",
        "Kanggo {name}: ",
        "Wilujeng {name}, ",
        "{name}, ",
        "Hatur nuhun {name}. ",
        "Ka {name}: ",
        "Punten {name}, ",
        "Nu dipihormat {name}, ",
    ),
    "en": (
        "Hello {name}, ",
        "For {name}: ",
        "Dear {name}, ",
        "{name}, ",
        "Thank you {name}. ",
        "To {name}: ",
        "Greetings {name}, ",
        "Hi {name}, ",
    ),
}
_NAMELESS = {"id": "Kak", "su": "Lur", "en": "there"}
_LONGEST_NAME = 40
_LONGEST_GREETING = _LONGEST_NAME + 20
_ON_ITS_WAY = ("queued", "sending", "sent", "try_later", "unknown")


@dataclass(frozen=True, slots=True)
class Planned:
    """What one reporter would be told. `left_out`: a code why they are not; `account`
    is None then where nothing leads to them.

    codes: confidential anonymous no_address told_already taken_out, or a problem of
    `Preview` (too_long, window_closed)
    """

    message: Message
    account: Account | None
    text: str
    preview: base.Preview | None = None
    left_out: str | None = None


def plan(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    text: str,
    greeted: dict[int, int] | None = None,
) -> list[Planned]:
    """One entry a reporter, in the order they came. Refusal `empty`.

    Whoever has had this very answer already is left out. `greeted`: how many public
    answers of each account stand already, where several cases are told the same.
    """
    wanted = text.strip()
    if not wanted:
        raise Refusal("the answer is empty", "empty")
    ways = _ways(session, viewer, case)
    counts = defaultdict(int) if greeted is None else greeted
    have = _had(session, case, wanted)
    return [
        (
            Planned(said[0], None, wanted, left_out="told_already")
            if not have.isdisjoint(message.id for message in said)
            else _planned(session, now, case, said, ways, wanted, counts)
        )
        for said in _reporters(session, case)
    ]


def _had(session: Session, case: Case, text: str) -> set[int | None]:
    """Messages that were answered with this text, whatever the greeting before it."""
    query = select(Reply.message_id, Reply.text).where(
        Reply.case_id == case.id, col(Reply.state).in_(_ON_ITS_WAY)
    )
    return {
        message_id
        for message_id, said in session.exec(query)
        if said.endswith(text) and len(said) - len(text) <= _LONGEST_GREETING
    }


def _reporters(session: Session, case: Case) -> list[list[Message]]:
    """The messages of each reporter, newest first; passing a post on is no report."""
    query = select(Message).where(
        Message.case_id == case.id, Message.direction == "in", Message.kind != "repost"
    )
    people: dict[object, list[Message]] = {}
    for message in session.exec(
        query.order_by(col(Message.created_at), col(Message.id))
    ):
        people.setdefault(search.reporter(message), []).insert(0, message)
    return list(people.values())


def _ways(session: Session, viewer: Viewer, case: Case) -> dict[int, list[Target]]:
    found: dict[int, list[Target]] = defaultdict(list)
    said = casefile.said_in(session, case.id)
    for target in replies.targets(session, viewer, said):
        found[target.message.id].append(target)
    return found


def _planned(
    session: Session,
    now: datetime,
    case: Case,
    said: Sequence[Message],
    ways: dict[int, list[Target]],
    text: str,
    greeted: dict[int, int],
) -> Planned:
    if case.confidential or any(message.extra.get("rahasia") for message in said):
        return Planned(said[0], None, text, left_out="confidential")
    refused: Planned | None = None
    for target in (way for message in said for way in ways.get(message.id, [])):
        found = _worded(session, now, case, target, text, greeted)
        if found.left_out is None:
            return found
        refused = refused or found
    if refused is not None:
        return refused
    hidden = any(message.anonymous for message in said)
    return Planned(
        said[0], None, text, left_out="anonymous" if hidden else "no_address"
    )


def _worded(
    session: Session,
    now: datetime,
    case: Case,
    target: Target,
    text: str,
    greeted: dict[int, int],
) -> Planned:
    """The text for one message; with a greeting where an equal one stands in public
    already."""
    plain = _try(session, now, case, target, text)
    if plain.left_out is not None or plain.preview is None or not plain.preview.public:
        return plain
    place = target.account.id
    count = greeted[place]
    greeted[place] += 1
    if count == 0:
        return plain
    varied = _try(
        session, now, case, target, _greeting(case, target.message, count) + text
    )
    return plain if varied.left_out == "too_long" else varied


def _greeting(case: Case, message: Message, count: int) -> str:
    language = case.language if case.language in _GREETINGS else "id"
    greetings = _GREETINGS[language or "id"]
    name = (message.author_name or "").strip()[:_LONGEST_NAME] or _NAMELESS[
        language or "id"
    ]
    return greetings[(count - 1) % len(greetings)].format(name=name)


def _try(
    session: Session, now: datetime, case: Case, target: Target, text: str
) -> Planned:
    draft = replies.Outgoing(case, target.message, target.account, text)
    preview = replies.preview_of(session, now, draft)
    problem = preview.problem
    if problem is None and target.until is not None and target.until <= now:
        problem = "window_closed"
    return Planned(target.message, target.account, text, preview, problem)


def queue(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    text: str,
    *,
    key: str,
    without: Sequence[int] = (),
    although: str | None = None,
) -> Notice:
    """Queue the notice: one reply a reporter that can be told. `without`: messages
    whose reporters the writer took out after seeing the plan. `although`: why what is
    surely personal in it must go out.

    Whoever holds the case may, and of a closed one whoever closed it. Refusal:
    not_claimed, nobody, empty, personal_data_stopped.
    """
    with database.writing() as session:
        known = session.exec(select(Notice).where(Notice.key == key)).first()
        if known is not None:
            return known
        case = casefile.act_in(session, now, viewer, number).case
        holder = case.closed_by if case.status == "closed" else case.claimed_by
        if holder != viewer.id:
            raise Refusal(f"claim case {case.number} before you answer", "not_claimed")
        said = outward.clear(text.strip(), although)
        planned = leave_out(plan(session, now, viewer, case, said.text), without)
        if all(one.left_out for one in planned):
            raise Refusal(f"nobody of case {case.number} can be told this", "nobody")
        return write(session, now, viewer, case, said, planned, key=key)


def leave_out(planned: Sequence[Planned], without: Sequence[int]) -> list[Planned]:
    """The same without the reporters of these messages."""
    return [
        (
            replace(one, left_out=one.left_out or "taken_out")
            if one.message.id in without
            else one
        )
        for one in planned
    ]


def write(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    said: Cleared,
    planned: Sequence[Planned],
    *,
    key: str,
) -> Notice:
    """A notice with its replies, in the caller's transaction."""
    notice = Notice(
        key=key, case_id=case.id, person_id=viewer.id, text=said.text, created_at=now
    )
    session.add(notice)
    session.flush()
    for one in planned:
        _address(session, now, viewer, notice, one, said)
    left_out = sum(one.left_out is not None for one in planned)
    changed(
        session,
        viewer.actor,
        "notified",
        case,
        notice=notice.id,
        replies=len(planned) - left_out,
        left_out=left_out,
        **said.trail(),
    )
    return notice


def _address(
    session: Session,
    now: datetime,
    viewer: Viewer,
    notice: Notice,
    one: Planned,
    said: Cleared,
) -> None:
    told = NoticeRecipient(
        notice_id=notice.id, message_id=one.message.id, left_out=one.left_out
    )
    session.add(told)
    if one.left_out is not None or one.account is None:
        return
    answer = outward.queued(
        said,
        begins=one.text.removesuffix(said.text),
        key=uuid.uuid4().hex,
        case_id=notice.case_id,
        message_id=one.message.id,
        account_id=one.account.id,
        person_id=viewer.id,
        created_at=now,
    )
    session.add(answer)
    session.flush()
    told.reply_id = answer.id


@dataclass(frozen=True, slots=True)
class Told:
    """One reporter of a notice. `state`: of their reply, or "left_out" with its
    reason."""

    message: Message
    reply: Reply | None
    state: str
    reason: str | None


def told(session: Session, notice_id: int) -> list[Told]:
    """What became of a notice, reporter by reporter."""
    query = (
        select(NoticeRecipient, Message)
        .join(Message, col(Message.id) == col(NoticeRecipient.message_id))
        .where(NoticeRecipient.notice_id == notice_id)
        .order_by(col(NoticeRecipient.id))
    )
    found: list[Told] = []
    for row, message in session.exec(query).all():
        reply = session.get(Reply, row.reply_id) if row.reply_id else None
        state, reason = (
            ("left_out", row.left_out) if reply is None else (reply.state, reply.error)
        )
        found.append(Told(message, reply, state, reason))
    return found


def of_case(session: Session, case_id: int) -> list[Notice]:
    """The notices of a case, the newest first."""
    query = select(Notice).where(Notice.case_id == case_id)
    return list(session.exec(query.order_by(col(Notice.id).desc())))


def last_answer(session: Session, case: Case) -> str:
    """What the case was answered with last: what a notice begins with. "" where nothing
    was."""
    query = select(Reply.text).where(
        Reply.case_id == case.id,
        col(Reply.private).is_(False),
        col(Reply.state).in_(_ON_ITS_WAY),
    )
    return session.exec(query.order_by(col(Reply.id).desc()).limit(1)).first() or ""
