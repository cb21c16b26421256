"""Credentials that end and are renewed without anybody (OAuth 2), one renewer at a
time.

Where refresh tokens rotate, using one twice ends the login. So the renewer holds the
row (`renewing_until`, a conditional UPDATE), and new credentials are stored before
anything uses them.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from aggregator.accounts import connections, ledger, registry
from aggregator.people import notifications
from aggregator.rules.time import schedule
from aggregator.store import discretion
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault, VaultError
from connectors.base import Renews, Settings
from connectors.errors import ConnectorError, NeedsLogin

HOLD = timedelta(minutes=2)
WARN_DAYS = (1, 7, 14)

log = logging.getLogger(__name__)


def due(database: Database, now: datetime) -> list[int]:
    """Accounts whose credentials are to be renewed now."""
    with database.reading() as session:
        query = select(Account.id).where(
            col(Account.status).in_(("active", "paused")), col(Account.renew_at) <= now
        )
        return list(session.exec(query))


def fresh(database: Database, vault: Vault, now: datetime, account: Account) -> Account:
    """The account as stored, its credentials renewed first where that is due.
    NeedsLogin."""
    if account.renew_at is None or account.renew_at > now:
        return account
    renew(database, vault, now, account.id)
    with database.reading() as session:
        return session.get_one(Account, account.id)


def renew(database: Database, vault: Vault, now: datetime, account_id: int) -> bool:
    """Renew and store; False where another renewer is at it. NeedsLogin, TryLater."""
    account = _claim(database, now, account_id)
    if account is None:
        return False
    try:
        renewed = _ask(account, vault)
    except ConnectorError as error:
        _failed(database, now, account_id, error)
        raise
    with database.writing() as session:
        stored = session.get_one(Account, account_id)
        registry.keep_settings(stored, vault, renewed)
        stored.renewing_until = None
    return True


def _claim(database: Database, now: datetime, account_id: int) -> Account | None:
    with database.writing() as session:
        won = session.execute(
            update(Account)
            .where(
                col(Account.id) == account_id,
                or_(
                    col(Account.renewing_until).is_(None),
                    col(Account.renewing_until) < now,
                ),
            )
            .values(renewing_until=now + HOLD)
        )
        if won.rowcount != 1:  # type: ignore[attr-defined]
            return None
        return session.get_one(Account, account_id)


def _ask(account: Account, vault: Vault) -> Settings:
    try:
        with connections.connected(account, vault) as connector:
            if not isinstance(connector, Renews):
                raise NeedsLogin(f"{account.channel} cannot renew its login")
            return connector.renew()
    except VaultError as error:
        raise NeedsLogin(str(error), code="not_usable") from None


def _failed(
    database: Database, now: datetime, account_id: int, error: ConnectorError
) -> None:
    with database.writing() as session:
        account = session.get_one(Account, account_id)
        account.renewing_until = None
        account.last_error = discretion.told(error)
        account.last_error_code = error.code
        if isinstance(error, NeedsLogin):
            ledger.note_failure(session, now, account, error)
            lose(session, now, account, error)
        else:
            account.renew_at = schedule.next_try(now, 2)


def lose(session: Session, now: datetime, account: Account, error: NeedsLogin) -> None:
    """Nothing is read or sent until somebody signs the account in again; they are told,
    once."""
    known = account.status == "needs_login"
    account.status, account.next_poll_at = "needs_login", None
    if not known:
        record(
            session,
            SYSTEM,
            "account_needs_login",
            "account",
            account.id,
            code=error.code,
        )
        notifications.account_lost(session, now, account)


def days_left(now: datetime, account: Account) -> int | None:
    """Whole days until a person must sign in again; None: not known or never."""
    if account.login_ends_at is None or account.status not in ("active", "paused"):
        return None
    return max(0, (account.login_ends_at - now).days)


def warn(database: Database, now: datetime) -> list[Account]:
    """Accounts whose login ends within 14, 7 or 1 days, each threshold told once."""
    warned = []
    with database.writing() as session:
        rows = session.exec(
            select(Account).where(
                col(Account.status).in_(("active", "paused")),
                col(Account.login_ends_at) <= now + timedelta(days=max(WARN_DAYS)),
            )
        )
        for account in rows:
            left = days_left(now, account)
            step = next(
                (days for days in WARN_DAYS if left is not None and left <= days), None
            )
            if step is None or (account.warned_days or 99) <= step:
                continue
            account.warned_days = step
            record(
                session, SYSTEM, "account_login_ends", "account", account.id, days=left
            )
            notifications.account_ends(session, now, account, left or 0)
            log.warning(
                "%s:%s: the login ends in %s days",
                account.channel,
                account.handle,
                left,
            )
            warned.append(account)
    return warned
