"""Which case a letter goes on with, and what of it is new.

By what it answers: ids of our answers and keys in the addresses we ask answers at,
which only their recipients know, then ids of messages; on any account of the channel.
By the number of a case only from somebody who wrote in that case before, since numbers
can be guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import Session, col, select

from aggregator.rules.reports import casenumbers
from aggregator.rules.text import subjects
from aggregator.store import marks
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from connectors import base


@dataclass(frozen=True, slots=True)
class Answered:
    """`why`: thread or number."""

    case: Case
    why: str


def answered(session: Session, channel: str, said: base.Message) -> Answered | None:
    """The case a message goes on with by what it says it answers."""
    case_id = _of_our_answer(session, channel, said) or _of_a_message(
        session, channel, said
    )
    if case_id is not None:
        return Answered(_holding(session, session.get_one(Case, case_id)), "thread")
    case = _named(session, channel, said)
    return Answered(case, "number") if case is not None else None


def answer_with(session: Session, channel: str, said: base.Message) -> Reply | None:
    """The answer of ours that a message of ours is."""
    return _first_answer(session, channel, said.answer_keys, (said.native_id,))


def text_of(session: Session, said: base.Message, found: Answered | None) -> str | None:
    """What was said, with the subject where that is new in its case."""
    if said.subject is None and said.case_number is None:
        return said.text
    if found is None:
        return subjects.together(said.subject, said.text, number=said.case_number)
    query = select(Message.extra).where(Message.case_id == found.case.id)
    known = {
        str(extra["subject"]) for extra in session.exec(query) if "subject" in extra
    }
    return subjects.together(said.subject, said.text, known=known)


def _of_our_answer(session: Session, channel: str, said: base.Message) -> int | None:
    # most platforms give our own posts back late or never: what answers one of them is
    # known by the id it had when it was sent
    parent = (said.parent_id,) if said.parent_id else ()
    reply = _first_answer(session, channel, said.answer_keys, (*said.thread, *parent))
    if reply is None:
        return None
    # messages move with their case when cases are joined or parted
    return session.get_one(Message, reply.message_id).case_id or reply.case_id


def _first_answer(
    session: Session, channel: str, keys: tuple[str, ...], ids: tuple[str, ...]
) -> Reply | None:
    if not keys and not ids:
        return None
    return session.exec(
        select(Reply)
        .join(Account, col(Account.id) == col(Reply.account_id))
        .where(
            Account.channel == channel,
            or_(col(Reply.key).in_(keys), col(Reply.external_id).in_(ids)),
        )
        .order_by(col(Reply.id).desc())
    ).first()


def _of_a_message(session: Session, channel: str, said: base.Message) -> int | None:
    if not said.thread:
        return None
    ids = list(said.thread)
    if (marked := marks.known(session)) is not None:
        ids += marked.of_all(channel, said.thread)
    return session.exec(
        select(Message.case_id)
        .where(
            Message.channel == channel,
            col(Message.native_id).in_(ids),
            col(Message.case_id).is_not(None),
        )
        .order_by(col(Message.id).desc())
    ).first()


def _named(session: Session, channel: str, said: base.Message) -> Case | None:
    number = casenumbers.tidy(said.case_number or "")
    if not casenumbers.is_valid(number) or said.author_id is None:
        return None
    case = session.exec(select(Case).where(Case.number == number)).first()
    if case is None:
        return None
    case = _holding(session, case)
    wrote_before = select(Message.id).where(
        Message.case_id == case.id,
        Message.channel == channel,
        Message.author_id == said.author_id,
        Message.direction == "in",
    )
    return case if session.exec(wrote_before).first() is not None else None


def _holding(session: Session, case: Case) -> Case:
    while case.joined_into is not None:
        case = session.get_one(Case, case.joined_into)
    return case
