"""What a text leans to beside its listed words: a linear model over pieces of words for
many labels at once.

A text is cut as in `hashed`: runs of three to five signs of each word, its words and
pairs of words as they stand and in their usual spelling, and what the lists vote. Each
piece falls by its CRC-32 into one of 65,536 buckets; a bucket holds a weight of one
byte for every label. The weights of a bucket are the digits of one large whole number,
so that a text with hundreds of pieces is one sum. Nothing of a text can be read out of
the weights.
"""

from __future__ import annotations

import base64
import math
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any
from zlib import crc32

NOTHING: Mapping[str, float] = {}
"""What is said of a text where nothing was learnt."""
BUCKETS = 1 << 16
LONGEST_TEXT = 2_000
"""Signs that are read: who writes to an office says soon what it is about."""
SHORTEST, LONGEST = 3, 5
_MASK = BUCKETS - 1
_QUIET = 12
_ZERO = 128
"""A byte of this value is the weight nought."""
_DIGIT = 3
"""Bytes of a label's digit: sums of a few thousand bytes."""
_KNOWN_WORDS = 20_000
_WORD = re.compile(r"\w+")
_REPEATED = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Leanings:
    """`weights`: for each bucket one byte a label, `_ZERO` for nought; `scale`: what
    one step is worth; `bias`: a label's own."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: bytes
    scale: float
    _words: dict[str, tuple[int, int]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def scores(
        self, text: str, usual: Sequence[str] = (), votes: Sequence[str] = ()
    ) -> dict[str, float]:
        """What speaks for each label, around nought. `usual`: the words in their usual
        spelling; `votes`: what lists and the channel say."""
        totals = list(self.bias)
        said = spoken(text)
        sums = [self._of_words(said)]
        sums += [
            (sum(map(self._row, part)), len(part))
            for part in other_parts(said, usual, votes)
        ]
        for total, many in sums:
            worth = share(many) * self.scale
            for number, digit in enumerate(self._digits(total)):
                totals[number] += worth * (digit - _ZERO * many)
        return dict(zip(self.labels, totals, strict=True))

    def telling(self, text: str, label: str, most: int = 2) -> tuple[str, ...]:
        """The words of a text that speak most for a label, in the text's order."""
        size, number = len(self.labels), self.labels.index(label)
        shares = {
            word: sum(
                self.weights[bucket * size + number] - _ZERO
                for bucket in (*pieces(word), whole_word(word))
            )
            for word in spoken(text)
        }
        best = sorted(shares, key=lambda word: -shares[word])[:most]
        return tuple(word for word in shares if word in best and shares[word] > 0)

    def _of_words(self, said: Sequence[str]) -> tuple[int, int]:
        found = [self._of_word(word) for word in dict.fromkeys(said)]
        return sum(one for one, _ in found), sum(many for _, many in found)

    def _of_word(self, word: str) -> tuple[int, int]:
        """The sum of a word's pieces and how many they are: most words of a message are
        everyday ones."""
        if (known := self._words.get(word)) is None:
            if len(self._words) > _KNOWN_WORDS:
                self._words.clear()
            cut = pieces(word)
            known = self._words[word] = (sum(map(self._row, cut)), len(cut))
        return known

    def _row(self, bucket: int) -> int:
        size = len(self.labels)
        spread = bytearray(_DIGIT * size)
        spread[::_DIGIT] = self.weights[bucket * size : (bucket + 1) * size]
        return int.from_bytes(spread, "little")

    def _digits(self, total: int) -> list[int]:
        size = _DIGIT * len(self.labels)
        spread = total.to_bytes(size, "little")
        return [
            int.from_bytes(spread[at : at + _DIGIT], "little")
            for at in range(0, size, _DIGIT)
        ]


def from_json(data: Any) -> Leanings:
    """The form of `config/models/leanings.json`: the bytes packed by zlib, in base64.
    ValueError, KeyError."""
    labels = tuple(data["labels"])
    packed = base64.b64decode("".join(data["weights"]), validate=True)
    weights = zlib.decompress(packed)
    if len(weights) != BUCKETS * len(labels) or len(data["bias"]) != len(labels):
        raise ValueError(f"{len(weights)} weights for {len(labels)} labels")
    return Leanings(labels, tuple(data["bias"]), weights, data["scale"])


def to_json(model: Leanings) -> Any:
    packed = base64.b64encode(zlib.compress(model.weights, 9)).decode()
    return {
        "labels": model.labels,
        "bias": [round(one, 4) for one in model.bias],
        "scale": round(model.scale, 8),
        "weights": [packed[at : at + 96] for at in range(0, len(packed), 96)],
    }


def packed(
    labels: Sequence[str], bias: Sequence[float], weights: Mapping[int, Sequence[float]]
) -> Leanings:
    """Weights as training leaves them, in bytes. `weights`: of the buckets that texts
    fell into."""
    scale = max((abs(one) for row in weights.values() for one in row), default=1) / 127
    size = len(labels)
    kept = bytearray([_ZERO]) * (BUCKETS * size)
    for bucket, row in weights.items():
        kept[bucket * size : (bucket + 1) * size] = bytes(
            round(one / scale) + _ZERO for one in row
        )
    return Leanings(tuple(labels), tuple(bias), bytes(kept), scale)


def limited(model: Leanings, labels: Collection[str]) -> Leanings:
    """For a city that knows fewer kinds: without what it has no word for."""
    kept = [at for at, label in enumerate(model.labels) if label in labels]
    if len(kept) == len(model.labels):
        return model
    size = len(model.labels)
    columns = [model.weights[at::size] for at in kept]
    return Leanings(
        tuple(model.labels[at] for at in kept),
        tuple(model.bias[at] for at in kept),
        bytes(chain.from_iterable(zip(*columns, strict=True))),
        model.scale,
    )


def share(many: int) -> float:
    """What one piece of a part counts: long texts are not louder than short ones."""
    return 1 / math.sqrt(many + _QUIET)


def spoken(text: str) -> list[str]:
    """The words of a text as they stand, small, no sign more than twice."""
    return _WORD.findall(_REPEATED.sub(r"\1\1", text[:LONGEST_TEXT].casefold()))


def parts(
    text: str, usual: Sequence[str] = (), votes: Sequence[str] = ()
) -> Iterator[list[int]]:
    """The buckets of a text: of pieces, of words, of usual words, of votes."""
    said = spoken(text)
    yield [one for word in dict.fromkeys(said) for one in pieces(word)]
    yield from other_parts(said, usual, votes)


def other_parts(
    said: Sequence[str], usual: Sequence[str], votes: Sequence[str]
) -> Iterator[list[int]]:
    """All but the pieces of words."""
    yield _words_and_pairs(said, 1)
    yield _words_and_pairs(usual[:LONGEST_TEXT], 2)
    yield [crc32(vote.encode(), 3) & _MASK for vote in votes]


def pieces(word: str) -> list[int]:
    padded = f" {word} ".encode()
    return [
        crc32(padded[start : start + length]) & _MASK
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(padded) - length + 1)
    ]


def whole_word(word: str) -> int:
    return crc32(word.encode(), 1) & _MASK


def _words_and_pairs(said: Sequence[str], sort: int) -> list[int]:
    """`sort`: keeps words of one sort apart from those of another."""
    found = {crc32(word.encode(), sort) & _MASK for word in said}
    found |= {
        crc32(f"{one} {other}".encode(), sort) & _MASK for one, other in pairwise(said)
    }
    return sorted(found)
