"""An account that is new to the program and old on its platform: nothing of before
becomes a late case, whatever the channel."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, func, select

import connectors
from aggregator.accounts import connections, registry
from aggregator.cases import clockwork
from aggregator.intake import ingest, polling
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case, Escalation
from aggregator.store.tables.intake import RawEvent
from aggregator.store.vault import Vault
from connectors.base import AccountSettings, Connector, abilities
from sandbox.serve import Sandbox

MANY = 300
FILES = {"lapor": 20, "sibadra": 20}
"""Channels whose residents are read from files, one each: fewer show it too."""
YEARS_LATER = timedelta(days=400)
CHANNELS = [
    channel
    for channel in sorted(connectors.BUILTIN)
    if "poll" in abilities(connectors.load(channel))
]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def staged(
    request: pytest.FixtureRequest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Any]]:
    """A channel whose residents have talked, and its accounts lead to the sandbox."""
    channel: str = request.param
    stage = importlib.import_module(f"stage_{channel}").Stage(sandbox)
    connector: Connector = stage.connect()
    with closing(connector):
        monkeypatch.setattr(
            connections, "connected", lambda account, vault: _Lent(connector)
        )
        yield channel, stage


class _Lent:
    """`connections.connected` for a connector that is closed elsewhere."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def __enter__(self) -> Connector:
        return self._connector

    def __exit__(self, *_: object) -> None:
        pass


def registered(
    database: Database, vault: Vault, channel: str, stage: Any, now: datetime
) -> Account:
    connector = stage.connect()
    with closing(connector):
        identity = connector.check()
    account = registry.register(
        database,
        vault,
        now,
        SYSTEM,
        channel=channel,
        agency="dishub",
        account_settings=stage.account(),
        identity=identity,
    ).account
    with database.writing() as session:  # the sandbox's tokens end long before
        session.get_one(Account, account.id).renew_at = None
    return account


def read_all(
    database: Database, vault: Vault, account: Account, now: datetime
) -> datetime:
    """Poll until the platform has no more, and process everything."""
    more = True
    while more:
        claimed = polling.claim(database, now, account.id or 0, "w")
        assert claimed is not None
        outcome = polling.poll(database, vault, claimed, clock=lambda at=now: at)
        assert outcome.error is None, outcome.error
        more = outcome.more
        now += timedelta(hours=1)
    while ids := ingest.waiting(database):
        ingest.process(database, now, ids)
    clockwork.strike(database, now, {})
    return now


def test_every_account_says_how_far_it_is_read_back() -> None:
    for channel in connectors.BUILTIN:
        settings = connectors.load(channel).Account
        assert issubclass(settings, AccountSettings)
        assert settings.model_fields["first_days"].default == 7


@pytest.mark.parametrize("staged", CHANNELS, indirect=True)
def test_three_hundred_old_items_open_no_case(
    staged: tuple[str, Any], database: Database, vault: Vault
) -> None:
    channel, stage = staged
    many = FILES.get(channel, MANY)
    said = {stage.say(f"Lampu mati di tiang nomor {n}") for n in range(many)}
    now = datetime.now(UTC) + YEARS_LATER
    account = registered(database, vault, channel, stage, now)
    assert account.history_before == now - timedelta(days=7)
    read_all(database, vault, account, now)
    with database.reading() as session:
        assert session.exec(select(func.count()).select_from(Case)).one() == 0
        assert session.exec(select(func.count()).select_from(Escalation)).one() == 0
        kept = select(func.count()).where(
            RawEvent.account_id == account.id, RawEvent.reason == "history"
        )
        assert session.exec(kept).one() >= len(said)
        failed = select(func.count()).where(col(RawEvent.status) == "failed")
        assert session.exec(failed).one() == 0
