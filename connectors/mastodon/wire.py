"""Mastodon's wire format to messages. Pure; total over whatever JSON arrives.

Source: docs.joinmastodon.org, entities Notification, Status, Conversation, Quote and "Streaming",
2026. Ids are strings; a server makes them of the millisecond and a hash, so that two servers do not
give the same one.
"""  # noqa: E501

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    as_object,
    digest,
    ident,
    iso_time,
    objects,
    only,
    string,
    sub,
)
from connectors.base import Kind, Media, Message, RawItem
from connectors.errors import BadItem

_LISTS = ("statuses", "ancestors", "descendants")
_STREAMED = {
    "update": "status",
    "status.update": "edited",
    "delete": "gone",
    "notification": "notification",
    "conversation": "conversation",
}
_HOOKS = {"status.created": "status", "status.updated": "edited"}
_SAYING = {
    "mention": "mention",
    "quote": "quote",
    "status": "status",
    "update": "edited",
}
_OF_A_STATUS = ("visibility", "content", "reblog")
_OF_OTHERS = frozenset(
    {
        "acct",
        "access_token",
        "action_taken",
        "client_id",
        "domain",
        "error",
        "filter_action",
        "following",
        "history",
        "keywords",
        "last_read_id",
        "notifications",
        "options",
        "phrase",
        "preview_url",
        "published_at",
        "replies_policy",
        "scheduled_at",
        "short_description",
        "shortcode",
        "source",
        "statuses_count",
        "text",
    }
)
"""By these the other things a server answers with are known: people, lists, polls,
files, rules."""
_REACTIONS = ("favourite", "reaction", "pleroma:emoji_reaction")


def raw_items(
    payload: Any, account: str | None, hint: str | None = None
) -> Iterator[RawItem]:
    """Whatever a server sends or answers, split into notifications, statuses,
    conversations."""
    if isinstance(payload, list):
        for each in payload:
            yield raw_item(each, account, hint)
    elif isinstance(payload, dict) and isinstance(
        payload.get("notification_groups"), list
    ):
        yield from _grouped(payload, account)
    elif (
        isinstance(payload, dict)
        and "id" not in payload
        and any(n in payload for n in _LISTS)
    ):
        for name in _LISTS:
            for each in as_list(payload.get(name)):
                yield raw_item(each, account, hint)
    elif isinstance(payload, dict) and isinstance(payload.get("event"), str):
        yield _event(payload, account)
    else:
        yield raw_item(payload, account, hint)


def raw_item(value: Any, account: str | None, kind: str | None = None) -> RawItem:
    """One notification, status or conversation, told apart by what it has."""
    found = as_object(value)
    if kind not in ("edited", "gone", "status"):
        kind = _kind_of_item(found)
    status = _status_of(found, kind)
    revision = (
        string(status, "edited_at") or string(status, "created_at") or digest(value)
    )
    name = string(found, "type") if kind == "notification" else kind
    key = (
        f"{name}:{ident(found, 'id') or digest(value)}:{ident(status, 'id')}:{revision}"
    )
    return RawItem(key, kind, value, account)


def _kind_of_item(found: Json) -> str:
    if "last_status" in found:
        return "conversation" if found["last_status"] is not None else "other"
    if (
        isinstance(found.get("type"), str)
        and "account" in found
        and "content" not in found
    ):
        return "notification"
    if "visibility" in found or not _OF_OTHERS & found.keys():
        is_version = (
            "content" in found and not {"id", "uri", "visibility"} & found.keys()
        )
        return "other" if is_version else "status"
    return "other"


def _status_of(found: Json, kind: str) -> Json:
    names = {"notification": "status", "conversation": "last_status"}
    return sub(found, names[kind]) if kind in names else found


def _event(payload: Json, account: str | None) -> RawItem:
    """A frame of the streaming API (its payload is JSON in a string) or an admin's
    webhook."""
    event, inner = payload["event"], payload.get("payload")
    if event in _HOOKS:
        return raw_item(payload.get("object"), account, _HOOKS[event])
    if event == "delete":
        return RawItem(f"gone:{inner}", "gone", {"id": inner}, account)
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            inner = None
    if event in _STREAMED:
        return raw_item(inner, account, _STREAMED[event])
    return RawItem(f"event:{digest(payload)}", "other", payload, account)


def _grouped(payload: Json, account: str | None) -> Iterator[RawItem]:
    """Version 2 of the list names accounts and statuses once and refers to them."""
    statuses = {ident(each, "id"): each for each in objects(payload.get("statuses"))}
    people = [
        *objects(payload.get("partial_accounts")),
        *objects(payload.get("accounts")),
    ]
    accounts = {ident(each, "id"): each for each in people}
    for group in as_list(payload["notification_groups"]):
        found = as_object(group)
        samples = as_list(found.get("sample_account_ids"))
        sample = samples[0] if samples and isinstance(samples[0], str) else None
        whole = {
            "id": (
                ident(found, "most_recent_notification_id") or ident(found, "group_key")
            ),
            "type": found.get("type"),
            "created_at": found.get("latest_page_notification_at"),
            "account": accounts.get(sample),
            "status": statuses.get(ident(found, "status_id")),
        }
        yield raw_item(whole, account, "notification")


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("an item of a Mastodon list that is not an object")
    if item.kind == "gone":
        yield _gone(payload)
    elif item.kind == "notification":
        yield from _notification(payload, item.account)
    elif item.kind == "conversation":
        yield _status(sub(payload, "last_status"), "dm", item.account)
    elif item.kind == "other":
        return
    else:
        yield _status(payload, item.kind, item.account)


