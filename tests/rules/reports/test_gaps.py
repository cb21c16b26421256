"""The one question that is asked when a text leaves out what an office needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.city import catalog as catalogs
from aggregator.city import geography
from aggregator.rules.places.finder import places_in
from aggregator.rules.places.gazetteer import Gazetteer
from aggregator.rules.reports.gaps import ask, missing

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return geography.load(ROOT / "config", catalogs.load(ROOT / "config"))


@pytest.mark.parametrize(
    ("kind", "klass", "text", "facts"),
    [
        ("pju_mati", "pengaduan", "lampu jalan mati, gelap banget", ["place"]),
        ("pju_mati", "pengaduan", "lampu gg kenanga rw 4 mati", []),
        ("pju_mati", "pengaduan", "lampu di jl pajajaran mati", ["detail"]),
        ("pju_mati", "pengaduan", "lampu jl pajajaran depan rs azra mati", []),
        ("saluran_mampet", "pengaduan", "got cimanggu mampet", ["detail"]),
        ("kebersihan", "pengaduan", "sampah di mulyaharja", []),
        ("angkutan_umum", "pengaduan", "angkot ugal-ugalan", ["route"]),
        ("angkutan_umum", "pengaduan", "angkot 03 ugal-ugalan", []),
        ("kesehatan", "pengaduan", "bpjs ditolak di puskesmas", ["facility"]),
        ("kesehatan", "pengaduan", "antri di pkm semplak", []),
        ("sekolah", "pengaduan", "pungutan di sekolah anak", ["school"]),
        ("adminduk", "wbs", "di loket dimintain uang", ["place", "time"]),
        ("pungli", "wbs", "di loket kelurahan mulyaharja dimintain uang", ["time"]),
        ("pungli", "wbs", "kemarin di loket mulyaharja dimintain uang", []),
        ("kriminalitas", "pengaduan", "motor hilang di mulyaharja", ["time"]),
        ("kriminalitas", "pengaduan", "motor hilang di mulyaharja jam 9", []),
        ("kriminalitas", "pengaduan", "motor hilang di mulyaharja 12/03", []),
        ("pju_mati", "pengaduan", "lampu di mulyaharja mati", []),
        (
            "umum",
            "pengaduan",
            "ini aduan ke-3 kali!! mana hasilnya",
            ["case_number", "problem"],
        ),
        ("wisata", "permintaan_informasi", "buka jam berapa?", []),
        ("kebakaran", "darurat", "kebakaran!! tolong", ["place"]),
        ("jalan_berlubang", "apresiasi", "jalan sudah mulus", []),
    ],
)
def test_what_a_text_leaves_out(
    city: Gazetteer, kind: str, klass: str, text: str, facts: list[str]
) -> None:
    assert missing([kind], places_in(text, city), klass, text) == facts


@pytest.mark.parametrize(
    ("language", "begins"),
    [("id", "Mohon"), ("su", "Punten"), ("id-su", "Punten"), ("en", "Could")],
)
def test_one_question_in_the_residents_language(
    city: Gazetteer, language: str, begins: str
) -> None:
    text = "lampu di jl pajajaran mati"
    gap = ask(["pju_mati"], places_in(text, city), "pengaduan", text, language)
    assert gap is not None and gap.question.startswith(begins)
    assert "Jalan Raya Pajajaran" in gap.question and gap.question.count("?") == 1


@pytest.mark.parametrize(
    ("language", "word"), [("id", "kapan"), ("su", "iraha"), ("en", "when")]
)
def test_when_a_crime_happened_is_asked(
    city: Gazetteer, language: str, word: str
) -> None:
    text = "motor hilang di mulyaharja"
    gap = ask(["kriminalitas"], places_in(text, city), "pengaduan", text, language)
    assert gap is not None and gap.fact == "time" and word in gap.question


def test_nothing_is_asked_when_nothing_is_missing(city: Gazetteer) -> None:
    text = "sampah di mulyaharja"
    assert ask(["kebersihan"], places_in(text, city), "pengaduan", text, "id") is None
