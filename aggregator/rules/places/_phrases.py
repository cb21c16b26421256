"""Phrases that name a place in any city: "jl. X", "gang Y", "depan Z", "RT 3/RW 4"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from aggregator.rules.places import words
from aggregator.rules.places.words import fold

ORDINARY = words.STOP
# Markers after which one wrong letter in a known name is forgiven.
GUESSED = frozenset({"road", "kelurahan", "kecamatan"})

_TOKEN = re.compile(
    r"https?://\S+|[@#]\w+|\b[Aa][Ll][Uu][Nn](?:2|\W?[Aa][Ll][Uu][Nn])\b|[^\W_]+(?:['’`][^\W_]+)*|[.,;:!?()\[\]\n/\-–…\"“”|&+=*~]"
)
_RT_RW = re.compile(
    r"\brt\.?\s*+(?::\s*+)?0*(\d{1,3})(?!\d)"
    r"(?:\s*+(?:(?:[/,.&\-]|dan)\s*+)?rw\.?\s*+(?::\s*+)?0*(\d{1,3})(?!\d)|\s*/\s*0*(\d{1,3})(?!\d))?"
    r"|\brw\.?\s*+(?::\s*+)?0*(\d{1,3})(?!\d)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"(?:me(?:m|n|ng|ny|r|l)|nge|ber|ter|di)[a-z]{4,}|[a-z]{3,}(?:nya|kan|lah|kah|keun)"
)
_TOPONYM = re.compile(
    r"ci[a-z]{4,}|(?:leuwi|ranca|kiara|sindang|tegal|bojong|kebon)[a-z]{2,}"
)
_CHAT = re.compile(
    r"[^aeiou]{3,}|[^aeiou]{3,}[aeiou][^aeiou]*|[^aeiou]*[aeiou][^aeiou]{3,}"
)
_ROMAN = re.compile(r"i{1,3}|i?v|vi{1,3}|i?x")
_ENDS = (
    words.STOP
    | words.ROAD
    | words.ALLEY
    | words.WARD.keys()
    | words.JUNCTION.keys()
    | words.RELATION.keys()
    | words.AREA.keys()
    | words.ROUTE.keys()
    | words.PREPOSITION
)
# "Depan btc", "jl abc": letters alone are a name there.
_BEFORE_SHORT_NAMES = words.ROAD | (words.RELATION.keys() - words.WEAK_RELATION)
_LEADS = words.PREPOSITION | words.AREA.keys() | words.RELATION.keys()
_UNIT = words.UNIT


class Tokens:
    """The words and marks of a text with their spans; links, handles and tags are
    marks."""

    __slots__ = ("ends", "folds", "marks", "mixed", "starts", "texts")

    def __init__(self, text: str) -> None:
        found = list(_TOKEN.finditer(text))
        self.texts = [match.group() for match in found]
        self.starts = [match.start() for match in found]
        self.ends = [match.end() for match in found]
        shapes = [_shape(word) for word in self.texts]
        self.folds = [shape.fold for shape in shapes]
        self.marks = [shape.is_mark for shape in shapes]
        # Where hardly a word begins with a small letter, a capital says nothing.
        self.mixed = sum([shape.letter for shape in shapes]) > 0

    def is_mark(self, at: int) -> bool:
        return self.marks[at]

    def span(self, start: int, after: int) -> tuple[int, int]:
        return self.starts[start], self.ends[after - 1]

    def capital(self, at: int) -> bool:
        return self.mixed and self.texts[at][0].isupper()

    def touches(self, at: int) -> bool:
        """No blank before a token."""
        return at > 0 and self.starts[at] == self.ends[at - 1]


class _Shape(NamedTuple):
    """What a token says by itself. `letter`: 1 where it begins small, -1 with a
    capital, else 0."""

    fold: str
    is_mark: bool
    letter: int


@lru_cache(maxsize=16384)
def _shape(word: str) -> _Shape:
    is_mark = not word[0].isalnum() or "://" in word
    return _Shape(_folded(word), is_mark, word[0].islower() - word[0].isupper())


def _folded(word: str) -> str:
    if not word[0].isalnum() or "/" in word:
        return word
    # "Alun2", "alun alun" and "alun-alun" are one word, matched as such by _TOKEN.
    return "alunalun" if word[:4].casefold() == "alun" else fold(word)


class Marker(NamedTuple):
    """A word that says a name follows; `said`: how it is written in a name."""

    group: str
    said: str


@dataclass(frozen=True, slots=True)
class Phrase:
    name: str
    span: tuple[int, int]
    after: int
    type: str = "phrase"


@lru_cache(maxsize=16)
def tokenise(text: str) -> Tokens:
    """A message is read with the city's names and without them: the last few texts are
    kept."""
    return Tokens(text)


def rt_rw(text: str) -> Iterator[Phrase]:
    """Neighbourhood units, as "RT 3/RW 4", whatever way they are written."""
    for match in _RT_RW.finditer(text):
        rt, rw = match.group(1), match.group(2) or match.group(3) or match.group(4)
        parts = [f"RT {rt}"] if rt else []
        parts += [f"RW {rw}"] if rw else []
        yield Phrase("/".join(parts), match.span(), 0)


def behind(tokens: Tokens, units: Iterable[Phrase]) -> Iterator[Phrase]:
    """What looks like a name right behind "RW 5": the quarter no gazetteer knows."""
    for unit in units:
        at = bisect_left(tokens.starts, unit.span[1])
        if at < len(tokens.starts) and tokens.starts[at] <= unit.span[1] + 1:
            after, name = (
                _name(tokens, at, 2) if _looks_like_name(tokens, at) else (at, "")
            )
            if name:
                yield Phrase(name, tokens.span(at, after), after)


def _markers() -> dict[str, Marker]:
    """Every marker by its word; where a word is in several lists, the first one here
    counts."""
    found: dict[str, Marker] = {}
    lists: list[tuple[dict[str, str], Callable[[str], str]]] = [
        (dict.fromkeys(words.ROAD, "Jalan"), lambda said: "road"),
        (dict.fromkeys(words.ALLEY, "Gang"), lambda said: "alley"),
        (words.WARD, lambda said: said if said in _UNITS else "kampung"),
        (words.FACILITY, lambda said: "estate" if said in _ESTATES else "facility"),
        (words.JUNCTION, lambda said: "junction"),
        (words.RELATION, lambda said: "relation"),
        (words.AREA, lambda said: "area"),
        (words.ROUTE, lambda said: "route"),
        (dict.fromkeys(words.PREPOSITION, ""), lambda said: "area"),
    ]
    for heads, group in lists:
        for word, said in heads.items():
            found.setdefault(word, Marker(group(said), said))
    return found


_UNITS = ("kelurahan", "kecamatan", "desa")
_ESTATES = ("perumahan", "kompleks", "perumnas", "cluster", "apartemen")
_MARKERS = _markers()


_ENGLISH = 3
"""So many tokens at most an English street takes, the last one "street"."""


def begins_nothing(tokens: Tokens, at: int) -> bool:
    """Whether surely no phrase begins at a token: what `phrase_at` need not be
    asked."""
    return not _may_begin(tokens.folds[at]) and words.STREET_AFTER.isdisjoint(
        tokens.folds[at + 1 : at + _ENGLISH]
    )


@lru_cache(maxsize=16384)
def _may_begin(word: str) -> bool:
    return word in _MARKERS or word in _STREET_STARTS or _is_toponym(word)


def marker_at(tokens: Tokens, at: int) -> Marker | None:
    """The marker a token is, if it is one."""
    return _MARKERS.get(tokens.folds[at])


def name_starts(tokens: Tokens, at: int, marker: Marker) -> list[int]:
    """Tokens at which a name may begin behind a marker: "Jl. Raya Tajur" at Raya and at
    Tajur."""
    first = _skip_point(tokens, at + 1)
    starts = [first]
    if (
        marker.group == "road"
        and first < len(tokens.folds)
        and tokens.folds[first] == "raya"
    ):
        starts.append(first + 1)
    return [start for start in starts if start < len(tokens.folds)]


def goes_on(tokens: Tokens, start: int, after: int) -> bool:
    """Whether a name goes on behind `after`, so that it is a longer, other name."""
    last, _ = _name(tokens, start, 3)
    if last <= after:
        return False
    return tokens.folds[after] not in ("bogor", "kota") and not tokens.is_mark(after)


_PERSONS = words.PERSONS


def person_before(tokens: Tokens, at: int) -> bool:
    return at > 0 and tokens.folds[at - 1] in _PERSONS


def in_capitals(tokens: Tokens, start: int, after: int) -> bool:
    """Whether a name is one short word in capitals where the text has small letters:
    "BNR"."""
    text = tokens.texts[start]
    return after - start == 1 and tokens.mixed and text.isupper() and len(text) <= 5


def another_follows(tokens: Tokens, after: int) -> bool:
    """Whether a name that is elsewhere follows: "Balai Kota Jakarta", "Masjid Agung
    Tasik"."""
    if after < len(tokens.folds) and tokens.folds[after] in (
        "kota",
        "kab",
        "kabupaten",
    ):
        after += 1
    if after >= len(tokens.folds) or tokens.folds[after] == "bogor":
        return False
    if tokens.folds[after] in words.OTHER_CITIES:
        return True
    marked = marker_at(tokens, after) is not None
    return tokens.capital(after) and not marked and _begins(tokens, after)


