"""What platforms bill follows the day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from aggregator.city import prices
from aggregator.city.prices import Price
from aggregator.store.configfile import ConfigError
from aggregator.store.settings import PROGRAMS_CONFIG


def price(what: str, since: date, usd: float) -> Price:
    return Price(
        channel="x", what=what, since=since, usd=usd, source="docs", verified=True
    )


KNOWN = (
    price("post", date(2026, 4, 20), 0.001),
    price("post", date(2026, 2, 6), 0.005),
    price("user", date(2026, 4, 20), 0.01),
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 5), 0.0),
        (date(2026, 2, 6), 0.015),
        (date(2026, 4, 19), 0.015),
        (date(2026, 4, 20), 0.013),
    ],
)
def test_a_read_costs_what_counted_on_its_day(day: date, expected: float) -> None:
    billed = {"post": 3, "user": 1}
    assert prices.total(prices.on(KNOWN, "x", day), billed) == pytest.approx(expected)


def test_a_channel_knows_its_own_prices_alone() -> None:
    assert prices.on(KNOWN, "whatsapp", date(2026, 12, 1)) == {}


@pytest.mark.parametrize(("day", "usd"), [(30, 0.0), (31, 0.025)])
def test_an_answer_on_whatsapp_is_billed_since_october_2026(
    day: int, usd: float
) -> None:
    known = prices.on(
        prices.load(PROGRAMS_CONFIG),
        "whatsapp",
        date.fromordinal(date(2026, 8, 31).toordinal() + day),
    )
    assert known["answer"].usd == usd


def test_a_folder_without_prices_has_those_of_the_program(tmp_path: Path) -> None:
    assert prices.load(tmp_path) == prices.load(PROGRAMS_CONFIG)


def test_two_prices_of_one_day_are_refused_with_their_lines(tmp_path: Path) -> None:
    row = (
        "  - {channel: x, what: dm, since: 2026-02-06, usd: 1, source: a, verified: 1}"
    )
    (tmp_path / "prices.yaml").write_text(f"prices:\n{row}\n{row}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"prices.yaml:3: .*line 2"):
        prices.load(tmp_path)
