"""Instagram: comments, mentions, tags and private messages to messages. Pure.

A comment's time is in no webhook: the entry's time stands for it. A mention names only
ids. Sources: developers.facebook.com, "Instagram Platform: webhook examples", "Webhooks
reference: Instagram", "IG Comment", "IG Media", "mentioned_comment", "mentioned_media",
"tags", read in copies of 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from connectors._meta import messaging
from connectors._meta.graph import (
    Object,
    as_list,
    digest,
    entries,
    ident,
    moment,
    obj,
    text,
    without_secrets,
)
from connectors._meta.messaging import LISTS
from connectors.base import Json, Media, Message, RawItem
from connectors.errors import BadItem

COMMENT_FIELDS = "id,text,timestamp,username,from,hidden,parent_id,media{id,permalink}"
MEDIA_FIELDS = (
    "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username"
)
EVENT, OBJECT, CHAT = "ig.event", "ig.object", "ig.message"
_COMMENT_CHANGES = ("comments", "live_comments")
_OWN_MEDIA_FIELDS = frozenset(
    {
        "owner",
        "ig_id",
        "is_comment_enabled",
        "shortcode",
        "insights",
        "is_shared_to_feed",
        "media_product_type",
        "collaborators",
        "boost_eligibility_info",
    }
)
_TYPES = {"IMAGE": "image", "VIDEO": "video", "CAROUSEL_ALBUM": "carousel"}


def raw_items(payload: Json, hint: str | None = None) -> Iterator[RawItem]:
    """Split a webhook body, an answer or one object, in order."""
    if isinstance(payload, list) or "entry" in obj(payload):
        yield from webhook_items(payload)
        return
    if not isinstance(payload, dict):
        raise BadItem("neither a delivery nor an answer of Instagram")
    if "error" in payload:
        return
    if "field" in payload and "value" in payload:
        yield RawItem(f"changes:{digest(payload)}", EVENT, {"changes": payload})
        return
    event = messaging.bare_event(payload)
    if event is not None:
        yield RawItem(f"messaging:{digest(event)}", EVENT, event)
        return
    for row, kind in _objects(payload, hint):
        if kind == "message":
            yield from messaging.object_items(obj(row), CHAT)
        else:
            yield from (
                comment_items(row) if kind == "comment" else _media_items(row, kind)
            )


def webhook_items(payload: Json) -> Iterator[RawItem]:
    yield from entries(payload, EVENT, LISTS)


def _objects(payload: Object, hint: str | None) -> Iterator[tuple[Json, str]]:
    """The objects of an answer with what each is."""
    for name in ("mentioned_comment", "mentioned_media"):
        if name in payload:
            yield payload[name], name
            return
    listed = payload.get("data")
    if isinstance(listed, list):
        told = _list_kind(payload)
        for row in listed:
            yield row, told or _object_kind(obj(row), hint)
        return
    inner = [row for key, row in payload.items() if key == obj(row).get("id")]
    for row in inner or [payload]:
        yield row, _object_kind(obj(row), hint)


def _list_kind(payload: Object) -> str | None:
    """The kind of a list, by the address of its next or previous page."""
    address = text(obj(payload, "paging"), "next", "previous") or ""
    edges = {
        "comments": "comment",
        "replies": "comment",
        "tags": "tag",
        "media": "media",
    }
    return edges.get(urlsplit(address).path.rpartition("/")[2])


def _object_kind(row: Object, hint: str | None) -> str:
    if isinstance(obj(row, "messages").get("data"), list) or row.keys() & {
        "created_time",
        "to",
    }:
        return "message"
    if row.keys() & {"snippet", "participants", "message_count", "updated_time"}:
        return "conversation"
    if row.keys() & {"caption", "media_type", "media_url", "comments_count"}:
        own = row.keys() & _OWN_MEDIA_FIELDS and hint != "mention"
        return "media" if own or hint == "post" else "tag"
    return "comment" if row.keys() & {"text", "timestamp"} else "other"


def item_of(
    row: Json, kind: str, account: str | None = None, **context: str
) -> RawItem:
    """`kind`: comment, tag (somebody's media with our tag), media (our own),
    mentioned_*."""
    name = ident(obj(row).get("id")) or "-"
    words = (
        [obj(row).get(n) for n in ("text", "caption", "hidden")] if obj(row) else row
    )
    return RawItem(
        f"{kind}:{name}:{digest(words)}",
        OBJECT,
        {"kind": kind, **context, "row": without_secrets(_alone(row))},
        account,
    )


def comment_items(
    row: Json, account: str | None = None, **context: str
) -> Iterator[RawItem]:
    """A comment and the answers below it that the same answer brought."""
    yield item_of(row, "comment", account, **context)
    above = {
        "parent_id": ident(obj(row).get("id")) or "",
        "media_id": context.get("media_id") or ident(obj(row, "media").get("id")) or "",
        **({"permalink": context["permalink"]} if "permalink" in context else {}),
    }
    for answer in as_list(obj(row, "replies").get("data")):
        yield item_of(answer, "comment", account, **above)


def _media_items(row: Json, kind: str) -> Iterator[RawItem]:
    """A media object and the comments below it that the same answer brought."""
    yield item_of(row, kind)
    link = text(obj(row), "permalink")
    context = {
        "media_id": ident(obj(row).get("id")) or "",
        **({"permalink": link} if link else {}),
    }
    for comment in as_list(obj(row, "comments").get("data")):
        yield from comment_items(comment, **context)


def _alone(row: Json) -> Json:
    """Without what stands inside it as items of their own."""
    if not isinstance(row, dict):
        return row
    return {
        key: value for key, value in row.items() if key not in ("replies", "comments")
    }


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("neither an event nor an object of Instagram")
    if item.kind == CHAT:
        yield messaging.message_of(item)
    elif item.kind == EVENT:
        yield from _event(payload, item.account)
    elif item.kind == OBJECT:
        yield from _object(payload, item.account)
    else:
        raise BadItem("neither an event nor an object of Instagram")


def _event(entry: Object, account: str | None) -> Iterator[Message]:
    change = obj(entry, "changes")
    field, value = change.get("field"), obj(change, "value")
    account = account or ident(entry.get("id"))
    if field in _COMMENT_CHANGES:
        yield _comment(
            value, account, {"live": field != "comments"}, moment(entry.get("time"))
        )
    elif field == "mentions":
        yield _mention(value, entry, account)
    else:
        yield from messaging.events_of(entry, account)


def _object(payload: Object, account: str | None) -> Iterator[Message]:
    row, kind = payload.get("row"), payload.get("kind")
    if not isinstance(row, dict):
        raise BadItem("an entry of an Instagram list that is not an object")
    if kind == "comment":
        yield _comment(row, account, payload)
    elif kind == "mentioned_comment":
        yield _mentioned_comment(row, account, payload)
    elif kind in ("tag", "media", "mentioned_media"):
        yield _media_post(row, account, str(kind))


def _comment(
    row: Object, account: str | None, context: Object, at: Any = None
) -> Message:
    native = ident(row.get("id"))
    if native is None:
        raise BadItem("a comment without id")
    media = ident(obj(row, "media").get("id")) or text(context, "media_id")
    parent = ident(row.get("parent_id")) or text(context, "parent_id") or media
    author_id, handle = _author(row)
    own = account is not None and author_id == account
    created = moment(row.get("timestamp")) or at
    link = text(obj(row, "media"), "permalink") or text(context, "permalink")
    return Message(
        "comment",
        native,
        parent_id=parent,
        conversation_id=media,
        author_id=author_id,
        author_handle=handle,
        text=text(row, "text"),
        created_at=created,
        permalink=f"{link.rstrip('/')}/c/{native}/" if link else None,
        is_own=own,
        reply_to=(
            None
            if own
            else {
                "comment_id": native,
                **({"media_id": media} if media else {}),
                **({} if context.get("live") else _private_until(created)),
            }
        ),
        extra={"hidden": True} if row.get("hidden") is True else {},
    )


def _author(row: Object) -> tuple[str | None, str | None]:
    author = obj(row, "from") or obj(row, "user")
    return ident(author.get("id")), text(author, "username") or text(row, "username")


def _private_until(created: Any) -> dict[str, str]:
    if created is None:
        return {}
    return {"private_until": (created + messaging.PRIVATE_REPLY_WINDOW).isoformat()}


def _mention(value: Object, entry: Object, account: str | None) -> Message:
    """Somebody named us below or in their own media; what they said must be fetched."""
    media, comment = ident(value.get("media_id")), ident(value.get("comment_id"))
    native = comment or media
    if native is None:
        raise BadItem("a mention that does not say where")
    return Message(
        "mention",
        native,
        conversation_id=media,
        created_at=moment(entry.get("time")),
        mentions=(account,) if account else (),
        needs_fetch=True,
        extra={"mention_in": "comment" if comment else "caption"},
    )


def _mentioned_comment(row: Object, account: str | None, context: Object) -> Message:
    native = ident(row.get("id")) or text(context, "comment_id")
    if native is None:
        raise BadItem("a mention without id")
    media = ident(obj(row, "media").get("id")) or text(context, "media_id")
    author_id, handle = _author(row)
    return Message(
        "mention",
        native,
        conversation_id=media,
        author_id=author_id,
        author_handle=handle,
        text=text(row, "text"),
        created_at=moment(row.get("timestamp")),
        permalink=text(obj(row, "media"), "permalink"),
        mentions=(account,) if account else (),
        reply_to=(
            {"mention_media_id": media, "mention_comment_id": native} if media else None
        ),
        extra={"mention_in": "comment"},
    )


def _media_post(row: Object, account: str | None, kind: str) -> Message:
    """A picture with its caption: ours, or of somebody who tagged or named us."""
    native = ident(row.get("id"))
    if native is None:
        raise BadItem("a media object without id")
    shown = _TYPES.get(text(row, "media_type") or "")
    url = text(row, "media_url") if shown != "video" else text(row, "thumbnail_url")
    media = Media(shown or "image", native, {"url": url} if url else {}, part_id=native)
    author_id = ident(obj(row, "owner").get("id"))
    own = kind == "media"
    return Message(
        "post" if own else "mention",
        native,
        conversation_id=native,
        author_id=author_id,
        author_handle=text(row, "username"),
        text=text(row, "caption"),
        media=(media,) if shown or url else (),
        created_at=moment(row.get("timestamp")),
        permalink=text(row, "permalink"),
        mentions=(account,) if account and not own else (),
        is_own=own or (account is not None and author_id == account),
        reply_to=None if own else {"mention_media_id": native},
        extra=(
            {}
            if own
            else {"mention_in": "caption" if kind == "mentioned_media" else "tag"}
        ),
    )
