"""Training of `rules/text/leanings.py` on made-up messages of residents.

Softmax regression by AdaGrad on top of what the lists say already, so that only what
they do not know is learnt; always in the same order: the same texts give the same
bytes. `corpus/messages/` holds what it learns from.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aggregator.lab import specimens
from aggregator.lab.alarm_lessons import shipped
from aggregator.rules.reports import classes, kinds
from aggregator.rules.reports.context import Context
from aggregator.rules.reports.understand import LEARNT_LANGUAGES
from aggregator.rules.text import language, leanings, linear, words
from aggregator.rules.text.leanings import Leanings
from aggregator.rules.text.lexicon import Lexicon

ROUNDS = 10
RATE = 0.7
KEEP = 5e-5
"""How much of a weight each look at it takes back."""
NO_KIND = "umum"
LEARNT_CLASSES = tuple(
    code for code in classes.CODES if code not in ("darurat", "cek_hoaks")
)
_SEED = 41
_OURS, _RECORDED, _CORRECTION = 0.5, 0.3, 3.0
"""What the specimens, recorded texts and corrections count beside made-up ones."""
_MOST = 1_500
_HIDDEN = 3
"""Of every so many messages one is learnt as if nobody knew how it came."""
_WANTED = ("pengaduan", "permintaan_informasi", "aspirasi")
_OF_STREAM = {
    "keluhan": _WANTED,
    "respon": ("bukan_aduan",),
    "bukan": ("bukan_aduan", "apresiasi", "spam"),
}
KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "kemacetan": ("kemacetan",),
    "lalu_lintas": ("kemacetan",),
    "lampu_lalu_lintas": ("lampu_lalu_lintas",),
    "parkir_liar": ("parkir_liar",),
    "angkutan_umum": ("angkutan_umum",),
    "jalan_rusak": ("jalan_berlubang",),
    "trotoar": ("trotoar",),
    "penerangan_jalan": ("pju_mati",),
    "saluran_air_banjir": ("saluran_mampet", "banjir_longsor"),
    "pohon": ("pohon_tumbang",),
    "kebakaran": ("kebakaran",),
    "kebersihan_sampah": ("kebersihan",),
    "air_bersih": ("air_minum",),
    "pkl": ("pkl",),
    "ketertiban": ("ketertiban",),
    "gepeng_pengamen": ("ketertiban",),
    "kriminalitas": ("kriminalitas",),
    "adminduk": ("adminduk",),
    "kesehatan": ("kesehatan",),
    "pendidikan": ("sekolah",),
    "sosial": ("bansos_pmks",),
    "ketenagakerjaan": ("ketenagakerjaan",),
    "perizinan_bangunan": ("perizinan",),
    "taman_fasum": ("taman",),
    "listrik": ("listrik",),
}
"""What recorded complaints call their kinds."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text and what it is: `klasses` are those it may be, one where that is clear;
    `kinds` none where it has none or nobody said. `private`: how it came, if known."""

    text: str
    klasses: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    private: bool | None = None
    sitting: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What one message teaches: its pieces, what the lists say, and what is right."""

    votes: list[str]
    parts: list[tuple[float, list[int]]]
    listed: list[float]
    right: list[list[int]]
    weight: float


def corpus() -> list[Message]:
    """The texts that ship with the program."""
    written = [
        Message(
            row["text"],
            tuple(row["classes"]),
            tuple(row["kinds"]),
            row.get("private"),
            sitting,
        )
        for sitting, row in shipped("messages")
        if row["classes"]
    ]
    return written + [
        Message(
            one.text,
            (one.klass,) if one.klass in LEARNT_CLASSES else (),
            tuple(one.kinds[:1]),
            None,
            "",
            _OURS,
        )
        for one in specimens.messages()
        if one.klass in LEARNT_CLASSES or one.kinds
    ]


def recorded(
    stream: Sequence[Mapping[str, Any]],
    complaints: Sequence[Mapping[str, Any]],
    known_kinds: Collection[str],
) -> list[Message]:
    """What others recorded says of who wants something and of kinds: less than made-up
    texts of this city, which say it of every label."""
    chance = random.Random(_SEED)  # noqa: S311 (a choice, no secret)
    heard = [
        Message(row["text"], _OF_STREAM[row["label"]], (), False, "stream", _RECORDED)
        for row in chance.sample(stream, min(_MOST, len(stream)))
        if row.get("label") in _OF_STREAM
    ]
    of_kind = [row for row in complaints if row.get("cat_norm") in KINDS_OF]
    for row in chance.sample(of_kind, min(_MOST, len(of_kind))):
        may_be = tuple(one for one in KINDS_OF[row["cat_norm"]] if one in known_kinds)
        heard.append(
            Message(row["text"], _WANTED, may_be, None, row["source"], _RECORDED)
        )
    return heard


def corrected(
    decided: Sequence[Mapping[str, Any]], known_kinds: Collection[str]
) -> list[Message]:
    """What people set right counts most."""
    return [
        Message(
            str(row["text"]),
            (row["class"],) if row.get("class") in LEARNT_CLASSES else (),
            (row["kind"],) if row.get("kind") in known_kinds else (),
            None,
            "corrections",
            _CORRECTION,
        )
        for row in decided
        if row.get("text")
        and (row.get("class") in LEARNT_CLASSES or row.get("kind") in known_kinds)
    ]


