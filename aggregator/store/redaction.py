"""What a platform sent, without what it says about people.

Texts, names and numbers that a person could be found by become others of the same
shape, the same value always the same other one, so that threads and edits still hang
together.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable
from typing import Any

_KEPT = re.compile(
    r"^(?:type|kind|status|state|field|object|event|event_type|item|verb|lang|language|mime_type|"
    r"media_type|messaging_product|created_at|updated_at|timestamp|time|date|edit_date|created_time|"
    r"update_time|createTime|updateTime|publishedAt|updatedAt|indexedAt|starRating|visibility)$"
)
"""Fields that are the platform's own words, not a person's."""
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"(?<!\d)(?!\d{4}-\d\d-\d\d)\d(?:[ .-]?\d){8,}|\d+")
"""Numbers of people are written in groups too: 0812-3456-7890. A day is none of
them."""
_DIGIT = re.compile(r"\d")
_SYLLABLES = (
    "ba",
    "ci",
    "da",
    "ga",
    "ku",
    "la",
    "ma",
    "ni",
    "pa",
    "ra",
    "sa",
    "ta",
    "wi",
    "yu",
)


def redact(value: Any, name: str = "") -> Any:
    """The same structure with made-up content; equal values stay equal."""
    if isinstance(value, dict):
        return {key: redact(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [redact(inner, name) for inner in value]
    if _KEPT.match(name) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _DIGITS.sub(_other_digits, _WORD.sub(_other_word, value))
    if isinstance(value, int) and abs(value) > 9999:
        return int(_DIGITS.sub(_other_digits, str(value)))
    return 0.0 if isinstance(value, float) else value


def _draw(text: str) -> Callable[[int], int]:
    digest = hashlib.sha256(text.lower().encode()).digest()
    return lambda position: digest[position % len(digest)]


def _other_word(found: re.Match[str]) -> str:
    word = found[0]
    draw = _draw(word)
    made = "".join(
        _SYLLABLES[draw(at) % len(_SYLLABLES)] for at in range(len(word) // 2 + 1)
    )
    made = made[: len(word)]
    return made.capitalize() if word[0].isupper() else made


def _other_digits(found: re.Match[str]) -> str:
    digits = found[0]
    if len(digits) < 5:
        return digits
    draw, places = _draw(digits), itertools.count()
    return _DIGIT.sub(lambda _: str(draw(next(places)) % 9 + 1), digits)
