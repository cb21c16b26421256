"""What recorded data and people's corrections teach the rules about texts, as training
examples.

A folder of data has `stream_bandung_mentions.jsonl` (label keluhan, respon, bukan),
`complaints_id.jsonl`, `background_id.jsonl` and `langid_test.jsonl`; a file of
corrections has lines of `text` with the `class` or `language` that a person set.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.lab import _learning as learning
from aggregator.lab._learning import Example
from aggregator.lab.evaluate_duplicates import rows_of
from aggregator.rules.places.finder import places_in
from aggregator.rules.reports import classes, kinds
from aggregator.rules.text import language, linear, words
from aggregator.rules.text.lexicon import Lexicon

TALK_OF_LABEL = {"keluhan": "case", "respon": "office", "bukan": "talk"}
FOLDS = 5
_MEDIA_TALK = (
    "detik_headlines",
    "clickid_headlines",
    "stif_cs_tweets",
    "ikn_youtube",
    "codemix_sunda",
    "emot_train",
    "tourism_reviews_datasetun",
)
_OF_EACH = 300
_OTHER_CITIES = 0.5
_CORRECTION = 3.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """One model: its file in `config/models/`, what it reads in a text, and how it is
    trained."""

    file: str
    features: Callable[[str, Lexicon], Sequence[str]]
    epochs: int
    prior: bool


def talk_features(text: str, lexicon: Lexicon) -> list[str]:
    tokens = words.tokens(text, lexicon.spellings)
    hits = lexicon.classes.find(tokens)
    kind_hits = kinds.hits_in(text, tokens, lexicon)
    return classes.features(text, tokens, hits, kind_hits, len(places_in(text)))


def language_features(text: str, lexicon: Lexicon) -> list[str]:
    said = [word for word in words.spoken(text) if word.isalpha()]
    return language.features(said, lexicon.everyday)


TALK = Lesson("classes.json", talk_features, epochs=6, prior=True)
LANGUAGE = Lesson("languages.json", language_features, epochs=6, prior=False)


def same(text: str, lexicon: Lexicon) -> str:
    """What reposts and copies of a text have in common."""
    said = words.tokens(words.without_repost(text), lexicon.spellings)
    return " ".join(said)[:60]


def talks(
    data: Path, stream: Sequence[dict[str, Any]], lexicon: Lexicon
) -> list[Example]:
    """Of a labelled stream, with what other cities and other people write besides."""
    once = {(same(row["text"], lexicon), row["label"]): row for row in reversed(stream)}
    found = [
        Example(row["text"], TALK_OF_LABEL[row["label"]], "stream")
        for row in once.values()
    ]
    found += [
        Example(row["text"], "case", row["source"], _OTHER_CITIES)
        for row in rows_of(data / "complaints_id.jsonl")
        if row["source"] != "bandung_tweets" and fold(row["text"], lexicon) < 3
    ]
    taken: dict[str, int] = defaultdict(int)
    for row in rows_of(data / "background_id.jsonl"):
        source = row["source"]
        if (
            source in _MEDIA_TALK
            and taken[source] < _OF_EACH
            and fold(row["text"], lexicon) == 0
        ):
            taken[source] += 1
            found.append(Example(row["text"], "talk", source, _OTHER_CITIES))
    return found


def languages(data: Path, lexicon: Lexicon) -> list[Example]:
    """Texts of a known language; `offset`: what the everyday words say of each
    already."""
    found = []
    for row in rows_of(data / "langid_test.jsonl"):
        said = [word for word in words.spoken(row["text"]) if word.isalpha()]
        told = language.marks(said, lexicon.everyday)
        offset = language.mark_scores(told, len(said))
        found.append(Example(row["text"], row["lang"], row["source"], 1.0, offset))
    return found


def corrections(file: Path, lexicon: Lexicon) -> tuple[list[Example], list[Example]]:
    """What people set right: for the class (as who speaks), and for the language."""
    talk, spoken = [], []
    for row in rows_of(file):
        text = str(row.get("text") or "")
        source = f"correction {fold(text, lexicon)}"
        if (code := row.get("class")) in classes.CODES:
            said = "talk" if code in ("apresiasi", "spam", "bukan_aduan") else "case"
            talk.append(Example(text, said, source, _CORRECTION))
        if row.get("language") in language.LANGUAGES[:6]:
            spoken.append(Example(text, row["language"], source, _CORRECTION))
    return talk, spoken


def fold(text: str, lexicon: Lexicon) -> int:
    """The same of five parts for the same words, on every machine."""
    return hashlib.sha256(same(text, lexicon).encode()).digest()[0] % FOLDS


def train(
    lesson: Lesson, examples: Sequence[Example], lexicon: Lexicon
) -> linear.Model:
    known = {
        example.text: lesson.features(example.text, lexicon) for example in examples
    }
    keep = learning.usable(
        ((known[example.text], example.source) for example in examples),
        learning.names_in(example.text for example in examples),
    )
    return learning.train(
        examples, known.__getitem__, keep, epochs=lesson.epochs, prior=lesson.prior
    )


def apart(
    examples: Iterable[Example], lexicon: Lexicon, number: int = 0
) -> tuple[list[Example], list[Example]]:
    """Examples to learn from, and those to be judged on: copies of a text are in one
    part."""
    learn: list[Example] = []
    judge: list[Example] = []
    for example in examples:
        (judge if fold(example.text, lexicon) == number else learn).append(example)
    return learn, judge


def macro_f1(gold: Sequence[str], given: Sequence[str]) -> float:
    """Mean F1 over the labels that occur in `gold`."""
    labels = sorted(set(gold))
    total = 0.0
    for label in labels:
        right = sum(a == b == label for a, b in zip(gold, given, strict=True))
        sized = sum(a == label for a in gold) + sum(b == label for b in given)
        total += 2 * right / sized if sized else 0.0
    return total / len(labels) if labels else 0.0
