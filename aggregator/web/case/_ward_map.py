"""A plain plan of the city: the outline of every ward, a case marked. No tiles, no
network.

Only the centres of the wards are known, so an outline is where a centre is the nearest
one, and not further away than a ward is wide. North is up; a degree of longitude is
drawn as short as it is at the city's latitude.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, radians, sin
from typing import NamedTuple

WIDTH = 240
_REACH = 0.0155  # degrees: from a centre at the edge of the city to its border
_CORNERS = 12

Point = tuple[float, float]


class Ward(NamedTuple):
    """`outline`: corners as SVG wants them."""

    name: str
    outline: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`x` and `y`: the mark, in the units of the drawing. `name`: of the place it is
    at."""

    height: int
    wards: tuple[Ward, ...]
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Drawing:
    """How latitude and longitude become units of the drawing."""

    north: float
    west: float
    shrink: float
    scale: float
    height: int
    margin: float

    def at(self, place: Point) -> Point:
        x = self.margin + (place[1] - self.west) * self.shrink * self.scale
        return x, self.margin + (self.north - place[0]) * self.scale


def plan(
    points: Mapping[str, Point], name: str, at: Point | None = None
) -> Plan | None:
    """The wards with a mark at a ward, or at a point (latitude, longitude) beside its
    name.

    None where neither is known, or the point lies far outside the city.
    """
    place = at or points.get(name)
    if place is None or not points:
        return None
    drawing, wards = _city(tuple(points.items()))
    x, y = drawing.at(place)
    if not (0 <= x <= WIDTH and 0 <= y <= drawing.height):
        return None
    return Plan(drawing.height, wards, name, round(x, 1), round(y, 1))


@lru_cache(maxsize=4)
def _city(points: tuple[tuple[str, Point], ...]) -> tuple[_Drawing, tuple[Ward, ...]]:
    places = [place for _, place in points]
    south, north = min(p[0] for p in places), max(p[0] for p in places)
    west, east = min(p[1] for p in places), max(p[1] for p in places)
    shrink = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shrink + 2 * _REACH)
    reach = _REACH * scale
    height = round((north - south) * scale + 2 * reach)
    drawing = _Drawing(north, west, shrink, scale, height, margin=reach)
    centres = [drawing.at(place) for place in places]
    return drawing, tuple(
        Ward(
            name,
            " ".join(f"{x:.1f},{y:.1f}" for x, y in _outline(centre, centres, reach)),
        )
        for (name, _), centre in zip(points, centres, strict=True)
    )


def _outline(centre: Point, centres: list[Point], reach: float) -> list[Point]:
    """Corners of what is nearer to a centre than to any other one."""
    turns = [2 * pi * corner / _CORNERS for corner in range(_CORNERS)]
    corners = [
        (centre[0] + reach * cos(turn), centre[1] + reach * sin(turn)) for turn in turns
    ]
    for other in centres:
        if other != centre:
            corners = _nearer(corners, centre, other)
    return corners


def _nearer(corners: list[Point], centre: Point, other: Point) -> list[Point]:
    """The part of a convex outline on the centre's side of the line half way to
    another."""
    dx, dy = other[0] - centre[0], other[1] - centre[1]
    half = ((other[0] ** 2 + other[1] ** 2) - (centre[0] ** 2 + centre[1] ** 2)) / 2
    beyond = [x * dx + y * dy - half for x, y in corners]
    kept: list[Point] = []
    for at, corner in enumerate(corners):
        before, far_before, far = corners[at - 1], beyond[at - 1], beyond[at]
        if (far_before > 0) != (far > 0):
            share = far_before / (far_before - far)
            kept.append(
                (
                    before[0] + share * (corner[0] - before[0]),
                    before[1] + share * (corner[1] - before[1]),
                )
            )
        if far <= 0:
            kept.append(corner)
    return kept
