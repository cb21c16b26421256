"""What is seen of an installation before `rules.time.illness` decides on it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from aggregator.rules.time.illness import Line, Reason, Seen, decide
from aggregator.store import beats
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Stream
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.intake import RawEvent

BACKUP_MARK = "backup.made"
"""A file of the data folder; its age is that of the last backup."""


def reasons(database: Database, data_dir: Path, now: datetime) -> list[Reason]:
    """Why this installation is red; empty where all is well."""
    return decide(now, look(database, data_dir, now))


def look(database: Database, data_dir: Path, now: datetime) -> Seen:
    """One reading of the rows and the disk; nothing is asked of the network."""
    heard = beats.latest(database)
    stepped = max(
        (row for row in heard if row.stepped_at),
        key=lambda row: row.stepped_at or now,
        default=None,
    )
    with database.reading() as session:
        accounts = list(
            session.exec(
                select(Account).where(
                    col(Account.status).in_(("active", "needs_login"))
                )
            )
        )
        return Seen(
            lines=_lines(session, accounts),
            beat=heard[0].beaten_at if heard else None,
            stepped=stepped.stepped_at if stepped else None,
            stepped_seconds=stepped.stepped_seconds if stepped else 0.0,
            poll_due=_poll_due(session, now),
            answer_due=_answer_due(session, now),
            event_since=session.exec(
                select(func.min(RawEvent.received_at)).where(RawEvent.status == "new")
            ).one(),
            set_aside=session.exec(
                select(func.count()).where(RawEvent.status == "failed")
            ).one(),
            backup=_made(data_dir / BACKUP_MARK),
            begun=min((account.created_at for account in accounts), default=None),
            free=shutil.disk_usage(_there(data_dir)).free,
        )


def _lines(session: Session, accounts: list[Account]) -> list[Line]:
    told = {
        account_id: (last, int(new))
        for account_id, last, new in session.exec(
            select(
                Stream.account_id, func.max(Stream.last_new_at), func.sum(Stream.new)
            ).group_by(col(Stream.account_id))
        )
    }
    return [
        Line(
            name=f"{account.channel}:{account.handle}",
            polled=account.next_poll_at is not None,
            interval=timedelta(seconds=account.interval),
            since=account.created_at,
            last_good=account.last_good_poll_at,
            last_new=told.get(account.id, (None, 0))[0],
            new=told.get(account.id, (None, 0))[1],
        )
        for account in accounts
    ]


def _poll_due(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting poll waits, those under way left out."""
    return session.exec(
        select(func.min(Account.next_poll_at)).where(
            Account.status == "active",
            or_(col(Account.leased_until).is_(None), col(Account.leased_until) < now),
        )
    ).one()


def _answer_due(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting answer could have left; one that waits for its
    time does not count."""
    since = func.coalesce(Reply.not_before, Reply.created_at)
    return session.exec(
        select(func.min(since)).where(
            col(Reply.state).in_(("queued", "try_later")), since <= now
        )
    ).one()


def _made(mark: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def _there(folder: Path) -> Path:
    """The folder, or what will hold it once it is made."""
    return next(
        place for place in (folder, *folder.absolute().parents) if place.exists()
    )
