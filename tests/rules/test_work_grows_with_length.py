"""No text stalls the reading of all others: a text twice as long takes twice the time.

Every pattern and every public function about texts is found by walking the package, so
that a new one is asked the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import growth
import pytest

import aggregator.rules
import connectors
from aggregator import city
from aggregator.rules.places import _phrases
from aggregator.rules.reports import classes, contradiction, duplicates, traits, vetoes
from aggregator.rules.reports.traits import Traits
from aggregator.rules.text import comparison, extent, pii, words
from aggregator.rules.text.canonical import canonical

MODULES = [*growth.modules(aggregator.rules)]
RUNS = (
    *("a", "_", "1", "漢", "e\u0301", "😀", "\n"),
    *("a ", "ab cd ", "1 ", ". ", "1.", "@a ", "@", "#a ", "rt @a: ", "12.30 "),
    *("jl. Melati ", "rt 3 rw 4 ", "depan pasar ", "besok ", "rp 5.000 ", "rumah2 "),
    *("saya Budi, ", "08123 ", "https://a.id/", "… ", "sudah selesai "),
)
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
CODES = {
    *("kind", "kinds", "klass", "channel", "agency", "reason", "language", "group"),
    *("strength", "case_number", "number", "role", "known"),
}
"""Parameters that hold a code of ours, never what somebody wrote."""
OF_TEXTS = (
    *("str", "str | None", "Sequence[str]", "Iterable[str]", "tuple[str, ...]"),
    *("Traits", "Canonical", "Comparison", "Said", "Tokens", "Pair"),
)
AT_ONE_WORD = {"at", "start", "after", "begin", "named"}
"""Parameters of what looks at one word of a text."""


def given(name: str, sort: str, text: str) -> Any:
    """What a parameter gets when a text is read."""
    here = city.here()
    by_name: dict[str, Callable[[], Any]] = {
        "tokens": lambda: words.tokens(text, here.lexicon.spellings),
        "said": lambda: words.spoken(text),
        "found": lambda: words.spoken(text),
        "names": lambda: [text],
        "words": lambda: tuple(words.spoken(text)),
        "texts": lambda: [(text, text)],
        "hits": list,
        "kind_hits": list,
        "kinds": lambda: ["banjir_longsor"],
        "klass": lambda: "pengaduan",
        "places": lambda: [] if "Sequence" in sort else 0,
        "language": lambda: "id",
        "listed": lambda: here.lexicon.classes,
        "everyday": lambda: here.lexicon.everyday,
        "trained": lambda: None,
        "offices": dict,
        "spellings": lambda: here.lexicon.spellings,
        "spots": frozenset,
        "units": lambda: list(_phrases.rt_rw(text)),
        "known": lambda: {} if "Mapping" in sort else frozenset({"pasar"}),
        "group": lambda: "banjir_longsor",
        "strength": lambda: "sure",
        "reason": lambda: "kind",
        "said_at": lambda: NOW,
        "sums": lambda: dict.fromkeys(classes.GROUPS, 0.0),
        "problem": lambda: 0.0,
        "usual": lambda: words.spoken(text),
        "votes": lambda: ["private"],
        "labels": lambda: ["kind:pasar"],
        "bias": lambda: [0.0],
        "weights": lambda: {1: [0.5]},
        "learnt": lambda: here.lexicon.leanings.scores(text),
        "led": frozenset,
    }
    by_sort: dict[str, Callable[[], Any]] = {
        "str": lambda: text,
        "str | None": lambda: text,
        "Lexicon": lambda: here.lexicon,
        "Gazetteer": lambda: here.places,
        "Table": lambda: here.duties,
        "date": lambda: date(2026, 3, 2),
        "Calendar": lambda: here.rules.calendar,
        "Traits": lambda: traits_of(text),
        "Canonical": lambda: canonical(text, here.lexicon),
        "Comparison": lambda: comparison.compare(*[canonical(text, here.lexicon)] * 2),
        "Context": lambda: duplicates.NOTHING_ELSE,
        "People": lambda: here.lexicon.people,
        "list[Found]": lambda: pii.personal_data(text, here.lexicon.people),
        "Limits": lambda: here.lexicon.limits,
        "Said": lambda: contradiction.Said(text, NOW),
        "Tokens": lambda: _phrases.tokenise(text),
        "Pair": lambda: pair_of(text),
    }
    if sort in by_sort and (sort not in ("str", "str | None") or name not in by_name):
        return by_sort[sort]()
    assert name in by_name, f"say in this test what {name}: {sort} is given"
    return by_name[name]()


def traits_of(text: str) -> Traits:
    return traits.traits(text, city.here().lexicon, city.here().places)


def pair_of(text: str) -> vetoes.Pair:
    one, other = traits_of(text), traits_of(f"macet {text}")
    return vetoes.Pair(
        one,
        other,
        comparison.compare(one.canonical, other.canonical),
        duplicates.NOTHING_ELSE,
    )


def _needed(function: Any) -> dict[str, str]:
    """Parameters without a default, and where the city's tables go, with their
    sorts."""
    return {
        name: _sort(str(one.annotation))
        for name, one in inspect.signature(function).parameters.items()
        if one.default is one.empty or name in ("gazetteer", "duties", "people")
    }


def _sort(annotation: str) -> str:
    return annotation if "[" in annotation else annotation.rpartition(".")[2]


def _functions() -> Iterator[tuple[str, Any]]:
    for module in MODULES:
        short = module.__name__.removeprefix("aggregator.rules.")
        for name, value in vars(module).items():
            is_own = getattr(value, "__module__", None) == module.__name__
            is_function = inspect.isfunction(inspect.unwrap(value)) if is_own else False
            if not is_function or name.startswith("_"):
                continue
            needed = _needed(value)
            of_texts = any(
                sort in OF_TEXTS and parameter not in CODES
                for parameter, sort in needed.items()
            )
            if of_texts and AT_ONE_WORD.isdisjoint(needed):
                yield f"{short}.{name}", value


def _forget() -> None:
    """What was read before is remembered: here every text is read anew."""
    for value in REMEMBERING:
        value.cache_clear()


FUNCTIONS = dict(_functions())
REMEMBERING = [
    value
    for module in MODULES
    for value in vars(module).values()
    if hasattr(value, "cache_clear")
]
WITH_PATTERNS = {
    module.__name__: module
    for module in (*MODULES, *growth.modules(connectors))
    if any(growth.patterns(module))
}


def test_there_are_functions_to_ask() -> None:
    assert {"reports.understand.understand", "text.words.plain"} <= FUNCTIONS.keys()


@pytest.mark.threat("FLO-2")
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_text_twice_as_long_takes_twice_the_time(name: str) -> None:
    function = FUNCTIONS[name]
    needed = _needed(function)

    @cache
    def ready(text: str) -> dict[str, Any]:
        return {one: given(one, sort, text) for one, sort in needed.items()}

    def call(text: str) -> None:
        values = ready(text)
        _forget()
        found = function(**values)
        if isinstance(found, Iterator):
            list(found)

    slow = {}
    for unit in RUNS:
        ready(growth.run(unit, growth.LONG))  # not weighed
        ratio = growth.grows(call, unit)
        if ratio is not None:
            slow[unit] = ratio
    assert not slow, f"{name} takes much longer for longer texts: {slow}"


@pytest.mark.threat("FLO-2")
@pytest.mark.parametrize("name", sorted(WITH_PATTERNS))
def test_every_pattern_is_looked_for_in_one_pass(name: str) -> None:
    module = WITH_PATTERNS[name]
    slow = {}
    for pattern_name, pattern, anchored in growth.patterns(module):
        for unit, head in _runs(growth.words_of(pattern)):

            def call(text: str, pattern: Any = pattern, once: bool = anchored) -> None:
                if once:
                    pattern.match(text)
                    pattern.fullmatch(text)
                else:
                    for _ in pattern.finditer(text):
                        pass

            if growth.grows(call, unit, head, at_once=0.01) is not None:
                slow[pattern_name] = (unit, head)
                break
    assert not slow, f"{name} takes much longer for longer texts: {slow}"


def _runs(heads: list[str]) -> Iterator[tuple[str, str]]:
    for unit in growth.SIGNS:
        yield unit, ""
        yield unit, "x"
    for unit in growth.PAIRS:
        yield unit, ""
    for head in heads[:6]:
        yield f"{head} ", ""
        yield f"{head}:", ""
        yield head, ""
    for head in heads[:3]:
        for unit in ("a", "1", " ", "\n", "_"):
            yield unit, f"{head} "
            yield f"{head} {unit} ", ""


def test_of_a_long_text_the_beginning_is_read() -> None:
    text = "Lampu jalan mati. " * 1_000
    read = extent.first_part(text)
    assert len(read) <= extent.LONGEST_READ
    assert text.startswith(read.removesuffix(" …"))
    assert (
        read.endswith("mati. …") or read.endswith("jalan …") or read.endswith("Lampu …")
    )
    assert extent.first_part(read) == read
    assert extent.first_part("Macet") == "Macet"
    assert extent.first_part(" " * 20_000).strip() == "…"
