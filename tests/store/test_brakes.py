"""Brakes count for every process that shares the database, and count before anything
is checked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlmodel import func, select

from aggregator.store.brakes import Brake, forget_free
from aggregator.store.db import Database
from aggregator.store.tables.store import BrakeRow

FEW = Brake("few", 3, timedelta(minutes=3))


def takes(database: Database, now: datetime, times: int, *key: str) -> list[bool]:
    return [FEW.take(database, now, *key) for _ in range(times)]


def test_a_brake_lets_so_many_through_and_then_one_at_a_time(
    database: Database, now: datetime
) -> None:
    assert takes(database, now, 5, "a") == [True, True, True, False, False]
    assert FEW.until(database, now, "a") == now + timedelta(minutes=1)
    later = now + timedelta(minutes=1)
    assert takes(database, later, 2, "a") == [True, False]


def test_keys_do_not_stand_in_each_other_s_way(
    database: Database, now: datetime
) -> None:
    takes(database, now, 4, "a", "b")
    assert FEW.until(database, now, "a", "b") is not None
    assert FEW.until(database, now, "ab") is None
    assert FEW.until(database, now, "b", "a") is None
    assert (
        Brake("other", 3, timedelta(minutes=3)).until(database, now, "a", "b") is None
    )


def test_what_is_given_back_counts_no_more(database: Database, now: datetime) -> None:
    takes(database, now, 3, "a")
    FEW.give_back(database, "a")
    assert takes(database, now, 2, "a") == [True, False]


def test_what_is_left_is_told(database: Database, now: datetime) -> None:
    assert FEW.left(database, now, "a") == 3
    takes(database, now, 2, "a")
    assert FEW.left(database, now, "a") == 1


@pytest.mark.threat("GUE-1")
def test_at_one_moment_no_more_get_through_than_one_after_another(
    database_url: str, now: datetime
) -> None:
    """Sixty at once, through two processes' worth of connections."""
    pair = Database(database_url), Database(database_url)
    with ThreadPoolExecutor(20) as pool:
        passed = list(
            pool.map(lambda n: FEW.take(pair[n % 2], now, "login"), range(60))
        )
    for one in pair:
        one.close()
    assert sum(passed) == 3


def test_rows_of_free_keys_go(database: Database, now: datetime) -> None:
    takes(database, now, 1, "a")
    FEW.take(database, now + timedelta(hours=1), "b")
    forget_free(database, now + timedelta(hours=1))
    with database.reading() as session:
        assert session.exec(select(func.count()).select_from(BrakeRow)).one() == 1
