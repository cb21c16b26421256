"""The one place that decides whether two reports are one problem.

Three kinds of "same", judged apart:
  the same words     copied, forwarded, cut off, typed anew: joined without a person
  the same problem   other words, same kind and place: a score and a suggestion with its reasons
  neither            separate
A difference that tells two complaints apart (`vetoes`: number, place, negation, word order, ...)
forbids joining without a person, however alike the rest is.
The limits are the lexicon's, that both texts were read by; docs/duplicates.md has the measurement
that set them.
"""  # noqa: E501

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from rapidfuzz import fuzz

from aggregator.rules.reports import vetoes
from aggregator.rules.reports.agreement import (
    Context,
    kind_overlap,
    other_numbers,
    other_place,
    same_matter,
    shared_places,
    spots_in,
    tells_an_act,
    whole_inside,
)
from aggregator.rules.reports.traits import Traits, spot_words, traits
from aggregator.rules.text.canonical import SHORTEST, words_key
from aggregator.rules.text.comparison import Comparison, compare
from aggregator.rules.text.lexicon import Lexicon

__all__ = ["SHORTEST", "WINDOW", "Decision", "Reason", "decide", "traits", "words_key"]

WINDOW = timedelta(days=30)
"""How long a closed matter or a message without a case is remembered; open cases always
count."""

_NEAR_METRES = 150
_LATELY = timedelta(hours=72)
"""Half of the confirmed duplicates of one city came within an hour, nine in ten within
a week."""

_SURE = 0.99
_UNSURE = 0.98
"""No suggestion scores as high as what is joined without a person."""
_FEWEST_SHARED = 3
_NEARLY_A_COPY = 0.8
_REWORDED = 0.08
"""Share of a long text that may be put in other words where the other text only adds to
it."""

