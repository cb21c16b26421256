"""What is seen of an installation, and what a worker says of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.accounts import illness
from aggregator.store import beats
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Stream
from aggregator.store.tables.intake import RawEvent

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


def test_no_worker_and_every_account_silent_for_a_month_is_red(
    database: Database, register: Callable[..., Account], tmp_path: Path
) -> None:
    account = register("kota", "diskominfo")
    month = NOW - timedelta(days=30)
    with database.writing() as session:
        row = session.get_one(Account, account.id)
        row.created_at = month - timedelta(days=60)
        row.last_poll_at = row.last_good_poll_at = row.next_poll_at = month
        session.add(row)
        session.add(Stream(account_id=row.id, name="main", new=900, last_new_at=month))
        for key, status in (("a", "new"), ("b", "failed")):
            session.add(
                RawEvent(
                    account_id=row.id,
                    channel="fake",
                    key=key,
                    kind="post",
                    status=status,
                    received_at=month,
                )
            )
    seen = illness.look(database, tmp_path, NOW)
    assert (seen.poll_due, seen.event_since, seen.set_aside) == (month, month, 1)
    assert (seen.lines[0].new, seen.lines[0].last_new) == (900, month)
    found = {reason.code for reason in illness.reasons(database, tmp_path, NOW)}
    assert {
        "worker_silent",
        "poll_late",
        "event_late",
        "set_aside",
        "account_unread",
        "backup_old",
    } <= found


def test_the_age_of_a_backup_is_that_of_its_mark(
    database: Database, tmp_path: Path
) -> None:
    assert illness.look(database, tmp_path / "none", NOW).backup is None
    (tmp_path / illness.BACKUP_MARK).touch()
    assert illness.look(database, tmp_path, NOW).backup is not None


def test_a_clock_that_jumps_is_seen_in_either_direction(
    database: Database, tmp_path: Path
) -> None:
    ticks = iter((0.0, 10.0, 20.0, 30.0))
    pulse = beats.Pulse("host:1", lambda: next(ticks))
    assert pulse.beat(database, NOW) == 0
    assert pulse.beat(database, NOW + timedelta(seconds=10)) == 0
    back = NOW - timedelta(hours=1)
    assert pulse.beat(database, back) == -3610 - 10
    seen = illness.look(database, tmp_path, back)
    assert (seen.beat, seen.stepped, seen.stepped_seconds) == (back, back, -3620)
    assert pulse.beat(database, NOW) == 3600 - 10
    (row,) = beats.latest(database)
    assert (row.beaten_at, row.stepped_seconds) == (NOW, 3590)
