"""Reasons for which two reports are never joined without a person, however alike the
rest is.

Each is a test with a name, which is the code of the reason on the screen. To add one:
a function, a line in `VETOES`, a sentence in `web.words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aggregator.rules.reports.agreement import (
    Context,
    other_numbers,
    same_matter,
    spots_in,
    spots_left,
    tells_an_act,
    whole_inside,
)
from aggregator.rules.reports.traits import Traits
from aggregator.rules.text.canonical import SHORTEST
from aggregator.rules.text.comparison import Comparison

_FAR_METRES = 500
"""Nine in ten confirmed duplicates of one city lie within 65 m; a street is longer."""
_SENTENCE = 12
"""In so few telling words one more can say the opposite, or speak of something else."""
_QUESTION = 8
_VOWELS = frozenset("aeiou")
_SPOKEN = frozenset("ae")
"""Chat writes seneng for senang, laper for lapar."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two reports laid side by side. `found`: of their words."""

    a: Traits
    b: Traits
    found: Comparison
    context: Context

    @property
    def is_long(self) -> bool:
        """So long that a few words of difference tell no two problems apart."""
        return self.found.matched >= self.a.lexicon.limits.long_text


def speaking(pair: Pair) -> Iterator[tuple[str, str]]:
    """The name and what to show of every veto that speaks."""
    for name, test in VETOES.items():
        value = test(pair)
        if value is not None:
            yield name, value


def _other_number(pair: Pair) -> str | None:
    """Numbers of one thing that differ (RT, house, route), or one that only one of two
    short texts has."""
    a, b, found = pair.a, pair.b, pair.found
    if a.numbers != b.numbers and other_numbers(a, b):
        return ", ".join(sorted(a.numbers ^ b.numbers))
    in_a, in_b = found.numbers_left
    only_one = bool(in_a) != bool(in_b)
    if (in_a and in_b) or (
        only_one and not pair.is_long and not whole_inside(found, a.lexicon.limits)
    ):
        return ", ".join(w for w in found.left if any(c.isdigit() for c in w))
    return None


def _other_place(pair: Pair) -> str | None:
    """Far apart, parts of a place, or names that are not each other's spelling."""
    a, b, found, context = pair.a, pair.b, pair.found, pair.context
    far = context.metres is not None and context.metres > _FAR_METRES
    part = not pair.is_long and not a.lexicon.directions.isdisjoint(found.left)
    names = [
        name
        for x, y in found.respelt
        if _other_name(x, y, named=spots_in((x,), a) and spots_in((y,), b))
        for name in (x, y)
    ]
    both_left = spots_left(found.left_a, a, b) and spots_left(found.left_b, b, a)
    if not (far or part or context.other_spot or both_left or names):
        return None
    if context.metres is not None:
        names = names or [f"{context.metres:.0f} m"]
    return ", ".join(sorted({*a.places} ^ {*b.places}) or sorted(names or found.left))


def _other_words(pair: Pair) -> str | None:
    """Each says something of its own, or one puts a word into a sentence."""
    found = pair.found
    own_words = found.left_a and found.left_b and not pair.is_long
    if own_words or (found.inside and found.matched < _SENTENCE):
        return str(len(found.left))
    return None


def _other_order(pair: Pair) -> str | None:
    return "" if pair.found.moved else None


def _negation(pair: Pair) -> str | None:
    return "" if pair.found.negated and not pair.is_long else None


def _question(pair: Pair) -> str | None:
    """Only one asks, or both ask in words of their own."""
    asking = pair.a.lexicon.asking
    if pair.is_long:
        return None
    only_one = not asking.isdisjoint(pair.found.left)
    return "" if only_one or _own_questions(pair) else None


def _done(pair: Pair) -> str | None:
    """One wishes for what the other says is done."""
    a, b, found = pair.a, pair.b, pair.found
    told = _begins_with_an_act(found.left_a, a) or _begins_with_an_act(found.left_b, b)
    return "" if found.turned or told else None


def _little_text(pair: Pair) -> str | None:
    return "" if pair.found.matched < SHORTEST else None


def _confidential(pair: Pair) -> str | None:
    return "" if pair.context.confidential else None


VETOES: Mapping[str, Callable[[Pair], str | None]] = {
    "other_number": _other_number,
    "other_place": _other_place,
    "other_words": _other_words,
    "other_order": _other_order,
    "negation": _negation,
    "question": _question,
    "done": _done,
    "little_text": _little_text,
    "confidential": _confidential,
}
"""In the order in which they are shown. A test gives what fills the sentence, often
nothing; None where it does not speak."""


def _other_name(a: str, b: str, *, named: bool) -> bool:
    """A letter stands for another: in a street's name (`named`) that is more often
    another street than a slip (Melati, Melani). In a word of which nothing is known, so
    is a vowel (Moreno, Morena). Letters left out, doubled or changed round are slips
    (Pajajaran, Padjajaran)."""
    if len(a) != len(b) or sorted(a) == sorted(b):
        return False
    changed = [{x, y} for x, y in zip(a, b, strict=True) if x != y]
    return named or all(pair <= _VOWELS and pair != _SPOKEN for pair in changed)


def _begins_with_an_act(left: tuple[str, ...], said: Traits) -> bool:
    return bool(left) and left[0] == said.canonical.telling[0] and tells_an_act(left[0])


def _own_questions(pair: Pair) -> bool:
    """Two people who ask the same briefly, each in words of their own: both are owed an
    answer.

    Not where a complaint of one place is put as a question and no word of weight
    differs.
    """
    one, other, found = pair.a.canonical, pair.b.canonical, pair.found
    passed_on = one.quoted or other.quoted
    if not (one.asks and other.asks) or passed_on or found.matched >= _QUESTION:
        return False
    differ = bool(found.left) or not same_matter(pair.a, pair.b)
    return one.words != other.words and differ
