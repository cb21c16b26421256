"""A city's names, ready to be found in texts, and what a found one says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import cos, hypot, radians

from aggregator.rules.places._phrases import ORDINARY, Tokens
from aggregator.rules.places.words import fold

LONGEST_NAME = 6
_SHORTEST_GUESS = 6
_SHORTEST_BARE_GUESS = 8
_BORDER_KM = 1.6
_GUESSES = 20_000
"""So many words are known by the name they may mean: a city says the same ones
again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name the city knows. `names`: every way to say it, the first one is shown.

    `wards`: names of the wards it lies in or may lie in. `common`: also an everyday
    word, so it counts only after "jalan", "kelurahan" and the like. `government`: whose
    place it is when it is not the city's. `elsewhere`: another place nearby has the
    same name.
    """

    names: tuple[str, ...]
    type: str
    wards: tuple[str, ...] = ()
    district: str | None = None
    code: str | None = None
    common: bool = False
    government: str | None = None
    elsewhere: str | None = None
    road_class: str | None = None
    since: date | None = None
    until: date | None = None

    def valid(self, on: date) -> bool:
        return (self.since or date.min) <= on <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class Place:
    """A place said in a text; `span` counts characters of the text, end exclusive.

    `type`: kelurahan kecamatan puskesmas road landmark market school hospital station
    terminal estate area river outside route coordinates, or phrase for what no
    gazetteer knows. `city`: inside the city (True), somebody else's (False), not known
    (None). `wards`: every ward it may lie in; `kelurahan` only where there is one.
    """

    name: str
    type: str
    kelurahan: str | None
    kecamatan: str | None
    span: tuple[int, int]
    ambiguous: bool = False
    city: bool | None = None
    wards: tuple[str, ...] = ()
    code: str | None = None
    government: str | None = None
    road_class: str | None = None


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The names of one city. `districts`: ward to district; `points`: ward to lat,
    lon."""

    entries: tuple[Entry, ...] = ()
    districts: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    _keys: dict[str, tuple[Entry, ...]] = field(init=False, repr=False)
    _prefixes: frozenset[str] = field(init=False, repr=False)
    _shortened: dict[str, str] = field(init=False, repr=False)
    _ward_starts: frozenset[str] = field(init=False, repr=False)
    _guesses: dict[str, str | None] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        keys: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for name in entry.names:
                found = keys.setdefault(key_of(name), [])
                if entry not in found:
                    found.append(entry)
        object.__setattr__(
            self, "_keys", {key: tuple(found) for key, found in keys.items()}
        )
        prefixes = frozenset(
            key[:end] for key in keys for end in range(1, len(key) + 1)
        )
        object.__setattr__(self, "_prefixes", prefixes)
        object.__setattr__(self, "_shortened", _shortened(keys))
        starts = {
            key[:3]
            for key, named in keys.items()
            for e in named
            if e.type == "kelurahan"
        }
        object.__setattr__(self, "_ward_starts", frozenset(starts))

    def longest(
        self, tokens: Tokens, start: int
    ) -> tuple[tuple[Entry, ...], int] | None:
        """The entries of the longest name that begins at a token, and the token after
        it.

        Blanks, points and hyphens do not matter: "Tanahbaru", "R.E. Martadinata", "alun
        alun".
        """
        if start < len(tokens.folds) and tokens.folds[start] not in self._prefixes:
            return None
        key, found = "", None
        for position in range(start, min(start + LONGEST_NAME + 2, len(tokens.folds))):
            word = tokens.folds[position]
            if tokens.is_mark(position):
                if word in ".-" and key:
                    continue
                break
            key = fold(key + word)
            if key not in self._prefixes:
                break
            if key in self._keys:
                found = (self._keys[key], position + 1)
        return found

    def begins_nothing(self, word: str) -> bool:
        """Whether surely no name begins with a word, not even a ward's with a letter
        wrong."""
        return word not in self._prefixes and word[:3] not in self._ward_starts

    def named(self, name: str) -> tuple[Entry, ...]:
        """The entries of exactly this name, whatever its blanks and spelling."""
        return self._keys.get(key_of(name), ())

    def nearly(
        self, tokens: Tokens, start: int
    ) -> tuple[tuple[Entry, ...], int] | None:
        """Like `longest` for one or two words with one letter wrong, missing or too
        many."""
        for length in (2, 1):
            words = tokens.folds[start : start + length]
            if len(words) < length or any(not word.isalpha() for word in words):
                continue
            key = fold("".join(words))
            if len(key) < _SHORTEST_GUESS or (length == 1 and key in ORDINARY):
                continue
            meant = self._meant(key)
            if meant is not None:
                return self._keys[meant], start + length
        return None

    def _meant(self, key: str) -> str | None:
        """The key of a name that this one is with one letter wrong, missing or too
        many."""
        known = self._guesses
        if key not in known:
            if len(known) > _GUESSES:
                known.clear()
            shorter = (one for one in (key, *_deletions(key)) if one in self._shortened)
            found = next(shorter, None)
            known[key] = None if found is None else self._shortened[found]
        return known[key]

    def ward_nearly(
        self, tokens: Tokens, start: int
    ) -> tuple[tuple[Entry, ...], int] | None:
        """A ward that nothing announces, with one letter wrong: long names only, and
        not in their first letters, so that few words have to be compared."""
        word = tokens.folds[start]
        if word[:3] not in self._ward_starts or not word.isalpha():
            return None
        found = self.nearly(tokens, start)
        if (
            found is None
            or len("".join(tokens.folds[start : found[1]])) < _SHORTEST_BARE_GUESS
        ):
            return None
        wards = tuple(e for e in found[0] if e.type == "kelurahan" and not e.common)
        return (wards, found[1]) if wards else None

    def at(
        self, latitude: float, longitude: float, span: tuple[int, int] = (0, 0)
    ) -> Place:
        """The place of a point: the ward whose centre is nearest, ambiguous near a
        border."""
        name = f"{latitude:.5f}, {longitude:.5f}"
        near = sorted(
            (_kilometres(latitude, longitude, *point), ward)
            for ward, point in self.points.items()
        )
        if not near or near[0][0] > 2 * _BORDER_KM:
            return Place(
                name, "coordinates", None, None, span, city=False if near else None
            )
        closest = near[0][0]
        wards = tuple(ward for distance, ward in near if distance <= closest * 1.5)[:4]
        place = Place(name, "coordinates", None, None, span, city=True, wards=wards)
        return settle(place, self)