def _gone(payload: Json) -> Message:
    status_id = ident(payload, "id")
    if status_id is None:
        raise BadItem("a deletion without the id of what was deleted")
    return Message("delete", status_id, target_id=status_id)


def _notification(payload: Json, account: str | None) -> Iterator[Message]:
    kind, status = string(payload, "type"), sub(payload, "status")
    if kind in _SAYING:
        yield _status(status, _SAYING[kind], account)
        return
    who, target = sub(payload, "account"), ident(status, "id")
    attached: Kind = "system"
    if kind == "reblog":
        attached = "repost"
    elif kind in _REACTIONS:
        attached = "reaction"
    yield Message(
        attached,
        f"notification:{ident(payload, 'id') or digest(payload)}",
        author_id=ident(who, "id"),
        author_name=_name(who),
        author_handle=string(who, "acct"),
        text=(string(payload, "emoji") if attached == "reaction" else None),
        created_at=iso_time(payload.get("created_at")),
        target_id=target if attached != "system" else None,
        extra={"made_up_id": True, **only(notice=string(payload, "type"))},
    )


def _status(status: Json, shape: str, account: str | None) -> Message:
    status_id = ident(status, "id")
    if status_id is None:
        raise BadItem("a status without id")
    if not any(name in status for name in _OF_A_STATUS):
        raise BadItem("an object that is neither a status nor a notification")
    author, repeated = sub(status, "account"), sub(status, "reblog")
    visibility = string(status, "visibility") or "public"
    parent = ident(status, "in_reply_to_id")
    kind = _kind(shape, visibility, bool(parent), bool(repeated))
    quoted = ident(sub(status, "quote", "quoted_status"), "id")
    mentions = [
        name
        for each in objects(status.get("mentions"))
        if (name := string(each, "acct"))
    ]
    author_id, acct = ident(author, "id"), string(author, "acct")
    content = string(repeated, "content") if repeated else string(status, "content")
    said_in = repeated or status
    return Message(
        kind=kind,
        native_id=status_id,
        parent_id=quoted if kind == "quote" else parent,
        author_id=author_id,
        author_name=_name(author),
        author_handle=acct,
        text=text_of(content) if content else None,
        media=tuple(_media(said_in, status_id)),
        created_at=iso_time(status.get("created_at")),
        public=visibility in ("public", "unlisted"),
        permalink=string(status, "url") or string(status, "uri"),
        edited_at=iso_time(status.get("edited_at")),
        target_id=status_id if kind == "edit" else ident(repeated, "id"),
        mentions=tuple(name.lower() for name in mentions),
        is_own=account is not None and author_id == account,
        language=string(status, "language"),
        reply_to=_reply_to(status_id, visibility, acct, mentions),
        extra=only(
            visibility=visibility,
            content_warning=string(status, "spoiler_text"),
            quotes=quoted,
            poll=[
                title
                for option in objects(sub(status, "poll").get("options"))
                if (title := string(option, "title"))
            ]
            or None,
        ),
    )


def _kind(shape: str, visibility: str, answers: bool, repeats: bool) -> Kind:
    if repeats:
        return "repost"
    if shape == "edited":
        return "edit"
    if visibility == "direct":
        return "dm"
    if shape == "quote":
        return "quote"
    if answers:
        return "reply"
    return "mention" if shape == "mention" else "post"


def _reply_to(
    status_id: str, visibility: str, acct: str | None, mentions: list[str]
) -> dict[str, Any]:
    return {
        "status_id": status_id,
        "visibility": visibility,
        "acct": acct,
        "others": [name for name in mentions if name != acct],
    }


def _media(status: Json, status_id: str) -> Iterator[Media]:
    for file in objects(status.get("media_attachments")):
        url = string(file, "url") or string(file, "remote_url")
        yield Media(
            type=string(file, "type") or "unknown",
            native_id=ident(file, "id"),
            ref={"url": url} if url else {},
            part_id=status_id,
            description=string(file, "description"),
        )


def _name(account: Json) -> str | None:
    return string(account, "display_name") or string(account, "username")


class _Text(HTMLParser):
    """Paragraphs stand a blank line apart, as the web page shows them."""

    _BLOCKS = ("p", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            starts = bool(self.parts) and self.parts[-1].endswith("\n")
            self.parts.append("- " if starts else "\n- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(content: str) -> str | None:
    """The text of a status without its HTML."""
    reader = _Text()
    reader.feed(content)
    reader.close()
    return "".join(reader.parts).strip() or None
