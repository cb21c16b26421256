"""Private messages of Messenger and Instagram: one wire format, one way to answer.

An answer is taken for 24 hours after what a person wrote last, and for 7 days from a
person of the office (tag HUMAN_AGENT), which the app must have been granted. Sources:
developers.facebook.com, "Messenger Platform: webhook events", "Send API",
"Conversations", "Instagram messaging webhooks", read in copies of 2026.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors._meta.graph import (
    Graph,
    Object,
    as_list,
    digest,
    ident,
    moment,
    next_parameters,
    obj,
    rows,
    text,
    without_secrets,
)
from connectors.base import (
    Cursor,
    Geo,
    Json,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Sent,
    point,
)
from connectors.errors import BadItem, Refused, Unknown

WINDOW = timedelta(hours=24)
HUMAN_AGENT_WINDOW = timedelta(days=7)
PRIVATE_REPLY_WINDOW = timedelta(days=7)
DETAILED = 20
"""Messages of a conversation that carry details; older ones are told by their id
alone."""

LISTS = ("messaging", "standby", "changes")
_NOTICES = (
    "referral",
    "optin",
    "account_linking",
    "policy_enforcement",
    "policy-enforcement",
    "game_play",
    "app_roles",
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
    "messaging_feedback",
    "messaging_customer_information",
    "order",
    "payment",
    "pre_checkout",
    "checkout_update",
)
_NO_FILE = frozenset(
    {"fallback", "location", "template", "appointment_booking", "product"}
)
_OLDER = {"sticker": "image", "ig_post": "share"}
"""Types under which the same thing came a second time while programs were moving to the
newer."""
_MESSAGE_FIELDS = "id,created_time,from,to,message,attachments,sticker,shares"
_PER_PAGE = 25
_OVERLAP_SECONDS = 3600


def is_event(value: Json) -> bool:
    """A webhook event of a conversation, wherever it stands."""
    return bool(obj(value, "sender") or obj(value, "recipient"))


def bare_event(payload: Object) -> Object | None:
    """A single event, or an entry taken out of its body, as a raw item's payload."""
    if is_event(payload):
        return {"messaging": payload}
    if payload.get("field") is not None and is_event(payload.get("value")):
        return {"changes": payload}
    return None


def events_of(entry: Object, account: str | None) -> Iterator[Message]:
    """The messages of one raw item made by `_meta.entries`."""
    change = obj(entry, "changes")
    event = obj(entry, "messaging") or obj(entry, "standby") or obj(change, "value")
    if not event and not change:
        raise BadItem("an event of a delivery that is not an object")
    standby = "standby" in entry or change.get("field") == "standby"
    if change and not is_event(event):
        return
    yield from _Event(event, entry, account, standby).messages()


