"""The filter of the queue in its address: what is unknown is left out, the rest comes
back."""

from __future__ import annotations

import pytest

from aggregator.desk import filters
from aggregator.desk.filters import Filter


def test_an_address_says_a_filter_and_is_said_by_it() -> None:
    asked = {
        "tampilan": "tenggat",
        "kanal": "telegram",
        "pelapor": "5",
        "cari": " lampu  mati ",
    }
    chosen = filters.parse(asked)
    assert chosen == Filter(
        "tenggat", channel="telegram", reporters=5, words="lampu mati"
    )
    assert chosen.query() == "tampilan=tenggat&kanal=telegram&pelapor=5&cari=lampu+mati"
    assert chosen.narrowed == {
        "channel": "telegram",
        "reporters": "5",
        "words": "lampu mati",
    }


def test_changing_one_part_keeps_the_others() -> None:
    chosen = Filter("semua", channel="x", order="usia")
    assert chosen.query(channel="") == "tampilan=semua&urut=usia"


@pytest.mark.parametrize(
    "asked",
    [
        {"tampilan": "lain"},
        {"status": "x"},
        {"urut": "1; DROP"},
        {"kanal": "a' OR 1=1"},
        {"akun": "-4"},
        {"pelapor": "9" * 20},
        {"wilayah": "k" * 65},
    ],
)
def test_what_makes_no_sense_is_left_out(asked: dict[str, str]) -> None:
    assert filters.parse(asked) == Filter()
