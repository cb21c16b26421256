"""Which word of a list a form with Indonesian or Sundanese affixes belongs to.

Not a stemmer for its own sake: an affix is only taken off where the rest is a word of the list, so
"diparkirkan" finds "parkir" and "seragam" is never taken apart.
"""

from __future__ import annotations

from collections.abc import Container

_SUFFIXES = ("nya", "kan", "an", "i", "na", "keun", "eun", "lah", "kah", "pun", "annya", "kannya")
_PREFIXES = ("di", "ter", "ke", "se", "ber", "be", "per", "pe", "me", "ka", "nga", "ng", "pa")
# A nasal prefix swallows the first sound: memarkir, menutup, menyumbat, mengirim, ngaspal.
_NASAL = (
    ("meny", "s"), ("peny", "s"), ("ny", "s"), ("meng", ""), ("meng", "k"), ("peng", ""),
    ("peng", "k"), ("mem", "p"), ("mem", ""), ("pem", "p"), ("pem", ""), ("men", "t"), ("men", ""),
    ("pen", "t"), ("pen", ""), ("m", "p"), ("n", "t"), ("ng", "k"),
)  # fmt: skip
_SHORTEST = 3
# Words that look like a form of another word and are not.
_WHOLE = frozenset(
    word
    for line in (
        "mohon memohon pemohon dimohon kiri cari mencari marah memarahi dimarahi melakukan",
        "permata kuningan seputar seputaran jaman bisi pegang memegang taxi semata nabung",
        "kapasari perdana tumbangan kembangan kandangan bekasi ngota mukul pakaian setidaknya",
        "terlalu selalu gerakan pemuda perayaan sekelas pemeliharaan pendapat makanan",
        "penggunaan menggunakan memberi memberikan kecepatan perjalanan perjalanannya sekali",
        "pesan mesan nakal pandangan",
    )
    for word in line.split()
)


def in_list(word: str, known: Container[str]) -> str | None:
    """The listed word this is a form of, or None."""
    if word in known:
        return word
    if len(word) <= _SHORTEST or word in _WHOLE:
        return None
    ends = [word, *(word[: -len(end)] for end in _SUFFIXES if word.endswith(end))]
    for rest in ends:
        if len(rest) >= _SHORTEST and rest in known:
            return rest
    for rest in ends:
        for start in _PREFIXES:
            if rest.startswith(start) and len(rest) - len(start) > _SHORTEST:
                bare = rest[len(start) :]
                if bare in known:
                    return bare
        for start, sound in _NASAL:
            if rest.startswith(start):
                bare = sound + rest[len(start) :]
                if len(bare) > _SHORTEST and bare in known:
                    return bare
    return None
