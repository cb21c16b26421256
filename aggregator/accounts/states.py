"""An account is paused, resumed, removed, or gets new tokens."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.accounts.registry import (
    AccountError,
    find,
    find_in,
    identify,
    keep_settings,
    wake,
)
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Gap
from aggregator.store.tables.people import Person
from aggregator.store.vault import Vault
from connectors.base import Settings


def pause(database: Database, now: datetime, actor: Actor, name: str) -> Account:
    """Stop reading; what comes meanwhile is known to be missing until it is read
    later."""
    with database.writing() as session:
        account = find_in(session, name)
        if account.status != "paused":
            _status(session, actor, account, "paused")
            began = account.last_good_poll_at or now
            session.add(
                Gap(
                    account_id=account.id,
                    stream="main",
                    reason="paused",
                    began_at=began,
                )
            )
        return account


def resume(database: Database, now: datetime, actor: Actor, name: str) -> Account:
    """Poll again from now on; also after the platform asked for a new login."""
    with database.writing() as session:
        account = find_in(session, name)
        wake(account, now)
        record(session, actor, "account_resumed", "account", account.id)
        return account


def remove(database: Database, actor: Actor, name: str) -> Account:
    """Forget the credentials; messages, cases and the audit trail stay."""
    with database.writing() as session:
        account = find_in(session, name)
        _status(session, actor, account, "removed")
        account.sealed, account.facts = "", {}
        account.renew_at = account.login_ends_at = None
        return account


def _status(session: Session, actor: Actor, account: Account, status: str) -> None:
    account.status, account.next_poll_at = status, None
    record(session, actor, f"account_{status}", "account", account.id)


def rotate(
    database: Database,
    vault: Vault,
    now: datetime,
    actor: Actor,
    name: str,
    new: Settings,
) -> Account:
    """Replace credentials, after the platform has said that they are the same
    account's."""
    account = find(database, name)
    identity = identify(account.channel, new)
    if identity.external_id != account.external_id:
        raise AccountError(
            f"these credentials belong to {identity.handle} ({identity.external_id}), "
            f"not to {account.handle}; nothing was changed"
        )
    with database.writing() as session:
        stored = session.get_one(Account, account.id)
        keep_settings(stored, vault, new)
        wake(stored, now)
        record(session, actor, "account_rotated", "account", stored.id)
        return stored


def reseal_all(database: Database, vault: Vault, actor: Actor) -> int:
    """Encrypt every account's settings under the newest key, and authenticators; how
    many accounts."""
    with database.writing() as session:
        for person in session.exec(select(Person).where(col(Person.totp).is_not(None))):
            person.totp = vault.reseal(person.totp or "")
        rows = list(session.exec(select(Account).where(Account.status != "removed")))
        for account in rows:
            if account.sealed:
                account.sealed = vault.reseal(account.sealed)
        for account in rows[:1]:
            record(
                session,
                actor,
                "accounts_resealed",
                "account",
                account.id,
                accounts=len(rows),
            )
        return len(rows)
