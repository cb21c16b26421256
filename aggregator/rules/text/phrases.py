"""Reviewed lists of phrases and finding them in the words of a text.

A list is `group: {strength: [phrase, ...]}`. A phrase is one word, several words in a
row, or words that must all occur ("lampu + mati"); each word also stands for its forms
with affixes. "a|b + c" is written for "a + c" and "b + c".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from aggregator.rules.text import words
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


def words_of(phrase: str, spellings: Mapping[str, str]) -> tuple[str, ...]:
    """A usual spelling of several words ("lalu_lintas") is one word already."""
    parts = phrase.replace(TOGETHER, " ").split()
    return tuple(
        word
        for part in parts
        for word in ([part] if "_" in part else words.tokens(part, spellings))
    )


def entries_of(
    group: str, strength: str, phrase: str, spellings: Mapping[str, str]
) -> list[Entry]:
    """Every entry that a phrase of a list stands for, one with alternatives for
    several. An entry without words would be found nowhere: a mistake in the list."""
    choices = [part.split("|") for part in phrase.split()]
    said = {one: words_of(one, spellings) for part in choices for one in part}
    return [
        Entry(
            group,
            strength,
            tuple(word for one in chosen for word in said[one]),
            any(TOGETHER in one for one in chosen),
        )
        for chosen in product(*choices)
    ]
