"""Addresses of mail, also said in words or with blanks between the signs."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DOT = r"(?:\.|\s?[(\[]\s?(?:dot|titik)\s?[)\]]\s?|\s(?:dot|titik)\s)"
_AT = r"(?:\s?@\s?|\s?[(\[{]\s?(?:at|et|a)\s?[)\]}]\s?)"
_MAIL = re.compile(
    rf"(?<![\w.+\-])\w[\w.+\-]{{0,63}}{_AT}[\w\-]{{1,40}}(?:{_DOT}[\w\-]{{1,30}}){{0,3}}{_DOT}[a-z]{{2,10}}\b",
    re.I,
)
_SAID = re.compile(
    r"(?<![\w.+\-])\w[\w.+\-]{0,63}(?:\s(?:titik|dot)\s[\w\-]{1,30}){0,2}\s(?:at|et|"
    r"@)\s[\w\-]{1,40}(?:\s?(?:dot|titik|\.)\s?(?:com|co|id|net|org|ac|sch|go|"
    r"edu)\b){1,3}",
    re.I,
)
_SPACED = re.compile(
    r"(?<![\w.+\-])(?:[\w.+\-] ){2,40}@(?: [\w\-]){2,20}(?: \.(?: \w){2,5}){1,3}(?!\w)"
)
_SLIPPED = re.compile(
    r"(?<![\w.+\-])\w[\w.+\-]{0,63}\s?@\s?(?:gmail|yahoo|ymail|hotmail|outlook|icloud|"
    r"proton)[ ,](?:com|co\.?id|me)\b",
    re.I,
)
_AT_A_HOUSE = re.compile(
    r"(?<![\w.+\-])\w[\w.+\-]{1,63}@(?:gmail|yahoo|ymail|hotmail|outlook|icloud|"
    r"proton)(?![\w.])",
    re.I,
)
_MARKS = ("dot", "titik", "at)", "at]", "at}", "(a)", "et)", ".com", ".co.id")
_OFFICE = re.compile(r"\.go\.id$", re.I)


def mails_in(text: str) -> Iterator[tuple[int, int]]:
    """Those of authorities are no findings: they are there to be written to."""
    said = text.casefold()
    if "@" not in text and not any(mark in said for mark in _MARKS):
        return
    for pattern in (_MAIL, _SAID, _SPACED, _SLIPPED, _AT_A_HOUSE):
        for match in pattern.finditer(text):
            if not _OFFICE.search(match[0]):
                yield match.span()
