"""A worker is built at one place, and not without the keys of its accounts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fakechannel
import pytest
from cryptography.fernet import Fernet
from sqlmodel import select

from aggregator.accounts import registry
from aggregator.people import notifications
from aggregator.people.viewers import Viewer
from aggregator.running.worker import Worker
from aggregator.store.db import Database, utcnow
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.people import Notification, Person
from aggregator.store.vault import Vault, VaultError

Register = Callable[..., Account]


def test_a_worker_by_itself_carries_alarms_to_telephones(
    database: Database,
    vault: Vault,
    register: Register,
    dewi: Viewer,
    platform: fakechannel.Platform,
    tmp_path: Path,
) -> None:
    register("kota", "diskominfo")
    with database.writing() as session:
        person = session.get_one(Person, dewi.id)
        person.telegram = "77"
        notifications.notify(session, utcnow(), person, "emergency", urgent=True)
    chosen = Settings(data_dir=tmp_path, notify_telegram="fake:kota")
    worker = Worker.of(database, vault, chosen)
    worker.once()
    worker.stop()
    assert [sent.to for sent in platform.arrived] == [{"chat_id": "77"}]
    with database.reading() as session:
        assert session.exec(select(Notification.sent_at)).one() is not None


def test_without_the_key_of_its_accounts_nothing_starts_and_none_is_disabled(
    database: Database, register: Register, tmp_path: Path
) -> None:
    account = register("dishub_x", "dishub")
    other = Vault([Fernet.generate_key().decode()])
    with pytest.raises(VaultError, match=r"dishub_x.* is missing.*SAHUT_DATA_DIR"):
        Worker.of(database, other, Settings(data_dir=tmp_path))
    name = f"{account.channel}:{account.handle}"
    assert registry.find(database, name).status == "active"


def test_an_account_that_nobody_reads_any_more_holds_up_no_start(
    database: Database, register: Register, tmp_path: Path
) -> None:
    account = register("dishub_x", "dishub")
    with database.writing() as session:
        session.get_one(Account, account.id).status = "needs_login"
    other = Vault([Fernet.generate_key().decode()])
    Worker.of(database, other, Settings(data_dir=tmp_path)).stop()
