"""X's wire formats to messages: API v2 posts, X Activity deliveries, classic Account Activity ones.

Pure. Since specification 2.167 (August 2026) some answers say `post` where others still say
`tweet`, so both spellings are read everywhere. Source: docs.x.com.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.base import Geo, Kind, Media, Message, RawItem
from connectors.errors import BadItem

Json = Mapping[str, Any]

TWEET_FIELDS = [
    "created_at", "author_id", "conversation_id", "in_reply_to_user_id", "referenced_tweets",
    "entities", "attachments", "edit_history_tweet_ids", "edit_controls", "note_tweet", "geo",
    "lang", "possibly_sensitive",
]  # fmt: skip
EXPANSIONS = ["attachments.media_keys", "referenced_tweets.id", "geo.place_id"]
DM_FIELDS = [
    "id", "text", "event_type", "created_at", "sender_id", "dm_conversation_id", "attachments",
    "participant_ids", "referenced_tweets",
]  # fmt: skip
MEDIA_FIELDS = ["url", "preview_image_url", "type", "alt_text", "variants", "duration_ms"]
USER_FIELDS = ["username", "name", "location"]
_REFERENCES: dict[str, Kind] = {"replied_to": "reply", "quoted": "quote", "retweeted": "repost"}
_MEDIA_TYPES = {"3": "photo", "7": "video", "13": "video", "16": "animated_gif"}
"""By the first part of a media key, where the answer does not describe the file."""
_ACTIVITY_KINDS: dict[str, Kind] = {
    "post.create": "post",
    "post.mention.create": "mention",
    "post.reply.create": "reply",
    "post.quote.create": "quote",
    "post.repost.create": "repost",
}


def raw_items(payload: Any, account: str | None, hint: str | None = None) -> Iterator[RawItem]:
    """Split a v2 answer, an activity delivery, a classic delivery or a bare object."""
    if isinstance(payload, list):
        for row in payload:
            yield from raw_items(row, account, hint)
        return
    if not isinstance(payload, dict):
        yield RawItem("malformed", "x.unknown", payload, account)
        return
    if "for_user_id" in payload or any(key.endswith("_events") for key in payload):
        yield from _classic_items(payload)
        return
    data = payload.get("data")
    if isinstance(data, dict) and "event_type" in data and "payload" in data:
        yield _activity_item(data, payload)
    elif isinstance(data, dict | list):
        includes = _object(payload, "includes")
        for row in data if isinstance(data, list) else [data]:
            yield _post_item(row, includes, account, hint)
    elif "id" in payload:
        yield _post_item(payload, {}, account, hint)
    elif "event_type" in payload and "payload" in payload:
        yield _activity_item(payload, payload)


def _post_item(row: Any, includes: Json, account: str | None, hint: str | None) -> RawItem:
    if not isinstance(row, dict) or not row.get("id"):
        return RawItem("malformed", "x.unknown", row, account)
    kind = "x.dm" if _is_dm(row) else "x.post"
    payload = {
        "data": row,
        "includes": _referenced(row, includes),
        **({"kind": hint} if hint else {}),
    }
    return RawItem(f"{kind.removeprefix('x.')}:{row['id']}", kind, payload, account)


def _is_dm(row: Json) -> bool:
    return row.get("event_type") in ("MessageCreate", "ParticipantsJoin", "ParticipantsLeave")


def _activity_item(data: Json, envelope: Json) -> RawItem:
    receiver = _object(data, "filter").get("user_id")
    if data["event_type"] == "oauth.revoke":  # the one event without a filter
        receiver = _object(data, "payload").get("user_id")
    key = f"activity:{data.get('event_uuid')}"
    includes = _object(envelope, "includes") or _object(data, "includes")
    payload = {
        "event_type": data["event_type"],
        "payload": data["payload"],
        "includes": _flat_includes(includes),
    }
    return RawItem(key, "x.activity", payload, str(receiver) if receiver else None)


def _classic_items(payload: Json) -> Iterator[RawItem]:
    receiver = payload.get("for_user_id")
    receiver = str(receiver) if receiver else None
    for name in ("tweet_create_events", "post_create_events"):
        for row in _list(payload, name):
            key = row.get("id_str") or row.get("id") if isinstance(row, dict) else None
            yield RawItem(f"post:{key}", "x.classic_post", row, receiver)
    for name in ("tweet_delete_events", "post_delete_events"):
        for row in _list(payload, name):
            status = _object(row, "status") if isinstance(row, dict) else {}
            yield RawItem(f"delete:{status.get('id')}", "x.classic_delete", row, receiver)
    for row in _list(payload, "direct_message_events"):
        key = row.get("id") if isinstance(row, dict) else None
        data = {"event": row, "users": _object(payload, "users")}
        yield RawItem(f"dm:{key}", "x.classic_dm", data, receiver)


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("a delivery of X that is not an object")
    match item.kind:
        case "x.post":
            post = _object(payload, "data")
            yield _post(post, _object(payload, "includes"), item.account, _hint(payload))
        case "x.dm":
            yield from _dm(_object(payload, "data"), _object(payload, "includes"), item.account)
        case "x.activity":
            yield from _activity(payload, item.account)
        case "x.gone":
            yield _gone(payload.get("id"), None)
        case "x.classic_post":
            yield _classic_post(payload, item.account)
        case "x.classic_delete":
            status = _object(payload, "status")
            yield _gone(
                status.get("id"), status.get("user_id"), _epoch_ms(payload.get("timestamp_ms"))
            )
        case "x.classic_dm":
            yield from _classic_dm(
                _object(payload, "event"), _object(payload, "users"), item.account
            )
        case _:
            raise BadItem("neither a post nor an event of X")


def _hint(payload: Json) -> Kind | None:
    hint = payload.get("kind")
    return hint if hint in ("mention", "post", "reply", "quote", "repost") else None


def _activity(payload: Json, account: str | None) -> Iterator[Message]:
    event, body = str(payload.get("event_type")), _object(payload, "payload")
    includes = _object(payload, "includes")
    if event in _ACTIVITY_KINDS:
        yield _post(body, includes, account, _ACTIVITY_KINDS[event])
    elif event == "post.delete":
        yield _gone(body.get("id"), body.get("author_id"))
    elif event.startswith("dm."):
        users = {key: _object(user, "data") or user for key, user in _object(body, "users").items()
                 if isinstance(user, dict)}  # fmt: skip
        for row in _list(body, "direct_message_events"):
            if isinstance(row, dict):
                yield from _classic_dm(row, users, account)


def _post(post: Json, includes: Json, account: str | None, hint: Kind | None) -> Message:
    native_id = _string(post, "id")
    if native_id is None:
        raise BadItem("a post without id")
    references = _references(post)
    kind, parent = _kind_and_parent(post, references, account, hint)
    author_id = _string(post, "author_id")
    author = _find(includes, ("users",), author_id)
    history = _either(post, "edit_history_tweet_ids", "edit_history_post_ids")
    first = str(history[0]) if isinstance(history, list) and history else native_id
    repeated = _find(includes, ("tweets", "posts"), references.get("retweeted"))
    mentions = _mentions(post, repeated)
    username = _string(author, "username")
    return Message(
        kind="edit" if first != native_id else kind,
        native_id=native_id,
        parent_id=parent,
        conversation_id=_string(post, "conversation_id"),
        author_id=author_id,
        author_name=_string(author, "name"),
        author_handle=username,
        text=_text(repeated) if repeated else _text(post),
        media=tuple(_media(post, includes)),
        created_at=_time(post.get("created_at")),
        permalink=f"https://x.com/{username or 'i/web'}/status/{native_id}",
        edit_of=first if first != native_id else None,
        target_id=references.get("retweeted"),
        mentions=mentions,
        is_own=account is not None and author_id == account,
        geo=_geo(post, includes),
        language=_string(post, "lang"),
        reply_to=_address(native_id, author_id, username, mentions, references),
        extra=_escaped(_text(repeated) if repeated else _text(post)),
    )


def _escaped(text: str | None) -> dict[str, Any]:
    """X escapes &, < and > in texts; they are kept as they came and must be undone for readers."""
    return {"html_escaped": True} if text and html.unescape(text) != text else {}


def _address(
    native_id: str,
    author_id: str | None,
    username: str | None,
    mentions: tuple[str, ...],
    references: Mapping[str, str],
) -> dict[str, Any] | None:
    if "retweeted" in references:
        return None  # a repost cannot be answered; its original can
    return {
        "post_id": native_id,
        "author_id": author_id,
        "author_handle": username,
        "summoned": list(mentions),
    }


def _kind_and_parent(
    post: Json, references: Mapping[str, str], account: str | None, hint: Kind | None
) -> tuple[Kind, str | None]:
    for reference, kind in _REFERENCES.items():
        if reference in references:
            return kind, references[reference]
    parent = _string(post, "in_reply_to_tweet_id") or _string(post, "in_reply_to_post_id")
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
    full = _string(note, "text") if isinstance(note, dict) else None
    return full or _string(post, "text")


def _entities(post: Json) -> list[Json]:
    note = _either(post, "note_tweet", "note_post")
    rows = _list(_object(note, "entities") if isinstance(note, dict) else {}, "mentions")
    rows = [*rows, *_list(_object(post, "entities"), "mentions")]
    return [row for row in rows if isinstance(row, dict)]


def _mentions(post: Json, repeated: Json) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for row in (*_entities(post), *_entities(repeated)):
        name = row.get("username") or row.get("screen_name")
        if isinstance(name, str):
            names[name.lower()] = None
    return tuple(names)


def _media(post: Json, includes: Json) -> Iterator[Media]:
    keys = _list(_object(post, "attachments"), "media_keys")
    for key in keys:
        found = _find(includes, ("media",), key, "media_key")
        kind = _string(found, "type") or _MEDIA_TYPES.get(str(key).partition("_")[0], "photo")
        url = _string(found, "url") or _string(found, "preview_image_url")
        yield Media(
            kind,
            str(key),
            {"url": url} if url and kind == "photo" else {},
            description=_string(found, "alt_text"),
        )


def _geo(post: Json, includes: Json) -> Geo | None:
    geo = _object(post, "geo")
    point = _list(_object(geo, "coordinates"), "coordinates")
    place = _find(includes, ("places",), _string(geo, "place_id"))
    if len(point) == 2 and all(isinstance(value, int | float) for value in point):
        return Geo(float(point[1]), float(point[0]), _string(place, "full_name"))
    return None


def _dm(row: Json, includes: Json, account: str | None) -> Iterator[Message]:
    if row.get("event_type") != "MessageCreate":
        return
    sender = _string(row, "sender_id")
    author = _find(includes, ("users",), sender)
    conversation = _string(row, "dm_conversation_id")
    yield _private(
        str(row["id"]), conversation, sender, author, _string(row, "text"),
        _time(row.get("created_at")), tuple(_media(row, includes)), account,
    )  # fmt: skip


def _classic_dm(row: Json, users: Json, account: str | None) -> Iterator[Message]:
    created = _object(row, "message_create")
    if row.get("type") != "message_create" or not row.get("id"):
        return
    sender = _string(created, "sender_id")
    receiver = _string(_object(created, "target"), "recipient_id")
    data = _object(created, "message_data")
    media = _object(_object(data, "attachment"), "media")
    pair = sorted((one for one in (sender, receiver) if one), key=lambda one: (len(one), one))
    files = (
        (Media(_string(media, "type") or "photo", _string(media, "id_str"),
               {"url": _string(media, "media_url_https") or _string(media, "media_url")}),)
        if media else ()
    )  # fmt: skip
    yield _private(
        str(row["id"]), "-".join(pair), sender, _object(users, sender or ""),
        _string(data, "text"), _epoch_ms(row.get("created_timestamp")), files, account,
    )  # fmt: skip


def _private(
    native_id: str,
    conversation: str | None,
    sender: str | None,
    author: Json,
    text: str | None,
    created_at: datetime | None,
    media: tuple[Media, ...],
    account: str | None,
) -> Message:
    own = account is not None and sender == account
    return Message(
        "dm",
        native_id,
        conversation_id=conversation,
        author_id=sender,
        author_name=_string(author, "name"),
        author_handle=_string(author, "username") or _string(author, "screen_name"),
        text=text,
        media=media,
        created_at=created_at,
        public=False,
        is_own=own,
        reply_to=_private_address(conversation, sender) if not own else None,
        extra=_escaped(text),
    )


def _private_address(conversation: str | None, sender: str | None) -> dict[str, Any] | None:
    """Conversations of two are named after both; one of several is answered as a whole."""
    if conversation and "-" not in conversation and ":" not in conversation:
        return {"dm_conversation_id": conversation}
    return {"participant_id": sender} if sender else None


def _classic_post(post: Json, account: str | None) -> Message:
    native_id = _string(post, "id_str") or _string(post, "id")
    if native_id is None:
        raise BadItem("a post without id")
    user = _object(post, "user")
    author_id = _string(user, "id_str") or _string(user, "id")
    repeated, quoted = _object(post, "retweeted_status"), _object(post, "quoted_status")
    parent = _string(post, "in_reply_to_status_id_str")
    kind: Kind = "mention"
    if repeated:
        kind, parent = "repost", _string(repeated, "id_str")
    elif parent:
        kind = "reply"
    elif quoted:
        kind, parent = "quote", _string(quoted, "id_str")
    extended = _object(repeated or post, "extended_tweet")
    rows = _list(_object(extended or post, "entities"), "user_mentions")
    mentions = tuple(str(r["screen_name"]).lower() for r in rows
                     if isinstance(r, dict) and r.get("screen_name"))  # fmt: skip
    handle = _string(user, "screen_name")
    text = _string(extended, "full_text") or _string(repeated or post, "text")
    return Message(
        kind,
        native_id,
        parent_id=parent,
        author_id=author_id,
        author_name=_string(user, "name"),
        author_handle=handle,
        text=text,
        media=tuple(_classic_media(extended or post)),
        created_at=_time(post.get("created_at")) or _epoch_ms(post.get("timestamp_ms")),
        permalink=f"https://x.com/{handle or 'i/web'}/status/{native_id}",
        target_id=_string(repeated, "id_str"),
        mentions=mentions,
        is_own=account is not None and author_id == account,
        reply_to=None if repeated else _address(native_id, author_id, handle, mentions, {}),
        extra=_escaped(text),
    )


def _classic_media(post: Json) -> Iterator[Media]:
    for row in _list(_object(post, "extended_entities"), "media"):
        if isinstance(row, dict):
            kind = _string(row, "type") or "photo"
            url = _string(row, "media_url_https")
            ref = {"url": url} if url and kind == "photo" else {}
            alt = _string(row, "ext_alt_text")
            yield Media(kind, _string(row, "id_str"), ref, description=alt)


def _gone(native_id: Any, author_id: Any, at: datetime | None = None) -> Message:
    if native_id is None:
        raise BadItem("a deletion that does not say of what")
    return Message(
        "delete",
        str(native_id),
        author_id=str(author_id) if author_id is not None else None,
        target_id=str(native_id),
        created_at=at,
        extra={"made_up_id": True},
    )


def _referenced(post: Json, includes: Json) -> dict[str, Any]:
    """Only what this post refers to, so that a page's extras are not stored a hundred times."""
    references = set(_references(post).values())
    posts = [
        row for row in _rows(includes, ("tweets", "posts")) if _string(row, "id") in references
    ]
    people = {_string(post, "author_id"), _string(post, "sender_id")}
    people |= {_string(row, "author_id") for row in posts}
    keys = {
        str(key)
        for row in (post, *posts)
        for key in _list(_object(row, "attachments"), "media_keys")
    }
    places = {_string(_object(post, "geo"), "place_id")}
    return {
        "tweets": posts,
        "users": _matching(includes, "users", "id", people),
        "media": _matching(includes, "media", "media_key", keys),
        "places": _matching(includes, "places", "id", places),
    }


def _matching(includes: Json, name: str, key: str, wanted: set[Any]) -> list[dict[str, Any]]:
    return [row for row in _rows(includes, (name,)) if _string(row, key) in wanted - {None}]


def _flat_includes(includes: Json) -> dict[str, Any]:
    """Activity deliveries wrap every included object once more in `data`."""
    return {
        name: [_object(row, "data") or row for row in rows if isinstance(row, dict)]
        for name, rows in includes.items()
        if isinstance(rows, list)
    }


def _rows(includes: Json, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [row for name in names for row in _list(includes, name) if isinstance(row, dict)]


def _find(includes: Json, names: tuple[str, ...], wanted: Any, key: str = "id") -> Json:
    if wanted is None:
        return {}
    return next((row for row in _rows(includes, names) if row.get(key) == wanted), {})


def _either(value: Json, *names: str) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _object(value: Any, name: str) -> Json:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, dict) else {}


def _list(value: Json, name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _string(value: Json, name: str) -> str | None:
    found = value.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) and found else None


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        pass
    try:
        return datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
    except ValueError:
        return None


def _epoch_ms(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
