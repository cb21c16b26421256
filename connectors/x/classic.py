"""X's wire format 1.1 to messages: Account Activity deliveries and posts of the old
API.

Pure. A post longer than 140 characters is cut there, with the whole in
`extended_tweet`, or is whole in `full_text`. Source: docs.x.com, "Account Activity API"
and the data dictionary of 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    as_object,
    epoch_time,
    ident,
    objects,
    string,
    sub,
)
from connectors.base import Kind, Media, Message, RawItem
from connectors.errors import BadItem
from connectors.x import parts


def is_delivery(payload: Json) -> bool:
    """A delivery, or the list of direct messages, whose events have the same shape."""
    listed = [*objects(payload.get("events")), sub(payload, "event")]
    if any("message_create" in event for event in listed):
        return True
    return "for_user_id" in payload or any(key.endswith("_events") for key in payload)


def is_post(row: Json) -> bool:
    return "id_str" in row and ("user" in row or "text" in row or "full_text" in row)


def items(payload: Json) -> Iterator[RawItem]:
    """Of a delivery: posts, deletions and direct messages; the rest says nothing."""
    receiver = ident(payload, "for_user_id")
    for row in _rows(payload, "tweet_create_events", "post_create_events"):
        yield item(row, receiver)
    for row in _rows(payload, "tweet_delete_events", "post_delete_events"):
        status = sub(row, "status")
        yield RawItem(f"delete:{status.get('id')}", "x.classic_delete", row, receiver)
    one = [payload["event"]] if "event" in payload else []
    for row in [*_rows(payload, "direct_message_events", "events"), *one]:
        data = {"event": row, "users": sub(payload, "users")}
        yield RawItem(f"dm:{as_object(row).get('id')}", "x.classic_dm", data, receiver)


def _rows(payload: Json, *names: str) -> list[Any]:
    return [row for name in names for row in as_list(payload.get(name))]


def item(row: Any, account: str | None, hint: str | None = "mention") -> RawItem:
    """What is delivered is of the account or speaks to it; in a list a post is just a
    post."""
    found = as_object(row)
    key = ident(found, "id_str") or ident(found, "id")
    kind = "x.classic_post" if hint == "mention" else "x.classic_listed"
    return RawItem(f"post:{key}", kind, row, account)


def deleted(payload: Json) -> Message:
    status = sub(payload, "status")
    return parts.gone(
        ident(status, "id_str") or ident(status, "id"),
        ident(status, "user_id_str") or ident(status, "user_id"),
        epoch_time(payload.get("timestamp_ms")),
    )


def post(said: Json, account: str | None, *, listed: bool = False) -> Message:
    native_id = ident(said, "id_str") or ident(said, "id")
    if native_id is None:
        raise BadItem("a post without id")
    user = sub(said, "user")
    author_id, handle = (
        ident(user, "id_str") or ident(user, "id"),
        string(user, "screen_name"),
    )
    repeated = sub(said, "retweeted_status")
    whole = sub(repeated or said, "extended_tweet")
    mentions = _mentions(whole or repeated or said)
    own = account is not None and author_id == account
    kind, parent = _kind_and_parent(said, repeated)
    if kind is None:
        kind = "post" if own or listed else "mention"
    first = next(
        iter(as_list(sub(said, "edit_history").get("edit_tweet_ids"))), native_id
    )
    text = string(whole, "full_text") or _text(repeated or said)
    return Message(
        "edit" if str(first) != native_id else kind,
        native_id,
        parent_id=parent,
        author_id=author_id,
        author_name=string(user, "name"),
        author_handle=handle,
        text=text,
        media=tuple(_media(whole or repeated or said)),
        created_at=parts.said_at(said.get("created_at"))
        or epoch_time(said.get("timestamp_ms")),
        permalink=parts.permalink(handle, native_id),
        edit_of=str(first) if str(first) != native_id else None,
        target_id=ident(repeated, "id_str"),
        mentions=mentions,
        is_own=own,
        geo=parts.point(
            said.get("coordinates"), string(sub(said, "place"), "full_name")
        ),
        language=string(said, "lang"),
        reply_to=None
        if repeated
        else parts.address(native_id, author_id, handle, mentions),
        extra=parts.escaped(text),
    )


def _kind_and_parent(said: Json, repeated: Json) -> tuple[Kind | None, str | None]:
    """A quoted post that was deleted is named by its id alone."""
    if repeated:
        return "repost", ident(repeated, "id_str") or ident(repeated, "id")
    if parent := _reference(said, "in_reply_to_status_id"):
        return "reply", parent
    quoted = sub(said, "quoted_status")
    if quoted or said.get("is_quote_status") is True:
        return "quote", _reference(said, "quoted_status_id") or _reference(quoted, "id")
    return None, None


def _reference(said: Json, name: str) -> str | None:
    return ident(said, f"{name}_str") or ident(said, name)


def _text(said: Json) -> str | None:
    return string(said, "full_text") or string(said, "text")


def _mentions(said: Json) -> tuple[str, ...]:
    rows = objects(sub(said, "entities").get("user_mentions"))
    return tuple(name.lower() for row in rows if (name := string(row, "screen_name")))


def _media(said: Json) -> Iterator[Media]:
    """`entities` holds one photo at most; all files, and films as films, are in the
    extension."""
    for name in ("extended_entities", "entities"):
        rows = objects(sub(said, name).get("media"))
        for row in rows:
            kind = string(row, "type") or "photo"
            url = string(row, "media_url_https") or string(row, "media_url")
            ref = {"url": url} if url and kind == "photo" else {}
            alt = string(row, "ext_alt_text")
            yield Media(kind, _reference(row, "id"), ref, description=alt)
        if rows:
            return


def direct_message(row: Json, users: Json, account: str | None) -> Iterator[Message]:
    native_id, created = ident(row, "id"), sub(row, "message_create")
    if row.get("type", "message_create") != "message_create":
        return
    if native_id is None or not created:
        raise BadItem("a direct message without an id or a content")
    sender, receiver = (
        ident(created, "sender_id"),
        ident(sub(created, "target"), "recipient_id"),
    )
    data = sub(created, "message_data")
    pair = sorted(
        (one for one in (sender, receiver) if one), key=lambda one: (len(one), one)
    )
    place = sub(data, "attachment", "location", "shared_coordinate")
    yield parts.private(
        native_id,
        "-".join(pair) or None,
        sender,
        sub(users, sender or ""),
        string(data, "text"),
        epoch_time(row.get("created_timestamp")),
        account,
        media=tuple(_attached(data)),
        geo=parts.point(place.get("coordinates"), None),
    )


def _attached(data: Json) -> Iterator[Media]:
    media = sub(data, "attachment", "media")
    if media:
        url = string(media, "media_url_https") or string(media, "media_url")
        ref = {"url": url} if url else {}
        yield Media(string(media, "type") or "photo", _reference(media, "id"), ref)
