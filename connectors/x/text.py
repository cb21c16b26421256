"""How X counts and bills a text. Source: docs.x.com (counting characters, pricing),
2026."""

from __future__ import annotations

import re
import unicodedata

LINK = re.compile(
    r"https?://\S+"
    r"|(?<![\w-])[\w-]++\.(?:com|id|net|org|go\.id|co\.id)(?:/\S*)?\b"
)
_LINK_LENGTH = 23

PRICES = {
    "post": 0.005,
    "own_post": 0.001,
    "user": 0.010,
    "media": 0.005,
    "dm": 0.010,
    "write": 0.015,
    "write_summoned": 0.010,
    "write_with_link": 0.200,
    "write_dm": 0.015,
}
"""US dollars a resource read, or a request that writes. `own_post`: posts and mentions
of the account that owns the app. One resource is billed once a UTC day."""


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


def price(text: str, *, private: bool, summoned: bool) -> float:
    """What sending this costs in US dollars."""
    if private:
        return PRICES["write_dm"]
    if LINK.search(text):
        return PRICES["write_with_link"]
    return PRICES["write_summoned" if summoned else "write"]
