"""The one place that decides whether two texts say the same.

Here: the same words again (copy, repost prefix, other link, other handle, other case or spacing).
Numbers and names stay, because they are what tells two complaints apart.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import timedelta

WINDOW = timedelta(days=30)
_SHORTEST = 4

_REPOST_PREFIX = re.compile(r"^\s*(?:rt|repost|fwd|fw|via)\b[\s:]*(?:@\w+)?\s*:?\s*", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+|\bt\.co/\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@\w+")
_NOT_A_WORD = re.compile(r"[^\w]+")


def canonical(text: str) -> str:
    """The words of a text in one spelling: what stays equal when a text is passed on."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    while (stripped := _REPOST_PREFIX.sub("", plain, count=1)) != plain:
        plain = stripped
    plain = _HANDLE.sub(" ", _LINK.sub(" ", plain))
    return _NOT_A_WORD.sub(" ", plain).strip()


def words_key(text: str | None) -> str | None:
    """Equal for two texts with the same words; None where there is too little to tell by."""
    words = canonical(text or "")
    if len(words.split()) < _SHORTEST:
        return None
    return hashlib.sha256(words.encode()).hexdigest()[:32]
