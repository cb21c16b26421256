"""The forms a typed word may stand in: dibanjiri, kebanjiran and banjirnya are all
about "banjir".

Only forms of verbs and of possession. Words made with pe- and -an (perumahan,
perbaikan) mean something else than what they are made of, and a search for one of them
is not for the other.
"""

from __future__ import annotations

from dataclasses import dataclass

_SHORTEST = 4
"""Letters of a root: of shorter ones too many other words begin so."""
_STARTS = ("di", "ter", "ke", "ka", "ber")
_VOWELS = frozenset("aiueo")
_SONANTS = frozenset("lrwymn")
_NASAL = {
    "p": ("mem", "m", 1),
    "t": ("men", "n", 1),
    "s": ("meny", "ny", 1),
    "k": ("meng", "ng", 1),
    "b": ("mem", "nge", 0),
    "f": ("mem", "nge", 0),
    "v": ("mem", "nge", 0),
    "d": ("men", "nge", 0),
    "c": ("men", "ny", 0),
    "j": ("men", "nge", 0),
    "z": ("men", "nge", 0),
    **dict.fromkeys("aiueoghq", ("meng", "ng", 0)),
}
"""By the first letter of the root: how it is said formally and in chats, and whether
the letter is swallowed."""
_OTHER = ("me", "nge", 0)
_ENDS = ("nya", "kan", "lah", "kah", "keun")
_ENDS_OF_VERBS = ("an", "i", "in", "eun", "annya", "inya", "kannya")
_ALL_ENDS = ("", *_ENDS, *_ENDS_OF_VERBS, "na")


@dataclass(frozen=True, slots=True)
class Forms:
    """`begins`: what a word may begin with; `whole`: words as they are."""

    begins: frozenset[str]
    whole: frozenset[str]


def forms(word: str) -> Forms:
    """All that a word in small letters is looked for by."""
    if not word.isalpha():
        return Forms(frozenset({word}), frozenset())
    roots = _roots(word)
    made_of = roots - {word}
    begins = {word} | {form for root in made_of or roots for form in _begun(root)}
    whole = {root + end for root in made_of for end in _ALL_ENDS}
    return Forms(frozenset(begins), frozenset(whole))


def _roots(word: str) -> set[str]:
    """What the word may be made of, and the word itself where it is long enough for a
    root."""
    bare = {word, *(word.removesuffix(end) for end in _ENDS)}
    for rest in [*bare]:
        for root in _without_start(rest):
            bare |= {root, *(root.removesuffix(end) for end in _ENDS + _ENDS_OF_VERBS)}
    return {root for root in bare if len(root) >= _SHORTEST}


def _without_start(word: str) -> set[str]:
    found = {word[len(start) :] for start in _STARTS if word.startswith(start)}
    for first, (formal, _, swallowed) in _NASAL.items():
        rest = word.removeprefix(formal)
        if rest != word and rest.startswith(tuple(_VOWELS) if swallowed else first):
            found.add(first + rest if swallowed else rest)
    if word.startswith("me") and word[2:3] in _SONANTS and word[3:4] in _VOWELS:
        found.add(word[2:])
    return found


def _begun(root: str) -> set[str]:
    formal, said, swallowed = _NASAL.get(root[0], _OTHER)
    return {start + root for start in _STARTS} | {
        start + root[swallowed:] for start in (formal, said)
    }
