"""X's wire format 2 to messages: posts, direct messages, X Activity deliveries; 1.1 is
apart.

Pure. Since specification 2.167 (August 2026) some answers say `post` where others still
say `tweet`, so both spellings are read everywhere. Source: docs.x.com.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    as_object,
    digest,
    ident,
    iso_time,
    objects,
    string,
    sub,
)
from connectors.base import Geo, Kind, Media, Message, RawItem
from connectors.errors import BadItem
from connectors.x import classic, parts

TWEET_FIELDS = [
    "created_at",
    "author_id",
    "conversation_id",
    "in_reply_to_user_id",
    "referenced_tweets",
    "entities",
    "attachments",
    "edit_history_tweet_ids",
    "edit_controls",
    "note_tweet",
    "geo",
    "lang",
    "possibly_sensitive",
]
EXPANSIONS = ["attachments.media_keys", "referenced_tweets.id", "geo.place_id"]
DM_FIELDS = [
    "id",
    "text",
    "event_type",
    "created_at",
    "sender_id",
    "dm_conversation_id",
    "attachments",
    "participant_ids",
    "referenced_tweets",
]
MEDIA_FIELDS = [
    "url",
    "preview_image_url",
    "type",
    "alt_text",
    "variants",
    "duration_ms",
]
USER_FIELDS = ["username", "name", "location"]
_REFERENCES: dict[str, Kind] = {
    "replied_to": "reply",
    "quoted": "quote",
    "retweeted": "repost",
}
_BEST_RATE = 2_500_000
"""Bits a second of a film: half a minute is 10 MB."""
_MEDIA_TYPES = {"3": "photo", "7": "video", "13": "video", "16": "animated_gif"}
"""By the first part of a media key, where the answer does not describe the file."""
_ACTIVITY_KINDS: dict[str, Kind] = {
    "post.create": "post",
    "post.mention.create": "mention",
    "post.reply.create": "reply",
    "post.quote.create": "quote",
    "post.repost.create": "repost",
}
_OF_A_POST = frozenset(
    {
        "text",
        "author_id",
        "conversation_id",
        "note_tweet",
        "note_post",
        "attachments",
        "referenced_tweets",
        "referenced_posts",
        "edit_history_tweet_ids",
        "edit_history_post_ids",
    }
)
"""By these a post is told from the people, lists and counts that other answers hold."""


def raw_items(
    payload: Any, account: str | None, hint: str | None = None
) -> Iterator[RawItem]:
    """Split an answer, a delivery of either API, a line of a stream or a bare object.

    `hint`: what the list that was asked for consists of, where the posts do not tell.
    """
    if isinstance(payload, list):
        for row in payload:
            yield from raw_items(row, account, hint)
        return
    if not isinstance(payload, dict):
        yield _malformed(payload, account)
        return
    data = payload.get("data")
    if classic.is_delivery(payload):
        yield from classic.items(payload)
    elif isinstance(data, dict) and "event_type" in data and "payload" in data:
        yield _activity_item(data, payload)
    elif isinstance(data, dict):
        yield from _row_items(data, sub(payload, "includes"), account, hint)
    elif isinstance(data, list):
        for row in data:
            if isinstance(row, dict) and ("id" in row or "tweet_count" in row):
                yield from _row_items(row, sub(payload, "includes"), account, hint)
            else:
                yield _malformed(row, account)
    elif isinstance(payload.get("statuses"), list):
        yield from raw_items(payload["statuses"], account, hint)
    elif "event_type" in payload and "payload" in payload:
        yield _activity_item(payload, payload)
    else:
        yield from _row_items(payload, {}, account, hint)


def _malformed(row: Any, account: str | None) -> RawItem:
    return RawItem(f"malformed:{digest(row)}", "x.unknown", row, account)


def _row_items(
    row: Json, includes: Json, account: str | None, hint: str | None
) -> Iterator[RawItem]:
    """What a row is; people, lists, counts and answers to calls of ours say nothing."""
    native_id = ident(row, "id")
    if isinstance(row.get("delete"), dict):
        yield RawItem(f"delete:{digest(row)}", "x.delete", dict(row["delete"]), account)
    elif classic.is_post(row):
        yield classic.item(row, account, hint)
    elif native_id is None and _OF_A_POST & row.keys():
        yield _malformed(row, account)
    elif native_id is not None and _is_dm(row):
        yield _item("dm", native_id, row, includes, account, hint)
    elif native_id is not None and (_OF_A_POST & row.keys() or hint):
        yield _item("post", native_id, row, includes, account, hint)


def _item(
    kind: str,
    native_id: str,
    row: Json,
    includes: Json,
    account: str | None,
    hint: str | None,
) -> RawItem:
    payload: dict[str, Any] = {"data": row, "includes": _referenced(row, includes)}
    payload |= {"kind": hint} if hint else {}
    return RawItem(f"{kind}:{native_id}", f"x.{kind}", payload, account)


def _is_dm(row: Json) -> bool:
    """Only the fields that were asked for are there."""
    kinds = ("MessageCreate", "ParticipantsJoin", "ParticipantsLeave")
    return row.get("event_type") in kinds or "dm_conversation_id" in row


def _activity_item(data: Json, envelope: Json) -> RawItem:
    receiver = ident(sub(data, "filter"), "user_id")
    if data["event_type"] == "oauth.revoke":  # the one event without a filter
        receiver = ident(sub(data, "payload"), "user_id")
    key = f"activity:{data.get('event_uuid') or digest(data)}"
    includes = sub(envelope, "includes") or sub(data, "includes")
    payload = {
        "event_type": data["event_type"],
        "payload": data["payload"],
        "includes": _flat_includes(includes),
    }
    return RawItem(key, "x.activity", payload, receiver)


def messages_of(item: RawItem) -> Iterator[Message]:
    payload, account = item.payload, item.account
    if not isinstance(payload, dict):
        raise BadItem("a delivery of X that is not an object")
    match item.kind:
        case "x.post":
            yield _post(
                sub(payload, "data"), sub(payload, "includes"), account, _hint(payload)
            )
        case "x.dm":
            yield from _dm(sub(payload, "data"), sub(payload, "includes"), account)
        case "x.activity":
            yield from _activity(payload, account)
        case "x.gone":
            yield parts.gone(ident(payload, "id"), None)
        case "x.delete":
            yield _deleted(payload)
        case "x.classic_post":
            yield classic.post(payload, account)
        case "x.classic_listed":
            yield classic.post(payload, account, listed=True)
        case "x.classic_delete":
            yield classic.deleted(payload)
        case "x.classic_dm":
            users = sub(payload, "users")
            yield from classic.direct_message(sub(payload, "event"), users, account)
        case _:
            raise BadItem("neither a post nor an event of X")


def _hint(payload: Json) -> Kind | None:
    hint = payload.get("kind")
    return hint if hint in ("mention", "post", "reply", "quote", "repost") else None


def _activity(payload: Json, account: str | None) -> Iterator[Message]:
    event, body = str(payload.get("event_type")), sub(payload, "payload")
    includes = sub(payload, "includes")
    if event in _ACTIVITY_KINDS:
        yield _post(body, includes, account, _ACTIVITY_KINDS[event])
    elif event == "post.delete":
        yield parts.gone(ident(body, "id"), ident(body, "author_id"))
    elif event == "chat.received":
        yield parts.sealed_chat(body, account)
    elif event.startswith("dm."):
        users = {
            key: sub(user, "data") or as_object(user)
            for key, user in sub(body, "users").items()
        }
        for row in objects(body.get("direct_message_events")):
            yield from classic.direct_message(row, users, account)


def _deleted(told: Json) -> Message:
    """A line of a compliance stream: of version 2, or of 1.1 with a `status`."""
    if "status" in told:
        return classic.deleted(told)
    post = sub(told, "tweet") or sub(told, "post")
    at = iso_time(told.get("event_at"))
    return parts.gone(ident(post, "id"), ident(post, "author_id"), at)


def _post(
    post: Json, includes: Json, account: str | None, hint: Kind | None
) -> Message:
    native_id = ident(post, "id")
    if native_id is None:
        raise BadItem("a post without id")
    references = _references(post)
    kind, parent = _kind_and_parent(post, references, account, hint)
    author_id = ident(post, "author_id")
    author = _find(includes, ("users",), author_id)
    history = _either(post, "edit_history_tweet_ids", "edit_history_post_ids")
    first = str(history[0]) if isinstance(history, list) and history else native_id
    repeated = _find(includes, ("tweets", "posts"), references.get("retweeted"))
    mentions, text = _mentions(post, repeated), _text(repeated or post)
    username = string(author, "username")
    return Message(
        kind="edit" if first != native_id else kind,
        native_id=native_id,
        parent_id=parent,
        conversation_id=ident(post, "conversation_id"),
        author_id=author_id,
        author_name=string(author, "name"),
        author_handle=username,
        text=text,
        media=tuple(_media(post, includes)) or tuple(_media(repeated, includes)),
        created_at=parts.said_at(post.get("created_at")),
        permalink=parts.permalink(username, native_id),
        edit_of=first if first != native_id else None,
        target_id=references.get("retweeted"),
        mentions=mentions,
        is_own=account is not None and author_id == account,
        geo=_geo(post, includes),
        language=string(post, "lang"),
        # a repost cannot be answered; its original can
        reply_to=None
        if "retweeted" in references
        else parts.address(native_id, author_id, username, mentions),
        extra=parts.escaped(text),
    )


def _kind_and_parent(
    post: Json, references: Mapping[str, str], account: str | None, hint: Kind | None
) -> tuple[Kind, str | None]:
    for reference, kind in _REFERENCES.items():
        if reference in references:
            return kind, references[reference]
    parent = ident(post, "in_reply_to_tweet_id") or ident(post, "in_reply_to_post_id")
    if parent:
        return "reply", parent
    if hint == "quote" and str(post.get("text", "")).startswith("RT @"):
        return "repost", None  # lists of quotes contain plain reposts too
    if hint:
        return hint, None
    ids = {str(entry.get("id")) for entry in _entities(post)}
    return ("mention" if account in ids else "post"), None


def _references(post: Json) -> dict[str, str]:
    rows = _either(post, "referenced_tweets", "referenced_posts")
    return {
        str(row["type"]): str(row["id"])
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("type") and row.get("id")
    }


def _text(post: Json) -> str | None:
    note = _either(post, "note_tweet", "note_post")
    full = string(note, "text") if isinstance(note, dict) else None
    return full or string(post, "text")


def _entities(post: Json) -> list[Json]:
    note = _either(post, "note_tweet", "note_post")
    rows = objects(sub(note, "entities").get("mentions"))
    return [*rows, *objects(sub(post, "entities").get("mentions"))]


def _mentions(post: Json, repeated: Json) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for row in (*_entities(post), *_entities(repeated)):
        name = row.get("username") or row.get("screen_name")
        if isinstance(name, str):
            names[name.lower()] = None
    return tuple(names)


def _media(post: Json, includes: Json) -> Iterator[Media]:
    keys = as_list(sub(post, "attachments").get("media_keys"))
    for key in keys:
        found = _find(includes, ("media",), key, "media_key")
        kind = string(found, "type") or _MEDIA_TYPES.get(
            str(key).partition("_")[0], "photo"
        )
        url = string(found, "url") if kind == "photo" else _film(found)
        yield Media(
            kind,
            str(key),
            {"url": url} if url else {},
            description=string(found, "alt_text"),
        )


def _film(found: Json) -> str | None:
    """Of the sizes of a film the best one that is not too large to keep, else the
    smallest."""
    sizes = sorted(
        (rate, url)
        for each in objects(found.get("variants"))
        if string(each, "content_type") == "video/mp4"
        and isinstance(rate := each.get("bit_rate", 0), int)
        and (url := string(each, "url"))
    )
    good = [url for rate, url in sizes if rate <= _BEST_RATE]
    return good[-1] if good else next((url for _, url in sizes), None)


def _geo(post: Json, includes: Json) -> Geo | None:
    geo = sub(post, "geo")
    place = _find(includes, ("places",), ident(geo, "place_id"))
    return parts.point(geo.get("coordinates"), string(place, "full_name"))


def _dm(row: Json, includes: Json, account: str | None) -> Iterator[Message]:
    if row.get("event_type", "MessageCreate") != "MessageCreate":
        return
    sender = ident(row, "sender_id")
    author = _find(includes, ("users",), sender)
    yield parts.private(
        str(row["id"]),
        ident(row, "dm_conversation_id"),
        sender,
        author,
        string(row, "text"),
        parts.said_at(row.get("created_at")),
        account,
        media=tuple(_media(row, includes)),
    )


def _referenced(post: Json, includes: Json) -> dict[str, Any]:
    """Only what this post refers to, so that a page's extras are not stored a hundred
    times."""
    references = set(_references(post).values())
    posts = [
        row
        for row in _rows(includes, ("tweets", "posts"))
        if ident(row, "id") in references
    ]
    people = {ident(post, "author_id"), ident(post, "sender_id")}
    people |= {ident(row, "author_id") for row in posts}
    keys = {
        str(key)
        for row in (post, *posts)
        for key in as_list(sub(row, "attachments").get("media_keys"))
    }
    places = {ident(sub(post, "geo"), "place_id")}
    return {
        "tweets": posts,
        "users": _matching(includes, "users", "id", people),
        "media": _matching(includes, "media", "media_key", keys),
        "places": _matching(includes, "places", "id", places),
    }


def _matching(includes: Json, name: str, key: str, wanted: set[Any]) -> list[Json]:
    return [
        row for row in _rows(includes, (name,)) if ident(row, key) in wanted - {None}
    ]


def _flat_includes(includes: Json) -> dict[str, Any]:
    """Activity deliveries wrap every included object once more in `data`."""
    return {
        name: [sub(row, "data") or row for row in rows if isinstance(row, dict)]
        for name, rows in includes.items()
        if isinstance(rows, list)
    }


def _rows(includes: Json, names: tuple[str, ...]) -> list[Json]:
    return [row for name in names for row in objects(includes.get(name))]


def _find(includes: Json, names: tuple[str, ...], wanted: Any, key: str = "id") -> Json:
    if wanted is None:
        return {}
    return next(
        (row for row in _rows(includes, names) if ident(row, key) == str(wanted)), {}
    )


def _either(value: Json, *names: str) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)
