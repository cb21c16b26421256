"""Promises in an answer we send: "besok", "minggu depan", "3 hari", "Senin", "akhir bulan".

A promise becomes a reminder on its day. What lies in the past ("sudah 3 hari", "kemarin") and what
has no day ("segera") is none.
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aggregator.rules.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Promise:
    """`due`: the last day of what was said, in the city's zone; `span`: where in the text."""

    due: date
    said: str
    span: tuple[int, int]


_NUMBERS = {
    "se": 1, "satu": 1, "hiji": 1, "one": 1, "dua": 2, "two": 2, "tiga": 3, "tilu": 3, "three": 3,
    "empat": 4, "opat": 4, "four": 4, "lima": 5, "five": 5, "enam": 6, "genep": 6, "six": 6,
    "tujuh": 7, "seven": 7, "delapan": 8, "sembilan": 9, "sepuluh": 10, "ten": 10,
}  # fmt: skip
_WEEKDAYS = {
    "senin": 0, "senen": 0, "monday": 0, "selasa": 1, "salasa": 1, "tuesday": 1, "rabu": 2,
    "rebo": 2, "wednesday": 2, "kamis": 3, "kemis": 3, "thursday": 3, "jumat": 4, "jum'at": 4,
    "jumaah": 4, "friday": 4, "sabtu": 5, "saptu": 5, "saturday": 5, "sunday": 6, "ahad": 6,
    # Only after "hari": "minggu" alone is a week.
    "minggu": 6,
}  # fmt: skip
_MONTHS = {
    "januari": 1, "jan": 1, "january": 1, "februari": 2, "feb": 2, "pebruari": 2, "february": 2,
    "maret": 3, "mar": 3, "march": 3, "april": 4, "apr": 4, "mei": 5, "may": 5, "juni": 6,
    "jun": 6, "june": 6, "juli": 7, "jul": 7, "july": 7, "agustus": 8, "agu": 8, "august": 8,
    "september": 9, "sept": 9, "sep": 9, "oktober": 10, "okt": 10, "october": 10, "november": 11,
    "nopember": 11, "nov": 11, "desember": 12, "des": 12, "december": 12,
}  # fmt: skip

_N = r"\d{1,3}|" + "|".join(sorted((word for word in _NUMBERS if word != "se"), key=len)[::-1])
_UNIT = (
    r"hari\s+kerja|hari|poe|hr|minggu|mgg|pekan|bulan|bln|jam|working\s+days?|days?|weeks?|months?"
    r"|hours?"
)
_DAY = "|".join(sorted(_WEEKDAYS.keys() - {"minggu"}, key=len)[::-1])
_MONTH = "|".join(sorted(_MONTHS, key=len)[::-1])
# "Sudah 3 hari", "sejak Senin", "3 hari yang lalu" tell of the past.
_PAST_BEFORE = re.compile(
    r"\b(?:sudah|sdh|udah|udh|telah|tos|selama|sejak|dari|since|for|hampir|lebih\s+dari|pada"
    r"|setiap|tiap|every)\s+(?:hari\s+)?$",
    re.IGNORECASE,
)
_PAST_AFTER = re.compile(
    r"\s*(?:yang\s+|yg\s+)?(?:lalu|lepas|kemarin|kmrn|kamari|silam|ago|terakhir)\b", re.IGNORECASE
)
_ON = re.compile(r"\b(?:pada|on)\s+(?:hari\s+)?$", re.IGNORECASE)
_WILL = re.compile(
    r"\b(?:akan|bakal|jadwal\w*|dijadwal\w*|rencana\w*|direncana\w*|will|shall|target\w*)\b",
    re.IGNORECASE,
)

Reading = Callable[[re.Match[str], date, Calendar], "date | None"]


def promises(text: str, said_at: datetime, calendar: Calendar) -> list[Promise]:
    """Every promise in an answer, in its order. `said_at` with time zone."""
    today = calendar.local(said_at).date()
    found: list[Promise] = []
    for pattern, reading in _READINGS:
        for match in pattern.finditer(text):
            if any(match.start() < p.span[1] and p.span[0] < match.end() for p in found):
                continue
            if _of_the_past(text, match):
                continue
            due = reading(match, today, calendar)
            if due is not None and due >= today:
                found.append(Promise(due, match.group().strip(), match.span()))
    return sorted(found, key=lambda promise: promise.span)


def _of_the_past(text: str, match: re.Match[str]) -> bool:
    before = text[: match.start()]
    if _PAST_AFTER.match(text, match.end()):
        return True
    if not _PAST_BEFORE.search(before):
        return False
    # "Akan dikerjakan pada Senin" is a plan, "pada Senin dikerjakan" may be a report.
    return not (_ON.search(before) and _WILL.search(before))


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.casefold()]