def unit_before(tokens: Tokens, at: int) -> bool:
    """Whether "RW 3" or the like stands before a token, so that it names a ward."""
    before = [word for word in tokens.folds[max(at - 4, 0) : at] if word not in "./"]
    return bool(re.search(r"r[tw] ?0*\d{1,3}$", " ".join(before)))


def phrase_at(tokens: Tokens, at: int, known: Callable[[int], bool]) -> Phrase | None:
    """The phrase that begins at a token. `known`: whether the gazetteer has a name
    there."""
    marker = marker_at(tokens, at)
    if marker is None:
        return _english_street(tokens, at) or _toponym(tokens, at)
    first = _skip_point(tokens, at + 1)
    if first >= len(tokens.folds):
        return None
    match marker.group:
        case "road":
            return _numbered(tokens, at, _with_name(tokens, at, first, marker.said, 3))
        case "alley":
            return _with_name(tokens, at, first, marker.said, 2, number=True)
        case "estate":
            return _numbered(tokens, at, _with_name(tokens, at, first, marker.said, 3))
        case "kelurahan" | "kecamatan" | "desa" | "kampung":
            return _with_name(tokens, at, first, marker.said, 3)
        case "facility":
            return _facility(tokens, at, first, marker.said, alone=False)
        case "junction":
            return _junction(tokens, at, first, marker.said, known)
        case "relation":
            return _relation(tokens, at, first, marker.said, known)
        case "area":
            return None if known(first) else _area(tokens, at, first, marker.said)
        case "route":
            return _route(tokens, at, first, marker.said)
    return None