class _Event:
    """One event; who the person is depends on who sent it."""

    def __init__(
        self, event: Object, entry: Object, account: str | None, standby: bool
    ) -> None:
        self.event, self.standby = event, standby
        self.known = ident(obj(event, "sender").get("id"))
        self.sender = self.known or ident(obj(event, "sender").get("user_ref"))
        self.recipient = ident(obj(event, "recipient").get("id"))
        self.at = moment(event.get("timestamp")) or moment(entry.get("time"))
        self.page = account or ident(entry.get("id"))

    def messages(self) -> Iterator[Message]:
        event = self.event
        if event.get("message") is not None:
            yield self._message(obj(event, "message"))
        elif edit := obj(event, "message_edit"):
            yield self._edit(edit)
        elif postback := obj(event, "postback"):
            yield self._postback(postback)
        elif reaction := obj(event, "reaction"):
            yield self._reaction(reaction)
        elif "read" in event or "delivery" in event:
            yield from self._status()
        else:
            told = next((name for name in _NOTICES if name in event), None)
            if told:
                yield self._made_up("system", {"event": told})

    def _message(self, message: Object) -> Message:
        mid = ident(message.get("mid"))
        if mid is None:
            raise BadItem("a message without mid")
        if message.get("is_deleted") is True:
            return Message(
                "delete",
                mid,
                conversation_id=self.sender,
                author_id=self.sender,
                created_at=self.at,
                public=False,
                target_id=mid,
            )
        own = message.get("is_echo") is True or (
            self.sender == self.page and self.page is not None
        )
        reply_to = obj(message, "reply_to")
        links = [
            text(a, "url") or text(obj(a, "payload"), "url")
            for a in _fallbacks(message)
        ]
        return Message(
            "dm",
            mid,
            parent_id=ident(reply_to.get("mid")),
            conversation_id=self.recipient if own else self.sender,
            author_id=self.sender,
            text=text(message, "text"),
            media=tuple(media_of(message, mid)),
            created_at=self.at,
            public=False,
            is_own=own,
            geo=_geo(message),
            **self._answer(own),
            extra={
                **_only("standby", self.standby),
                **_only("unsupported", message.get("is_unsupported") is True),
                **_only("story_reply", ident(obj(reply_to, "story").get("id"))),
                **_only("links", [link for link in links if link]),
                **_only("quick_reply", text(obj(message, "quick_reply"), "payload")),
                **_only("app_id", ident(message.get("app_id"))),
            },
        )

    def _answer(self, own: bool) -> dict[str, Any]:
        """In standby another program holds the conversation: it may be read, not
        answered. Guests of a chat plugin have a reference (`user_ref`) that answers do
        not go to."""
        if own or self.standby or self.known is None:
            return {}
        return answer_to(self.known, self.at)

    def _edit(self, edit: Object) -> Message:
        mid = ident(edit.get("mid"))
        if mid is None:
            raise BadItem("an edit that does not say of what")
        return Message(
            "edit",
            mid,
            conversation_id=self.sender,
            author_id=self.sender,
            text=text(edit, "text"),
            created_at=self.at,
            edited_at=self.at,
            public=False,
            target_id=mid,
            is_own=self.sender == self.page,
            **self._answer(False),
            extra=_only("num_edit", edit.get("num_edit")),
        )

    def _postback(self, postback: Object) -> Message:
        """A button of a menu was pressed: its label stands for what the person says."""
        mid = ident(postback.get("mid"))
        extra = _only("postback", text(postback, "payload"))
        if mid is None:
            return self._made_up("dm", extra, words=text(postback, "title"))
        return Message(
            "dm",
            mid,
            conversation_id=self.sender,
            author_id=self.sender,
            text=text(postback, "title"),
            created_at=self.at,
            public=False,
            extra=extra,
            **self._answer(False),
        )

    def _reaction(self, reaction: Object) -> Message:
        target = ident(reaction.get("mid"))
        removed = reaction.get("action") == "unreact"
        return Message(
            "reaction",
            f"reaction:{target}:{self.sender}",
            parent_id=target,
            conversation_id=self.sender,
            author_id=self.sender,
            text=None if removed else text(reaction, "emoji", "reaction"),
            created_at=self.at,
            public=False,
            target_id=target,
            is_own=self.sender == self.page,
            extra={"made_up_id": True, "removed": removed},
        )

    def _status(self) -> Iterator[Message]:
        """Delivered names each message; read names one (Instagram) or only a time
        (Messenger)."""
        state = "read" if "read" in self.event else "delivered"
        told = obj(self.event, "read") or obj(self.event, "delivery")
        named = [*as_list(told.get("mids")), told.get("mid")]
        mids: list[str | None] = [mid for one in named if (mid := ident(one))]
        for mid in mids or [None]:
            yield Message(
                "status",
                f"{state}:{mid or digest(self.event)}",
                conversation_id=self.sender,
                text=state,
                created_at=self.at,
                public=False,
                target_id=mid,
                extra={"made_up_id": True, "state": state},
            )

    def _made_up(
        self, kind: Any, extra: dict[str, Any], words: str | None = None
    ) -> Message:
        return Message(
            kind,
            f"{kind}:{digest(self.event)}",
            conversation_id=self.sender,
            author_id=self.sender,
            text=words,
            created_at=self.at,
            public=False,
            extra={**extra, "made_up_id": True},
            **(self._answer(False) if kind == "dm" else {}),
        )


def answer_to(person: str, said_at: datetime | None) -> dict[str, Any]:
    """`reply_to` and `reply_until` of something a person wrote at a time."""
    address = {
        "recipient_id": person,
        **({"said_at": said_at.isoformat()} if said_at else {}),
    }
    return {"reply_to": address, "reply_until": said_at + WINDOW if said_at else None}


def media_of(message: Object, mid: str) -> Iterator[Media]:
    """Files of a webhook message. What a story shows may not be kept: it has no address
    here."""
    found = rows(message, "attachments")
    newer = {(_OLDER.get(str(one.get("type"))), _twice_told(one)) for one in found}
    for position, one in enumerate(found):
        kind, payload = text(one, "type") or "file", obj(one, "payload")
        if kind in _NO_FILE or (_twice_told(one) and (kind, _twice_told(one)) in newer):
            continue
        url = text(payload, "url")
        keep = url if kind not in ("story_mention", "ephemeral") else None
        name = (
            _sticker(one) or ident(payload.get("attachment_id")) or f"{mid}:{position}"
        )
        yield Media(
            kind,
            name,
            {"url": keep} if keep else {},
            part_id=mid,
            description=text(payload, "title"),
        )


