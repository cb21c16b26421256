"""Raw events in (T1), cases out (T2).

    platform --Page--> receive()  raw events + cursor, one transaction a page, nothing is parsed
    raw event --> process()       claim, normalise, store; one savepoint an event, so that an event
                                  that cannot be read is set aside alone and can be replayed

Two guards against doubles: the claim of the raw event, and the unique (channel, scope,
native id) of a message.
"""  # noqa: E501

from __future__ import annotations

import base64
import hashlib
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, func, select

import connectors
from aggregator.accounts import ledger
from aggregator.cases import sight
from aggregator.city import prices
from aggregator.intake import budget, messages
from aggregator.store import discretion
from aggregator.store.db import Database, add_to_count, insert_new, lock_processing
from aggregator.store.tables.accounts import Account, Usage
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message as StoredMessage
from aggregator.store.tables.intake import MessageEvent, RawEvent
from connectors.base import SAYING, Message, Page, RawItem, Receives, Request
from connectors.errors import BadItem

BATCH = 50
UNREADABLE = "unreadable"
NOBODY = "nothing a resident said"
_NOT_STORABLE = (
    "bad_item: it holds a number that is none (NaN, 1e999) or an id with a sign that no"
    " database keeps; both are kept as words"
)


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
    page: Page | None = None,
    stream: str = "webhook",
) -> Received:
    """T1: store what arrived and, for a page that was polled, the cursor that is safe
    after it."""
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
                    "kind": item.kind,
                    "received_at": now,
                    "attempts": 0,
                    **_storable(item),
                }
                for item in rows
            ],
        )
        if page is not None:
            _keep_place(session, now, account, page)
        ledger.note_page(
            session,
            now,
            account_id,
            page.stream if page else stream,
            len(rows),
            len(new),
        )
    return Received(len(rows), new)


def _storable(item: RawItem) -> dict[str, Any]:
    """What arrived as a row takes it: what no database takes is set aside in words, so
    that the rest of its page is kept."""
    key = item.key.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    payload = _in_words(item.payload)
    if (key, payload) == (item.key, item.payload):
        return {"key": key, "payload": payload, "status": "new", "reason": None}
    return {"key": key, "payload": payload, "status": "failed", "reason": _NOT_STORABLE}