def _with_name(
    tokens: Tokens, at: int, first: int, said: str, most: int, *, number: bool = False
) -> Phrase | None:
    after, name = _name(tokens, first, most, number=number)
    return Phrase(f"{said} {name}", tokens.span(at, after), after) if name else None


def _numbered(tokens: Tokens, at: int, phrase: Phrase | None) -> Phrase | None:
    """A street or estate with its block and house behind it: "Blok C-2", "No. 12A"."""
    if phrase is None:
        return None
    name, after = phrase.name, phrase.after
    if name.endswith(" Blok"):
        name, after = name.removesuffix(" Blok"), after - 1
    for words_for, said, form in _NUMBERS:
        found = _behind(tokens, after, words_for, form)
        if found is not None:
            number, after = found
            name = f"{name} {said} {number}"
    return Phrase(name, tokens.span(at, after), after)


_NUMBERS = (
    (
        frozenset(("blok", "blk", "block")),
        "Blok",
        re.compile(r"[a-z]{1,2}\d{0,3}|\d{1,3}", re.I),
    ),
    (
        frozenset(("no", "nomor", "nmr", "nomer")),
        "No.",
        re.compile(r"\d{1,3}[a-z]?", re.I),
    ),
)


def _behind(
    tokens: Tokens, at: int, words_for: frozenset[str], form: re.Pattern[str]
) -> tuple[str, int] | None:
    """The number behind one of some words, and the token after it."""
    while at < len(tokens.folds) and tokens.texts[at] in ".,":
        at += 1
    if at >= len(tokens.folds) or tokens.folds[at] not in words_for:
        return None
    first = _skip_point(tokens, at + 1)
    if first >= len(tokens.folds) or not form.fullmatch(tokens.texts[first]):
        return None
    number = tokens.texts[first].upper()
    if number.isalpha() and tokens.texts[first + 1 : first + 2] in (
        ["-"],
        ["/"],
        ["."],
    ):
        second = first + 2
        if second < len(tokens.folds) and tokens.folds[second].isdigit():
            return f"{number}{tokens.texts[second]}", second + 1
    if (
        number.isalpha()
        and first + 1 < len(tokens.folds)
        and tokens.folds[first + 1].isdigit()
    ):
        return f"{number}{tokens.texts[first + 1]}", first + 2
    return number, first + 1


