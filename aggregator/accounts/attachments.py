"""Files of messages: fetched once, from the platform or the mailbox they came by.

Links to platforms die within minutes or days, and some carry a token, so the file is
the evidence and the link is not kept. Every file ends in a state that the case shows:
stored, refused with a reason, found infected, or waiting for something that is named.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, or_, update
from sqlmodel import col, select

import connectors
from aggregator.accounts import connections, filestore
from aggregator.accounts.filestore import (
    FileRefused,
    FileStore,
    Infected,
    Kept,
    Unchecked,
)
from aggregator.rules.time import schedule
from aggregator.store import discretion
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.answers import Draft, Reply
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault
from connectors.base import Downloads, Media
from connectors.errors import ConnectorError, NeedsLogin, TryLater

log = logging.getLogger(__name__)

_TRIES = 60
"""More than a day: a platform that is out for a night loses nothing."""
_OPEN = ("waiting", "unchecked")
Outcome = Kept | Unchecked | Infected | FileRefused | ConnectorError


def due(database: Database, now: datetime, limit: int = 20) -> list[int]:
    """Attachments to be fetched, or searched for viruses, now."""
    with database.reading() as session:
        query = select(Attachment.id).where(
            col(Attachment.status).in_(_OPEN),
            or_(
                col(Attachment.next_try_at).is_(None),
                col(Attachment.next_try_at) <= now,
            ),
        )
        return list(session.exec(query.order_by(col(Attachment.id)).limit(limit)))


def fetch(
    database: Database,
    vault: Vault,
    store: FileStore,
    now: datetime,
    attachment_id: int,
) -> str:
    """Fetch one attachment, outside any transaction; its status afterwards."""
    with database.writing() as session:
        claimed = session.execute(
            update(Attachment)
            .where(
                col(Attachment.id) == attachment_id,
                col(Attachment.status).in_(_OPEN),
                or_(
                    col(Attachment.next_try_at).is_(None),
                    col(Attachment.next_try_at) <= now,
                ),
            )
            .values(
                attempts=Attachment.attempts + 1, next_try_at=schedule.next_try(now, 4)
            )
        )
        if claimed.rowcount != 1:  # type: ignore[attr-defined]
            return "taken"
        row = session.get_one(Attachment, attachment_id)
        message = session.get_one(Message, row.message_id)
        account = session.get_one(Account, message.account_id)
    outcome = _outcome(account, vault, store, row)
    with database.writing() as session:
        stored = session.get_one(Attachment, attachment_id)
        erased = stored.status not in _OPEN  # while it was fetched
        if not erased:
            _settle(stored, outcome, now)
        status = stored.status
    if erased:
        for sha256 in _written(outcome):
            drop_unused(database, store.data_dir, sha256)
    return status


def _written(outcome: Outcome) -> tuple[str, ...]:
    """What of it is on the disk."""
    match outcome:
        case Kept():
            return (outcome.sha256, *outcome.previews)
        case Unchecked() | Infected():
            return (outcome.sha256,)
        case _:
            return ()


def drop_unused(database: Database, data_dir: Path, sha256: str) -> None:
    """A file that nothing refers to any more leaves the disk: no message, answer or
    draft has it, and no entry that waits."""
    asked: tuple[Any, ...] = (
        select(Attachment.id).where(Attachment.sha256 == sha256),
        select(Attachment.id).where(cast(Attachment.previews, String).contains(sha256)),
        select(Reply.id).where(cast(Reply.files, String).contains(sha256)),
        select(Draft.id).where(cast(Draft.files, String).contains(sha256)),
        select(RawEvent.id).where(
            col(RawEvent.status).in_(("new", "failed", "ignored", "fetch")),
            cast(RawEvent.payload, String).contains(sha256),
        ),
    )
    with database.reading() as session:
        if any(session.exec(one.limit(1)).first() is not None for one in asked):
            return
    filestore.path_of(data_dir, sha256).unlink(missing_ok=True)
    filestore.quarantine_path(data_dir, sha256).unlink(missing_ok=True)


def _outcome(
    account: Account, vault: Vault, store: FileStore, row: Attachment
) -> Outcome:
    """Whatever happens to one file is said of that file: it stops no other."""
    try:
        if row.status == "unchecked":
            return store.keep_quarantined(row.sha256 or "")
        if row.attempts > _TRIES:  # the process died over it, again and again
            raise FileRefused("the file could not be kept", "failed")
        return store.keep(_download(account, vault, store, row))
    except (ConnectorError, FileRefused) as error:
        return error
    except connectors.ChannelUnavailable as error:
        return FileRefused(str(error), "unavailable")
    except OSError as error:  # of our own disk: there may be room later
        return TryLater(f"the file could not be kept ({error.strerror})", code="disk")
    except Exception as error:
        log.exception("attachment %s could not be kept", row.id)
        return FileRefused(
            f"the file could not be kept ({type(error).__name__})", "failed"
        )


def _download(
    account: Account, vault: Vault, store: FileStore, row: Attachment
) -> bytes:
    """What the platform gives. ConnectorError, FileRefused."""
    if account.status == "removed":
        raise FileRefused(
            "the account was removed before the file was fetched", "removed"
        )
    if row.size is not None and row.size > store.limits.most:
        raise FileRefused(
            f"the platform tells of {row.size} bytes", "too_large", row.size
        )
    media = Media(row.type, row.native_id, row.ref, row.mime)
    with connections.connected(account, vault) as connector:
        if not isinstance(connector, Downloads):
            raise FileRefused(f"{account.channel} gives no files", "not_kept")
        return connector.download(media, store.limits.most).content


def _settle(row: Attachment, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case Kept():
            row.status, row.code, row.reason = "stored", None, None
            row.sha256, row.mime, row.size = (
                outcome.sha256,
                outcome.mime,
                outcome.size,
            )
            row.kind, row.pages = outcome.kind, outcome.pages
            row.previews = list(outcome.previews)
        case Infected():
            row.status, row.code = "infected", "infected"
            row.reason = outcome.virus
            row.sha256, row.size = outcome.sha256, outcome.size
        case Unchecked():
            # it is here and cannot be lost: it waits as long as it takes
            row.status, row.code, row.reason = "unchecked", "unchecked", outcome.why
            row.sha256, row.size = outcome.sha256, outcome.size
            row.next_try_at = schedule.next_try(now, min(row.attempts, 4))
        case NeedsLogin():
            row.code, row.reason = outcome.code, discretion.told(outcome)
            row.next_try_at = schedule.next_try(now, _TRIES)
            row.attempts = 0
        case TryLater() if row.attempts < _TRIES:
            row.code, row.reason = outcome.code, discretion.told(outcome)
            row.next_try_at = schedule.next_try(now, row.attempts, outcome.retry_after)
        case FileRefused():
            row.status, row.code, row.reason = (
                "refused",
                outcome.code,
                discretion.told(outcome),
            )
            row.size = outcome.size if outcome.size is not None else row.size
        case _:
            row.status, row.code, row.reason = (
                "refused",
                outcome.code,
                discretion.told(outcome),
            )
