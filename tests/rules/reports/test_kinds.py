"""What a complaint is about."""

from __future__ import annotations

import pytest
from reading import LEXICON

from aggregator.city import catalog
from aggregator.rules.reports.kinds import kinds_of
from aggregator.store import settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pju di gang kami pareum, poek pisan", "pju_mati"),
        ("lampu merah di simpang mati", "lampu_lalu_lintas"),
        ("got mampet, air meluap ke warung", "saluran_mampet"),
        ("jalan berlubang di depan sekolah", "jalan_berlubang"),
        ("parkir liar di trotoar", "parkir_liar"),
        ("air PDAM tidak mengalir tiga hari", "air_minum"),
        ("sampah numpuk di TPS", "kebersihan"),
        ("cetak KTP lama sekali", "adminduk"),
        ("parkir dua lapis bikin macet", "parkir_liar"),
        ("sering melanggar rambu lalu lintas di situ", "kemacetan"),
        ("air sudah masuk, tingginya sebetis", "banjir_longsor"),
        ("ada baramaen maksa minta duit", "ketertiban"),
        ("there are potholes on the road", "jalan_berlubang"),
        ("Jl. Batutulis mati dua malam", "pju_mati"),
        ("parit penuh lumpur, airnya ga ngalir", "saluran_mampet"),
        ("ada kabar wabah kolera, bener ga kak?", "kesehatan"),
    ],
)
def test_the_first_kind(text: str, expected: str) -> None:
    found = kinds_of(text, LEXICON)
    assert found[0].code == expected and found[0].reasons


def test_one_message_may_be_about_two_things() -> None:
    codes = [
        guess.code
        for guess in kinds_of("angkot ngetem di pertigaan bikin macet parah", LEXICON)
    ]
    assert {"angkutan_umum", "kemacetan"} <= set(codes)


def test_what_is_said_outright_is_not_drowned_by_the_louder_kind() -> None:
    said = (
        "sampah numpuk di TPS, bau busuk, sampah berserakan, truk sampah ga datang, got"
        " mampet"
    )
    assert {guess.code for guess in kinds_of(said, LEXICON)} >= {
        "kebersihan",
        "saluran_mampet",
    }


def test_when_a_counter_for_papers_opens_is_no_question_of_a_tourist() -> None:
    asked = [guess.code for guess in kinds_of("Loket ktp buka jam berapa?", LEXICON)]
    assert asked[0] == "adminduk" and "wisata" not in asked
    assert kinds_of("Jam buka loket Kebun Raya berapa?", LEXICON)[0].code == "wisata"


def test_nothing_is_guessed_without_a_word_for_it() -> None:
    assert kinds_of("selamat pagi semuanya", LEXICON) == []


def test_every_listed_kind_is_one_of_the_citys() -> None:
    known = catalog.load(settings.load().folder_of_config()).categories
    assert set(LEXICON.kinds.groups) <= set(known)
