"""Where a text says something is: names of the gazetteer, and phrases that name a place
anywhere.

`places_in(text)` alone finds phrases ("jalan ...", "depan ...", "RT 3/RW 4"); with the
city's gazetteer it also finds what the city knows, and in which ward and district that
lies. What may be in several wards keeps them all in `wards` and is `ambiguous`; nothing
is guessed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from aggregator.rules.places import _phrases as phrases
from aggregator.rules.places import words
from aggregator.rules.places._phrases import Phrase, Tokens
from aggregator.rules.places._points import coordinates
from aggregator.rules.places.gazetteer import NOTHING, Entry, Gazetteer, Place, settle

__all__ = ["NOTHING", "Entry", "Gazetteer", "Place", "places_in"]


def places_in(text: str, gazetteer: Gazetteer = NOTHING) -> list[Place]:
    """Every place a text names, in the order of the text."""
    tokens = phrases.tokenise(text)
    found = [
        gazetteer.at(latitude, longitude, span)
        for latitude, longitude, span in coordinates(text)
    ]
    units = list(phrases.rt_rw(text))
    found += [Place(unit.name, "phrase", None, None, unit.span) for unit in units]
    taken = sorted(place.span for place in found)
    found += [
        place for place in _scan(tokens, gazetteer) if not _inside(place.span, taken)
    ]
    if units:
        taken = sorted(place.span for place in found)
        found += [
            Place(phrase.name, "phrase", None, None, phrase.span)
            for phrase in phrases.behind(tokens, units)
            if not _inside(phrase.span, taken)
        ]
    found.sort(key=lambda place: place.span)
    return _resolve(_once(found), gazetteer)


_WARD_ACCOUNT = re.compile(
    r"@(?:kelurahan|kel|lurah|kecamatan|kec|camat)[_.]?([a-z]{5,})", re.I
)


def addressed(text: str, gazetteer: Gazetteer) -> list[Place]:
    """The wards and districts whose accounts a text addresses: "@kel_cibadak lampu
    mati".

    Not among `places_in`, for copies of a text differ in whom they address.
    """
    found = []
    for match in _WARD_ACCOUNT.finditer(text):
        named = gazetteer.named(
            match[1].removesuffix("bogor").removesuffix("kota") or match[1]
        )
        local = [entry for entry in named if entry.type in ("kelurahan", "kecamatan")]
        if local:
            found.append(
                _place(replace(local[0], elsewhere=None), match.span(), gazetteer)
            )
    return _once(found)


def _scan(tokens: Tokens, gazetteer: Gazetteer) -> Iterator[Place]:
    position = 0
    while position < len(tokens.folds):
        if tokens.marks[position] or (
            gazetteer.begins_nothing(tokens.folds[position])
            and phrases.begins_nothing(tokens, position)
        ):
            position += 1
            continue
        place, after = _place_at(tokens, position, gazetteer)
        if place is not None:
            yield place
        position = max(after, position + 1)


def _place_at(
    tokens: Tokens, start: int, gazetteer: Gazetteer
) -> tuple[Place | None, int]:
    marker = phrases.marker_at(tokens, start)
    if marker is not None:
        known = _known_after(tokens, start, marker, gazetteer)
        if known is not None:
            return known
    else:
        bare = gazetteer.longest(tokens, start)
        if bare is not None:
            unit = phrases.unit_before(tokens, start)
            capitals = phrases.in_capitals(tokens, start, bare[1])
            entries = [
                entry
                for entry in bare[0]
                if not entry.common
                or (capitals and entry.type in ("estate", "landmark"))
                or (unit and entry.type == "kelurahan")
            ]
            if entries and _stands_alone(
                tokens, start, bare[1], _best(entries), gazetteer
            ):
                return _place(
                    _best(entries), tokens.span(start, bare[1]), gazetteer
                ), bare[1]
        elif (guess := gazetteer.ward_nearly(tokens, start)) is not None:
            return _place(
                _best(guess[0]), tokens.span(start, guess[1]), gazetteer
            ), guess[1]
    phrase = phrases.phrase_at(
        tokens, start, lambda at: gazetteer.longest(tokens, at) is not None
    )
    if phrase is None:
        return None, start + 1
    return _from_phrase(tokens, start, phrase, gazetteer), phrase.after


_INSIDE = ("kelurahan", "kecamatan", "outside", "area", "estate", "landmark", "market")


def _from_phrase(
    tokens: Tokens, start: int, phrase: Phrase, gazetteer: Gazetteer
) -> Place:
    """A phrase lies where a name inside it lies: "masjid Rancamaya", "Indomaret
    Cimanggu"."""
    place = Place(phrase.name, phrase.type, None, None, phrase.span)
    if phrase.type != "phrase":
        return place
    within: list[Entry] = []
    for position in range(start + 1, phrase.after):
        found = gazetteer.longest(tokens, position)
        if found is not None and found[1] <= phrase.after:
            within += [e for e in found[0] if e.type in _INSIDE and not e.common]
    if not within:
        return place
    outside = [entry for entry in within if entry.government]
    inner = _place(outside[0] if outside else _best(within), phrase.span, gazetteer)
    return replace(inner, name=phrase.name, type="phrase", code=None)


