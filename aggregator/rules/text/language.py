"""The language of a text: id su jv en, id-su and id-jv, mixed, other.

Everyday words and pieces of words with trained weights; without the weights the
everyday words alone decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aggregator.rules.text import linear, words
from aggregator.rules.text.lexicon import Lexicon

LANGUAGES = ("id", "su", "jv", "en", "id-su", "id-jv", "mixed", "other")
TOLD_BY_WORDS = ("id", "su", "jv", "en", "other")
_SHARED = 0.25
_EACH = 2
"""A text is mixed where the weaker of two languages has this share, and number, of the
words."""
_MARKS = 3.0
_USUAL = 1.0
_DENSE = 4.0
"""English where every fourth word is an everyday one."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """`score` in (0, 1]: how sure."""

    language: str
    score: float


def language_of(text: str, lexicon: Lexicon) -> Spoken:
    """A text without letters of the Latin alphabet is `other`."""
    return guess(words.spoken(text), lexicon.everyday, lexicon.language_weights)


def guess(
    said: Sequence[str],
    everyday: Mapping[str, tuple[str, ...]],
    trained: linear.Model | None,
) -> Spoken:
    """As `language_of`, of the words as said. `everyday`: a word to the languages that
    use it every day."""
    said = [word for word in said if word.isalpha()]
    latin = sum(word.isascii() or any(c < "ɐ" for c in word) for word in said)
    if not said or latin * 2 < len(said):
        return Spoken("other", 1.0 if said else 0.5)
    telling = marks(said, everyday)
    if telling["other"] > max(
        telling["en"], telling["id"], telling["su"], telling["jv"]
    ):
        return Spoken("other", 0.6)
    scores = mark_scores(telling, len(said))
    if _two_at_once(telling):
        return Spoken("mixed", 0.6)
    labels = LANGUAGES[:6]
    if trained is not None:
        learned = dict(
            zip(trained.labels, trained.scores(features(said, everyday)), strict=True)
        )
        scores = {label: scores[label] + learned.get(label, 0.0) for label in labels}
    chances = dict(
        zip(labels, linear.softmax([scores[label] for label in labels]), strict=True)
    )
    best = max(labels, key=lambda label: chances[label])
    return Spoken(best, round(chances[best], 3))


def _two_at_once(telling: Counter[str]) -> bool:
    """Indonesian and English side by side, and no more than a trace of a local
    language."""
    weaker, stronger = sorted((telling["en"], telling["id"]))
    local = telling["su"] + telling["jv"]
    return (
        weaker >= _EACH
        and weaker >= _SHARED * (weaker + stronger)
        and local <= weaker // 2
    )


def mark_scores(telling: Counter[str], size: int) -> dict[str, float]:
    """What the everyday words among `size` words alone say; also the starting point of
    training."""
    total = sum(telling[language] for language in ("id", "su", "jv", "en"))
    scores = dict.fromkeys(LANGUAGES[:6], 0.0)
    if not total:
        scores["id"] = _USUAL
        return scores
    for language in ("id", "su", "jv", "en"):
        scores[language] += _MARKS * telling[language] / total
    # English texts are full of everyday words; one among many others is a loan.
    scores["en"] *= min(1.0, _DENSE * telling["en"] / size)
    for local in ("su", "jv"):
        if telling[local]:
            scores[f"id-{local}"] += _MARKS / 2
            scores["id"] -= _USUAL
    return scores


def marks(said: Sequence[str], everyday: Mapping[str, tuple[str, ...]]) -> Counter[str]:
    """How many everyday words of each language; shared words count for none."""
    found: Counter[str] = Counter()
    for word in said:
        languages = everyday.get(word, ())
        if len(languages) == 1:
            found[languages[0]] += 1
    return found


def features(said: Sequence[str], everyday: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Words, pieces of four letters of words with their edges, and how many everyday
    words of each language. Pieces are in capitals, so that none is taken for a word."""
    telling = marks(said, everyday)
    size = max(len(said), 1)
    found = [f"={language}{min(telling[language], 5)}" for language in TOLD_BY_WORDS]
    found += [
        f"%{language}{round(8 * telling[language] / size)}"
        for language in TOLD_BY_WORDS
    ]
    found += said
    for word in set(said):
        found += _pieces(word)
    return found


@lru_cache(maxsize=16384)
def _pieces(word: str) -> tuple[str, ...]:
    edged = f"^{word.upper()}$"
    return tuple(edged[at : at + 4] for at in range(len(edged) - 3))
