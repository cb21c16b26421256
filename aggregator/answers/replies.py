"""What is said to residents: to which message, through which account, queued once (T3).

Sending itself is outbox.py. An answer belongs to its message and stays where the
message is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from textwrap import shorten
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, func, select

import connectors
from aggregator.answers import outward
from aggregator.cases import casefile, closing, deadlines, reminders, sight
from aggregator.cases.casefile import CaseFile, Said, Seen
from aggregator.city import prices
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store import versions
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Person
from connectors import base

UNDO_WITHIN = timedelta(seconds=10)
"""So long an answer of the pages waits, to be taken back."""
SAID_WITHIN = timedelta(minutes=10)
"""So long the same words to the same message are taken for a second tab's."""


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


def targets(session: Session, viewer: Viewer, said: Iterable[Said]) -> list[Target]:
    """Which of the messages of a case can be answered through which account, the
    viewer's own accounts first."""
    able = [
        _as_target(session, one.message, account)
        for one in said
        if _is_answerable(one.message)
        for account in one.accounts
        if account.status in ("active", "paused")
        and "reply" in base.abilities(connectors.load(account.channel))
    ]
    return sorted(
        able, key=lambda target: target.account.agency_code != viewer.agency_code
    )


def _is_answerable(message: Message) -> bool:
    return (
        message.direction == "in"
        and message.deleted_at is None
        and message.reply_to is not None
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
        number = self.case.number
        return base.Reply(
            self.key,
            self.text,
            to,
            number,
            now=now,
            private=self.private,
            files=self.files,
            prices=_prices(session, now, self.account),
        )


def _prices(session: Session, now: datetime, account: Account) -> dict[str, float]:
    known = prices.here(account.channel, now.date())
    counts = any(price.free_monthly for price in known.values())
    return prices.after(known, _sent_this_month(session, now, account) if counts else 0)


def _sent_this_month(session: Session, now: datetime, account: Account) -> int:
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    query = select(func.count(col(Reply.id))).where(
        col(Reply.account_id) == account.id,
        col(Reply.state) == "sent",
        col(Reply.sent_at) >= first,
    )
    return session.exec(query).one()


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


def preview_of(session: Session, now: datetime, draft: Outgoing) -> base.Preview:
    """What would be sent, and what stands in the way. Sends nothing."""
    connector = connectors.load(draft.account.channel)
    assert isinstance(connector, type) and hasattr(connector, "preview")
    preview: base.Preview = connector.preview(draft.outgoing(session, now))
    return preview


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody wants to say in a case, and what follows from it.

    `message_id`, `account_id`: None for the first that can be answered. `publicly`:
    together with a private answer, this is said in public ("we go on in private").
    `closes`: the case is closed once the answer has arrived, as `outcome`; other
    offices that still act need not (`waive`), or only one's own part ends. `waits`: it
    asks the resident, and once it has arrived the case waits for them. `although`: why
    what is surely personal in it must go out.
    """

    text: str
    message_id: int | None = None
    account_id: int | None = None
    private: bool = False
    publicly: str | None = None
    files: tuple[Kept, ...] = ()
    closes: bool = False
    outcome: str = "selesai"
    waive: str | None = None
    waits: bool = False
    although: str | None = None

    def is_for(self, target: Target) -> bool:
        return self.message_id in (None, target.message.id) and self.account_id in (
            None,
            target.account.id,
        )


def outgoing_of(file: CaseFile, answer: Answer, key: str = "") -> Outgoing:
    """To which message the answer goes, and through which account. Refusal
    `no_target`."""
    for target in targets(file.session, file.viewer, file.said):
        if answer.is_for(target):
            return Outgoing(
                file.case,
                target.message,
                target.account,
                answer.text.strip(),
                key,
                answer.private,
                tuple(kept.upload for kept in answer.files if not kept.stays),
            )
    raise Refusal(
        f"no message of case {file.number} can be answered through that account",
        "no_target",
    )


@dataclass(frozen=True, slots=True)
class Previewed:
    """What would be sent, to whom and through which account."""

    preview: base.Preview
    message: Message
    account: Account


def preview_reply(file: CaseFile, answer: Answer) -> Previewed:
    """What would be sent, and what stands in the way. Sends nothing. Refusal."""
    draft = outgoing_of(file, answer)
    preview = preview_of(file.session, file.now, draft)
    return Previewed(preview, draft.message, draft.account)


def reply(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    answer: Answer,
    *,
    key: str,
    seen: Seen | None = None,
    hold: timedelta = timedelta(),
) -> Reply:
    """Queue an answer. The same `key` again is the same answer; with other words it is
    of an old page, and refused.

    `hold`: so long it waits, to be taken back. Of a private answer and what is said in
    public beside it both are queued or none.
    """
    check_words(answer)
    with database.writing() as session:
        known = sent_before(session, viewer, number, key, answer)
        if known is not None:
            return known
        file = casefile.act_in(session, now, viewer, number, seen)
        return reply_in(file, answer, key=key, hold=hold)


def check_words(answer: Answer) -> None:
    said = answer.text.strip() and (answer.publicly is None or answer.publicly.strip())
    if not said:
        raise Refusal("the answer is empty", "empty")


def with_key(session: Session, key: str) -> Reply | None:
    return session.exec(select(Reply).where(Reply.key == key)).first()


def sent_before(
    session: Session, viewer: Viewer, number: str, key: str, answer: Answer
) -> Reply | None:
    """The answer that was queued with this key. Refusal `old_page` where it was another
    one: what was typed must not be taken for sent."""
    known = with_key(session, key)
    if known is None:
        return None
    case = session.get_one(Case, known.case_id)
    if (
        (known.person_id, case.number) != (viewer.id, casenumbers.tidy(number))
        or known.text != answer.text.strip()
        or known.private != answer.private
    ):
        raise Refusal(
            "another answer was sent from this page already; open the case again",
            "old_page",
        )
    return known


def reply_in(
    file: CaseFile, answer: Answer, *, key: str, hold: timedelta = timedelta()
) -> Reply:
    """The same in the transaction of a case that is open; no answer has this `key`.
    Refusal."""
    if not file.is_mine:
        raise Refusal(f"claim case {file.number} before you answer", "not_claimed")
    if answer.closes:
        closing.check_ending(file.session, file.viewer, file.case, answer.waive)
    draft = outgoing_of(file, answer, key)
    public = None
    if answer.publicly is not None:
        beside = replace(
            draft,
            text=answer.publicly.strip(),
            key=f"{key}:public",
            private=False,
            files=(),
        )
        public = _queue(file, beside, (), hold, answer.although)
    queued = _queue(file, draft, answer.files, hold, answer.although)
    if public is not None:
        public.beside_id = queued.id
    if answer.closes:
        queued.closes, queued.outcome, queued.waives = (
            True,
            answer.outcome,
            answer.waive,
        )
    elif answer.waits:
        queued.outcome = closing.WAITS
    versions.grow(file.case)
    return queued


def _queue(
    file: CaseFile,
    draft: Outgoing,
    files: tuple[Kept, ...],
    hold: timedelta,
    although: str | None,
) -> Reply:
    said = outward.clear(draft.text, although)
    _not_said_already(file, draft)
    preview = preview_of(file.session, file.now, draft)
    if preview.problem:
        raise Refusal(f"{draft.account.channel}: {preview.problem}", preview.problem)
    queued = outward.queued(
        said,
        key=draft.key,
        case_id=file.id,
        message_id=draft.message.id,
        account_id=draft.account.id,
        person_id=file.viewer.id,
        private=draft.private,
        files=[kept.stored() for kept in files],
        created_at=file.now,
        not_before=file.now + hold if hold else None,
    )
    file.session.add(queued)
    file.session.flush()
    file.record("replied", reply=queued.id, **said.trail())
    return queued


def _not_said_already(file: CaseFile, draft: Outgoing) -> None:
    """Refusal `said_already` where a second tab, or a colleague, has just said it."""
    same = (
        col(Reply.message_id) == draft.message.id,
        col(Reply.text) == draft.text,
        col(Reply.private) == draft.private,
        col(Reply.created_at) > file.now - SAID_WITHIN,
        col(Reply.state).not_in(("cancelled", "refused")),
    )
    query = select(Reply.created_at, Person.name).join(
        Person, col(Person.id) == col(Reply.person_id)
    )
    found = file.session.exec(query.where(*same)).first()
    if found is not None:
        at, who = found
        minutes = max(1, int((file.now - at).total_seconds() // 60))
        raise Refusal(
            f"{who} sent these words to this message {minutes} min ago; the answer"
            f" stands in case {file.number}",
            "said_already",
            who=who,
            minutes=minutes,
            text=shorten(draft.text, 120, placeholder=" …"),
        )


def _act_on(
    session: Session, now: datetime, viewer: Viewer, reply_id: int
) -> tuple[Reply, CaseFile]:
    """An answer, and its case opened for an act. Refusal."""
    answer = session.get(Reply, reply_id)
    case = session.get(Case, answer.case_id) if answer else None
    if answer is None or case is None or sight.hides(session, viewer, case):
        raise Refusal("there is no such answer", "no_such_reply")
    return answer, casefile.act_in(session, now, viewer, case.number or "")


def settle(
    database: Database, now: datetime, viewer: Viewer, reply_id: int, *, arrived: bool
) -> Reply:
    """A person has looked on the platform whether an `unknown` answer arrived.

    If it did not, it is queued again; nothing is ever sent again without this.
    """
    with database.writing() as session:
        answer, file = _act_on(session, now, viewer, reply_id)
        case = file.case
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
        file.changed("settled", reply=reply_id, arrived=arrived)
        return answer


def cancel_reply(
    database: Database, now: datetime, viewer: Viewer, reply_id: int
) -> Reply:
    """Withdraw an answer that is not on its way yet, or give up one that failed.

    Of a hand-over both halves, whichever was meant; the private one is returned.
    """
    with database.writing() as session:
        answer, file = _act_on(session, now, viewer, reply_id)
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
        file.changed("cancelled_reply", reply=reply_id)
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
        return other if answer.beside_id is not None else answer


def _other_half(session: Session, answer: Reply) -> Reply | None:
    """Of a hand-over: the public sentence of a private answer, the answer of the
    sentence."""
    if answer.beside_id is not None:
        return session.get(Reply, answer.beside_id)
    query = select(Reply).where(
        Reply.case_id == answer.case_id, Reply.beside_id == answer.id
    )
    return session.exec(query).first()
