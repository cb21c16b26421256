"""One person under several ids of a channel: WhatsApp names somebody by telephone
number, by an id of its own, or by both, and either may change.

Messages stand under the id by which the person was first known; what comes under
another is read as theirs, so that a conversation stays one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.store.tables.intake import AuthorAlias, Message
from connectors import base


def known_as(
    session: Session, now: datetime, channel: str, said: base.Message
) -> base.Message:
    """The message under the id its person is known by; others are noted as theirs."""
    ids = said.person_ids
    if not ids:
        return said
    noted = {
        row.alias: row.author_id
        for row in session.exec(
            select(AuthorAlias).where(
                AuthorAlias.channel == channel, col(AuthorAlias.alias).in_(ids)
            )
        )
    }
    first = next((noted[one] for one in ids if one in noted), None)
    first = first or _wrote_as(session, channel, ids) or ids[0]
    for one in ids:
        if one != first and one not in noted:
            session.add(
                AuthorAlias(channel=channel, alias=one, author_id=first, noted_at=now)
            )
    theirs = said.author_id in ids or (said.kind == "system" and not said.author_id)
    return replace(
        said,
        author_id=first if theirs else said.author_id,
        conversation_id=first if said.conversation_id in ids else said.conversation_id,
    )


def move(session: Session, channel: str, said: base.Message) -> None:
    """Answers to what a person wrote before go to where the platform says that they are
    now (`extra["moved"]`: what changes of `reply_to`)."""
    to, ids = said.extra.get("moved"), set(said.person_ids)
    if not to or said.author_id is None:
        return
    written = session.exec(
        select(Message).where(
            Message.channel == channel,
            Message.author_id == said.author_id,
            Message.direction == "in",
            col(Message.reply_to).is_not(None),
        )
    )
    for message in written:
        address = message.reply_to or {}
        if ids & {value for value in address.values() if isinstance(value, str)}:
            message.reply_to = {**address, **to}


def _wrote_as(session: Session, channel: str, ids: Sequence[str]) -> str | None:
    query = select(Message.author_id).where(
        Message.channel == channel, col(Message.author_id).in_(ids)
    )
    return session.exec(query.order_by(col(Message.id)).limit(1)).first()
