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
    return replace(
        said,
        author_id=first if said.author_id in ids else said.author_id,
        conversation_id=first if said.conversation_id in ids else said.conversation_id,
    )


def _wrote_as(session: Session, channel: str, ids: Sequence[str]) -> str | None:
    query = select(Message.author_id).where(
        Message.channel == channel, col(Message.author_id).in_(ids)
    )
    return session.exec(query.order_by(col(Message.id)).limit(1)).first()
