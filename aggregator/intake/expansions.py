"""Deliveries that name only ids: what they speak of is fetched, outside any
transaction.

raw event (needs fetching) --T2--> status "fetch" --> expand() --T1--> raw events,
complete
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import col, select

from aggregator.accounts import connections, renewals
from aggregator.intake import ingest
from aggregator.rules.time import schedule
from aggregator.store import discretion
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.intake import RawEvent
from aggregator.store.vault import Vault, VaultError
from connectors.base import Expands, RawItem
from connectors.errors import BadItem, ConnectorError, Refused, TryLater

_HOLD = timedelta(minutes=2)
_TRIES = 20


def due(database: Database, now: datetime, limit: int = 20) -> list[int]:
    with database.reading() as session:
        query = select(RawEvent.id).where(
            RawEvent.status == "fetch",
            or_(col(RawEvent.next_try_at).is_(None), col(RawEvent.next_try_at) <= now),
        )
        rows = session.exec(query.order_by(col(RawEvent.id)).limit(limit))
        return list(rows)


def expand(database: Database, vault: Vault, now: datetime, event_id: int) -> str:
    """Fetch what one raw event speaks of; its status afterwards ("taken": another
    worker has it).

    An account that waits for a login keeps the event waiting; something that is gone is
    ignored.
    """
    with database.writing() as session:
        won = session.execute(
            update(RawEvent)
            .where(
                col(RawEvent.id) == event_id,
                RawEvent.status == "fetch",  # type: ignore[arg-type]
                or_(
                    col(RawEvent.next_try_at).is_(None),
                    col(RawEvent.next_try_at) <= now,
                ),
            )
            .values(next_try_at=now + _HOLD, attempts=RawEvent.attempts + 1)
        )
        if won.rowcount != 1:  # type: ignore[attr-defined]
            return "taken"
        event = session.get_one(RawEvent, event_id)
        account = session.get_one(Account, event.account_id)
    outcome = _fetch(database, vault, now, account, event)
    if not isinstance(outcome, ConnectorError):
        ingest.receive(database, now, account.id, outcome, stream="expanded")
    return _write_down(database, now, event_id, outcome)


def _fetch(
    database: Database, vault: Vault, now: datetime, account: Account, event: RawEvent
) -> list[RawItem] | ConnectorError:
    item = RawItem(event.key, event.kind, event.payload, account.external_id)
    if account.status == "removed":
        return Refused(
            "the account was removed before this was fetched", code="removed"
        )
    try:
        account = renewals.fresh(database, vault, now, account)
        with connections.connected(account, vault) as connector:
            if not isinstance(connector, Expands):
                return BadItem(f"{account.channel} cannot fetch what this names")
            return list(connector.expand(item))
    except ConnectorError as error:
        return error
    except VaultError as error:
        return TryLater(str(error))


def _write_down(
    database: Database,
    now: datetime,
    event_id: int,
    outcome: list[RawItem] | ConnectorError,
) -> str:
    with database.writing() as session:
        event = session.get_one(RawEvent, event_id)
        event.processed_at = now
        if isinstance(outcome, list):
            event.status, event.reason = "done", None
            return event.status
        event.reason = f"{outcome.code}: {discretion.told(outcome)}"
        if isinstance(outcome, Refused):
            event.status = "ignored"
        elif isinstance(outcome, BadItem) or event.attempts >= _TRIES:
            event.status = "failed"
        else:
            asked = outcome.retry_after if isinstance(outcome, TryLater) else None
            event.next_try_at = schedule.next_try(now, event.attempts, asked)
        return event.status
