"""Registered accounts: add, check, pause, resume, rotate, remove.

The platform is always asked before a transaction, never inside one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, func, select

import connectors
from aggregator.store import settings
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Gap, Usage
from aggregator.store.tables.city import Agency
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.people import Person
from aggregator.store.vault import Vault, VaultError
from connectors.base import Connector, Identity, Settings, Subscribes, abilities
from connectors.errors import ConnectorError

SHORTEST_INTERVAL = 1


class AccountError(Exception):
    """Something about an account is wrong; the message says which, what and what to
    do."""


@dataclass(frozen=True, slots=True)
class Registered:
    """`outcome`: new, changed, same."""

    account: Account
    identity: Identity
    outcome: str
    samples: list[str] = field(default_factory=list)


def parse_settings(channel: str, values: dict[str, Any]) -> Settings:
    """A connector's account settings. AccountError names every wrong field, never its
    value."""
    model = connectors.load(channel).Account
    try:
        return model(**values)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'settings'}:"
            f" {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise AccountError(f"{channel}: {wrong}") from None


@contextmanager
def connected(account: Account, vault: Vault) -> Iterator[Connector]:
    """The connector of a registered account, closed at the end of the block."""
    kind = connectors.load(account.channel)
    connector = kind(
        settings.app_settings(account.channel),
        vault.open(account.sealed, kind.Account),
        account.external_id,
    )
    with closing(connector):
        yield connector


def identify(channel: str, account_settings: Settings) -> Identity:
    """Ask the platform whose credentials these are. ConnectorError."""
    connector = connectors.load(channel)(
        settings.app_settings(channel), account_settings
    )
    with closing(connector):
        return connector.check()


def require_agency(session: Session, code: str) -> None:
    found = session.get(Agency, code)
    if found is None or not found.active:
        raise AccountError(
            f"agency {code!r} is not in config/agencies.yaml; `sahut config show` lists"
            " them"
        )


def register(
    database: Database,
    vault: Vault,
    now: datetime,
    actor: Actor,
    *,
    channel: str,
    agency: str,
    account_settings: Settings,
    identity: Identity,
    interval: int | None = None,
) -> Registered:
    """Save an account whose identity the platform has confirmed. Registering twice
    changes it."""
    with database.writing() as session:
        return register_in(
            session,
            vault,
            now,
            actor,
            channel=channel,
            agency=agency,
            account_settings=account_settings,
            identity=identity,
            interval=interval,
        )


def register_in(
    session: Session,
    vault: Vault,
    now: datetime,
    actor: Actor,
    *,
    channel: str,
    agency: str,
    account_settings: Settings,
    identity: Identity,
    interval: int | None,
) -> Registered:
    """`register` inside a transaction of the caller's (an import of many)."""
    require_agency(session, agency)
    kind = connectors.load(channel)
    chosen = max(SHORTEST_INTERVAL, interval or kind.default_interval)
    wanted: dict[str, Any] = {
        "handle": identity.handle,
        "display_name": identity.display_name,
        "agency_code": agency,
        "interval": chosen,
    }
    account = session.exec(
        select(Account).where(
            Account.channel == channel, Account.external_id == identity.external_id
        )
    ).first()
    if account is None:
        account = Account(
            channel=channel,
            external_id=identity.external_id,
            sealed="",
            next_poll_at=now if "poll" in abilities(kind) else None,
            **wanted,
        )
        keep_settings(account, vault, account_settings)
        session.add(account)
        session.flush()
        outcome = "new"
    else:
        outcome = _change(account, vault, now, kind, wanted, account_settings)
    assert account.id is not None
    if outcome != "same":
        record(
            session, actor, f"account_{outcome}", "account", account.id, agency=agency
        )
    return Registered(account, identity, outcome)


def _change(
    account: Account,
    vault: Vault,
    now: datetime,
    kind: type[Connector],
    wanted: dict[str, Any],
    account_settings: Settings,
) -> str:
    was_removed = account.status == "removed"
    same_settings = (
        not was_removed and vault.open(account.sealed, kind.Account) == account_settings
    )
    changed = [
        name for name, value in wanted.items() if getattr(account, name) != value
    ]
    if same_settings and not changed and account.status == "active":
        return "same"
    for name, value in wanted.items():
        setattr(account, name, value)
    keep_settings(account, vault, account_settings)
    _wake(account, now)
    return "changed"


