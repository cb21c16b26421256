"""Reading the last days of an account once more: what became visible late, and what
was changed or deleted while nobody read.

A platform may show a post hours after it was written, behind the place a poll goes on
from. So each account that can is read back once a day and after each interruption, from
half a day before the time until when that was done last; what is known already is
dropped by its key. The account's place stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.intake import ingest
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from connectors.base import Cursor, Polls

EVERY = timedelta(days=1)
LATE = timedelta(hours=12)
"""So late a post may become visible and is read all the same."""
TRIES = 4
"""What fails is tried again with the next polls, so that a short outage leaves nothing
out; then its turn is tomorrow, whatever ends it."""
CUT = "read_back_cut"
FURTHEST = timedelta(days=7)
MOST_PAGES = 50
SILENCE = timedelta(minutes=30)
"""An account that nobody read for so long was interrupted, whoever is to blame."""


def read(
    database: Database,
    clock: Callable[[], datetime],
    account_id: int,
    connector: Polls,
    begin: Cursor,
    *,
    most_reads: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> tuple[int, int]:
    """How many items came, and how many of them are new. `most_reads`: billed ones that
    may be spent on it. The caller holds the account. ConnectorError, with what was read
    until then kept."""
    with database.reading() as session:
        place = dict(session.get_one(Account, account_id).cursor)
    seen = new = cost = 0
    for number, page in enumerate(connector.fetch(begin), 1):
        if page.trouble:  # the next poll says so, too
            continue
        cost += page.cost
        spent = most_reads is not None and cost >= most_reads
        kept = replace(page, cursor=place, gap=CUT if spent else None)
        stored = ingest.receive(database, clock(), account_id, page.items, page=kept)
        seen, new = seen + stored.seen, new + len(stored.new_ids)
        if number >= MOST_PAGES or spent or not go_on():
            break
    return seen, new


def is_due(account: Account, now: datetime) -> bool:
    return account.read_back_at is not None and account.read_back_at <= now


def days_of(account: Account, now: datetime) -> float:
    """How far back an account that is due is read: whatever was visible until the last
    time, and may have been written half a day before that, is known."""
    due = account.read_back_at or now
    begin = max(due - EVERY - LATE, now - FURTHEST)
    if account.history_before is not None:
        begin = max(begin, account.history_before)
    return (now - min(begin, now)) / timedelta(days=1)


def next_time(account: Account, now: datetime, *, done: bool) -> datetime:
    """After a good poll at `now`, with the account as it was before it. `done`: it was
    read back with that poll. After an interruption that is the time it began, so that
    the interruption is read whole."""
    if done or account.read_back_at is None:
        return now + EVERY
    last = account.last_good_poll_at
    silent = last is not None and now - last > max(
        SILENCE, 3 * timedelta(seconds=account.interval)
    )
    return min(account.read_back_at, last) if last and silent else account.read_back_at
