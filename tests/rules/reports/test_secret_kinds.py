"""A case is hidden where somebody tells of an official, not where a rule guesses."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator import city
from aggregator.rules.reports.understand import Understood, understand


def read(text: str) -> Understood:
    here = city.here()
    return understand(
        text,
        here.lexicon,
        gazetteer=here.places,
        duties=here.duties,
        on=date(2026, 3, 2),
    )


@pytest.mark.parametrize(
    "text", ["Antrean di loket panjang sekali", "calo di depan samsat", "loket tutup"]
)
def test_a_guess_hides_no_ordinary_report(text: str) -> None:
    found = read(text)
    assert found.visibility != "rahasia"
    assert "inspektorat" not in [owner.agency for owner in found.owners]


def test_who_tells_of_an_official_is_read_by_the_inspectorate_alone() -> None:
    found = read("Petugas loket minta uang 50 ribu")
    assert found.visibility == "rahasia"
    assert found.owners[0].agency == "inspektorat"
