"""What a text repeats of something that is erased is taken out of it."""

from __future__ import annotations

import pytest

from aggregator.rules.text.quotes import Said

SAID = Said(
    texts=["Lampu di Gang Melati 3 padam, telepon 0812 5550 1234"],
    names=["Siti Rahayu", "siti_bogor77", "siti@surel.example"],
    others=["Lampu padam juga di Gang Kepatihan"],
    common=frozenset({"telepon"}),
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Petugas sudah berangkat.", "Petugas sudah berangkat."),
        ("Lampu padam, cek dulu.", "Lampu padam, cek dulu."),
        ("Bu Siti bilang di Gang Melati 3.", "Bu [dihapus] bilang [dihapus]."),
        ("Hubungi +62 812-5550-1234 ya", "Hubungi [dihapus] ya"),
        ("Balas @siti_bogor77: segera", "Balas @[dihapus]: segera"),
        ("telepon", "telepon"),
    ],
)
def test_near_what_was_said_words_that_only_it_has_go(text: str, left: str) -> None:
    assert SAID.out_of(text, near=True) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Gang Melati ditutup untuk hajatan", "Gang Melati ditutup untuk hajatan"),
        ("Siti dari dinas piket besok", "Siti dari dinas piket besok"),
        ("Ibu Siti Rahayu menelepon lagi", "Ibu [dihapus] menelepon lagi"),
        ("surel dari siti@surel.example", "surel dari [dihapus]"),
        ("lampu di gang melati 3 padam katanya", "[dihapus] katanya"),
    ],
)
def test_far_from_it_only_what_points_to_the_person_goes(text: str, left: str) -> None:
    assert SAID.out_of(text, near=False) == left
