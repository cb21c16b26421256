"""An official *and* what they took, or a plea for secrecy: one word alone accuses
nobody."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator import city
from aggregator.rules.reports.understand import Understood, understand


def read(text: str) -> Understood:
    here = city.here()
    return understand(
        text,
        here.lexicon,
        gazetteer=here.places,
        duties=here.duties,
        on=date(2026, 3, 2),
    )


@pytest.mark.parametrize(
    "text",
    [
        "ada oknum dinas nerima amplop di parkiran",
        "pegawai loket bilang kalau mau cepat ada uang rokoknya",
        "The clerk wanted cash extra for the stamp, without receipt",
        "patugas kacamatan menta duit kanggo ngurus KTP",
        "Saya honorer di kantor itu, jangan sebut nama saya, kuitansinya fiktif",
    ],
)
def test_an_official_who_takes_is_told_of_in_secret(text: str) -> None:
    found = read(text)
    assert found.klass == "wbs"
    assert found.visibility == "rahasia"
    assert found.owners[0].agency == "inspektorat"


@pytest.mark.parametrize(
    "text",
    [
        "sejuta lubang di jalan pajajaran",
        "pengamen minta uang terus di lampu merah",
        "petugasnya lambat sekali di kelurahan",
        "Terima kasih petugas damkar",
        "pohonnya minta dipotong petugas",
    ],
)
def test_one_word_of_it_accuses_nobody(text: str) -> None:
    found = read(text)
    assert found.klass != "wbs"
    assert found.visibility != "rahasia"


def test_an_official_here_and_money_there_in_a_long_letter_are_two_things() -> None:
    between = "Jalan di depan rumah saya rusak dan lampunya mati. " * 8
    letter = f"Kepada petugas yang baik. {between} Warga patungan beli amplop surat."
    assert read(letter).klass != "wbs"
