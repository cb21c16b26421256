"""Two texts laid side by side: which words they share in the same order, and what is
left of each.

    a: lampu merah simpang dago mati  dua hari
    b: lampu merah simpang dago mati tiga hari      left: (dua) (tiga)

What is missing because a text was cut off ("...") and what somebody wrote in front of a
quotation is no difference between the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, Indel

from aggregator.rules.text.canonical import Canonical, skeleton, stem
from aggregator.rules.text.lexicon import Lexicon

_SURELY_TYPED_WRONG = 0.8
_SAME_CONSONANTS = 0.6


@dataclass(frozen=True, slots=True)
class Comparison:
    """`matched`: telling words in common and in order; `left_a`, `left_b`: those that
    are not.

    `replaced`: places where each text has another word; `moved`: words both have, in
    another order; `inside`: how many words are left between the first and the last word
    in common; `excused`: words missing only because a text was cut off or is quoted;
    `negated`: a negation is left of one of the two only; `turned`: one wishes for what
    the other says is done; `done`: only one says that it is; `respelt`: words in common
    that are not written alike.
    """

    matched: int
    left_a: tuple[str, ...]
    left_b: tuple[str, ...]
    replaced: int
    moved: int
    inside: int
    excused: int
    negated: bool
    turned: bool
    done: bool
    respelt: tuple[tuple[str, str], ...]

    @property
    def left(self) -> tuple[str, ...]:
        return self.left_a + self.left_b

    @property
    def numbers_left(self) -> tuple[int, int]:
        """How many words with a digit are left of each."""
        return _numbers(self.left_a), _numbers(self.left_b)


def _numbers(words: Sequence[str]) -> int:
    return len([word for word in words if word[0].isdigit() or word[-1].isdigit()])


@lru_cache(maxsize=65536)
def alike(a: str, b: str, lexicon: Lexicon) -> bool:
    """Two spellings of one word, as far as spelling tells."""
    if a == b:
        return True
    a, b = lexicon.same.get(a, a), lexicon.same.get(b, b)
    if a == b:
        return True
    if a[0].isdigit() or b[0].isdigit():
        return False
    if min(len(a), len(b)) < 4:
        return _shortened(*sorted((a, b), key=len))
    if _slipped(a, b):
        return True
    a, b = stem(a), stem(b)
    if a[0] != b[0]:
        return False
    near = OSA.normalized_similarity(a, b)  # two letters changed round are one slip
    if near >= _SURELY_TYPED_WRONG and min(len(a), len(b)) >= 5:
        return True
    return near >= _SAME_CONSONANTS and skeleton(a) == skeleton(b)


def _slipped(a: str, b: str) -> bool:
    """One letter wrong, or two changed round, in a word of some length."""
    return (
        a[0] == b[0]
        and min(len(a), len(b)) >= 5
        and OSA.normalized_similarity(a, b) >= _SURELY_TYPED_WRONG
    )


def _shortened(short: str, long: str) -> bool:
    """A word written by its consonants alone: prh for parah."""
    return len(short) == 3 < len(long) and skeleton(stem(long)) == short


def compare(a: Canonical, b: Canonical) -> Comparison:
    """Of two texts that were read by the same lexicon."""
    lexicon = a.lexicon
    pairs, gaps = _align(a, b)
    tells_a, tells_b = a.tells, b.tells
    told = [(a.words[i], b.words[j], tells_b[j]) for i, j in pairs if tells_a[i]]
    respelt = tuple(
        [(word, other) for word, other, tells in told if word != other and tells]
    )
    moved = len([1 for word, other in respelt if word in b.words or other in a.words])
    left_a: list[int] = []
    left_b: list[int] = []
    replaced = 0
    for xs, ys in gaps:
        of_a = [i for i in xs if tells_a[i]]
        of_b = [j for j in ys if tells_b[j]]
        replaced += min(len(of_a), len(of_b))
        left_a += of_a
        left_b += of_b
    before = len(left_a) + len(left_b)
    if pairs:
        a_goes_on = b.cut and all(j < pairs[-1][1] for j in left_b)
        b_goes_on = a.cut and all(i < pairs[-1][0] for i in left_a)
        left_a = _unexcused(left_a, a, a_goes_on, pairs[0][0], pairs[-1][0])
        left_b = _unexcused(left_b, b, b_goes_on, pairs[0][1], pairs[-1][1])
    words_a = tuple(a.words[i] for i in left_a)
    words_b = tuple(b.words[j] for j in left_b)
    if left_a and left_b:
        moved += _in_both([a.keys[i] for i in left_a], [b.keys[j] for j in left_b])
    return Comparison(
        matched=len(told),
        left_a=words_a,
        left_b=words_b,
        replaced=min(replaced, len(left_a), len(left_b)),
        moved=moved,
        inside=_inside(pairs, left_a, left_b),
        excused=before - len(left_a) - len(left_b),
        negated=_in_one(lexicon.negation, words_a, words_b),
        turned=_turned(a.words, b.words, gaps, lexicon),
        done=_in_one(lexicon.done, a.words, b.words),
        respelt=respelt,
    )


def _in_one(listed: frozenset[str], a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether only one of the two has any of these words."""
    return listed.isdisjoint(a) != listed.isdisjoint(b)


