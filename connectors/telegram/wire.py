"""Telegram's wire format to messages. Pure; total over whatever JSON arrives.

Source: core.telegram.org/bots/api (Bot API 10.3). Ids of messages are unique within
their chat; in private chats and basic groups each bot counts for itself, so there the
bot is part of the scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    epoch_time,
    objects,
    only,
    string,
    sub,
)
from connectors.base import Geo, Kind, Media, Message, RawItem
from connectors.errors import BadItem
from connectors.telegram import rich

MESSAGE_KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
    "guest_message",
)
ALLOWED_UPDATES = (
    *MESSAGE_KINDS,
    "business_connection",
    "deleted_business_messages",
    "my_chat_member",
    "callback_query",
)
BUSINESS_WINDOW = timedelta(hours=24)
"""A bot may answer in a business account's chat for a day after the customer wrote."""
_MEDIA = (
    "photo",
    "live_photo",
    "video",
    "animation",
    "voice",
    "audio",
    "video_note",
    "document",
    "sticker",
)
_SERVICE = frozenset(
    {
        "boost_added",
        "channel_chat_created",
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "chat_shared",
        "checklist_tasks_done",
        "community_chat_added",
        "community_chat_joined",
        "community_chat_removed",
        "connected_website",
        "delete_chat_photo",
        "direct_message_price_changed",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "gift",
        "gift_upgrade_sent",
        "giveaway",
        "giveaway_completed",
        "giveaway_created",
        "giveaway_winners",
        "group_chat_created",
        "left_chat_member",
        "left_chat_participant",
        "managed_bot_created",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_member",
        "new_chat_members",
        "new_chat_participant",
        "new_chat_photo",
        "new_chat_title",
        "paid_message_price_changed",
        "passport_data",
        "pinned_message",
        "poll_option_added",
        "poll_option_deleted",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "suggested_post_approval_failed",
        "suggested_post_approved",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "supergroup_chat_created",
        "unique_gift",
        "user_shared",
        "users_shared",
        "video_chat_ended",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "video_chat_started",
        "voice_chat_ended",
        "voice_chat_participants_invited",
        "voice_chat_scheduled",
        "voice_chat_started",
        "web_app_data",
        "write_access_allowed",
    }
)
"""What a message may report instead of saying something. What is not listed is shown: a
kind of content that comes with a later version must not swallow a report."""


def messages_of(item: RawItem) -> Iterator[Message]:
    """The messages of one update or one bare Message object."""
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("an update that is not an object")
    if "message_id" in payload and "chat" in payload:
        yield _message("message", payload, item.account)
        return
    for kind, read in _READERS.items():
        if payload.get(kind) is None:
            continue
        if not isinstance(payload[kind], dict):
            raise BadItem(f"an update whose {kind} is not an object")
        yield from read(payload[kind], item.account)
        return
    if "update_id" not in payload:
        raise BadItem("an object that is no update: it has no update_id")


def _message(update_kind: str, said: Json, bot: str | None) -> Message:
    chat = sub(said, "chat")
    chat_id, message_id = _id(chat), _number(said.get("message_id"))
    author = _author(said)
    whispered = _whispered(said, author["id"])
    if chat_id is None or (message_id is None and whispered is None):
        raise BadItem("a message without chat id or message id")
    native_id = f"{chat_id}:{whispered or message_id}"
    edited = update_kind.startswith("edited")
    parent = _parent(said)
    business = string(said, "business_connection_id")
    # in the chats of a business account the other one is the customer, whose id the
    # chat has
    own = author["id"] == (bot or "") or (
        business is not None and author["id"] != chat_id
    )
    # in a guest's chat the bot is not; what was whispered to it is answered at once or
    # never
    unanswerable = own or update_kind == "guest_message" or whispered is not None
    said_at = epoch_time(said.get("date"))
    until = said_at + BUSINESS_WINDOW if business and said_at and not own else None
    return Message(
        kind=_kind(said, chat, edited),
        native_id=native_id,
        parent_id=f"{chat_id}:{parent}" if parent is not None else None,
        conversation_id=chat_id,
        author_id=author["id"],
        author_name=author["name"],
        author_handle=author["handle"],
        text=_words(said),
        media=tuple(_media(said, native_id)),
        created_at=said_at,
        scope=_scope(chat, bot, said),
        public=not _is_private(chat) and whispered is None,
        permalink=_permalink(chat, chat_id, message_id) if message_id else None,
        edited_at=epoch_time(said.get("edit_date")) if edited else None,
        group_id=string(said, "media_group_id"),
        target_id=native_id if edited else None,
        mentions=tuple(_mentions(said)),
        is_own=own,
        contact=_own_number(said, author["id"]),
        geo=_geo(said),
        language=string(sub(said, "from"), "language_code"),
        reply_to=None if unanswerable else _address(said, chat, chat_id, until),
        reply_until=until,
        extra=_extra(said, chat),
    )


