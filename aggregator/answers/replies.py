"""What is said to residents: to which message, through which account, queued once (T3).

Sending itself is outbox.py. An answer belongs to its message and stays where the
message is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

import connectors
from aggregator.cases import closing, deadlines, reminders
from aggregator.cases.casefile import acting, find_in, id_of
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, MessageAccount
from connectors import base

ASIDE = "-open"
"""Ends the key of the public sentence beside a private answer: it leaves once that has
arrived."""
UNDO_WITHIN = timedelta(seconds=10)
"""So long an answer of the pages waits, to be taken back."""


@dataclass(frozen=True, slots=True)
class Target:
    """A message that can be answered through an account.

    `until`: when the platform stops taking answers (None: never). `private`: a private
    answer to this public message is possible.
    """

    message: Message
    account: Account
    until: datetime | None
    private: bool
    limit: int


_ANSWERABLE = (
    select(Message, Account)
    .join(MessageAccount, col(MessageAccount.message_id) == col(Message.id))
    .join(Account, col(Account.id) == col(MessageAccount.account_id))
    .where(
        col(Message.case_id) == bindparam("case"),
        col(Message.direction) == "in",
        col(Message.deleted_at).is_(None),
        col(Account.status).in_(("active", "paused")),
    )
    .order_by(col(Message.created_at), col(Message.id))
)


def targets(session: Session, viewer: Viewer, case: Case) -> list[Target]:
    """Which messages can be answered through which account, the viewer's own accounts
    first."""
    rows = session.exec(_ANSWERABLE, params={"case": case.id})
    able = [
        _as_target(session, message, account)
        for message, account in rows
        if message.reply_to is not None
        and "reply" in base.abilities(connectors.load(account.channel))
    ]
    return sorted(
        able, key=lambda target: target.account.agency_code != viewer.agency_code
    )


def _as_target(session: Session, message: Message, account: Account) -> Target:
    kind = connectors.load(account.channel)
    return Target(
        message,
        account,
        until=newest_of_conversation(session, message).reply_until,
        private=message.public and "private" in base.abilities(kind),
        limit=kind.text_limit,
    )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer somebody is writing: to which message, through which account."""

    case: Case
    message: Message
    account: Account
    text: str
    key: str = ""
    private: bool = False
    files: tuple[base.Upload, ...] = ()

    def outgoing(self, session: Session, now: datetime) -> base.Reply:
        """As its connector wants it."""
        to = {
            **(newest_of_conversation(session, self.message).reply_to or {}),
            **self.account.facts,
            "account_handle": self.account.handle.lower(),
            "account_id": self.account.external_id,
        }
        number = self.case.number or ""
        return base.Reply(
            self.key,
            self.text,
            to,
            number,
            now=now,
            private=self.private,
            files=self.files,
        )


_NEWEST = (
    select(Message)
    .where(
        col(Message.channel) == bindparam("channel"),
        col(Message.scope) == bindparam("scope"),
        col(Message.conversation_id) == bindparam("conversation"),
        col(Message.author_id).is_not_distinct_from(bindparam("author")),
        col(Message.direction) == "in",
        col(Message.deleted_at).is_(None),
        col(Message.reply_to).is_not(None),
    )
    .order_by(col(Message.created_at).desc(), col(Message.id).desc())
    .limit(1)
)


def newest_of_conversation(session: Session, message: Message) -> Message:
    """The last thing a person wrote in a private conversation: windows count from
    there."""
    if message.public or message.conversation_id is None:
        return message
    here = {
        "channel": message.channel,
        "scope": message.scope,
        "conversation": message.conversation_id,
        "author": message.author_id,
    }
    return session.exec(_NEWEST, params=here).first() or message


def outgoing(
    session: Session, now: datetime, reply: Reply
) -> tuple[Account, base.Reply]:
    """A stored reply as its connector wants it."""
    case = session.get_one(Case, reply.case_id)
    message = session.get_one(Message, reply.message_id)
    account = session.get_one(Account, reply.account_id)
    draft = Outgoing(case, message, account, reply.text, reply.key, reply.private)
    return account, draft.outgoing(session, now)


