"""Chats as people paste them: WhatsApp's export and its web page, Telegram's desktop
program.

Pure. The shapes differ by telephone and language: "25/11/26 09.12 - Siti: ...",
"[25/11/26, 9:12:33 AM] Siti: ...", "[09.12, 25/11/2026] Siti: ...", "Siti, [25/11/2026
09:12]" with the text below. Dates are day before month, unless a number above 12 shows
otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

_DATE = r"(?P<a>\d{1,4})[/.-](?P<b>\d{1,2})[/.-](?P<c>\d{1,4})"
_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
)
_LINES = (
    re.compile(
        rf"^{_DATE},?\s+(?:pukul\s+)?{_TIME}\s+[-–]\s+(?:(?P<who>[^:\n]{{1,80}}):"
        r" ?)?(?P<text>.*)$"
    ),
    re.compile(
        rf"^\[{_DATE},?\s+{_TIME}\]\s+(?:(?P<who>[^:\n]{{1,80}}): ?)?(?P<text>.*)$"
    ),
    re.compile(
        rf"^\[{_TIME},\s+{_DATE}\]\s+(?:(?P<who>[^:\n]{{1,80}}): ?)?(?P<text>.*)$"
    ),
    re.compile(rf"^(?P<who>[^\[\]\n]{{1,80}}),\s+\[{_DATE},?\s+{_TIME}\](?P<text>)$"),
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u2068\u2069\ufeff"))
_BLANKS = str.maketrans({"\u202f": " ", "\xa0": " "})
_MEDIA = re.compile(
    r"^<(?:media|gambar|video|audio|dokumen|stiker).{0,40}"
    r"(?:omitted|tidak disertakan|dihilangkan)>$"
    r"|^(?:image|video|audio|document|sticker|gif|gambar|dokumen|stiker)\s+"
    r"(?:omitted|tidak disertakan|dihilangkan)$"
    r"|^<(?:attached|terlampir):\s*.+>$|^.+\((?:file attached|file terlampir|berkas"
    r" terlampir)\)$",
    re.I,
)
_TOO_LONG = 200_000


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a chat. `at` is aware, UTC; `media`: a picture or file was sent
    here."""

    who: str
    at: datetime | None
    text: str
    media: bool = False


@dataclass(frozen=True, slots=True)
class _Start:
    who: str | None
    date: tuple[int, int, int]
    clock: tuple[int, int, int]
    text: str


def chat(pasted: str, zone: tzinfo) -> list[Line]:
    """The messages of a pasted chat, notices of the program left out; [] where it is no
    chat."""
    starts: list[_Start] = []
    for line in (
        pasted[:_TOO_LONG].translate(_INVISIBLE).translate(_BLANKS).splitlines()
    ):
        start = _start(line)
        if start is not None:
            starts.append(start)
        elif starts:
            starts[-1] = replace(starts[-1], text=f"{starts[-1].text}\n{line}")
    month_first = any(start.date[1] > 12 for start in starts if start.date[0] <= 12)
    return list(_lines(starts, zone, month_first=month_first))


def _start(line: str) -> _Start | None:
    for pattern in _LINES:
        found = pattern.match(line)
        if found:
            hour = int(found["hour"])
            half = (found["half"] or "").lower().replace(".", "")
            if half:
                hour = hour % 12 + (12 if half == "pm" else 0)
            return _Start(
                found["who"].strip() if found["who"] else None,
                (int(found["a"]), int(found["b"]), int(found["c"])),
                (hour, int(found["minute"]), int(found["second"] or 0)),
                found["text"],
            )
    return None


def _lines(starts: list[_Start], zone: tzinfo, *, month_first: bool) -> Iterator[Line]:
    for start in starts:
        if start.who is None:
            continue  # "Siti bergabung", "Pesan terenkripsi": nobody said it
        kept = [
            line for line in start.text.splitlines() if not _MEDIA.match(line.strip())
        ]
        media = len(kept) < len(start.text.splitlines())
        text = "\n".join(kept).strip()
        if text or media:
            yield Line(
                start.who, _moment(start, zone, month_first=month_first), text, media
            )


def _moment(start: _Start, zone: tzinfo, *, month_first: bool) -> datetime | None:
    first, second, third = start.date
    if first > 31:
        year, month, day = start.date
    elif month_first:
        month, day, year = first, second, third
    else:
        day, month, year = first, second, third
    try:
        full = year + 2000 if year < 100 else year
        hour, minute, second = start.clock
        return datetime(full, month, day, hour, minute, second, tzinfo=zone).astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        return None
