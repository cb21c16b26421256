"""Personal data in texts: found with its type, and masked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import LEXICON

from aggregator.rules.text import pii

PEOPLE = LEXICON.people


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
        ("hp 0812/3456/7890", ["phone"]),
        ("hp 0812~3456~7890", ["phone"]),
        ("hp 0812#3456#7890", ["phone"]),
        ("hp 0812 strip 3456 strip 7890", ["phone"]),
        ("istri saya (Rukmini) jatuh di trotoar", ["name"]),
        ("eyang Sastro kena prostat", ["health", "name"]),
        ("hp 0812\u200b3456\u200d7890", ["phone"]),
        ("hp ０８１２３４５６７８９０", ["phone"]),
        ("hp 0️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣", ["phone"]),
        ("nol delapan satu dua tiga empat lima enam tujuh", ["phone"]),
        ("NIK tiga dua tujuh satu " + "nol satu " * 6, ["nik"]),
        ("BPJS 0001234567890 nonaktif", ["bpjs"]),
        ("NPWP 01.234.567.8-404.000", ["npwp"]),
        ("NIP 19800101 200501 1 001 belum naik", ["nip"]),
        ("NISN 0012345678 tidak ditemukan", ["nisn"]),
        ("SIM A saya 801234567890 hilang", ["sim"]),
        ("paspor saya X1234567", ["passport"]),
        ("rek BCA 1234567890", ["bank_account"]),
        ("rekening listrik 512345678901 belum terbit", ["customer_number"]),
        ("NIK 3271019912990001 KK an. Budi Santoso", ["nik", "name"]),
        ("lahir 17 Agustus 1984", ["birthdate"]),
        ("titik rumah https://maps.app.goo.gl/abc", ["address"]),
        ("Hormat saya,\nBudi Santoso", ["name"]),
        ("Bu Lastri RT 02/05 suka bakar sampah", ["name"]),
        ("anak kami namanya Rara Anindya", ["child"]),
        ("siswi Rara Anindya kelas 4", ["child"]),
        ("Pak Komar kena TBC", ["health", "name"]),
    ],
)
def test_types(text: str, expected: list[str]) -> None:
    assert pii.types(text, PEOPLE) == expected


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
        "Camat Bogor Barat, Bapak Drs. Budi Santoso, sudah meninjau",
        "Kepala BKPSDM, Bu Rukmini, hadir di acara itu",
        "Telepon RSUD Kota (0251) 8312345 selalu sibuk",
        "Jl. Raden Saleh gelap, Jl. R.E. Martadinata juga",
        "Kantor Kelurahan Babakan Pasar di Jl. Roda No. 12 tutup",
        "resi 011520098765423 belum sampai",
        "kasus TBC di kota ini berapa",
        "surat 470/221-Dukcapil tanggal 8 Januari 2025",
        "halte di -6.603211,106.806944 rusak",
        "lapor ke info@kotabogor.go.id",
        "angkot 08, 12, 13, 14, 21 tidak lewat",
    ],
)
def test_ordinary_numbers_are_nobodys(text: str) -> None:
    assert pii.types(text, PEOPLE) == []


def test_masking_keeps_the_rest() -> None:
    text = "Nama saya Contoh NIK 3271019912990001, hp 081234567890, lampu mati"
    assert (
        pii.mask(text, PEOPLE) == "Nama saya [name] NIK [nik], hp [phone], lampu mati"
    )


@given(
    st.from_regex(r"\A3271[0-7][0-9][0-1][0-9]{5}[0-9]{4}\Z"),
    st.sampled_from(["", " ", "-", "."]),
)
def test_every_nik_is_found_however_it_is_split(number: str, gap: str) -> None:
    written = gap.join(number[at : at + 4] for at in range(0, 16, 4))
    assert {one.type for one in pii.personal_data(f"ini NIK {written} ya", PEOPLE)} & {
        "nik"
    }


@pytest.mark.parametrize(
    "text",
    [
        "anak saya bernama Rara Anindya Putri dipukul",
        "Pak Komar mengidap lupus, hp 0812\u200b3456\u200b7890",
        "NIK ３２７１０１９９１２９９０００１ atas nama Siti Rohayati",
    ],
)
def test_nothing_of_what_was_found_is_left_by_the_mask(text: str) -> None:
    left = pii.mask(text, PEOPLE)
    assert pii.types(left, PEOPLE) == []
    assert not any(word in left for word in ("Rara", "Putri", "Komar", "Rohayati"))
    assert not any(sign.isdigit() for sign in left)


@given(st.text(max_size=60))
def test_spans_are_of_the_text_as_given_and_never_overlap(text: str) -> None:
    at = 0
    for one in pii.personal_data(text, PEOPLE):
        assert at <= one.span[0] < one.span[1] <= len(text)
        at = one.span[1]


JUDGED = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "personal_judge.jsonl")
    .read_text("utf-8")
    .splitlines()
]
"""Made up, written without sight of the rules, and never used to mend them."""
NUMBERS = frozenset(
    [
        "nik",
        "kk",
        "bpjs",
        "npwp",
        "nip",
        "nisn",
        "sim",
        "passport",
        "bank_account",
        "phone",
        "plate",
        "email",
    ]
)


def test_what_nobody_tuned_on_is_found_too() -> None:
    with_some = [row for row in JUDGED if row["personal"]]
    found = sum(bool(pii.types(row["text"], PEOPLE)) for row in with_some)
    assert len(with_some) == 260 and found >= 0.97 * len(with_some)


def test_numbers_that_nobody_tuned_on_are_found_too() -> None:
    asked = met = 0
    for row in JUDGED:
        spans = [one.span for one in pii.personal_data(row["text"], PEOPLE)]
        for kind, said in row["personal"]:
            if kind in NUMBERS:
                begin = row["text"].find(said)
                end = begin + len(said)
                asked += 1
                met += any(first < end and begin < last for first, last in spans)
    assert asked == 269 and met >= 0.97 * asked


def test_of_a_hundred_harmless_texts_two_are_taken_at_most() -> None:
    harmless = [row["text"] for row in JUDGED if not row["personal"]]
    false = sum(bool(pii.types(text, PEOPLE)) for text in harmless)
    assert len(harmless) == 260 and false <= 0.02 * len(harmless)
