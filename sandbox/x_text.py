"""How X counts the length of a post."""

from __future__ import annotations

import re

LINK = re.compile(r"https?://\S+")
EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2})"
    "|(?:[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*"
    "(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
LIGHT = (range(0, 4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))


def weighted_length(text: str) -> int:
    """Characters as X counts them: links 23, an emoji 2, most scripts outside Latin 2
    each."""
    text, links = LINK.subn("", text)
    text, emoji = EMOJI.subn("", text)
    letters = sum(1 if any(ord(c) in light for light in LIGHT) else 2 for c in text)
    return letters + 23 * links + 2 * emoji
