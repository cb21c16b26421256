"""Made-up texts whose truth is known: personal numbers in many spellings, and dangers.

Always the same texts: the numbers come from a generator with a fixed start and belong
to nobody that is known. What they measure is whether the forms are met, not how often
residents use them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from aggregator.lab import specimens_alarm, specimens_texts

_START = 20_251
_AROUND = (
    "{}",
    "Tolong dicek ya min, {} terima kasih",
    "lampu jalan mati dari minggu lalu. {}. Mohon ditindaklanjuti",
    "{} sudah lapor tapi belum ada kabar, kumaha ieu",
    "punten pak,\n{}\nhatur nuhun",
)
_NONE = (
    "anggaran Rp {b}.{c}.{c}.000 ke mana",
    "harganya naik jadi Rp{b}.000",
    "bayar {b}rb lagi",
    "dendanya Rp. {c}.{c},00",
    "sejak tanggal 12-{m}-2025",
    "dari {m}/2024 sampai 03/2026",
    "kejadian 2025-{m}-17 14:30 WIB",
    "aduan nomor 1{c}{d} belum dijawab",
    "tiket #{c}{d}{m}",
    "kode lacak {c}{d} sudah saya cek",
    "laporan SP4N {c}{d}{d}",
    "angkot {m} ngetem di stasiun",
    "trayek {m} dan 07 tidak lewat",
    "RT {m}/RW {d}",
    "RT 0{d} RW 1{d} gelap",
    "lubang {c} meter dari gapura",
    "di KM {m}+{c}00",
    "buka 07.30-16.00 hari kerja",
    "periode 2019-2024",
    "Perda Nomor {d} Tahun 2021",
    "SK 821.{d}/{c}-BKPSDM/2024",
    "kode pos 16{c}",
    "di -6.59{c}8, 106.81{c}5",
    "hubungi 112 atau 119",
    "pasal {m} ayat {d}",
    "warga {c}.{c} jiwa",
    "suhu {m}.{d} derajat",
    "antre dari jam {m}.15 sampai jam 12.40",
    "nilai {c},{m} persen",
    "lihat https://contoh.id/p/{c}{c}{c}{c}{c}",
    "tahun 2023 2024 2025",
    "skor 3-1, 2-2, 4-0",
    "lampu 40 watt 220 volt",
    "pagu 1{c}.{c}.{c}.{c}",
    "bus B{d} koridor {d}",
)
_DANGERS = (
    "ada kebakaran di belakang pasar",
    "rumah tetangga kebakar",
    "api sudah ke atap warung",
    "longsor, dua orang tertimbun",
    "tebing longsor nutup rumah",
    "anak hanyut di kali",
    "ada yang tenggelam di situ",
    "pohon tumbang menimpa mobil",
    "kabel listrik putus jatuh ke jalan",
    "banjir sudah sedada, lansia belum dievakuasi",
    "tanggul jebol, air masuk rumah",
    "kecelakaan motor, korban berdarah",
    "angkot nabrak orang, korban tidak sadar",
    "ibu saya pingsan tidak bangun",
    "bapak sesak napas, butuh ambulans",
    "ada yang mau bunuh diri di jembatan",
    "orang dibacok di depan gang",
    "tawuran bawa celurit",
    "begal di jalan baru, korban luka",
    "gas bocor, baunya menyengat",
    "ledakan tabung gas di kontrakan",
    "orang kesetrum tiang listrik",
    "istri saya mau melahirkan di jalan",
    "anak diculik orang naik motor",
    "perempuan dipukuli suaminya",
    "jembatan ambruk, ada yang jatuh",
    "ular kobra masuk kamar anak",
    "odgj ngamuk bawa golok",
    "kahuruan di lembur abdi",
    "aya nu palid di walungan",
    "wong keli ing kali",
    "there is a fire in the building",
    "a man is drowning in the river",
    "someone has been stabbed",
    "atap sekolah ambruk, murid tertimpa",
    "bayi terkunci di dalam mobil",
    "orang kejang di halte",
    "keracunan makanan satu kelas",
    "truk rem blong nabrak warung",
    "kereta nabrak motor di palang pintu",
)
_CRIES = (
    "{}, tolong cepat",
    "TOLONG {} sekarang!!",
    "barusan {}, mohon bantuan",
    "darurat! {}",
)
_CALM = (
    "takut pohon tumbang kalau angin kencang",
    "rawan longsor, mohon dipasang tanda",
    "tahun lalu pernah kebakaran di sini",
    "terima kasih damkar, api sudah padam",
    "banjir orderan alhamdulillah",
    "macet parah bikin mati gaya",
    "mau tanya nomor damkar berapa",
    "kemarin ada sosialisasi kebakaran di sekolah",
    "film tentang gempa bagus",
    "jatuh cinta sama kotanya",
    "kapan pelatihan evakuasi gempa diadakan",
    "harga cabai meledak",
    "berita longsor bulan lalu di kota lain",
    "lampu mati sudah seminggu",
    "jalan berlubang bisa bikin kecelakaan",
    "mohon dipangkas sebelum tumbang",
    "saya kebakaran jenggot lihat tagihan",
    "tenggelam dalam kenangan",
    "kritik saya untuk pelayanan kritis",
    "korban banjir tahun 2020 sudah dapat bantuan?",
    "pembakaran sampah tiap sore, asapnya ganggu",
    "simulasi kebakaran di kantor berjalan lancar",
    "bom waktu soal sampah",
    "angkot ngetem bikin kesal",
    "no accident today, thank you",
    "semoga tidak ada korban jiwa lagi",
    "jembatan gantung tolong dicat",
    "sampah menumpuk di pasar",
    "kabel semrawut takut putus",
    "nuhun, pohonna tos dipotong",
)


@dataclass(frozen=True, slots=True)
class Specimen:
    """`type`: of personal data; "" where there is none."""

    text: str
    type: str


def personal(each: int = 400) -> Iterator[Specimen]:
    """So many texts of every type, each with one number."""
    chance = random.Random(_START)  # noqa: S311 (texts to measure with)
    makers = {
        "nik": _nik,
        "kk": _kk,
        "phone": _phone,
        "plate": _plate,
        "customer_number": _customer,
    }
    for name, make in makers.items():
        for _ in range(each):
            yield Specimen(chance.choice(_AROUND).format(make(chance)), name)


def harmless(each: int = 20) -> Iterator[Specimen]:
    """Prices, dates, numbers of cases, routes and rules: nobody's."""
    chance = random.Random(_START)  # noqa: S311
    for form, _ in product(_NONE, range(each)):
        said = form.format(
            b=chance.randint(1, 99),
            c=chance.randint(100, 999),
            d=chance.randint(1, 9),
            m=f"{chance.randint(1, 12):02}",
        )
        yield Specimen(chance.choice(_AROUND).format(said), "")


