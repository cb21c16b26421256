"""A trail that somebody has touched is found out, whoever they are and however."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from aggregator.store import audit, audit_chain
from aggregator.store.audit import SYSTEM, happening, record
from aggregator.store.audit_chain import Anchor, Checked
from aggregator.store.db import Database
from aggregator.store.tables.store import AuditEntry
from aggregator.store.vault import Vault

SIX = 6


@pytest.fixture
def trail(database: Database, vault: Vault, now: datetime) -> Database:
    """Six lines, ten minutes apart, each with its link."""
    audit_chain.proving(database, vault)
    write(database, now, SIX)
    assert link(database, vault, now) == SIX
    return database


def write(database: Database, first: datetime, count: int) -> None:
    for number in range(count):
        with (
            happening(first + timedelta(minutes=10 * number)),
            database.writing() as session,
        ):
            record(session, SYSTEM, "replied", "case", number, to=f"warga {number}")


def link(database: Database, vault: Vault, now: datetime) -> int:
    return audit_chain.link(database, audit_chain.keys_of(vault), now)


def check(database: Database, vault: Vault, now: datetime, *anchors: Anchor) -> Checked:
    keys = audit_chain.keys_of(vault)
    later = now + timedelta(days=1)
    return audit_chain.check(database, keys, later, anchors=anchors)


@contextmanager
def by_hand(database: Database) -> Iterator[Connection]:
    """Somebody who holds the database, and has put its guards out of the way."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            for table in ("entry", "link"):
                for act in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER audit_{table}_{act}"))
        else:
            _guards(connection, "DISABLE")
        yield connection
        if not database.is_sqlite:
            _guards(connection, "ENABLE")  # the database is lent to other tests


def _guards(connection: Connection, act: str) -> None:
    for table in ("audit_entry", "audit_link"):
        connection.execute(text(f"ALTER TABLE {table} {act} TRIGGER {table}_stays"))


def test_a_trail_nobody_touched_is_whole(
    trail: Database, vault: Vault, now: datetime
) -> None:
    assert check(trail, vault, now) == Checked(SIX, 0, ())


COPY = (
    "INSERT INTO audit_entry (at, actor, action, subject, subject_id, detail, salts, "
    "proof) "
    "SELECT at, actor, action, subject, subject_id, detail, salts, "
)
ALTERATIONS: dict[str, tuple[str, set[str]]] = {
    "another actor": (
        "UPDATE audit_entry SET actor = 'budi' WHERE subject_id = 2",
        {"changed", "added"},
    ),
    "another time": (
        "UPDATE audit_entry SET at = (SELECT at FROM audit_entry WHERE subject_id = 3) "
        "WHERE subject_id = 4",
        {"changed", "added"},
    ),
    "other details": (
        "UPDATE audit_entry SET detail = '{}' WHERE subject_id = 5",
        {"changed", "added"},
    ),
    "a line less": ("DELETE FROM audit_entry WHERE subject_id = 3", {"removed"}),
    "a link less": ("DELETE FROM audit_link WHERE seq = 3", {"gap", "changed"}),
    "a line more": (COPY + "NULL FROM audit_entry WHERE subject_id = 1", {"added"}),
    "a line with a made-up proof": (
        COPY + "'x' || proof FROM audit_entry WHERE subject_id = 5",
        {"added"},
    ),
    "other links": ("UPDATE audit_link SET digest = 'x' WHERE seq = 6", {"changed"}),
}


@pytest.mark.parametrize("how", ALTERATIONS)
def test_what_somebody_does_to_the_trail_by_hand_is_found(
    trail: Database, vault: Vault, now: datetime, how: str
) -> None:
    statement, codes = ALTERATIONS[how]
    with by_hand(trail) as connection:
        assert connection.execute(text(statement)).rowcount == 1
    link(trail, vault, now + timedelta(days=1))
    assert {found.code for found in check(trail, vault, now).findings} == codes


def test_a_line_put_in_place_of_another_is_found(
    sqlite_database: Database, vault: Vault, now: datetime
) -> None:
    """REPLACE of SQLite passes by the triggers that keep lines from being deleted."""
    audit_chain.proving(sqlite_database, vault)
    write(sqlite_database, now, SIX)
    link(sqlite_database, vault, now)
    with sqlite_database.engine.begin() as connection:
        connection.execute(
            text(
                "REPLACE INTO audit_entry SELECT id, at, 'budi', person_id, action,"
                " subject, subject_id, case_id, detail, proof, salts FROM audit_entry"
                " WHERE subject_id = 2"
            )
        )
    codes = {found.code for found in check(sqlite_database, vault, now).findings}
    assert "changed" in codes


