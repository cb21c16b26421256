"""What the rules make of texts: `eval classify` as JSON lines, `eval texts` against
baselines."""

from __future__ import annotations

import math
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from aggregator.city import City
from aggregator.lab import lessons, specimens
from aggregator.lab._learning import Example
from aggregator.lab._rows import context_of
from aggregator.lab.evaluate_duplicates import is_broken, rows_of
from aggregator.rules.places.finder import places_in
from aggregator.rules.reports import authority, classes, kinds, urgency
from aggregator.rules.reports.context import UNKNOWN, Context
from aggregator.rules.reports.understand import Understood, understand
from aggregator.rules.text import language, linear, pii, words
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.pii import TYPES

Row = dict[str, Any]


def classify(rows: Iterable[Row], city: City, on: date) -> Iterator[Row]:
    """One row of `id`, class and the rest for each row of `id` and `text`, in order."""
    short = {
        agency.code: agency.abbrev.casefold()
        for agency in city.catalog.agencies.values()
        if agency.kind == "kecamatan" and agency.abbrev
    }
    for row in rows:
        if is_broken(row):
            yield row
            continue
        text = str(row.get("text") or "")
        found = _read(text, city, on, context_of(row))
        yield {"id": row.get("id"), **as_row(found, short)}


def _read(text: str, city: City, on: date, context: Context = UNKNOWN) -> Understood:
    """As the pipeline does, with the office that was addressed among the owners."""
    found = understand(
        text,
        city.lexicon,
        gazetteer=city.places,
        duties=city.duties,
        context=context,
        on=on,
    )
    if context.account is None or found.klass in authority.NOT_A_CASE:
        return found
    addressed = authority.Addressed(0, context.account, context.account)
    owners = authority.combine([addressed], found.owners, found.visibility, city.duties)
    return replace(found, owners=tuple(owners))


def as_row(found: Understood, short: Mapping[str, str]) -> Row:
    """The judged shape: docs/design.md, "Judging surface". Agencies are the city's own.

    `short`: the code a district goes by there ("boteng").
    """
    types = {one.type for one in found.pii}
    return {
        "class": found.klass,
        "kinds": [guess.code for guess in found.kinds],
        "places": [
            {
                "name": place.name,
                "type": place.type,
                "kelurahan": place.kelurahan,
                "kecamatan": place.kecamatan,
                "span": list(place.span),
            }
            for place in found.places
        ],
        "language": found.language,
        "agencies": [short.get(code, code) for code in authority.ours(found.owners)],
        "kewenangan": found.level,
        "urgent": bool(found.urgent),
        "maybe_urgent": found.maybe_urgent,
        "confidence": found.confidence,
        "sure": found.sure,
        "pii": [name for name in TYPES if name in types],
    }


_KIND_OF = {
    "saluran_mampet": "saluran_air_banjir",
    "banjir_longsor": "saluran_air_banjir",
    "lalu_lintas": "kemacetan",
    "gepeng_pengamen": "ketertiban",
    "jalan_berlubang": "jalan_rusak",
    "pju_mati": "penerangan_jalan",
    "pohon_tumbang": "pohon",
    "kebersihan": "kebersihan_sampah",
    "air_minum": "air_bersih",
    "sekolah": "pendidikan",
    "bansos_pmks": "sosial",
    "perizinan": "perizinan_bangunan",
    "taman": "taman_fasum",
}
_LEARNT = 0.6
_TIMED = 1500


def report(data: Path, city: City, on: date) -> Iterator[str]:
    """Lines with the figures of class, kinds and language beside their baselines, of
    alarms, personal data, time and memory."""
    stream = rows_of(data / "stream_bandung_mentions.jsonl")
    costs = _costs([str(row["text"]) for row in stream[:_TIMED]], city, on)
    lexicon = city.lexicon
    yield from _talks(data, stream, lexicon)
    yield from _kinds(rows_of(data / "complaints_id.jsonl"), lexicon)
    yield from _languages(lessons.languages(data, lexicon), lexicon)
    yield from _made_up(city, on)
    yield from _alarms(lexicon)
    yield from _private(lexicon.people)
    yield from _samples(data, lexicon)
    yield costs


def _costs(texts: Sequence[str], city: City, on: date) -> str:
    """Measured before the baselines are learnt, whose memory is not the rules'."""
    began = time.process_time()
    for text in texts:
        _read(text, city, on)
    spent = 1000 * (time.process_time() - began) / max(len(texts), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"all rules together: {spent:.2f} ms of one core a message; the whole process"
        f" with the texts in memory took {peak:.0f} MB at most"
    )


