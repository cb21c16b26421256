"""Personal data in texts: found with its type, and masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rules.text.pii import mask, personal_data, types


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NIK 3271019912990001", ["nik"]),
        ("nik saya 3271 0199 1299 0001", ["nik"]),
        ("No KK: 3271019912990001", ["kk"]),
        ("hubungi 0812-3456-7890", ["phone"]),
        ("wa +62 812 3456 7890 ya", ["phone"]),
        ("hp O8l2 3456 789O", ["phone"]),
        ("mobil F 1234 ABC parkir sembarangan", ["plate"]),
        ("email contoh@surat.id", ["email"]),
        ("no pelanggan 00112233 air mati", ["customer_number"]),
        ("rumah saya Jl. Cendana No. 12", ["address"]),
        ("nama saya Contoh Warga", ["name"]),
        ("ibu saya sakit ginjal ditolak puskesmas", ["health"]),
        ("hubungi nol delapan satu dua 34567890", ["phone"]),
        ("mobil avanza hitam f 1432 hg parkir", ["plate"]),
        ("NSL 1234567 air tirta pakuan mati", ["customer_number"]),
        ("contoh at surat dot com", ["email"]),
        ("Nama Lengkap : Contoh Warga Kota", ["name"]),
        ("saya Contoh Nama tinggal di sini", ["name"]),
        ("I have diabetes and need insulin", ["health"]),
        ("balita 2 tahun gizi buruk", ["child"]),
        ("anak saya umur 7 tahun dipukul", ["child"]),
    ],
)
def test_types(text: str, expected: list[str]) -> None:
    assert types(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "lampu mati di RT 03 RW 04 sejak 12.30",
        "jalan rusak 200 meter, sudah 3 bulan",
        "anggaran 1.500.000.000 rupiah ke mana",
        "antre lama di rumah sakit",
        "ibu hamil antre lama",
        "sekolah untuk anak umur 7 tahun syaratnya apa",
        "angkot b 9123 rb penumpang",
        "angkot 08 ngetem di depan stasiun tanggal 12-03-2026",
    ],
)
def test_ordinary_numbers_are_nobodys(text: str) -> None:
    assert types(text) == []


def test_masking_keeps_the_rest() -> None:
    text = "Nama saya Contoh NIK 3271019912990001, hp 081234567890, lampu mati"
    assert mask(text) == "Nama saya [name] NIK [nik], hp [phone], lampu mati"


@given(
    st.from_regex(r"\A3271[0-7][0-9][0-1][0-9]{5}[0-9]{4}\Z"),
    st.sampled_from(["", " ", "-", "."]),
)
def test_every_nik_is_found_however_it_is_split(number: str, gap: str) -> None:
    written = gap.join(number[at : at + 4] for at in range(0, 16, 4))
    assert {one.type for one in personal_data(f"ini NIK {written} ya")} & {"nik"}
