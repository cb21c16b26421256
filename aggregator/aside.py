"""Raw events as administrators see them: why they were set aside, and another try."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from aggregator import ingest, privacy
from aggregator.audit import Actor, record
from aggregator.db import Database
from aggregator.models import Account, RawEvent
from aggregator.redaction import redact

LONGEST_PREVIEW = 4000


@dataclass(frozen=True, slots=True)
class Shown:
    """One raw event; `reason` and `preview` (JSON) without what a person could be found by."""

    event: RawEvent
    handle: str
    reason: str
    preview: str


def listing(database: Database, status: str, limit: int, before: int | None = None) -> list[Shown]:
    """Raw events of a status, newest first; only those older than the number `before`."""
    query = (
        select(RawEvent, Account.handle)
        .join(Account, col(Account.id) == col(RawEvent.account_id))
        .where(RawEvent.status == status)
    )
    if before:
        query = query.where(col(RawEvent.id) < before)
    with database.reading() as session:
        rows = list(session.exec(query.order_by(col(RawEvent.id).desc()).limit(limit)))
    return [
        Shown(event, handle, privacy.masked(event.reason or ""), _preview(event))
        for event, handle in rows
    ]


def replay(database: Database, now: datetime, actor: Actor, ids: Iterable[int]) -> dict[str, int]:
    """Process events again that were set aside or ignored; how many have which status then."""
    chosen = sorted(set(ids))
    outcome = ingest.replay(database, now, chosen)
    with database.writing() as session:
        for event_id in chosen:
            record(session, actor, "replayed", "raw_event", event_id)
    return outcome


def _preview(event: RawEvent) -> str:
    if event.kind == ingest.UNREADABLE:
        return ""
    return json.dumps(redact(event.payload), ensure_ascii=False, indent=1)[:LONGEST_PREVIEW]
