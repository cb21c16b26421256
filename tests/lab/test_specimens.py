"""The floor below which finding personal numbers and dangers must not fall."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from reading import HERE, LEXICON

from aggregator.lab import specimens
from aggregator.rules.reports import urgency
from aggregator.rules.reports.understand import understand
from aggregator.rules.text import pii


@pytest.mark.parametrize("kind", ["nik", "kk", "phone", "plate", "customer_number"])
def test_of_a_hundred_numbers_in_many_spellings_ninety_nine_are_found(
    kind: str,
) -> None:
    made = [one for one in specimens.personal() if one.type == kind]
    found = sum(kind in pii.types(one.text, LEXICON.people) for one in made)
    assert len(made) == 400 and found >= 0.99 * len(made)


def test_prices_dates_and_numbers_of_cases_are_nobodys() -> None:
    taken = [
        one.text for one in specimens.harmless() if pii.types(one.text, LEXICON.people)
    ]
    assert taken == []


def test_dangers_ring_and_fears_do_not() -> None:
    rings = Counter(urgency.alarm(text, LEXICON).rings for text in specimens.dangers())
    assert rings[True] >= 0.95 * rings.total()
    assert [
        text for text in specimens.calm() if urgency.alarm(text, LEXICON).rings
    ] == []


def test_nine_of_ten_messages_are_read_as_a_person_would() -> None:
    right: Counter[str] = Counter()
    marked = list(specimens.messages())
    for one in marked:
        found = understand(
            one.text,
            LEXICON,
            gazetteer=HERE.places,
            duties=HERE.duties,
            on=date(2026, 3, 2),
        )
        right["class"] += found.klass == one.klass
        right["language"] += found.language == one.language
        right["kinds"] += set(one.kinds) <= {guess.code for guess in found.kinds}
    assert min(right.values()) >= 0.9 * len(marked), right


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("niknya3271019912990001", ["nik"]),
        ("no samb 5307–43145706", ["customer_number"]),
        ("chat saja https://wa.me/6281234567890", ["phone"]),
        ("lihat https://contoh.id/p/909909909909909", []),
        ("anggaran Rp 88.241.241.000 ke mana", []),
        ("jalan gelap, aduan nomor 18191 belum dijawab", []),
    ],
)
def test_words_around_a_number_say_whose_it_is(text: str, expected: list[str]) -> None:
    assert pii.types(text, LEXICON.people) == expected


def test_the_made_up_texts_are_the_same_every_time() -> None:
    assert list(specimens.personal(5)) == list(specimens.personal(5))
