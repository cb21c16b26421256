"""A linear model over pieces of words, for what no list foresees.

A text is cut into runs of three to five signs and into its words and pairs of words,
as they stand and in their usual spelling; what reviewed lists say of it is heard beside
them. Each piece falls by its CRC-32 into one of 131,072 buckets, each bucket has a
weight of one byte, and the weights are summed. Nothing of a text can be read out of the
weights.
"""

from __future__ import annotations

import base64
import itertools
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

BUCKETS = 1 << 17
SHORTEST, LONGEST = 3, 5
LONGEST_TEXT = 2_000
"""Signs that are read: what cries for help does so sooner."""
_MASK = BUCKETS - 1
_QUIET = 12
_WORD = re.compile(r"\w+")
_REPEATED = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Hashed:
    """`weights`: one signed byte a bucket, `scale` what one of them is worth. `rings`:
    from this chance on it is one, whatever the lists say; `listed`: from this one on it
    is one where the lists say so too; `maybe`: from this one on it may be one."""

    weights: bytes
    scale: float
    bias: float
    rings: float
    listed: float
    maybe: float

    def chance(
        self, text: str, usual: Sequence[str] = (), votes: Sequence[str] = ()
    ) -> float:
        """Between 0 and 1. Pieces count once; long texts are not louder than short.
        `usual`: the words in their usual spelling; `votes`: what lists say."""
        weights = memoryview(self.weights).cast("b")
        total = sum(
            share(part) * sum(weights[one] for one in part)
            for part in buckets(text, usual, votes)
        )
        return 1 / (1 + math.exp(-(self.bias + self.scale * total)))

    def telling(self, text: str, most: int = 3) -> tuple[str, ...]:
        """The words of a text that speak most for it, in the text's order."""
        weights = memoryview(self.weights).cast("b")
        said = list(dict.fromkeys(_WORD.findall(text[:LONGEST_TEXT].casefold())))
        shares = {}
        for word in said:
            pieces, whole, *_ = buckets(word)
            shares[word] = sum(weights[one] for one in (*pieces, *whole))
        best = sorted(said, key=lambda word: -shares[word])[:most]
        return tuple(word for word in said if word in best and shares[word] > 0)


def from_json(data: Any) -> Hashed:
    """The form of `config/models/alarm.json`: the bytes packed by zlib, in base64.
    ValueError, KeyError."""
    packed = base64.b64decode("".join(data["weights"]), validate=True)
    weights = zlib.decompress(packed)
    if len(weights) != BUCKETS:
        raise ValueError(f"{len(weights)} weights instead of {BUCKETS}")
    return Hashed(
        weights,
        data["scale"],
        data["bias"],
        data["rings"],
        data["listed"],
        data["maybe"],
    )


def share(part: set[int]) -> float:
    """What one bucket of a part counts: long texts are not louder than short ones, and
    a word alone is not loud at all."""
    return 1 / math.sqrt(len(part) + _QUIET)


def buckets(
    text: str, usual: Sequence[str] = (), votes: Sequence[str] = ()
) -> tuple[set[int], ...]:
    """The buckets of the runs of signs, of the words and pairs of words, of those in
    their usual spelling, of the votes."""
    small = _REPEATED.sub(r"\1\1", text[:LONGEST_TEXT].casefold())
    said = _WORD.findall(small)
    pieces: set[int] = set()
    for word in said:
        pieces |= _pieces(word)
    return (
        pieces,
        _words_and_pairs(said, 1),
        _words_and_pairs(list(usual[:LONGEST_TEXT]), 2),
        {crc32(vote.encode(), 3) & _MASK for vote in votes},
    )


@lru_cache(maxsize=4_096)
def _pieces(word: str) -> frozenset[int]:
    """The runs of signs of a word: most words of a message are everyday ones."""
    padded = f" {word} ".encode()
    return frozenset(
        crc32(padded[start : start + length]) & _MASK
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(padded) - length + 1)
    )


def _words_and_pairs(said: Sequence[str], sort: int) -> set[int]:
    """`sort`: keeps words of one sort apart from those of another."""
    found = {crc32(word.encode(), sort) & _MASK for word in said}
    found |= {
        crc32(f"{one} {other}".encode(), sort) & _MASK
        for one, other in itertools.pairwise(said)
    }
    return found
