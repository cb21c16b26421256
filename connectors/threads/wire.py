"""What Threads answers and delivers, to messages. Pure; total over whatever JSON
arrives.

Source: developers.facebook.com, "Threads API": Media, Replies and conversations,
Mentions, Webhooks (June 2026). Of other people only the user name is told, never an id.
A delivery is one object without `entry`; its `values` is documented as an object and
arrives as a list too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors._meta.graph import (
    Object,
    as_list,
    digest,
    ident,
    moment,
    obj,
    rows,
    text,
)
from connectors.base import Geo, Json, Kind, Media, Message, RawItem, point
from connectors.errors import BadItem

FIELDS = (
    "id,text,username,permalink,timestamp,media_product_type,media_type,media_url,gif_url,"
    "shortcode,thumbnail_url,children{id,media_type,media_url},is_quote_post,quoted_post,"
    "reposted_post,has_replies,root_post,replied_to,is_reply,is_reply_owned_by_me,hide_status,"
    "alt_text,link_attachment_url,poll_attachment,topic_tag,text_attachment,location"
)
_TOPICS = {
    "replies": "reply",
    "mentions": "mention",
    "publish": "publish",
    "delete": "delete",
}
_FILES = {
    "IMAGE": "image",
    "VIDEO": "video",
    "AUDIO": "audio",
    "GIF": "gif",
    "CAROUSEL_ALBUM": "carousel",
}
_SAYING = frozenset(FIELDS.replace("{id,media_type,media_url}", "").split(",")) - {
    "id",
    "username",
}
"""Fields of posts; what has none of them (a profile, a quota, a container) says
nothing."""
_HANDLE = re.compile(r"(?<![\w.@])@([A-Za-z0-9_][A-Za-z0-9_.]{0,29})")


def raw_items(
    payload: Json, account: str | None, kind: str | None = None
) -> Iterator[RawItem]:
    """The items of a delivery, of a list, or a bare object; `kind` where the caller
    knows it."""
    if isinstance(payload, list):
        for part in payload:
            yield from raw_items(part, account, kind)
    elif not isinstance(payload, dict):
        raise BadItem("neither an object nor a list")
    elif "values" in payload or "entry" in payload:
        yield from _delivered(payload, account)
    elif isinstance(payload.get("data"), list):
        yield from raw_items(payload["data"], account, kind)
    elif "error" not in payload and (kind or not payload or payload.keys() & _SAYING):
        yield _raw(payload, kind, account)


def _delivered(payload: Object, account: str | None) -> Iterator[RawItem]:
    values = payload.get("values")
    told = [values] if isinstance(values, dict) else as_list(values)
    for entry in rows(payload, "entry"):
        told = [*told, *as_list(entry.get("changes"))]
    for change in told:
        field, value = text(obj(change), "field") or "", obj(change, "value")
        kind = _TOPICS.get(field)
        if kind is None or not value:
            yield RawItem(f"notice:{digest(payload)}", "notice", dict(payload), account)
            continue
        yield _raw(value, kind, account or _owner(kind, value, payload))


def _owner(kind: str, value: Object, payload: Object) -> str | None:
    """Which of our accounts a delivery is for: `target_id` names who was mentioned."""
    if kind == "mention":
        return ident(payload.get("target_id"))
    if kind == "reply":
        return ident(obj(value, "root_post").get("owner_id"))
    return _own_id(value)


def _own_id(value: Object) -> str | None:
    owner = obj(value, "owner")
    return ident(owner.get("id")) or ident(owner.get("owner_id"))


def _raw(row: Object, kind: str | None, account: str | None) -> RawItem:
    native_id = ident(row.get("id"))
    mark = "delete:" if kind == "delete" else ""
    key = f"{mark}{native_id}" if native_id else f"malformed:{digest(row)}"
    return RawItem(key, kind or "media", dict(row), account)


def messages_of(item: RawItem) -> Iterator[Message]:
    said = item.payload
    if item.kind == "notice":
        return
    if not isinstance(said, dict):
        raise BadItem("an item that is not an object")
    native_id = ident(said.get("id"))
    if native_id is None:
        raise BadItem("a post without an id")
    if item.kind == "delete" or "deleted_at" in said:
        yield _deleted(native_id, said)
        return
    kind = _kind(item.kind, said)
    parent, root = _inner_id(said, "replied_to"), _inner_id(said, "root_post")
    own_id = _own_id(said)
    yield Message(
        kind=kind,
        native_id=native_id,
        parent_id=parent or _inner_id(said, "quoted_post"),
        conversation_id=root or (None if parent or kind == "reply" else native_id),
        author_id=own_id,
        author_handle=text(said, "username"),
        text=_text(said),
        media=tuple(_media(said, native_id)),
        created_at=moment(said.get("timestamp")),
        permalink=text(said, "permalink"),
        target_id=_inner_id(said, "reposted_post") if kind == "repost" else None,
        mentions=tuple(name.lower() for name in _HANDLE.findall(_text(said) or "")),
        is_own=_is_own(item, said, own_id),
        geo=_geo(obj(said, "location")),
        reply_to={"media_id": native_id},
        extra=_extra(said),
    )


def _deleted(native_id: str, said: Object) -> Message:
    """Told only of posts of people who allowed the app, so of our own."""
    return Message(
        kind="delete",
        native_id=native_id,
        author_id=_own_id(said),
        author_handle=text(said, "username"),
        created_at=moment(said.get("deleted_at")) or moment(said.get("timestamp")),
        target_id=native_id,
        is_own=True,
    )


def _kind(told: str, said: Object) -> Kind:
    if told == "mention":
        return "mention"
    if told == "quote":
        return "quote"
    if told == "reply" or said.get("is_reply") is True or _inner_id(said, "replied_to"):
        return "reply"
    if said.get("media_type") == "REPOST_FACADE":
        return "repost"
    return "quote" if said.get("is_quote_post") is True else "post"


def _is_own(item: RawItem, said: Object, own_id: str | None) -> bool:
    """A delivery tells no ids of authors, but the owner of the thread by id and by
    name."""
    if item.kind == "publish" or said.get("is_reply_owned_by_me") is True:
        return True
    root, name = obj(said, "root_post"), text(said, "username")
    by_name = name is not None and name == text(root, "username")
    of_root = item.account is not None and ident(root.get("owner_id")) == item.account
    return (own_id is not None and own_id == item.account) or (by_name and of_root)


def _inner_id(said: Object, name: str) -> str | None:
    """An id that stands bare in one answer and inside an object in another."""
    value = said.get(name)
    return ident(value.get("id")) if isinstance(value, Mapping) else ident(value)


def _text(said: Object) -> str | None:
    """The text and, of a long post, what is attached to it."""
    parts = [text(said, "text"), text(obj(said, "text_attachment"), "plaintext")]
    return "\n\n".join(part for part in parts if part) or None


def _media(said: Object, native_id: str) -> Iterator[Media]:
    """Addresses of files die, so a file is asked for again by the id of what carries
    it."""
    children = rows(said, "children", "data") or [said]
    for child in children:
        sort = _FILES.get(str(child.get("media_type")))
        child_id = ident(child.get("id")) or native_id
        if sort is not None:
            yield Media(
                type=sort,
                native_id=child_id,
                ref={"media_id": child_id},
                part_id=native_id,
                description=text(child, "alt_text"),
            )
    if text(said, "gif_url") and said.get("media_type") != "GIF":
        yield Media(
            type="gif", native_id=f"{native_id}:gif", ref={"media_id": native_id}
        )


def _geo(place: Object) -> Geo | None:
    return point(
        place.get("latitude"), place.get("longitude"), text(place, "name", "address")
    )


def _extra(said: Object) -> dict[str, Any]:
    poll = obj(said, "poll_attachment")
    options = [text(poll, f"option_{letter}") for letter in "abcd"]
    found = {
        "hide_status": text(said, "hide_status"),
        "topic": text(said, "topic_tag"),
        "link": text(said, "link_attachment_url"),
        "poll": [option for option in options if option] or None,
        "place": text(obj(said, "location"), "name"),
    }
    return {name: value for name, value in found.items() if value is not None}
