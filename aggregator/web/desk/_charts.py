"""Charts as SVG, drawn on the server: no script, no style attribute, colours by class.

Every chart stands beside its table, so the picture itself is for the eye alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markupsafe import Markup

MOST_SERIES = 5
_HEIGHT = 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 6, 12, 26
_LABEL = 46
"""Room that a label below a column needs."""


@dataclass(frozen=True, slots=True)
class Size:
    """A picture is drawn for a desk and for a phone, so that its words are as large on
    both."""

    name: str
    width: int


DESK, PHONE = Size("desk", 720), Size("phone", 330)


@dataclass(frozen=True, slots=True)
class Series:
    """`values` in the order of the labels."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with what its table needs. `title` is shown above both."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]

    @property
    def pictures(self) -> Markup:
        """One for each size; the style sheet shows the one that fits."""
        return Markup().join(
            columns(self.labels, self.series, size) for size in (DESK, PHONE)
        )

    @property
    def rows(self) -> list[tuple[str, list[float]]]:
        """Each label with a value of every series."""
        return [
            (label, [one.values[i] for one in self.series])
            for i, label in enumerate(self.labels)
        ]


def grouped(
    counts: Mapping[Any, Mapping[str, int]], names: Sequence[str], rest: str
) -> list[Series]:
    """The busiest series by themselves, the others as one named `rest`."""
    shown, others = names[:MOST_SERIES], names[MOST_SERIES:]
    found = [
        Series(name, [one.get(name, 0) for one in counts.values()]) for name in shown
    ]
    if others:
        sums = [sum(one.get(name, 0) for name in others) for one in counts.values()]
        found.append(Series(rest, sums))
    return found


def columns(
    labels: Sequence[str], series: Sequence[Series], size: Size = DESK
) -> Markup:
    """Stacked columns with a scale; labels below as many as there is room for."""
    heights = [sum(one.values[i] for one in series) for i in range(len(labels))]
    top = _round_up(max(heights, default=0))
    plot, base = _HEIGHT - _TOP - _BOTTOM, _HEIGHT - _BOTTOM
    step = (size.width - _LEFT - _RIGHT) / max(1, len(labels))
    every = -(-_LABEL // max(1, int(step)))
    parts = [_grid(top, plot, base, size.width)]
    for i, label in enumerate(labels):
        x, y = _LEFT + i * step + step * 0.12, float(base)
        for number, one in enumerate(series):
            height = one.values[i] / top * plot if top else 0
            if height:
                y -= height
                parts.append(
                    f'<rect class="s{number}" x="{x:.1f}" y="{y:.1f}" '
                    f'width="{step * 0.76:.1f}" height="{height:.1f}"/>'
                )
        if i % every == 0:
            parts.append(
                f'<text x="{x + step * 0.38:.1f}" y="{_HEIGHT - 8}"'
                f' text-anchor="middle">{escape(label)}</text>'
            )
    return _svg(parts, size)


def _grid(top: float, plot: int, base: int, width: int) -> str:
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = base - share * plot
        lines.append(
            f'<line x1="{_LEFT}" x2="{width - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/><text'
            f' x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * share:g}</text>'
        )
    return "".join(lines)


def _round_up(value: float) -> float:
    """The end of a scale that halves well: 2, 4, 10, 20, 40, 100 ..."""
    size = 2.0
    for factor in (2, 2.5, 2) * 12:
        if value <= size:
            return size
        size *= factor
    return value


def _svg(parts: Sequence[str], size: Size) -> Markup:
    # every text inside has been escaped where it was put in
    return Markup(  # noqa: S704
        f'<svg class="chart {size.name}" viewBox="0 0 {size.width} {_HEIGHT}"'
        f' aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )
