"""Bluesky's wire format to messages. Pure; total over whatever JSON arrives.

Source: the lexicons app.bsky.notification.listNotifications, app.bsky.feed.defs and
post, app.bsky.embed.*, chat.bsky.convo.defs and the events of Jetstream (docs.bsky.app,
2026). An at:// URI is the id on the whole network, a CID its version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    as_object,
    digest,
    epoch_time,
    iso_time,
    objects,
    only,
    string,
    sub,
)
from connectors.base import Kind, Media, Message, RawItem
from connectors.errors import BadItem

POST = "app.bsky.feed.post"
_SAYING: dict[str, Kind] = {
    "mention": "mention",
    "reply": "reply",
    "quote": "quote",
    "subscribed-post": "post",
}
_REACTIONS = ("like", "like-via-repost")
_REPEATS = ("repost", "repost-via-repost")
_ATTACHED: dict[str, Kind] = {
    "app.bsky.feed.like": "reaction",
    "app.bsky.feed.repost": "repost",
}
_LISTS = ("notifications", "posts", "feed", "records", "messages", "logs", "convos")
_OF_OTHERS = frozenset(
    {
        "account",
        "accessJwt",
        "actors",
        "convoId",
        "error",
        "followers",
        "follows",
        "handle",
        "identity",
        "likes",
        "repostedBy",
        "sync",
        "validationStatus",
    }
)
"""By these answers and events are known in which nobody says anything."""


def raw_items(payload: Any, account: str | None) -> Iterator[RawItem]:
    """A page of notifications, posts, a feed, records, a thread, chat messages, or one
    of them."""
    if isinstance(payload, list):
        for each in payload:
            yield raw_item(each, account)
        return
    found = as_object(payload)
    name = next((name for name in _LISTS if isinstance(found.get(name), list)), None)
    if name is not None:
        for each in found[name]:
            yield raw_item(each, account)
    elif isinstance(found.get("thread"), dict):
        yield from _thread(found["thread"], account)
    elif isinstance(found.get("thread"), list):  # version 2: a flat list with depths
        for each in found["thread"]:
            if post := sub(each, "value", "post"):
                yield raw_item(post, account)
    elif isinstance(found.get("convo"), dict):
        yield raw_item(found["convo"], account)
    else:
        yield raw_item(payload, account)


def _thread(thread: Json, account: str | None) -> Iterator[RawItem]:
    """Parents first, then the post, then what answers it, each level in its order."""
    above: list[Json] = []
    node = thread
    while isinstance(node.get("parent"), dict):
        node = node["parent"]
        above.insert(0, node)
    waiting = [thread]
    for each in above:
        if isinstance(each.get("post"), dict):
            yield raw_item(each["post"], account)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node.get("post"), dict):
            yield raw_item(node["post"], account)
        waiting.extend(objects(node.get("replies")))


def raw_item(value: Any, account: str | None) -> RawItem:
    """One item, told apart by what it has."""
    found = as_object(value)
    if {
        "did",
        "operation",
        "collection",
        "rkey",
    } <= found.keys():  # Jetstream's second version
        value = found = {
            "did": found["did"],
            "time": found.get("time"),
            "commit": found,
        }
    if isinstance(found.get("commit"), dict) and "did" in found:
        commit = found["commit"]
        key = f"commit:{found.get('did')}:{commit.get('rkey')}:{commit.get('rev')}"
        return RawItem(key, "commit", value, account)
    if "lastMessage" in found:  # a conversation: what was said last
        value = {"convoId": found.get("id"), "message": found["lastMessage"]}
        found = as_object(value)
    if isinstance(found.get("post"), dict):
        kind, version = "feed", found["post"]
    elif "reason" in found and "record" in found:
        kind, version = "notification", found
    elif isinstance(found.get("message"), dict):
        kind, version = "chat", found["message"]
    elif "sentAt" in found:
        kind, version = "chat", found
    elif _OF_OTHERS & found.keys() and "record" not in found:
        kind, version = "other", found
    else:
        kind, version = "post", found
    stamp = version.get("uri") or version.get("id") or digest(value)
    told = f":{found['reason']}" if kind == "notification" else ""
    return RawItem(f"{kind}{told}:{stamp}:{version.get('cid')}", kind, value, account)


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("an item of a Bluesky list that is not an object")
    if item.kind == "gone":
        yield _gone(string(payload, "uri"))
    elif item.kind == "notification":
        yield _notification(payload, item.account)
    elif item.kind == "feed":
        yield _of_feed(payload, item.account)
    elif item.kind == "chat":
        yield from _chat(payload, item.account)
    elif item.kind == "commit":
        yield from _commit(payload, item.account)
    elif item.kind == "other":
        return
    else:
        yield _record(payload, item.account)


def _gone(uri: str | None) -> Message:
    if uri is None:
        raise BadItem("a deletion without the address of what was deleted")
    return Message("delete", uri, target_id=uri)


def _notification(notice: Json, account: str | None) -> Message:
    reason, uri = string(notice, "reason"), string(notice, "uri")
    if reason in _SAYING:
        return _post(notice, _SAYING[reason], account)
    author = sub(notice, "author")
    kind: Kind = "system"
    if reason in _REACTIONS:
        kind = "reaction"
    elif reason in _REPEATS:
        kind = "repost"
    return Message(
        kind,
        uri or f"notice:{digest(notice)}",
        author_id=string(author, "did"),
        author_name=_name(author),
        author_handle=string(author, "handle"),
        created_at=_said_at(sub(notice, "record"), notice),
        target_id=_subject(notice) if kind != "system" else None,
        extra={**only(notice=reason), **({} if uri else {"made_up_id": True})},
    )


def _subject(notice: Json) -> str | None:
    return string(notice, "reasonSubject") or string(
        sub(notice, "record", "subject"), "uri"
    )


def _of_feed(entry: Json, account: str | None) -> Message:
    """A post in somebody's feed, which may stand there because another repeated it."""
    post, why = sub(entry, "post"), sub(entry, "reason")
    if not str(why.get("$type", "")).endswith("#reasonRepost"):
        return _post(post, None, account)
    by, uri = sub(why, "by"), string(post, "uri")
    return Message(
        "repost",
        string(why, "uri") or f"repost:{string(by, 'did')}:{uri}",
        author_id=string(by, "did"),
        author_name=_name(by),
        author_handle=string(by, "handle"),
        text=string(sub(post, "record"), "text"),
        created_at=iso_time(why.get("indexedAt")),
        target_id=uri,
        extra={} if string(why, "uri") else {"made_up_id": True},
    )


