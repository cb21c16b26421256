"""WhatsApp's webhook format to messages. Pure; total over whatever JSON arrives.

Source: developers.facebook.com, "WhatsApp Business Platform: messages webhook
reference" and "smb_message_echoes webhook reference" (May and June 2026),
"Business-scoped user IDs" (March 2026). Since April 2026 a phone number may be missing;
`user_id` (unique for our business) is then all there is. Ids of messages (`wamid...`)
are unique on the platform.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors._meta.graph import (
    Object,
    as_list,
    digest,
    ident,
    moment,
    number,
    obj,
    rows,
    text,
)
from connectors.base import Geo, Json, Kind, Media, Message, RawItem
from connectors.errors import BadItem

WINDOW = timedelta(hours=24)
"""How long after a person's last message free text may be sent to them."""
ALBUM_SECONDS = 5
"""Pictures of one album come as separate deliveries of one moment, without a common
id."""

_FILES = ("image", "video", "audio", "document", "sticker")
_ALBUM = ("image", "video")
_SPOKEN = frozenset(
    {*_FILES, "text", "location", "contacts", "interactive", "button", "order"}
)
_NOTICES = frozenset({"system", "request_welcome"})


def raw_items(payload: Json) -> Iterator[RawItem]:
    """One item a message, status, error or notice, with what is needed to read it
    alone.

    Takes a whole delivery, one of its entries, changes or values, a bare message, or a
    list.
    """
    for change in _changes(payload):
        yield from _of_change(change)


def _changes(payload: Json) -> Iterator[Object]:
    if isinstance(payload, list):
        for part in payload:
            yield from _changes(part)
        return
    if not isinstance(payload, dict):
        raise BadItem("a delivery that is not an object")
    if _is_answer(payload):
        return
    if isinstance(payload.get("entry"), list):
        for entry in rows(payload, "entry"):
            # some samples of the documentation have the change itself in the place of
            # the entry
            yield from rows(entry, "changes") or ([entry] if "field" in entry else [])
    elif isinstance(payload.get("changes"), list):
        yield from rows(payload, "changes")
    elif isinstance(payload.get("value"), dict) and "field" in payload:
        yield payload
    elif "recipient_id" in payload or ("status" in payload and "id" in payload):
        yield {"field": "messages", "value": {"statuses": [payload]}}
    elif "id" in payload and (
        "from" in payload or "from_user_id" in payload or "type" in payload
    ):
        yield {"field": "messages", "value": {"messages": [payload]}}
    elif _is_value(payload):
        field = "smb_message_echoes" if "message_echoes" in payload else "messages"
        yield {"field": field, "value": payload}
    elif payload.get("object") is None:
        raise BadItem("an object that is no delivery of WhatsApp and no part of one")


def _is_value(payload: Object) -> bool:
    """What is inside a change; providers that pass deliveries on leave the envelope
    away."""
    lists = ("messages", "message_echoes", "statuses")
    told = isinstance(payload.get("metadata"), dict) or payload.get("messaging_product")
    return bool(told) or any(isinstance(payload.get(name), list) for name in lists)


def _is_answer(payload: Object) -> bool:
    """What the API answers to calls of ours: nobody says anything there."""
    asked = any("input" in person for person in rows(payload, "contacts"))
    return asked or "error" in payload or "success" in payload or "data" in payload


def _of_change(change: Object) -> Iterator[RawItem]:
    field, value = text(change, "field") or "messages", obj(change, "value")
    account = ident(obj(value, "metadata").get("phone_number_id"))
    people = rows(value, "contacts")
    found = False
    for name, kind in (
        ("messages", "message"),
        ("message_echoes", "echo"),
        ("statuses", "status"),
        ("user_id_update", "user_id_update"),
        ("calls", "call"),
    ):
        for row in as_list(value.get(name)):
            found = True
            yield _item(kind, field, value, account, people, row)
    if not found and as_list(value.get("errors")):
        kept = {
            "field": field,
            "metadata": value.get("metadata"),
            "errors": value["errors"],
        }
        yield RawItem(f"errors:{digest(kept)}", "errors", kept, account)
    elif not found:
        yield RawItem(f"{field}:{digest(change)}", "notice", dict(change), account)


