"""Words of a text in one spelling."""

from __future__ import annotations

import pytest
from reading import LEXICON

from aggregator.rules.text.words import MAIL, spoken, tokens, without_repost


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "tlg dong jln di dpn SDN rusaaaak bgt",
            "tolong dong jalan di depan sd rusak sangat",
        ),
        ("rumah2 kebanjiran gara-gara got mampet", "rumah banjir gara saluran mampet"),
        ("PJU Gg. Melati RT03/RW 04 pareum", "pju gang melati rt 3 rw 4 mati"),
        ("angkot 08 bukan 03", "angkot 8 bukan 3"),
        ("macet di per4an, trs per3an", "macet di perempatan terus pertigaan"),
        ("@kota_contoh https://t.co/abc cek www.contoh.id/x a@b.co ya", "cek iya"),
        ("runtah teu diangkut ti kamari", "sampah tidak diangkut dari kemarin"),
        ("ＦＵＬＬＷＩＤＴＨ hatur nuhun", "fullwidth hatur terima_kasih"),
        ("", ""),
        ("🔥🔥 !!!", ""),
    ],
)
def test_one_spelling(said: str, words: str) -> None:
    assert tokens(said, LEXICON.spellings) == words.split()


def test_numbers_and_names_that_tell_complaints_apart_stay() -> None:
    known = LEXICON.spellings
    one, other = "Jl. Cendana Raya 12A RW 4", "Jl. Cendana Raya 12B RW 4"
    assert tokens(one, known) != tokens(other, known)
    assert "0123456789" in tokens("no sambungan 0123456789", known)


def test_what_was_said_keeps_its_language() -> None:
    assert spoken("teu acan ngocor caina") == ["teu", "acan", "ngocor", "caina"]


def test_reposts_lose_their_prefixes() -> None:
    assert without_repost("12.30: RT @radio: RT @warga: lampu mati") == "lampu mati"
    assert without_repost("RT 03 banjir") == "RT 03 banjir"


def test_every_spelling_can_be_met_and_none_leads_to_another() -> None:
    known = LEXICON.spellings
    assert len(known) > 500
    assert not set(known) & set(known.values())
    assert not MAIL.search(" ".join(known))
