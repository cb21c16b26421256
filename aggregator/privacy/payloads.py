"""What stands in a raw event, however it is packed: the one place that unpacks it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from typing import Any

_PACKED = frozenset({"raw", "body_base64"})
"""Fields that hold bytes: a letter, a delivery that could not be taken apart."""
_TELLING = 8
"""From this length on an id is no other number by chance."""


def texts(payload: Any, name: str = "") -> Iterator[str]:
    """Every text and number of a payload, bytes unpacked."""
    if isinstance(payload, dict):
        for key, value in payload.items():
            yield from texts(value, key)
    elif isinstance(payload, list):
        for value in payload:
            yield from texts(value, name)
    elif isinstance(payload, str):
        yield from _unpacked(payload) if name in _PACKED else (payload,)
    elif isinstance(payload, int | float) and not isinstance(payload, bool):
        yield str(payload)


def _unpacked(packed: str) -> Iterator[str]:
    try:
        plain = base64.b64decode(packed, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        yield packed
        return
    try:
        yield from texts(json.loads(plain))
    except ValueError:
        yield plain


def is_of(payload: Any, native_id: str, named: frozenset[str]) -> bool:
    """Whether a payload speaks of a message. A short id (a number in a chat) may be
    another's: then something else of the message (`named`) must be there too."""
    found = list(texts(payload))
    if len(native_id) >= _TELLING:
        return any(native_id in text for text in found)
    return native_id in found and not named.isdisjoint(found)


def mentions(payload: Any, finds: Callable[[str], bool]) -> bool:
    """Whether anything in a payload is found."""
    return any(map(finds, texts(payload)))


def can_be_changed(payload: Any) -> bool:
    """Whether its texts stand in it as they are."""
    if isinstance(payload, dict):
        return all(
            key not in _PACKED and can_be_changed(value)
            for key, value in payload.items()
        )
    return not isinstance(payload, list) or all(map(can_be_changed, payload))
