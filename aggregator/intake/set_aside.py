"""Raw events as administrators see them: why they were set aside, and another try."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from aggregator import city
from aggregator.intake import ingest
from aggregator.store import discretion
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.redaction import redact
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.intake import RawEvent

LONGEST_PREVIEW = 4000
MOST_AT_ONCE = 500
"""Events of one press of a button, so that its answer comes while somebody waits for
it."""
REPLAYABLE = ("failed", "ignored")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of a status, and of an account or with a reason (its first word)
    alone."""

    status: str = "failed"
    account_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One raw event; `reason` and `preview` (JSON) without what a person could be found
    by."""

    event: RawEvent
    handle: str
    reason: str
    preview: str

    @property
    def sort(self) -> str:
        return sort_of(self.event.reason)


@dataclass(frozen=True, slots=True)
class Overview:
    """How many events there are by status; of the status that is looked at, by account
    (id and name) and by sort of reason, the most frequent first."""

    by_status: dict[str, int]
    accounts: list[tuple[int, str, int]]
    reasons: list[tuple[str, int]]


def sort_of(reason: str | None) -> str:
    """The first word of a reason: a code of a connector, or the name of an
    exception."""
    return (reason or "").partition(":")[0]


def overview(database: Database, wanted: Wanted) -> Overview:
    with database.reading() as session:
        counts = session.exec(
            select(RawEvent.status, func.count())
            .where(ingest.IN_NO_SECRET)
            .group_by(RawEvent.status)
        ).all()
        accounts = session.exec(
            select(Account.id, Account.channel, Account.handle, func.count())
            .join(RawEvent, col(RawEvent.account_id) == col(Account.id))
            .where(RawEvent.status == wanted.status, ingest.IN_NO_SECRET)
            .group_by(col(Account.id), Account.channel, Account.handle)
            .order_by(Account.channel, Account.handle)
        ).all()
        reasons = session.exec(
            select(RawEvent.reason, func.count())
            .where(
                RawEvent.status == wanted.status,
                col(RawEvent.reason).is_not(None),
                ingest.IN_NO_SECRET,
            )
            .group_by(RawEvent.reason)
        ).all()
    sorts: Counter[str] = Counter()
    for reason, count in reasons:
        sorts[sort_of(reason)] += count
    return Overview(
        dict(counts),
        [
            (one, f"{channel} @{handle}", count)
            for one, channel, handle, count in accounts
        ],
        sorts.most_common(),
    )


def listing(
    database: Database, wanted: Wanted, limit: int, before: int | None = None
) -> list[Shown]:
    """The events, newest first; only those older than the number `before`."""
    query = (
        select(RawEvent, Account.handle)
        .join(Account, col(Account.id) == col(RawEvent.account_id))
        .where(*_fits(wanted))
    )
    if before:
        query = query.where(col(RawEvent.id) < before)
    with database.reading() as session:
        rows = list(session.exec(query.order_by(col(RawEvent.id).desc()).limit(limit)))
    people = city.here().lexicon.people
    return [
        Shown(
            event, handle, discretion.said(event.reason or "", people), _preview(event)
        )
        for event, handle in rows
    ]


def _fits(wanted: Wanted) -> list[bool]:
    conditions = [col(RawEvent.status) == wanted.status, ingest.IN_NO_SECRET]
    if wanted.account_id is not None:
        conditions.append(col(RawEvent.account_id) == wanted.account_id)
    if wanted.reason:
        reason = col(RawEvent.reason)
        conditions.append(
            (reason == wanted.reason)
            | reason.startswith(f"{wanted.reason}:", autoescape=True)
        )
    return conditions  # type: ignore[return-value]


def replay(
    database: Database,
    now: datetime,
    actor: Actor,
    ids: Iterable[int],
    *,
    admit: bool = False,
) -> dict[str, int]:
    """Process events again that were set aside or ignored; how many have which status
    then. `admit`: what a program seems to have written is taken for said."""
    with database.reading() as session:
        query = select(RawEvent.id).where(
            col(RawEvent.id).in_(set(ids)), ingest.IN_NO_SECRET
        )
        chosen = sorted(int(one or 0) for one in session.exec(query))[:MOST_AT_ONCE]
    outcome = ingest.replay(database, now, chosen, admit=admit)
    act = "admitted" if admit else "replayed"
    with database.writing() as session:
        for event_id in chosen:
            record(session, actor, act, "raw_event", event_id)
    return outcome


def replay_all(
    database: Database, now: datetime, actor: Actor, wanted: Wanted
) -> dict[str, int]:
    """`replay` of everything that fits, the oldest first, at most MOST_AT_ONCE."""
    with database.reading() as session:
        ids = _oldest(session, wanted)
    return replay(database, now, actor, ids)


def _oldest(session: Session, wanted: Wanted) -> list[int]:
    if wanted.status not in REPLAYABLE:
        return []
    query = select(RawEvent.id).where(*_fits(wanted)).order_by(col(RawEvent.id))
    return list(session.exec(query.limit(MOST_AT_ONCE)))


def _preview(event: RawEvent) -> str:
    """Nothing of what became a message: it is read in its case, by who may."""
    if event.kind == ingest.UNREADABLE or event.status == "done":
        return ""
    return json.dumps(redact(event.payload), ensure_ascii=False, indent=1)[
        :LONGEST_PREVIEW
    ]