def _made_up(city: City, on: date) -> Iterator[str]:
    """Messages in a resident's words; the lists were mended with them: a floor and no
    estimate."""
    right: Counter[str] = Counter()
    marked = list(specimens.messages())
    for one in marked:
        found = _read(one.text, city, on)
        said = [guess.code for guess in found.kinds]
        right["class"] += found.klass == one.klass
        right["language"] += found.language == one.language
        right["first kind"] += (
            bool(one.kinds) and said[:1] != [] and said[0] in one.kinds
        )
        right["all kinds among three"] += bool(one.kinds) and set(one.kinds) <= set(
            said
        )
    with_kind = sum(bool(one.kinds) for one in marked)
    yield "made-up messages, right: " + ", ".join(
        f"{name} {met}/{with_kind if 'kind' in name else len(marked)}"
        for name, met in right.items()
    )


def _alarms(lexicon: Lexicon) -> Iterator[str]:
    """Made-up texts: what the lists were mended with, so a floor and no estimate."""
    urgent, calm = specimens.dangers(), specimens.calm()
    met = sum(urgency.alarm(text, lexicon).rings for text in urgent)
    false = sum(urgency.alarm(text, lexicon).rings for text in calm)
    yield (
        f"112, made-up texts: rings in {met}/{len(urgent)} dangers and"
        f" {false}/{len(calm)} calm"
    )


def _private(people: pii.People) -> Iterator[str]:
    """Recall of each type; how often digits of a number are left after masking."""
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for one in specimens.personal():
        asked[one.type] += 1
        found[one.type] += one.type in pii.types(one.text, people)
        left[one.type] += sum(map(str.isdigit, pii.mask(one.text, people))) > 0
    yield (
        "personal data, made-up numbers in many spellings (left: digits that masking"
        " leaves):"
    )
    for name, number in asked.items():
        yield (
            f"  {name:16} recall {found[name] / number:.3f}  left {left[name]}/{number}"
        )
    harmless = list(specimens.harmless())
    false = sum(bool(pii.types(one.text, people)) for one in harmless)
    yield f"  numbers that are nobody's, taken for personal: {false}/{len(harmless)}"


_PII_OF_LABEL = {
    "nomor_pelanggan": "customer_number",
    "telepon": "phone",
    "nama": "name",
    "kesehatan": "health",
    "alamat": "address",
    "anak": "child",
}


def _samples(data: Path, lexicon: Lexicon) -> Iterator[str]:
    """The few texts whose urgency and personal data people marked."""
    rows = rows_of(data / "civic" / "samples.jsonl")
    urgent = [row for row in rows if row["classification"] == "darurat"]
    calm = [row for row in rows if row["classification"] != "darurat"]
    met, false = (
        sum(urgency.alarm(row["text"], lexicon).rings for row in part)
        for part in (urgent, calm)
    )
    yield (
        f"112, marked samples: rings in {met}/{len(urgent)} emergencies,"
        f" {false}/{len(calm)} rest"
    )
    marked = hit = extra = 0
    for row in rows:
        gold = {_PII_OF_LABEL.get(name, name) for name in row["pii"]}
        found = set(pii.types(row["text"], lexicon.people))
        marked, hit, extra = (
            marked + len(gold),
            hit + len(gold & found),
            extra + len(found - gold),
        )
    yield f"personal data, marked samples: {hit}/{marked} found, {extra} not marked"


def _talks(data: Path, stream: Sequence[Row], lexicon: Lexicon) -> Iterator[str]:
    """Learnt from the first part of the stream, judged on what is new in the rest."""
    cut = int(_LEARNT * len(stream))
    seen = {lessons.same(row["text"], lexicon) for row in stream[:cut]}
    fresh = {lessons.same(row["text"], lexicon): row for row in stream[cut:]}
    judged = [row for key, row in fresh.items() if key not in seen]
    gold = [lessons.TALK_OF_LABEL[row["label"]] for row in judged]
    examples = lessons.talks(data, stream[:cut], lexicon)
    trained = lessons.train(lessons.TALK, examples, lexicon)
    usual = Counter(example.label for example in examples).most_common(1)[0][0]
    of_stream = [example for example in examples if example.source == "stream"]
    weighted = TfIdf(of_stream, lexicon.spellings)
    yield f"class (keluhan/respon/bukan), {len(judged)} later texts, macro-F1:"
    for name, given in (
        ("majority", [usual] * len(judged)),
        ("keyword list", [talk_of(row["text"], lexicon, None) for row in judged]),
        ("TF-IDF + linear", [weighted.label(row["text"]) for row in judged]),
        (
            "rules with weights",
            [talk_of(row["text"], lexicon, trained) for row in judged],
        ),
    ):
        yield f"  {name:20} {lessons.macro_f1(gold, given):.3f}"
    rung = [urgency.alarm(row["text"], lexicon).rings for row in judged]
    for label in ("case", "office", "talk"):
        part = [rings for rings, said in zip(rung, gold, strict=True) if said == label]
        yield f"  112 rings in {sum(part)}/{len(part)} of {label}"


