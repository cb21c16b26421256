"""Comments of TikTok out of a table, for the time until the interface is approved.

A CSV file with the columns below (in any order, others are ignored), as a person or a
browser extension writes it: UTF-8, separated by comma, semicolon or tab. Times without
a zone are those of the city (Asia/Jakarta).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors._shared.fields import digest
from connectors.base import RawItem
from connectors.errors import BadItem
from connectors.tiktok.wire import MADE_UP

_CITY = ZoneInfo("Asia/Jakarta")
_COLUMNS = {
    "comment_id": ("comment_id", "id", "cid"),
    "video_id": ("video_id", "video", "video_url", "url"),
    "parent_comment_id": ("parent_comment_id", "parent_id", "reply_to"),
    "username": ("username", "handle", "user"),
    "display_name": ("display_name", "nickname", "name", "nama"),
    "text": ("text", "comment", "komentar"),
    "create_time": ("create_time", "created_at", "time", "date", "waktu"),
}
_VIDEO = re.compile(r"(?:^|/video/|/photo/)(\d{6,})(?:\D|$)")
_LARGEST_FIELD = 1 << 20


def rows_of(content: bytes, name: str) -> Iterator[RawItem]:
    """One raw item a row. BadItem where the file is no such table."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadItem(f"{name}: not UTF-8; save it as CSV UTF-8") from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        heads = [head.strip().lower() for head in next(reader, [])]
        places = {
            column: place
            for column, names in _COLUMNS.items()
            if (place := next((heads.index(n) for n in names if n in heads), None))
            is not None
        }
        if "text" not in places:
            raise BadItem(
                f"{name}: no column named text (or komentar) in the first line"
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(
                    {
                        column: cells[place].strip()
                        for column, place in places.items()
                        if place < len(cells)
                    }
                )
    except csv.Error as error:
        raise BadItem(f"{name}, line {reader.line_num}: {error}") from error


def _row(cells: dict[str, str]) -> RawItem:
    """As the interface gives a comment; without an id, the words and their author make
    one."""
    video = _VIDEO.search(cells.get("video_id", ""))
    link = cells.get("video_id", "")
    made = digest(
        [cells.get(name) for name in ("video_id", "username", "text", "create_time")]
    )
    comment = {
        "comment_id": cells.get("comment_id") or f"{MADE_UP}{made}",
        "video_id": video[1] if video else link or None,
        "parent_comment_id": cells.get("parent_comment_id") or None,
        "username": cells.get("username", "").removeprefix("@") or None,
        "display_name": cells.get("display_name") or None,
        "text": cells.get("text") or None,
        "create_time": _epoch(cells.get("create_time", "")),
        "permalink": link if link.startswith("https://") else None,
        "imported": True,
    }
    known = {key: value for key, value in comment.items() if value is not None}
    return RawItem(
        f"csv:{known['comment_id']}:{digest(known.get('text'))}", "comment", known
    )


def _epoch(told: str) -> int | None:
    if told.isascii() and told.isdigit():
        return int(told)
    try:
        moment = datetime.fromisoformat(told)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=_CITY)
        return int(zoned.timestamp())
    except (ValueError, OverflowError, OSError):
        return None