def _facility(
    tokens: Tokens, at: int, first: int, said: str, *, alone: bool
) -> Phrase | None:
    common = tokens.folds[at] in words.COMMON_FACILITY
    if tokens.folds[at : first + 1] == ["fly", "over"]:
        first += 1
    number = said.isupper() or said == "blok"
    after, name = _name(tokens, first, 3, number=number)
    led = alone or (at > 0 and tokens.folds[at - 1] in _LEADS)
    if name and (led or not common or _looks_like_name(tokens, first)):
        return Phrase(f"{said} {name}", tokens.span(at, after), after)
    return (
        Phrase(said, tokens.span(at, at + 1), at + 1) if alone and not common else None
    )


def _junction(
    tokens: Tokens, at: int, first: int, said: str, known: Callable[[int], bool]
) -> Phrase | None:
    if said == "lampu merah" and tokens.folds[at] != "tl":
        if tokens.folds[first] not in ("merah", "light", "stopan"):
            return None
        first += 1
    elif tokens.folds[first : first + 2] == ["lampu", "merah"]:
        first += 2
    while first < len(tokens.folds) and (
        tokens.folds[first] in words.ROAD or tokens.folds[first] == "."
    ):
        first += 1
    if first >= len(tokens.folds) or known(first):
        return None
    after, name = _name(tokens, first, 4)
    return Phrase(f"{said} {name}", tokens.span(at, after), after) if name else None


def _relation(
    tokens: Tokens, at: int, first: int, said: str, known: Callable[[int], bool]
) -> Phrase | None:
    if known(first):
        return None
    marker = marker_at(tokens, first)
    if marker is not None and marker.group == "facility":
        behind = _skip_point(tokens, first + 1)
        if known(behind):
            return None
        inner = _facility(tokens, first, behind, marker.said, alone=True)
        if inner is None:
            return None
        return Phrase(f"{said} {inner.name}", tokens.span(at, inner.after), inner.after)
    if marker is not None:
        return None
    if tokens.folds[at] in words.WEAK_RELATION and not _looks_like_name(tokens, first):
        return None
    return _with_name(tokens, at, first, said, 3)


def _area(tokens: Tokens, at: int, first: int, said: str) -> Phrase | None:
    if marker_at(tokens, first) is not None:
        return None
    if said:
        return _with_name(tokens, at, first, said, 3)
    sure = tokens.folds[at] in words.TOWARDS or _looks_like_name(tokens, first)
    if not sure or tokens.folds[first] in words.NOT_PLACES:
        return None
    after, name = _name(tokens, first, 3)
    return Phrase(name, tokens.span(first, after), after) if name else None


def _route(tokens: Tokens, at: int, first: int, said: str) -> Phrase | None:
    if tokens.folds[first] in ("no", "nomor", "nmr", "jurusan", "trayek", "dari"):
        first = _skip_point(tokens, first + 1)
    if first >= len(tokens.folds) or tokens.is_mark(first):
        return None
    number = re.fullmatch(r"0*(\d{1,2}[a-z]?)", tokens.folds[first])
    if number and not (
        first + 1 < len(tokens.folds) and tokens.folds[first + 1] in _UNIT
    ):
        name = f"{said} {number.group(1).upper()}"
        return Phrase(name, tokens.span(at, first + 1), first + 1, "route")
    after, name = _name(tokens, first, 2)
    if "-" in name or (name and said != "jurusan" and _looks_like_name(tokens, first)):
        return Phrase(f"{said} {name}", tokens.span(at, after), after, "route")
    return None


