"""Take in what was said before the city read an account: a person asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

import connectors
from aggregator.accounts import ledger
from aggregator.intake import ingest
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.intake import RawEvent
from connectors.base import RawItem

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """Raw events kept aside as history, oldest first by when they were written."""

    ids: tuple[int, ...] = ()
    oldest: datetime | None = None
    newest: datetime | None = None


def kept(database: Database, account: Account, since: datetime | None = None) -> Kept:
    """Those written since a moment; all where none is told."""
    found: list[tuple[datetime, int]] = []
    after = 0
    while rows := _rows(database, account, after):
        after = rows[-1].id or 0
        found += [(at, row.id) for row in rows if (at := _written(row, account))]
    told = sorted(one for one in found if since is None or one[0] >= since)
    if not told:
        return Kept()
    return Kept(tuple(number for _, number in told), told[0][0], told[-1][0])


def _rows(database: Database, account: Account, after: int) -> list[RawEvent]:
    query = select(RawEvent).where(
        RawEvent.account_id == account.id,
        RawEvent.status == "ignored",
        RawEvent.reason == ledger.HISTORY,
        col(RawEvent.id) > after,
    )
    with database.reading() as session:
        return list(session.exec(query.order_by(col(RawEvent.id)).limit(_AT_ONCE)))


def _written(event: RawEvent, account: Account) -> datetime | None:
    """When the first thing in it was said; it was read once, so it can be read."""
    item = RawItem(event.key, event.kind, event.payload, account.external_id)
    said = connectors.load(event.channel).normalise(item)
    return next((one.created_at for one in said if one.created_at), None)


def take_in(
    database: Database,
    now: datetime,
    actor: Actor,
    account: Account,
    chosen: Kept,
    on_progress: Callable[[int], None] = lambda done: None,
) -> dict[str, int]:
    """File them in closed cases, without clocks; how many have which status then."""
    outcome = ingest.replay(database, now, chosen.ids, on_progress, admit=True)
    with database.writing() as session:
        record(
            session,
            actor,
            "history_imported",
            "account",
            account.id,
            events=len(chosen.ids),
        )
    return outcome
