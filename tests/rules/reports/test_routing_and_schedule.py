"""Pure decisions: same words, when to poll next, who gets a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import LEXICON

from aggregator.rules.reports import authority, duplicates
from aggregator.rules.time import schedule

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
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


def test_a_healthy_account_is_polled_at_its_interval_with_some_jitter() -> None:
    early, late = (
        schedule.next_poll(NOW, 60, 0, chance=chance) for chance in (0.0, 0.999)
    )
    assert timedelta(seconds=54) == early - NOW
    assert timedelta(seconds=65) < late - NOW <= timedelta(seconds=66)


@given(st.integers(0, 100), st.floats(0, 0.999), st.integers(1, 3600))
def test_waiting_grows_with_failures_up_to_a_cap(
    failures: int, chance: float, interval: int
) -> None:
    wait = schedule.next_poll(NOW, interval, failures, chance=chance) - NOW
    assert wait.total_seconds() <= max(1800, interval) * 1.1
    longer = schedule.next_poll(NOW, interval, failures + 1, chance=chance) - NOW
    assert longer >= wait or failures == 0


@given(st.floats(1, 90_000), st.floats(0, 0.999), st.integers(0, 20))
def test_the_platform_s_own_wish_is_a_minimum(
    asked: float, chance: float, failures: int
) -> None:
    wait = schedule.next_poll(NOW, 60, failures, chance=chance, retry_after=asked) - NOW
    assert wait.total_seconds() >= asked - 1e-6


def test_a_budget_starts_again_at_midnight_utc() -> None:
    assert schedule.start_of_next_day(NOW) == datetime(2026, 3, 3, tzinfo=UTC)


def test_the_first_agency_named_leads_and_every_other_helps() -> None:
    addressed = [
        authority.Addressed(1, "dishub", "dishub_x"),
        authority.Addressed(2, "diskominfo", "pemkot_x"),
        authority.Addressed(3, "dishub", "dishub_ig"),
    ]
    kept = authority.combine(addressed, [], "publik", authority.Table((), {}, {}))
    assert [(owner.agency, owner.role) for owner in kept] == [
        ("dishub", "lead"),
        ("diskominfo", "help"),
    ]