def _sticker(one: Object) -> str | None:
    return ident(obj(one, "payload").get("sticker_id"))


def _twice_told(one: Object) -> str | None:
    """What tells that two attachments are one thing under its older and its newer
    type."""
    return _sticker(one) or ident(obj(one, "payload").get("ig_post_media_id"))


def _fallbacks(message: Object) -> list[Object]:
    return [
        one for one in rows(message, "attachments") if one.get("type") == "fallback"
    ]


def _geo(message: Object) -> Geo | None:
    for one in rows(message, "attachments"):
        told = obj(one, "payload", "coordinates")
        found = point(told.get("lat"), told.get("long"), text(one, "title"))
        if found:
            return found
    return None


def _only(name: str, value: Any) -> dict[str, Any]:
    return {name: value} if value else {}


# Messages of the Conversations answers


def is_message(row: Object) -> bool:
    """An object of a conversation's list of messages, not the conversation itself."""
    if row.keys() & {
        "snippet",
        "message_count",
        "unread_count",
        "can_reply",
        "participants",
    }:
        return False
    return bool(row.keys() & {"message", "from", "to"}) or str(
        row.get("id")
    ).startswith("m_")


def object_items(
    payload: Object, kind: str, account: str | None = None
) -> Iterator[RawItem]:
    """Messages of an answer: a list or a map by id of conversations or messages, or one
    of them."""
    if "error" in payload:
        return
    listed = payload.get("data")
    mapped = [row for name, row in payload.items() if name == obj(row).get("id")]
    for row in listed if isinstance(listed, list) else mapped or [payload]:
        if not isinstance(row, dict):
            yield RawItem(f"malformed:{digest(row)}", kind, {"row": row}, account)
            continue
        if isinstance(obj(row, "messages").get("data"), list):
            for said in row["messages"]["data"]:
                yield object_item(said, kind, account)
        elif is_message(row):
            yield object_item(row, kind, account)


def object_item(row: Json, kind: str, account: str | None) -> RawItem:
    name = ident(obj(row).get("id"))
    key = f"message:{name}" if name else f"malformed:{digest(row)}"
    return RawItem(key, kind, {"row": without_secrets(row)}, account)


def message_of(item: RawItem) -> Message:
    row = obj(item.payload, "row")
    mid = ident(row.get("id"))
    if mid is None:
        raise BadItem("a message without id")
    author = obj(row, "from")
    author_id = ident(author.get("id"))
    own = item.account is not None and author_id == item.account
    others = [ident(one.get("id")) for one in rows(row, "to", "data")]
    created = moment(row.get("created_time"))
    person = (others[0] if others else None) if own else author_id
    return Message(
        "dm",
        mid,
        conversation_id=person if item.account else None,
        author_id=author_id,
        author_name=text(author, "name"),
        author_handle=text(author, "username"),
        text=text(row, "message"),
        media=tuple(_stored_media(row, mid)),
        created_at=created,
        public=False,
        is_own=own,
        extra=_only(
            "links", [u for s in rows(row, "shares", "data") if (u := text(s, "link"))]
        ),
        **(answer_to(author_id, created) if author_id and not own else {}),
    )


def _stored_media(row: Object, mid: str) -> Iterator[Media]:
    for position, one in enumerate(rows(row, "attachments", "data")):
        mime = text(one, "mime_type")
        data = next(
            (d for n in ("image", "video", "audio") if (d := obj(one, f"{n}_data"))), {}
        )
        url = text(data, "url") or text(one, "file_url")
        kind = (mime or "file").partition("/")[0]
        kind = kind if kind in ("image", "video", "audio") else "file"
        kind = next((n for n in ("image", "video") if f"{n}_data" in one), kind)
        name = ident(one.get("id")) or f"{mid}:{position}"
        yield Media(
            kind, name, {"url": url} if url else {}, mime, mid, text(one, "name")
        )
    if sticker := text(row, "sticker"):
        yield Media("sticker", f"{mid}:sticker", {"url": sticker}, part_id=mid)


# Sending and reading


def preview(reply: Reply, limit: int, length: int) -> Preview:
    """What stands in the way of a private answer; `to` is laid over with the account's
    facts."""
    problem = "too_long" if length > limit else None
    if reply.files:
        problem = "no_files"
    if "recipient_id" not in reply.to:
        problem = "not_allowed"
    elif _tag(reply) is None:
        problem = "window_closed"
    return Preview((reply.text,), length, limit, False, problem)


def preview_private(reply: Reply, limit: int, length: int) -> Preview:
    """Of the one private answer to something public, taken for 7 days."""
    until = moment(reply.to.get("private_until"))
    problem = "too_long" if length > limit else None
    if until is None:
        problem = "not_private"
    elif reply.now is not None and reply.now > until:
        problem = "window_closed"
    elif reply.files:
        problem = "no_files"
    return Preview((reply.text,), length, limit, False, problem)


