"""When an account is polled next, and when what failed is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rules.time import schedule

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


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


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 60), (1, 120), (2, 240), (4, 960), (5, 1800)]
)
def test_every_failure_in_a_row_doubles_the_wait_of_an_account(
    failures: int, seconds: int
) -> None:
    wait = schedule.next_poll(NOW, 60, failures, chance=0.5) - NOW
    assert wait == timedelta(seconds=seconds)


def test_an_account_that_is_asked_seldom_is_not_asked_more_often_when_it_fails() -> (
    None
):
    wait = schedule.next_poll(NOW, 7200, 3, chance=0.5) - NOW
    assert wait == timedelta(hours=2)


def test_accounts_told_to_wait_do_not_all_come_back_at_once() -> None:
    first, last = (
        schedule.next_poll(NOW, 60, 1, chance=chance, retry_after=600) - NOW
        for chance in (0.0, 0.5)
    )
    assert (first, last) == (timedelta(seconds=600), timedelta(seconds=630))


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 10), (1, 10), (2, 20), (3, 40), (8, 1280), (9, 1800), (20, 1800)],
)
def test_an_answer_that_could_not_leave_waits_longer_each_time(
    attempts: int, seconds: int
) -> None:
    assert schedule.next_try(NOW, attempts) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [(1, 90, 90), (1, 0.5, 10), (1, 0, 10), (9, 60, 1800), (9, 7200, 7200)],
)
def test_it_waits_as_long_as_the_platform_asks_and_no_shorter_than_by_itself(
    attempts: int, asked: float, seconds: int
) -> None:
    assert schedule.next_try(NOW, attempts, asked) == NOW + timedelta(seconds=seconds)


def test_a_budget_starts_again_at_midnight_utc() -> None:
    assert schedule.start_of_next_day(NOW) == datetime(2026, 3, 3, tzinfo=UTC)
