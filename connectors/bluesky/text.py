"""How Bluesky counts a text, and the facets that make links and mentions of its parts.

Source: docs.bsky.app, "Links, mentions, and rich text", 2026.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
_HANDLE = re.compile(r"(?<![\w.@])@((?:[a-zA-Z0-9-]+\.)+[a-zA-Z][a-zA-Z0-9-]*)")


def links(text: str) -> Iterator[dict[str, Any]]:
    """Facets that make the addresses in a text links."""
    for found in _LINK.finditer(text):
        yield _facet(text, found.start(), found.end(), "link", uri=found[0])


def mentions(
    text: str, did_of: Callable[[str], str | None]
) -> Iterator[dict[str, Any]]:
    """Facets that tell the people named with their handle."""
    for found in _HANDLE.finditer(text):
        if did := did_of(found[1].lower()):
            yield _facet(text, found.start(), found.end(), "mention", did=did)


def _facet(text: str, start: int, end: int, kind: str, **values: str) -> dict[str, Any]:
    """Places in the text are counted in bytes of UTF-8."""
    first = len(text[:start].encode())
    return {
        "index": {"byteStart": first, "byteEnd": first + len(text[start:end].encode())},
        "features": [{"$type": f"app.bsky.richtext.facet#{kind}", **values}],
    }


def graphemes(text: str) -> int:
    """Characters as people see them; never fewer than Bluesky counts.

    Marks, joined emoji and skin tones belong to the character before them; two regional
    letters make one flag.
    """
    count = flags = 0
    joined = False
    for char in unicodedata.normalize("NFC", text):
        point = ord(char)
        is_letter = 0x1F1E6 <= point <= 0x1F1FF
        flags = flags + 1 if is_letter else 0
        belongs = (
            joined
            or unicodedata.category(char) in ("Mn", "Me")
            or point == 0x200D
            or 0x1F3FB <= point <= 0x1F3FF
            or (is_letter and flags % 2 == 0)
        )
        count += not belongs
        joined = point == 0x200D
    return count