def talk_of(text: str, lexicon: Lexicon, trained: linear.Model | None) -> str:
    """The class of a text in the labels of the stream."""
    tokens = words.tokens(text, lexicon.spellings)
    found = classes.guess(
        text,
        tokens,
        kinds.hits_in(text, tokens, lexicon),
        lexicon.classes,
        trained,
        rings=urgency.decide(text, tokens, lexicon).rings,
        places=len(places_in(text)),
    )
    if found.code not in ("apresiasi", "spam", "bukan_aduan"):
        return "case"
    return "office" if found.talk == "office" else "talk"


class TfIdf:
    """Baseline: words and pairs of words weighted by rarity, nearest mean of a label
    (Rocchio)."""

    def __init__(
        self, examples: Sequence[Example], spellings: Mapping[str, str]
    ) -> None:
        self._spellings = spellings
        count = Counter(term for one in examples for term in set(self._terms(one.text)))
        self._rarity = {
            term: math.log(len(examples) / n) for term, n in count.items() if n > 1
        }
        self._means: dict[str, dict[str, float]] = {}
        for one in examples:
            mean = self._means.setdefault(one.label, {})
            for term, weight in self._weights(one.text).items():
                mean[term] = mean.get(term, 0.0) + weight
        self._norms = {
            label: math.sqrt(sum(weight * weight for weight in mean.values())) or 1.0
            for label, mean in self._means.items()
        }

    def _weights(self, text: str) -> dict[str, float]:
        known = {
            term: self._rarity[term]
            for term in self._terms(text)
            if term in self._rarity
        }
        size = math.sqrt(sum(weight * weight for weight in known.values())) or 1.0
        return {term: weight / size for term, weight in known.items()}

    def label(self, text: str) -> str:
        """The label whose mean is nearest."""
        weights = self._weights(text)
        return max(
            sorted(self._means),
            key=lambda label: (
                sum(
                    weight * self._means[label].get(term, 0.0)
                    for term, weight in weights.items()
                )
                / self._norms[label]
            ),
        )

    def _terms(self, text: str) -> list[str]:
        said = words.tokens(text, self._spellings)
        return [*said, *(f"{a} {b}" for a, b in pairwise(said))]


def _kinds(rows: Sequence[Row], lexicon: Lexicon) -> Iterator[str]:
    """A source is judged by what was learnt from the others; the rules learn from
    none."""
    marked = [row for row in rows if row.get("cat_norm")]
    yield "kinds, source left out, macro-F1 (right among three):"
    for source in sorted({row["source"] for row in marked}):
        judged = [row for row in marked if row["source"] == source]
        gold = [_norm(row["cat_norm"]) for row in judged]
        rest = [
            Example(row["text"], _norm(row["cat_norm"]), row["source"])
            for row in marked
            if row["source"] != source
        ]
        usual = Counter(example.label for example in rest).most_common(1)[0][0]
        weighted = TfIdf(rest, lexicon.spellings)
        guessed = [
            [_norm(code) for code in _kinds_of(row["text"], lexicon)] for row in judged
        ]
        three = sum(
            label in given for label, given in zip(gold, guessed, strict=True)
        ) / len(gold)
        figures = {
            "majority": lessons.macro_f1(gold, [usual] * len(gold)),
            "TF-IDF + linear": lessons.macro_f1(
                gold, [weighted.label(r["text"]) for r in judged]
            ),
            "rules": lessons.macro_f1(
                gold, [given[0] if given else "" for given in guessed]
            ),
        }
        shown = "  ".join(f"{name} {figure:.3f}" for name, figure in figures.items())
        yield f"  {source:28} n={len(gold):4}  {shown} ({three:.3f})"


def _kinds_of(text: str, lexicon: Lexicon) -> list[str]:
    tokens = words.tokens(text, lexicon.spellings)
    found = kinds.guess(tokens, kinds.hits_in(text, tokens, lexicon))
    return [guess.code for guess in found]


def _norm(kind: str) -> str:
    return _KIND_OF.get(kind, kind)


def _languages(examples: Sequence[Example], lexicon: Lexicon) -> Iterator[str]:
    """Every fifth is judged by what was learnt from the other four."""
    right: dict[str, Counter[str]] = {
        "everyday words": Counter(),
        "with weights": Counter(),
    }
    total: Counter[str] = Counter()
    for number in range(lessons.FOLDS):
        kept, judged = lessons.apart(examples, lexicon, number)
        trained = lessons.train(lessons.LANGUAGE, kept, lexicon)
        for example in judged:
            said = words.spoken(example.text)
            total[example.label] += 1
            for name, model in (("everyday words", None), ("with weights", trained)):
                found = language.guess(said, lexicon.everyday, model)
                right[name][example.label] += found.language == example.label
    yield f"language, accuracy per class over {total.total()} texts:"
    for name, met in right.items():
        each = "  ".join(
            f"{label} {met[label] / total[label]:.3f}" for label in sorted(total)
        )
        yield f"  {name:16} {each}  all {met.total() / total.total():.3f}"
