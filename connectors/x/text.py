"""How X counts a text, and as what it bills it.

Source: docs.x.com (counting characters, pricing), 2026.
"""

from __future__ import annotations

import re
import unicodedata

LINK = re.compile(
    r"https?://\S+"
    r"|(?<![\w-])[\w-]++\.(?:com|id|net|org|go\.id|co\.id)(?:/\S*)?\b"
)
_LINK_LENGTH = 23


def weighted_length(text: str) -> int:
    """Length as X counts: a link is 23, most other scripts and emoji count double."""
    text = unicodedata.normalize("NFC", text)
    links = LINK.findall(text)
    rest = LINK.sub(lambda link: "-" * (len(link[0]) - len(link[0].lstrip("-"))), text)
    return _LINK_LENGTH * len(links) + sum(
        1 if _is_light(ord(char)) else 2 for char in rest
    )


def _is_light(point: int) -> bool:
    return (
        point <= 4351
        or 8192 <= point <= 8205
        or 8208 <= point <= 8223
        or 8242 <= point <= 8247
    )


def billed_as(text: str, *, private: bool, summoned: bool) -> str:
    """What sending this is billed as (config/prices.yaml)."""
    if private:
        return "write_dm"
    if LINK.search(text):
        return "write_with_link"
    return "write_summoned" if summoned else "write"
