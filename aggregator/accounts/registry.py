"""Accounts of the city: registered, found by name, listed.

The platform is always asked before a transaction, never inside one.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session, select

import connectors
from aggregator import PlainError
from aggregator.people.viewers import Viewer
from aggregator.store import discretion, settings
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database, Reads, table
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.city import Agency
from aggregator.store.vault import Vault, VaultError
from connectors.base import AccountSettings, Connector, Identity, Settings, abilities

SHORTEST_INTERVAL = 1


class AccountError(PlainError):
    """Something about an account is wrong; the message says which, what and what to
    do."""


@dataclass(frozen=True, slots=True)
class Registered:
    """`outcome`: new, changed, same."""

    account: Account
    identity: Identity
    outcome: str
    samples: list[str] = field(default_factory=list)


def parse_settings(channel: str, values: dict[str, Any]) -> AccountSettings:
    """A connector's account settings. AccountError names every wrong field, never its
    value."""
    model = connectors.load(channel).Account
    try:
        chosen = model(**values)
        # what asks the platform whose they are may fail and say with what
        discretion.note(value for _, value in chosen)
        return chosen
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'settings'}:"
            f" {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise AccountError(f"{channel}: {wrong}") from None


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
    account_settings: AccountSettings,
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
    account_settings: AccountSettings,
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
    if account is None and (account := _by_mail(session, channel, identity)):
        account.external_id = identity.external_id
    if account is None:
        account = Account(
            channel=channel,
            external_id=identity.external_id,
            sealed="",
            next_poll_at=now if "poll" in abilities(kind) else None,
            history_before=_history_before(kind, account_settings, now),
            **wanted,
        )
        keep_settings(account, vault, account_settings)
        session.add(account)
        session.flush()
        outcome = "new"
    else:
        outcome = _change(account, vault, now, kind, wanted, account_settings)
    if outcome != "same":
        record(
            session, actor, f"account_{outcome}", "account", account.id, agency=agency
        )
    return Registered(account, identity, outcome)


def _history_before(
    kind: type[Connector], account_settings: AccountSettings, now: datetime
) -> datetime | None:
    """Deliveries are of now and what people write down is meant, so only a list that is
    polled has a before."""
    if "poll" not in abilities(kind):
        return None
    return now - timedelta(days=account_settings.first_days)


def _by_mail(session: Session, channel: str, identity: Identity) -> Account | None:
    """The account that was known by its notification mails alone until now."""
    query = select(Account).where(
        Account.channel == channel, Account.status == "by_mail"
    )
    names = {identity.handle.lower(), identity.display_name.lower()}
    return next(
        (one for one in session.exec(query) if one.handle.lower() in names), None
    )


def _change(
    account: Account,
    vault: Vault,
    now: datetime,
    kind: type[Connector],
    wanted: dict[str, Any],
    account_settings: AccountSettings,
) -> str:
    was_removed = account.status == "removed"
    same_settings = (
        not was_removed
        and bool(account.sealed)
        and vault.open(account.sealed, kind.Account) == account_settings
    )
    changed = [
        name for name, value in wanted.items() if getattr(account, name) != value
    ]
    if same_settings and not changed and account.status == "active":
        return "same"
    for name, value in wanted.items():
        setattr(account, name, value)
    keep_settings(account, vault, account_settings)
    wake(account, now)
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


def wake(account: Account, now: datetime) -> None:
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


def require_keys(database: Database, vault: Vault) -> None:
    """VaultError where accounts that are read were saved with a key that is not here:
    polling would take each of them for one that needs a new login."""
    shut = [
        f"{one.channel}:{one.handle}"
        for one in list_all(database)
        if one.status in ("active", "paused")
        and one.sealed
        and not vault.opens(one.sealed)
    ]
    if shut:
        named = ", ".join(shut[:3]) + (" ..." if len(shut) > 3 else "")
        raise VaultError(
            f"not started: the key that {len(shut)} accounts ({named}) were saved with"
            " is missing; start with the data folder whose secret.key it is"
            " (SAHUT_DATA_DIR), put it into the list of SAHUT_SECRET_KEY, or remove"
            " these accounts if the key is lost"
        )


def list_all(database: Database, *, removed: bool = False) -> list[Account]:
    with database.reading() as session:
        query = select(Account).order_by(
            Account.agency_code, Account.channel, Account.handle
        )
        return list(
            session.exec(query if removed else query.where(Account.status != "removed"))
        )


def of_channel(database: Database, channel: str) -> list[Account]:
    """Every account of a channel that is not removed."""
    query = select(Account).where(
        Account.channel == channel, Account.status != "removed"
    )
    with database.reading() as session:
        return list(session.exec(query))


def active(database: Database, channel: str, handle: str) -> Account | None:
    """The account of this name, where it is in use."""
    query = select(Account).where(
        Account.channel == channel, Account.handle == handle, Account.status == "active"
    )
    with database.reading() as session:
        return session.exec(query).first()


_account = table(Account).c
_HANDLES = (
    select_rows(_account.id, _account.channel, _account.handle)
    .where(_account.status != "removed")
    .order_by(_account.channel, _account.handle)
)
_OWN_HANDLES = _HANDLES.where(_account.agency_code == bindparam("agency"))


def handles_of(source: Reads, viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """Id and "channel @handle" of the accounts whose cases the viewer may see."""
    query = _HANDLES if viewer.sees_all else _OWN_HANDLES
    with source.reading() as session:
        found = session.execute(
            query, {} if viewer.sees_all else {"agency": viewer.agency_code}
        )
        return tuple(
            (number, f"{channel} @{handle}") for number, channel, handle in found
        )
