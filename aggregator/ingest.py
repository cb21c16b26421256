"""Raw events in (T1), cases out (T2).

    platform --Page--> receive()  raw events + cursor, one transaction a page, nothing is parsed
    raw event --> process()       claim, normalise, store; one savepoint an event, so that an event
                                  that cannot be read is set aside alone and can be replayed

Two guards against doubles: the claim of the raw event, and the unique (channel, scope, native id)
of a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, func, select

import connectors
from aggregator import threads
from aggregator.db import Database, add_to_count, insert_new, lock_processing
from aggregator.models import Account, RawEvent, Usage
from connectors.base import Cursor, RawItem
from connectors.errors import BadItem

BATCH = 50


@dataclass(frozen=True, slots=True)
class Received:
    """`new_ids`: raw events that were not known yet."""

    seen: int
    new_ids: list[int]


def receive(
    database: Database,
    now: datetime,
    account_id: int,
    items: Iterable[RawItem],
    *,
    cursor: Cursor | None = None,
    cost: int = 0,
) -> Received:
    """T1: store what arrived and, for a page that was polled, the cursor that is safe after it."""
    rows = list(items)
    with database.writing() as session:
        account = session.get_one(Account, account_id)
        new = insert_new(
            session,
            RawEvent.__table__,  # type: ignore[attr-defined]
            [
                {
                    "account_id": account_id,
                    "channel": account.channel,
                    "key": item.key,
                    "kind": item.kind,
                    "payload": item.payload,
                    "received_at": now,
                    "status": "new",
                    "attempts": 0,
                }
                for item in rows
            ],
        )
        if cursor is not None:
            account.cursor = cursor
        if cost:
            key = {"account_id": account_id, "day": now.date()}
            add_to_count(session, Usage.__table__, key, "reads", cost)  # type: ignore[attr-defined]
    return Received(len(rows), new)


def waiting(database: Database, limit: int = BATCH) -> list[int]:
    """Raw events not processed yet, oldest first."""
    with database.reading() as session:
        query = select(RawEvent.id).where(RawEvent.status == "new").order_by(col(RawEvent.id))
        return [int(event_id or 0) for event_id in session.exec(query.limit(limit))]


def process(database: Database, now: datetime, event_ids: Iterable[int]) -> int:
    """T2 for some raw events, in order; how many this call processed or set aside."""
    failed: list[tuple[int, str]] = []
    done = 0
    with database.writing() as session:
        lock_processing(session)
        for event_id in event_ids:
            try:
                with session.begin_nested():
                    done += _process_one(session, now, event_id)
            except BadItem as error:
                failed.append((event_id, f"{error.code}: {error}"))
            except Exception as error:
                failed.append((event_id, f"{type(error).__name__}: {error}"))
        for event_id, reason in failed:
            _set_aside(session, now, event_id, reason)
    return done + len(failed)


def _process_one(session: Session, now: datetime, event_id: int) -> int:
    claimed = session.execute(
        update(RawEvent)
        .where(col(RawEvent.id) == event_id, col(RawEvent.status) == "new")
        .values(status="done", processed_at=now, attempts=RawEvent.attempts + 1, reason=None)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        return 0
    event = session.get_one(RawEvent, event_id)
    account = session.get_one(Account, event.account_id)
    item = RawItem(event.key, event.kind, event.payload, account.external_id)
    outcomes = [
        threads.store(session, now, account, event, message)
        for message in connectors.load(event.channel).normalise(item)
    ]
    if not any(outcomes):
        event.status = "ignored"
        event.reason = "nothing a resident said"
    session.flush()
    return 1


def _set_aside(session: Session, now: datetime, event_id: int, reason: str) -> None:
    session.execute(
        update(RawEvent)
        .where(col(RawEvent.id) == event_id, col(RawEvent.status) == "new")
        .values(
            status="failed",
            reason=reason[:2000],
            processed_at=now,
            attempts=RawEvent.attempts + 1,
        )
    )


def replay(
    database: Database,
    now: datetime,
    event_ids: Iterable[int],
    on_progress: Callable[[int], None] = lambda done: None,
) -> dict[str, int]:
    """Process events again that were set aside or ignored; how many have which status then."""
    ids = list(event_ids)
    outcome: dict[str, int] = {}
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with database.writing() as session:
            session.execute(
                update(RawEvent)
                .where(col(RawEvent.id).in_(batch), col(RawEvent.status).in_(("failed", "ignored")))
                .values(status="new")
            )
        process(database, now, batch)
        on_progress(start + len(batch))
    with database.reading() as session:
        for start in range(0, len(ids), BATCH):
            query = select(RawEvent.status, func.count()).where(
                col(RawEvent.id).in_(ids[start : start + BATCH])
            )
            for status, count in session.exec(query.group_by(RawEvent.status)):
                outcome[status] = outcome.get(status, 0) + count
    return outcome


def events(
    database: Database, *, status: str | None = None, account_id: int | None = None, limit: int = 50
) -> list[RawEvent]:
    """Raw events, newest first."""
    query = select(RawEvent).order_by(col(RawEvent.id).desc()).limit(limit)
    if status:
        query = query.where(RawEvent.status == status)
    if account_id:
        query = query.where(RawEvent.account_id == account_id)
    with database.reading() as session:
        return list(session.exec(query))


def event(database: Database, event_id: int) -> RawEvent | None:
    with database.reading() as session:
        return session.get(RawEvent, event_id)
