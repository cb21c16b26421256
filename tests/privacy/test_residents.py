"""One resident is found, given their data and erased, by handle, phone or mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from canaries import found_in
from sqlmodel import select

from aggregator.cases import notes
from aggregator.people.viewers import Viewer
from aggregator.privacy import residents
from aggregator.privacy.residents import PrivacyError, sought
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message

Register = Callable[..., Account]
Post = Callable[..., Case | None]
LAMP = "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari"
SITI = {"author_id": "u-kenari-77", "author_handle": "kenari_bogor", "channel": "fake"}
"""Everything of hers has the word kenari in it."""


@pytest.fixture
def siti(
    register: Register, post: Post, budi: Viewer, database: Database, now: datetime
) -> str:
    """Two messages of hers, one of somebody else that names her, and a note; the number
    of the other's case."""
    account = register("dishub_x", "dishub")
    hers = {name: value for name, value in SITI.items() if name != "channel"}
    post(account, f"{LAMP} kenari", native_id="1", contact="0812-5550-7777", **hers)
    post(account, "Sampah menumpuk di pasar kenari", native_id="2", **hers)
    said = "Trotoar Jalan Pemuda rusak, tanya @kenari_bogor atau 081255507777"
    other = post(account, said, native_id="3", author_id="ani", author_handle="ani")
    assert other is not None and other.number is not None
    notes.add_note(database, now, budi, other.number, "Sudah telepon 0812 5550 7777")
    return other.number


@pytest.mark.parametrize(
    ("typed", "sort", "value"),
    [
        ("@Kenari_Bogor", "handle", "kenari_bogor"),
        ("+62 812-5550-7777", "phone", "81255507777"),
        ("(0812) 5550.7777", "phone", "81255507777"),
        ("Siti@Surel.example", "mail", "siti@surel.example"),
    ],
)
def test_what_is_typed_is_a_handle_a_number_or_an_address(
    typed: str, sort: str, value: str
) -> None:
    assert (sought(typed).sort, sought(typed).value) == (sort, value)


def test_too_little_to_seek_by_is_refused() -> None:
    with pytest.raises(PrivacyError, match="at least three"):
        sought("@a")


@pytest.mark.parametrize("typed", ["@kenari_bogor", "0812 5550 7777"])
def test_their_messages_are_found_and_whoever_names_them(
    siti: str, database: Database, typed: str
) -> None:
    found = residents.find(database, sought(typed))
    assert len(found.messages) == 2
    assert {"message", "note"} <= set(found.named)
    assert found.counts["message"] == 3


@pytest.mark.threat("PRI-6")
@pytest.mark.parametrize("typed", ["@kenari_bogor", "0812 5550 7777"])
def test_after_erasure_nothing_points_to_them_and_others_words_stay(
    siti: str, database: Database, now: datetime, tmp_path: Path, typed: str
) -> None:
    proof = residents.erase(database, tmp_path, now, SYSTEM, sought(typed))
    assert (proof.messages, proof.left) == (2, {})
    assert found_in(database, "kenari") == []
    assert found_in(database, "5550") == []
    with database.reading() as session:
        left = session.exec(select(Message.text).where(Message.author_id == "ani"))
        assert (
            left.one() == "Trotoar Jalan Pemuda rusak, tanya @[dihapus] atau [dihapus]"
        )
        cases = session.exec(select(Case)).all()
    assert len(cases) == 3 and all(one.number for one in cases)


@pytest.mark.threat("PRI-6")
def test_the_proof_is_of_them_and_names_nobody(
    siti: str, database: Database, now: datetime, tmp_path: Path
) -> None:
    who = sought("@kenari_bogor")
    residents.erase(database, tmp_path, now, SYSTEM, who)
    (proof,) = residents.proofs(database)
    assert proof.subject == residents.digest(proof.salt, who)
    assert proof.subject != residents.digest(proof.salt, sought("@somebody_else"))


def test_a_handle_on_two_channels_is_not_erased_without_saying_which(
    siti: str, register: Register, database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.writing() as session:
        (row,) = session.exec(select(Message).where(Message.native_id == "2")).all()
        row.channel = "telegram"
    with pytest.raises(PrivacyError, match="--channel"):
        residents.erase(database, tmp_path, now, SYSTEM, sought("@kenari_bogor"))


@pytest.mark.threat("PRI-7")
def test_a_role_that_sees_everything_finds_no_secret_case_either(
    register: Register, post: Post, dewi: Viewer, database: Database
) -> None:
    secret = {"extra": {"rahasia": True}, "author_handle": "kenari_bogor"}
    post(register("dishub_x", "dishub"), "Pungli di loket, saya saksinya", **secret)
    assert residents.find(database, sought("@kenari_bogor"), dewi).counts == {}


@pytest.mark.threat("PRI-7")
def test_a_secret_case_is_neither_found_nor_given_out_nor_erased(
    register: Register, post: Post, database: Database, now: datetime, tmp_path: Path
) -> None:
    account = register("dishub_x", "dishub")
    secret = {"extra": {"rahasia": True}, "author_handle": "kenari_bogor"}
    post(account, "Pungli di loket, saya saksinya", native_id="1", **secret)
    who = sought("@kenari_bogor")
    before = residents.find(database, sought("@nobody_at_all"))
    assert residents.find(database, who).counts == before.counts == {}
    told, _ = residents.export(database, tmp_path, who)
    assert told["messages"] == []
    proof = residents.erase(database, tmp_path, now, SYSTEM, who)
    assert (proof.messages, proof.rows, proof.left) == (0, {}, {})
    with database.reading() as session:
        assert session.exec(select(Message.text)).one() is not None


def test_they_are_given_what_they_said_and_what_they_were_answered(
    siti: str, database: Database, tmp_path: Path
) -> None:
    told, files = residents.export(database, tmp_path, sought("@kenari_bogor"))
    assert [one["text"] for one in told["messages"]] == [
        f"{LAMP} kenari",
        "Sampah menumpuk di pasar kenari",
    ]
    assert told["messages"][0]["contact"] == "0812-5550-7777"
    assert files == {}
