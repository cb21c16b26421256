"""Whether work grows with the length of a text as it should: twice as long, twice as
much.

Counted is processor time of this thread, the least of several tries; what is done at
once is not weighed at all. Only what takes four times as long for a text four times as
long, and more than a wide margin beside, is called out, so that a busy machine changes
no answer.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

SHORT, LONG = 750, 3_000
AT_ONCE = 0.03
"""Seconds for LONG signs that nobody has to look at."""
MARGIN = 2.0
"""Linear work grows by LONG / SHORT; squared work by the square of that."""

SIGNS = (
    *string.punctuation,
    *("a", "z", "A", "Q", "0", "7", " ", "\t", "\n", "\u00a0", "\u200b", "\ufeff"),
    *(
        "é",
        "e\u0301",
        "\u0301",
        "漢",
        "अ",
        "अि",
        "ك",
        "１",
        "²",
        "½",
        "…",
        "’",
        "№",
        "ﷺ",
    ),
    *("😀", "👨\u200d👩\u200d👧", "🇮🇩", "\x00", "\ud800"),
)
PAIRS = tuple(
    first + second
    for first in ("a", "1", ".", "@", "#", "-", "(", "\n")
    for second in (" ", ".", ",", "_", ":", "1", "a", "\n")
    if first != second
)


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def run(unit: str, length: int, head: str = "") -> str:
    """`unit` again and again behind `head`."""
    return (head + unit * (length // len(unit) + 1))[:length]


def patterns(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str], bool]]:
    """Name, pattern of text, and whether it is only looked for at one place: nothing
    but `match` and `fullmatch` is said of it there."""
    source = Path(inspect.getsourcefile(module) or "").read_text(encoding="utf-8")
    for name, value in vars(module).items():
        for one in _within(value):
            if isinstance(one.pattern, str):
                calls = re.findall(rf"\b{re.escape(name)}\b(?! = )\.?(\w*)", source)
                said = set(calls) - {""}
                yield name, one, bool(said) and said <= {"match", "fullmatch"}


def _within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _within(list(value.values()))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _within(inner)


def words_of(pattern: re.Pattern[str]) -> list[str]:
    """Words that stand in a pattern: what gets a text into the middle of it."""
    return list(dict.fromkeys(re.findall(r"[a-z]{2,}", pattern.pattern, re.I)))


def grows(
    call: Callable[[str], object], unit: str, head: str = "", at_once: float = AT_ONCE
) -> float | None:
    """How many times as long the long text takes, where that is too much."""
    long, short = run(unit, LONG, head), run(unit, SHORT, head)
    if _seconds(call, long) < at_once:
        return None
    ratio = 0.0
    for tries in (2, 4, 8):
        whole = min(_seconds(call, long) for _ in range(tries))
        part = min(_seconds(call, short) for _ in range(2 * tries))
        ratio = whole / max(part, 1e-6)
        if whole < at_once or ratio <= MARGIN * LONG / SHORT:
            return None
    return ratio


def _seconds(call: Callable[[str], object], text: str) -> float:
    begun = time.thread_time()
    call(text)
    return time.thread_time() - begun