def _record(found: Json, account: str | None) -> Message:
    """A post, or what else somebody's repository may hold: likes, reposts, follows,
    rules."""
    uri, record = string(found, "uri"), sub(found, "record") or sub(found, "value")
    if uri is not None and not record:
        raise BadItem("an at:// address without the record it names")
    if uri is None or _collection(uri) in (POST, ""):
        return _post(found, None, account)
    kind = _ATTACHED.get(_collection(uri), "system")
    author = sub(found, "author")
    return Message(
        kind,
        uri,
        author_id=string(author, "did") or _did_of(uri),
        author_name=_name(author),
        author_handle=string(author, "handle"),
        created_at=_said_at(record, found),
        target_id=string(sub(record, "subject"), "uri") if kind != "system" else None,
    )


def _post(found: Json, kind: Kind | None, account: str | None) -> Message:
    """A notification, a post view or a record with its address: all have `uri` and the
    record."""
    uri, cid = string(found, "uri"), string(found, "cid")
    if uri is None:
        raise BadItem("a post without its at:// address")
    record = sub(found, "record") or sub(found, "value")
    author = sub(found, "author")
    did = string(author, "did") or _did_of(uri)
    parent, root = sub(record, "reply", "parent"), sub(record, "reply", "root")
    quoted = _quoted(sub(record, "embed"))
    kind = kind or ("reply" if parent else "quote" if quoted else "post")
    parent_uri = string(parent, "uri")
    return Message(
        kind=kind,
        native_id=uri,
        parent_id=parent_uri or (quoted if kind == "quote" else None),
        conversation_id=string(root, "uri") or parent_uri,
        author_id=did,
        author_name=_name(author),
        author_handle=string(author, "handle"),
        text=string(record, "text"),
        media=tuple(_media(sub(record, "embed"), did, uri)),
        created_at=_said_at(record, found),
        arrived_at=iso_time(found.get("indexedAt")),
        permalink=_permalink(uri),
        target_id=uri if kind == "edit" else None,
        mentions=tuple(_mentioned(record)),
        is_own=account is not None and did == account,
        language=next(
            (lang for lang in as_list(record.get("langs")) if _is_text(lang)), None
        ),
        reply_to={
            "uri": uri,
            "cid": cid,
            "root_uri": string(root, "uri") or uri,
            "root_cid": string(root, "cid") or cid,
        }
        if cid
        else None,
        extra=only(
            version=cid,
            quotes=quoted,
            link=string(sub(record, "embed", "external"), "uri"),
            labels=[
                label
                for each in objects(found.get("labels"))
                if (label := string(each, "val"))
            ]
            or None,
        ),
    )


def _said_at(record: Json, found: Json) -> datetime | None:
    """`createdAt` is what the author's program claims; nothing was said after it was
    indexed."""
    claimed, indexed = (
        iso_time(record.get("createdAt")),
        iso_time(found.get("indexedAt")),
    )
    return min(filter(None, (claimed, indexed)), default=None)


