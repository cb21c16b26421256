"""A linear model over pieces of words, for what no list foresees.

A text is cut into runs of three to five signs and into its words and pairs of words.
Each piece falls by its CRC-32 into one of 65,536 buckets, each bucket has a weight of
one byte, and the weights are summed. Nothing of a text can be read out of the weights.
"""

from __future__ import annotations

import base64
import itertools
import math
import re
import zlib
from dataclasses import dataclass
from typing import Any
from zlib import crc32

BUCKETS = 1 << 16
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
    from this chance on it is one, whatever the lists say; `maybe`: from this one on it
    may be one."""

    weights: bytes
    scale: float
    bias: float
    rings: float
    maybe: float

    def chance(self, text: str) -> float:
        """Between 0 and 1. Pieces count once; long texts are not louder than short."""
        weights = memoryview(self.weights).cast("b")
        total = sum(
            share(part) * sum(weights[one] for one in part) for part in buckets(text)
        )
        return 1 / (1 + math.exp(-(self.bias + self.scale * total)))

    def telling(self, text: str, most: int = 3) -> tuple[str, ...]:
        """The words of a text that speak most for it, in the text's order."""
        weights = memoryview(self.weights).cast("b")
        said = list(dict.fromkeys(_WORD.findall(text[:LONGEST_TEXT].casefold())))
        shares = {}
        for word in said:
            pieces, whole = buckets(word)
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
    return Hashed(weights, data["scale"], data["bias"], data["rings"], data["maybe"])


def share(part: set[int]) -> float:
    """What one bucket of a part counts: long texts are not louder than short ones, and
    a word alone is not loud at all."""
    return 1 / math.sqrt(len(part) + _QUIET)


def buckets(text: str) -> tuple[set[int], set[int]]:
    """The buckets of the runs of signs, and of the words and pairs of words."""
    small = _REPEATED.sub(r"\1\1", text[:LONGEST_TEXT].casefold())
    said = _WORD.findall(small)
    pieces: set[int] = set()
    for word in said:
        padded = f" {word} ".encode()
        for length in range(SHORTEST, LONGEST + 1):
            for start in range(len(padded) - length + 1):
                pieces.add(crc32(padded[start : start + length]) & _MASK)
    whole = {crc32(word.encode(), 1) & _MASK for word in said}
    whole |= {
        crc32(f"{one} {other}".encode(), 1) & _MASK
        for one, other in itertools.pairwise(said)
    }
    return pieces, whole
