"""Everything one text says, with the city's own tables."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from reading import LEXICON

from aggregator import city
from aggregator.lab import evaluate_texts, lessons, training
from aggregator.lab._learning import Example
from aggregator.lab.evaluate_duplicates import rows_of
from aggregator.lab.lessons import LANGUAGE, train
from aggregator.rules.reports.understand import Understood, understand
from aggregator.store import settings

TODAY = date(2026, 3, 2)


def read(text: str) -> Understood:
    here = city.load(settings.load().folder_of_config().resolve())
    return understand(
        text, here.lexicon, gazetteer=here.places, duties=here.duties, on=TODAY
    )


def test_a_complaint_finds_its_office_and_asks_for_the_place() -> None:
    found = read("Mohon diperbaiki, PJU mati sudah seminggu, gelap sekali")
    assert (found.klass, found.kinds[0].code) == ("pengaduan", "pju_mati")
    assert (found.owners[0].agency, found.level) == ("dishub", "kota")
    assert (found.language, found.gaps, found.urgent) == ("id", ("place",), ())


def test_an_emergency_rings_with_its_reasons() -> None:
    found = read("TOLONG kebakaran di Kelurahan Empang, api membesar sekarang")
    assert found.klass == "darurat" and found.urgent
    assert found.owners[0].agency == "disdamkarmat"


def test_misconduct_goes_first_to_who_looks_into_it() -> None:
    found = read("petugas kelurahan minta 200 ribu buat urus surat waris")
    assert (found.klass, found.kinds[0].code, found.visibility) == (
        "wbs",
        "pungli",
        "rahasia",
    )


def test_misconduct_of_officials_is_secret() -> None:
    assert read("oknum petugas loket minta uang pelicin").visibility == "rahasia"


def test_what_is_no_case_has_no_owner() -> None:
    found = read("PROMO pinjaman online cair cepat klik link di bio")
    assert (found.klass, found.owners, found.kinds) == ("spam", (), ())


def test_english_messages_are_read_by_their_words_alone() -> None:
    """The weights of the class come from Indonesian messages, where English is talk."""
    dark = read("the street lights on our road have been off for a week")
    assert (dark.klass, dark.kinds[0].code, dark.language) == (
        "pengaduan",
        "pju_mati",
        "en",
    )
    assert read("Are the museums closed during Eid?").klass == "permintaan_informasi"


def test_the_account_of_a_ward_says_where_when_the_text_does_not() -> None:
    (place,) = read("@kel_cibadak lampu jalan mati sudah seminggu").places
    assert (place.kelurahan, place.city) == ("Cibadak", True)
    named = read("@kel_cibadak lampu jalan di Empang mati")
    assert [place.kelurahan for place in named.places] == ["Empang"]


def test_the_account_of_an_office_says_what_it_is_about() -> None:
    assert read("@perumdatirtapakuan kapan ini beres?").kinds[0].code == "air_minum"


def test_without_a_citys_tables_nobody_owns_anything() -> None:
    assert understand("jalan rusak mohon diperbaiki", LEXICON, on=TODAY).owners == ()


def test_a_bad_line_is_a_row_and_the_rest_goes_on() -> None:
    here = city.load(settings.load().folder_of_config().resolve())
    rows: list[dict[str, Any]] = [
        {"id": None, "error": "bad_item"},
        {"id": "2", "text": "jalan rusak di Empang"},
    ]
    bad, good = evaluate_texts.classify(rows, here, TODAY)
    assert bad["error"] == "bad_item"
    assert set(good) == {
        "id",
        "class",
        "kinds",
        "places",
        "language",
        "agencies",
        "kewenangan",
        "urgent",
        "maybe_urgent",
        "confidence",
        "sure",
        "pii",
    }
    assert good["places"][0]["kelurahan"] == "Empang"


def test_training_gives_the_same_numbers_each_time_and_keeps_no_text() -> None:
    examples = [
        Example(f"{said} nomor {number}", language, f"s{number % 2}")
        for number in range(8)
        for said, language in (("cai teu ngocor", "su"), ("air tidak mengalir", "id"))
    ]
    first, second = (
        training.dumped(train(LANGUAGE, examples, LEXICON)) for _ in range(2)
    )
    assert first == second
    assert all(" " not in feature for feature in json.loads(first)["weights"])


def test_corrections_of_people_are_read(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"text": "jalan rusak", "class": "pengaduan"}\n', encoding="utf-8")
    talk, spoken = lessons.corrections(file, LEXICON)
    assert ([one.label for one in talk], spoken) == (["case"], [])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"id": 1, "text": null}', {"id": 1, "class": "bukan_aduan"}),
        (b'{"text": "jalan rusak"}\r', {"id": None, "class": "pengaduan"}),
        (
            '{"id": 2, "text": "jalan\u2028rusak\x85\x0b"}'.encode(),
            {"id": 2, "class": "pengaduan"},
        ),
        (b'{"id": 3, "text": "jalan rusak \xe9"}', {"id": 3, "class": "pengaduan"}),
        (
            b'{"id": 4, "text": "jalan\trusak", "error": "x"}',
            {"id": 4, "class": "pengaduan"},
        ),
        (b'{"id": NaN, "text": ["a"]}', {"id": None, "class": "bukan_aduan"}),
        (b"[" * 9000, {"id": None, "error": "bad_item"}),
        (b"not json", {"id": None, "error": "bad_item"}),
    ],
)
def test_every_row_of_a_file_has_one_line_of_its_own(
    line: bytes, expected: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line + b"\n\n")
    here = city.load(settings.load().folder_of_config().resolve())
    (row,) = evaluate_texts.classify(rows_of(file), here, TODAY)
    assert expected.items() <= row.items()


def test_what_no_listed_word_told_names_the_words_that_were_heard() -> None:
    here = city.here()
    said = "kran cuma keluar angin dari subuh"
    found = understand(said, here.lexicon, duties=here.duties, on=TODAY)
    assert found.kinds[0].code == "air_minum"
    assert found.kinds[0].reasons
    assert all(word in said for word in found.kinds[0].reasons)