def _own_number(said: Json, author: str | None) -> str | None:
    """The number on a shared card, where it is the card of whoever shares it and not a
    friend's."""
    card = sub(said, "contact")
    own = author is not None and _id({"id": card.get("user_id")}) == author
    return string(card, "phone_number") if own else None


def _parent(said: Json) -> int | None:
    """What is answered. In a topic every message "answers" the notice that opened
    it."""
    parent = _number(sub(said, "reply_to_message").get("message_id"))
    opened = (
        _number(said.get("message_thread_id")) if said.get("is_topic_message") else None
    )
    return parent if parent != opened else None


def _whispered(said: Json, author: str | None) -> str | None:
    """The id of an ephemeral message, which only its sender and the bot see. Their ids
    are unique for a chat and a person; the ordinary id is 0 there."""
    told = _number(said.get("ephemeral_message_id"))
    return f"ephemeral:{author}:{told}" if told is not None and author else None


def _words(said: Json) -> str | None:
    return (
        string(said, "text")
        or string(said, "caption")
        or rich.words(said)
        or "\n".join(_listed(said))
        or None
    )


def _kind(said: Json, chat: Json, edited: bool) -> Kind:
    if _service(said):
        return "system"
    if edited:
        return "edit"
    return "dm" if _is_private(chat) or "ephemeral_message_id" in said else "post"


def _is_private(chat: Json) -> bool:
    """With one person; the direct messages of a channel are a supergroup to the Bot
    API. Where the type is missing the id tells: only people have positive ones."""
    if "type" not in chat:
        return (_number(chat.get("id")) or 0) > 0
    return chat["type"] == "private" or chat.get("is_direct_messages") is True


def _address(
    said: Json, chat: Json, chat_id: str, until: datetime | None
) -> dict[str, Any]:
    """Only topics have threads that can be addressed; elsewhere the id names a chain of
    answers."""
    topic = sub(said, "direct_messages_topic").get("topic_id")
    return {
        "chat_id": chat_id,
        "message_id": said.get("message_id"),
        "public": not _is_private(chat),
        **only(
            thread=said.get("message_thread_id")
            if said.get("is_topic_message")
            else None
        ),
        **only(direct_topic=topic if isinstance(topic, int) else None),
        **only(business=string(said, "business_connection_id")),
        **only(until=until.isoformat() if until else None),
    }


def _service(said: Json) -> str | None:
    """The name of the service a message reports (joins, pins, migrations), else
    None."""
    if _words(said):
        return None
    return next((name for name in said if name in _SERVICE), None)


def _author(said: Json) -> dict[str, str | None]:
    sender = said.get("sender_chat")
    if isinstance(sender, dict):
        return {
            "id": _id(sender),
            "name": string(sender, "title"),
            "handle": string(sender, "username"),
        }
    return _user(sub(said, "from"))


def _user(user: Json) -> dict[str, str | None]:
    names = [string(user, "first_name"), string(user, "last_name")]
    return {
        "id": _id(user),
        "name": " ".join(name for name in names if name) or None,
        "handle": string(user, "username"),
    }