def _in_both(a: Sequence[str], b: Sequence[str]) -> int:
    """How many stand in both, each as often as it does in both."""
    return 0 if set(a).isdisjoint(b) else (Counter(a) & Counter(b)).total()


def _inside(
    pairs: Sequence[tuple[int, int]], left_a: list[int], left_b: list[int]
) -> int:
    if not pairs:
        return 0
    (first_a, first_b), (last_a, last_b) = pairs[0], pairs[-1]
    return sum(first_a < i < last_a for i in left_a) + sum(
        first_b < j < last_b for j in left_b
    )


def _turned(
    a: Sequence[str], b: Sequence[str], gaps: Sequence[Gap], lexicon: Lexicon
) -> bool:
    only_a = {a[i] for xs, _ in gaps for i in xs}
    only_b = {b[j] for _, ys in gaps for j in ys}
    done, wish = lexicon.done, lexicon.wish
    return (bool(only_a & done) and bool(only_b & wish)) or (
        bool(only_b & done) and bool(only_a & wish)
    )


_LONGEST_COMMENT = 5


def _unexcused(
    left: list[int], own: Canonical, other_cut: bool, first: int, last: int
) -> list[int]:
    if other_cut:
        left = [index for index in left if index < last]
    comment = [index for index in left if index < min(first, own.comment)]
    if len(comment) > _LONGEST_COMMENT or any(
        own.words[index][0].isdigit() for index in comment
    ):
        return left
    return left[len(comment) :]


Gap = tuple[list[int], list[int]]


def _align(a: Canonical, b: Canonical) -> tuple[list[tuple[int, int]], list[Gap]]:
    """Positions of words in common, in order, and the gaps between them."""
    lexicon = a.lexicon
    pairs: list[tuple[int, int]] = []
    gaps: list[Gap] = []
    xs: list[int] = []
    ys: list[int] = []

    def close_gap() -> None:
        nonlocal xs, ys
        if xs or ys:
            _align_gap(a, b, xs, ys, pairs, gaps)
            xs, ys = [], []

    for step in Indel.opcodes(a.keys, b.keys):
        if step.tag != "equal":
            xs += range(step.src_start, step.src_end)
            ys += range(step.dest_start, step.dest_end)
            continue
        at_a = range(step.src_start, step.src_end)
        at_b = range(step.dest_start, step.dest_end)
        if a.words[at_a.start : at_a.stop] == b.words[at_b.start : at_b.stop]:
            close_gap()
            pairs += zip(at_a, at_b, strict=True)
            continue
        for i, j in zip(at_a, at_b, strict=True):
            x, y = a.words[i], b.words[j]
            if x != y and not alike(x, y, lexicon):
                xs.append(i)
                ys.append(j)
                continue
            close_gap()
            pairs.append((i, j))
    close_gap()
    return pairs, gaps


@lru_cache(maxsize=65536)
def _initials(word: str, lexicon: Lexicon) -> frozenset[str]:
    """The letters a word can be said to begin with: two that share none are never
    `alike`."""
    usual = lexicon.same.get(word, word)
    return frozenset((word[0], usual[0], stem(usual)[0], skeleton(stem(usual))[0]))


def _as_one(whole: str, first: str, second: str, lexicon: Lexicon) -> bool:
    """Whether a word is two others written as one, however spelt: Kebonpedes, Kebun
    Pedes."""
    longer = len(whole) - len(first) - len(second)
    return (
        len(whole) > 4 and -1 <= longer <= 1 and alike(whole, first + second, lexicon)
    )


def _align_gap(
    one: Canonical,
    other: Canonical,
    xs: list[int],
    ys: list[int],
    pairs: list[tuple[int, int]],
    gaps: list[Gap],
) -> None:
    """Inside a gap: other spellings of a word, and one word written as two."""
    if not xs or not ys:
        gaps.append((xs, ys))
        return
    a, b, lexicon = one.words, other.words, one.lexicon
    begins: dict[str, list[int]] = {}
    for at, j in enumerate(ys):
        for letter in _initials(b[j], lexicon):
            begins.setdefault(letter, []).append(at)
    left_x: list[int] = []
    left_y: list[int] = []
    start = 0
    skip = -1
    for i in xs:
        if i == skip:
            continue
        likely = {
            at
            for letter in _initials(a[i], lexicon)
            for at in begins.get(letter, ())
            if at >= start
        }
        for at in sorted(likely):
            j = ys[at]
            two_in_b = at + 1 < len(ys) and _as_one(a[i], b[j], b[ys[at + 1]], lexicon)
            two_in_a = i + 1 in xs and _as_one(b[j], a[i], a[i + 1], lexicon)
            if two_in_a or two_in_b or alike(a[i], b[j], lexicon):
                left_y += ys[start:at]
                start = at + 1 + two_in_b
                skip = i + 1 if two_in_a else skip
                pairs.append((i, j))
                break
        else:
            left_x.append(i)
    left_y += ys[start:]
    if left_x or left_y:
        gaps.append((left_x, left_y))
