"""A text as it is read: what cannot be seen taken out, other people's digits and "
"letters
written as ours.

Every sign keeps its place in the text as given, so that what is found can be masked
there.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_UNSEEN = frozenset(("Cf", "Me", "Mn"))
_DASHES = frozenset("‐‑‒–—―−﹘﹣－")
_LETTERS = str.maketrans("АВЕКМНОРСТХаеорсху", "ABEKMHOPCTXaeopcxy")
"""Cyrillic letters that nobody can tell from ours."""


@dataclass(frozen=True, slots=True)
class Plain:
    """`places`: of every sign of `text` its place in the original; None where nothing
    moved."""

    text: str
    places: tuple[int, ...] | None

    def original(self, begin: int, end: int) -> tuple[int, int]:
        """A span of `text` as a span of the text as given."""
        if self.places is None or begin == end:
            return begin, end
        return self.places[begin], self.places[end - 1] + 1


def readable(text: str) -> Plain:
    if text.isascii():
        return Plain(text, None)
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if sign.isascii():
            signs.append(sign)
            places.append(place)
        elif unicodedata.category(sign) not in _UNSEEN:
            signs.append(_usual(sign))
            places.append(place)
    return Plain("".join(signs).translate(_LETTERS), tuple(places))


def _usual(sign: str) -> str:
    """One sign for one sign: a digit of any script, a wide or styled letter, a dash, a
    blank."""
    if sign in _DASHES:
        return "-"
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    usual = unicodedata.normalize("NFKC", sign)
    if len(usual) == 1:
        return " " if usual.isspace() and usual != "\n" else usual
    return sign
