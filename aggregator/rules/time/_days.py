"""Words for a day to come, and which day they mean: Indonesian, Sundanese, some
Javanese, English.

Each pattern has a reading: the last day that may be meant, or None where the words name
no day at all (opening hours, addresses) and hide what a later pattern would see in
them.
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Callable
from datetime import date, timedelta

from aggregator.rules.time.calendar import Calendar

Reading = Callable[[re.Match[str], date, Calendar], "date | None"]

_NUMBERS = {
    "satu": 1,
    "hiji": 1,
    "one": 1,
    "dua": 2,
    "rong": 2,
    "two": 2,
    "tiga": 3,
    "tilu": 3,
    "telung": 3,
    "three": 3,
    "empat": 4,
    "opat": 4,
    "four": 4,
    "lima": 5,
    "five": 5,
    "enam": 6,
    "genep": 6,
    "six": 6,
    "tujuh": 7,
    "seven": 7,
    "delapan": 8,
    "sembilan": 9,
    "sepuluh": 10,
    "ten": 10,
}
_WEEKDAYS = {
    "senin": 0,
    "senen": 0,
    "monday": 0,
    "selasa": 1,
    "salasa": 1,
    "tuesday": 1,
    "rabu": 2,
    "rebo": 2,
    "wednesday": 2,
    "kamis": 3,
    "kemis": 3,
    "thursday": 3,
    "jumat": 4,
    "jum'at": 4,
    "jumaah": 4,
    "friday": 4,
    "sabtu": 5,
    "saptu": 5,
    "saturday": 5,
    "sunday": 6,
    "ahad": 6,
    # Only after "hari" and in lists: "minggu" alone is a week.
    "minggu": 6,
}
_MONTHS = {
    "januari": 1,
    "jan": 1,
    "january": 1,
    "februari": 2,
    "feb": 2,
    "pebruari": 2,
    "february": 2,
    "maret": 3,
    "mar": 3,
    "march": 3,
    "april": 4,
    "apr": 4,
    "mei": 5,
    "may": 5,
    "juni": 6,
    "jun": 6,
    "june": 6,
    "juli": 7,
    "jul": 7,
    "july": 7,
    "agustus": 8,
    "agu": 8,
    "august": 8,
    "september": 9,
    "sept": 9,
    "sep": 9,
    "oktober": 10,
    "okt": 10,
    "october": 10,
    "november": 11,
    "nopember": 11,
    "nov": 11,
    "desember": 12,
    "des": 12,
    "december": 12,
}
_WEEKS = ("minggu", "mgg", "pekan", "week", "weeks")
_MONTH_UNITS = ("bulan", "bln", "month", "months")
_YEARS = ("tahun", "thn", "taun", "year", "years")
_HOURS = ("jam", "hour", "hours")
_WORKING = re.compile(r"kerja$|^hk$|^(?:working|business)")
_EARLY = ("awal", "early")
_TENTH, _TWENTIETH = 10, 20

_N = r"\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len)[::-1])
_UNIT = (
    r"(?:hari|hr)\s+kerja|hk|hari|poe|dinten|dina|hr|minggu|mgg|pekan|bulan|bln|jam"
    r"|(?:working|business)\s+days?|days?|weeks?|months?|hours?"
)
WEEKDAY = "|".join(sorted(_WEEKDAYS, key=len)[::-1])
_DAY = "|".join(sorted(_WEEKDAYS.keys() - {"minggu"}, key=len)[::-1])
_MONTH = "|".join(sorted(_MONTHS, key=len)[::-1])
# "RT 02/05", "No. 12/4" are addresses, "1/2" is a half.
_ADDRESS = re.compile(
    r"\b(?:rt|rw|no|nomor|blok|km|gg|gang|jl|jln|pasal|uu)[\s.:]*$", re.IGNORECASE
)
_FRACTIONS = frozenset({(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)})


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.casefold()]


def _amount(count: int, unit: str, today: date, calendar: Calendar) -> date:
    unit = unit.casefold()
    if _WORKING.search(unit):
        day = today
        for _ in range(count):
            day = calendar.next_working(day)
        return day
    if unit in _HOURS:
        return today + timedelta(days=-(-count // 24)) if count >= 24 else today
    if unit in _WEEKS:
        return today + timedelta(weeks=count)
    if unit in _MONTH_UNITS:
        return _months_later(today, count)
    if unit in _YEARS:
        return _months_later(today, 12 * count)
    return today + timedelta(days=count)


def _months_later(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _end_of_month(day: date) -> date:
    return day.replace(day=months.monthrange(day.year, day.month)[1])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _last_working(day: date, calendar: Calendar) -> date:
    """The last working day of a day's week that is not before it; at the weekend its
    Sunday."""
    monday = _monday(day)
    left = [monday + timedelta(days=n) for n in range(day.weekday(), 7)]
    return next((one for one in reversed(left) if calendar.is_working(one)), left[-1])


def _in_n(match: re.Match[str], today: date, calendar: Calendar) -> date:
    return _amount(_number(match["n"]), match["unit"], today, calendar)


def _in_one(match: re.Match[str], today: date, calendar: Calendar) -> date:
    return _amount(1, match["unit"], today, calendar)


def _times_24(match: re.Match[str], today: date, _: Calendar) -> date:
    return today + timedelta(days=_number(match["n"]))


def _end_in(unit: str, today: date, calendar: Calendar, later: int) -> date:
    """The end of this (0) or the next (1) week, month or year: all of it is time
    enough."""
    unit = unit.casefold()
    if unit in _WEEKS:
        day = _monday(today) + timedelta(weeks=later) if later else today
        return _last_working(day, calendar)
    if unit in _YEARS:
        return date(today.year + later, 12, 31)
    return _end_of_month(_months_later(today.replace(day=1), later))


def _this_unit(match: re.Match[str], today: date, calendar: Calendar) -> date:
    return _end_in(match["unit"], today, calendar, 0)


def _next_unit(match: re.Match[str], today: date, calendar: Calendar) -> date:
    return _end_in(match["unit"], today, calendar, 1)


def _end_of(match: re.Match[str], today: date, calendar: Calendar) -> date:
    """ "Akhir pekan" said at the weekend is that of the week to come."""
    weekend = (
        match["unit"].casefold() in _WEEKS and today.weekday() > 4 and not match["this"]
    )
    return _end_in(match["unit"], today, calendar, int(bool(match["next"]) or weekend))


def _part_of_week(match: re.Match[str], today: date, _: Calendar) -> date:
    early = match["part"].casefold() in _EARLY
    return _monday(today) + timedelta(days=8 if early else 10)


def _part_of_month(match: re.Match[str], today: date, _: Calendar) -> date:
    """ "Awal bulan depan", "pertengahan April", "bulan Mei": the last day that may be
    meant."""
    part, day = (match["part"] or "").casefold(), today.replace(day=1)
    following = 1
    if match["month"]:
        day = date(
            int(match["year"] or today.year), _MONTHS[match["month"].casefold()], 1
        )
        following = 0 if match["year"] else 12
    elif match["next"]:
        day = _months_later(day, 1)

    def meant(first: date) -> date:
        if part in _EARLY:
            return first.replace(day=_TENTH)
        return (
            first.replace(day=_TWENTIETH)
            if "tengah" in part or part == "mid"
            else (_end_of_month(first))
        )

    return meant(day) if meant(day) >= today else meant(_months_later(day, following))


def _weekday(match: re.Match[str], today: date, _: Calendar) -> date:
    """The next day of that name; "Senin depan" is in the week after this one."""
    wanted = _WEEKDAYS[match["day"].casefold()]
    if match["next"]:
        return _monday(today) + timedelta(days=7 + wanted)
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _dated(match: re.Match[str], today: date, _: Calendar) -> date | None:
    """A day of a month; without a year the next time it comes, unless it was lately."""
    month = _MONTHS[match["month"].casefold()]
    year = int(match["year"]) if match["year"] else today.year
    return _day_of(int(match["d"]), month, year, today, fixed=bool(match["year"]))


def _of_month(match: re.Match[str], today: date, _: Calendar) -> date | None:
    found = _day_of(int(match["d"]), today.month, today.year, today, fixed=True)
    return found if found is None or found >= today else _months_later(found, 1)


def _in_figures(match: re.Match[str], today: date, _: Calendar) -> date | None:
    day, month = int(match["d"]), int(match["m"])
    if not match["year"]:
        address = _ADDRESS.search(match.string, 0, match.start())
        if address or (not match["named"] and (day, month) in _FRACTIONS):
            return None
        return _day_of(day, month, today.year, today, fixed=False)
    year = int(match["year"])
    return _day_of(day, month, year + (2000 if year < 100 else 0), today, fixed=True)


def _day_of(
    day: int, month: int, year: int, today: date, *, fixed: bool
) -> date | None:
    try:
        found = date(year, month, day)
        # "20 Januari" said in March is a report, said in December it is the next one.
        return (
            found
            if fixed or found >= today or (today - found).days <= 270
            else (date(year + 1, month, day))
        )
    except ValueError:
        return None


def _fixed(days: int) -> Reading:
    return lambda match, today, calendar: today + timedelta(days=days)


def _no_day(match: re.Match[str], today: date, calendar: Calendar) -> None:
    return None


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


_NEXT_WORD = r"depan|dpn|yang\s+akan\s+datang|yad|hareup|payun|ngarep"
_NEXT = rf"(?:\s+(?P<next>{_NEXT_WORD}))?"
_THIS_WORD = r"ini|ieu|iki"
_TOMORROW = r"besok|bsk|bsok|besuk|esok|isukan|isuk|(?<!wilujeng\s)enjing|n?gesuk|sesuk|tomorrow"  # noqa: E501
_PERIOD = r"minggu|mgg|pekan|bulan|bln|tahun|thn|taun"
_AGAIN = r"(?:lagi|ke\s*depan|deui|maneh|hareup|payun)"
_TO = r"\s*(?:-|s\s*/\s*d|s\.?d\.?|sampai|sampe|hingga|nepi\s+ka|to|until)\s*"
_AND = r"\s*(?:,\s*(?:dan|and)?|dan|&|/|and|jeung)\s*"
_PART_OF_DAY = r"pagi|siang|sore|malam|sonten|wengi|peuting|awan|bengi"
_WITHIN = r"(?:dalam|dlm|within|in)\s+(?:waktu\s+)?"
_MINUTES = r"(?:\d{1,3}\s*(?:menit|mnt|minutes?)|setengah\s+jam|half\s+an\s+hour)"

READINGS: tuple[tuple[re.Pattern[str], Reading], ...] = (
    (_compile(rf"(?:{WEEKDAY}){_TO}(?:hari\s+)?(?:{WEEKDAY})"), _no_day),
    (_compile(rf"(?:{WEEKDAY})(?:{_AND}(?:hari\s+)?(?:{WEEKDAY})){{2,}}"), _no_day),
    (_compile(r"24\s*/\s*7|(?P<e>isuk|enjing)\s*-\s*(?P=e)"), _no_day),
    (_compile(r"hari\s+(?P<day>minggu)" + _NEXT), _weekday),
    (_compile(rf"(?:besok|bsk)\s+(?:hari\s+)?(?P<day>{_DAY})(?P<next>)"), _weekday),
    (_compile(rf"(?:hari\s+)?(?P<day>{_DAY})\s+(?:besok|bsk)(?P<next>)"), _weekday),
    (_compile(rf"(?P<n>{_N})\s*[x×]\s*24\s*jam"), _times_24),
    (_compile(rf"{_WITHIN}{_MINUTES}|{_MINUTES}\s+{_AGAIN}"), _fixed(0)),
    # "2-3 hari": the longer one is the promise.
    (
        _compile(
            rf"(?:{_N})\s*(?:-|s/?d|sampai|hingga|atau|to|or)\s*(?P<n>{_N})\s*(?P<unit>{_UNIT})"
        ),
        _in_n,
    ),
    (_compile(rf"(?P<n>{_N})\s*(?P<unit>{_UNIT})(?:\s+{_AGAIN})?"), _in_n),
    (_compile(rf"(?P<n>{_N})\s*(?P<unit>tahun|thn|taun)\s+{_AGAIN}"), _in_n),
    (_compile(r"se(?P<unit>hari|minggu|pekan|bulan)(?!-)"), _in_one),
    (
        _compile(rf"s[ea](?P<unit>poe|dinten|minggu|bulan|jam|tahun|taun)\s+{_AGAIN}"),
        _in_one,
    ),
    (_compile(r"(?:within|in)\s+an?\s+(?P<unit>day|week|month|year|hour)"), _in_one),
    (
        _compile(
            rf"(?:akhir|ahir)\s+(?P<unit>{_PERIOD})(?:\s+(?P<this>{_THIS_WORD}))?{_NEXT}"
        ),
        _end_of,
    ),
    (
        _compile(
            r"end\s+of\s+(?:the\s+|(?P<this>this)\s+|(?P<next>next)\s+)?"
            r"(?P<unit>week|month|year)"
        ),
        _end_of,
    ),
    (
        _compile(
            rf"(?P<part>awal|pertengahan|tengah|early|mid)\s+"
            rf"(?:(?:minggu|pekan)\s+(?:{_NEXT_WORD})|next\s+week)"
        ),
        _part_of_week,
    ),
    (
        _compile(
            rf"(?P<part>awal|pertengahan|tengah|akhir|ahir)\s+(?:bulan\s+|bln\s+)?"
            rf"(?P<month>{_MONTH})(?:\s+(?P<year>20\d\d))?(?P<next>)"
        ),
        _part_of_month,
    ),
    (
        _compile(
            rf"(?P<part>awal|pertengahan|tengah)\s+(?:bulan|bln)(?P<month>)(?P<year>){_NEXT}"
        ),
        _part_of_month,
    ),
    (
        _compile(
            rf"(?P<part>)(?P<next>)(?:bulan|bln)\s+(?P<month>{_MONTH})(?:\s+(?P<year>20\d\d))?"
        ),
        _part_of_month,
    ),
    (_compile(rf"(?P<unit>{_PERIOD})\s+(?:{_NEXT_WORD})"), _next_unit),
    (_compile(r"next\s+(?P<unit>week|month|year)"), _next_unit),
    (_compile(rf"(?P<unit>minggu|mgg|pekan|bulan|bln)\s+(?:{_THIS_WORD})"), _this_unit),
    (_compile(r"this\s+(?P<unit>week|month)"), _this_unit),
    (
        _compile(
            rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})"
            r"(?:\s+(?P<year>20\d\d))?"
        ),
        _dated,
    ),
    (
        _compile(
            rf"(?P<month>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>20\d\d))?"
        ),
        _dated,
    ),
    (_compile(r"(?P<year>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"), _in_figures),
    (
        _compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<year>(?:20)?\d\d)"),
        _in_figures,
    ),
    (
        _compile(
            r"(?P<named>(?:tanggal|tgl\.?)\s*)(?P<d>\d{1,2})[/-](?P<m>\d{1,2})(?P<year>)"
        ),
        _in_figures,
    ),
    (_compile(r"(?P<named>)(?P<d>\d{1,2})/(?P<m>\d{1,2})(?P<year>)"), _in_figures),
    (_compile(r"(?:tanggal|tgl\.?)\s*(?P<d>\d{1,2})(?!\s*[/-]\s*\d)"), _of_month),
    (_compile(r"(?:on|by)\s+the\s+(?P<d>\d{1,2})(?:st|nd|rd|th)"), _of_month),
    (
        _compile(rf"(?:hari|hr|dinten|poe|dina|{_PART_OF_DAY})\s+(?:{_THIS_WORD})"),
        _fixed(0),
    ),
    (
        _compile(
            rf"(?:nanti|ntar|mengko|engke)\s+(?:{_PART_OF_DAY})"
            rf"|(?:{_PART_OF_DAY})\s+(?:nanti|ntar|engke)"
        ),
        _fixed(0),
    ),
    (
        _compile(r"ayeuna\s+keneh|today|tonight|this\s+(?:morning|afternoon|evening)"),
        _fixed(0),
    ),
    (_compile(r"b?esok\s+lusa|lusa|pageto|day\s+after\s+tomorrow"), _fixed(2)),
    (_compile(_TOMORROW), _fixed(1)),
    (_compile(rf"(?P<next>next)\s+(?P<day>{_DAY})"), _weekday),
    (_compile(rf"(?:hari\s+)?(?P<day>{_DAY})" + _NEXT), _weekday),
)