def _tag(reply: Reply) -> dict[str, str] | None:
    """How a message is marked at this moment; None: too late for any."""
    said_at = moment(reply.to.get("said_at"))
    age = reply.now - said_at if reply.now and said_at else timedelta()
    if age <= WINDOW:
        return {"messaging_type": "RESPONSE"}
    if age <= HUMAN_AGENT_WINDOW and reply.to.get("human_agent"):
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return None


class Chats:
    """The private conversations of one page or Instagram account."""

    def __init__(
        self, graph: Graph, channel: str, item_kind: str, account: str | None
    ) -> None:
        self._graph, self._channel, self._account = graph, channel, account
        self._kind = item_kind

    def send(self, reply: Reply) -> Sent:
        tag = _tag(reply)
        if tag is None:
            raise Refused(
                "the time for answering this person is over", code="window_closed"
            )
        answer = self._graph.post(
            "me/messages",
            sends=True,
            recipient={"id": reply.to["recipient_id"]},
            message={"text": reply.text},
            **tag,
        )
        return _sent(answer)

    def send_private(self, reply: Reply, recipient: dict[str, str]) -> Sent:
        """`recipient`: {"comment_id"} or {"post_id"} of what is answered."""
        answer = self._graph.post(
            "me/messages",
            sends=True,
            recipient=recipient,
            message={"text": reply.text},
            messaging_type="RESPONSE",
        )
        return _sent(answer)

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        answer = self._graph.read_list(
            "me/conversations",
            platform=self._channel,
            user_id=reply.to["recipient_id"],
            fields=f"id,messages.limit({DETAILED}){{{_MESSAGE_FIELDS}}}",
        )
        for conversation in rows(answer, "data"):
            for row in rows(conversation, "messages", "data"):
                at = moment(row.get("created_time"))
                ours = ident(obj(row, "from").get("id")) == reply.to.get("account_id")
                if ours and row.get("message") == reply.text and at and at >= since:
                    return Sent(str(row["id"]))
        return None

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Conversations, the last changed first; older ones than the mark are known.

        The first poll goes back as far as an answer is possible. The mark moves after
        the last page, so that a break loses nothing.
        """
        mark = cursor.get("mark") or time.time() - HUMAN_AGENT_WINDOW.total_seconds()
        top, more = cursor.get("top", 0.0), cursor.get("next")
        while True:
            answer = self._graph.read_list(
                "me/conversations",
                **(
                    more
                    or {
                        "platform": self._channel,
                        "limit": _PER_PAGE,
                        "fields": (
                            f"id,updated_time,messages.limit({DETAILED}){{{_MESSAGE_FIELDS}}}"
                        ),
                    }
                ),
            )
            since = mark - _OVERLAP_SECONDS
            threads = rows(answer, "data")
            times = [_epoch(row.get("updated_time")) for row in threads]
            top = max([top, *times])
            items = list(object_items(answer, self._kind, self._account))
            gap = None
            for thread, changed in zip(threads, times, strict=True):
                if changed < since:
                    continue
                rest, lost = self._older(thread, since)
                items += rest
                gap = "window_20" if lost else gap
            more = next_parameters(answer)
            done = more is None or any(changed < since for changed in times)
            kept: Cursor = (
                {"mark": max(mark, top)}
                if done
                else {"mark": mark, "top": top, "next": more}
            )
            yield Page(tuple(items), kept, stream="conversations", gap=gap)
            if done:
                return

    def _older(self, thread: Object, since: float) -> tuple[list[RawItem], bool]:
        """Further messages of a busy conversation; True where some came without their
        words."""
        messages, found, lost = obj(thread, "messages"), list[RawItem](), False
        oldest = min(
            (_epoch(r.get("created_time")) for r in rows(messages, "data")), default=0.0
        )
        more = next_parameters(messages)
        while more is not None and oldest >= since:
            messages = self._graph.read_list(f"{thread.get('id')}/messages", **more)
            read = rows(messages, "data")
            told = [
                row for row in read if row.keys() & {"message", "attachments", "from"}
            ]
            lost = lost or len(told) < len(read)
            found += [object_item(row, self._kind, self._account) for row in told]
            oldest = min((_epoch(row.get("created_time")) for row in read), default=0.0)
            more = next_parameters(messages)
        return found, lost


def _epoch(value: Any) -> float:
    at = moment(value)
    return at.timestamp() if at else 0.0


def _sent(answer: Object) -> Sent:
    mid = ident(answer.get("message_id"))
    if mid is None:
        raise Unknown("the platform confirmed the message without its number")
    return Sent(mid)
