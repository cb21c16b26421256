"""What a backup keeps to itself, and what it must not bring about when it is back."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from canaries import found_in
from sqlmodel import select

from aggregator.accounts import filestore
from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims
from aggregator.people.viewers import Viewer
from aggregator.privacy import erasure
from aggregator.running import backups
from aggregator.running.upkeep import UpkeepError
from aggregator.store import settings, vault
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.twins import joining

SECRET_WORD = "Gang Kepatihan 17"


@pytest.fixture
def case(register: Callable[..., Account], post: Callable[..., Case | None]) -> Case:
    found = post(register("dishub_x", "dishub"), f"Lampu mati di {SECRET_WORD}")
    assert found is not None
    return found


def encrypted(database: Database, folder: Path, target: Path) -> str:
    secret = backups.identity(folder)
    backups.backup(database, folder, target, recipient=backups.recipient_of(secret))
    return secret


def test_a_backup_says_nothing_to_who_has_no_key(
    database: Database, case: Case, tmp_path: Path
) -> None:
    secret = encrypted(database, tmp_path / "var", tmp_path / "copy.sahut")
    content = (tmp_path / "copy.sahut").read_bytes()
    assert content.startswith(b"age-encryption.org/v1")
    assert SECRET_WORD.encode() not in content and b"jsonl" not in content
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    with pytest.raises(UpkeepError, match="made for another key"):
        backups.restore(fresh, tmp_path / "elsewhere", tmp_path / "copy.sahut")
    assert list((tmp_path / "elsewhere").glob(".restore*")) == []
    rows = backups.restore(
        fresh, tmp_path / "elsewhere", tmp_path / "copy.sahut", secret=secret
    )
    with fresh.reading() as session:
        assert rows > 0 and session.get_one(Case, case.id).number == case.number
    fresh.close()


def test_a_damaged_backup_is_refused_whole(
    sqlite_database: Database, tmp_path: Path
) -> None:
    target = tmp_path / "copy.sahut"
    encrypted(sqlite_database, tmp_path / "var", target)
    content = bytearray(target.read_bytes())
    content[-20] ^= 1
    target.write_bytes(content)
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    with pytest.raises(UpkeepError, match="damaged"):
        backups.restore(fresh, tmp_path / "var", target)
    fresh.close()


def test_a_backup_that_is_broken_off_leaves_nothing(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_CHUNK", 1)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    for recipient in (None, backups.recipient_of(backups.identity(tmp_path))):
        with pytest.raises(KeyboardInterrupt):
            backups.backup(
                sqlite_database, tmp_path, tmp_path / "x", stop, recipient=recipient
            )
        assert [one.name for one in tmp_path.glob("*x*")] == []


def test_what_waited_to_be_sent_is_looked_at_by_a_person_after_a_restore(
    database: Database, case: Case, budi: Viewer, tmp_path: Path
) -> None:
    with database.reading() as session:
        moment = session.get_one(Case, case.id).opened_at
    claims.claim(database, moment, budi, case.number)
    answer = Answer("Kami perbaiki.")
    replies.reply(database, moment, budi, case.number, answer, key="k")
    secret = encrypted(database, tmp_path / "var", tmp_path / "copy.sahut")
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    backups.restore(fresh, tmp_path, tmp_path / "copy.sahut", secret=secret)
    assert outbox.due(fresh, moment) == []
    with fresh.reading() as session:
        assert session.exec(select(Reply.state)).all() == ["unknown"]
    fresh.close()


def test_half_an_emoji_from_a_platform_is_kept_like_everything_else(
    database: Database, case: Case, tmp_path: Path
) -> None:
    half = "lampu \ud83d mati"
    with database.writing() as session:
        event = session.exec(select(RawEvent)).one()
        event.payload = {**event.payload, "text": half}
    secret = encrypted(database, tmp_path / "var", tmp_path / "copy.sahut")
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    backups.restore(fresh, tmp_path, tmp_path / "copy.sahut", secret=secret)
    with fresh.reading() as session:
        assert session.exec(select(RawEvent)).one().payload["text"] == half
    fresh.close()


def test_nobody_else_on_the_machine_reads_what_is_kept(
    tmp_path: Path, picture: bytes
) -> None:
    """Whatever the umask of who starts the program."""
    before = os.umask(0)
    try:
        data = tmp_path / "var" / "data"
        database = Database(f"sqlite:///{data}/sahut.db")
        with database.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE x (y)")
        vault.load(None, data)
        filestore.keep_photo(data, picture)
        settings.load.cache_clear()
        recipient = backups.recipient_of(backups.identity(data))
        with backups._written(data / "copy.sahut", recipient) as file:
            file.write(b"x")
        open_to_others = [
            str(path)
            for path in (tmp_path / "var").rglob("*")
            if path.stat().st_mode & 0o077
        ]
        assert open_to_others == []
        (data / "sahut.db").chmod(0o644)
        Database(f"sqlite:///{data}/sahut.db").close()
        assert (data / "sahut.db").stat().st_mode & 0o777 == 0o600
        database.close()
    finally:
        os.umask(before)


@pytest.mark.threat("PRI-10")
def test_what_was_erased_since_is_erased_again(
    database: Database, case: Case, now: datetime, tmp_path: Path
) -> None:
    data = tmp_path / "var"
    encrypted(database, data, tmp_path / "copy.sahut")
    with database.reading() as session:
        ids = session.exec(select(Message.id)).all()
    erasure.erase(database, data, now, list(ids))
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    backups.restore(fresh, data, tmp_path / "copy.sahut")
    assert found_in(fresh, "kepatihan") != []
    erasure.sweep(fresh, data, now)
    assert found_in(fresh, "kepatihan") == []
    fresh.close()


def test_a_row_that_names_a_later_one_of_its_table_is_restored(
    database: Database,
    case: Case,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
    dewi: Viewer,
    tmp_path: Path,
) -> None:
    """As a case does that was joined into one which came after it, and the sentence
    that is said in public beside a private answer."""
    later = post(
        register("dishub_b", "dishub"), "Sampah menumpuk di Jalan Pajajaran, bau sekali"
    )
    assert later is not None and later.number != case.number
    joining.join(database, case.opened_at, dewi, case.number, later.number)
    claims.claim(database, case.opened_at, budi, later.number)
    both = Answer("Nomor Anda?", private=True, publicly="Kami lanjutkan di DM.")
    answer = replies.reply(database, case.opened_at, budi, later.number, both, key="k")
    secret = encrypted(database, tmp_path / "var", tmp_path / "copy.sahut")
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    backups.restore(fresh, tmp_path, tmp_path / "copy.sahut", secret=secret)
    with fresh.reading() as session:
        assert session.get_one(Case, case.id).joined_into == later.id
        beside = session.exec(select(Reply).where(Reply.beside_id == answer.id)).one()
        assert beside.text == "Kami lanjutkan di DM."
    fresh.close()
