"""What turns an installation red, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.rules.time.illness import Line, Seen, decide

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


def ago(**long: float) -> datetime:
    return NOW - timedelta(**long)


LINE = Line(
    name="fake:kota",
    polled=True,
    interval=timedelta(minutes=1),
    since=ago(days=100),
    last_good=ago(minutes=1),
    last_new=ago(hours=2),
    new=1000,
)
WELL = Seen(
    lines=[LINE],
    beat=ago(seconds=10),
    stepped=None,
    stepped_seconds=0.0,
    poll_due=ago(seconds=2),
    answer_due=ago(seconds=2),
    event_since=ago(seconds=2),
    set_aside=0,
    backup=ago(hours=20),
    begun=ago(days=100),
    free=2**33,
)


def codes(seen: Seen) -> list[str]:
    return [reason.code for reason in decide(NOW, seen)]


def test_a_running_city_is_well() -> None:
    assert codes(WELL) == []


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ({"beat": None}, "worker_silent"),
        ({"beat": ago(seconds=91)}, "worker_silent"),
        ({"beat": NOW + timedelta(hours=1)}, "clock_stepped"),
        ({"stepped": ago(minutes=59), "stepped_seconds": -7200.0}, "clock_stepped"),
        ({"poll_due": ago(minutes=6)}, "poll_late"),
        ({"answer_due": ago(minutes=11)}, "answer_late"),
        ({"event_since": ago(minutes=6)}, "event_late"),
        ({"set_aside": 1}, "set_aside"),
        ({"free": 2**20}, "disk_full"),
        ({"backup": ago(days=9)}, "backup_old"),
        ({"backup": None}, "backup_old"),
    ],
)
def test_each_illness_has_its_name(seen: dict[str, Any], code: str) -> None:
    assert codes(replace(WELL, **seen)) == [code]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"last_good": ago(minutes=16)}, ["account_unread"]),
        ({"last_good": None, "since": ago(minutes=16)}, ["account_unread"]),
        ({"last_good": None, "since": ago(minutes=1), "new": 0}, []),
        ({"last_good": ago(hours=3), "interval": timedelta(hours=1)}, []),
        ({"last_new": ago(days=4)}, ["account_silent"]),
        ({"last_new": ago(days=2)}, []),
        ({"last_new": ago(days=30), "new": 5}, []),
        ({"last_new": ago(days=30), "new": 30}, []),
        ({"polled": False, "last_good": None}, []),
        ({"polled": False, "last_new": ago(days=30)}, ["account_silent"]),
    ],
)
def test_an_account_is_measured_by_its_own_rhythm(
    line: dict[str, Any], expected: list[str]
) -> None:
    assert codes(replace(WELL, lines=[replace(LINE, **line)])) == expected


def test_a_new_installation_is_not_blamed_for_having_no_backup_yet() -> None:
    assert codes(replace(WELL, backup=None, begun=ago(days=1))) == []
