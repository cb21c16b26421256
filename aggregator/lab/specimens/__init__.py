"""Made-up texts whose truth is known: personal numbers in many spellings, and dangers.

Always the same texts: the numbers come from a generator with a fixed start and belong
to nobody that is known. What they measure is whether the forms are met, not how often
residents use them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml

_START = 20_251
_HERE = Path(__file__).parent


@cache
def _read(name: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = yaml.safe_load((_HERE / name).read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Specimen:
    """`type`: of personal data; "" where there is none."""

    text: str
    type: str


def personal(each: int = 400) -> Iterator[Specimen]:
    """So many texts of every type, each with one number."""
    chance = random.Random(_START)  # noqa: S311 (texts to measure with)
    around = _read("numbers.yaml")["around"]
    makers = {
        "nik": _nik,
        "kk": _kk,
        "phone": _phone,
        "plate": _plate,
        "customer_number": _customer,
    }
    for name, make in makers.items():
        for _ in range(each):
            yield Specimen(chance.choice(around).format(make(chance)), name)


def harmless(each: int = 20) -> Iterator[Specimen]:
    """Prices, dates, numbers of cases, routes and rules: nobody's."""
    chance = random.Random(_START)  # noqa: S311
    numbers = _read("numbers.yaml")
    for form, _ in product(numbers["harmless"], range(each)):
        said = form.format(
            b=chance.randint(1, 99),
            c=chance.randint(100, 999),
            d=chance.randint(1, 9),
            m=f"{chance.randint(1, 12):02}",
        )
        yield Specimen(chance.choice(numbers["around"]).format(said), "")


def dangers() -> list[str]:
    """Somebody needs help now."""
    texts = _read("alarm.yaml")
    cries = product(texts["cried"], texts["cries"])
    return [cry.format(said) for said, cry in cries] + texts["dangers"]


def calm() -> list[str]:
    """Words of danger where there is none: fear, the past, thanks, figures of
    speech."""
    texts = _read("alarm.yaml")
    remarks = product(texts["said"], texts["remarks"])
    return [remark.format(said) for said, remark in remarks] + texts["calm"]


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
    for row in _read("messages.yaml")["messages"]:
        yield Marked(row["text"], row["class"], tuple(row["kinds"]), row["language"])


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
