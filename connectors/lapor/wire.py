"""Rows of an SP4N-LAPOR! export to messages. Pure, but for reading the column map.

There is no published schema (docs/channels/lapor.md), so columns.yaml says which
heading means what, or lapor_columns.yaml in the config folder. The map is applied where
a file is read, and the raw item keeps both the row as it was and the headings that were
recognised: {"row": {heading: text}, "columns": {meaning: heading}, "file", "line"}. So
normalising needs no configuration, and a row can be read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from connectors._shared import folder as shared_folder
from connectors.base import Geo, Message, RawItem
from connectors.errors import BadItem

KIND = "lapor.row"
BROKEN = "lapor.broken"
PERMALINK = "https://www.lapor.go.id/pengaduan/"
_SHIPPED = Path(__file__).with_name("columns.yaml")
_OWN = "lapor_columns.yaml"
_YES = frozenset(
    {"1", "ya", "y", "yes", "true", "iya", "benar", "on", "anonim", "rahasia"}
)
_MONTHS = {
    "januari": 1,
    "jan": 1,
    "februari": 2,
    "pebruari": 2,
    "feb": 2,
    "maret": 3,
    "mar": 3,
    "april": 4,
    "apr": 4,
    "mei": 5,
    "may": 5,
    "juni": 6,
    "jun": 6,
    "juli": 7,
    "jul": 7,
    "agustus": 8,
    "agu": 8,
    "agt": 8,
    "aug": 8,
    "ags": 8,
    "september": 9,
    "sep": 9,
    "sept": 9,
    "oktober": 10,
    "okt": 10,
    "oct": 10,
    "november": 11,
    "nopember": 11,
    "nov": 11,
    "nop": 11,
    "desember": 12,
    "des": 12,
    "dec": 12,
}
_DATE = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})[\s/.-]+(?P<month>\d{1,2}|[A-Za-z]{3,9})[\s/.,-]+"
    r"(?P<year>\d{4}|\d{2}(?![\d:./-]))"
    r"(?:[\sT,]+(?:pukul\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?)?",
    re.I,
)
_YEAR_FIRST = re.compile(r"^(\d{4})[/.](\d{2})[/.]")
_TRACKING_ID = re.compile(r"^#?\s*([A-Za-z0-9][A-Za-z0-9._/-]{0,63})$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Headings by meaning, the one for our own files first."""

    headings: Mapping[str, tuple[str, ...]]
    time_zone: str

    def recognised(self, headings: Sequence[str]) -> dict[str, str]:
        """Meaning to the heading that stands in a file; a heading has one meaning."""
        there: dict[str, str] = {}
        for heading in headings:
            there.setdefault(_plain(heading), heading)
        found: dict[str, str] = {}
        for meaning, names in self.headings.items():
            for name in names:
                if _plain(name) in there and there[_plain(name)] not in found.values():
                    found[meaning] = there[_plain(name)]
                    break
        return found

    def is_heading(self, cells: Sequence[str]) -> bool:
        found = self.recognised(cells)
        return "id" in found and ("text" in found or "title" in found)


def columns() -> Columns:
    """The map in the config folder of the installation, else ours. BadItem where it is
    wrong."""
    own = Path(os.environ.get("SAHUT_CONFIG_DIR") or "config") / _OWN
    return _read(own if own.is_file() else _SHIPPED)


def _read(path: Path) -> Columns:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        headings = {
            str(meaning): tuple(str(name) for name in names)
            for meaning, names in said["columns"].items()
        }
        zone = str(said["time_zone"])
        ZoneInfo(zone)
    except (
        OSError,
        yaml.YAMLError,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
        ZoneInfoNotFoundError,
    ) as error:
        raise BadItem(f"{path} cannot be read: {error}") from error
    if not headings.get("id"):
        raise BadItem(f"{path} names no heading for `id`")
    return Columns(headings, zone)


