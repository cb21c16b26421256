"""Which offices a secret report may be about: their people must not read it.

Rather one too many than one too few: an office that is named without need loses
nothing but a secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from aggregator.rules.places.gazetteer import Place
from aggregator.rules.reports import authority
from aggregator.rules.reports.authority import Table

_WORD = re.compile(r"[^\W_]+")
_ENDS = re.compile(r"[.!?\n]")
_LONGEST_NAME = 9
_BEFORE = 3
_APPEALS = frozenset(
    {
        *("mohon", "tolong", "harap", "semoga", "agar", "supaya", "kepada", "ke"),
        *("yth", "lapor", "laporkan", "melapor", "please", "nyuhunkeun", "punten"),
    }
)
"""Words before the name of an office that is asked to look into something."""


def names(each: Iterable[tuple[str, str]]) -> dict[tuple[str, ...], str]:
    """Names of offices, (code, name) each, as `in_text` looks for them."""
    found: dict[tuple[str, ...], str] = {}
    for code, name in each:
        spoken = tuple(_words(name))[:_LONGEST_NAME]
        if spoken:
            found.setdefault(spoken, code)
    return found


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def in_text(
    text: str, known: Mapping[tuple[str, ...], str], asked: Collection[str] = ()
) -> set[str]:
    """Codes of the offices that a text names. `asked`: those that look into such
    reports; "mohon Inspektorat menindak" is an appeal to them and no complaint."""
    said = text.casefold()
    spans = [word.span() for word in _WORD.finditer(said)]
    words, found = [said[begin:end] for begin, end in spans], set()
    for at in range(len(words)):
        for length in range(1, min(_LONGEST_NAME, len(words) - at) + 1):
            code = known.get(tuple(words[at : at + length]))
            if code is None or (code in asked and _appealed(said, spans, at)):
                continue
            found.add(code)
    return found


def _appealed(said: str, spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether shortly before a word of the same sentence somebody is asked."""
    near = spans[max(0, at - _BEFORE) : at]
    return any(
        said[begin:end] in _APPEALS and not _ENDS.search(said, end, spans[at][0])
        for begin, end in near
    )


def by_duty(
    kinds: Sequence[str], places: Sequence[Place], table: Table, on: date
) -> set[str]:
    """Offices of the other things a report is about, and of the places it names: whose
    counter it was."""
    plain = [
        kind
        for kind in kinds
        if (duty := table.duty(kind, on)) is not None and duty.visibility != "rahasia"
    ]
    owners = authority.ours(authority.owners(plain, places, "pengaduan", table, on))
    named = {place.code or "" for place in places} & table.levels.keys()
    wards = {
        table.ward_codes.get(place.kelurahan or "", "")
        for place in places
        if place.type == "kelurahan" and place.city
    }
    return {*owners, *named, *wards} - {""}