def dangers() -> list[str]:
    """Somebody needs help now."""
    cried = [cry.format(danger) for danger, cry in product(_DANGERS, _CRIES)]
    return cried + specimens_alarm.DANGERS


def calm() -> list[str]:
    """Words of danger where there is none: fear, the past, thanks, figures of
    speech."""
    said = [
        around.format(said) for said, around in product(_CALM, ("{}", "min, {} ya"))
    ]
    return said + specimens_alarm.CALM


@dataclass(frozen=True, slots=True)
class Marked:
    """A message with what a person would say of it; `kinds` is empty where it has
    none."""

    text: str
    klass: str
    kinds: tuple[str, ...]
    language: str


def messages() -> Iterator[Marked]:
    """What residents write, and what comes in beside it: offices, advertising, talk."""
    for line in specimens_texts.TEXTS:
        klass, kinds, language, text = line.split("|", 3)
        yield Marked(
            text, klass, () if kinds == "-" else tuple(kinds.split(",")), language
        )


def _sixteen(chance: random.Random) -> str:
    area = f"{chance.choice((3271, 3201, 3276, 3174, 3578))}{chance.randint(1, 12):02}"
    day = chance.randint(1, 28) + chance.choice((0, 40))
    born = f"{day:02}{chance.randint(1, 12):02}{chance.randint(0, 99):02}"
    return f"{area}{born}{chance.randint(1, 9999):04}"


