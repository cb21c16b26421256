"""What two reports agree in and what not: places, numbers, kinds, and the words left of
either."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from aggregator.rules.reports.traits import Traits
from aggregator.rules.text.canonical import key
from aggregator.rules.text.comparison import Comparison
from aggregator.rules.text.lexicon import Limits

_OF_AN_ACT = re.compile(r"di\w{4}|pe[mnr]\w{3,}an$")
"""Penertiban, perbaikan, ditertibkan: with one word more a complaint is news of what
was done."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the two texts. `metres`: between their coordinates, where
    both have any.

    `other_spot`: both came with a place of their own (typed into a form), and not the
    same.
    """

    gap: timedelta = timedelta(0)
    same_author: bool = False
    metres: float | None = None
    other_spot: bool = False
    confidential: bool = False


def same_matter(a: Traits, b: Traits) -> bool:
    """The same kind at the same place, and neither names a place or number the other
    does not."""
    return (
        a.top_kind is not None
        and a.top_kind == b.top_kind
        and bool(shared_places(a, b))
        and not other_place(a, b)
        and not other_numbers(a, b)
    )


def other_matter(a: Traits, b: Traits) -> bool:
    """Another kind at another place, or a number that tells them apart."""
    kinds_differ = bool(a.kinds) and bool(b.kinds) and kind_overlap(a, b) < 0.1
    return other_numbers(a, b) or (
        other_place(a, b) and (kinds_differ or not shared_places(a, b))
    )


def other_numbers(a: Traits, b: Traits) -> bool:
    """Both say a number of one thing (RT, house, route, school), and not the same
    one."""
    if not a.numbers or not b.numbers or a.numbers == b.numbers:
        return False
    met = {number.partition(":")[0] for number in a.numbers & b.numbers}
    return not met >= a.labels & b.labels


def other_place(a: Traits, b: Traits) -> bool:
    """Both name a place that the other does not mention at all."""
    return bool(_strange(a, b)) and bool(_strange(b, a))


def _strange(a: Traits, b: Traits) -> frozenset[str]:
    """What `a` calls its places by and `b` does not say, in one word or in two."""
    return _but_as_one(a.spots - b.keys - b.spots, a, b)


def _but_as_one(spots: frozenset[str], a: Traits, b: Traits) -> frozenset[str]:
    """Some spots of `a`, but for what `b` writes in two words, or in one where `a` has
    two."""
    if not spots:
        return spots
    as_one = (a.pairs[one] for one in a.pairs.keys() & (b.keys | b.spots))
    return spots.difference(b.pairs, *as_one)


def shared_places(a: Traits, b: Traits) -> frozenset[str]:
    met = (a.spots & b.spots) | (a.spots & b.keys) | (b.spots & a.keys)
    return met or a.spots.intersection(b.pairs) | b.spots.intersection(a.pairs)


def kind_overlap(a: Traits, b: Traits) -> float:
    return sum(min(score, b.kinds.get(code, 0.0)) for code, score in a.kinds.items())


def whole_inside(found: Comparison, limits: Limits) -> bool:
    """All of one text stands in the other in one piece: a quotation, a report with a
    preface."""
    shorter = min(len(found.left_a), len(found.left_b))
    return found.matched >= limits.contained and not found.inside and shorter == 0


def spots_in(words: tuple[str, ...], said: Traits) -> bool:
    return any(key(word, said.lexicon) in said.spots for word in words)


def spots_left(words: tuple[str, ...], said: Traits, other: Traits) -> frozenset[str]:
    """Words that name a place and are left over, but for those the other text writes
    apart or as one."""
    keys = [key(word, said.lexicon) for word in words]
    return _but_as_one(said.spots.intersection(keys), said, other)


def tells_an_act(word: str) -> bool:
    return _OF_AN_ACT.match(word) is not None