def key_of(name: str) -> str:
    """What is equal for two spellings of a name: no blanks, points or hyphens, one
    spelling."""
    return fold("".join(re.findall(r"[^\W_]+", re.sub("['’`]", "", name))))


def settle(place: Place, gazetteer: Gazetteer) -> Place:
    """Ward and district from the wards a place may lie in."""
    districts = {
        gazetteer.districts[ward] for ward in place.wards if ward in gazetteer.districts
    }
    whole = place.type == "kecamatan"
    kelurahan = place.wards[0] if len(place.wards) == 1 and not whole else None
    kecamatan = next(iter(districts)) if len(districts) == 1 else place.kecamatan
    unclear = len(place.wards) > (0 if whole else 1)
    unclear |= place.government is not None and place.city is None
    return replace(place, kelurahan=kelurahan, kecamatan=kecamatan, ambiguous=unclear)


def _kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    east = (lon - other_lon) * cos(radians(lat))
    return 111.3 * hypot(lat - other_lat, east)


def _deletions(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _shortened(keys: Iterable[str]) -> dict[str, str]:
    """Every key without one of its letters, unless two keys share that."""
    found: dict[str, str | None] = {}
    for key in keys:
        if len(key) < _SHORTEST_GUESS or not key.isalpha():
            continue
        for shorter in {key, *_deletions(key)}:
            found[shorter] = None if found.get(shorter, key) != key else key
    return {shorter: key for shorter, key in found.items() if key is not None}


NOTHING = Gazetteer()
