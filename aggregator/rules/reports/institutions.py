"""Whose matter a message is where no office of the city can act: a school of the
province, the railway, a bank.

Reviewed words (`Lexicon.institutions`) decide, before kinds do: a train that is late is
no duty of the city's transport agency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.rules.reports import kinds
from aggregator.rules.text.phrases import Hit, PhraseList

_TOGETHER = 12
"""Words between which what only has to occur is one thing said."""
_BUILDINGS = frozenset(("kantor", "gedung", "pintu", "gerbang", "office"))
_ENOUGH = kinds.STRENGTHS["sure"]


@dataclass(frozen=True, slots=True)
class Told:
    """`code`: of a body of routing.yaml or a government of neighbours.yaml; `word`: the
    listed words that told."""

    code: str
    word: str


def told(tokens: Sequence[str], listed: PhraseList) -> Told | None:
    """The body told loudest, if any is told outright."""
    forms = listed.forms(tokens)
    hits = [
        hit
        for hit in listed.find(tokens)
        if hit.entry.strength == "unless" or _is_the_matter(hit, tokens, forms)
    ]
    sums = kinds.list_scores(tokens, hits)
    loudest = max(sums, key=lambda code: (sums[code], code), default=None)
    if loudest is None or sums[loudest] < _ENOUGH:
        return None
    word = next(
        hit.entry.text
        for hit in hits
        if hit.entry.group == loudest and hit.entry.strength in ("sure", "likely")
    )
    return Told(loudest, word)


def _is_the_matter(
    hit: Hit, tokens: Sequence[str], forms: Sequence[str | None]
) -> bool:
    """Not where it only says where ("depan samsat"), nor of words far apart in a long
    letter."""
    if hit.at > 0:
        before = tokens[hit.at - 1]
        if before in _BUILDINGS and hit.at > 1:
            before = tokens[hit.at - 2]
        return before not in kinds.BEFORE_PLACES
    words = hit.entry.words
    starts = (at for at, form in enumerate(forms) if form in words)
    return hit.at == 0 or any(
        set(words) <= set(forms[at : at + _TOGETHER]) for at in starts
    )