def raw_item(row: Mapping[str, Any], known: Columns, file: str, line: int) -> RawItem:
    """Keyed by tracking id and content, so that a row that changed is new and others
    are known."""
    found = known.recognised([str(name) for name in row])
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    tracking = _id(row.get(found.get("id", ""), "")) or "row"
    payload = {
        "row": dict(row),
        "columns": found,
        "time_zone": known.time_zone,
        "file": file,
        "line": line,
    }
    return RawItem(f"{tracking}:{digest}", KIND, payload)


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = item.payload
    shared_folder.raise_if_broken(item, BROKEN)
    if not isinstance(payload, dict) or not isinstance(payload.get("row"), dict):
        raise BadItem("a row that is no table row")
    named = payload.get("columns")
    said = _Row(payload["row"], named if isinstance(named, dict) else {})
    tracking = _id(said.text("id"))
    where = f"{payload.get('file') or 'file'}, line {payload.get('line') or '?'}"
    if tracking is None:
        raise BadItem(f"{where}: no tracking id")
    if not said.text("text") and not said.text("title"):
        raise BadItem(f"{where}: report {tracking} has neither text nor title")
    yield _message(said, tracking, str(payload.get("time_zone") or "Asia/Jakarta"))


def _message(said: _Row, tracking: str, zone: str) -> Message:
    privacy = said.text("privacy").lower()
    anonymous = said.flag("anonymous") or "anonim" in privacy
    confidential = said.flag("confidential") or "rahasia" in privacy
    contact = None if anonymous else said.text("phone") or said.text("email") or None
    return Message(
        kind="post",
        native_id=tracking,
        author_id=contact,
        author_name=None if anonymous else said.text("name") or None,
        text=said.text("text") or said.text("title"),
        created_at=moment(said.text("created_at"), zone),
        public=not confidential,
        permalink=None if confidential else PERMALINK + tracking,
        edited_at=moment(said.text("updated_at"), zone),
        edit_of=tracking,  # a row that changed is the same report
        anonymous=anonymous,
        contact=contact,
        place=said.text("place") or None,
        geo=_geo(said),
        reply_to={"tracking_id": tracking},
        extra=_extra(said, confidential),
    )


def _extra(said: _Row, confidential: bool) -> dict[str, Any]:
    kept = {
        "subject": said.text("title"),
        **{
            name: said.text(name)
            for name in (
                "classification",
                "category",
                "subcategory",
                "agency",
                "status",
                "source",
                "attachments",
                "follow_up",
                "follow_up_at",
            )
        },
    }
    return {
        **{name: value for name, value in kept.items() if value},
        **({"rahasia": True} if confidential else {}),
    }


class _Row:
    def __init__(self, row: Mapping[str, Any], named: Mapping[str, Any]) -> None:
        self._row = row
        self._named = named

    def text(self, meaning: str) -> str:
        heading = self._named.get(meaning)
        value = self._row.get(heading) if isinstance(heading, str) else None
        if isinstance(value, bool):
            return "ya" if value else "tidak"
        if isinstance(value, int | float):
            return str(value)
        return value.strip() if isinstance(value, str) else ""

    def flag(self, meaning: str) -> bool:
        return self.text(meaning).lower() in _YES


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.lower())


def _id(value: Any) -> str | None:
    found = (
        _TRACKING_ID.match(str(value).strip()) if isinstance(value, str | int) else None
    )
    return found[1] if found else None


def _geo(said: _Row) -> Geo | None:
    try:
        latitude = float(said.text("latitude").replace(",", "."))
        longitude = float(said.text("longitude").replace(",", "."))
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (
        latitude,
        longitude,
    ) == (0, 0):
        return None
    return Geo(latitude, longitude)


def moment(text: str, zone: str) -> datetime | None:
    """A time as people and spreadsheets write it: day before month, local without a
    zone."""
    if not text:
        return None
    found: datetime | None
    try:
        found = datetime.fromisoformat(_YEAR_FIRST.sub(r"\1-\2-", text))
    except ValueError:
        found = _written(text)
    if found is None:
        return None
    try:
        aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
        return aware.astimezone(UTC)
    except (OverflowError, ValueError, ZoneInfoNotFoundError):
        return None


def _written(text: str) -> datetime | None:
    found = _DATE.search(text)
    if not found:
        return None
    month = found["month"]
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    hour, minute, second = (
        int(found[name] or 0) for name in ("hour", "minute", "second")
    )
    try:
        year = int(found["year"])
        return datetime(
            year + 2000 if year < 100 else year,
            number,
            int(found["day"]),
            hour,
            minute,
            second,
        )
    except ValueError:
        return None
