"""What sort of message a text is."""

from __future__ import annotations

import pytest
from reading import LEXICON

from aggregator.rules.reports import classes
from aggregator.rules.text import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mohon diperbaiki lampu jalan di gang kami, sudah seminggu mati", "pengaduan"),
        ("Sampah di depan pasar belum diangkut tiga hari, bau sekali", "pengaduan"),
        (
            "Hebat ya, tiap hujan jalan ini jadi kolam, banjir lagi banjir lagi",
            "pengaduan",
        ),
        (
            "Mau tanya, syarat membuat akta kelahiran apa saja ya?",
            "permintaan_informasi",
        ),
        ("Usul min, mohon diadakan taman bermain di kelurahan kami", "aspirasi"),
        ("Oknum petugas loket minta uang pelicin supaya cepat", "wbs"),
        ("Terima kasih, jalan di depan rumah sudah mulus, mantap", "apresiasi"),
        ("Beredar kabar di grup WA tanggul jebol, apa benar?", "cek_hoaks"),
        ("PROMO pinjaman online cair cepat klik link di bio", "spam"),
        ("wkwk galau mikirin mantan", "bukan_aduan"),
        ("18/2 giat petugas kami, penertiban PKL di jalan Cendana", "bukan_aduan"),
        ("kenapa bansos tetangga yang mampu dapat, saya janda tidak", "pengaduan"),
        ("dimintai 200 ribu buat cetak KTP di kelurahan", "wbs"),
        ("alangkah baiknya kalau ada jalur sepeda", "aspirasi"),
        ("leres teu aya bantosan 600rb ti pemkot?", "cek_hoaks"),
        ("Persib menang malam ini!", "bukan_aduan"),
        ("pipa pdam bocor, air kebuang2 ke jalan", "pengaduan"),
        ("Kapan pendaftaran SMP dibuka?", "permintaan_informasi"),
        ("anak umur 6 tahun 2 bulan bisa masuk SD ga ya", "permintaan_informasi"),
        ("gimana kalau pemkot bikin aplikasi lapor yang ada petanya", "aspirasi"),
        ("Open trip Bromo cuma 350rb, slot terbatas", "spam"),
        ("Lurah menghadiri rapat koordinasi persiapan MTQ", "bukan_aduan"),
        ("", "bukan_aduan"),
    ],
)
def test_the_class_of_a_message(text: str, expected: str) -> None:
    assert classes.class_of(text, LEXICON).code == expected


def test_an_emergency_goes_before_everything_else() -> None:
    found = classes.class_of("tolong ada kebakaran", LEXICON, rings=True)
    assert (found.code, found.score >= 0.9) == ("darurat", True)


def test_reasons_are_the_words_that_told() -> None:
    assert "mohon perbaiki" in " ".join(
        classes.class_of("mohon diperbaiki jalannya", LEXICON).reasons
    )


def test_it_works_without_trained_numbers() -> None:
    text = "Mohon diperbaiki lampu jalan di gang kami, sudah seminggu mati"
    tokens = words.tokens(text, LEXICON.spellings)
    found = classes.guess(
        text, tokens, LEXICON.kinds.find(tokens), LEXICON.classes, None
    )
    assert found.code == "pengaduan"


def test_every_number_is_one_word_to_the_weights() -> None:
    """So that they learn of numbers, and of none in particular."""
    tokens = words.tokens("lampu 17 mati 5 hari", LEXICON.spellings)
    found = classes.features("lampu 17 mati 5 hari", tokens, [], [], 0)
    assert {"lampu 0", "0 mati", "mati 0", "0 hari"} <= set(found)
    assert not {"17", "5"} & set(found)