def _known_after(
    tokens: Tokens, start: int, marker: phrases.Marker, gazetteer: Gazetteer
) -> tuple[Place, int] | None:
    """What the gazetteer knows behind a word like "jalan", "kel." or "pasar" (or with
    it)."""
    whole = gazetteer.longest(tokens, start)
    if whole is not None:
        free = [entry for entry in whole[0] if not entry.common]
        if free and _stands_alone(tokens, start, whole[1], _best(free), gazetteer):
            return _place(_best(free), tokens.span(start, whole[1]), gazetteer), whole[
                1
            ]
    for first in phrases.name_starts(tokens, start, marker):
        found = gazetteer.longest(tokens, first)
        exact = found is not None
        if found is None and marker.group in phrases.GUESSED:
            found = gazetteer.nearly(tokens, first)
        if found is None:
            continue
        entry = _fitting(found[0], marker)
        if entry is None:
            continue
        if (
            entry.common
            and entry.government
            and tokens.folds[start] in words.DIRECTIONS
        ):
            continue
        loose = marker.group in ("relation", "area") and entry.type in _MAY_BE_ANYWHERE
        if loose and not _stands_alone(tokens, first, found[1], entry, gazetteer):
            continue
        unsure = (
            entry.common and marker.group not in ("kelurahan", "kecamatan")
        ) or not exact
        if unsure and _goes_on(tokens, first, found[1], gazetteer):
            continue
        return _place(entry, tokens.span(start, found[1]), gazetteer, marker), found[1]
    return None


def _goes_on(tokens: Tokens, start: int, after: int, gazetteer: Gazetteer) -> bool:
    """Whether a name is longer than what is known of it. "Jalan Veteran Panaragan" is
    not: the second name is a ward of its own, which says where along the road."""
    if not phrases.goes_on(tokens, start, after):
        return False
    following = gazetteer.longest(tokens, after)
    return following is None or all(
        e.common or e.type not in _WARDLIKE for e in following[0]
    )


_WARDLIKE = ("kelurahan", "kecamatan")
_BUILDINGS = ("landmark", "station", "terminal", "market", "hospital", "school")
_AREAS = ("kelurahan", "area", "kecamatan", "outside", "estate")
_FITS = {
    "road": ("road", "outside", "kelurahan"),
    "alley": ("alley",),
    "kelurahan": ("kelurahan",),
    "kecamatan": ("kecamatan", "outside"),
    "desa": ("outside",),
    "kampung": ("area", "kelurahan", "outside"),
    "estate": ("estate", "area"),
    "area": (*_AREAS, *_BUILDINGS),
    "relation": _BUILDINGS,
}


def _fitting(entries: Sequence[Entry], marker: phrases.Marker) -> Entry | None:
    """The entry a marker asks for: "kel. Tajur" is the ward, "jl. Tajur" the road."""
    if marker.group in ("area", "relation"):
        fitting = [entry for entry in entries if entry.type in _FITS[marker.group]]
        return _best(fitting) if fitting else None
    for wanted in _FITS.get(marker.group, ()):
        for entry in entries:
            if entry.type == wanted:
                return entry
    return None


_RANK = ("kecamatan", "kelurahan", "outside")


