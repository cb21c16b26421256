"""What two reports are compared by: words, kinds, places and the numbers that tell places apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from aggregator.rules import kinds, places
from aggregator.rules.canonical import Canonical, canonical, key
from aggregator.rules.glue import ANY_PLACE, GLUE


@dataclass(frozen=True)
class Traits:
    """One text, taken apart once. `kinds`: code to likelihood; `spots`: see `spot_words`."""

    canonical: Canonical
    kinds: dict[str, float]
    places: tuple[str, ...]
    spots: frozenset[str]
    numbers: frozenset[str]

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(key(word) for word in self.canonical.words)

    @property
    def top_kind(self) -> str | None:
        return next(iter(self.kinds), None)


def traits(text: str, gazetteer: places.Gazetteer = places.NOTHING) -> Traits:
    found = places.places_in(text, gazetteer)
    said = canonical(text)
    return Traits(
        canonical=said,
        kinds={guess.code: guess.score for guess in kinds.kinds_of(text)},
        places=tuple(place.name for place in found),
        spots=spot_words(place.name for place in found),
        numbers=frozenset(_labelled_numbers(said.words)),
    )


def spot_words(names: Iterable[str]) -> frozenset[str]:
    """What tells one place from another in its names: keys of their own words."""
    own: set[str] = set()
    for name in names:
        for word in canonical(name).words:
            if word not in ANY_PLACE and word not in GLUE and not word[0].isdigit():
                own.add(key(word))
    return frozenset(own)


_LABELS = {
    "rt": "rt", "rw": "rw", "nomor": "no", "no": "no", "blok": "blok", "gang": "gang",
    "angkot": "route", "angkutan": "route", "trayek": "route", "koridor": "route",
    "jurusan": "route", "bus": "route", "km": "km", "sdn": "school", "smpn": "school",
    "sman": "school", "smkn": "school", "sd": "school", "smp": "school", "sma": "school",
    "smk": "school", "tps": "tps", "pintu": "gate", "lantai": "floor",
}  # fmt: skip


def _labelled_numbers(words: tuple[str, ...]) -> Iterable[str]:
    """ "rt:3", "route:6": numbers with the word that says what they count."""
    for position, word in enumerate(words[:-1]):
        label = _LABELS.get(word)
        if label is None:
            continue
        value = words[position + 1]
        if value == "nomor" and position + 2 < len(words):
            value = words[position + 2]
        if value[0].isdigit():
            yield f"{label}:{value}"
            if label == "rt" and position + 2 < len(words) and words[position + 2].isdigit():
                yield f"rw:{words[position + 2]}"  # "RT 02/05" is RT 2, RW 5
