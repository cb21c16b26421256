"""Whether two answers of the city about one matter contradict each other.

    dates     one names a day or a stretch of time, the other names only others
    office    one says who does it, the other somebody else
    status    done, at work, planned, not done, not ours, refused
    amount    sums of money
    hours     when something opens
    allowed   what may be done and what may not

What only one of the two says is no contradiction. Words of Indonesian, Sundanese and
English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from aggregator.rules.time.calendar import Calendar
from aggregator.rules.time.promises import promises

Field = Literal["date", "office", "status", "amount", "hours", "allowed"]
_PROGRESS_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the two say about one field, in their own words (offices by code)."""

    field: Field
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Said:
    """An answer and when it was given, with time zone: "besok" is another day the day
    after."""

    text: str
    at: datetime


def differences(
    ours: Said, theirs: Said, offices: Mapping[str, Iterable[str]], calendar: Calendar
) -> list[Difference]:
    """`offices`: by code, the names an office goes by (whole words, any case)."""
    found: list[Difference] = []
    pairs: tuple[tuple[Field, dict[str, str], dict[str, str]], ...] = (
        ("date", _dates(ours, calendar), _dates(theirs, calendar)),
        ("office", _offices(ours.text, offices), _offices(theirs.text, offices)),
        ("status", _statuses(ours.text), _statuses(theirs.text)),
        ("amount", _amounts(ours.text), _amounts(theirs.text)),
        ("hours", _hours(ours.text), _hours(theirs.text)),
        ("allowed", _allowed(ours.text), _allowed(theirs.text)),
    )
    for field, mine, other in pairs:
        if field == "status" and _is_progress(ours, mine, theirs, other):
            continue
        if mine and other and not set(mine) & set(other):
            found.append(
                Difference(field, ", ".join(mine.values()), ", ".join(other.values()))
            )
    return found


def _is_progress(
    ours: Said, mine: Mapping[str, str], theirs: Said, other: Mapping[str, str]
) -> bool:
    """What was not done an hour ago and is done now is good news."""
    return (
        "unfinished" in other
        and "done" in mine
        and theirs.at <= ours.at - _PROGRESS_AFTER
    )


def _dates(said: Said, calendar: Calendar) -> dict[str, str]:
    return {
        one.due.isoformat(): one.said for one in promises(said.text, said.at, calendar)
    }


def _offices(text: str, offices: Mapping[str, Iterable[str]]) -> dict[str, str]:
    low = text.casefold()
    return {
        code: code
        for code, names in offices.items()
        if any(_stands_in(low, name.casefold()) for name in names)
    }


def _stands_in(text: str, name: str) -> bool:
    return (
        name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
    )


_NOT = r"(?:belum|blm|tidak|tdk|gak|nggak|bukan|teu|henteu|tacan|can|acan|not|isn'?t|hasn'?t|yet to)"  # noqa: E501
_DONE = (
    r"selesai|beres|rampung|tuntas|tos beres|geus bener|sudah"
    r" (?:diperbaiki|ditangani|dibersihkan"
    r"|ditindaklanjuti|diangkut|dikerjakan|normal|menyala)|sudah (?:kami"
    r" )?(?:perbaiki|tangani)"
    r"|parantos"
    r" (?:dibereskeun|dilereskeun)|done|fixed|completed|finished|resolved|repaired"
)
_AT_WORK = (
    r"sedang|lagi di\w+|dalam (?:proses|pengerjaan|penanganan)|keur|nuju|in"
    r" progress|under way"
    r"|underway|being (?:fixed|repaired|handled)|working on"
)
_PLANNED = (
    r"akan (?:di\w+|kami)|dijadwalkan|direncanakan|rencana\w*|bakal|badé|bade|will be"
    r"|scheduled|planned"
)
_REFUSED = (
    r"ditolak|tidak dapat (?:kami )?(?:penuhi|kabulkan|dipenuhi|dikabulkan)|tidak"
    r" disetujui"
    r"|teu tiasa dicumponan|refused|rejected|cannot be granted"
)
_NOT_OURS = (
    r"(?:bukan|sanes|lain) (?:kewenangan|wewenang|tugas|urusan|ranah)|di luar"
    r" kewenangan"
    r"|not (?:our|within our) (?:authority|responsibility|jurisdiction)"
)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


_STATUSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("not_ours", _words(_NOT_OURS)),
    ("refused", _words(_REFUSED)),
    ("not_done", _words(rf"{_NOT} (?:\w+ )?(?:{_DONE}|di\w+)")),
    ("at_work", _words(_AT_WORK)),
    ("planned", _words(_PLANNED)),
    ("done", _words(_DONE)),
)
_AGREE = (frozenset({"not_done", "at_work", "planned"}),)
"""Said of one matter without contradiction."""


def _statuses(text: str) -> dict[str, str]:
    """The statuses a text gives, each where it is not part of one found before."""
    found: dict[str, str] = {}
    taken = bytearray(len(text))
    for code, pattern in _STATUSES:
        for match in pattern.finditer(text):
            here = slice(*match.span())
            if any(taken[here]):
                continue
            taken[here] = b"\1" * (here.stop - here.start)
            found.setdefault(code, match.group())
    for group in _AGREE:
        if group & set(found):
            words = next(words for code, words in found.items() if code in group)
            found = {code: said for code, said in found.items() if code not in group}
            found["unfinished"] = words
    # "Sudah selesai dicek, sedang dikerjakan": what is still to come decides.
    if "unfinished" in found:
        found.pop("done", None)
    return found


_NOT_WITHIN = r"(?<!\w)(?<!\d[.,])"
_FIGURE = r"\d++(?:[.,]\d++)*+[.,]?+"
_MONEY = re.compile(
    r"(?<!\w)(?:rp\.?|idr)\s*(?P<n>\d[\d.,]*)\s*(?P<unit>ribu|rb|juta|jt|miliar|milyar|m|k)?(?!\w)"
    rf"|{_NOT_WITHIN}(?P<n2>{_FIGURE})\s*(?P<unit2>ribu|rb|juta|jt|miliar|milyar)"
    r"(?:\s*(?:rupiah|perak))?(?!\w)"
    rf"|{_NOT_WITHIN}(?P<n3>{_FIGURE})\s*(?:rupiah|perak)(?!\w)"
    r"|(?<!\w)(?P<free>gratis|cuma-cuma|tidak dipungut biaya|tanpa biaya|haratis|free"
    r" of charge)"
    r"(?!\w)",
    re.IGNORECASE,
)
_UNITS = {
    "ribu": 10**3,
    "rb": 10**3,
    "k": 10**3,
    "juta": 10**6,
    "jt": 10**6,
    "m": 10**9,
    "miliar": 10**9,
    "milyar": 10**9,
}


def _amounts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _MONEY.finditer(text):
        if match["free"]:
            found["0"] = match.group()
            continue
        unit = (match["unit"] or match["unit2"] or "").casefold()
        value = _figure(match["n"] or match["n2"] or match["n3"], bool(unit))
        found[f"{value * _UNITS.get(unit, 1):.0f}"] = match.group().strip()
    return found


def _figure(text: str, has_unit: bool) -> float:
    """ "50.000" is fifty thousand; "1,5 juta" one and a half million."""
    text = text.rstrip(".,")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text):
        return float(re.sub(r"[.,]", "", text))
    if has_unit:
        return (
            float(text.replace(",", "."))
            if text.count(",") + text.count(".") <= 1
            else 0.0
        )
    return float(re.sub(r"[.,]\d{2}$", "", text).replace(".", "").replace(",", ""))


_OPENS = re.compile(
    r"\b(?:buka|dibuka|opens?|open)\b[^.!?\n]{0,30}?\b(?P<h>\d{1,2})[.:](?P<m>\d\d)(?!\d)",
    re.IGNORECASE,
)
_MAY_NOT = _words(
    r"dilarang|terlarang|(?:tidak|tdk|gak|nggak|teu)"
    r" (?:boleh|diizinkan|diperbolehkan|kenging)"
    r"|forbidden|not allowed|prohibited"
)
_MAY = _words(
    # "boleh minta fotonya?" asks, it allows nothing
    r"boleh(?! (?:minta|tahu|tau|tolong|kirim|dikirim|dibantu|kami|info|dm|lihat|cek))"
    r"|diizinkan|diperbolehkan|kenging|allowed|permitted"
)


def _hours(text: str) -> dict[str, str]:
    return {f"{int(one['h'])}:{one['m']}": one.group() for one in _OPENS.finditer(text)}


def _allowed(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, pattern in (("no", _MAY_NOT), ("yes", _MAY)):
        match = pattern.search(text)
        if match:
            found[code] = match.group()
        text = pattern.sub(" ", text)
    return found
