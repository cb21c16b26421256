"""Transactions: what need not last does not wait for the disk, what must does."""

from __future__ import annotations

import sys

import pytest
from databases import Server
from sqlalchemy import text
from sqlmodel import Session

from aggregator.store.db import Database, WrongDatabase, put, table
from aggregator.store.tables.city import Agency


def synchronous(session: Session) -> int:
    """2: the disk has it when the transaction ends; 1: a power cut may take it back."""
    return int(session.execute(text("PRAGMA synchronous")).scalar_one())


def test_only_what_need_not_last_is_written_without_waiting_for_the_disk(
    sqlite_database: Database,
) -> None:
    found = []
    for lasting in (True, False, True):
        with sqlite_database.writing(lasting=lasting) as session:
            found.append(synchronous(session))
    assert found == [2, 1, 2]


def test_postgresql_does_not_wait_for_the_disk_in_that_transaction_alone(
    postgres: Server,
) -> None:
    database = Database(postgres.bare("waiting"))
    found = []
    for lasting in (False, True):
        with database.writing(lasting=lasting) as session:
            found.append(session.execute(text("SHOW synchronous_commit")).scalar_one())
    database.close()
    assert found[0] == "off" != found[1]


def test_a_row_is_written_whether_it_is_there_or_not(database: Database) -> None:
    for name in ("Dishub", "Dinas Perhubungan"):
        with database.writing() as session:
            put(
                session,
                table(Agency),
                {"code": "neu"},
                {"name": name, "kind": "opd", "active": True},
            )
    with database.reading() as session:
        assert session.get_one(Agency, "neu").name == "Dinas Perhubungan"


def test_without_its_library_postgresql_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WrongDatabase, match=r"pip install 'sahut\[postgresql\]'"):
        Database("postgresql://sahut:rahasia@db.example/sahut")


@pytest.mark.parametrize(
    "url", ["mysql://sahut:rahasia@db.example/sahut", "var/sahut.db", "://rahasia", ""]
)
def test_what_is_no_database_of_ours_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(WrongDatabase, match="sqlite:///PATH") as refused:
        Database(url)
    assert "rahasia" not in str(refused.value)
