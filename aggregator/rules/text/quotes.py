"""What a text repeats of something that was said: taken out when that is erased.

Two ways. Near what was said (notes and answers of its case) names, numbers, short runs
of words and words that nobody else uses go. Far from it (a saved search, a note of a
shift) only what points to one person goes, and long runs of the same words: else the
everyday words of one report would be torn out of texts about other things.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

ERASED = "[dihapus]"
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\+?\d[\d .\-/()]{3,}\d")
_BETWEEN = re.compile(r"[^\w\[\]]*")
_RUN_NEAR, _RUN_FAR = 3, 6
_SHORTEST_WORD, _SHORTEST_NAME = 4, 3
_SHORTEST_FAR = 5
_FEWEST_DIGITS = 5
Span = tuple[int, int]


@dataclass(frozen=True)
class Said:
    """What is erased. `texts`: what was said; `names`: what the person is called and
    found by; `others`: what is said beside it by others, and stays; `common`: words
    that tell nothing."""

    texts: Sequence[str] = ()
    names: Sequence[str] = ()
    others: Sequence[str] = ()
    common: Collection[str] = field(default=frozenset(), repr=False)

    def out_of(self, text: str, *, near: bool) -> str:
        """The text without what it repeats of this."""
        spans = [*self._numbers(text), *self._words(text, near)]
        return _without(text, spans) if spans else text

    @cached_property
    def _digits(self) -> frozenset[str]:
        found = {
            _bare(number[0])
            for text in (*self.texts, *self.names)
            for number in _NUMBER.finditer(text)
        }
        return frozenset(one for one in found if len(one) >= _FEWEST_DIGITS)

    def _numbers(self, text: str) -> Iterator[Span]:
        for found in _NUMBER.finditer(text):
            if _bare(found[0]) in self._digits:
                yield found.span()

    @cached_property
    def _runs(self) -> dict[int, frozenset[tuple[str, ...]]]:
        """Runs of words of what was said that nobody else has said, by their length."""
        return {
            size: frozenset(_runs(self.texts, size))
            - frozenset(_runs(self.others, size))
            for size in (_RUN_NEAR, _RUN_FAR)
        }

    @cached_property
    def _called(self) -> dict[int, frozenset[tuple[str, ...]]]:
        """Whole names by how many words they have."""
        found: dict[int, set[tuple[str, ...]]] = {}
        for name in self.names:
            words = tuple(_words_of(name))
            if len("".join(words)) >= _SHORTEST_FAR:
                found.setdefault(len(words), set()).add(words)
        return {size: frozenset(names) for size, names in found.items()}

    @cached_property
    def _single(self) -> frozenset[str]:
        """Words that only what was said has, and parts of names."""
        kept = {word for text in self.others for word in _words_of(text)}
        said = {
            word
            for text in self.texts
            for word in _words_of(text)
            if len(word) >= _SHORTEST_WORD and word not in self.common
        }
        parts = {
            part
            for name in self.names
            for part in _words_of(name)
            if len(part) >= _SHORTEST_NAME
        }
        return frozenset((said - kept) | parts)

    def _words(self, text: str, near: bool) -> Iterator[Span]:
        found = [
            (one.start(), one.end(), one[0].casefold()) for one in _WORD.finditer(text)
        ]
        words = tuple(word for _, _, word in found)
        size = _RUN_NEAR if near else _RUN_FAR
        for length, runs in ((size, self._runs[size]), *self._called.items()):
            for at in range(len(words) - length + 1):
                if words[at : at + length] in runs:
                    yield found[at][0], found[at + length - 1][1]
        if near:
            yield from (
                (begin, end) for begin, end, word in found if word in self._single
            )


def _words_of(text: str) -> Iterator[str]:
    return (found[0].casefold() for found in _WORD.finditer(text))


def _runs(texts: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    for text in texts:
        words = tuple(_words_of(text))
        yield from (words[at : at + size] for at in range(len(words) - size + 1))


def _bare(number: str) -> str:
    """Its digits, without the country or the nought before them."""
    digits = re.sub(r"\D", "", number)
    return re.sub(r"^(?:0062|62|0)(?=\d{7,})", "", digits)


def _without(text: str, spans: Iterable[Span]) -> str:
    """Spans with nothing but signs between them are one."""
    parts: list[str] = []
    at, open_to = 0, 0
    for begin, end in sorted(spans):
        if end <= open_to:
            continue
        joined = bool(parts) and (
            begin <= open_to or _BETWEEN.fullmatch(text, open_to, begin) is not None
        )
        if not joined:
            parts += [text[at:begin], ERASED]
        at = open_to = end
    return "".join([*parts, text[at:]])
