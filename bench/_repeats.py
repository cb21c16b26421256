"""A made-up stream of complaints for measuring twins: a third repeat an earlier one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

_THINGS = (
    "lampu jalan",
    "got",
    "jalan aspal",
    "tumpukan sampah",
    "angkot",
    "parkir motor",
    "air ledeng",
    "pohon besar",
    "trotoar",
    "lampu merah",
    "kabel listrik",
    "pedagang",
    "jembatan kecil",
    "halte bus",
    "taman bermain",
    "saluran irigasi",
    "papan reklame",
    "pagar sekolah",
)
_STATES = (
    "mati total",
    "mampet dan meluap",
    "berlubang dalam",
    "berbau menyengat",
    "ngetem sembarangan",
    "menutup separuh jalan",
    "tidak mengalir sama sekali",
    "miring hampir roboh",
    "pecah di banyak",
    "menjuntai rendah",
    "rusak berat",
    "retak memanjang",
    "terbakar semalam",
    "penuh coretan",
)
_STREETS = (
    "Melati",
    "Kenanga",
    "Anggrek",
    "Mawar",
    "Flamboyan",
    "Dahlia",
    "Cempaka",
    "Teratai",
    "Seruni",
    "Bougenville",
    "Kamboja",
    "Soka",
    "Tanjung",
    "Wijaya",
    "Nusa Indah",
    "Alamanda",
    "Sedap Malam",
)
_STORIES = (
    "sudah seminggu belum ada petugas yang datang",
    "kemarin sore tetangga saya jatuh di situ",
    "kalau malam gelap dan rawan sekali",
    "tiap hujan airnya masuk sampai ruang tamu",
    "anak sekolah lewat situ tiap pagi",
    "ketua lingkungan sudah melapor tanpa hasil",
    "bikin macet sampai ujung gang",
    "ibu hamil terpaksa jalan memutar jauh",
    "pedagang mengeluh sepi pembeli",
    "orang tua saya kesulitan keluar rumah",
)
_NAMES = (
    "toko",
    "warung",
    "bengkel",
    "pos ronda",
    "musala",
    "klinik",
    "sekolah",
    "balai",
    "gudang",
)
_SYLLABLES = (
    "ra",
    "ni",
    "su",
    "ka",
    "ma",
    "di",
    "ta",
    "lo",
    "pe",
    "ju",
    "wa",
    "ri",
    "ba",
    "go",
)


@dataclass(frozen=True, slots=True)
class Post:
    """`twin`: the position of the first message it repeats, its own where it repeats
    none."""

    said: str
    twin: int


def stream(count: int, seed: int = 1) -> Iterator[Post]:
    """Messages of which a third repeat an earlier one in another shape."""
    chance = random.Random(seed)
    origins: list[tuple[int, str]] = []
    for position in range(count):
        if len(origins) > 100 and chance.random() < 1 / 3:
            twin, said = origins[chance.randrange(len(origins))]
            yield Post(passed_on(chance, said), twin)
            continue
        if len(origins) > 100 and chance.random() < 0.5:
            said = _elsewhere(
                chance, origins[chance.randrange(len(origins))][1], position
            )
        else:
            said = _fresh(chance, position)
        origins.append((position, said))
        yield Post(said, position)


def _fresh(chance: random.Random, position: int) -> str:
    name = "".join(chance.choice(_SYLLABLES) for _ in range(4)).title()
    return (
        f"{chance.choice(_THINGS)} {chance.choice(_STATES)} di Jalan"
        f" {chance.choice(_STREETS)} nomor {position % 9973 + 1} RT"
        f" {chance.randint(1, 12)} RW {chance.randint(1, 15)} dekat"
        f" {chance.choice(_NAMES)} {name}, {chance.choice(_STORIES)}"
    )


def _elsewhere(chance: random.Random, said: str, position: int) -> str:
    """The same words about another house: never one problem."""
    before, _, after = said.partition(" nomor ")
    return f"{before} nomor {1_000 + position} {after.partition(' ')[2]}"


def passed_on(chance: random.Random, said: str) -> str:
    """A copy as people make it: retweeted, greeted, cut off, typed in a hurry,
    decorated."""
    way = chance.randrange(6)
    if way == 0:
        return f"RT @warga{chance.randrange(999)}: {said}"
    if way == 1:
        return f"Assalamualaikum min, {said} mohon bantuannya 🙏"
    if way == 2:
        return f"{said[: int(len(said) * 0.8)]}…"
    if way == 3:
        return _hurried(chance, said)
    if way == 4:
        return f"{said.upper()}!!! https://t.co/{chance.randrange(10**6)} #bogor"
    words = said.split()
    at = next(
        i
        for i in _shuffled(chance, len(words))
        if words[i].isalpha() and len(words[i]) > 5
    )
    letters = list(words[at])
    letters[2], letters[3] = letters[3], letters[2]
    return " ".join([*words[:at], "".join(letters), *words[at + 1 :]])


def _shuffled(chance: random.Random, count: int) -> list[int]:
    return chance.sample(range(count), count)


def _hurried(chance: random.Random, said: str) -> str:
    for usual, short in (
        ("jalan", "jln"),
        ("sudah", "udh"),
        ("yang", "yg"),
        ("tidak", "gak"),
        ("dekat", "dkt"),
        ("nomor", "no."),
        ("sekali", "bgt"),
        ("belum", "blm"),
        ("kalau", "klo"),
    ):
        said = said.replace(usual, short).replace(usual.title(), short)
    return said