def _target(
    session: Session,
    viewer: Viewer,
    case: Case,
    message_id: int | None,
    account_id: int | None,
) -> tuple[Message, Account]:
    for target in targets(session, viewer, case):
        message, account = target.message, target.account
        if message_id in (None, message.id) and account_id in (None, account.id):
            return message, account
    raise Refusal(
        f"no message of case {case.number} can be answered through that account",
        "no_target",
    )


def preview_of(session: Session, now: datetime, draft: Outgoing) -> base.Preview:
    """What would be sent, and what stands in the way. Sends nothing."""
    connector = connectors.load(draft.account.channel)
    assert isinstance(connector, type) and hasattr(connector, "preview")
    preview: base.Preview = connector.preview(draft.outgoing(session, now))
    return preview


def preview_reply(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    text: str,
    *,
    message_id: int | None = None,
    account_id: int | None = None,
    private: bool = False,
    files: tuple[base.Upload, ...] = (),
) -> tuple[base.Preview, Message, Account]:
    """What would be sent, through which account, and what stands in the way. Sends
    nothing."""
    with database.reading() as session:
        case = find_in(session, viewer, number)
        message, account = _target(session, viewer, case, message_id, account_id)
        draft = Outgoing(case, message, account, text, private=private, files=files)
        return preview_of(session, now, draft), message, account


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of an answer: as it is kept (`Reply.files`) and as it is sent.

    `stays`: shown with the case as a proof, not sent, because the channel takes no
    files.
    """

    sha256: str
    upload: base.Upload
    stays: bool = False

    def stored(self) -> dict[str, Any]:
        kept = {
            "sha256": self.sha256,
            "name": self.upload.name,
            "mime": self.upload.mime,
        }
        return {**kept, "stays": True} if self.stays else kept


def reply(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    text: str,
    *,
    key: str,
    message_id: int | None = None,
    account_id: int | None = None,
    private: bool = False,
    version: int | None = None,
    files: tuple[Kept, ...] = (),
    hold: timedelta = timedelta(),
    publicly: str | None = None,
    closes: bool = False,
    outcome: str = "selesai",
    waive: str | None = None,
    waits: bool = False,
) -> Reply:
    """Queue an answer. The same `key` again is the same answer, whatever else is said.

    `hold`: so long it waits, to be taken back. `publicly`: together with a private
    answer, this is said in public ("we go on in private"); both are queued or none.
    `closes`: the case is closed once the answer has arrived, as `outcome`; other
    offices that still act need not (`waive`), or only one's own part ends. `waits`: it
    asks the resident, and once it has arrived the case waits for them.
    """
    if not text.strip() or (publicly is not None and not publicly.strip()):
        raise Refusal("the answer is empty", "empty")
    with database.writing() as session:
        known = session.exec(select(Reply).where(Reply.key == key)).first()
        if known is not None:
            return known
        case = acting(session, viewer, number, version)
        if case.claimed_by != viewer.id:
            raise Refusal(f"claim case {case.number} before you answer", "not_claimed")
        if closes:
            closing.check_ending(session, viewer, case, waive)
        message, account = _target(session, viewer, case, message_id, account_id)
        uploads = tuple(file.upload for file in files if not file.stays)
        draft = Outgoing(case, message, account, text.strip(), key, private, uploads)
        if publicly is not None:
            aside = Outgoing(case, message, account, publicly.strip(), f"{key}{ASIDE}")
            _queue(session, now, viewer, aside, (), hold)
        answer = _queue(session, now, viewer, draft, files, hold)
        if closes:
            answer.closes, answer.outcome, answer.waives = True, outcome, waive
        elif waits:
            answer.outcome = closing.WAITS
        case.version += 1
        case.claimed_at = now
        return answer


def _queue(
    session: Session,
    now: datetime,
    viewer: Viewer,
    draft: Outgoing,
    files: tuple[Kept, ...],
    hold: timedelta,
) -> Reply:
    preview = preview_of(session, now, draft)
    if preview.problem:
        raise Refusal(f"{draft.account.channel}: {preview.problem}", preview.problem)
    assert draft.message.id is not None and draft.account.id is not None
    answer = Reply(
        key=draft.key,
        case_id=id_of(draft.case),
        message_id=draft.message.id,
        account_id=draft.account.id,
        person_id=viewer.id,
        text=draft.text,
        private=draft.private,
        files=[file.stored() for file in files],
        created_at=now,
        not_before=now + hold if hold else None,
    )
    session.add(answer)
    session.flush()
    record(session, viewer.actor, "replied", "case", id_of(draft.case), reply=answer.id)
    return answer


def settle(
    database: Database, now: datetime, viewer: Viewer, reply_id: int, *, arrived: bool
) -> Reply:
    """A person has looked on the platform whether an `unknown` answer arrived.

    If it did not, it is queued again; nothing is ever sent again without this.
    """
    with database.writing() as session:
        answer = session.get(Reply, reply_id)
        if answer is None:
            raise Refusal("there is no such answer", "no_such_reply")
        case = session.get_one(Case, answer.case_id)
        acting(session, viewer, case.number or "")
        if answer.state not in ("unknown", "refused"):
            raise Refusal(f"the answer is {answer.state}", "not_unknown")
        answer.delivery = None
        if arrived:
            answer.state, answer.sent_at = "sent", answer.sending_at or now
            answer.error = answer.error_code = None
            case.status = "answered" if case.status == "new" else case.status
            deadlines.answered(session, now, case, answer.sent_at)
            reminders.note_promises(session, answer.sent_at, answer)
            closing.close_after(session, now, answer)
        else:
            answer.state, answer.not_before = "queued", now
            answer.error = answer.error_code = answer.external_id = answer.permalink = (
                None
            )
        case.version += 1
        record(
            session,
            viewer.actor,
            "settled",
            "case",
            id_of(case),
            reply=reply_id,
            arrived=arrived,
        )
        return answer


def cancel_reply(
    database: Database, now: datetime, viewer: Viewer, reply_id: int
) -> Reply:
    """Withdraw an answer that is not on its way yet, or give up one that failed.

    Of a hand-over both halves, whichever was meant; the private one is returned.
    """
    with database.writing() as session:
        answer = session.get(Reply, reply_id)
        if answer is None:
            raise Refusal("there is no such answer", "no_such_reply")
        case = session.get_one(Case, answer.case_id)
        acting(session, viewer, case.number or "")
        changed = session.execute(
            update(Reply)
            .where(
                col(Reply.id) == reply_id,
                col(Reply.state).in_(("queued", "try_later", "refused", "unknown")),
            )
            .values(state="cancelled")
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise Refusal(f"the answer is {answer.state}", "too_late")
        case.version += 1
        record(
            session,
            viewer.actor,
            "cancelled_reply",
            "case",
            id_of(case),
            reply=reply_id,
        )
        session.refresh(answer)
        other = _other_half(session, answer)
        if other is None:
            return answer
        session.execute(
            update(Reply)
            .where(col(Reply.id) == other.id, col(Reply.state) == "queued")
            .values(state="cancelled")
        )
        session.refresh(other)
        return other if answer.key.endswith(ASIDE) else answer


def _other_half(session: Session, answer: Reply) -> Reply | None:
    """Of a hand-over: the public sentence of a private answer, the answer of the
    sentence."""
    aside = answer.key.endswith(ASIDE)
    key = answer.key.removesuffix(ASIDE) if aside else f"{answer.key}{ASIDE}"
    query = select(Reply).where(Reply.key == key, Reply.case_id == answer.case_id)
    return session.exec(query).first()
