"""`sahut doctor`: named checks of an installation, each failure with its remedy."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import connectors
from aggregator.accounts import registry
from aggregator.cases import readership
from aggregator.city import catalog
from aggregator.intake import ingest
from aggregator.people import oidc
from aggregator.running import upkeep
from aggregator.store import discretion, private, settings, vault
from aggregator.store.db import Database, DatabaseTrouble, place_of
from aggregator.store.settings import Settings, SettingsError

_LEAST_FREE = 500 * 1024 * 1024
_SILENCE = timedelta(hours=12)  # Telegram keeps updates for 24 hours


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` is empty where all is well."""

    step: str
    ok: bool
    detail: str
    remedy: str = ""


class _Trouble(Exception):
    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.remedy = remedy


def examine() -> list[Finding]:
    """Run every check; a failing one does not stop the others."""
    findings = []
    for step, check in _checks():
        try:
            findings.append(Finding(step, True, check()))
        except _Trouble as trouble:
            findings.append(Finding(step, False, str(trouble), trouble.remedy))
        except DatabaseTrouble as error:
            remedy = "see what the step `database` says"
            findings.append(Finding(step, False, _first_line(error), remedy))
        except Exception as error:
            remedy = "correct what the detail names, then run doctor again"
            findings.append(Finding(step, False, discretion.told(error), remedy))
    return findings


def _first_line(error: DatabaseTrouble) -> str:
    """What the database said, without the statement and its values."""
    said = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return discretion.said(said)


def _checks() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "python", _python
    yield "packages", _packages
    yield "settings", lambda: place_of(settings.load().database_url)
    yield "config", _config
    yield "data folder", lambda: _data_folder(settings.load())
    yield "database", lambda: _database(settings.load())
    yield "secret key", lambda: _secret_key(settings.load())
    yield "channels", _channels
    yield "accounts", lambda: _accounts(settings.load())
    yield "raw events", lambda: _raw_events(settings.load())
    yield "proxies", lambda: _proxies(settings.load())
    yield "secret cases", lambda: _secret_cases(settings.load())
    yield "sign-in", lambda: _sign_in(settings.load())


def _python() -> str:
    return sys.version.split()[0]


def _packages() -> str:
    """Other projects on the public index have packages called `connectors` and
    `config`."""
    found = Path(connectors.__file__ or "").resolve().parent
    if found.parent != settings.ROOT:
        raise _Trouble(
            f"`connectors` comes from {found}",
            "uninstall the package `connectors` of that name",
        )
    return "connectors is ours"


def _config() -> str:
    try:
        folder = settings.load().folder_of_config()
        found = catalog.load(folder)
    except SettingsError as error:
        raise _Trouble(str(error), "set SAHUT_CONFIG_DIR") from error
    except catalog.CatalogError as error:
        raise _Trouble(
            f"{len(error.problems)} problems", "run `sahut config check`"
        ) from error
    return f"{len(found.agencies)} agencies"


def _data_folder(chosen: Settings) -> str:
    folder = private.folder(chosen.data_dir)
    probe = folder / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        raise _Trouble(f"{free // 2**20} MB free", "make room, or set SAHUT_DATA_DIR")
    return f"{free // 2**20} MB free"


def _database(chosen: Settings) -> str:
    database = Database(chosen.database_url)
    try:
        upkeep.require_current(database)
        return (
            f"{database.url.get_backend_name()} at revision {upkeep.current(database)}"
        )
    except upkeep.UpkeepError as error:
        raise _Trouble(str(error), "run `sahut db upgrade`") from error
    except DatabaseTrouble as error:
        remedy = "start the database, or correct DATABASE_URL"
        raise _Trouble(_first_line(error), remedy) from error
    finally:
        database.close()


def _secret_key(chosen: Settings) -> str:
    keys = vault.load(chosen.secret_key, chosen.data_dir)
    database = Database(chosen.database_url)
    try:
        rows = [one for one in registry.list_all(database) if one.sealed]
        for account in rows:
            keys.open(account.sealed, connectors.load(account.channel).Account)
    except vault.VaultError as error:
        raise _Trouble(
            str(error), "restore the key the accounts were saved with"
        ) from error
    finally:
        database.close()
    return f"opens {len(rows)} accounts"


def _channels() -> str:
    missing = []
    for name in connectors.names():
        try:
            connectors.load(name)
        except connectors.ChannelUnavailable as error:
            missing.append(str(error))
    if missing:
        raise _Trouble(
            "; ".join(missing), "install the packages, or do without the channel"
        )
    return ", ".join(connectors.names())


def _accounts(chosen: Settings) -> str:
    database = Database(chosen.database_url)
    try:
        rows = registry.list_all(database)
        silent = upkeep.silent_accounts(database, datetime.now(UTC) - _SILENCE)
    finally:
        database.close()
    login = [
        f"{row.channel}:{row.handle}" for row in rows if row.status == "needs_login"
    ]
    if login:
        raise _Trouble(
            f"need a new login: {', '.join(login)}", "`sahut accounts rotate NAME`"
        )
    if silent:
        names = ", ".join(f"{row.channel}:{row.handle}" for row in silent)
        raise _Trouble(
            f"no good poll for 12 hours: {names}",
            "start the worker, then `sahut accounts check`; Telegram forgets after 24"
            " hours",
        )
    return f"{len(rows)} registered"


def _proxies(chosen: Settings) -> str:
    """The pages speak no https themselves."""
    if chosen.public_url.startswith("https:") and not chosen.proxies:
        raise _Trouble(
            "SAHUT_PUBLIC_URL is https, and no proxy in front of the pages is named:"
            " everybody seems to come from one address, and guessers hold up all",
            "set SAHUT_PROXIES to the networks of the proxy, such as 127.0.0.1/32",
        )
    return ", ".join(chosen.proxy_networks) or "none"


def _raw_events(chosen: Settings) -> str:
    database = Database(chosen.database_url)
    try:
        failed = ingest.events(database, status="failed", limit=1000)
    finally:
        database.close()
    if failed:
        raise _Trouble(
            f"{len(failed)} set aside",
            "`sahut raw list --status failed`, then `raw replay --failed`",
        )
    return "none set aside"


def _secret_cases(chosen: Settings) -> str:
    database = Database(chosen.database_url)
    try:
        named, unread, without = readership.standing(database, datetime.now(UTC))
    finally:
        database.close()
    remedy = "name who reads them: `sahut people first-reader LOGIN`"
    if unread:
        raise _Trouble(f"{unread} that nobody reads", remedy)
    if without:
        offices = ", ".join(without)
        return f"none waits; nobody would read those of {offices}: {remedy}"
    return f"{named} first readers"


def _sign_in(chosen: Settings) -> str:
    found = oidc.trouble(chosen)
    if found:
        raise _Trouble("nobody can sign in by OpenID Connect", found)
    return f"password, or {chosen.oidc_name}" if chosen.oidc_issuer else "password"
