"""TikTok's wire format to messages. Pure; total over whatever JSON arrives.

Source: business-api.tiktok.com/portal/docs (comments of API v1.3, webhooks of Business
Messaging and of comments), 2026. Comment ids are unique on the whole platform. The
`content` of a webhook is JSON inside a string, so it is parsed twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    as_object,
    digest,
    epoch_time,
    ident,
    objects,
    only,
    string,
    sub,
)
from connectors.base import Kind, Media, Message, RawItem
from connectors.errors import BadItem

REPLY_WINDOW = timedelta(hours=48)
MADE_UP = "csv-"
"""How ids begin that a table of comments did not have: TikTok knows nothing of them."""
_CONTENT_TYPES = ("text", "image", "video", "share_post")
_FILES = ("image", "video")
_LINKED_FILES = ("sticker", "emoji")
_VISIBILITY = (
    "set_to_hidden",
    "set_to_public",
    "set_to_friends_only",
    "hide",
    "unhide",
)


def raw_items(payload: Any, account: str | None) -> Iterator[RawItem]:
    """Webhook bodies, a list of comments or replies, a history of messages, or one of
    them."""
    found = as_object(payload)
    data = found.get("data") if isinstance(found.get("data"), dict) else found
    if isinstance(payload, list):
        for each in payload:
            yield from raw_items(each, account)
    elif isinstance(found.get("events"), list):
        for each in found["events"]:
            yield event(each)
    elif isinstance(found.get("event"), str):
        yield event(found)
    elif isinstance(as_object(data).get("comments"), list):
        for each in as_object(data)["comments"]:
            yield from comments(each, account)
    elif isinstance(as_object(data).get("messages"), list):
        for each in as_object(data)["messages"]:
            yield RawItem(_message_key(as_object(each)), "message", each, account)
    elif "conversation_id" in found and ("message_id" in found or "type" in found):
        yield RawItem(_message_key(found), "message", payload, account)
    elif _is_other_answer(found):
        return
    else:
        yield from comments(as_object(data) if found else payload, account)


def _is_other_answer(found: Json) -> bool:
    """An answer of the interface that holds nothing anybody said (an error, a list of
    videos)."""
    return "code" in found and "comment_id" not in as_object(found.get("data"))


def comments(row: Any, account: str | None) -> Iterator[RawItem]:
    """A comment and, as items of their own, the first answers that stand inside it."""
    found = as_object(row)
    said = {name: value for name, value in found.items() if name != "reply_list"}
    yield RawItem(_comment_key(said or row), "comment", said or row, account)
    for answer in as_list(found.get("reply_list")):
        above = {
            name: said[name] for name in ("video_id", "comment_id") if name in said
        }
        if isinstance(answer, dict):
            filled = {
                "video_id": above.get("video_id"),
                "parent_comment_id": above.get("comment_id"),
            }
            answer = {**filled, **answer}
        yield RawItem(_comment_key(answer), "comment", answer, account)


def _comment_key(row: Any) -> str:
    """What counts as a new version: the text and who may see it, not the number of
    likes."""
    found = as_object(row)
    comment_id = _comment_id(found)
    if comment_id is None:
        return f"malformed:{digest(row)}"
    return f"comment:{comment_id}:{found.get('status')}:{digest(found.get('text'))}"


def _message_key(found: Json) -> str:
    return f"message:{ident(found, 'message_id') or digest(found)}"


def event(payload: Any) -> RawItem:
    """A webhook body; the account is the one that authorised the app."""
    found = as_object(payload)
    content = content_of(found)
    name = string(found, "event") or "malformed"
    if name in ("im_receive_msg", "im_send_msg") and ident(content, "message_id"):
        key = f"{name}:{ident(content, 'message_id')}"
    else:
        key = f"{name}:{digest(payload)}"
    return RawItem(key, "event", payload, string(found, "user_openid"))


def content_of(found: Json) -> Json:
    """`content` is a string of JSON; some senders of tests give the object itself."""
    content = found.get("content")
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return {}
    return as_object(content)


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("an item of TikTok that is not an object")
    if item.kind == "comment":
        yield _comment(payload, item.account)
    elif item.kind == "message":
        yield from _direct(payload, item.account)
    else:
        yield from _event(payload, item.account)


def _event(payload: Json, account: str | None) -> Iterator[Message]:
    name, content = string(payload, "event"), content_of(payload)
    account = account or string(payload, "user_openid")
    if name is None:
        raise BadItem("a delivery of TikTok without an event")
    if name in ("im_receive_msg", "im_send_msg"):
        if not content:
            raise BadItem("a delivery of TikTok whose content is not JSON")
        yield from _direct(content, account, sent=name == "im_send_msg")
    elif name == "im_mark_read_msg":
        yield _read(content, payload)
    elif name == "comment.update":
        yield _comment_event(content, account)
    else:
        yield Message(
            "system",
            f"{name}:{digest(payload)}",
            conversation_id=string(content, "conversation_id"),
            created_at=epoch_time(
                content.get("timestamp") or payload.get("create_time")
            ),
            public=False,
            extra={"notice": name, "made_up_id": True},
        )


def _direct(
    content: Json, account: str | None, *, sent: bool = False
) -> Iterator[Message]:
    message_id, form = ident(content, "message_id"), _form(content)
    sender, said_at = sub(content, "from_user"), epoch_time(content.get("timestamp"))
    author = string(sender, "id") or string(content, "sender") or _unique(content)
    conversation = string(content, "conversation_id")
    if form == "reaction":
        yield from _reactions(content, author, conversation)
        return
    if message_id is None:
        raise BadItem("a direct message without id")
    shared = sub(content, "share_post")
    own = (
        sent
        or sender.get("role") == "business_account"
        or (account is not None and author == account)
    )
    yield Message(
        kind="dm",
        native_id=message_id,
        parent_id=ident(
            sub(content, "referenced_message_info"), "referenced_message_id"
        ),
        conversation_id=conversation,
        author_id=author,
        author_name=string(content, "from"),
        text=_text(content, form),
        media=tuple(_media(content, form, message_id, conversation)),
        created_at=said_at,
        public=False,
        is_own=own,
        reply_to={
            "conversation_id": conversation,
            **only(said_at=said_at.isoformat() if said_at else None),
        }
        if conversation and not own
        else None,
        reply_until=said_at + REPLY_WINDOW if said_at and not own else None,
        extra=only(
            shared_url=string(shared, "embed_url"),
            shared_video=ident(shared, "video_id"),
            unsupported=True if form not in _CONTENT_TYPES else None,
            form=form,
            sent_from=string(sub(content, "message_tag"), "source"),
        ),
    )


def _form(content: Json) -> str | None:
    """The type of a message: small letters in webhooks, capitals in the history."""
    told = string(content, "type") or string(content, "message_type")
    return told.lower() if told else None


def _unique(content: Json) -> str | None:
    return string(content, "unique_identifier")


def _text(content: Json, form: str | None) -> str | None:
    if form != "text":
        return None
    return string(sub(content, "text"), "body") or string(content, "content")


def _media(
    content: Json, form: str | None, message_id: str, conversation: str | None
) -> Iterator[Media]:
    if form in _FILES:
        media_id = ident(sub(content, form), "media_id")
        ref = only(
            media_id=media_id,
            message_id=message_id,
            conversation_id=conversation,
            media_type=form.upper(),
        )
        yield Media(form, media_id, ref, part_id=message_id)
    elif form in _LINKED_FILES and (url := string(sub(content, form), "url")):
        yield Media(form, None, {"url": url}, part_id=message_id)


def _reactions(
    content: Json, author: str | None, conversation: str | None
) -> Iterator[Message]:
    said_at = epoch_time(content.get("timestamp"))
    for number, each in enumerate(objects(content.get("reaction"))):
        added = each.get("operation") != "REMOVE"
        yield Message(
            "reaction",
            f"reaction:{ident(content, 'message_id') or digest(content)}:{number}",
            conversation_id=conversation,
            author_id=author,
            author_name=string(content, "from"),
            text=string(each, "emoji") if added else None,
            created_at=said_at,
            public=False,
            target_id=ident(each, "original_msg_id"),
            extra={"made_up_id": True, **({} if added else {"removed": True})},
        )


def _read(content: Json, payload: Json) -> Message:
    """Everything up to a moment was read; no single message is named."""
    told = sub(content, "read").get("last_read_timestamp") or content.get("timestamp")
    return Message(
        "status",
        f"read:{digest(payload)}",
        conversation_id=string(content, "conversation_id"),
        author_id=string(sub(content, "from_user"), "id") or _unique(content),
        author_name=string(content, "from"),
        created_at=epoch_time(told),
        public=False,
        extra={"state": "read", "made_up_id": True},
    )


def _comment_event(content: Json, account: str | None) -> Message:
    action = str(content.get("comment_action") or "insert").lower()
    said = _comment({**content, "create_time": content.get("timestamp")}, account)
    if action == "insert":
        return said
    kind: Kind = "system"
    if action == "delete":
        kind = "delete"
    elif action in _VISIBILITY:
        kind = "visibility"
    return Message(
        kind,
        said.native_id,
        parent_id=said.parent_id,
        conversation_id=said.conversation_id,
        author_id=said.author_id,
        created_at=said.created_at,
        target_id=said.native_id,
        extra={"action": action},
    )


def _comment(found: Json, account: str | None) -> Message:
    comment_id, video = _comment_id(found), ident(found, "video_id")
    if comment_id is None:
        raise BadItem("a comment without comment_id")
    above = ident(found, "parent_comment_id")
    author = _unique(found) or ident(found, "user_id")
    handle = string(found, "username")
    own = found.get("owner") is True or (account is not None and author == account)
    return Message(
        kind="comment",
        native_id=comment_id,
        parent_id=above or video,
        conversation_id=video,
        author_id=author,
        author_name=string(found, "display_name"),
        author_handle=handle,
        text=string(found, "text"),
        media=tuple(_pictures(found, comment_id)),
        created_at=epoch_time(found.get("create_time")),
        permalink=string(found, "permalink"),
        is_own=own,
        reply_to=only(video_id=video, comment_id=above or comment_id, handle=handle)
        if video and not own and not comment_id.startswith(MADE_UP)
        else None,
        extra=only(status=string(found, "status"), imported=found.get("imported")),
    )


def _comment_id(found: Json) -> str | None:
    """The Research API calls it `id`."""
    return ident(found, "comment_id") or ident(found, "id")


def _pictures(found: Json, comment_id: str) -> Iterator[Media]:
    for number, url in enumerate(as_list(found.get("image_urls"))):
        if isinstance(url, str):
            yield Media(
                "image", f"{comment_id}#{number}", {"url": url}, part_id=comment_id
            )