def keep_settings(account: Account, vault: Vault, new: Settings) -> None:
    """Encrypt an account's settings into its row, with what the program needs to know
    of them."""
    account.sealed = vault.seal(new)
    account.facts = new.facts()
    account.renew_at = new.renew_at()
    ends = new.login_ends_at()
    if ends != account.login_ends_at:
        account.login_ends_at, account.warned_days = ends, None


def _wake(account: Account, now: datetime) -> None:
    polls = "poll" in abilities(connectors.load(account.channel))
    account.status = "active"
    account.failures = 0
    account.last_error = account.last_error_code = None
    account.next_poll_at = now if polls else None


def find(database: Database, name: str) -> Account:
    """The account with this id, `channel:handle`, or handle where that is unique.
    AccountError."""
    with database.reading() as session:
        return find_in(session, name)


def find_in(session: Session, name: str) -> Account:
    channel, _, handle = name.rpartition(":")
    query = select(Account).where(Account.status != "removed")
    if name.isdigit():
        query = query.where(Account.id == int(name))
    else:
        query = query.where(Account.handle == handle.removeprefix("@"))
        if channel:
            query = query.where(Account.channel == channel)
    rows = list(session.exec(query))
    if not rows:
        raise AccountError(f"no account {name!r}; `sahut accounts list` shows them")
    if len(rows) > 1:
        names = ", ".join(f"{row.channel}:{row.handle}" for row in rows)
        raise AccountError(f"{name!r} can be any of {names}; write channel:handle")
    return rows[0]


def list_all(database: Database, *, removed: bool = False) -> list[Account]:
    with database.reading() as session:
        query = select(Account).order_by(
            Account.agency_code, Account.channel, Account.handle
        )
        return list(
            session.exec(query if removed else query.where(Account.status != "removed"))
        )


def callback_url(public_url: str, account: Account) -> str:
    """Where the platform delivers what concerns an account."""
    return f"{public_url.rstrip('/')}/kait/{account.channel}/{account.id}"


def subscribe(vault: Vault, public_url: str, account: Account) -> str:
    """Ask the platform to deliver here; what a person still has to do there.
    ConnectorError."""
    with connected(account, vault) as connector:
        assert isinstance(connector, Subscribes)
        return connector.subscribe(callback_url(public_url, account))


@dataclass(frozen=True, slots=True)
class Checked:
    """What the platform says of an account. `problem`: its code, `detail` the words of
    it; empty where it still works."""

    problem: str = ""
    detail: str = ""
    warnings: str = ""


def ask(vault: Vault, account: Account) -> Checked:
    """Ask the platform whether the credentials still work and whose they are."""
    try:
        with connected(account, vault) as connector:
            identity = connector.check()
    except ConnectorError as error:
        return Checked(error.code, str(error))
    except VaultError as error:
        return Checked("not_usable", str(error))
    if identity.external_id != account.external_id:
        return Checked("other_account", f"the credentials belong to @{identity.handle}")
    return Checked(warnings=" ".join(identity.warnings))


def pause(database: Database, now: datetime, actor: Actor, name: str) -> Account:
    """Stop reading; what comes meanwhile is known to be missing until it is read
    later."""
    with database.writing() as session:
        account = find_in(session, name)
        assert account.id is not None
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
        _wake(account, now)
        assert account.id is not None
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
    record(session, actor, f"account_{status}", "account", account.id or 0)


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
        _wake(stored, now)
        assert stored.id is not None
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
            account.sealed = vault.reseal(account.sealed)
        for account in rows[:1]:
            assert account.id is not None
            record(
                session,
                actor,
                "accounts_resealed",
                "account",
                account.id,
                accounts=len(rows),
            )
        return len(rows)


def samples(database: Database, account_id: int, count: int = 3) -> list[Message]:
    """The newest messages an account has received."""
    with database.reading() as session:
        return list(
            session.exec(
                select(Message)
                .join(MessageAccount, col(MessageAccount.message_id) == col(Message.id))
                .where(
                    MessageAccount.account_id == account_id, Message.direction == "in"
                )
                .order_by(col(Message.created_at).desc())
                .limit(count)
            )
        )


def usage(database: Database, account_id: int, day: date) -> Usage:
    """Billed reads of an account on a UTC day and their price; zeros where nothing was
    read."""
    with database.reading() as session:
        found = session.get(Usage, (account_id, day))
        return found or Usage(account_id=account_id, day=day)


def money_since(database: Database, account_id: int, first: date) -> float:
    """US dollars of billed reads from a UTC day on."""
    with database.reading() as session:
        total = select(func.sum(Usage.money)).where(
            Usage.account_id == account_id, col(Usage.day) >= first
        )
        return float(session.exec(total).one() or 0.0)