def _spelt(
    chance: random.Random, number: str, sizes: tuple[tuple[int, ...], ...]
) -> str:
    """In one piece or in groups, perhaps with letters that look like digits."""
    cut = chance.choice(((len(number),), *sizes))
    groups, at = [], 0
    for size in cut:
        groups.append(number[at : at + size])
        at += size
    groups[-1] += number[at:]
    written = chance.choice((" ", "-", ".", " - ", "–", "  ")).join(
        filter(None, groups)
    )
    if chance.random() < 0.1:
        written = written.replace("0", "O")
    return written


def _nik(chance: random.Random) -> str:
    front = chance.choice(
        (
            "NIK ",
            "nik: ",
            "NIK saya ",
            "no ktp ",
            "KTP=",
            "nik nya ",
            "niknya",
            "",
            "ini ",
        )
    )
    return front + _spelt(
        chance, _sixteen(chance), ((4, 4, 4, 4), (6, 6, 4), (2, 2, 2, 6, 4))
    )


def _kk(chance: random.Random) -> str:
    front = chance.choice(
        (
            "No KK ",
            "no. kk: ",
            "KK ",
            "nomor kartu keluarga ",
            "Kartu Keluarga saya ",
            "kk nya ",
        )
    )
    return front + _spelt(chance, _sixteen(chance), ((4, 4, 4, 4), (6, 6, 4)))


def _phone(chance: random.Random) -> str:
    front = chance.choice(
        ("hp ", "WA: ", "hubungi ", "tlp ", "nomor saya ", "", "wa.me/", "cp:")
    )
    if front != "wa.me/" and chance.random() < 0.1:
        return f"{front}(0251) 8{chance.randint(300_000, 399_999)}"
    prefix = chance.choice(
        ("812", "813", "821", "852", "857", "878", "896", "838", "881")
    )
    number = prefix + "".join(
        str(chance.randint(0, 9)) for _ in range(chance.randint(7, 9))
    )
    if front == "wa.me/":
        return f"{front}62{number}"
    lead = chance.choice(("0", "0", "0", "+62", "62", "+62 ", "(+62) "))
    if lead == "0":
        return front + _spelt(
            chance, f"0{number}", ((4, 4, 4), (4, 3, 5), (4, 2, 2, 2, 2))
        )
    return front + lead + _spelt(chance, number, ((3, 4, 4), (3, 3, 4)))


def _plate(chance: random.Random) -> str:
    area = chance.choice(("F", "B", "D", "AB", "AD", "Z", "N"))
    tail = "".join(
        chance.choice("ABCDFGHJKLMNPRSTUVWXYZ") for _ in range(chance.randint(2, 3))
    )
    gap = chance.choice((" ", "", "-", "."))
    written = f"{area}{gap}{chance.randint(10, 9999)}{gap}{tail}"
    if chance.random() < 0.4:
        return (
            f"{chance.choice(('plat', 'nopol', 'plat nomor', 'no pol'))}"
            f" {written.lower()}"
        )
    return f"{chance.choice(('mobil', 'motor', 'angkot', 'truk'))} {written}"


def _customer(chance: random.Random) -> str:
    front = chance.choice(
        (
            "no sambungan ",
            "no pelanggan: ",
            "ID pelanggan ",
            "idpel ",
            "nomor meter ",
            "nopel ",
            "no. langganan PDAM ",
            "id pel ",
            "nomor rekening air ",
            "no samb ",
        )
    )
    number = "".join(
        str(chance.randint(0, 9)) for _ in range(chance.choice((8, 9, 10, 11, 12)))
    )
    return front + _spelt(chance, f"5{number}", ((4, 4), (2, 3, 4)))
