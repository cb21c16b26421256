"""Weights that training wrote, summed over the features of a text: no arithmetic beyond
adding.

A linear model is what can be explained: every feature's share in a decision can be
shown. The weights of a feature for all labels are the digits of one large whole number,
in hundredths, so that a text with hundreds of features is one sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_BITS = 24
_HALF = 1 << (_BITS - 1)
_MASK = (1 << _BITS) - 1
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Model:
    """`weights`: feature to (number of the label, weight) pairs; features count once a
    text."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]
    _packed: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        packed = {feature: _pack(pairs) for feature, pairs in self.weights.items()}
        object.__setattr__(self, "_packed", packed)

    def scores(self, features: Iterable[str]) -> list[float]:
        """One sum a label, in the order of `labels`. Long texts are not louder than
        short ones."""
        known = [row for row in map(self._packed.get, set(features)) if row is not None]
        scale = length_scale(len(known)) / _HUNDRED
        sums = _unpack(sum(known), len(self.labels))
        return [
            bias + scale * total for bias, total in zip(self.bias, sums, strict=True)
        ]

    def chances(self, features: Iterable[str]) -> dict[str, float]:
        """Softmax of the scores."""
        return dict(zip(self.labels, softmax(self.scores(features)), strict=True))


def _pack(pairs: Iterable[tuple[int, float]]) -> int:
    return sum(round(weight * _HUNDRED) << (_BITS * label) for label, weight in pairs)


def _unpack(total: int, size: int) -> list[int]:
    """The digits; each is moved up by half its range, for sums may be negative."""
    total += sum(_HALF << (_BITS * label) for label in range(size))
    return [((total >> (_BITS * label)) & _MASK) - _HALF for label in range(size)]


def length_scale(known: int) -> float:
    """Features of a text are scaled by 1 / sqrt of how many the model knows."""
    return 1 / math.sqrt(known) if known else 0.0


def softmax(scores: Sequence[float]) -> list[float]:
    top = max(scores)
    raised = [math.exp(score - top) for score in scores]
    total = sum(raised)
    return [value / total for value in raised]


def from_json(data: Any) -> Model:
    """The form of `config/models/*.json`: weights in hundredths, labels by number."""
    return Model(
        labels=tuple(data["labels"]),
        bias=tuple(data["bias"]),
        weights={
            feature: tuple(
                (pair[0], pair[1] / 100)
                for pair in zip(row[::2], row[1::2], strict=True)
            )
            for feature, row in data["weights"].items()
        },
    )


def to_json(model: Model, least: float = 0.05) -> Any:
    """Numbers below `least` are dropped; they change no decision and double the
    file."""
    rows: dict[str, list[int]] = {}
    for feature in sorted(model.weights):
        row = [
            value
            for label, weight in model.weights[feature]
            if abs(weight) >= least
            for value in (label, round(weight * 100))
        ]
        if row:
            rows[feature] = row
    return {
        "labels": model.labels,
        "bias": [round(b, 4) for b in model.bias],
        "weights": rows,
    }
