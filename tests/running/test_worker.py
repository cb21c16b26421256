"""A worker is built at one place, and not without the keys of its accounts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import fakechannel
import pytest
from cryptography.fernet import Fernet
from sqlmodel import select

from aggregator.accounts import registry
from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims
from aggregator.people import notifications
from aggregator.people.viewers import Viewer
from aggregator.running.worker import Worker
from aggregator.store.db import Database, utcnow
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
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


def test_an_account_that_hangs_holds_up_no_answer_of_another(
    database: Database,
    vault: Vault,
    register: Register,
    post: Callable[..., Case | None],
    budi: Viewer,
    now: datetime,
    platform: fakechannel.Platform,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for handle, text in (
        ("hangs", "Lampu mati di Gg. Kepatihan"),
        ("well", "Macet di Jl. Pajajaran"),
    ):
        case = post(
            register(handle, "dishub"), text, native_id=handle, author_id=handle
        )
        assert case is not None and case.number is not None
        claims.claim(database, now, budi, case.number)
        for said in ("Terima kasih", "Sudah kami perbaiki"):
            answer = Answer(f"{said} ({handle})")
            replies.reply(
                database, now, budi, case.number, answer, key=f"{handle}-{said}"
            )
    goes_on, arrive = threading.Event(), fakechannel.Fake.send

    def send(fake: fakechannel.Fake, reply: fakechannel.Reply) -> fakechannel.Sent:
        if "(hangs)" in reply.text:
            goes_on.wait(60)
        return arrive(fake, reply)

    monkeypatch.setattr(fakechannel.Fake, "send", send)
    worker = Worker(database, vault, tmp_path, clock=lambda: now)
    try:
        hanging, well = worker._start_sends()
        assert well.result(30) == 2
        assert not hanging.done()
        assert worker._start_sends() == []
    finally:
        goes_on.set()
    assert hanging.result(30) == 2
    worker.stop()
