"""Training of the weights in `config/models/`: logistic regression in plain Python,
always the same.

No library is needed, so a city can train again on its own corrections. Only features
are kept, never a text: a feature must occur in `LEAST` texts of `SOURCES` sources, and
what is mostly written with a capital inside sentences is a name and is left out.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.rules.text import linear, words

LEAST = 5
SOURCES = 2
_CAUTION = 4  # a name in small letters must not slip in
_CAPITAL = re.compile(r"(?<=[a-z0-9,] )([A-Z][a-z]+|[a-z]{3,})")


@dataclass(frozen=True, slots=True)
class Example:
    """`label` is what a person said of the text; `offset` what reviewed lists say of
    each label.

    `weight` is how much one example counts (noisy sources less).
    """

    text: str
    label: str
    source: str
    weight: float = 1.0
    offset: Mapping[str, float] = field(default_factory=dict)


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """Words often written with a capital where no sentence begins: names of people and
    places."""
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        for word in _CAPITAL.findall(words.HANDLE.sub(" ", words.LINK.sub(" ", text))):
            (capital if word[0].isupper() else small)[word.casefold()] += 1
    return frozenset(
        word for word, times in capital.items() if _CAUTION * times > small[word]
    )


def usable(
    rows: Iterable[tuple[Sequence[str], str]],
    names: frozenset[str] = frozenset(),
    least: int = LEAST,
    sources: int = SOURCES,
) -> frozenset[str]:
    """The features that are general enough to keep, out of (features, source) pairs."""
    count: Counter[str] = Counter()
    seen: dict[str, set[str]] = defaultdict(set)
    for features, source in rows:
        for feature in set(features):
            count[feature] += 1
            if len(seen[feature]) < sources:
                seen[feature].add(source)
    return frozenset(
        feature
        for feature, times in count.items()
        if times >= least
        and len(seen[feature]) >= sources
        and names.isdisjoint(feature.split())
    )


def train(
    examples: Sequence[Example],
    features_of: Callable[[str], Sequence[str]],
    keep: frozenset[str],
    *,
    epochs: int = 12,
    rate: float = 0.5,
    decay: float = 2e-4,
    prior: bool = True,
    seed: int = 11,
) -> linear.Model:
    """Weights by AdaGrad over the softmax loss; `decay` draws them to zero (L2).

    `prior=False`: how often a label occurs in the examples says nothing of where it
    will be used; labels count alike and there is no bias.
    """
    labels = tuple(sorted({example.label for example in examples}))
    place = {label: number for number, label in enumerate(labels)}
    kept = sorted(keep)
    row_of = {feature: number for number, feature in enumerate(kept)}
    often = Counter(example.label for example in examples)
    share_of = {
        label: 1.0 if prior else math.sqrt(len(examples) / len(labels) / often[label])
        for label in labels
    }
    data = []
    for example in examples:
        known = sorted({row_of[f] for f in features_of(example.text) if f in row_of})
        offset = [example.offset.get(label, 0.0) for label in labels]
        data.append(
            (
                known,
                place[example.label],
                example.weight * share_of[example.label],
                offset,
            )
        )
    size = len(labels)
    weights = [[0.0] * size for _ in kept]
    squares = [[1e-2] * size for _ in kept]
    bias, bias_squares = [0.0] * size, [1.0] * size
    order = list(range(len(data)))
    shuffle = random.Random(seed)  # noqa: S311
    for _ in range(epochs):
        shuffle.shuffle(order)
        for number in order:
            known, right, share, offset = data[number]
            scale = linear.length_scale(len(known))
            sums = [0.0] * size
            for row in known:
                sums = [a + b for a, b in zip(sums, weights[row], strict=True)]
            scores = [
                b + o + scale * s for b, o, s in zip(bias, offset, sums, strict=True)
            ]
            errors = linear.softmax(scores)
            errors[right] -= 1.0
            errors = [error * share for error in errors]
            for label, error in enumerate(errors if prior else ()):
                bias_squares[label] += error * error
                bias[label] -= 0.1 * error / math.sqrt(bias_squares[label])
            pushed = [
                (label, scale * e) for label, e in enumerate(errors) if abs(e) > 0.01
            ]
            for row in known:
                row_weights, row_squares = weights[row], squares[row]
                for label, error in pushed:
                    slope = error + decay * row_weights[label] * 50
                    row_squares[label] += slope * slope
                    row_weights[label] -= rate * slope / math.sqrt(row_squares[label])
    return linear.Model(
        labels,
        tuple(bias),
        {
            feature: tuple((label, w) for label, w in enumerate(row) if w)
            for feature, row in zip(kept, weights, strict=True)
        },
    )
