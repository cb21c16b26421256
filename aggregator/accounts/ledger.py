"""The ledger of an account's streams: what was read when, and what is known to be
missing.

A poll that fails opens a gap; the next good one closes it. Platforms that keep
everything give the missing items then; those that forget (24 hours of Telegram, 800
mentions of X) say so with `Page.gap`, and that gap stays in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from aggregator.store.tables.accounts import Account, Gap, Stream
from aggregator.store.tables.intake import Message, MessageAccount, RawEvent
from connectors.errors import ConnectorError, NeedsLogin

AUTOMATIC = "automatic_"
"""Begins the reason of a raw event that is kept aside because a program wrote it."""
HISTORY = "history"
"""The reason of a raw event that was written before its account was to be read."""


def stream_in(session: Session, account_id: int, name: str) -> Stream:
    """The ledger row of a stream, made where it is missing."""
    query = select(Stream).where(Stream.account_id == account_id, Stream.name == name)
    found = session.exec(query).first()
    if found is None:
        found = Stream(account_id=account_id, name=name)
        session.add(found)
    return found


def note_page(
    session: Session, now: datetime, account_id: int, name: str, seen: int, new: int
) -> None:
    """A page was stored."""
    stream = stream_in(session, account_id, name)
    stream.pages, stream.seen, stream.new = (
        stream.pages + 1,
        stream.seen + seen,
        stream.new + new,
    )
    stream.last_good_at = now
    if new:
        stream.last_new_at = now


def note_gap(
    session: Session,
    account_id: int,
    name: str,
    reason: str,
    began: datetime,
    ended: datetime,
) -> None:
    """The platform could not give what lies between two moments."""
    session.add(
        Gap(
            account_id=account_id,
            stream=name,
            reason=reason,
            began_at=began,
            ended_at=ended,
        )
    )


def note_failure(
    session: Session, now: datetime, account: Account, error: ConnectorError
) -> None:
    """Nothing is read from now on; the same reason is one gap, however often it
    fails."""
    reason = "needs_login" if isinstance(error, NeedsLogin) else error.code
    open_gaps = _open(session, account.id)
    if any(gap.reason == reason for gap in open_gaps):
        return
    began = account.last_good_poll_at or now
    for gap in open_gaps:
        gap.ended_at, began = now, now
    session.add(
        Gap(account_id=account.id, stream="main", reason=reason, began_at=began)
    )


def note_success(
    session: Session,
    now: datetime,
    account: Account,
    troubles: Mapping[str, str] | None = None,
) -> None:
    """The account was read. `troubles`: streams of it that could not be, with the code
    of why; their gaps stay open."""
    left = dict(troubles or {})
    for gap in _open(session, account.id):
        if left.get(gap.stream) == gap.reason:
            del left[gap.stream]
        else:
            gap.ended_at = now
    for stream, reason in left.items():
        known = stream_in(session, account.id, stream)
        session.add(
            Gap(
                account_id=account.id,
                stream=stream,
                reason=reason,
                began_at=known.last_good_at or now,
            )
        )


def _open(session: Session, account_id: int) -> list[Gap]:
    query = select(Gap).where(Gap.account_id == account_id, col(Gap.ended_at).is_(None))
    return list(session.exec(query))


def streams_of(session: Session, account_id: int) -> list[Stream]:
    query = select(Stream).where(Stream.account_id == account_id)
    return list(session.exec(query.order_by(col(Stream.name))))


def gaps_of(session: Session, account_id: int, limit: int = 10) -> list[Gap]:
    """Newest first, open ones among them."""
    query = select(Gap).where(Gap.account_id == account_id)
    return list(session.exec(query.order_by(col(Gap.id).desc()).limit(limit)))


def set_aside(session: Session, account_id: int) -> int:
    """Raw events of the account that could not be read and wait for a repaired
    parser."""
    query = select(func.count()).where(
        RawEvent.account_id == account_id, RawEvent.status == "failed"
    )
    return int(session.exec(query).one())


def automatic(session: Session, account_id: int) -> int:
    """Raw events of the account that programs wrote, kept aside."""
    query = select(func.count()).where(
        RawEvent.account_id == account_id,
        RawEvent.status == "ignored",
        col(RawEvent.reason).startswith(AUTOMATIC),
    )
    return int(session.exec(query).one())


def history(session: Session, account_id: int) -> int:
    """Raw events of the account that were written before it was to be read, kept
    aside."""
    query = select(func.count()).where(
        RawEvent.account_id == account_id,
        RawEvent.status == "ignored",
        RawEvent.reason == HISTORY,
    )
    return int(session.exec(query).one())


def stored_since(session: Session, account_id: int, since: datetime) -> int:
    """Messages of residents that an account received and that were written since
    then."""
    query = (
        select(func.count())
        .select_from(MessageAccount)
        .join(Message, col(Message.id) == col(MessageAccount.message_id))
        .where(
            MessageAccount.account_id == account_id,
            Message.direction == "in",
            Message.created_at >= since,
        )
    )
    return int(session.exec(query).one())


def silent_for(
    now: datetime, account: Account, alarming: timedelta
) -> timedelta | None:
    """How long an active account has been silent, once that is alarming."""
    if account.status != "active" or account.next_poll_at is None:
        return None
    silence = now - (account.last_good_poll_at or account.created_at)
    return silence if silence >= alarming else None
