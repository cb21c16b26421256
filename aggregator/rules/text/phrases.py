"""Reviewed lists of phrases (`config/words/*.yaml`) and finding them in the words of a
text.

A list is `group: {strength: [phrase, ...]}`. A phrase is one word, several words in a
row, or words that must all occur ("lampu + mati"); each word also stands for its forms
with affixes. "a|b + c" is written for "a + c" and "b + c".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from aggregator.rules.text import word_lists, words
from aggregator.rules.text._stems import in_list

TOGETHER = "+"
_FORMS = 20_000
"""So many words are known by the word they are a form of: a city says the same ones
again."""


@dataclass(frozen=True, slots=True)
class Entry:
    group: str
    strength: str
    words: tuple[str, ...]
    together: bool = False
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", " ".join(self.words))


@dataclass(frozen=True, slots=True)
class Hit:
    """`at` is the number of the first word; -1 for words that only had to occur."""

    entry: Entry
    at: int


class _Begun(NamedTuple):
    """The entries whose first word one is. `in_a_row`: by their second word;
    `together`: words that only have to occur. The number of an entry is equal for
    entries that say the same."""

    alone: list[tuple[int, Entry]]
    in_a_row: dict[str | None, list[tuple[int, Entry]]]
    together: list[tuple[int, Entry]]


class PhraseList:
    """Entries by their first word, those of a row by their first two: few look-ups a
    word."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.groups = tuple(dict.fromkeys(entry.group for entry in entries))
        self.vocabulary = frozenset(word for entry in entries for word in entry.words)
        self._begun: dict[str, _Begun] = {}
        numbers: dict[tuple[str, str, bool], int] = {}
        for entry in entries:
            name = (entry.group, entry.text, entry.together)
            one = (numbers.setdefault(name, len(numbers)), entry)
            begun = self._begun.setdefault(entry.words[0], _Begun([], {}, []))
            if entry.together:
                begun.together.append(one)
            elif len(entry.words) == 1:
                begun.alone.append(one)
            else:
                begun.in_a_row.setdefault(entry.words[1], []).append(one)
        self._forms: dict[str, str | None] = {}

    def forms(self, tokens: Sequence[str]) -> list[str | None]:
        """The listed word each token is a form of."""
        known = self._forms
        try:
            return [known[token] for token in tokens]
        except KeyError:
            pass
        if len(known) > _FORMS:
            known.clear()
        for token in tokens:
            if token not in known:
                known[token] = in_list(token, self.vocabulary)
        return [known[token] for token in tokens]

    def find(self, tokens: Sequence[str]) -> list[Hit]:
        """Every entry found, once, in the order of its first place."""
        forms = self.forms(tokens)
        present = set(forms)
        found: dict[int, Hit] = {}
        for position, word in enumerate(forms):
            begun = self._begun.get(word) if word is not None else None
            if begun is None:
                continue
            for number, entry in begun.alone:
                if number not in found:
                    found[number] = Hit(entry, position)
            if begun.in_a_row and position + 1 < len(forms):
                for number, entry in begun.in_a_row.get(forms[position + 1], ()):
                    if number not in found and _stands(entry.words, forms, position):
                        found[number] = Hit(entry, position)
            for number, entry in begun.together:
                if number not in found and present.issuperset(entry.words):
                    found[number] = Hit(entry, -1)
        return list(found.values())


def _stands(words: tuple[str, ...], forms: Sequence[str | None], at: int) -> bool:
    """Whether a row of words, the first two of which match, stands there."""
    return len(words) == 2 or tuple(forms[at : at + len(words)]) == words


def spelled_out(phrase: str) -> list[str]:
    """Every phrase that one with alternatives stands for."""
    return [
        " ".join(one) for one in product(*(part.split("|") for part in phrase.split()))
    ]


def words_of(phrase: str) -> tuple[str, ...]:
    """A usual spelling of several words ("lalu_lintas") is one word already."""
    parts = phrase.replace(TOGETHER, " ").split()
    return tuple(word for part in parts for word in _tokens(part))


@lru_cache(maxsize=4096)
def _tokens(part: str) -> tuple[str, ...]:
    return (part,) if "_" in part else tuple(words.tokens(part))


def load(
    name: str, strengths: Mapping[str, float], folder: Path = word_lists.WORDS
) -> PhraseList:
    """Read and check a list. ListError names file and phrase."""
    entries: list[Entry] = []
    for group, by_strength in word_lists.mapping(name, folder).items():
        for strength, phrases in by_strength.items():
            if strength not in strengths:
                raise word_lists.ListError(
                    f"{name}: {group}: {strength!r} is not one of"
                    f" {', '.join(strengths)}"
                )
            for phrase in dict.fromkeys(
                one for said in phrases for one in spelled_out(str(said))
            ):
                said = words_of(phrase)
                if not said:
                    raise word_lists.ListError(
                        f"{name}: {group}: {phrase!r} has no words"
                    )
                entries.append(Entry(str(group), strength, said, TOGETHER in phrase))
    return PhraseList(entries)
