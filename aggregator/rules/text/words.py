"""The words of a text in one spelling: what every rule about texts reads.

Links and handles go, abbreviations and Sundanese everyday words take their Indonesian
form (`Lexicon.spellings`), "rumah2" is "rumah", "lamaaaa" is "lama", "RT03" is "rt",
"3". Numbers and names stay: they are what tells two complaints apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

LINK = re.compile(
    r"(?:https?:|www\.)\S*|\b(?:t\.co|bit\.ly|goo\.gl)/\S*|\bpic\.twitter\S*", re.I
)
HANDLE = re.compile(r"(?<![\w.@])@\w[\w.]*\w|(?<![\w@])@\w")
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
REPOST = re.compile(
    r"\W*(?:\d{1,2}[.:]\d{2}\W+)?(?:rt|repost|fwd?|via|cc)\b(?!\W*\d)[\s:|]*(?:@\w+)?[\s:|]*",
    re.I,
)
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?|\d+")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_REDUPLICATED = re.compile(
    r"(?<![^\W\d_])([^\W\d_]{3,}+)(?:2|²)(?=nya\b|an\b|\b)", re.I
)


def plain(text: str) -> str:
    """One alphabet and case, without links, mail addresses and handles; the rest as
    written."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if "/" in text or "www." in text or "http" in text or "pic." in text:
        text = LINK.sub(" ", text)
    return HANDLE.sub(" ", MAIL.sub(" ", text)) if "@" in text else text


def without_repost(text: str) -> str:
    """The text without "RT @name:", "12.30 RT ..." and their like in front, however
    many."""
    at = 0
    while (mark := REPOST.match(text, at)) is not None:
        at = mark.end()
    return text[at:]


def spoken(text: str) -> list[str]:
    """The words as said, before any spelling is changed: what tells languages apart."""
    return list(_spoken(text))


@lru_cache(maxsize=16)
def _spoken(text: str) -> tuple[str, ...]:
    """Several rules read one message in a row: the last few texts are kept."""
    text = _REPEATED.sub(r"\1", plain(text).replace("per4an", "perempatan"))
    text = text.replace("per3an", "pertigaan")
    if "2" in text or "²" in text:
        text = _REDUPLICATED.sub(r"\1", text)
    words: list[str] = []
    for part in _TOKEN.findall(text):
        first, _, second = part.partition("-")
        words.append(first)
        if second and second != first:  # "gara-gara" is one word said twice
            words.append(second)
    return tuple(words)


def tokens(text: str, spellings: Mapping[str, str]) -> list[str]:
    """The words in one spelling, in order. A spelling with a blank ("terima_kasih")
    stays one. `spellings`: a variant to the usual spelling."""
    return usual(spoken(text), spellings)


def usual(said: Iterable[str], spellings: Mapping[str, str]) -> list[str]:
    """Words as said, each in its usual spelling."""
    return [
        spellings.get(word, word) if word[0] > "9" else number(word) for word in said
    ]


def number(digits: str) -> str:
    """Short numbers without leading zeros ("RW 04"); long ones are names, and stay as
    they are."""
    return digits.lstrip("0") or "0" if len(digits) <= 3 else digits