def _toponym(tokens: Tokens, at: int) -> Phrase | None:
    """Names that need no marker: Sundanese water names, and streets every city has."""
    known = _everywhere(tokens, at)
    if known and person_before(tokens, at):
        known = 0
    if not known and not _is_toponym(tokens.folds[at]):
        return None
    after, name = _name(tokens, at, 2, sure=max(known, 1))
    return Phrase(name, tokens.span(at, after), after) if name else None


def _english_street(tokens: Tokens, at: int) -> Phrase | None:
    for length in (1, 2):
        after = at + length
        if after >= len(tokens.folds) or tokens.folds[after] not in words.STREET_AFTER:
            continue
        if all(_begins(tokens, place) for place in range(at, after)):
            name = " ".join(tokens.texts[place].title() for place in range(at, after))
            return Phrase(f"Jalan {name}", tokens.span(at, after + 1), after + 1)
    return None


def _is_toponym(word: str) -> bool:
    return bool(_TOPONYM.fullmatch(word)) and not (
        word in words.NOT_TOPONYMS
        or word in words.STOP
        or word.endswith(("nya", "kan"))
    )


_STREET_STARTS = frozenset(
    name[:end] for name in words.STREETS_EVERYWHERE for end in range(1, len(name) + 1)
)


def _everywhere(tokens: Tokens, at: int) -> int:
    """How many tokens form the name of a street that every city has; 0 for none."""
    if tokens.folds[at] not in _STREET_STARTS:
        return 0
    for length in (2, 1):
        if fold("".join(tokens.folds[at : at + length])) in words.STREETS_EVERYWHERE:
            return length
    return 0


def _looks_like_name(tokens: Tokens, at: int) -> bool:
    """A capital in the middle of small letters, or a form only names have."""
    if at >= len(tokens.folds) or tokens.is_mark(at):
        return False
    return (
        (tokens.capital(at) and _begins(tokens, at))
        or _is_toponym(tokens.folds[at])
        or bool(_everywhere(tokens, at))
    )


def _begins(tokens: Tokens, at: int) -> bool:
    """Whether a token can be a word of a name."""
    word, text = tokens.folds[at], tokens.texts[at]
    if _two_words(tokens, at):
        return True
    if word in words.STREET_BEGINS and _short_for_street(tokens, at - 1):
        return True
    if (
        tokens.is_mark(at)
        or word in _ENDS
        or not word[0].isalpha()
        or _doubled(tokens, at)
    ):
        return False
    if word in words.LONG_FORMS:
        return True
    if word in words.TITLES:
        return False
    if (len(text) < 3 or _CHAT.fullmatch(word)) and not text.isupper():
        return len(text) == 3 and at > 0 and tokens.folds[at - 1] in _BEFORE_SHORT_NAMES
    named = word in words.NOT_VERBS or text.casefold().endswith("llah")
    return named or not _VERB.fullmatch(word)


def _two_words(tokens: Tokens, at: int) -> bool:
    """ "Rumah" of a hospital or an eating house, where "rumah" alone is somebody's
    home."""
    behind = tokens.folds[at + 1] if at + 1 < len(tokens.folds) else ""
    return tokens.folds[at] == "rumah" and behind in (
        "sakit",
        "makan",
        "susun",
        "potong",
    )


def _short_for_street(tokens: Tokens, at: int) -> bool:
    """ "Jl" or "jln" (not "jalan", which is also a verb and a noun), with a point or
    without."""
    if at > 0 and tokens.texts[at] == ".":
        at -= 1
    return at >= 0 and tokens.folds[at] in ("jl", "jln")


def _doubled(tokens: Tokens, at: int) -> bool:
    """ "Ugal-ugalan", "hati-hati": a word said twice is no name."""
    if at + 2 >= len(tokens.folds) or tokens.texts[at + 1] != "-":
        return False
    return tokens.folds[at + 2].startswith(tokens.folds[at][:4])


