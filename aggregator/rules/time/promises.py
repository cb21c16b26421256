"""Promises in an answer we send: "besok", "minggu ini", "3 hari", "Senin", "akhir
bulan".

A promise becomes a reminder on its day. What lies in the past ("sudah 3 hari", "hari
ini sudah"), what has no day ("segera") and opening hours ("Senin-Jumat", "layanan 24
jam") are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from aggregator.rules.time._days import READINGS, WEEKDAY
from aggregator.rules.time.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Promise:
    """`due`: the last day of what was said, in the city's zone; `span`: where in the
    text."""

    due: date
    said: str
    span: tuple[int, int]


# One letter for one letter, so that places in the text stay.
_PLAIN = str.maketrans("éèêÉÈ’‘`–—", "eeeEE'''--")
# "Sudah 3 hari", "sejak Senin", "3 hari yang lalu" tell of the past, "tiap Senin" of no
# day.
_PAST_BEFORE = re.compile(
    r"\b(?:sudah|sdh|udah|udh|telah|tos|geus|selama|sejak|dari|since|for|hampir|lebih\s+dari|pada"
    r"|usia|umur|kali|\dx|per|selamat|jalan|jl|salat|sholat"
    rf"|(?:setiap|tiap|unggal|every)(?:\s+(?:hari\s+)?(?:{WEEKDAY})\s*(?:,|dan|&|and|jeung)?)*)"
    r"\s+(?:hari\s+)?$",
    re.IGNORECASE,
)
_PAST_AFTER = re.compile(
    r"\s*(?:yang\s+|yg\s+)?(?:lalu|lepas|kemarin|kmrn|kamari|silam|ago|terakhir|sekali)\b",
    re.IGNORECASE,
)
_ON = re.compile(r"\b(?:pada|on)\s+(?:hari\s+)?$", re.IGNORECASE)
_WILL = re.compile(
    r"\b(?:akan|bakal|jadwal\w*|dijadwal\w*|rencana\w*|direncana\w*|will|shall|target\w*)\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:ini|ieu|iki|today|this)\b", re.IGNORECASE)
_DONE = re.compile(
    r"\b(?:sudah|sdh|udah|udh|telah|tos|geus|have|has|was|were)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"[.!?;,\n]")
_NEAR = 300
"""So many signs around a day are read for what it is said of."""
# Round the clock is when somebody is there, unless it is said by when.
_ALL_DAY = re.compile(r"24\s*(?:jam|hours?)", re.IGNORECASE)
_WITHIN = re.compile(
    r"\b(?:dalam|dlm|waktu|kurun|jero|maks\w*\.?|max\.?|paling\s+(?:lama|lambat|telat)"
    r"|kurang\s+dari|within|in)\s+$",
    re.IGNORECASE,
)


def promises(text: str, said_at: datetime, calendar: Calendar) -> list[Promise]:
    """The promises of an answer, in their order, one a day. `said_at` with time
    zone."""
    today = calendar.local(said_at).date()
    plain = text.translate(_PLAIN)
    taken = bytearray(len(plain))
    found: dict[tuple[int, int], date] = {}
    for pattern, reading in READINGS:
        for match in pattern.finditer(plain):
            here = slice(*match.span())
            if any(taken[here]) or _of_the_past(plain, match):
                continue
            taken[here] = b"\1" * (here.stop - here.start)
            due = reading(match, today, calendar)
            if due is not None and due >= today:
                found[match.span()] = due
    # "Senin, 9 Maret": one day, said twice.
    first = {due: span for span, due in sorted(found.items(), reverse=True)}
    return [
        Promise(due, text[slice(*span)].strip(), span)
        for due, span in sorted(first.items(), key=lambda one: one[1])
    ]


def _of_the_past(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _NEAR) : match.start()]
    if _PAST_AFTER.match(text, match.end()):
        return True
    if _ALL_DAY.fullmatch(match.group()):
        return not _WITHIN.search(before)
    if _NOW.search(match.group()) and _is_report(text, match):
        return True
    if not _PAST_BEFORE.search(before):
        return False
    # "Akan dikerjakan pada Senin" is a plan, "pada Senin dikerjakan" may be a report.
    return not (_ON.search(before) and _WILL.search(before))


def _is_report(text: str, match: re.Match[str]) -> bool:
    """ "Hari ini tim sudah turun" is one, "hari ini tim turun" a promise."""
    first, last = max(0, match.start() - _NEAR), match.end() + _NEAR
    ends = _CLAUSE.search(text, match.end(), last)
    begins = max(
        (stop.end() for stop in _CLAUSE.finditer(text, first, match.start())),
        default=first,
    )
    clause = text[begins : ends.start() if ends else last]
    return bool(_DONE.search(clause)) and not _WILL.search(clause)