def _amount(count: int, unit: str, today: date, calendar: Calendar) -> date | None:
    unit = re.sub(r"\s+", " ", unit.casefold())
    if unit in ("hari kerja", "working day", "working days"):
        day = today
        for _ in range(count):
            day = calendar.next_working(day)
        return day
    if unit in ("jam", "hour", "hours"):
        return today + timedelta(days=-(-count // 24)) if count >= 24 else today
    if unit in ("minggu", "mgg", "pekan", "week", "weeks"):
        return today + timedelta(weeks=count)
    if unit in ("bulan", "bln", "month", "months"):
        return _months_later(today, count)
    return today + timedelta(days=count)


def _months_later(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _end_of_month(day: date) -> date:
    return day.replace(day=months.monthrange(day.year, day.month)[1])


def _end_of_week(day: date) -> date:
    """The Friday of a day's week; the next one at the weekend."""
    return day + timedelta(days=(4 - day.weekday()) % 7)


def _in_n(match: re.Match[str], today: date, calendar: Calendar) -> date | None:
    return _amount(_number(match["n"]), match["unit"], today, calendar)


def _in_one(match: re.Match[str], today: date, calendar: Calendar) -> date | None:
    return _amount(1, match["unit"], today, calendar)


def _times_24(match: re.Match[str], today: date, _: Calendar) -> date:
    return today + timedelta(days=_number(match["n"]))


def _next_unit(match: re.Match[str], today: date, _: Calendar) -> date:
    """All of next week or month is time enough: its last working day, its last day."""
    unit = match["unit"].casefold()
    if unit in ("bulan", "bln", "month"):
        return _end_of_month(_months_later(today.replace(day=1), 1))
    if unit in ("tahun", "thn", "taun", "year"):
        return date(today.year + 1, 12, 31)
    return today - timedelta(days=today.weekday()) + timedelta(days=11)


def _end_of(match: re.Match[str], today: date, _: Calendar) -> date:
    unit = match["unit"].casefold()
    following = bool(match["next"])
    if unit in ("minggu", "pekan", "week"):
        return _end_of_week(today) + timedelta(weeks=int(following))
    if unit in ("tahun", "year"):
        return date(today.year + int(following), 12, 31)
    return _end_of_month(_months_later(today.replace(day=1), int(following)))


def _weekday(match: re.Match[str], today: date, _: Calendar) -> date:
    """The next day of that name; "Senin depan" is in the week after this one."""
    wanted = _WEEKDAYS[match["day"].casefold()]
    if match["next"]:
        return today - timedelta(days=today.weekday()) + timedelta(days=7 + wanted)
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _dated(match: re.Match[str], today: date, _: Calendar) -> date | None:
    """A day of a month; without a year the next time it comes, unless it was lately."""
    month = _MONTHS[match["month"].casefold()] if match["month"] else today.month
    year = int(match["year"]) if match["year"] else today.year
    return _day_of(int(match["d"]), month, year, today, fixed=bool(match["year"]),
                   monthly=not match["month"])  # fmt: skip


def _in_figures(match: re.Match[str], today: date, _: Calendar) -> date | None:
    year = int(match["year"]) if match["year"] else today.year
    year += 2000 if year < 100 else 0
    return _day_of(int(match["d"]), int(match["m"]), year, today, fixed=bool(match["year"]))


def _day_of(
    day: int, month: int, year: int, today: date, *, fixed: bool, monthly: bool = False
) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    if found >= today or fixed:
        return found
    if monthly:
        return _months_later(found, 1)
    # "20 Januari" said in March is a report, said in December it is the next one.
    return date(year + 1, month, day) if (today - found).days > 270 else None


def _fixed(days: int) -> Reading:
    return lambda match, today, calendar: today + timedelta(days=days)


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


_NEXT = r"(?:\s+(?P<next>depan|yang\s+akan\s+datang|yad|hareup|payun))?"
_READINGS: tuple[tuple[re.Pattern[str], Reading], ...] = (
    (_compile(r"hari\s+(?P<day>minggu)" + _NEXT), _weekday),
    (_compile(rf"(?P<n>{_N})\s*[x×]\s*24\s*jam"), _times_24),
    # "2-3 hari": the longer one is the promise.
    (_compile(rf"(?:{_N})\s*(?:-|s/?d|sampai|hingga)\s*(?P<n>{_N})\s*(?P<unit>{_UNIT})"), _in_n),
    (_compile(rf"(?P<n>{_N})\s*(?P<unit>{_UNIT})(?:\s+(?:lagi|ke\s+depan|deui|kedepan))?"), _in_n),
    (_compile(r"se(?P<unit>hari|minggu|pekan|bulan)(?:\s+(?:lagi|ke\s+depan|kedepan))?"), _in_one),
    (_compile(r"(?:akhir|ahir|end\s+of(?:\s+the)?)\s+(?P<unit>minggu|pekan|bulan|tahun|week|month"
              r"|year)" + _NEXT), _end_of),
    (_compile(r"(?P<unit>minggu|pekan|bulan|bln|tahun)\s+(?:depan|hareup|payun)"), _next_unit),
    (_compile(r"next\s+(?P<unit>week|month|year)"), _next_unit),
    (_compile(rf"(?P<d>\d{{1,2}})\s+(?P<month>{_MONTH})(?:\s+(?P<year>20\d\d))?"), _dated),
    (_compile(r"(?:tanggal|tgl\.?)\s*(?P<d>\d{1,2})(?P<month>)(?P<year>)(?!\s*[/-]\s*\d)"), _dated),
    (_compile(r"(?P<d>\d{1,2})[/-](?P<m>\d{1,2})(?:[/-](?P<year>(?:20)?\d\d))?"), _in_figures),
    (_compile(r"hari\s+ini|malam\s+ini|sore\s+ini|siang\s+ini|nanti\s+(?:malam|sore|siang)"
              r"|today|tonight|dinten\s+ieu|poe\s+ieu"), _fixed(0)),
    (_compile(r"besok\s+lusa|lusa|pageto|day\s+after\s+tomorrow"), _fixed(2)),
    (_compile(r"besok|bsk|isuk|isukan|(?<!wilujeng\s)enjing|tomorrow"), _fixed(1)),
    (_compile(rf"(?:hari\s+)?(?P<day>{_DAY})" + _NEXT), _weekday),
)  # fmt: skip
