"""Whether anything is missing of an account: read the last days again, and compare the
counts.

What turns out to be missing is stored on the way; what is known already is dropped by
its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.accounts import connections, ledger, renewals
from aggregator.intake import reading_back
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault
from connectors.base import Counts, Polls, Replays


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`new`: items that were missing and are stored now. `remote`: None where nobody
    counts."""

    seen: int
    new: int
    set_aside: int
    remote: int | None
    stored: int | None
    gaps: tuple[str, ...]
    replay: str | None


def reconcile(
    database: Database, vault: Vault, now: datetime, account: Account, back: timedelta
) -> Reconciled:
    """ConnectorError where the platform does not answer; what was read until then is
    kept."""
    account_id, since = account.id, now - back
    account = renewals.fresh(database, vault, now, account)
    with connections.connected(account, vault) as connector:
        seen = new = 0
        if isinstance(connector, Polls):
            seen, new = reading_back.read(
                database, lambda: now, account_id, connector, {}
            )
        remote = connector.count(since) if isinstance(connector, Counts) else None
        replay = (
            connector.replay(since, now) if isinstance(connector, Replays) else None
        )
    with database.writing() as session:
        stored = (
            ledger.stored_since(session, account_id, since)
            if remote is not None
            else None
        )
        stream = ledger.stream_in(session, account_id, "main")
        if remote is not None:
            stream.remote_count, stream.stored_count = remote, stored
            stream.counted_since, stream.counted_at = since, now
        gaps = tuple(
            f"{gap.reason} {gap.began_at:%Y-%m-%d %H:%M}"
            + (f" to {gap.ended_at:%Y-%m-%d %H:%M}" if gap.ended_at else " until now")
            for gap in ledger.gaps_of(session, account_id)
        )
        aside = ledger.set_aside(session, account_id)
    return Reconciled(seen, new, aside, remote, stored, gaps, replay)