Verdict = Literal["join", "suggest", "separate"]


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` for the screen's sentence, `value` what fills it. `against`: it speaks for
    separate.

    codes: same_words cut_off same_place same_kind same_numbers same_photo near
    same_author gap against: other_place other_number other_words question other_order
    negation done little_text confidential
    """

    code: str
    value: str = ""
    against: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`score` in [0, 1]: how likely the two are one problem, by the trained weights."""

    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...]


NOTHING_ELSE = Context()


def decide(a: Traits, b: Traits, context: Context = NOTHING_ELSE) -> Decision:
    """What to do with two reports, and why. Symmetric in `a` and `b`."""
    return _decided(a, b, context, compare(a.canonical, b.canonical))


def decide_unless_apart(a: Traits, b: Traits, context: Context) -> Decision | None:
    """As `decide`, but None for most of what it would find separate of two people: what
    one look at the words in common tells needs neither score nor reasons."""
    found = compare(a.canonical, b.canonical)
    may_join = same_words(a, b, found) or not found.left_a or not found.left_b
    if not (may_join or context.same_author) and _elsewhere(a, b, found):
        return None
    return _decided(a, b, context, found)


def _decided(a: Traits, b: Traits, context: Context, found: Comparison) -> Decision:
    spots = shared_places(a, b)
    forbidden = tuple(
        Reason(code, value, against=True)
        for code, value in vetoes.speaking(vetoes.Pair(a, b, found, context))
    )
    if (not forbidden and same_words(a, b, found)) or _adds_only(
        a, b, found, forbidden
    ):
        return Decision("join", _SURE, tuple(_supporting(a, b, found, context, spots)))
    score = score_of(features(a, b, found, spots), a.lexicon.limits.weights)
    if context.same_author and _follows_up(a, b, score, forbidden):
        reasons = (*_supporting(a, b, found, context, spots), *forbidden)
        return Decision("join", max(score, 0.5), reasons)
    score = min(score, _UNSURE)
    likely = score >= a.lexicon.limits.suggest_from or _lately_there(a, b, context)
    if context.confidential or not likely or _elsewhere(a, b, found):
        return Decision("separate", score, forbidden)
    return Decision(
        "suggest", score, (*_supporting(a, b, found, context, spots), *forbidden)
    )


def at_a_glance(a: Traits, b: Traits) -> float:
    """Quickly, how like two texts are: 0 where `decide` could only say separate of two
    people's.

    The share of the shorter one's telling words that stand in both, and half of one for
    a place; one less where a number (house, RT, route) tells the two apart.
    """
    shared = len(a.telling_keys & b.telling_keys)
    same_place = bool(shared_places(a, b))
    if shared < _FEWEST_SHARED and not same_place:
        return 0.0
    share = shared / max(1, min(len(a.telling_keys), len(b.telling_keys)))
    return share + same_place / 2 - other_numbers(a, b)


_ANOTHER_MATTER = frozenset({"other_place", "confidential"})


def _follows_up(
    a: Traits, b: Traits, score: float, forbidden: tuple[Reason, ...]
) -> bool:
    """The same person again: the same matter unless something says that it is
    another."""
    if other_numbers(a, b) or any(
        reason.code in _ANOTHER_MATTER for reason in forbidden
    ):
        return False
    return score >= a.lexicon.limits.suggest_from or same_matter(a, b)


def same_words(a: Traits, b: Traits, found: Comparison) -> bool:
    """A copy: nothing of weight is left of either text."""
    chosen = a.lexicon.limits
    if found.matched < SHORTEST:
        return False
    shorter = min(len(found.left_a), len(found.left_b))
    longer_version = (
        found.matched >= chosen.long_text
        and shorter <= found.matched * _REWORDED
        and found.replaced <= 1
    )
    told = len(a.canonical.telling) + len(b.canonical.telling)
    cost = len(found.left) + found.replaced
    share = (
        chosen.left_share_long
        if found.matched >= chosen.long_text
        else chosen.left_share
    )
    return (
        whole_inside(found, chosen)
        or longer_version
        or cost <= min(chosen.most_left, int(share * told))
    )


def _adds_only(
    a: Traits, b: Traits, found: Comparison, forbidden: tuple[Reason, ...]
) -> bool:
    """The same kind at the same place, and one of the two only says a word or two
    more."""
    left = found.left
    return (
        {reason.code for reason in forbidden} <= {"other_words"}
        and (not found.left_a or not found.left_b)
        and len(left) <= a.lexicon.limits.most_added
        and found.matched >= SHORTEST
        and same_matter(a, b)
        and not found.done
        and a.canonical.asks == b.canonical.asks
        and a.kinds.keys() == b.kinds.keys()
        and a.lexicon.any_place.isdisjoint(left)
        and not any(map(tells_an_act, left))
        and not spots_in(left, a)
        and not spots_in(left, b)
    )


def _elsewhere(a: Traits, b: Traits, found: Comparison) -> bool:
    """Nothing a person need look at: they name different places, or share no word.

    Another number, or another matter, at the same place is worth a look only in what is
    nearly a copy.
    """
    if not found.matched or _no_place_in_common(a, b):
        return True
    told = len(a.canonical.telling) + len(b.canonical.telling)
    nearly_a_copy = 2 * found.matched >= _NEARLY_A_COPY * told
    return not nearly_a_copy and (other_numbers(a, b) or _other_kind(a, b))


def _lately_there(a: Traits, b: Traits, context: Context) -> bool:
    """The same kind at a place known by the same name within days: worth a look,
    whatever the words. A little later it is more often another time
    (docs/duplicates.md)."""
    return (
        context.gap <= _LATELY and not a.heads.isdisjoint(b.heads) and same_matter(a, b)
    )


def _other_kind(a: Traits, b: Traits) -> bool:
    """Both speak of a matter at a place, and these have nothing to do with each
    other."""
    return (
        bool(a.kinds)
        and bool(b.kinds)
        and a.located
        and b.located
        and not kind_overlap(a, b)
    )


def _no_place_in_common(a: Traits, b: Traits) -> bool:
    """Both say where, and neither's place is mentioned by the other."""
    return (
        a.located and b.located and not _met(a, b) and a.numbers.isdisjoint(b.numbers)
    )


def _met(a: Traits, b: Traits) -> bool:
    """Whether a place of one is mentioned by the other."""
    return any(
        not one.heads.isdisjoint(words)
        for one, other in ((a, b), (b, a))
        for words in (other.keys, other.spots, other.pairs)
    )


def _supporting(
    a: Traits, b: Traits, found: Comparison, context: Context, spots: frozenset[str]
) -> list[Reason]:
    reasons: list[Reason] = []
    told = max(1, min(len(a.canonical.telling), len(b.canonical.telling)))
    if found.matched >= SHORTEST and found.matched / told >= 0.6:
        share = round(100 * found.matched / max(found.matched, told))
        reasons.append(Reason("same_words", f"{share} %"))
    if found.excused and (a.canonical.cut or b.canonical.cut):
        reasons.append(Reason("cut_off"))
    if spots:
        named = _named_by(spots, (*a.places, *b.places), a.lexicon)
        reasons.append(Reason("same_place", named))
    if a.top_kind is not None and a.top_kind == b.top_kind:
        reasons.append(Reason("same_kind", a.top_kind))
    if a.numbers & b.numbers:
        reasons.append(Reason("same_numbers", ", ".join(sorted(a.numbers & b.numbers))))
    if context.metres is not None and context.metres <= _NEAR_METRES:
        reasons.append(Reason("near", f"{context.metres:.0f} m"))
    if context.same_author:
        reasons.append(Reason("same_author"))
    if reasons:
        reasons.append(Reason("gap", str(int(context.gap.total_seconds() // 60))))
    return reasons


def _named_by(spots: frozenset[str], names: Iterable[str], lexicon: Lexicon) -> str:
    """The first name that one of these spots is a word of."""
    found = (n for n in names if not spot_words([n], lexicon).isdisjoint(spots))
    return next(found, "")


def features(
    a: Traits, b: Traits, found: Comparison, spots: frozenset[str]
) -> dict[str, float]:
    """What the score is made of, each in [0, 1]. `spots`: `shared_places` of the
    two."""
    text_a, text_b = a.canonical.text, b.canonical.text
    told_a = max(1, len(a.canonical.telling))
    told_b = max(1, len(b.canonical.telling))
    in_a, in_b = found.numbers_left
    shared_keys = len(a.keys & b.keys)
    spots_differ = other_place(a, b)
    both_places = bool(a.spots) and bool(b.spots)
    overlap = kind_overlap(a, b)
    both_kinds = bool(a.kinds) and bool(b.kinds)
    cover = 2 * found.matched / (told_a + told_b)
    place_and_kind = overlap * min(len(spots), 2) / 2
    return {
        "bias": 1.0,
        "ratio": fuzz.ratio(text_a, text_b) / 100,
        "token_set": fuzz.token_set_ratio(text_a, text_b) / 100,
        "token_sort": fuzz.token_sort_ratio(text_a, text_b) / 100,
        "cover": cover,
        "contained": found.matched / min(told_a, told_b),
        "left_of_shorter": (
            min(len(found.left_a), len(found.left_b)) / min(told_a, told_b)
        ),
        "replaced": min(found.replaced, 4) / 4,
        "moved": min(found.moved, 4) / 4,
        "moved_in_copy": min(found.moved, 2) / 2 * cover,
        "numbers_differ": float(in_a > 0 and in_b > 0),
        "number_missing": float((in_a > 0) != (in_b > 0)),
        "labels_differ": float(other_numbers(a, b)),
        "jaccard": shared_keys / max(1, len(a.keys) + len(b.keys) - shared_keys),
        "length": math.log(min(told_a, told_b) + 1) / 4,
        "longer": abs(math.log(told_a / told_b)) / 3,
        "negated": float(found.negated),
        "ask_differs": float(a.canonical.asks != b.canonical.asks),
        "both_ask": float(a.canonical.asks and b.canonical.asks),
        "passed_on": float(a.canonical.quoted or b.canonical.quoted),
        "spots_shared": min(len(spots), 2) / 2,
        "spots_differ": float(spots_differ),
        "no_spot_shared": float(both_places and not spots),
        "one_without_place": float(bool(a.spots) != bool(b.spots)),
        "kind_shared": overlap,
        "kinds_differ": float(both_kinds and overlap < 0.1),
        "place_and_kind": place_and_kind,
        "place_kind_agree": place_and_kind * float(not spots_differ),
    }


def score_of(said: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """How likely two reports are one problem, of `features` and what each counts."""
    total = sum(weights.get(name, 0.0) * value for name, value in said.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