def _item(
    kind: str,
    field: str,
    value: Object,
    account: str | None,
    people: list[Object],
    row: Json,
) -> RawItem:
    kept = {
        "field": field,
        "metadata": value.get("metadata"),
        "contact": _person(people, row),
        "errors": value.get("errors"),
        kind: row,
    }
    key = f"{kind}:{digest(row, account)}"
    if kind in ("message", "echo") and isinstance(row, dict) and ident(row.get("id")):
        key = f"{kind}:{row['id']}:{digest(row)[:8]}"
    return RawItem(key, kind, {k: v for k, v in kept.items() if v is not None}, account)


def _person(people: list[Object], row: Json) -> Object | None:
    """The contact a message is from; with a single one there is no doubt, whatever its
    number."""
    if len(people) == 1:
        return people[0]
    said = obj(row)
    ids = {ident(said.get(name)) for name in ("from", "from_user_id", "wa_id")} - {None}
    for person in people:
        if ids & {ident(person.get("wa_id")), ident(person.get("user_id"))}:
            return person
    return None


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("an item that is not an object")
    for name, read in _READERS.items():
        if name in payload:
            row = payload[name]
            if not isinstance(row, dict):
                raise BadItem(f"a {name} that is not an object")
            yield from read(row, payload, item)
            return
    if item.kind == "errors":
        yield _failure(payload, item)


def _said(row: Object, payload: Object, item: RawItem) -> Iterator[Message]:
    """A message to us, or one written on the office's own phone (`echo`)."""
    native_id, row = ident(row.get("id")), _named(row)
    if native_id is None:
        raise BadItem("a message without an id")
    own = item.kind == "echo" or "echo" in payload
    kind, content = _kind_and_content(row)
    changed = obj(row, "edit" if kind == "edit" else "revoke").get(
        "original_message_id"
    )
    target = ident(changed) if kind in ("edit", "delete") else None
    if kind == "reaction":
        target = ident(obj(row, "reaction").get("message_id"))
    who = _author(row, payload, own)
    at = moment(row.get("timestamp"))
    group = ident(row.get("group_id"))
    conversation = group or (_addressee(row) if own else who["id"])
    answerable = kind == "dm" and not own
    yield Message(
        kind=kind,
        native_id=native_id,
        parent_id=_parent(row),
        conversation_id=conversation,
        author_id=who["id"],
        author_name=who["name"],
        author_handle=who["handle"],
        person_ids=_person_ids(row, payload, own),
        text=_text(content) if kind != "system" else None,
        media=tuple(_media(content, native_id)),
        created_at=at,
        public=False,
        edited_at=at if kind == "edit" else None,
        edit_of=target if kind in ("edit", "delete") else None,
        group_id=_album(row, conversation, at),
        target_id=target,
        is_own=own,
        contact=who["phone"],
        geo=_geo(content),
        reply_to=_address(row, who, native_id, at) if answerable else None,
        reply_until=at + WINDOW if answerable and at else None,
        extra=_extra(row, content, payload, kind),
    )


def _named(message: Object) -> Object:
    """With its type, which providers that pass deliveries on may leave away."""
    if "type" in message:
        return message
    sort = next((name for name in message if name in _SPOKEN), None)
    return {**message, "type": sort} if sort else message


def _kind_and_content(row: Object) -> tuple[Kind, Object]:
    """What happened, and the object that holds the words (of an edit: the new
    message)."""
    sort = text(row, "type")
    if sort == "edit":
        return "edit", _named(obj(row, "edit", "message"))
    if sort == "revoke":
        return "delete", {}
    if sort == "reaction":
        return "reaction", row
    return ("system" if sort in _NOTICES else "dm"), row


