"""Google reviews' wire format to messages. Pure; total over whatever JSON arrives.

Source: developers.google.com/my-business, REST v4 accounts.locations.reviews
(reviewMediaItems since 2026-04, reviewReplyUrl since 2026-07) and the Pub/Sub
notifications of API v1. A review keeps its resource name when its author changes it;
only `updateTime` moves.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    as_object,
    digest,
    iso_time,
    objects,
    only,
    string,
    sub,
)
from connectors.base import Media, Message, RawItem
from connectors.errors import BadItem

_STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
_TOLD = ("NEW_REVIEW", "UPDATED_REVIEW")


def raw_items(payload: Any) -> Iterator[RawItem]:
    """A page of a list, a batch over several locations, one review, or a Pub/Sub
    notification."""
    if isinstance(payload, list):
        for each in payload:
            yield from raw_items(each) if _is_envelope(each) else _reviews([each])
    elif not isinstance(payload, dict):
        yield from _reviews([payload])
    elif _is_envelope(payload):
        yield notification(payload)
    elif isinstance(payload.get("reviews"), list):
        yield from _reviews(payload["reviews"])
    elif isinstance(payload.get("locationReviews"), list):
        yield from _reviews([_of_batch(each) for each in payload["locationReviews"]])
    elif "totalReviewCount" in payload or "averageRating" in payload or not payload:
        return  # a location without reviews has no list at all
    elif _review_name(payload) and "starRating" not in payload:
        yield RawItem(
            f"told:{digest(payload)}", "notification", payload, _location(payload)
        )
    else:
        yield from _reviews([payload])


def _reviews(rows: list[Any]) -> Iterator[RawItem]:
    """A null among the reviews is no review and no fault."""
    for row in rows:
        if row is not None:
            yield review(row)


def review(row: Any) -> RawItem:
    """Keyed by what changes when the author or the city writes, not by photographs'
    addresses."""
    found = as_object(row)
    name, answer = string(found, "name"), sub(found, "reviewReply")
    if name is None:
        return RawItem(f"malformed:{digest(row)}", "review", row)
    revision = [
        str(found.get("updateTime")),
        str(answer.get("updateTime")),
        str(answer.get("reviewReplyState")),
    ]
    return RawItem(f"{name}@{'@'.join(revision)}", "review", row, location_of(name))


def location_of(name: str) -> str | None:
    """`accounts/1/locations/2` of `accounts/1/locations/2/reviews/3`."""
    location, found, _ = name.partition("/reviews/")
    return location if found else None


def _of_batch(row: Any) -> Any:
    found = as_object(row)
    return found.get("review") if isinstance(found.get("review"), dict) else row


def _is_envelope(payload: Any) -> bool:
    return isinstance(as_object(payload).get("message"), dict)


def notification(envelope: Json) -> RawItem:
    """A Pub/Sub push: the notice stands in `message.data`, base64 of JSON, or in its
    attributes."""
    message = sub(envelope, "message")
    notice = {**sub(message, "attributes"), **_decoded(message.get("data"))}
    key = message.get("messageId") or message.get("message_id") or digest(envelope)
    return RawItem(f"told:{key}", "notification", notice, _location(notice))


def _decoded(data: Any) -> Json:
    try:
        return as_object(json.loads(base64.b64decode(data, validate=True)))
    except (TypeError, ValueError, binascii.Error, RecursionError):
        return {}


def _review_name(notice: Json) -> str | None:
    """Documented as `reviewName` (v4) and `review_name` (v1); seen as `review` too."""
    for name in ("reviewName", "review_name", "review", "name"):
        value = string(notice, name)
        if value and "/reviews/" in value:
            return value
    return None


def _location(notice: Json) -> str | None:
    name = _review_name(notice)
    told = string(notice, "locationName") or string(notice, "location_name")
    return (location_of(name) if name else None) or told or string(notice, "location")


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    if not isinstance(payload, dict):
        raise BadItem("a review that is not an object")
    if item.kind == "notification":
        yield _told(payload)
    elif item.kind == "gone":
        yield _gone(payload)
    else:
        yield _message(payload)


def _told(notice: Json) -> Message:
    kind = string(notice, "type") or string(notice, "notificationType")
    name = _review_name(notice)
    if name is None or (kind is not None and kind not in _TOLD):
        native_id = f"notice:{digest(notice)}"
        return Message(
            "system", native_id, extra={"made_up_id": True, **only(notice=kind)}
        )
    return Message(
        "review",
        name,
        conversation_id=location_of(name),
        needs_fetch=True,
        extra=only(notice=kind),
    )


def _gone(payload: Json) -> Message:
    name = string(payload, "name")
    if name is None:
        raise BadItem("a removed review without its name")
    return Message("delete", name, conversation_id=location_of(name), target_id=name)


def _message(found: Json) -> Message:
    name = string(found, "name")
    native_id = name or string(found, "reviewId")
    if native_id is None:
        raise BadItem("a review without its resource name")
    reviewer, answer = sub(found, "reviewer"), sub(found, "reviewReply")
    created, updated = (
        iso_time(found.get("createTime")),
        iso_time(found.get("updateTime")),
    )
    edited = created is not None and updated is not None and updated > created
    anonymous = reviewer.get("isAnonymous") is True
    return Message(
        kind="review",
        native_id=native_id,
        conversation_id=location_of(native_id),
        author_name=None if anonymous else string(reviewer, "displayName"),
        text=string(found, "comment"),
        media=tuple(_media(found, native_id)),
        created_at=created,
        edited_at=updated if edited else None,
        edit_of=native_id if edited else None,
        anonymous=anonymous,
        reply_to={"review": name, "answered": bool(answer)} if name else None,
        extra=only(
            rating=_stars(found.get("starRating")),
            own_reply=string(answer, "comment"),
            own_reply_state=string(answer, "reviewReplyState"),
            policy_violation=string(answer, "policyViolation"),
            answer_page=string(found, "reviewReplyUrl"),
        ),
    )


def _stars(told: Any) -> int | None:
    if isinstance(told, int) and not isinstance(told, bool) and 1 <= told <= 5:
        return told
    return _STARS.get(str(told))


def _media(found: Json, name: str) -> Iterator[Media]:
    for number, file in enumerate(objects(as_list(found.get("reviewMediaItems")))):
        video = string(file, "videoUrl")
        url = video or string(file, "thumbnailUrl")
        yield Media(
            type="video" if video else "image",
            native_id=f"{name}#{number}",
            ref={"url": url} if url else {},
            part_id=name,
        )
