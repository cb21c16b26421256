"""Reports of SiBadra to messages, and the signature of deliveries both ways. Pure.

The contract is ours: docs/channels/sibadra.md and docs/schemas/sibadra-report.json.
What the schema requires is required here; a field of the wrong kind that is not
required is left out, so that no report is lost over a photograph.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._shared import folder, phone
from connectors.base import Geo, Json, Media, Message, RawItem, point
from connectors.errors import BadItem, Untrusted

KIND = "sibadra.report"
BROKEN = "sibadra.broken"
TIMESTAMP = "x-sahut-timestamp"
SIGNATURE = "x-sahut-signature"
TOLERANCE_SECONDS = 300
STATUSES = ("new", "in_progress", "done", "rejected", "withdrawn")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})"
)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """sha256=HEX of HMAC-SHA256 over the timestamp, a full stop and the body as it is
    sent."""
    signed = timestamp.encode("ascii", "replace") + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Untrusted where the signature is wrong or older or newer than five minutes."""
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not re.fullmatch(r"\d{1,12}", timestamp, re.ASCII):
        raise Untrusted("the delivery of SiBadra has no time of signing")
    expected = signature(secret, timestamp, body)
    if not hmac.compare_digest(given.strip().lower().encode(), expected.encode()):
        raise Untrusted("the signature of this SiBadra delivery is missing or wrong")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Untrusted(
            "this SiBadra delivery was signed more than five minutes ago or ahead"
        )


def raw_items(payload: Json) -> Iterator[RawItem]:
    """Keyed by id and updated_at: a delivery that comes again is known."""
    reports = payload.get("reports") if isinstance(payload, dict) else payload
    for report in reports if isinstance(reports, list) else [payload]:
        said = report if isinstance(report, dict) else {}
        known = _id(said), said.get("updated_at")
        if known[0] and isinstance(known[1], str):
            yield RawItem(f"{known[0]}:{known[1][:40]}", KIND, report)
            continue
        text = json.dumps(report, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        yield RawItem(f"malformed:{digest}", KIND, report)


def messages_of(item: RawItem) -> Iterator[Message]:
    said = item.payload
    folder.raise_if_broken(item, BROKEN)
    if not isinstance(said, dict):
        raise BadItem("a report that is no object")
    report_id, changed = _id(said), _time(said, "updated_at")
    if report_id is None:
        raise BadItem("a report without an id")
    if changed is None:
        raise BadItem(f"report {report_id}: updated_at is no time with a zone")
    if said.get("status") == "withdrawn":
        yield Message("delete", report_id, created_at=changed, public=False)
        return
    if not _text(said, "text"):
        raise BadItem(f"report {report_id}: no text")
    yield _message(said, report_id, changed)


def _message(said: Mapping[str, Any], report_id: str, changed: datetime) -> Message:
    told = said.get("reporter")
    reporter: Mapping[str, Any] = told if isinstance(told, dict) else {}
    anonymous = reporter.get("anonymous") is True
    contact = None if anonymous else phone.tidy_contact(_text(reporter, "phone"))
    status = said.get("status")
    facts = {
        "subject": _text(said, "topic"),
        "source": _text(said, "channel"),
        "agency": _text(said, "opd"),
        "status": status if status in STATUSES else None,
        "rahasia": True if said.get("confidential") is True else None,
    }
    return Message(
        kind="post",
        native_id=report_id,
        author_id=contact,
        author_name=None if anonymous else _text(reporter, "name"),
        text=_text(said, "text"),
        media=tuple(_media(said, report_id)),
        created_at=_time(said, "created_at") or changed,
        public=False,
        edited_at=changed,
        edit_of=report_id,  # a report that changed is the same report
        anonymous=anonymous,
        contact=contact,
        place=_text(said, "address"),
        geo=_geo(said),
        reply_to={"report_id": report_id},
        extra={name: value for name, value in facts.items() if value is not None},
    )


def _media(said: Mapping[str, Any], report_id: str) -> Iterator[Media]:
    photos = said.get("photos")
    for url in photos if isinstance(photos, list) else []:
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            digest = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:24]
            yield Media("photo", digest, {"url": url}, part_id=report_id)


def _id(said: Mapping[str, Any]) -> str | None:
    value = said.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) if _ID.fullmatch(str(value)) else None


def _text(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _time(said: Mapping[str, Any], name: str) -> datetime | None:
    value = said.get(name)
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _geo(said: Mapping[str, Any]) -> Geo | None:
    return point(said.get("lat"), said.get("lon"))
