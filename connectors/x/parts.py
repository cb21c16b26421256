"""What X's old and new wire formats have in common. Pure."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

from connectors._shared.fields import Json, epoch_time, ident, iso_time, string
from connectors.base import Geo, Media, Message
from connectors.errors import BadItem


def said_at(value: Any) -> datetime | None:
    """ISO 8601 of version 2, or "Wed Aug 27 13:08:45 +0000 2008" of version 1.1."""
    found = iso_time(value)
    if found is not None or not isinstance(value, str):
        return found
    try:
        return datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
    except (ValueError, OverflowError):
        return epoch_time(value)


def point(value: Any, label: str | None) -> Geo | None:
    """A GeoJSON point: longitude first."""
    pair = value.get("coordinates") if isinstance(value, dict) else None
    if not isinstance(pair, list) or len(pair) != 2:
        return None
    longitude, latitude = pair
    if not isinstance(longitude, int | float) or not isinstance(latitude, int | float):
        return None
    return Geo(float(latitude), float(longitude), label)


def escaped(text: str | None) -> dict[str, Any]:
    """X escapes &, < and > in texts; they are kept as they came and must be undone for
    readers."""
    return {"html_escaped": True} if text and html.unescape(text) != text else {}


def permalink(username: str | None, native_id: str) -> str:
    return f"https://x.com/{username or 'i/web'}/status/{native_id}"


def address(
    native_id: str,
    author_id: str | None,
    username: str | None,
    mentions: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "post_id": native_id,
        "author_id": author_id,
        "author_handle": username,
        "summoned": list(mentions),
    }


def private(
    native_id: str,
    conversation: str | None,
    sender: str | None,
    author: Json,
    text: str | None,
    created_at: datetime | None,
    account: str | None,
    *,
    media: tuple[Media, ...] = (),
    geo: Geo | None = None,
) -> Message:
    own = account is not None and sender == account
    return Message(
        "dm",
        native_id,
        conversation_id=conversation,
        author_id=sender,
        author_name=string(author, "name"),
        author_handle=string(author, "username") or string(author, "screen_name"),
        text=text,
        media=media,
        created_at=created_at,
        public=False,
        is_own=own,
        geo=geo,
        reply_to=_private_address(conversation, sender) if not own else None,
        extra=escaped(text),
    )


def sealed_chat(told: Json, account: str | None) -> Message:
    """Somebody wrote in X Chat, whose words nobody but the two phones can read.

    Source: docs.x.com, "Real-time X Chat Events" (July 2026): ids, a time in
    milliseconds, and ciphertext.
    """
    native_id, sender = ident(told, "id"), ident(told, "sender_id")
    if native_id is None:
        raise BadItem("an encrypted message without an id")
    return Message(
        "system",
        native_id,
        conversation_id=_of_messages(ident(told, "conversation_id")),
        author_id=sender,
        created_at=epoch_time(told.get("created_at_msec")),
        public=False,
        is_own=account is not None and sender == account,
        reply_to=_private_address(None, sender),
        extra={"notice": "chat", "tried": "sealed_chat"},
    )


def _of_messages(chat: str | None) -> str | None:
    """The conversation that direct messages of the same two people have: their ids, the
    smaller first."""
    if chat is None or not re.fullmatch(r"\d+:\d+", chat, re.ASCII):
        return chat
    return "-".join(sorted(chat.split(":"), key=int))


def _private_address(
    conversation: str | None, sender: str | None
) -> dict[str, Any] | None:
    """Conversations of two are named after both; one of several is answered as a
    whole."""
    if conversation and "-" not in conversation and ":" not in conversation:
        return {"dm_conversation_id": conversation}
    return {"participant_id": sender} if sender else None


def gone(
    native_id: str | None, author_id: str | None, at: datetime | None = None
) -> Message:
    if native_id is None:
        raise BadItem("a deletion that does not say of what")
    return Message(
        "delete",
        native_id,
        author_id=author_id,
        target_id=native_id,
        created_at=at,
        extra={"made_up_id": True},
    )
