"""The row is the schedule: one poller an account, no account in another's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from sqlmodel import func, select

from aggregator.accounts import ledger, registry, spending, states
from aggregator.intake import polling
from aggregator.running.worker import Worker
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Stream
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault
from connectors.base import Cursor, Page
from connectors.errors import NeedsLogin, TryLater

Register = Callable[..., Account]
Platform = fakechannel.Platform


def posts(count: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": "mention",
            "native_id": str(n),
            "author_id": f"warga{n}",
            "text": f"Jalan rusak {n}",
        }
        for n in range(count)
    ]


def poll(
    database: Database, vault: Vault, account: Account, at: datetime
) -> polling.Outcome:
    assert account.id is not None
    claimed = polling.claim(database, at, account.id, "worker-1")
    assert claimed is not None
    return polling.poll(database, vault, claimed, clock=lambda: at)


def row(database: Database, account: Account) -> Account:
    with database.reading() as session:
        return session.get_one(Account, account.id)


def events(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(RawEvent)).one()


def test_of_two_workers_one_polls(
    register: Register, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    assert account.id is not None
    with ThreadPoolExecutor(6) as pool:
        claims = list(
            pool.map(
                lambda n: polling.claim(database, now, account.id, f"w{n}"), range(6)
            )
        )
    assert sum(claim is not None for claim in claims) == 1


def test_a_killed_poller_s_account_is_free_again_after_its_lease(
    register: Register, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    assert account.id is not None
    assert polling.claim(database, now, account.id, "killed") is not None
    assert polling.due(database, now + timedelta(minutes=1)) == []
    assert [
        entry.account_id for entry in polling.due(database, now + timedelta(minutes=3))
    ] == [account.id]


def test_a_break_at_any_page_loses_nothing_and_doubles_nothing(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = posts(7)
    at = now
    for _ in range(4):
        platform.on_fetch = [TryLater("gateway time-out")]
        poll(database, vault, account, at)
        at += timedelta(hours=1)
    outcome = poll(database, vault, account, at)
    assert outcome.error is None
    assert events(database) == 7


def test_failures_back_off_and_success_forgets_them(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    at, waits = now, []
    for _ in range(8):
        platform.on_fetch = [TryLater("gateway time-out")]
        poll(database, vault, account, at)
        stored = row(database, account)
        assert stored.next_poll_at is not None
        waits.append((stored.next_poll_at - at).total_seconds())
        at = stored.next_poll_at
    assert waits[0] < waits[2] < waits[4] <= 1800 * 1.1
    assert stored.last_error == "gateway time-out"
    poll(database, vault, account, at)
    recovered = row(database, account)
    assert (recovered.failures, recovered.last_error, recovered.last_good_poll_at) == (
        0,
        None,
        at,
    )


def test_retry_after_is_kept_to(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    platform.on_fetch = [TryLater("too many requests", retry_after=900)]
    poll(database, vault, account, now)
    assert polling.due(database, now + timedelta(seconds=899)) == []
    assert len(polling.due(database, now + timedelta(seconds=1000))) == 1


def test_an_account_that_needs_a_new_login_stops_and_says_so(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    platform.on_fetch = [NeedsLogin("the token was revoked")]
    poll(database, vault, account, now)
    assert row(database, account).status == "needs_login"
    assert polling.due(database, now + timedelta(days=9)) == []
    states.resume(database, now, SYSTEM, "dishub_x")
    assert len(polling.due(database, now)) == 1


def test_billed_reads_stop_at_the_budget_until_midnight_utc(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub", daily_read_budget=4)
    platform.posts = posts(10)
    assert poll(database, vault, account, now).more
    at = now + timedelta(minutes=5)
    outcome = poll(database, vault, account, at)
    assert outcome.error is not None and outcome.error.code == "budget_used"
    assert account.id is not None
    assert spending.usage(database, account.id, now.date()).reads == 4
    assert polling.due(database, now.replace(hour=23)) == []
    assert len(polling.due(database, now + timedelta(days=1))) == 1


def test_a_bug_in_a_connector_is_that_account_s_problem_alone(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    platform.on_fetch = [RuntimeError("token=rahasia")]
    outcome = poll(database, vault, account, now)
    assert outcome.error is not None and "rahasia" not in str(outcome.error)
    assert row(database, account).status == "active"


def test_paused_and_removed_accounts_are_left_alone(
    register: Register, database: Database, now: datetime
) -> None:
    register("dishub_x", "dishub")
    states.pause(database, now, SYSTEM, "dishub_x")
    assert polling.due(database, now + timedelta(days=1)) == []
    states.remove(database, SYSTEM, "dishub_x")
    with pytest.raises(registry.AccountError, match="no account"):
        registry.find(database, "dishub_x")
    with database.reading() as session:
        assert session.exec(select(Account.sealed)).one() == ""


def test_a_clock_that_is_put_back_stops_no_poll_and_is_told(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    account = register("dishub_x", "dishub")
    poll(database, vault, account, now)
    assert polling.due(database, now) == [] and not caplog.records
    hung = polling.claim(database, now + timedelta(hours=1), account.id, "killed")
    assert hung is not None
    back = now - timedelta(hours=3)
    assert [one.account_id for one in polling.due(database, back)] == [account.id]
    assert "the clock was put back" in caplog.text
    poll(database, vault, account, back)
    assert polling.due(database, back) == []


def test_a_pass_from_cron_polls_and_opens_cases(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
    tmp_path: Path,
) -> None:
    register("dishub_x", "dishub")
    platform.posts = posts(5)
    worker = Worker(database, vault, tmp_path, clock=lambda: now)
    done = worker.once()
    worker.stop()
    assert (done.polled, done.new_events, done.processed) == (1, 5, 5)
    with database.reading() as session:
        assert session.exec(select(func.count()).select_from(Case)).one() == 5


def test_a_hanging_account_delays_no_other(
    register: Register,
    database: Database,
    vault: Vault,
    platform: Platform,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One account hangs until the end of the test; five others are polled meanwhile."""
    platform.posts = posts(1)
    release = threading.Event()
    fetch = fakechannel.Fake.fetch

    def hang(self: fakechannel.Fake, cursor: Cursor) -> Iterator[Page]:
        if self._account.name == "hangs":
            release.wait()
        yield from fetch(self, cursor)

    monkeypatch.setattr(fakechannel.Fake, "fetch", hang)
    register("hangs", "dishub")
    others = [register(f"other{n}", "dishub") for n in range(5)]
    worker = Worker(database, vault, tmp_path, pollers=3)
    worker.start()
    try:
        waiting = {account.id for account in others}
        while waiting:  # the time-out of the test ends a wait for what never comes
            waiting -= {
                account.id
                for account in others
                if row(database, account).last_good_poll_at
            }
            threading.Event().wait(0.01)
    finally:
        release.set()
        worker.stop()


