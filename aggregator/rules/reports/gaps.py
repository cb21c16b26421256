"""Which fact a case lacks, and the one question that asks for it in the resident's
language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aggregator.rules.places.gazetteer import Place

Fact = Literal[
    "place", "detail", "route", "facility", "school", "time", "problem", "case_number"
]

_AT_A_PLACE = frozenset(
    [
        "kemacetan",
        "lampu_lalu_lintas",
        "parkir_liar",
        "jalan_berlubang",
        "trotoar",
        "pju_mati",
        "saluran_mampet",
        "banjir_longsor",
        "pohon_tumbang",
        "kebakaran",
        "kebersihan",
        "air_minum",
        "taman",
        "pkl",
        "ketertiban",
        "kriminalitas",
        "pasar",
        "listrik",
        "kabel",
    ]
)
_ASKS = frozenset({"pengaduan", "darurat", "wbs"})
_EXACT = frozenset(
    {
        "phrase",
        "landmark",
        "market",
        "school",
        "hospital",
        "station",
        "terminal",
        "coordinates",
        "puskesmas",
        "alley",
    }
)
_ROUTE = re.compile(
    r"\b(?:angkot|trayek|bis|bus|jurusan|koridor)\s*(?:no\.?\s*)?\w*\d", re.IGNORECASE
)
_TIME = re.compile(
    r"\b(?:tadi|kemarin|kmrn|kamari|semalam|barusan|bieu|peuting|hari\s+ini|pagi|siang|sore|malam"
    r"|senin|selasa|rabu|kamis|jumat|sabtu|minggu|jam\s*\d|pukul|tanggal|tgl|yesterday|today"
    r"|tonight|morning|evening|\d{1,2}[./:]\d{2})\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:aduan|laporan|lapor)\s+(?:ke-?\s*\d|lagi|kedua|ketiga)|\bke-?\s*\d+\s+kali"
    r"|\b(?:sudah|udah|udh|sdh)\s+(?:\w+\s+)?(?:lapor|laporan)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class MissingFact:
    fact: Fact
    question: str


def missing(
    kinds: Sequence[str], places: Sequence[Place], klass: str, text: str
) -> list[Fact]:
    """What a text should say and does not, most needed first. `kinds`: best first."""
    if klass not in _ASKS:
        return []
    kind = "pungli" if klass == "wbs" else next(iter(kinds), "umum")
    somewhere = [place for place in places if place.type != "route"]
    found: list[Fact] = []
    if kind == "umum" and klass == "pengaduan":
        found += ["case_number"] if _AGAIN.search(text) else []
        found.append("problem")
    elif kind == "kesehatan":
        found += [] if _has(places, "puskesmas", "hospital") else ["facility"]
    elif kind == "sekolah":
        found += (
            []
            if _has(places, "school") or re.search(r"\b(?:sd|smp|sma|smk)", text, re.I)
            else ["school"]
        )
    elif kind == "angkutan_umum":
        found += [] if _has(places, "route") or _ROUTE.search(text) else ["route"]
    elif kind in _AT_A_PLACE or kind == "pungli":
        found += _of_place(somewhere)
    if kind in ("pungli", "kriminalitas") and not _TIME.search(text):
        found.append("time")
    return found


def ask(
    kinds: Sequence[str], places: Sequence[Place], klass: str, text: str, language: str
) -> MissingFact | None:
    """The one question to put, or None. `language`: as in the judging surface; su, en,
    else id."""
    facts = missing(kinds, places, klass, text)
    if not facts:
        return None
    spoken = {"su": "su", "id-su": "su", "en": "en"}.get(language, "id")
    where = next((place.name for place in places if place.ambiguous), "")
    return MissingFact(facts[0], _QUESTIONS[facts[0]][spoken].format(place=where))


def _has(places: Sequence[Place], *types: str) -> bool:
    return any(place.type in types for place in places)


def _of_place(somewhere: Sequence[Place]) -> list[Fact]:
    """No place at all, or only names that may lie in several wards and nothing beside
    them."""
    if not somewhere:
        return ["place"]
    exact = any(place.type in _EXACT or place.kelurahan for place in somewhere)
    vague = all(place.ambiguous for place in somewhere)
    return ["detail"] if vague or not exact else []


_QUESTIONS: dict[Fact, dict[str, str]] = {
    "place": {
        "id": (
            "Mohon bantuannya, di mana lokasi tepatnya (jalan, RT/RW, atau patokan"
            " terdekat)?"
        ),
        "su": (
            "Punten, di mana tempatna anu pasti (nami jalan, RT/RW, atanapi caket"
            " naon)?"
        ),
        "en": (
            "Could you tell us the exact place (street, RT/RW or the nearest landmark)?"
        ),
    },
    "detail": {
        "id": "Mohon bantuannya, di bagian mana {place}, dekat apa?",
        "su": "Punten, di palih mana {place}, caket naon?",
        "en": "Could you tell us which part of {place}, and near what?",
    },
    "route": {
        "id": "Mohon bantuannya, angkot atau bus nomor berapa, dan di mana?",
        "su": "Punten, angkot atanapi beus nomer sabaraha, sareng di mana?",
        "en": "Could you tell us the number of the angkot or bus, and where it was?",
    },
    "facility": {
        "id": "Mohon bantuannya, di puskesmas atau rumah sakit mana?",
        "su": "Punten, di puskesmas atanapi rumah sakit mana?",
        "en": "Could you tell us which health centre or hospital?",
    },
    "school": {
        "id": "Mohon bantuannya, di sekolah mana?",
        "su": "Punten, di sakola mana?",
        "en": "Could you tell us which school?",
    },
    "time": {
        "id": "Mohon bantuannya, kapan kejadiannya (hari dan jam)?",
        "su": "Punten, iraha kajantenanana (dinten sareng tabuhna)?",
        "en": "Could you tell us when it happened (day and time)?",
    },
    "problem": {
        "id": "Mohon bantuannya, apa masalahnya dan di mana lokasinya?",
        "su": "Punten, naon masalahna sareng di mana tempatna?",
        "en": "Could you tell us what the problem is, and where?",
    },
    "case_number": {
        "id": "Mohon bantuannya, berapa nomor aduan yang sebelumnya?",
        "su": "Punten, sabaraha nomer aduan anu kapengker?",
        "en": "Could you give us the number of your earlier report?",
    },
}
