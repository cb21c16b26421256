"""Which language a text is in."""

from __future__ import annotations

import pytest
from reading import LEXICON

from aggregator.rules.text import language, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mohon lampu di jalan kami segera diperbaiki karena sudah gelap seminggu",
            "id",
        ),
        ("Punten, cai teu ngocor ti kamari, kumaha ieu teh", "su"),
        ("Dalane peteng banget, lampune mati wis seminggu ora didandani", "jv"),
        ("Hello, is the museum open tomorrow and how do we get there?", "en"),
        ("Jl. Batutulis mati dua malam", "id"),
        ("hallo min, air mati nih", "id"),
        ("tiket masuk museum berapa ya? tanya no telp juga", "id"),
        ("aplikasi ga update, busnya ga pernah on time", "id"),
        ("tangkal rungkad nutupan jalan", "su"),
        ("uwuhe akeh banget, mambu", "jv"),
        ("Garbage everywhere", "en"),
        ("Bonjour, où est le jardin botanique?", "other"),
        ("我们想问一下", "other"),
        ("🔥🔥", "other"),
    ],
)
def test_the_language_of_a_message(text: str, expected: str) -> None:
    assert language.language_of(text, LEXICON).language == expected


def test_it_works_without_trained_numbers() -> None:
    said = words.spoken("punten, cai teu ngocor ti kamari")
    assert language.guess(said, LEXICON.everyday, None).language in ("su", "id-su")


def test_indonesian_beside_english_is_mixed() -> None:
    said = words.spoken(
        "please tolong dong this is very urgent, jalan saya sudah rusak and dark"
    )
    assert language.guess(said, LEXICON.everyday, None).language == "mixed"
