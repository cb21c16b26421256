"""Reading JSON of unknown shape: the value asked for, or None; never an exception."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.base import plausible

Json = Mapping[str, Any]
_FRACTION = re.compile(r"(\.\d{6})\d+")
_MILLISECONDS_FROM = 100_000_000_000


def as_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def sub(value: Any, *names: str) -> Json:
    """The object at a path of names, {} where there is none."""
    for name in names:
        value = as_object(value).get(name)
    return as_object(value)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    return [each for each in as_list(value) if isinstance(each, dict)]


def string(value: Json, name: str) -> str | None:
    """A string that is not empty."""
    found = value.get(name)
    return found if isinstance(found, str) and found else None


def ident(value: Json, name: str) -> str | None:
    """An id as a string; platforms write the same id as a number and as a string. 0 is
    none."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int | str):
        return None
    return str(found) if found not in ("", 0, "0") else None


def iso_time(value: Any) -> datetime | None:
    """RFC 3339, up to nanoseconds; UTC, which is also meant where old programs wrote no
    zone."""
    if (
        not isinstance(value, str) or value[4:5] != "-"
    ):  # digits alone may pass for a date
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", value))
        return plausible(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def epoch_time(value: Any) -> datetime | None:
    """Seconds or, where the number is too large for them, milliseconds; digits in a
    string too."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) < 18
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    try:
        seconds, milliseconds = (
            divmod(value, 1000) if value >= _MILLISECONDS_FROM else (value, 0)
        )
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return plausible(moment.replace(microsecond=milliseconds * 1000))


def only(**values: Any) -> dict[str, Any]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value is not None}


def digest(payload: Any) -> str:
    """Sixteen hexadecimal digits that are the same for the same JSON."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
