"""Case numbers are dictated over the telephone: every slip of one digit must be
noticed."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rules.reports import casenumbers

ids = st.integers(min_value=1, max_value=5_000_000)


def test_numbers_are_short_and_valid() -> None:
    assert casenumbers.number_of(1) == "100014"
    assert casenumbers.is_valid("100014")
    assert len(casenumbers.number_of(89_999)) == 6


@given(ids)
def test_every_wrong_character_is_noticed(case_id: int) -> None:
    number = casenumbers.number_of(case_id)
    for position, right in enumerate(number):
        for wrong in string.digits + "OIlSB-":
            if wrong != right:
                assert not casenumbers.is_valid(
                    number[:position] + wrong + number[position + 1 :]
                )


@given(ids)
def test_every_swap_of_neighbours_is_noticed(case_id: int) -> None:
    number = casenumbers.number_of(case_id)
    for left, (a, b) in enumerate(itertools.pairwise(number)):
        if a != b:
            assert not casenumbers.is_valid(number[:left] + b + a + number[left + 2 :])


@given(ids, ids)
def test_no_two_cases_share_a_number(one: int, other: int) -> None:
    assert (casenumbers.number_of(one) == casenumbers.number_of(other)) == (
        one == other
    )


@pytest.mark.parametrize(
    "typed", ["100 014", " 100014 ", "#100014", "1000-14", "100.014"]
)
def test_what_people_type_around_it_does_not_matter(typed: str) -> None:
    assert casenumbers.tidy(typed) == "100014"


@pytest.mark.parametrize("typed", ["", "1", "abcdef", "١٠٠٠١٤", "99"])
def test_what_cannot_be_a_number_is_refused(typed: str) -> None:
    assert not casenumbers.is_valid(typed)