def _media(said: Json, native_id: str) -> Iterator[Media]:
    """Of the message itself, of what it sells, of its poll and of the blocks of a rich
    message."""
    holders = [said, *objects(sub(said, "paid_media").get("paid_media"))]
    holders += [sub(said, "poll", "media"), *rich.files(said)]
    for holder in holders:
        for kind in _MEDIA:
            if kind == "document" and "animation" in holder:
                continue  # an animation is repeated as a document for old clients
            if kind == "live_photo" and "photo" in holder:
                continue  # its picture; the other part is the seconds around it
            value = holder.get(kind)
            if kind == "photo":
                value = next(reversed(objects(value)), None)
            if isinstance(value, dict):
                yield _file(kind, value, native_id)


def _file(kind: str, value: Json, native_id: str) -> Media:
    file_id = string(value, "file_id")
    return Media(
        type=kind,
        native_id=string(value, "file_unique_id") or file_id,
        ref={"file_id": file_id} if file_id else {},
        mime=string(value, "mime_type"),
        part_id=native_id,
        description=string(value, "file_name"),
    )


def _listed(said: Json) -> Iterator[str]:
    """A poll or a checklist, a line each: its title, then what can be chosen or
    done."""
    for name, title, entries in (
        ("poll", "question", "options"),
        ("checklist", "title", "tasks"),
        ("checklist_tasks_added", "title", "tasks"),
    ):
        found = sub(said, name)
        if named := string(found, title):
            yield named
        for row in objects(found.get(entries)):
            if entry := string(row, "text"):
                yield f"- {entry}"


def _geo(said: Json) -> Geo | None:
    venue = sub(said, "venue")
    location = sub(venue, "location") or sub(said, "location")
    lat, lon = location.get("latitude"), location.get("longitude")
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None
    return Geo(float(lat), float(lon), string(venue, "title"))


def _mentions(said: Json) -> Iterator[str]:
    """Handles in the text. Offsets of entities count UTF-16 units."""
    text = said.get("text") or said.get("caption")
    entities = said.get("entities") or said.get("caption_entities")
    if not isinstance(text, str) or not isinstance(entities, list):
        return
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in entities:
        if not isinstance(entity, dict) or entity.get("type") != "mention":
            continue
        start, length = entity.get("offset"), entity.get("length")
        if (
            isinstance(start, int)
            and isinstance(length, int)
            and start >= 0
            and length > 0
        ):
            handle = units[start * 2 : (start + length) * 2].decode(
                "utf-16-le", "ignore"
            )
            yield handle.removeprefix("@").lower()


def _extra(said: Json, chat: Json) -> dict[str, Any]:
    service = _service(said)
    migrated = said.get("migrate_to_chat_id")
    return {
        "chat_type": chat.get("type"),
        **only(chat_title=chat.get("title")),
        **only(topic_id=said.get("message_thread_id")),
        **only(service=service),
        **only(migrate_to_chat_id=str(migrated) if migrated is not None else None),
        **only(
            forwarded=True
            if "forward_origin" in said or "forward_date" in said
            else None
        ),
        **only(mirrored=said.get("is_automatic_forward")),
        **only(live_location=True if "live_period" in sub(said, "location") else None),
    }


def _deleted(gone: Json, bot: str | None) -> Iterator[Message]:
    chat = sub(gone, "chat")
    ids = [
        found for each in as_list(gone.get("message_ids")) if (found := _number(each))
    ]
    if _id(chat) is None or not ids:
        raise BadItem(
            "deleted messages without the chat they were in or without their ids"
        )
    for message_id in ids:
        native_id = f"{_id(chat)}:{message_id}"
        yield Message(
            "delete",
            native_id,
            conversation_id=_id(chat),
            scope=_scope(chat, bot, gone),
            public=False,
        )


