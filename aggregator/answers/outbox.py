"""Sending replies (T4): mark `sending`, send outside any transaction, write down what
became of it.

A reply is never sent twice by the program. Whatever leaves it unclear whether a reply
arrived (a time-out after sending, a process killed in between) makes it `unknown`, and
a person decides, or the reply itself coming back through polling does.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, func, not_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

import connectors
from aggregator.accounts import connections, filestore, renewals
from aggregator.answers import deliveries, replies
from aggregator.cases import closing, deadlines, reminders
from aggregator.people import notifications
from aggregator.rules.time import schedule
from aggregator.store import discretion, versions
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Person
from aggregator.store.vault import Vault, VaultError
from connectors.base import LooksUp, Replies, RepliesPrivately, Sent, Upload, abilities
from connectors.base import Reply as Draft
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown

LOST_AFTER = timedelta(minutes=3)
LOOK_UP_EVERY = timedelta(minutes=1)
LOOK_UP_FOR = timedelta(hours=6)
_TRIES = 20

log = logging.getLogger(__name__)


def due(
    database: Database, now: datetime, limit: int = 20, *, account: int | None = None
) -> list[int]:
    """Replies to send now, of all accounts or one, oldest first; those of an account
    waiting for a login stay."""
    wanted = _may_leave(now)
    if account is not None:
        wanted = (*wanted, col(Reply.account_id) == account)
    with database.reading() as session:
        rows = session.exec(
            select(Reply.id)
            .join(Account, col(Account.id) == col(Reply.account_id))
            .where(*wanted)
            .order_by(col(Reply.id))
            .limit(limit)
        )
        return list(rows)


def accounts_due(database: Database, now: datetime) -> list[int]:
    """Accounts that have a reply to send now, who waits longest first."""
    with database.reading() as session:
        rows = session.exec(
            select(Reply.account_id)
            .join(Account, col(Account.id) == col(Reply.account_id))
            .where(*_may_leave(now))
            .group_by(col(Reply.account_id))
            .order_by(func.min(Reply.id))
        )
        return list(rows)


def _may_leave(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Reply.state).in_(("queued", "try_later")),
        or_(col(Reply.not_before).is_(None), col(Reply.not_before) <= now),
        col(Account.status).in_(("active", "paused")),
        not_(_waits_for_private()),
    )


def _waits_for_private() -> ColumnElement[bool]:
    """The public sentence of a hand-over says that there is a private answer; so that
    one goes first, and where it fails nothing untrue is said."""
    private = aliased(Reply)
    first = select(private.id).where(
        col(private.id) == col(Reply.beside_id), col(private.state) != "sent"
    )
    return first.exists()


def send(
    database: Database, vault: Vault, data_dir: Path, now: datetime, reply_id: int
) -> str:
    """Send one reply; its state afterwards ("taken": another worker has it)."""
    with database.writing() as session:
        won = session.execute(
            update(Reply)
            .where(
                col(Reply.id) == reply_id, col(Reply.state).in_(("queued", "try_later"))
            )
            .values(state="sending", sending_at=now, attempts=Reply.attempts + 1)
        )
        # The count says who won: a second worker finds the reply `sending` already.
        if won.rowcount != 1:  # type: ignore[attr-defined]
            return "taken"
        reply = session.get_one(Reply, reply_id)
        account, draft = replies.outgoing(session, now, reply)
    # `sending` is on the disk before anything leaves: whatever kills the process from
    # here on, the reply is found as unknown and never sent a second time.
    outcome = _send(database, vault, now, account, with_files(draft, data_dir, reply))
    return _write_down(database, now, reply_id, outcome)


def with_files(draft: Draft, data_dir: Path, reply: Reply) -> Draft:
    files = tuple(
        Upload(
            file["name"],
            file["mime"],
            filestore.path_of(data_dir, file["sha256"]).read_bytes(),
        )
        for file in reply.files
        if not file.get("stays")
    )
    return replace(draft, files=files)


def _send(
    database: Database, vault: Vault, now: datetime, account: Account, draft: Draft
) -> Sent | ConnectorError:
    try:
        account = renewals.fresh(database, vault, now, account)
        with connections.connected(account, vault) as connector:
            if draft.private and isinstance(connector, RepliesPrivately):
                return connector.send_private(draft)
            if draft.private or not isinstance(connector, Replies):
                return Refused(f"{account.channel} cannot answer", code="no_reply")
            return connector.send(draft)
    except ConnectorError as error:
        return error
    except VaultError as error:
        return NeedsLogin(str(error))
    except Exception as error:
        # a bug does not say whether the request had left before it
        log.exception("sending through %s:%s failed", account.channel, account.handle)
        return Unknown(f"the connector failed ({type(error).__name__}) while sending")


def _write_down(
    database: Database, now: datetime, reply_id: int, outcome: Sent | ConnectorError
) -> str:
    with database.writing() as session:
        reply = session.get_one(Reply, reply_id)
        if (
            reply.state == "sent"
        ):  # it came back through polling before the platform answered
            closing.close_after(session, now, reply)
            return reply.state
        case = session.get_one(Case, reply.case_id)
        person = session.get_one(Person, reply.person_id)
        _apply(reply, case, now, outcome)
        if isinstance(outcome, Sent):
            account = session.get_one(Account, reply.account_id)
            deliveries.settle(session, now, account.channel, reply)
            deadlines.answered(session, now, case, now)
            reminders.note_promises(session, now, reply)
        if isinstance(outcome, NeedsLogin):
            account = session.get_one(Account, reply.account_id)
            account.last_error = discretion.told(outcome)
            account.last_error_code = outcome.code
            renewals.lose(session, now, account, outcome)
        if reply.state in ("refused", "unknown"):
            notifications.answer_failed(session, now, reply)
        versions.grow(case)
        record(
            session,
            SYSTEM,
            f"reply_{reply.state}",
            "reply",
            reply_id,
            case_id=case.id,
            by=person.login,
        )
        closing.close_after(session, now, reply)
        return reply.state


def _apply(
    reply: Reply, case: Case, now: datetime, outcome: Sent | ConnectorError
) -> None:
    if isinstance(outcome, Sent):
        reply.state, reply.sent_at = "sent", now
        reply.external_id, reply.permalink = outcome.external_id, outcome.permalink
        reply.error = reply.error_code = None
        if case.status == "new":
            case.status = "answered"
        return
    reply.error = discretion.told(outcome)
    reply.error_code = outcome.code
    # Whoever must sign in again may take days: such tries have no end, and `due` leaves
    # the reply alone until the account is back.
    if isinstance(outcome, NeedsLogin) or (
        isinstance(outcome, TryLater) and reply.attempts < _TRIES
    ):
        asked = outcome.retry_after if isinstance(outcome, TryLater) else None
        reply.state = "try_later"
        reply.not_before = schedule.next_try(now, reply.attempts, asked)
    elif isinstance(outcome, Unknown):
        reply.state = "unknown"
    else:
        reply.state = "refused"


def to_look_up(database: Database, now: datetime, limit: int = 20) -> list[int]:
    """Answers of unknown fate whose platform may be asked for them now."""
    with database.reading() as session:
        rows = session.exec(
            select(Reply.id, Account.channel)
            .join(Account, col(Account.id) == col(Reply.account_id))
            .where(
                Reply.state == "unknown",
                col(Reply.sending_at) > now - LOOK_UP_FOR,
                or_(col(Reply.not_before).is_(None), col(Reply.not_before) <= now),
                col(Account.status).in_(("active", "paused")),
            )
            .order_by(col(Reply.id))
        )
        able = [row for row in rows if "look_up" in abilities(connectors.load(row[1]))]
        return [row[0] for row in able[:limit]]


def look_up(database: Database, vault: Vault, now: datetime, reply_id: int) -> str:
    """Ask the platform whether an answer arrived; its state afterwards. Sends nothing.

    Not finding it proves nothing (lists lag), so it stays unknown until it is found or
    a person decides.
    """
    with database.writing() as session:
        reply = session.get_one(Reply, reply_id)
        if reply.state != "unknown" or (
            reply.not_before is not None and reply.not_before > now
        ):
            return reply.state
        # moved on before the platform is asked, so that two workers do not both ask
        tried = int((now - (reply.sending_at or now)) / LOOK_UP_EVERY)
        reply.not_before = now + LOOK_UP_EVERY * (tried + 1)
        account, draft = replies.outgoing(session, now, reply)
    since = (reply.sending_at or now) - timedelta(minutes=5)
    try:
        account = renewals.fresh(database, vault, now, account)
        with connections.connected(account, vault) as connector:
            found = (
                connector.look_up(draft, since)
                if isinstance(connector, LooksUp)
                else None
            )
    except (ConnectorError, VaultError) as error:
        log.info("looking for an answer on %s failed: %s", account.channel, error)
        return "unknown"
    if found is None:
        return "unknown"
    return _write_down(database, now, reply_id, found)


def find_lost(
    database: Database, now: datetime, *, older_than: timedelta = LOST_AFTER
) -> int:
    """Replies that a killed process left `sending` become `unknown`; how many."""
    with database.writing() as session:
        lost = list(
            session.exec(
                select(Reply).where(
                    Reply.state == "sending", col(Reply.sending_at) <= now - older_than
                )
            )
        )
        for reply in lost:
            reply.state, reply.error_code = "unknown", "interrupted"
            reply.error = "the program stopped while the answer was on its way"
            versions.grow(session.get_one(Case, reply.case_id))
            notifications.answer_failed(session, now, reply)
            record(
                session,
                SYSTEM,
                "reply_unknown",
                "reply",
                reply.id,
                case_id=reply.case_id,
            )
        return len(lost)
