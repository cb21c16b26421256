"""What two reports are compared by: words, kinds, places and the numbers that tell
places apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, pairwise
from typing import Any

from aggregator.rules.places import finder
from aggregator.rules.reports import kinds
from aggregator.rules.text.canonical import Canonical, canonical, key
from aggregator.rules.text.extent import first_part
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.worked_out_once import once

_KINDS = 2
_SPOTS = 6
_PART = 3
"""Names that are written apart and together have parts of so many letters at least."""


@dataclass(frozen=True)
class Traits:
    """One text, taken apart once. `kinds`: code to likelihood; `spots`: see
    `spot_words`."""

    canonical: Canonical
    kinds: dict[str, float]
    places: tuple[str, ...]
    spots: frozenset[str]
    numbers: frozenset[str]

    @property
    def lexicon(self) -> Lexicon:
        """What the text was read by."""
        return self.canonical.lexicon

    @once
    def keys(self) -> frozenset[str]:
        return frozenset(self.canonical.keys)

    @once
    def telling_keys(self) -> frozenset[str]:
        return frozenset(self.search_words)

    @once
    def search_words(self) -> tuple[str, ...]:
        """The keys of the telling words, in order."""
        return tuple(compress(self.canonical.keys, self.canonical.tells))

    @once
    def labels(self) -> frozenset[str]:
        """What its numbers are numbers of: "rt", "no", "route"."""
        return frozenset([number.partition(":")[0] for number in self.numbers])

    @once
    def heads(self) -> frozenset[str]:
        """What each place is known by: the word its name begins with, or that and the
        next."""
        lexicon = self.lexicon
        return frozenset().union(*(_heads(name, lexicon) for name in self.places))

    @once
    def pairs(self) -> dict[str, tuple[str, str]]:
        """Each two words in a row as if written as one ("Babakan Sari", Babakansari):
        the key of the one to the keys of the two."""
        lexicon = self.lexicon
        said = zip(self.canonical.words, self.canonical.keys, strict=True)
        return {
            key(a + b, lexicon): (key_a, key_b)
            for (a, key_a), (b, key_b) in pairwise(said)
            if len(a) >= _PART and len(b) >= _PART and a.isalpha() and b.isalpha()
        }

    @property
    def located(self) -> bool:
        return bool(self.heads) or any(
            one.startswith(("rt:", "rw:")) for one in self.numbers
        )

    @property
    def top_kind(self) -> str | None:
        return next(iter(self.kinds), None)

    def to_json(self) -> dict[str, Any]:
        """As it is stored; `from_json` makes it whole again."""
        said = self.canonical
        marks = "".join(
            mark
            for mark, on in (("c", said.cut), ("q", said.quoted), ("a", said.asks))
            if on
        )
        return {
            "words": said.text,
            "marks": marks,
            "kinds": self.kinds,
            "places": list(self.places),
            "spots": sorted(self.spots),
            "numbers": sorted(self.numbers),
        }


def from_json(stored: Mapping[str, Any], lexicon: Lexicon) -> Traits:
    marks = stored["marks"]
    return Traits(
        canonical=Canonical(
            tuple(stored["words"].split()),
            cut="c" in marks,
            quoted="q" in marks,
            asks="a" in marks,
            lexicon=lexicon,
        ),
        kinds=stored["kinds"],
        places=tuple(stored["places"]),
        spots=frozenset(stored["spots"]),
        numbers=frozenset(stored["numbers"]),
    )


def search_keys(said: Traits) -> tuple[list[str], list[str]]:
    """Where to look for twins: the telling words, and every likely kind at every place
    said."""
    lexicon = said.lexicon
    words = list(dict.fromkeys(said.search_words))
    in_one = (_as_one(name, lexicon) for name in said.places)
    spots = sorted(said.spots.union(*in_one))[:_SPOTS]
    matters = [f"{code}@{spot}" for code in list(said.kinds)[:_KINDS] for spot in spots]
    return words, matters


def traits(
    text: str, lexicon: Lexicon, gazetteer: finder.Gazetteer = finder.NOTHING
) -> Traits:
    text = first_part(text)
    found = finder.places_in(text, gazetteer)
    said = canonical(text, lexicon)
    return Traits(
        canonical=said,
        kinds={guess.code: guess.score for guess in kinds.kinds_of(text, lexicon)},
        places=tuple(place.name for place in found),
        spots=spot_words((place.name for place in found), lexicon),
        numbers=frozenset(_labelled_numbers(said.words)),
    )


def spot_words(names: Iterable[str], lexicon: Lexicon) -> frozenset[str]:
    """What tells one place from another in its names: keys of their own words."""
    return frozenset().union(*(_own(name, lexicon) for name in names))


@lru_cache(maxsize=16384)
def _heads(name: str, lexicon: Lexicon) -> tuple[str, ...]:
    return (*_own(name, lexicon)[:1], *_as_one(name, lexicon)[:1])


@lru_cache(maxsize=16384)
def _own(name: str, lexicon: Lexicon) -> tuple[str, ...]:
    return tuple([key(word, lexicon) for word in _own_words(name, lexicon)])


@lru_cache(maxsize=16384)
def _as_one(name: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Two words of a name in a row, written as one."""
    own = pairwise(_own_words(name, lexicon))
    return tuple(
        [key(a + b, lexicon) for a, b in own if len(a) >= _PART and len(b) >= _PART]
    )


def _own_words(name: str, lexicon: Lexicon) -> list[str]:
    any_place, glue = lexicon.any_place, lexicon.glue
    return [
        word
        for word in canonical(name, lexicon).words
        if word not in any_place and word not in glue and not word[0].isdigit()
    ]


_LABELS = {
    "rt": "rt",
    "rw": "rw",
    "nomor": "no",
    "no": "no",
    "blok": "blok",
    "gang": "gang",
    "angkot": "route",
    "angkutan": "route",
    "trayek": "route",
    "koridor": "route",
    "jurusan": "route",
    "bus": "route",
    "km": "km",
    "sdn": "school",
    "smpn": "school",
    "sman": "school",
    "smkn": "school",
    "sd": "school",
    "smp": "school",
    "sma": "school",
    "smk": "school",
    "tps": "tps",
    "pintu": "gate",
    "lantai": "floor",
}
_LETTERED = frozenset({"blok", "gate"})
"""What is counted with letters too: "blok C"."""


def _labelled_numbers(words: tuple[str, ...]) -> Iterable[str]:
    """ "rt:3", "route:6": numbers with the word that says what they count."""
    for position, word in enumerate(words[:-1]):
        label = _LABELS.get(word)
        if label is None:
            continue
        value = words[position + 1]
        if value == "nomor" and position + 2 < len(words):
            value = words[position + 2]
        if value[0].isdigit() or (label in _LETTERED and len(value) == 1):
            yield f"{label}:{value}"
            if (
                label == "rt"
                and position + 2 < len(words)
                and words[position + 2].isdigit()
            ):
                yield f"rw:{words[position + 2]}"  # "RT 02/05" is RT 2, RW 5