def _skip_point(tokens: Tokens, at: int) -> int:
    while at < len(tokens.folds) and tokens.texts[at] in ".:" and tokens.touches(at):
        at += 1
    return at


def _name(
    tokens: Tokens, start: int, most: int, *, number: bool = False, sure: int = 0
) -> tuple[int, str]:
    """The name that begins at a token, of at most `most` words; ("", start) where there
    is none.

    "A-B" and "A/B" are one name. `number`: it may be a number alone. `sure`: that many
    words are known to be a name; the following ones must look like names too.
    """
    parts: list[str] = []
    count, at, last, kept = 0, start, start, 0
    while at < len(tokens.folds):
        word = tokens.folds[at]
        if tokens.is_mark(at):
            joint = _joint(tokens, at, bool(parts))
            if joint is None:
                break
            if joint:
                parts.append(joint)
                most += 2
        elif word.isdigit():
            if (count or number) and len(word) <= 3 and not _counts(tokens, at):
                parts.append(word.lstrip("0") or "0")
                last, kept, count = at + 1, len(parts), max(count, 1)
            break
        elif word in words.ROAD and parts and parts[-1] == "-":
            pass
        elif count and _ROMAN.fullmatch(tokens.texts[at].casefold()):
            parts.append(tokens.texts[at].upper())
            last, kept = at + 1, len(parts)
            break
        elif _is_initial(tokens, at):
            parts.append(
                tokens.texts[at].upper() if len(word) < 4 else tokens.texts[at].title()
            )
            if len(word) > 3:
                last, kept, count = at + 1, len(parts), count + 1
        elif _begins(tokens, at) and count < most and _follows(tokens, at, start, sure):
            parts.append(_in_full(tokens, at))
            last, kept, count = at + 1, len(parts), count + 1
        else:
            break
        at += 1
    if count == 0:
        return start, ""
    return last, " ".join(parts[:kept]).replace(" - ", "-")


def _in_full(tokens: Tokens, at: int) -> str:
    word = tokens.folds[at]
    if word in words.STREET_LONG_FORMS and _short_for_street(tokens, at - 1):
        return words.STREET_LONG_FORMS[word]
    return words.LONG_FORMS.get(word) or _written(tokens.texts[at])


def _follows(tokens: Tokens, at: int, start: int, sure: int) -> bool:
    if not sure or at - start < sure:
        return True
    joined = tokens.texts[at - 1] in "-/"
    return joined or tokens.folds[at] in words.CONTINUES or _looks_like_name(tokens, at)


def _counts(tokens: Tokens, at: int) -> bool:
    return at + 1 < len(tokens.folds) and tokens.folds[at + 1] in _UNIT


def _joint(tokens: Tokens, at: int, begun: bool) -> str | None:
    """What a mark inside a name is: "-" joins two names, "" is skipped, None ends the
    name."""
    mark = tokens.texts[at]
    if at + 1 >= len(tokens.folds) or not begun:
        return None
    if mark in ("-", "/", "–") and (
        _begins(tokens, at + 1) or tokens.folds[at + 1] in words.ROAD
    ):
        return "-"
    before = tokens.texts[at - 1]
    short = len(before) <= 4 and tokens.folds[at - 1] in words.INITIALS
    short = short or (len(before) <= 3 and before.isupper())
    if (
        mark == "."
        and tokens.touches(at)
        and (short or tokens.folds[at - 1] in words.ROAD)
    ):
        return ""
    return None


def _is_initial(tokens: Tokens, at: int) -> bool:
    word = tokens.folds[at]
    if word not in words.INITIALS or at + 1 >= len(tokens.folds):
        return False
    if len(word) == 1 and tokens.texts[at].islower():
        return tokens.texts[at + 1] == "." and tokens.touches(at + 1)
    behind = _skip_point(tokens, at + 1)
    return behind < len(tokens.folds) and (
        _begins(tokens, behind) or tokens.folds[behind] in words.INITIALS
    )


def _written(text: str) -> str:
    return text if text.isupper() and len(text) <= 5 else text.title()
