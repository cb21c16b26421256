"""A copy has the words of what it copies; almost nothing has words of its own."""

from __future__ import annotations

import pytest
from reading import LEXICON

from aggregator.rules.reports import duplicates

LAMP = "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari"


@pytest.mark.parametrize(
    "copy",
    [
        f"RT @siti: {LAMP}",
        f"{LAMP} https://t.co/abc123",
        f"@dishub @pemkot {LAMP}!!!",
        LAMP.upper(),
        f"  {LAMP.replace(' ', '  ')}\n",
        f"RT @a: RT @b: {LAMP}",
    ],
)
def test_a_copy_has_the_same_words(copy: str) -> None:
    assert duplicates.words_key(copy, LEXICON) == duplicates.words_key(LAMP, LEXICON)


@pytest.mark.parametrize(
    "other",
    [
        LAMP.replace("RW 4", "RW 5"),
        LAMP.replace("Kepatihan", "Mekah"),
        LAMP.replace("lima", "enam"),
        "lima hari mati RW 4 Gg. Kepatihan di jalan Lampu",
    ],
)
def test_another_place_or_number_is_another_text(other: str) -> None:
    assert duplicates.words_key(other, LEXICON) != duplicates.words_key(LAMP, LEXICON)


@pytest.mark.parametrize(
    "text", ["min", "tolong min", "up up up", "", None, "@dishub https://t.co/x"]
)
def test_nothing_can_be_told_from_almost_nothing(text: str | None) -> None:
    assert duplicates.words_key(text, LEXICON) is None
