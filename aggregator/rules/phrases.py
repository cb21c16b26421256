"""Reviewed lists of phrases (`config/words/*.yaml`) and finding them in the words of a text.

A list is `group: {strength: [phrase, ...]}`. A phrase is one word, several words in a row, or words
that must all occur ("lampu + mati"); each word also stands for its forms with affixes. "a|b + c"
is written for "a + c" and "b + c".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from aggregator.rules import lists, words
from aggregator.rules.stems import in_list

TOGETHER = "+"


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


class PhraseList:
    """Entries by their first word, those of a row by their first two: few look-ups a word."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.groups = tuple(dict.fromkeys(entry.group for entry in entries))
        self.vocabulary = frozenset(word for entry in entries for word in entry.words)
        self._alone: dict[str, list[Entry]] = {}
        self._in_a_row: dict[tuple[str | None, str | None], list[Entry]] = {}
        self._together: dict[str, list[Entry]] = {}
        for entry in entries:
            first = entry.words[0]
            if entry.together:
                self._together.setdefault(first, []).append(entry)
            elif len(entry.words) == 1:
                self._alone.setdefault(first, []).append(entry)
            else:
                self._in_a_row.setdefault((first, entry.words[1]), []).append(entry)
        self._forms: dict[str, str | None] = {}

    def forms(self, tokens: Sequence[str]) -> list[str | None]:
        """The listed word each token is a form of."""
        known = self._forms
        if len(known) > 20_000:
            known.clear()
        for token in tokens:
            if token not in known:
                known[token] = in_list(token, self.vocabulary)
        return [known[token] for token in tokens]

    def find(self, tokens: Sequence[str]) -> list[Hit]:
        """Every entry found, once, in the order of its first place."""
        forms = self.forms(tokens)
        present = set(forms)
        found: dict[tuple[str, str, bool], Hit] = {}
        for position, word in enumerate(forms):
            if word is None:
                continue
            for entry in self._alone.get(word, ()):
                found.setdefault((entry.group, entry.text, False), Hit(entry, position))
            following = forms[position + 1] if position + 1 < len(forms) else None
            for entry in self._in_a_row.get((word, following), ()):
                size = len(entry.words)
                if size == 2 or tuple(forms[position : position + size]) == entry.words:
                    found.setdefault((entry.group, entry.text, False), Hit(entry, position))
            for entry in self._together.get(word, ()):
                name = (entry.group, entry.text, True)
                if name not in found and present.issuperset(entry.words):
                    found[name] = Hit(entry, -1)
        return list(found.values())


def spelled_out(phrase: str) -> list[str]:
    """Every phrase that one with alternatives stands for."""
    return [" ".join(one) for one in product(*(part.split("|") for part in phrase.split()))]


def words_of(phrase: str) -> tuple[str, ...]:
    """A usual spelling of several words ("lalu_lintas") is one word already."""
    parts = phrase.replace(TOGETHER, " ").split()
    return tuple(word for part in parts for word in ([part] if "_" in part else words.tokens(part)))


def load(name: str, strengths: Mapping[str, float], folder: Path = lists.WORDS) -> PhraseList:
    """Read and check a list. ListError names file and phrase."""
    entries: list[Entry] = []
    for group, by_strength in lists.mapping(name, folder).items():
        for strength, phrases in by_strength.items():
            if strength not in strengths:
                raise lists.ListError(
                    f"{name}: {group}: {strength!r} is not one of {', '.join(strengths)}"
                )
            for phrase in dict.fromkeys(one for said in phrases for one in spelled_out(str(said))):
                said = words_of(phrase)
                if not said:
                    raise lists.ListError(f"{name}: {group}: {phrase!r} has no words")
                entries.append(Entry(str(group), strength, said, TOGETHER in phrase))
    return PhraseList(entries)
