"""How many of the places that people marked in texts are found, and how much is found
too much.

A marked place counts as found when every word of its name is in a place the rules
found; words such as "jalan" or "depan" are not compared. Rows whose number is even are
for building, odd ones for judging.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aggregator.city import catalog, geography
from aggregator.rules.places import words
from aggregator.rules.places.finder import places_in
from aggregator.rules.places.gazetteer import NOTHING, Gazetteer, Place
from aggregator.rules.places.words import fold
from aggregator.store import settings

_MARKERS = (
    words.ROAD
    | words.ALLEY
    | words.WARD.keys()
    | words.JUNCTION.keys()
    | words.RELATION.keys()
    | words.AREA.keys()
    | words.ROUTE.keys()
    | words.FACILITY.keys()
    | words.PREPOSITION
    | {
        "raya",
        "dan",
        "lampu",
        "merah",
        "rt",
        "rw",
        "no",
        "arah",
        "sampai",
        "hingga",
        "sebelum",
    }
)


@dataclass
class PlaceScore:
    """`found`: all words of the marked place; `partly`: half of them; `extra`: words
    too much."""

    marked: int = 0
    found: int = 0
    partly: int = 0
    words_found: int = 0
    words_extra: int = 0
    unmarked: int = 0
    unmarked_with_place: int = 0
    seconds: float = 0.0
    texts: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        return 1000 * self.seconds / max(self.texts, 1)


def content(name: str) -> frozenset[str]:
    """The words of a place that tell it from another: without markers, zeros and
    spelling."""
    found = (fold(word) for word in re.findall(r"[^\W_]+", name))
    return frozenset(word.lstrip("0") for word in found if word not in _MARKERS)


def score(rows: Sequence[dict[str, Any]], gazetteer: Gazetteer = NOTHING) -> PlaceScore:
    """Compare with rows of `text`, `label` and `location`."""
    result = PlaceScore(texts=len(rows))
    started = time.perf_counter()
    answers = [places_in(row["text"], gazetteer) for row in rows]
    result.seconds = time.perf_counter() - started
    for row, places in zip(rows, answers, strict=True):
        names = content(_all(places))
        said = "".join(fold(word) for word in re.findall(r"[^\W_]+", _all(places)))
        wanted = content(row.get("location") or "")
        if not row.get("location"):
            result.unmarked += 1
            result.unmarked_with_place += bool(places)
        elif wanted:
            _count(result, row, wanted, names, said)
    return result


def _all(places: Sequence[Place]) -> str:
    return " ".join(place.name for place in places)


def _count(
    result: PlaceScore,
    row: dict[str, Any],
    wanted: frozenset[str],
    names: frozenset[str],
    said: str,
) -> None:
    # "Setra Wangi" is "Setrawangi": a word also counts inside the names written without
    # blanks.
    met = {word for word in wanted if word in names or (len(word) > 3 and word in said)}
    share = len(met) / len(wanted)
    result.marked += 1
    result.found += share == 1
    result.partly += share >= 0.5
    result.words_found += len(met)
    result.words_extra += len(names - wanted)
    if share < 1:
        result.missed.append((str(row["location"]), str(row["text"])))


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


@dataclass
class WardScore:
    """Of rows that say the ward or that there is none: how many are exactly so."""

    rows: int = 0
    right: int = 0
    border_rows: int = 0
    border_right: int = 0
    wrong: list[str] = field(default_factory=list)


def score_wards(rows: Sequence[dict[str, Any]], gazetteer: Gazetteer) -> WardScore:
    """Compare with rows of `text`, `kelurahan` (or null) and `city` (false: not the
    city's).

    The answer is the only ward named without ambiguity; two of them are no answer.
    """
    result = WardScore()
    for row in rows:
        places = places_in(row["text"], gazetteer)
        wards = {
            place.kelurahan
            for place in places
            if place.kelurahan and not place.ambiguous
        }
        answer = next(iter(wards)) if len(wards) == 1 else None
        result.rows += 1
        right = answer == row.get("kelurahan")
        if "city" in row:
            result.border_rows += 1
            ours = not any(place.city is False for place in places)
            result.border_right += ours == row["city"]
            right = right and ours == row["city"]
        result.right += right
        if not right:
            result.wrong.append(
                f"{row.get('id', '')}: {answer}, expected {row.get('kelurahan')}"
            )
    return result


def report(data: Path, *, verbose: bool = False) -> Iterator[str]:
    """Lines that say how well places of a file, or of a folder of recorded data, are
    found."""
    folder = settings.load().folder_of_config()
    gazetteer = geography.load(folder, catalog.load(folder))
    file = data / "stream_bandung_mentions.jsonl" if data.is_dir() else data
    rows = list(rows_of(file))
    if any("kelurahan" in row for row in rows):
        wards = score_wards(rows, gazetteer)
        border = f"{wards.border_right}/{wards.border_rows}"
        yield f"wards: {wards.right}/{wards.rows} exact; the city's or not: {border}"
        yield from wards.wrong if verbose else []
        return
    for name, part in (("for building", 0), ("for judging", 1)):
        # The texts are another city's: its names are not in the gazetteer, so phrases
        # alone count.
        found = score(_distinct(rows)[part::2])
        yield (
            f"{name}: {found.found}/{found.marked} places found whole, {found.partly}"
            f" half; {found.words_extra} words too much for {found.words_found} right;"
            f" a place in {found.unmarked_with_place}/{found.unmarked} texts without a"
            f" mark; {found.milliseconds:.3f} ms a text"
        )
        for place, text in found.missed if verbose else []:
            yield f"  {place!r} in {text!r}"


def _distinct(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without repeats of the same place at the end of the same words."""
    first = {(row.get("location"), row["text"][-60:]): row for row in reversed(rows)}
    return list(reversed(first.values()))