def test_a_line_dated_back_by_the_program_itself_is_found(
    trail: Database, vault: Vault, now: datetime
) -> None:
    write(trail, now - timedelta(days=7), 1)
    link(trail, vault, now)
    (found,) = check(trail, vault, now).findings
    assert (found.code, found.seq) == ("back_dated", SIX + 1)


def test_lines_cut_off_at_the_end_are_found_by_an_anchor(
    trail: Database, vault: Vault, now: datetime
) -> None:
    kept = audit_chain.anchor(trail)
    assert kept is not None and check(trail, vault, now, kept).findings == ()
    with by_hand(trail) as connection:
        connection.execute(text("DELETE FROM audit_link WHERE seq > 4"))
        connection.execute(text("DELETE FROM audit_entry WHERE subject_id > 3"))
    assert check(trail, vault, now).findings == ()
    assert [f.code for f in check(trail, vault, now, kept).findings] == ["cut_off"]
    forged = replace(kept, seq=2)
    assert [f.code for f in check(trail, vault, now, forged).findings] == ["cut_off"]


def test_the_chain_goes_on_under_a_new_key(
    trail: Database, vault: Vault, now: datetime
) -> None:
    old = Fernet.generate_key().decode()
    both = Vault([Fernet.generate_key().decode(), old])
    audit_chain.proving(trail, both)
    write(trail, now + timedelta(hours=2), 1)
    link(trail, both, now)
    codes = {found.code for found in check(trail, both, now).findings}
    assert codes == {"key_missing", "added"}, "the first key is not among them"


def test_lines_from_before_there_were_proofs_belong_to_the_trail(
    database: Database, vault: Vault, now: datetime
) -> None:
    write(database, now, 2)
    audit_chain.proving(database, vault)
    write(database, now + timedelta(hours=1), 2)
    link(database, vault, now)
    assert check(database, vault, now).findings == ()


def test_a_line_without_a_link_is_waited_for_and_then_told(
    trail: Database, vault: Vault, now: datetime
) -> None:
    write(trail, now + timedelta(hours=3), 1)
    keys = audit_chain.keys_of(vault)
    soon = audit_chain.check(trail, keys, now + timedelta(hours=3))
    assert (soon.waiting, soon.findings) == (1, ())
    (found,) = check(trail, vault, now).findings
    assert found.code == "added"


def test_a_thousand_lines_at_a_time(
    sqlite_database: Database, vault: Vault, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr(audit_chain, "MOST", 2)
    audit_chain.proving(sqlite_database, vault)
    write(sqlite_database, now, SIX)
    keys = audit_chain.keys_of(vault)
    rounds = [audit_chain.link(sqlite_database, keys, now, 2) for _ in range(4)]
    seen: list[tuple[int, int]] = []
    told: Callable[[int, int], None] = lambda done, total: seen.append((done, total))  # noqa: E731
    checked = audit_chain.check(sqlite_database, keys, now, on_progress=told)
    assert (rounds, checked.links, checked.findings) == ([2, 2, 2, 0], SIX, ())
    assert seen[-1] == (SIX, SIX)


@pytest.fixture
def reasoned(database: Database, vault: Vault, now: datetime) -> Database:
    """A line with a text somebody wrote, and its link."""
    audit_chain.proving(database, vault)
    with happening(now), database.writing() as session:
        record(session, SYSTEM, "revealed", "case", 1, reason="Menelepon Bu Siti")
    link(database, vault, now)
    return database


def line_of(database: Database) -> AuditEntry:
    with database.reading() as session:
        return session.exec(select(AuditEntry)).one()


@pytest.mark.threat("PRI-5")
def test_a_text_can_be_erased_and_the_trail_is_whole(
    reasoned: Database, vault: Vault, now: datetime
) -> None:
    with reasoned.writing() as session:
        assert audit.blank(session.exec(select(AuditEntry)).one(), lambda text: True)
    line = line_of(reasoned)
    assert "Siti" not in f"{line.detail}{line.salts}"
    assert check(reasoned, vault, now).findings == ()


@pytest.mark.threat("PRI-5")
@pytest.mark.parametrize("erased", [False, True])
def test_another_text_in_its_place_is_found(
    reasoned: Database, vault: Vault, now: datetime, erased: bool
) -> None:
    with reasoned.writing() as session:
        entry = session.exec(select(AuditEntry)).one()
        if erased:
            audit.blank(entry, lambda text: True)
        entry.detail = {"reason": "Ingin tahu"}
    assert "changed" in {one.code for one in check(reasoned, vault, now).findings}


@pytest.mark.threat("PRI-5")
def test_of_a_line_with_a_text_nothing_else_can_be_changed(reasoned: Database) -> None:
    with (
        pytest.raises(DBAPIError, match="never changed"),
        reasoned.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE audit_entry SET actor = 'budi'"))
