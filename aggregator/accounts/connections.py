"""An account opened as its connector; asked whether it works, told where to deliver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import connectors
from aggregator.store import discretion, settings
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault, VaultError
from connectors.base import Connector, Subscribes
from connectors.errors import ConnectorError


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
        return Checked(error.code, discretion.told(error))
    except VaultError as error:
        return Checked("not_usable", str(error))
    if identity.external_id != account.external_id:
        return Checked("other_account", f"the credentials belong to @{identity.handle}")
    return Checked(warnings=discretion.said(" ".join(identity.warnings)))