def _author(row: Object, payload: Object, own: bool) -> dict[str, str | None]:
    """Of a notice of the platform only who it names itself; the others are told by
    `contacts`."""
    contact: Object = {} if own else obj(payload, "contact")
    profile = obj(contact, "profile")
    phone = ident(row.get("from"))
    user_id = ident(row.get("from_user_id")) or ident(contact.get("user_id"))
    wa_id = ident(contact.get("wa_id")) if phone is None and user_id is None else None
    return {
        "id": phone or user_id or wa_id,
        "phone": None if own else phone or wa_id,
        "user_id": user_id,
        "name": text(profile, "name"),
        "handle": text(profile, "username"),
    }


_MOVES = ("user_changed_number", "customer_changed_number", "user_changed_user_id")
_PEOPLE = (
    *("wa_id", "new_wa_id", "customer", "user_id", "previous_user_id"),
    *("parent_user_id", "previous_parent_user_id"),
)


def _person_ids(row: Object, payload: Object, own: bool) -> tuple[str, ...]:
    """All ids of the person at the other end, telephone numbers first; in a notice of
    the platform the old and the new ones."""
    if own:
        told = [row.get("to"), row.get("to_user_id"), row.get("to_parent_user_id")]
    else:
        names = ("from", "from_user_id", "from_parent_user_id")
        told = [row.get(name) for name in names]
        for part in (obj(payload, "contact"), obj(row, "system")):
            told += [part.get(name) for name in _PEOPLE]
    return tuple(dict.fromkeys(one for each in told if (one := ident(each))))


def _addressee(row: Object) -> str | None:
    return ident(row.get("to")) or ident(row.get("to_user_id"))


def _parent(row: Object) -> str | None:
    """What is answered. The context of a forwarded message has no id."""
    return ident(obj(row, "context").get("id"))


def _text(content: Object) -> str | None:
    sort = text(content, "type")
    if sort == "reaction":
        return text(obj(content, "reaction"), "emoji")
    if sort == "text":
        return text(obj(content, "text"), "body")
    if sort == "button":
        return text(obj(content, "button"), "text")
    if sort == "interactive":
        return _chosen(obj(content, "interactive"))
    if sort == "location":
        parts = [text(obj(content, "location"), name) for name in ("name", "address")]
        return " - ".join(part for part in parts if part) or None
    if sort == "order":
        return text(obj(content, "order"), "text")
    return text(obj(content, sort), "caption") if sort and sort in _FILES else None


def _chosen(interactive: Object) -> str | None:
    """What was chosen or filled in; of a message with buttons (an echo) what it
    asks."""
    for name in ("button_reply", "list_reply"):
        if isinstance(interactive.get(name), dict):
            return text(obj(interactive, name), "title")
    sort = text(interactive, "type") or "nfm_reply"
    return text(obj(interactive, sort), "title", "body") or text(
        obj(interactive, "body"), "text"
    )


def _media(content: Object, native_id: str) -> Iterator[Media]:
    """The address that newer deliveries carry dies within minutes, so only the id is
    kept."""
    sort = text(content, "type")
    file = obj(content, sort) if sort and sort in _FILES else {}
    media_id = ident(file.get("id"))
    if not file:
        return
    mime = text(file, "mime_type")
    yield Media(
        type="voice" if sort == "audio" and file.get("voice") is True else str(sort),
        native_id=media_id,
        ref={"id": media_id, "digest": text(file, "sha256")} if media_id else {},
        mime=mime.replace("\\/", "/") if mime else None,
        part_id=native_id,
        description=text(file, "filename"),
    )


def _geo(content: Object) -> Geo | None:
    place = obj(content, "location") if content.get("type") == "location" else {}
    latitude, longitude = (
        _degrees(place.get("latitude")),
        _degrees(place.get("longitude")),
    )
    if latitude is None or longitude is None:
        return None
    return Geo(latitude, longitude, _text(content))


