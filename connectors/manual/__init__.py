"""What somebody of the city wrote down: a call to 112, a telephone, a visitor, a pasted
chat.

The entry comes from our own page, with the name of who wrote it down. Nothing can be
sent back by a program: the answer stands on the tracking page, and a person passes it
on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from connectors._shared import form, phone
from connectors.base import (
    AccountSettings,
    FileKind,
    Identity,
    Json,
    Later,
    Message,
    Preview,
    RawItem,
    Reply,
    Sent,
    Settings,
)
from connectors.errors import BadItem
from connectors.manual import paste

_ZONE = ZoneInfo("Asia/Jakarta")
SOURCES = ("call112", "phone", "whatsapp", "visit", "letter", "radio", "other")
"""Where it was said, as the page offers it."""


class ManualApp(Settings):
    """Writing down needs nothing for the whole installation."""


class ManualAccount(AccountSettings):
    handle: str = Field(
        title="Name of the desk that writes down", description="callcenter112"
    )


class Manual:
    label: ClassVar[str] = "Written down by hand"
    hears: ClassVar[frozenset[Later]] = frozenset()
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture"})
    App: ClassVar[type[Settings]] = ManualApp
    Account: ClassVar[type[AccountSettings]] = ManualAccount
    text_limit: ClassVar[int] = 5000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 3600

    def __init__(
        self, app: ManualApp, account: ManualAccount, external_id: str | None = None
    ) -> None:
        self._account = account

    def close(self) -> None:
        """Nothing stays open between calls."""

    def check(self) -> Identity:
        handle = self._account.handle
        return Identity(handle, handle, handle)

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        rows = payload if isinstance(payload, list) else [payload]
        for row in rows:
            said = json.dumps(row, sort_keys=True).encode("utf-8", "replace")
            key = row.get("entry_id") if isinstance(row, dict) else None
            yield RawItem(
                f"entry:{key or hashlib.sha256(said).hexdigest()[:24]}", "entry", row
            )

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        """{"entry_id", "recorded_by", "source", "text", "pasted", "speaker", "name",
        "contact", "place", "lat", "lon", "anonymous", "said_at", "created_at",
        "time_zone", "media", "lines"}: all but `entry_id` and one of `text` and
        `pasted` may be missing. `lines` are the numbers (from 0) of a pasted chat's
        lines that are the report; without them it is what `speaker` says, and without
        that what the first says who speaks."""
        said = item.payload
        if not isinstance(said, dict) or not form.text(said, "entry_id"):
            raise BadItem("an entry without entry_id")
        return [_message(said)]

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text)
        problem = (
            "too_long"
            if length > cls.text_limit
            else "no_files"
            if reply.files
            else None
        )
        return Preview(
            (reply.text,),
            length,
            cls.text_limit,
            False,
            problem,
            ("passed_on_by_person",),
        )

    def send(self, reply: Reply) -> Sent:
        """It stands on the tracking page from now on."""
        return Sent(external_id=reply.key)


def pasted_lines(pasted: str, zone: tzinfo = _ZONE) -> list[paste.Line]:
    """The messages of a pasted chat; [] where the text is no chat."""
    return paste.chat(pasted, zone)


def _chosen(said: Mapping[str, Any], lines: list[paste.Line]) -> list[paste.Line]:
    numbers = said.get("lines")
    if isinstance(numbers, list):
        return [line for number, line in enumerate(lines) if number in numbers]
    speaker = form.text(said, "speaker") or (lines[0].who if lines else None)
    return [line for line in lines if line.who == speaker]


def _message(said: Mapping[str, Any]) -> Message:
    pasted = form.text(said, "pasted")
    lines = pasted_lines(pasted, _zone(said)) if pasted else []
    theirs = _chosen(said, lines)
    speaker = theirs[0].who if theirs else None
    text = "\n".join(line.text for line in theirs if line.text) if lines else pasted
    written = form.text(said, "text")
    anonymous = said.get("anonymous") is True
    contact = None if anonymous else phone.tidy_contact(form.text(said, "contact"))
    entry_id = str(said["entry_id"])
    body = "\n\n".join(each for each in (written, text) if each)
    if not body and not said.get("media"):
        raise BadItem("an entry without text")
    return Message(
        kind="dm",
        native_id=entry_id,
        conversation_id=entry_id,
        author_id=contact,
        author_name=None if anonymous else form.text(said, "name") or speaker,
        text=body or None,
        raw_text="\n\n".join(each for each in (written, pasted) if each) or None,
        media=tuple(form.stored_media(said)),
        created_at=_time(said, "said_at")
        or next((line.at for line in theirs if line.at), None)
        or _time(said, "created_at"),
        public=False,
        anonymous=anonymous,
        contact=contact,
        place=form.text(said, "place"),
        geo=form.geo(said),
        reply_to={"entry_id": entry_id, "contact": contact},
        extra=_extra(said, lines),
    )


def _extra(said: Mapping[str, Any], lines: list[paste.Line]) -> dict[str, Any]:
    source = form.text(said, "source")
    return {
        "recorded_by": form.text(said, "recorded_by"),
        "source": source if source in SOURCES else "other",
        **(
            {
                "chat": [
                    {
                        "who": line.who,
                        "at": line.at.isoformat() if line.at else None,
                        "text": line.text,
                        "media": line.media,
                    }
                    for line in lines
                ]
            }
            if lines
            else {}
        ),
    }


def _zone(said: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(form.text(said, "time_zone") or _ZONE.key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _ZONE


def _time(said: Mapping[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said[name])
        aware = moment if moment.tzinfo else moment.replace(tzinfo=_zone(said))
        return aware.astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
