"""Which messages ring for 112."""

from __future__ import annotations

import pytest
from reading import LEXICON

from aggregator.rules.reports.urgency import alarm, judge
from aggregator.rules.text import phrases, words


@pytest.mark.parametrize(
    "text",
    [
        "TOLONG ada kebakaran di belakang pasar, api membesar!!",
        "tiang listrik roboh menimpa rumah warga, tolong",
        "aya budak ragrag tina jambatan, tulungan",
        "longsor di kampung kami, dua orang kejebak",
        "barusan ada kecelakaan, korban luka parah di simpang",
        "anak hanyut di kali, tolong cepat",
        "pohon tumbang nutup jalan, motor tidak bisa lewat",
        "help, there is a fire in the building right now",
        "air sudah masuk rumah warga, tolong",
        "selokan mampet, air masuk rumah sudah sepinggang, nenek tidak bisa keluar",
        "got mampet, air masuk rumah makin tinggi, ada bayi",
    ],
)
def test_danger_rings(text: str) -> None:
    found = alarm(text, LEXICON)
    assert found.rings and found.reasons


@pytest.mark.parametrize(
    "text",
    [
        "lampu jalan pareum, tadi peuting aya nu ragrag tina motor",
        "macet parah bikin mati gaya",
        "BPBD melakukan evakuasi pohon tumbang, arus lalu lintas kembali normal",
        "katanya besok libur karena gempa, itu hoax bukan",
        "semoga ga ada lagi yang keracunan, tolong diawasi dapurnya",
        "takut pohon tumbang kalau angin kencang, tolong dipangkas",
        "terima kasih damkar, api sudah padam",
        "tahun lalu pernah kebakaran di sini",
        "mau tanya nomor damkar berapa ya",
        "lagi banjir orderan nih, alhamdulillah",
        "lampu jalan mati sudah seminggu",
        "selokan mampet, air sampai masuk rumah, mohon dikeruk",
        "solokan mampet, cai asup ka imah",
        "tagihan air naik terus padahal rumah kosong",
        "",
    ],
)
def test_idioms_fears_the_past_and_thanks_do_not(text: str) -> None:
    assert not alarm(text, LEXICON).rings


@pytest.mark.parametrize(
    ("text", "rings"),
    [
        ("polisi menangkap pelaku, korban tertembak", False),
        ("polisi menangkap pelaku, korban tertembak, tolong", True),
        ("barusan korban tertembak, pelaku diduga lari", True),
    ],
)
def test_news_of_a_danger_ring_only_where_it_is_now_or_help_is_called_for(
    text: str, rings: bool
) -> None:
    found = alarm(text, LEXICON)
    assert found.rings is rings and found.quieted


def test_what_spoke_against_is_told() -> None:
    assert alarm("takut pohon tumbang", LEXICON).quieted


def test_one_line_of_a_list_stands_for_many_phrases() -> None:
    found = phrases.entries_of("life", "life", "pisau|golok + kejar|serang", {})
    assert [(entry.text, entry.together) for entry in found] == [
        ("pisau kejar", True),
        ("pisau serang", True),
        ("golok kejar", True),
        ("golok serang", True),
    ]


@pytest.mark.parametrize(
    ("text", "rings"),
    [
        ("kebakaran di pasar sekarang", True),
        ("dia kebakaran jenggot", False),
        ("saya takut kebakaran", False),
    ],
)
def test_the_lists_alone_hear_neither_a_figure_of_speech_nor_a_fear(
    text: str, rings: bool
) -> None:
    tokens = words.tokens(text, LEXICON.spellings)
    assert judge(tokens, LEXICON.urgency).rings is rings
