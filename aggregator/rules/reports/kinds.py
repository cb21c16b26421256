"""What a complaint is about: the kinds of `config/categories.yaml`, best first, with
reasons.

Reviewed words (`Lexicon.kinds`) decide alone: weights trained on complaints
of some cities made the answers for another city worse (docs/understanding.md).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aggregator.rules.text import linear, words
from aggregator.rules.text.leanings import NOTHING
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.phrases import Hit

STRENGTHS = {"sure": 3.0, "likely": 1.5, "hint": 0.4, "unless": -2.0}
_LOUDEST = 8.0
_LONGER = 0.25
_ADDRESSED = 0.75
"""What the choice of an account says of the kind: residents often choose another."""
OF_KINDS = "kind:"
LISTED = 1.5
"""What listed words count beside what is learnt."""
_LEFT_OPEN = 0.5
"""By how much it leads what is learnt where no listed word tells a kind."""
_LEAST, _LEAST_LEARNT = 0.01, 0.03
MOST = 3
# "depan sekolah" says where, not what: such words are no more than a hint there.
BEFORE_PLACES = frozenset(
    word
    for line in (
        (
            "depan dekat sebelah seberang samping belakang jalan gang perumahan"
            " kompleks sekitar arah "
        ),
        "menuju ke di simpang pertigaan perempatan kampung near behind opposite",
    )
    for word in line.split()
)
_NAMED_AS_PLACES = frozenset(
    word
    for line in (
        (
            "sekolah kesehatan pasar taman wisata perizinan angkutan_umum adminduk"
            " lampu_lalu_lintas "
        ),
        "trotoar ketertiban",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Guess:
    """`score` in (0, 1); `reasons` are the listed words that were found."""

    code: str
    score: float
    reasons: tuple[str, ...]


def hits_in(text: str, tokens: Sequence[str], lexicon: Lexicon) -> list[Hit]:
    """The listed words of a text, and what the accounts it addresses say of its
    kind."""
    found = [*_listed(tuple(tokens), lexicon)]
    if "@" not in text:
        return found
    addressed = " ".join(words.HANDLE.findall(text)).casefold()
    return found + [
        Hit(entry, -1) for part, entry in lexicon.handles if part in addressed
    ]


def kinds_of(text: str, lexicon: Lexicon) -> list[Guess]:
    """By the words alone: at most three, best first; empty where nothing speaks for any
    kind."""
    tokens = words.tokens(text, lexicon.spellings)
    return guess(tokens, _listed(tuple(tokens), lexicon))


@lru_cache(maxsize=16)
def _listed(tokens: tuple[str, ...], lexicon: Lexicon) -> tuple[Hit, ...]:
    """A message is read for its case and for its twins: the last few are kept."""
    return tuple(lexicon.kinds.find(tokens))


def guess(
    tokens: Sequence[str],
    hits: Sequence[Hit],
    led: Collection[str] = (),
    learnt: Mapping[str, float] = NOTHING,
    secret: Collection[str] = (),
) -> list[Guess]:
    """As `kinds_of`, of words already found. A post about two things says both
    outright: what a sure word told stays, however loud the other is. `led`: the kinds
    of the office it was sent to; `learnt`: what `Leanings` says of the text, which
    talks down no `secret` kind that listed words told."""
    sums = list_scores(tokens, hits)
    if left_open := len(led) == 1 and not sums:
        sums = dict.fromkeys(led, 0.0)
    for code in sums:
        sums[code] += _ADDRESSED if code in led else 0.0
    leaning = {
        label.removeprefix(OF_KINDS): score
        for label, score in learnt.items()
        if label.startswith(OF_KINDS)
    }
    if leaning:
        for code in led if left_open else ():
            leaning[code] = max(leaning.values()) + _LEFT_OPEN
        for code in secret:
            if sums.get(code, 0.0) >= STRENGTHS["sure"] and code in leaning:
                leaning[code] = max(leaning[code], 0.0)
        sums = {
            code: LISTED * sums.get(code, 0.0) + score
            for code, score in leaning.items()
        }
    elif not any(total > 0 for total in sums.values()):
        return []
    least = _LEAST_LEARNT if leaning else _LEAST
    order = sorted(sums, key=lambda code: (-sums[code], code))
    chances = linear.softmax([sums[code] for code in order])
    reasons: dict[str, list[str]] = {}
    told = {hit.entry.group for hit in hits if hit.entry.strength == "sure"}
    for hit in hits:
        if hit.entry.strength in ("sure", "likely"):
            reasons.setdefault(hit.entry.group, []).append(hit.entry.text)
    return [
        Guess(code, round(chance, 3), tuple(reasons.get(code, ())))
        for rank, (code, chance) in enumerate(zip(order, chances, strict=True))
        if rank == 0 or chance >= least or (code in told and sums[code] > 0)
    ][:MOST]


def list_scores(tokens: Sequence[str], hits: Sequence[Hit]) -> dict[str, float]:
    """Sums of strengths; "unless" only takes away from a kind something spoke for.

    Longer entries say more than single words.
    """
    sums: dict[str, float] = {}
    against: set[str] = set()
    for hit in hits:
        entry = hit.entry
        if entry.strength == "unless":
            against.add(entry.group)
            continue
        strength = entry.strength
        if (
            hit.at > 0
            and entry.group in _NAMED_AS_PLACES
            and tokens[hit.at - 1] in BEFORE_PLACES
        ):
            strength = "hint"
        weight = STRENGTHS[strength] * (1 + _LONGER * (len(entry.words) - 1))
        sums[entry.group] = sums.get(entry.group, 0.0) + weight
    return {
        code: min(total, _LOUDEST) + (STRENGTHS["unless"] if code in against else 0.0)
        for code, total in sums.items()
    }
