"""Connections that stay open, for platforms that tell at once when something is new.

One thread an account; what it hears makes the account's poll due, and nothing else: the
poll reads as always, so whatever a listener misses comes at the next interval. Threads
look at their stop sign at least every other second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlmodel import col, select

import connectors
from aggregator.accounts import connections, renewals
from aggregator.intake import polling
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault, VaultError
from connectors.base import Listens, abilities
from connectors.errors import ConnectorError

log = logging.getLogger(__name__)

MOST = 200
"""Accounts that are listened to; the others are polled, as they would be anyway."""
_AGAIN = (5.0, 15.0, 60.0, 300.0)
"""Seconds until the next try after so many failures; the last for all further."""
_HELD = 120.0
"""A connection that stood so long was no failure."""
_NOT_OFFERED = 3600.0
_STOPS_WITHIN = 5.0
"""A server that does not say goodbye holds nobody up; its thread ends with us."""


@dataclass(frozen=True, slots=True)
class _Listening:
    thread: threading.Thread
    stop: threading.Event


class Listeners:
    def __init__(
        self, database: Database, vault: Vault, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._vault, self._clock = database, vault, clock
        self._open: dict[int, _Listening] = {}

    def tend(self) -> None:
        """Listen to every account that is in use, and to no other."""
        wanted = set(_able(self._database))
        for account_id in [one for one in self._open if one not in wanted]:
            self._open.pop(account_id).stop.set()
        for account_id in sorted(wanted - self._open.keys()):
            stop = threading.Event()
            thread = threading.Thread(
                target=self._listen,
                args=(account_id, stop),
                name=f"listen-{account_id}",
                daemon=True,
            )
            self._open[account_id] = _Listening(thread, stop)
            thread.start()

    def stop(self) -> None:
        for listening in self._open.values():
            listening.stop.set()
        for listening in self._open.values():
            listening.thread.join(_STOPS_WITHIN)
        self._open.clear()

    def _listen(self, account_id: int, stop: threading.Event) -> None:
        failures = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._hear(account_id, stop)
                pause = _NOT_OFFERED
            except (ConnectorError, VaultError) as error:
                log.info("listening to account %s ended: %s", account_id, error)
                failures = 0 if time.monotonic() - began > _HELD else failures + 1
                pause = _AGAIN[min(failures, len(_AGAIN) - 1)]
            except Exception:
                log.exception("listening to account %s failed", account_id)
                pause = _NOT_OFFERED
            stop.wait(pause)

    def _hear(self, account_id: int, stop: threading.Event) -> None:
        """Returns where the platform tells nothing by itself."""
        with self._database.reading() as session:
            account = session.get_one(Account, account_id)
        account = renewals.fresh(self._database, self._vault, self._clock(), account)

        def heard() -> None:
            polling.make_due(self._database, self._clock(), account_id)

        with connections.connected(account, self._vault) as connector:
            if isinstance(connector, Listens):
                connector.listen(heard, stop.is_set)


def _able(database: Database) -> list[int]:
    """Accounts in use whose platform may tell by itself, the oldest first."""
    query = (
        select(Account.id)
        .where(
            Account.status == "active", col(Account.channel).in_(_telling_channels())
        )
        .order_by(col(Account.id))
        .limit(MOST)
    )
    with database.reading() as session:
        return list(session.exec(query))


@cache
def _telling_channels() -> tuple[str, ...]:
    return tuple(name for name in connectors.names() if _tells(name))


def _tells(channel: str) -> bool:
    try:
        return "listen" in abilities(connectors.load(channel))
    except connectors.ChannelUnavailable:
        return False