def _degrees(value: Any) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,3}(\.\d{1,20})?", value):
        value = float(value)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or abs(value) > 180
    ):
        return None
    return float(value)


def _album(row: Object, conversation: str | None, at: datetime | None) -> str | None:
    if text(row, "type") not in _ALBUM or conversation is None or at is None:
        return None
    return f"{conversation}:{ident(row.get('from'))}:{int(at.timestamp()) // ALBUM_SECONDS}"  # noqa: E501


def _address(
    row: Object, who: dict[str, str | None], native_id: str | None, at: datetime | None
) -> dict[str, Any]:
    """Where an answer goes: the group, else the phone, else the user id. `native_id`:
    of the message that is quoted."""
    told = {
        "message_id": native_id,
        "group_id": ident(row.get("group_id")),
        "phone": who["phone"],
        "user_id": who["user_id"],
        "said_at": at.isoformat() if at else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _extra(row: Object, content: Object, payload: Object, kind: Kind) -> dict[str, Any]:
    context, sort = obj(row, "context"), text(row, "type")
    errors = [*rows(row, "errors"), *rows(payload, "errors")]
    cards = rows(content, "contacts") if sort == "contacts" else []
    form = obj(content, "interactive", "nfm_reply").get("response_json")
    forwarded = context.get("forwarded") or context.get("frequently_forwarded")
    found = {
        "type": sort if isinstance(sort, str) else None,
        "unsupported": _unsupported(row, content, kind),
        "errors": [number(error.get("code")) for error in errors] or None,
        "forwarded": True if forwarded else None,
        "group": ident(row.get("group_id")),
        "user_id": ident(row.get("from_user_id")),
        "contact_cards": len(cards) or None,
        "cards": [card for each in cards if (card := _card(each))] or None,
        "form": form if isinstance(form, str) else None,
        "filled_in": list(_filled_in(form)) or None,
        "referral_source_id": ident(obj(row, "referral").get("source_id")),
        "removed": not _text(content) if kind == "reaction" else None,
        "notice": text(obj(row, "system"), "type") if kind == "system" else None,
        "new_id": _new_id(obj(row, "system")) if kind == "system" else None,
        "notice_text": text(obj(row, "system"), "body") if kind == "system" else None,
        "moved": _moved(obj(row, "system")) if kind == "system" else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _unsupported(row: Object, content: Object, kind: Kind) -> bool | str | None:
    """What the person sent cannot be shown, here or by WhatsApp; the sort where it is
    known."""
    sort = text(row, "type")
    if kind != "dm":
        return None
    if sort == "order":
        return "order"
    if sort not in _SPOKEN:
        told = obj(row, "unsupported").get("type")
        return told if isinstance(told, str) else True
    return True if not isinstance(content.get(str(sort)), dict | list) else None


def _filled_in(form: Any) -> Iterator[str]:
    """The fields of a form, a line each; what is no JSON stays in `form` alone."""
    try:
        read = json.loads(form) if isinstance(form, str) else None
    except ValueError:
        return
    if isinstance(read, dict):
        for name, value in read.items():
            if isinstance(value, str | int | float) and name != "flow_token":
                yield f"{name}: {value}"


def _card(card: Object) -> str | None:
    """A shared contact as one line: name and numbers."""
    name = text(obj(card, "name"), "formatted_name", "first_name")
    numbers = [text(phone, "phone", "wa_id") for phone in rows(card, "phones")]
    return ", ".join(part for part in (name, *numbers) if part) or None


def _new_id(system: Object) -> str | None:
    found = system.get("wa_id") or system.get("new_wa_id") or system.get("user_id")
    return ident(found)


def _moved(system: Object) -> dict[str, str | None] | None:
    """Where a person is answered from now on: with a new number the old id is gone too,
    and the new number is not told of who has a user name."""
    if text(system, "type") not in _MOVES:
        return None
    phone = ident(system.get("new_wa_id") or system.get("wa_id"))
    user_id = ident(system.get("user_id"))
    return {"phone": phone, "user_id": user_id} if phone or user_id else None


def _status(row: Object, payload: Object, item: RawItem) -> Iterator[Message]:
    """What became of something we sent; can come before the answer to the sending."""
    native_id, state = ident(row.get("id")), text(row, "status")
    if native_id is None or state is None:
        raise BadItem("a status without an id or a state")
    errors = rows(row, "errors")
    told = {
        # "played" is said of voice messages that were read; the states have one word
        # for both
        "state": "read" if state == "played" else state,
        "errors": [number(error.get("code")) for error in errors] or None,
        "detail": "; ".join(_why(error) for error in errors) or None,
        "tracker": text(row, "biz_opaque_callback_data"),
        "category": text(obj(row, "pricing"), "category"),
    }
    yield Message(
        kind="status",
        native_id=native_id,
        conversation_id=ident(row.get("recipient_id"))
        or ident(row.get("recipient_user_id")),
        text=state,
        created_at=moment(row.get("timestamp")),
        public=False,
        target_id=native_id,
        extra={name: value for name, value in told.items() if value is not None},
    )


def _why(error: Object) -> str:
    told = text(obj(error, "error_data"), "details") or text(
        error, "message", "title", "details"
    )
    return f"{told or 'no reason given'} ({number(error.get('code'))})"


def _new_user_id(row: Object, payload: Object, item: RawItem) -> Iterator[Message]:
    ids = obj(row, "user_id")
    yield Message(
        kind="system",
        native_id=item.key,
        conversation_id=ident(row.get("wa_id")),
        author_id=ident(ids.get("current")) or ident(row.get("user_id")),
        person_ids=tuple(
            one
            for each in (row.get("wa_id"), ids.get("previous"), ids.get("current"))
            if (one := ident(each))
        ),
        created_at=moment(row.get("timestamp")),
        public=False,
        extra={"made_up_id": True, "previous_user_id": ident(ids.get("previous"))},
    )


def _call(row: Object, payload: Object, item: RawItem) -> Iterator[Message]:
    """A voice call: only a person with the phone can take it, so somebody who called
    is written back to. Both ends of a call carry one id."""
    call_id = ident(row.get("id"))
    if call_id is None:
        raise BadItem("a call without an id")
    who = _author(row, payload, own=False)
    at = moment(row.get("timestamp"))
    theirs = text(row, "direction") != "BUSINESS_INITIATED"
    taken = text(row, "event") == "terminate" and text(row, "status") == "COMPLETED"
    yield Message(
        kind="system",
        native_id=call_id,
        conversation_id=who["id"],
        author_id=who["id"],
        author_name=who["name"],
        author_handle=who["handle"],
        person_ids=_person_ids(row, payload, own=False),
        created_at=at,
        public=False,
        contact=who["phone"],
        reply_to=_address(row, who, None, at) if theirs else None,
        reply_until=at + WINDOW if theirs and at else None,
        extra={
            "notice": "call",
            "event": text(row, "event", "status"),
            **({"tried": "call"} if theirs and not taken else {}),
        },
    )


def _failure(payload: Object, item: RawItem) -> Message:
    """The platform could not make a delivery of something."""
    errors = rows(payload, "errors")
    return Message(
        kind="system",
        native_id=item.key,
        public=False,
        extra={
            "made_up_id": True,
            "notice": "errors",
            "errors": [number(error.get("code")) for error in errors],
            "detail": "; ".join(_why(error) for error in errors),
        },
    )


_READERS: dict[str, Callable[[Object, Object, RawItem], Iterator[Message]]] = {
    "message": _said,
    "echo": _said,
    "status": _status,
    "user_id_update": _new_user_id,
    "call": _call,
}
