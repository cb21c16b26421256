"""Reading the last days of an account once more: what became visible late, and what
was changed or deleted while nobody read.

A platform may show a post hours after it was written, behind the place a poll goes on
from. So each account that can is read back once a day and after each interruption; what
is known already is dropped by its key. The account's place stays where it is.
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
DAYS = 1
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
        kept = replace(page, cursor=place, gap=None)
        stored = ingest.receive(database, clock(), account_id, page.items, page=kept)
        seen, new, cost = (
            seen + stored.seen,
            new + len(stored.new_ids),
            cost + page.cost,
        )
        spent = most_reads is not None and cost >= most_reads
        if number >= MOST_PAGES or spent or not go_on():
            break
    return seen, new


def is_due(account: Account, now: datetime) -> bool:
    return account.read_back_at is not None and account.read_back_at <= now


def next_time(account: Account, now: datetime, *, done: bool) -> datetime:
    """After a good poll at `now`, with the account as it was before it. `done`: it was
    read back with that poll."""
    if done or account.read_back_at is None:
        return now + EVERY
    last = account.last_good_poll_at
    silent = last is not None and now - last > max(
        SILENCE, 3 * timedelta(seconds=account.interval)
    )
    return min(account.read_back_at, now) if silent else account.read_back_at