def _in_words(value: Any) -> Any:
    """JSON with every number that is none (NaN, 1e999) as a word."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _in_words(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_in_words(one) for one in value]
    return value


def _keep_place(session: Session, now: datetime, account: Account, page: Page) -> None:
    account.cursor = page.cursor
    if page.gap:
        began = account.last_good_poll_at or account.created_at
        ledger.note_gap(session, account.id, page.stream, page.gap, began, now)
    if page.cost:
        money = _money(account.channel, page, now)
        key = {"account_id": account.id, "day": now.date()}
        usage = Usage.__table__  # type: ignore[attr-defined]
        add_to_count(session, usage, key, {"reads": page.cost, "money": money})


def _money(channel: str, page: Page, now: datetime) -> float:
    if page.billed:
        return prices.total(prices.here(channel, now.date()), page.billed)
    return page.cost * connectors.load(channel).cost_per_read


def keep_unreadable(
    database: Database, now: datetime, account_id: int, body: bytes, reason: str
) -> None:
    """Set a whole delivery aside that could not even be taken apart; it can be
    replayed."""
    with database.writing() as session:
        account = session.get_one(Account, account_id)
        values = {
            "account_id": account_id,
            "channel": account.channel,
            "key": f"{UNREADABLE}:{hashlib.sha256(body).hexdigest()}",
            "kind": UNREADABLE,
            "payload": {"body_base64": base64.b64encode(body).decode()},
            "received_at": now,
            "status": "failed",
            "reason": reason[:2000],
            "attempts": 1,
        }
        insert_new(session, RawEvent.__table__, [values])  # type: ignore[attr-defined]


def waiting(database: Database, limit: int = BATCH) -> list[int]:
    """Raw events not processed yet, oldest first."""
    with database.reading() as session:
        query = (
            select(RawEvent.id)
            .where(RawEvent.status == "new")
            .order_by(col(RawEvent.id))
        )
        return list(session.exec(query.limit(limit)))


def process(
    database: Database,
    now: datetime,
    event_ids: Iterable[int],
    *,
    work: Callable[[], float] = time.thread_time,
) -> int:
    """T2 for some raw events, in order; how many this call processed or set aside.
    `work`: seconds of work done so far, of which each event has its share."""
    failed: list[tuple[int, str]] = []
    with database.writing() as session:
        lock_processing(session)
        events = _claim(session, now, list(event_ids))
        accounts = _accounts(session, events)
        for event_id, event in events.items():
            try:
                budget.begin(session, work)
                with session.begin_nested():
                    _process_one(session, now, event, accounts[event.account_id])
            except BadItem as error:
                failed.append((event_id, f"{error.code}: {discretion.told(error)}"))
            except Exception as error:
                failed.append((event_id, discretion.told(error)))
        for event_id, reason in failed:
            _set_aside(session, event_id, reason)
    return len(events)


def _claim(
    session: Session, now: datetime, event_ids: list[int]
) -> dict[int, RawEvent]:
    """Those of the events that nobody has processed, in the order asked; from now on
    ours."""
    claimed = session.scalars(
        update(RawEvent)
        .where(col(RawEvent.id).in_(event_ids), col(RawEvent.status) == "new")
        .values(
            status="done", processed_at=now, attempts=RawEvent.attempts + 1, reason=None
        )
        .returning(RawEvent)
    )
    found = {event.id: event for event in claimed}
    return {event_id: found[event_id] for event_id in event_ids if event_id in found}


def _accounts(session: Session, events: Mapping[int, RawEvent]) -> dict[int, Account]:
    ids = {event.account_id for event in events.values()}
    rows = session.exec(select(Account).where(col(Account.id).in_(ids)))
    return {account.id: account for account in rows}


def _process_one(
    session: Session, now: datetime, event: RawEvent, account: Account
) -> None:
    connector = connectors.load(event.channel)
    said = [
        message
        for item in _items(event, account)
        for message in connector.normalise(item)
    ]
    budget.ask(session, "taking it apart")
    outcomes = [
        messages.store(session, now, account, event, message)
        for message in said
        if not message.needs_fetch and not _aside(event, message)
    ]
    if any(message.needs_fetch for message in said):
        event.status, event.next_try_at, event.attempts = "fetch", now, 0
    elif not any(outcomes):
        event.status = "ignored"
        sort = next((one.automatic for one in said if one.automatic), None)
        event.reason = f"{ledger.AUTOMATIC}{sort}" if sort else event.reason or NOBODY
    session.flush()


def _aside(event: RawEvent, said: Message) -> bool:
    """What a program wrote opens no case until a person says that it should; what a
    platform says of our answers is always heard."""
    return said.automatic is not None and said.kind in SAYING and not event.admitted


def _items(event: RawEvent, account: Account) -> Iterable[RawItem]:
    if event.kind != UNREADABLE:
        return [RawItem(event.key, event.kind, event.payload, account.external_id)]
    connector = connectors.load(event.channel)
    if not isinstance(connector, Receives):
        raise BadItem(f"{event.channel} receives no deliveries")
    body = base64.b64decode(event.payload["body_base64"])
    return connector.unpack(Request("POST", {}, {}, body))


def _set_aside(session: Session, event_id: int, reason: str) -> None:
    session.execute(
        update(RawEvent)
        .where(col(RawEvent.id) == event_id)
        .values(status="failed", reason=reason[:2000])
    )


def replay(
    database: Database,
    now: datetime,
    event_ids: Iterable[int],
    on_progress: Callable[[int], None] = lambda done: None,
    *,
    admit: bool = False,
) -> dict[str, int]:
    """Process events again that were set aside or ignored; how many have which status
    then. `admit`: a person holds them for something that was said, though a program
    seems to have written them."""
    ids = list(event_ids)
    outcome: dict[str, int] = {}
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with database.writing() as session:
            session.execute(
                update(RawEvent)
                .where(
                    col(RawEvent.id).in_(batch),
                    col(RawEvent.status).in_(("failed", "ignored")),
                )
                .values(status="new", **({"admitted": True} if admit else {}))
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


IN_NO_SECRET = col(RawEvent.id).not_in(
    select(StoredMessage.raw_event_id)
    .join(Case, col(Case.id) == col(StoredMessage.case_id))
    .where(col(StoredMessage.raw_event_id).is_not(None), ~sight.NO_SECRET)
) & col(RawEvent.id).not_in(
    select(MessageEvent.raw_event_id)
    .join(StoredMessage, col(StoredMessage.id) == col(MessageEvent.message_id))
    .join(Case, col(Case.id) == col(StoredMessage.case_id))
    .where(~sight.NO_SECRET)
)
"""The condition that a raw event led to no secret case, whose readers alone see it."""


def events(
    database: Database,
    *,
    status: str | None = None,
    account_id: int | None = None,
    limit: int = 50,
) -> list[RawEvent]:
    """Raw events, newest first; none of a secret case."""
    query = select(RawEvent).where(IN_NO_SECRET)
    query = query.order_by(col(RawEvent.id).desc()).limit(limit)
    if status:
        query = query.where(RawEvent.status == status)
    if account_id:
        query = query.where(RawEvent.account_id == account_id)
    with database.reading() as session:
        return list(session.exec(query))


def event(database: Database, event_id: int) -> RawEvent | None:
    """One of those that `events` lists."""
    query = select(RawEvent).where(RawEvent.id == event_id, IN_NO_SECRET)
    with database.reading() as session:
        return session.exec(query).first()


def case_number_of(database: Database, channel: str, native_id: str) -> str | None:
    """The case that a message is in; None while it waits to be read."""
    query = (
        select(Case.number)
        .join(StoredMessage, col(StoredMessage.case_id) == col(Case.id))
        .where(StoredMessage.channel == channel, StoredMessage.native_id == native_id)
    )
    with database.reading() as session:
        return session.exec(query).first()