def labels(known_kinds: Sequence[str]) -> list[str]:
    return [
        *(classes.OF_CLASSES + code for code in LEARNT_CLASSES),
        *(kinds.OF_KINDS + code for code in known_kinds),
    ]


def train(
    messages: Sequence[Message], lexicon: Lexicon, known_kinds: Sequence[str]
) -> Leanings:
    """Weights for these messages. Half a minute for two thousand."""
    names = labels(known_kinds)
    groups = (range(len(LEARNT_CLASSES)), range(len(LEARNT_CLASSES), len(names)))
    lessons = [
        _lesson(one if at % _HIDDEN else replace(one, private=None), names, lexicon)
        for at, one in enumerate(messages)
    ]
    weights: dict[int, list[float]] = {}
    squares: dict[int, list[float]] = {}
    for lesson in lessons:
        for _, part in lesson.parts:
            for bucket in part:
                weights.setdefault(bucket, [0.0] * len(names))
                squares.setdefault(bucket, [1e-3] * len(names))
    bias = [0.0] * len(names)
    order = list(range(len(lessons)))
    chance = random.Random(_SEED)  # noqa: S311 (an order, no secret)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for number in order:
            lesson = lessons[number]
            scores = _scores(lesson, weights, bias)
            for group, right in zip(groups, lesson.right, strict=True):
                if right:
                    errors = _errors(scores, group, right, lesson.weight)
                    _step(lesson, errors, weights, squares, bias)
    return leanings.packed(names, bias, weights)


def _scores(
    lesson: _Lesson, weights: Mapping[int, list[float]], bias: Sequence[float]
) -> list[float]:
    scores = [one + other for one, other in zip(lesson.listed, bias, strict=True)]
    for worth, part in lesson.parts:
        sums = [
            sum(column) for column in zip(*map(weights.__getitem__, part), strict=True)
        ]
        for number, total in enumerate(sums):
            scores[number] += worth * total
    return scores


def _errors(
    scores: Sequence[float], group: range, right: Sequence[int], weight: float
) -> list[tuple[int, float]]:
    """Of the labels of a group, where several may be right: what each should give up.
    The share of those that may be right is divided as they stand."""
    chances = dict(
        zip(group, linear.softmax([scores[one] for one in group]), strict=True)
    )
    whole = sum(chances[one] for one in right)
    return [
        (one, weight * (chance - (chance / whole if one in right else 0.0)))
        for one, chance in chances.items()
        if abs(chance - (chance / whole if one in right else 0.0)) > 0.01
    ]


def _step(
    lesson: _Lesson,
    errors: Sequence[tuple[int, float]],
    weights: Mapping[int, list[float]],
    squares: Mapping[int, list[float]],
    bias: list[float],
) -> None:
    for label, error in errors:
        bias[label] -= 0.02 * error
    for worth, part in lesson.parts:
        steps = [(label, error * worth) for label, error in errors]
        for bucket in part:
            row, seen = weights[bucket], squares[bucket]
            for label, step in steps:
                slope = step + KEEP * row[label]
                seen[label] += slope * slope
                row[label] -= RATE * slope / math.sqrt(seen[label])


def _lesson(message: Message, names: Sequence[str], lexicon: Lexicon) -> _Lesson:
    said = words.spoken(message.text)
    usual = words.usual(said, lexicon.spellings)
    hits = lexicon.classes.find(usual)
    kind_hits = kinds.hits_in(message.text, usual, lexicon)
    context = Context(private=message.private)
    spoken = language.guess(said, lexicon.everyday, lexicon.language_weights).language
    told, _ = classes.weighed(
        message.text,
        usual,
        kind_hits,
        hits,
        lexicon.class_weights if spoken in LEARNT_LANGUAGES else None,
        context=context,
    )
    by_kind = kinds.list_scores(usual, kind_hits)
    listed = [
        *(told[code] for code in LEARNT_CLASSES),
        *(
            kinds.LISTED * by_kind.get(name.removeprefix(kinds.OF_KINDS), 0.0)
            for name in names[len(LEARNT_CLASSES) :]
        ),
    ]
    votes = classes.votes(hits, kind_hits, context)
    cut = leanings.parts(message.text, usual, votes)
    return _Lesson(
        votes,
        [(leanings.share(len(part)), part) for part in cut],
        listed,
        [
            [names.index(classes.OF_CLASSES + one) for one in message.klasses],
            [names.index(kinds.OF_KINDS + one) for one in message.kinds],
        ],
        message.weight,
    )


def met(
    model: Leanings, messages: Sequence[Message], lexicon: Lexicon
) -> tuple[int, int, int, int]:
    """Right classes of how many that are clear, right first kinds of how many."""
    names = list(model.labels)
    split = len(LEARNT_CLASSES)
    right, of, first, with_kind = 0, 0, 0, 0
    for one in messages:
        said = words.usual(words.spoken(one.text), lexicon.spellings)
        lesson = _lesson(one, names, lexicon)
        heard = model.scores(one.text, said, lesson.votes)
        scores = [
            told + heard[name] for told, name in zip(lesson.listed, names, strict=True)
        ]
        if len(one.klasses) == 1:
            of += 1
            right += scores.index(max(scores[:split])) in lesson.right[0]
        if one.kinds:
            with_kind += 1
            first += scores.index(max(scores[split:]), split) in lesson.right[1]
    return right, of, first, with_kind


def dumped(model: Leanings) -> str:
    """As `config/models/leanings.json` holds it."""
    return json.dumps(leanings.to_json(model), indent=0)
