"""Latitude and longitude in a text: decimals, degrees and minutes, links of maps."""

from __future__ import annotations

import re
from collections.abc import Iterator

# "-6.597, 106.806"; "-6,5971 106,8060" as telephones here write it; "lat: ... long:
# ..."; links.
_POINT = re.compile(
    r"(-?\d{1,2}\.\d{3,})\s*,\s*\+?(\d{2,3}\.\d{3,})"
    r"|(-?\d{1,2}[.,]\d{4,})[\s,;]+(?:long?\w*|lng|bujur)?\s*[:=]?\s*\+?(\d{2,3}[.,]\d{4,})"
    r"|!3d(-?\d+\.\d+)!4d(\d+\.\d+)"
)
_FRACTION = re.compile(r"\d[.,]\d{3}")
_DEGREES = re.compile(
    r"(\d{1,2})\s?°\s?(\d{1,2})\s?['’′]\s?(\d{1,2}(?:[.,]\d+)?)?\s?(?:\"|”|″|'')?\s?(S|LS|N|LU)\b[\s,;]*"
    r"(\d{2,3})\s?°\s?(\d{1,2})\s?['’′]\s?(\d{1,2}(?:[.,]\d+)?)?\s?(?:\"|”|″|'')?\s?(?:E|T|BT)\b"
)


def coordinates(text: str) -> Iterator[tuple[float, float, tuple[int, int]]]:
    """Latitude and longitude written in a text or in the link of a map."""
    for match in _POINT.finditer(text) if _FRACTION.search(text) else ():
        north, east = (said.replace(",", ".") for said in match.groups() if said)
        latitude, longitude = float(north), float(east)
        if abs(latitude) <= 90 and longitude <= 180:
            yield latitude, longitude, match.span()
    for match in _DEGREES.finditer(text) if "°" in text else ():
        latitude, longitude = (
            _degrees(*match.group(1, 2, 3)),
            _degrees(*match.group(5, 6, 7)),
        )
        south = match[4] in ("S", "LS")
        yield (-latitude if south else latitude), longitude, match.span()


def _degrees(whole: str, minutes: str, seconds: str | None) -> float:
    return (
        int(whole)
        + int(minutes) / 60
        + float((seconds or "0").replace(",", ".")) / 3600
    )
