"""Everything texts are read by, as one value that is passed on.

`aggregator.city` makes it of `config/words/` and `config/models/`; the files there
explain themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.rules.text.hashed import Hashed
from aggregator.rules.text.leanings import Leanings
from aggregator.rules.text.linear import Model
from aggregator.rules.text.phrases import Entry, PhraseList
from aggregator.rules.text.pii.found import People
from aggregator.rules.text.worked_out_once import once


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on two reports are one problem (docs/duplicates.md): how much may be
    left over of two texts, and what each of their likenesses counts."""

    left_share: float
    left_share_long: float
    most_left: int
    contained: int
    most_added: int
    long_text: int
    suggest_from: float
    weights: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words, phrases and trained numbers of one city. Equal only to itself, so that
    what is worked out of a text can be remembered with what it was read by.

    `spellings`: a variant to the usual spelling. `everyday`: a word to the languages
    that use it every day. `glue` to `any_place`: words that say nothing of a problem,
    and those that turn what a text says (`glue.yaml`). `pairs`: two words that are said
    for one thing, to the word that stands for it. `same`: a word to the one that stands
    for all of its meaning. `handles`: parts of handles with what they say, as if it
    were a word of the text.
    """

    spellings: Mapping[str, str]
    everyday: Mapping[str, tuple[str, ...]]
    glue: frozenset[str]
    asking: frozenset[str]
    negation: frozenset[str]
    done: frozenset[str]
    wish: frozenset[str]
    directions: frozenset[str]
    any_place: frozenset[str]
    pairs: Mapping[tuple[str, str], str]
    same: Mapping[str, str]
    kinds: PhraseList
    handles: tuple[tuple[str, Entry], ...]
    institutions: PhraseList
    classes: PhraseList
    urgency: PhraseList
    alarm_weights: Hashed
    insults: tuple[str, ...]
    people: People
    class_weights: Model
    language_weights: Model
    leanings: Leanings
    limits: Limits

    @once
    def first_of_pair(self) -> frozenset[str]:
        return frozenset(first for first, _ in self.pairs)
