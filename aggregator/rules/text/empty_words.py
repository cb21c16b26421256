"""The words that say nothing of a problem, and those that turn what a text says.

From `config/words/glue.yaml` and `synonyms.txt`; both explain themselves.
"""

from __future__ import annotations

from aggregator.rules.text import word_lists, words

_GROUPS = word_lists.mapping("glue.yaml")


def _words(name: str) -> frozenset[str]:
    known = words.spellings()
    said = str(_GROUPS[name]).split()
    return frozenset(said) | {known.get(word, word) for word in said}


GLUE = _words("courtesy") | _words("particles") | _words("function")
ASKING = _words("asking")
NEGATION = _words("negation")
DONE = _words("done")
WISH = _words("wish")
DIRECTIONS = _words("directions")
ANY_PLACE = _words("any_place")
PHRASES = {
    (first, second): whole
    for whole, pairs in _GROUPS["phrases"].items()
    for first, second in (pair.split() for pair in pairs)
}
"""Two words that are said for one thing, to the word that stands for it."""


def _synonyms() -> dict[str, str]:
    lines = (word_lists.WORDS / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    groups = [line.split() for line in lines if line and not line.startswith("#")]
    return {word: group[0] for group in groups for word in group}


SAME = _synonyms()
"""Any word of a group to the word that stands for all of it."""