def _best(entries: Sequence[Entry]) -> Entry:
    """The entry a bare name means; what else has that name makes it ambiguous
    (`elsewhere`)."""
    ranked = sorted(
        entries,
        key=lambda entry: (
            _RANK.index(entry.type) if entry.type in _RANK else len(_RANK)
        ),
    )
    first = ranked[0]
    others = [
        entry for entry in ranked[1:] if entry.wards != first.wards or entry.government
    ]
    if not others:
        return first
    if first.type == "kecamatan":
        return replace(first, wards=tuple(w for entry in others for w in entry.wards))
    wards = dict.fromkeys(ward for entry in (first, *others) for ward in entry.wards)
    outside = next(
        (entry.government for entry in others if entry.government), first.elsewhere
    )
    if first.type == "kelurahan":
        return replace(first, elsewhere=outside or first.elsewhere)
    return replace(first, wards=tuple(wards), elsewhere=outside)


_MAY_BE_ANYWHERE = ("road", *_BUILDINGS)


def _stands_alone(
    tokens: Tokens, start: int, after: int, entry: Entry, gazetteer: Gazetteer
) -> bool:
    """Not a piece of a longer name: "Sudirman Said" is no street, "Balai Kota Jakarta"
    not ours."""
    if after - start == 1 and phrases.person_before(tokens, start):
        return False
    if entry.type not in _MAY_BE_ANYWHERE or not phrases.another_follows(tokens, after):
        return True
    following = gazetteer.longest(tokens, after)
    return following is not None and not any(entry.government for entry in following[0])


def _place(
    entry: Entry,
    span: tuple[int, int],
    gazetteer: Gazetteer,
    marker: phrases.Marker | None = None,
) -> Place:
    name, kind = entry.names[0], entry.type
    if marker is not None and marker.group == "road" and entry.type != "road":
        name, kind = f"Jalan {name}", "road"
    place = Place(
        name,
        kind,
        None,
        entry.district,
        span,
        city=entry.government is None,
        wards=entry.wards,
        code=entry.code if kind == entry.type else None,
        government=entry.government,
        road_class=entry.road_class,
    )
    if entry.elsewhere and (
        marker is None or marker.group not in ("kelurahan", "kecamatan")
    ):
        place = replace(place, city=None, ambiguous=True, government=entry.elsewhere)
    return settle(place, gazetteer)


def _resolve(found: list[Place], gazetteer: Gazetteer) -> list[Place]:
    """Places of one text explain each other: a ward or district named settles the
    rest."""
    if len(found) < 2:
        return found
    sure = [place for place in found if not place.ambiguous]
    named = [place for place in sure if place.type in ("kelurahan", "kecamatan")]
    wards = {place.kelurahan for place in named if place.kelurahan}
    districts = {place.kecamatan for place in named if place.kecamatan}
    outside = {
        place.government for place in sure if place.city is False and place.government
    }
    return [_narrow(place, wards, districts, outside, gazetteer) for place in found]


def _narrow(
    place: Place,
    wards: set[str],
    districts: set[str],
    outside: set[str],
    gazetteer: Gazetteer,
) -> Place:
    if place.city is False or place.type == "route":
        return place
    left = tuple(ward for ward in place.wards if ward in wards) or tuple(
        ward for ward in place.wards if gazetteer.districts.get(ward) in districts
    )
    if left and place.ambiguous and place.type != "kecamatan":
        return settle(replace(place, wards=left, city=True, government=None), gazetteer)
    if place.city is None and place.government in outside:
        return replace(
            place, city=False, kelurahan=None, kecamatan=None, wards=(), ambiguous=False
        )
    if place.type != "phrase" or place.wards:
        return place
    if len(wards) == 1:
        return settle(replace(place, wards=tuple(wards), city=True), gazetteer)
    if outside and not districts:
        return replace(place, city=False, government=min(outside))
    if len(districts) == 1:
        return replace(place, kecamatan=min(districts), city=True)
    return place


def _once(found: Iterable[Place]) -> list[Place]:
    first: dict[tuple[str, str], Place] = {}
    for place in found:
        first.setdefault((place.name.casefold(), place.type), place)
    return list(first.values())


def _inside(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    """`taken` is in order and nothing in it overlaps."""
    before = bisect_left(taken, (span[1], 0))
    return before > 0 and span[0] < taken[before - 1][1]