def _connection(change: Json, bot: str | None) -> Iterator[Message]:
    """The owner of a business account lets the bot in or out."""
    yield Message(
        "system",
        f"business:{change.get('id')}:{change.get('date')}",
        conversation_id=_id({"id": change.get("user_chat_id")}),
        author_id=_id(sub(change, "user")),
        created_at=epoch_time(change.get("date")),
        public=False,
        extra={"enabled": change.get("is_enabled"), "made_up_id": True},
    )


def _membership(change: Json, bot: str | None) -> Iterator[Message]:
    chat = _id(sub(change, "chat"))
    new = sub(change, "new_chat_member").get("status")
    yield Message(
        "system",
        f"member:{chat}:{change.get('date')}",
        conversation_id=chat,
        author_id=_id(sub(change, "from")),
        created_at=epoch_time(change.get("date")),
        extra={"new_status": new, "made_up_id": True},
    )


def _reaction(change: Json, bot: str | None) -> Iterator[Message]:
    chat = sub(change, "chat")
    actor = change.get("actor_chat")
    author_id = _id(actor if isinstance(actor, dict) else sub(change, "user"))
    message_id = _number(change.get("message_id"))
    if _id(chat) is None or message_id is None:
        raise BadItem("a reaction that does not say to what")
    target = f"{_id(chat)}:{message_id}"
    emoji = (string(each, "emoji") for each in objects(change.get("new_reaction")))
    yield Message(
        "reaction",
        f"reaction:{target}:{author_id}:{change.get('date')}",
        parent_id=target,
        conversation_id=_id(chat),
        author_id=author_id,
        text=next(filter(None, emoji), None),
        created_at=epoch_time(change.get("date")),
        target_id=target,
        extra={"made_up_id": True},
    )


def _callback(pressed: Json, bot: str | None) -> Iterator[Message]:
    message = sub(pressed, "message")
    chat = sub(message, "chat")
    user = _user(sub(pressed, "from"))
    parent, chat_id = _number(message.get("message_id")), _id(chat)
    if _id(pressed) is None:
        raise BadItem("a button pressed without an id")
    yield Message(
        "dm",
        f"cbq:{_id(pressed)}",
        parent_id=f"{chat_id}:{parent}" if chat_id and parent is not None else None,
        conversation_id=chat_id,
        author_id=user["id"],
        author_name=user["name"],
        author_handle=user["handle"],
        text=string(pressed, "data"),
        scope=_scope(chat, bot, message),
        public=False,
        reply_to={
            "chat_id": chat_id,
            "message_id": parent,
            "public": not _is_private(chat),
        }
        if chat_id
        else None,
    )


def _scope(chat: Json, bot: str | None, said: Json) -> str:
    business = string(said, "business_connection_id")
    if business:
        return f"business:{business}"
    return "" if chat.get("type") in ("supergroup", "channel") else f"bot:{bot}"


def _permalink(chat: Json, chat_id: str, message_id: int) -> str | None:
    username = string(chat, "username")
    if chat.get("type") not in ("supergroup", "channel"):
        return None
    if username:
        return f"https://t.me/{username}/{message_id}"
    return f"https://t.me/c/{chat_id.removeprefix('-100')}/{message_id}"


def _id(value: Json) -> str | None:
    """Unlike elsewhere 0 is an id: a number or a string, never a yes or no."""
    found = value.get("id")
    return (
        str(found)
        if isinstance(found, int | str) and not isinstance(found, bool)
        else None
    )


def _number(value: Any) -> int | None:
    """The id of a message; some programs that pass updates on write it as a string."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) < 18
    ):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _reader(update_kind: str) -> Callable[[Json, str | None], Iterator[Message]]:
    return lambda said, bot: iter([_message(update_kind, said, bot)])


_READERS: dict[str, Callable[[Json, str | None], Iterator[Message]]] = {
    **{kind: _reader(kind) for kind in MESSAGE_KINDS},
    "business_connection": _connection,
    "deleted_business_messages": _deleted,
    "my_chat_member": _membership,
    "chat_member": _membership,
    "message_reaction": _reaction,
    "callback_query": _callback,
}
