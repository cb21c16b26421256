"""The same words, said in private, to an office's account or by a newspaper."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator import city
from aggregator.rules.reports import classes
from aggregator.rules.reports.context import UNKNOWN, Context
from aggregator.rules.reports.understand import Understood, understand


def read(text: str, context: Context = UNKNOWN) -> Understood:
    here = city.here()
    return understand(
        text,
        here.lexicon,
        gazetteer=here.places,
        duties=here.duties,
        context=context,
        on=date(2026, 3, 2),
    )


IN_PASSING = "tekanan air lemah bgt tiap pagi di Cimahpar"


@pytest.mark.parametrize("private", [None, False, True])
def test_a_problem_told_is_a_complaint(private: bool | None) -> None:
    assert read(IN_PASSING, Context(private=private)).klass == "pengaduan"


def test_who_writes_to_the_city_alone_does_not_talk_about_it_in_passing() -> None:
    nothing_said = dict.fromkeys(classes.GROUPS, 0.0)
    talk: dict[classes.Talk, float] = {"case": -1.0, "office": 0.0, "talk": 2.0}
    overheard = classes.class_scores(nothing_said, 1.5, talk)
    written = classes.class_scores(nothing_said, 1.5, talk, direct=True, private=True)
    assert max(overheard, key=lambda code: overheard[code]) == "bukan_aduan"
    assert max(written, key=lambda code: written[code]) == "pengaduan"


@pytest.mark.parametrize("text", ["Assalamualaikum", "siang min", "ok siap", "🙏🙏"])
def test_a_greeting_is_no_complaint_in_private_either(text: str) -> None:
    assert read(text, Context(private=True)).klass == "bukan_aduan"


@pytest.mark.parametrize("author", ["office", "press", "bot"])
def test_an_office_or_a_newspaper_waits_for_no_answer(author: str) -> None:
    found = read("Kebakaran di Pasar Anyar", Context(author=author))  # type: ignore[arg-type]
    assert found.klass == "bukan_aduan"
    assert found.owners == ()
    assert found.office is (author == "office")


def test_the_account_that_was_addressed_weighs_where_words_leave_it_open() -> None:
    """Residents choose accounts by luck: it never outweighs what is told."""
    open_words = "kok begini terus sih, sudah lima hari tidak keluar"
    assert not read(open_words).sure
    water = read(open_words, Context(private=True, account="tirtapakuan"))
    assert water.kinds[0].code == "air_minum"
    told = read("Lampu jalan mati", Context(private=True, account="tirtapakuan"))
    assert told.kinds[0].code == "pju_mati"


def test_the_account_of_the_whole_city_says_nothing_of_the_kind() -> None:
    city_hall = Context(private=True, account="diskominfo")
    assert read("Lampu jalan mati", city_hall).kinds == read("Lampu jalan mati").kinds


def test_what_goes_to_its_office_by_itself_is_sure() -> None:
    assert read("Lampu jalan di RW 4 Batutulis mati").sure
    assert not read("Selamat pagi").sure