def _quoted(embed: Json) -> str | None:
    """The post quoted; lists, feeds and starter packs are embedded in the same way."""
    record = sub(embed, "record")
    uri = string(record, "uri") or string(sub(record, "record"), "uri")
    return uri if uri and _collection(uri) in (POST, "") else None


def _media(embed: Json, did: str | None, uri: str) -> Iterator[Media]:
    inner = sub(embed, "media") or embed
    for image in objects(inner.get("images")):
        yield _file("image", sub(image, "image"), did, uri, string(image, "alt"))
    if isinstance(inner.get("video"), dict):
        yield _file("video", inner["video"], did, uri, string(inner, "alt"))


def _file(kind: str, blob: Json, did: str | None, uri: str, alt: str | None) -> Media:
    """Blobs are `{"$type": "blob", "ref": {"$link": CID}}`, in old records `{"cid":
    CID}`."""
    cid = string(sub(blob, "ref"), "$link") or string(blob, "cid")
    ref = {"did": did, "cid": cid} if did and cid else {}
    return Media(kind, cid, ref, string(blob, "mimeType"), uri, alt)


def _mentioned(record: Json) -> Iterator[str]:
    """DIDs of everybody mentioned: handles may change, and their letters are only
    text."""
    for facet in objects(record.get("facets")):
        for feature in objects(facet.get("features")):
            did = string(feature, "did")
            if did and str(feature.get("$type", "")).endswith("#mention"):
                yield did.lower()


def _chat(payload: Json, account: str | None) -> Iterator[Message]:
    said = sub(payload, "message") or payload
    message_id, kind = string(said, "id"), str(said.get("$type", ""))
    if message_id is None:
        raise BadItem("a chat message without id")
    sender = string(sub(said, "sender"), "did")
    if "#systemMessage" in kind:  # who came, left or renamed the conversation
        return
    if isinstance(payload.get("reaction"), dict):
        yield _chat_reaction(payload, message_id)
        return
    if kind.endswith("#deletedMessageView"):
        yield Message("delete", message_id, target_id=message_id, public=False)
        return
    yield Message(
        "dm",
        message_id,
        conversation_id=string(payload, "convoId"),
        author_id=sender,
        text=string(said, "text"),
        created_at=iso_time(said.get("sentAt")),
        public=False,
        is_own=account is not None and sender == account,
    )


def _commit(event: Json, account: str | None) -> Iterator[Message]:
    """A change in somebody's repository, as the firehose tells it in JSON."""
    commit, did = sub(event, "commit"), string(event, "did")
    collection, key = string(commit, "collection"), string(commit, "rkey")
    if did is None or collection is None or key is None:
        raise BadItem("a change that does not say of which record")
    uri = f"at://{did}/{collection}/{key}"
    found = {"uri": uri, "cid": commit.get("cid"), "record": commit.get("record")}
    if commit.get("operation") == "delete":
        kind: Kind = "delete" if collection == POST else "system"
        target = uri if kind == "delete" else None
        yield Message(kind, uri, author_id=did, target_id=target)
    elif collection != POST:
        found["indexedAt"] = _moment(event)
        yield _record(found, account)
    else:
        yield _post(
            found, "edit" if commit.get("operation") == "update" else None, account
        )


def _moment(event: Json) -> str | None:
    told = event.get("time_us")
    moment = (
        epoch_time(told // 1000)
        if isinstance(told, int)
        else iso_time(event.get("time"))
    )
    return moment.isoformat() if moment else None


def _chat_reaction(payload: Json, message_id: str) -> Message:
    """An emoji put on a message, or taken off it."""
    reaction = sub(payload, "reaction")
    sender = string(sub(reaction, "sender"), "did")
    removed = str(payload.get("$type", "")).endswith("#logRemoveReaction")
    return Message(
        "reaction",
        f"reaction:{message_id}:{sender}:{digest(payload)}",
        conversation_id=string(payload, "convoId"),
        author_id=sender,
        text=string(reaction, "value") if not removed else None,
        created_at=iso_time(reaction.get("createdAt")),
        public=False,
        target_id=message_id,
        extra={"made_up_id": True, "removed": removed},
    )


def _collection(uri: str) -> str:
    """The part of an at:// address that says what it names; "" where it is not told."""
    parts = uri.removeprefix("at://").split("/")
    return parts[1] if len(parts) == 3 else ""


def _did_of(uri: str) -> str | None:
    did = uri.removeprefix("at://").partition("/")[0]
    return did if did.startswith("did:") else None


def _permalink(uri: str) -> str | None:
    parts = uri.removeprefix("at://").split("/")
    if len(parts) != 3 or parts[1] != POST:
        return None
    return f"https://bsky.app/profile/{parts[0]}/post/{parts[2]}"


def _name(author: Json) -> str | None:
    return string(author, "displayName") or string(author, "handle")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
