"""Train the weights of `config/models/` again and say what that changes; nothing is
written unasked.

Both figures are of texts that neither training saw: one fifth is kept back, by its
words.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from operator import eq
from pathlib import Path
from typing import Any

from aggregator.lab import alarm_lessons, leaning_lessons, lessons, specimens
from aggregator.lab._learning import Example
from aggregator.lab.alarm_lessons import Cry
from aggregator.lab.evaluate_duplicates import rows_of
from aggregator.lab.lessons import Lesson
from aggregator.rules.reports import urgency
from aggregator.rules.text import language, linear, words
from aggregator.rules.text.lexicon import Lexicon

ALARM = "alarm.json"
LEANINGS = "leanings.json"
_OURS, _RECORDED = 0.5, 0.2
"""What the specimens, and recorded complaints, count beside texts of other writers."""
_MOST_RECORDED = 4_000


def learn(
    data: Path,
    corrected: Path | None,
    lexicon: Lexicon,
    known_kinds: Sequence[str],
    folder: Path | None,
) -> Iterator[str]:
    """Lines with figures before and after corrections. `folder`: where the files are
    replaced; nothing is written without."""
    talk, spoken = lessons.corrections(corrected, lexicon) if corrected else ([], [])
    stream = rows_of(data / "stream_bandung_mentions.jsonl")
    for lesson, examples, more in (
        (lessons.TALK, lessons.talks(data, stream, lexicon), talk),
        (lessons.LANGUAGE, lessons.languages(data, lexicon), spoken),
    ):
        kept, judged = lessons.apart(examples, lexicon)
        extra, unseen = lessons.apart(more, lexicon)
        judged = [example for example in judged if example.weight == 1]
        old = lessons.train(lesson, kept, lexicon)
        line = f"{lesson.file}: macro-F1 {score(lesson, old, judged, lexicon):.3f}"
        line += f" on {len(judged)} texts kept back"
        if extra:
            new = lessons.train(lesson, [*kept, *extra], lexicon)
            after = score(lesson, new, judged, lexicon)
            line += f"; with {len(more)} corrections {after:.3f}"
            if unseen:
                met = [
                    sum(map(eq, given(lesson, model, unseen, lexicon), labels(unseen)))
                    for model in (old, new)
                ]
                line += (
                    f"; of {len(unseen)} corrections kept back right {met[0]}, then"
                    f" {met[1]}"
                )
        yield line
        if folder:
            folder.mkdir(exist_ok=True)
            model = lessons.train(lesson, [*examples, *more], lexicon)
            path = folder / lesson.file
            path.write_text(dumped(model), encoding="utf-8")
            yield f"{lesson.file}: written, {path.stat().st_size // 1024} KB"
    recorded = rows_of(data / "complaints_id.jsonl")
    decided = rows_of(corrected) if corrected else []
    yield from _alarms(recorded, decided, lexicon, folder)
    yield from _leanings(stream, recorded, decided, lexicon, known_kinds, folder)
    if not folder:
        yield "nothing written; --write replaces the numbers by these"


def _alarms(
    recorded: Iterable[dict[str, Any]],
    decided: Iterable[dict[str, Any]],
    lexicon: Lexicon,
    folder: Path | None,
) -> Iterator[str]:
    """The alarm's weights: of made-up texts, of what people `decided` that it is or is
    none, and of recorded complaints as calm where the lists find no danger in them."""
    made_up = [alarm_lessons.read(one, lexicon) for one in alarm_lessons.corpus()]
    told = [
        Cry(str(row["text"]), row["urgent"] == "True")
        for row in decided
        if row.get("text") and row.get("urgent") in ("True", "False")
    ]
    ours = [Cry(text, True, _OURS) for text in specimens.dangers()]
    ours += [Cry(text, False, _OURS) for text in specimens.calm()]
    ours += [
        Cry(one.text, one.klass == "darurat", _OURS) for one in specimens.messages()
    ]
    calm = [
        Cry(row["text"], False, _RECORDED)
        for row in recorded
        if _is_calm(row["text"], lexicon)
    ]
    random.Random(1).shuffle(calm)  # noqa: S311 (a choice, no secret)
    others = [*told, *ours, *calm[:_MOST_RECORDED]]
    model = alarm_lessons.train(
        [*made_up, *(alarm_lessons.read(one, lexicon) for one in others)]
    )
    found, of, false, still = alarm_lessons.met(model, made_up, model.rings)
    yield (
        f"{ALARM}: of the texts it learnt from it finds {found} of {of} dangers and"
        f" {false} of {still} calm ones; texts it has not seen are in tests/data"
    )
    if folder:
        path = folder / ALARM
        path.write_text(alarm_lessons.dumped(model), encoding="utf-8")
        yield f"{ALARM}: written, {path.stat().st_size // 1024} KB"


def _leanings(
    stream: Sequence[dict[str, Any]],
    recorded: Sequence[dict[str, Any]],
    decided: Sequence[dict[str, Any]],
    lexicon: Lexicon,
    known_kinds: Sequence[str],
    folder: Path | None,
) -> Iterator[str]:
    """What texts lean to: of made-up messages, of recorded ones and of what people set
    right. The figures are of one writer whose texts were kept back."""
    made_up = leaning_lessons.corpus()
    others = [
        *leaning_lessons.recorded(stream, recorded, known_kinds),
        *leaning_lessons.corrected(decided, known_kinds),
    ]
    kept_back = max(one.sitting for one in made_up)
    learnt = [one for one in made_up if one.sitting != kept_back]
    model = leaning_lessons.train([*learnt, *others], lexicon, known_kinds)
    judged = [one for one in made_up if one.sitting == kept_back]
    right, of, first, with_kind = leaning_lessons.met(model, judged, lexicon)
    yield (
        f"{LEANINGS}: of {kept_back}, which was kept back, {right} of {of} classes and"
        f" {first} of {with_kind} first kinds are right"
    )
    if folder:
        whole = leaning_lessons.train([*made_up, *others], lexicon, known_kinds)
        path = folder / LEANINGS
        path.write_text(leaning_lessons.dumped(whole), encoding="utf-8")
        yield f"{LEANINGS}: written, {path.stat().st_size // 1024} KB"


def _is_calm(text: str, lexicon: Lexicon) -> bool:
    said = urgency.judge(words.tokens(text, lexicon.spellings), lexicon.urgency)
    return not said.rings and not said.maybe


def score(
    lesson: Lesson, model: linear.Model, judged: Sequence[Example], lexicon: Lexicon
) -> float:
    """Macro-F1 of what the trained model makes of texts, for the language with its
    rules."""
    return lessons.macro_f1(labels(judged), given(lesson, model, judged, lexicon))


def labels(judged: Sequence[Example]) -> list[str]:
    return [example.label for example in judged]


def given(
    lesson: Lesson, model: linear.Model, judged: Sequence[Example], lexicon: Lexicon
) -> list[str]:
    """The label that the trained model gives each text."""
    found = []
    for example in judged:
        if lesson is lessons.LANGUAGE:
            said = words.spoken(example.text)
            found.append(language.guess(said, lexicon.everyday, model).language)
        else:
            chances = model.chances(lesson.features(example.text, lexicon))
            found.append(max(chances, key=lambda label: chances[label]))
    return found


def dumped(model: linear.Model) -> str:
    """One feature a line, so that a change of numbers can be read."""
    data = linear.to_json(model)
    rows = ",\n".join(
        f"{json.dumps(feature, ensure_ascii=False)}:{json.dumps(row, separators=(',', ':'))}"  # noqa: E501
        for feature, row in data["weights"].items()
    )
    head = f'"labels":{json.dumps(data["labels"])},\n"bias":{json.dumps(data["bias"])}'
    return f'{{{head},\n"weights":{{\n{rows}\n}}}}\n'