def test_stopping_finishes_the_page_that_has_begun(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = posts(6)
    assert account.id is not None
    claimed = polling.claim(database, now, account.id, "w")
    assert claimed is not None
    outcome = polling.poll(
        database, vault, claimed, clock=lambda: now, stopping=lambda: True
    )
    assert (outcome.pages, outcome.new, events(database)) == (1, 2, 2)
    assert row(database, account).cursor == {"seen": 2}
    assert len(polling.due(database, now)) == 1


def test_a_page_with_nothing_in_it_is_counted_and_moves_on_only_where_the_platform_says_so(  # noqa: E501
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place: list[Cursor] = []

    def fetch(self: fakechannel.Fake, cursor: Cursor) -> Iterator[Page]:
        place.append(dict(cursor))
        yield Page((), {"seen": 9} if len(place) == 2 else cursor, stream="posts")

    monkeypatch.setattr(fakechannel.Fake, "fetch", fetch)
    account = register("dishub_x", "dishub")
    for number in range(3):
        poll(database, vault, account, now + number * timedelta(minutes=10))
    assert place == [{}, {}, {"seen": 9}]
    with database.reading() as session:
        stream = session.exec(select(Stream)).one()
    assert (stream.name, stream.pages, stream.seen) == ("posts", 3, 0)
    assert stream.last_good_at == now + timedelta(minutes=20)


def test_messages_keep_the_account_they_came_through(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
    tmp_path: Path,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = posts(1)
    worker = Worker(database, vault, tmp_path, clock=lambda: now)
    worker.once()
    worker.stop()
    with database.reading() as session:
        assert session.exec(select(Message.account_id)).one() == account.id


def late(platform: Platform, native_id: str) -> None:
    """A post from before appears among those that were read already."""
    platform.posts.insert(
        0,
        {
            "kind": "mention",
            "native_id": native_id,
            "author_id": "warga",
            "text": f"Pohon tumbang {native_id}",
        },
    )
    platform.posts.append(platform.posts[-1])  # as long as the place says


def read_until(
    database: Database, vault: Vault, account: Account, begin: datetime, end: datetime
) -> None:
    at = begin
    while at < end:
        poll(database, vault, account, at)
        at += timedelta(minutes=20)


def test_what_became_visible_late_is_read_within_a_day(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = posts(4)
    poll(database, vault, account, now)
    late(platform, "terlambat")
    poll(database, vault, account, now + timedelta(minutes=20))
    assert events(database) == 4, "a poll goes on from its place"
    before = row(database, account).cursor
    read_until(
        database, vault, account, now + timedelta(hours=1), now + timedelta(hours=26)
    )
    assert events(database) == 5
    assert row(database, account).cursor == before


def test_after_an_interruption_the_last_day_is_read_once_more(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = posts(4)
    poll(database, vault, account, now)
    late(platform, "terlambat")
    back = now + timedelta(hours=2)
    poll(database, vault, account, back)
    poll(database, vault, account, back + timedelta(minutes=5))
    assert events(database) == 5


@pytest.mark.sqlite
@pytest.mark.parametrize(("failing", "found"), [(1, 5), (10, 4)])
def test_a_reading_back_that_failed_is_tried_again_for_a_while(
    failing: int,
    found: int,
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = posts(4)
    poll(database, vault, account, now)
    late(platform, "terlambat")
    left = [TryLater("busy")] * failing

    def back(self: fakechannel.Fake, days: float) -> Cursor:
        if left:
            raise left.pop()
        return {}

    monkeypatch.setattr(fakechannel.Fake, "back", back)
    for tries in range(6):
        later = now + timedelta(hours=25, minutes=20 * tries)
        poll(database, vault, account, later)
    assert events(database) == found
    assert row(database, account).failures == 0, "the account is polled all the same"


def test_reading_back_leaves_half_of_what_is_left_of_the_budget(
    register: Register,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: Platform,
) -> None:
    platform.posts = posts(30)
    account = register("dishub_x", "dishub", daily_read_budget=40)
    poll(database, vault, account, now)
    again = now + timedelta(days=2)
    poll(database, vault, account, again)
    poll(database, vault, account, again + timedelta(minutes=5))
    assert spending.usage(database, account.id, again.date()).reads == 20
    with database.reading() as session:
        told = [gap.reason for gap in ledger.gaps_of(session, account.id or 0)]
    assert "read_back_cut" in told, "an administrator sees what was left out"
