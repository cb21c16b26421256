"""Training of the alarm's weights (rules/text/hashed.py) on made-up cries for help.

Logistic regression by AdaGrad, always in the same order: the same texts give the same
bytes. `corpus/alarm/` holds what it learns from; texts of a folder of recorded data, on
which the reviewed lists find no danger, are added as calm where there is one.
"""

from __future__ import annotations

import base64
import json
import math
import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from aggregator.rules.reports import urgency
from aggregator.rules.text import words
from aggregator.rules.text.hashed import BUCKETS, Hashed, buckets, share
from aggregator.rules.text.lexicon import Lexicon

ROUNDS = 12
RATE = 0.35
KEEP = 2e-5
"""How much of a weight each look at it takes back."""
RINGS, LISTED, MAYBE = 0.3, 0.2, 0.01
"""Chosen by texts of writers and voices that were kept back from the training."""
_SEED = 112


@dataclass(frozen=True, slots=True)
class Cry:
    """A text and whether somebody must be rung for; `weight`: how much it counts.
    `usual`, `votes`: as `read` fills them in, what the model hears beside the text."""

    text: str
    urgent: bool
    weight: float = 1.0
    usual: tuple[str, ...] = ()
    votes: tuple[str, ...] = ()


def read(cry: Cry, lexicon: Lexicon) -> Cry:
    """With its words in their usual spelling and the votes of the lists, as
    `urgency.decide` hears them."""
    usual = words.tokens(cry.text, lexicon.spellings)
    _, votes = urgency.hear(usual, lexicon.urgency)
    return replace(cry, usual=tuple(usual), votes=tuple(votes))


def corpus() -> list[Cry]:
    """The texts that ship with the program: those written for the alarm, and of the
    others those that say whether they are one."""
    return [
        Cry(row["text"], row["urgent"])
        for part in ("alarm", "messages")
        for _, row in shipped(part)
        if "urgent" in row
    ]


def shipped(part: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a part of `corpus/` with the name of their file, in its order."""
    folder = resources.files("aggregator.lab").joinpath("corpus", part)
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".jsonl"):
            for row in rows(file.read_text(encoding="utf-8")):
                yield file.name.removesuffix(".jsonl"), row


def rows(text: str) -> Iterator[dict[str, Any]]:
    yield from (json.loads(line) for line in text.splitlines() if line.strip())


def train(cries: Sequence[Cry]) -> Hashed:
    """Weights for these texts. Some seconds for a thousand of them."""
    seen = [_seen(cry) for cry in cries]
    weights, squares = [0.0] * BUCKETS, [1e-6] * BUCKETS
    bias, order = 0.0, list(range(len(seen)))
    chance = random.Random(_SEED)  # noqa: S311 (an order, no secret)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for number in order:
            urgent, weight, parts = seen[number]
            total = bias + sum(
                each * sum(weights[one] for one in part) for each, part in parts
            )
            error = weight * (1 / (1 + math.exp(-total)) - urgent)
            bias -= 0.02 * error
            for each, part in parts:
                step = error * each
                for one in part:
                    slope = step + KEEP * weights[one]
                    squares[one] += slope * slope
                    weights[one] -= RATE * slope / math.sqrt(squares[one])
    return _packed(weights, bias)


def _seen(cry: Cry) -> tuple[int, float, list[tuple[float, list[int]]]]:
    cut = buckets(cry.text, cry.usual, cry.votes)
    parts = [(share(part), sorted(part)) for part in cut]
    return int(cry.urgent), cry.weight, parts


def _packed(weights: Sequence[float], bias: float) -> Hashed:
    scale = max(map(abs, weights)) / 127
    packed = bytes(round(weight / scale) & 0xFF for weight in weights)
    return Hashed(packed, scale, bias, RINGS, LISTED, MAYBE)


def dumped(model: Hashed) -> str:
    """As `config/models/alarm.json` holds it."""
    packed = base64.b64encode(zlib.compress(model.weights, 9)).decode()
    lines = [packed[at : at + 96] for at in range(0, len(packed), 96)]
    return json.dumps(
        {
            "scale": round(model.scale, 8),
            "bias": round(model.bias, 6),
            "rings": model.rings,
            "listed": model.listed,
            "maybe": model.maybe,
            "weights": lines,
        },
        indent=0,
    )


def met(model: Hashed, cries: Iterable[Cry], least: float) -> tuple[int, int, int, int]:
    """Dangers found, dangers, calm texts found, calm texts, by the model alone."""
    found, of, false, calm = 0, 0, 0, 0
    for cry in cries:
        hit = model.chance(cry.text, cry.usual, cry.votes) >= least
        if cry.urgent:
            found, of = found + hit, of + 1
        else:
            false, calm = false + hit, calm + 1
    return found, of, false, calm
