"""Matters of bodies outside the city, in words of our own."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator import city
from aggregator.rules.reports.context import Context
from aggregator.rules.reports.understand import Understood, understand

ON = date(2026, 12, 1)


def read(text: str) -> Understood:
    bogor = city.here()
    return understand(
        text,
        bogor.lexicon,
        gazetteer=bogor.places,
        duties=bogor.duties,
        context=Context(private=True),
        on=ON,
    )


@pytest.mark.parametrize(
    ("text", "body", "level"),
    [
        ("ijazah anak saya masih ditahan SMK", "disdik-jabar", "provinsi"),
        ("mau bayar pajak motor di samsat ditolak", "bapenda-jabar", "provinsi"),
        ("perpanjang SIM antrenya dari subuh", "polresta", "polisi"),
        ("kuota paspor online habis terus", "imigrasi", "nasional"),
        ("KRL telat lagi, gerbongnya penuh", "kai", "nasional"),
        ("tarif jalan tol naik lagi ya, mahal", "tol", "nasional"),
        ("jadwal besuk lapas hari apa ya", "lapas", "nasional"),
        ("resi paket saya hilang, kurirnya ngilang", "perdagangan", "lainnya"),
        ("rapor madrasah belum juga dibagikan", "kemenag", "nasional"),
        ("jalan desa dekat rumah rusak parah", "kabupaten-bogor", "kabupaten"),
        ("developer belum bangun taman yang dijanjikan", "pengembang", "pengembang"),
        ("my internet provider is dead since Monday", "operator", "lainnya"),
    ],
)
def test_whose_matter_it_is_comes_first(text: str, body: str, level: str) -> None:
    found = read(text)
    assert found.owners[0].agency == body
    assert found.owners[0].role == "responsible"
    assert found.level == level


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("jalan berlubang depan samsat, motor saya jatuh", "dpupr"),
        ("macet parah depan kantor imigrasi tiap pagi", "dishub"),
        ("lampu jalan dekat kantor pos mati, gelap sekali", "dishub"),
        ("sampah menumpuk di samping lapas", "dlh"),
        ("parkir liar depan stasiun sampai nutup jalan", "dishub"),
        ("tukang gorengan ngetem depan SMA 3, trotoar penuh lapak", "satpolpp"),
    ],
)
def test_what_only_says_where_changes_no_office(text: str, lead: str) -> None:
    found = read(text)
    assert found.level == "kota"
    assert found.owners[0].agency == lead


def test_words_far_apart_in_a_letter_tell_no_matter() -> None:
    letter = (
        "Guru ngaji kami berpesan agar menjaga lingkungan. "
        + "Kami warga RW 5 setiap Minggu kerja bakti bersama di lapangan. "
        + "Sampah di pojok lapangan belum diangkut, anak SMA pun ikut membantu kami."
    )
    assert read(letter).owners[0].agency == "dlh"


def test_a_cry_for_help_is_not_passed_on() -> None:
    found = read("tolong ada orang ketabrak kereta di stasiun, berdarah!!")
    assert found.klass == "darurat"
    assert found.owners[0].level == "kota"
