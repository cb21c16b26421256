"""A plain plan of the city: the centres of its wards as dots, a case marked. No tiles, no network.

North is up; a degree of longitude is drawn as short as it is at the city's latitude.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians

WIDTH = 240
_MARGIN = 12


@dataclass(frozen=True, slots=True)
class Dot:
    """`x` and `y` in the units of the drawing."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plan:
    height: int
    dots: list[Dot]
    mark: Dot


def plan(
    points: Mapping[str, tuple[float, float]], name: str, at: tuple[float, float] | None = None
) -> Plan | None:
    """The wards with a mark at a ward, or at a point (latitude, longitude) beside its name.

    None where neither is known, or the point lies far outside the city.
    """
    place = at or points.get(name)
    if place is None or not points:
        return None
    south, north = min(p[0] for p in points.values()), max(p[0] for p in points.values())
    west, east = min(p[1] for p in points.values()), max(p[1] for p in points.values())
    shrink = cos(radians((south + north) / 2))
    scale = (WIDTH - 2 * _MARGIN) / ((east - west) * shrink or 1)

    def dot(label: str, point: tuple[float, float]) -> Dot:
        x = _MARGIN + (point[1] - west) * shrink * scale
        y = _MARGIN + (north - point[0]) * scale
        return Dot(label, round(x, 1), round(y, 1))

    height = round((north - south) * scale + 2 * _MARGIN)
    mark = dot(name, place)
    if not (0 <= mark.x <= WIDTH and 0 <= mark.y <= height):
        return None
    return Plan(height, [dot(label, point) for label, point in points.items()], mark)
