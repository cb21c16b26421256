"""Each reason for which two reports are not joined without a person, by itself."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from reading import LEXICON

from aggregator.rules.reports.agreement import Context
from aggregator.rules.reports.traits import traits
from aggregator.rules.reports.vetoes import VETOES, Pair, speaking
from aggregator.rules.text.comparison import compare

LAMP = "Lampu PJU di Jl. Pajajaran mati sudah tiga hari, gelap sekali kalau malam"
NOTHING = Context()


class Case(NamedTuple):
    """Two texts that a veto speaks about, and what it shows."""

    a: str
    b: str
    shown: str
    context: Context = NOTHING


SPEAKS = {
    "other_number": Case(
        "sampah menumpuk di RT 3 bau sekali",
        "sampah menumpuk di RT 4 bau sekali",
        "rt:3, rt:4",
    ),
    "other_place": Case(
        "lubang besar di Jalan Melati depan masjid",
        "lubang besar di Jalan Melani depan masjid",
        "Jalan Melani, Jalan Melati",
    ),
    "other_words": Case(
        "trotoar rusak dipakai parkir motor", "trotoar rusak dipakai jualan bakso", "4"
    ),
    "other_order": Case(
        "pengendara motor menabrak angkot dekat terminal",
        "angkot menabrak pengendara motor dekat terminal",
        "",
    ),
    "negation": Case(
        "petugas datang membersihkan saluran kemarin pagi",
        "petugas tidak datang membersihkan saluran kemarin pagi",
        "",
    ),
    "question": Case(
        "jadwal angkut sampah perumahan griya berubah",
        "kapan jadwal angkut sampah perumahan griya berubah",
        "",
    ),
    "done": Case(
        "mohon jalan berlubang depan kantor pos diperbaiki",
        "sudah jalan berlubang depan kantor pos diperbaiki",
        "",
    ),
    "little_text": Case("jalan rusak", "jalan rusak", ""),
    "confidential": Case(LAMP, LAMP, "", Context(confidential=True)),
}


def pair(case: Case) -> Pair:
    a, b = traits(case.a, LEXICON), traits(case.b, LEXICON)
    return Pair(a, b, compare(a.canonical, b.canonical), case.context)


def test_every_veto_has_an_example() -> None:
    assert set(SPEAKS) == set(VETOES)


@pytest.mark.parametrize("name", VETOES)
def test_a_veto_speaks_whichever_of_the_two_came_first(name: str) -> None:
    case = SPEAKS[name]
    turned = case._replace(a=case.b, b=case.a)
    assert VETOES[name](pair(case)) == VETOES[name](pair(turned)) == case.shown


@pytest.mark.parametrize("name", VETOES)
def test_no_veto_speaks_against_a_copy(name: str) -> None:
    assert VETOES[name](pair(Case(LAMP, f"RT @warga: {LAMP}", ""))) is None


@pytest.mark.parametrize(
    ("metres", "shown"), [(None, None), (400.0, None), (900.0, "900 m")]
)
def test_copies_far_apart_are_of_two_places(
    metres: float | None, shown: str | None
) -> None:
    said = "tiang listrik miring hampir roboh menimpa warung"
    found = pair(Case(said, said, "", Context(metres=metres)))
    assert VETOES["other_place"](found) == shown


def test_what_speaks_is_told_in_the_order_of_the_table() -> None:
    case = Case("jalan rusak", "angkot mogok", "", Context(confidential=True))
    assert [name for name, _ in speaking(pair(case))] == [
        "other_words",
        "little_text",
        "confidential",
    ]
