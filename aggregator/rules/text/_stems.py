"""Which word of a list a form with Indonesian or Sundanese affixes belongs to.

Not a stemmer for its own sake: an affix is only taken off where the rest is a word of
the list, so "diparkirkan" finds "parkir" and "seragam" is never taken apart.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import lru_cache

_SUFFIXES = (
    "nya",
    "kan",
    "an",
    "i",
    "na",
    "keun",
    "eun",
    "lah",
    "kah",
    "pun",
    "annya",
    "kannya",
)
_PREFIXES = (
    "di",
    "ter",
    "ke",
    "se",
    "ber",
    "be",
    "per",
    "pe",
    "me",
    "ka",
    "nga",
    "ng",
    "pa",
)
# A nasal prefix swallows the first sound: memarkir, menutup, menyumbat, mengirim,
# ngaspal.
_NASAL = (
    ("meny", "s"),
    ("peny", "s"),
    ("ny", "s"),
    ("meng", ""),
    ("meng", "k"),
    ("peng", ""),
    ("peng", "k"),
    ("mem", "p"),
    ("mem", ""),
    ("pem", "p"),
    ("pem", ""),
    ("men", "t"),
    ("men", ""),
    ("pen", "t"),
    ("pen", ""),
    ("m", "p"),
    ("n", "t"),
    ("ng", "k"),
)
_SHORTEST = 3
# Words that look like a form of another word and are not.
_WHOLE = frozenset(
    word
    for line in (
        (
            "mohon memohon pemohon dimohon kiri cari mencari marah memarahi dimarahi"
            " melakukan"
        ),
        (
            "permata kuningan seputar seputaran jaman bisi pegang memegang taxi semata"
            " nabung"
        ),
        (
            "kapasari perdana tumbangan kembangan kandangan bekasi ngota mukul pakaian"
            " setidaknya"
        ),
        "terlalu selalu gerakan pemuda perayaan sekelas pemeliharaan pendapat makanan",
        (
            "penggunaan menggunakan memberi memberikan kecepatan perjalanan"
            " perjalanannya sekali"
        ),
        "pesan mesan nakal pandangan",
    )
    for word in line.split()
)


def in_list(word: str, known: Container[str]) -> str | None:
    """The listed word this is a form of, or None."""
    if word in known:
        return word
    for bare in _made_of(word):
        if bare in known:
            return bare
    return None


@lru_cache(maxsize=16384)
def _made_of(word: str) -> tuple[str, ...]:
    """What a word may be a form of, likeliest first: one look for all lists."""
    if len(word) <= _SHORTEST or word in _WHOLE:
        return ()
    ends = [word, *(word[: -len(end)] for end in _SUFFIXES if word.endswith(end))]
    whole = [rest for rest in ends if len(rest) >= _SHORTEST]
    return tuple(
        dict.fromkeys([*whole, *(bare for rest in ends for bare in _begun(rest))])
    )


def _begun(rest: str) -> Iterator[str]:
    """A word without each prefix it may begin with."""
    for start in _PREFIXES:
        if rest.startswith(start) and len(rest) - len(start) > _SHORTEST:
            yield rest[len(start) :]
    for start, sound in _NASAL:
        if rest.startswith(start):
            bare = sound + rest[len(start) :]
            if len(bare) > _SHORTEST:
                yield bare
