"""Promises in our own answers and the day each becomes due."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.city import procedures
from aggregator.rules.time.promises import Promise, promises

ROOT = Path(__file__).resolve().parents[3]
CITY = procedures.load(ROOT / "config").calendar
# A Wednesday, 09:00 in Bogor.
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def due(text: str, now: datetime = NOW) -> list[str]:
    return [promise.due.isoformat() for promise in promises(text, now, CITY)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Petugas kami datang hari ini", "2026-03-04"),
        ("Besok pagi tim turun ke lokasi", "2026-03-05"),
        ("Isukan ku urang dicek", "2026-03-05"),
        ("Lusa diperbaiki", "2026-03-06"),
        ("akan selesai dalam 3 hari", "2026-03-07"),
        ("paling lambat tiga hari lagi", "2026-03-07"),
        ("2-3 hari ke depan", "2026-03-07"),
        ("dalam 5 hari kerja", "2026-03-11"),
        ("maksimal 3x24 jam", "2026-03-07"),
        ("dalam 48 jam", "2026-03-06"),
        ("dalam 2 jam", "2026-03-04"),
        ("seminggu lagi", "2026-03-11"),
        ("dua minggu lagi", "2026-03-18"),
        ("minggu depan kami aspal", "2026-03-13"),
        ("minggu hareup dibereskeun", "2026-03-13"),
        ("bulan depan", "2026-04-30"),
        ("Senin petugas ke sana", "2026-03-09"),
        ("hari Rabu kami kabari", "2026-03-11"),
        ("Senin depan", "2026-03-09"),
        ("hari Minggu petugas datang", "2026-03-08"),
        ("enjing ku petugas", "2026-03-05"),
        ("Jumat ini", "2026-03-06"),
        ("akhir minggu", "2026-03-06"),
        ("akhir bulan", "2026-03-31"),
        ("akhir bulan depan", "2026-04-30"),
        ("akhir tahun", "2026-12-31"),
        ("tanggal 12 Maret 2026", "2026-03-12"),
        ("12 Maret", "2026-03-12"),
        ("tgl 2", "2026-04-02"),
        ("tgl 20", "2026-03-20"),
        ("20/3", "2026-03-20"),
        ("akan dikerjakan pada Senin", "2026-03-09"),
        ("we will come tomorrow", "2026-03-05"),
        ("within 3 working days", "2026-03-09"),
        ("by next week", "2026-03-13"),
        ("pekan ini kami kabari", "2026-03-06"),
        ("hari Jumat depan", "2026-03-13"),
        ("next Friday", "2026-03-13"),
        ("sore ini juga", "2026-03-04"),
        ("Senin besok tim datang", "2026-03-09"),
        ("Senin, 9 Maret 2026", "2026-03-09"),
        ("tim datang 2026-03-12", "2026-03-12"),
        ("on March 12th", "2026-03-12"),
        ("dua poé deui", "2026-03-06"),
        ("saminggu deui", "2026-03-11"),
        ("awal bulan depan", "2026-04-10"),
        ("akhir Maret", "2026-03-31"),
        ("within a week", "2026-03-11"),
        ("hari ini akan kami cek, laporan sudah diteruskan", "2026-03-04"),
    ],
)
def test_a_promise_has_its_day(text: str, day: str) -> None:
    assert due(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "Segera kami tindak lanjuti",
        "Mohon maaf lampu sudah 3 hari mati",
        "sejak Senin kami perbaiki",
        "dilaporkan 2 minggu yang lalu",
        "Senin lalu sudah diaspal",
        "kemarin sudah dicek",
        "setiap Senin ada petugas",
        "selama 5 hari kerja buka pukul 8",
        "pada Senin telah diaspal",
        "pada 20 Januari sudah diperbaiki",
        "pukul 31/13",
        "RT 3 RW 4",
        "Wilujeng enjing, hatur nuhun laporanana",
        "Jalan Pahlawan nomor 12",
        "Hari ini tim sudah turun ke lokasi",
        "Pelayanan buka Senin s.d. Jumat",
        "setiap Senin dan Kamis",
        "Jadwal angkut: Senin, Rabu, dan Sabtu",
        "112 siaga 24 jam",
        "RT 02/05 Cibadak",
        "tunggu 5-10 menit",
        "seminggu sekali diangkut",
    ],
)
def test_what_is_past_or_has_no_day_is_no_promise(text: str) -> None:
    assert due(text) == []


def test_several_promises_in_their_order_with_their_words() -> None:
    text = "Besok dicek, minggu depan diaspal."
    assert promises(text, NOW, CITY) == [
        Promise(date(2026, 3, 5), "Besok", (0, 5)),
        Promise(date(2026, 3, 13), "minggu depan", (13, 25)),
    ]


def test_a_working_day_promise_goes_around_lebaran() -> None:
    assert due("2 hari kerja", datetime(2026, 3, 17, 2, tzinfo=UTC)) == ["2026-03-26"]


def test_next_week_ends_with_its_last_working_day() -> None:
    assert due("minggu depan", datetime(2026, 3, 12, 2, tzinfo=UTC)) == ["2026-03-17"]


def test_the_day_is_that_of_the_city() -> None:
    assert due("besok", datetime(2026, 3, 4, 18, tzinfo=UTC)) == ["2026-03-06"]


def test_a_date_without_year_in_december_is_next_years() -> None:
    assert due("15 Januari", datetime(2026, 12, 20, tzinfo=UTC)) == ["2027-01-15"]


@given(
    st.text(max_size=200),
    st.datetimes(
        timezones=st.just(UTC),
        min_value=datetime(2020, 1, 1),
        max_value=datetime(2030, 1, 1),
    ),
)
def test_any_text_can_be_read_and_no_promise_lies_in_the_past(
    text: str, now: datetime
) -> None:
    for promise in promises(text, now, CITY):
        assert promise.due >= CITY.local(now).date()
        assert text[slice(*promise.span)].strip() == promise.said
