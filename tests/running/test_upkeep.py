"""Migrations, backup and restore, on both databases and between them."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from databases import Server
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    MetaData,
    String,
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, SQLModel, col, select

from aggregator.accounts import filestore
from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, sight
from aggregator.city import catalog
from aggregator.desk import queue
from aggregator.people import viewers
from aggregator.people.viewers import Viewer
from aggregator.running import backups, upkeep
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case, CaseConcern
from aggregator.store.tables.city import Agency
from aggregator.store.tables.people import Person
from aggregator.store.tables.twins import WordCount
from aggregator.twins import _keytable as keytable


def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    inspector = inspect(database.engine)
    found = {
        table: {column["name"] for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version" and not table.startswith("message_search")
    }
    assert found == {
        table.name: {column.name for column in table.columns}
        for table in SQLModel.metadata.sorted_tables
    }


def test_lines_of_the_audit_trail_can_be_neither_changed_nor_deleted(
    database: Database, register: Callable[..., Account]
) -> None:
    register("dishub_x", "dishub")
    for act in ("UPDATE audit_entry SET actor = 'somebody'", "DELETE FROM audit_entry"):
        with (
            pytest.raises(DBAPIError, match="never changed"),
            database.writing() as session,
        ):
            session.connection().execute(text(act))


def test_upgrading_a_filled_database_again_changes_nothing(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
) -> None:
    post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan")
    before, after = upkeep.upgrade(database)
    assert before == after == upkeep.newest()
    assert len(queue.listing(database, budi)) == 1


def filling(column: Column[object]) -> object:
    """Something a column takes; of a reference, the first row of its table."""
    if isinstance(column.type, DateTime):
        return datetime(2026, 1, 1)
    if isinstance(column.type, Date):
        return date(2026, 1, 1)
    if isinstance(column.type, JSON):
        return {}
    if isinstance(column.type, Boolean):
        return False
    return "x" if isinstance(column.type, String) else 1


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_a_filled_database_of_the_first_programs_is_upgraded(
    revision: str, tmp_path: Path
) -> None:
    filled = Database(f"sqlite:///{tmp_path}/old.db")
    upkeep.upgrade(filled, revision)
    tables = MetaData()
    tables.reflect(filled.engine)
    with filled.writing() as session:
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                columns = [c for c in table.c if not c.nullable or c.foreign_keys]
                row = {column.name: filling(column) for column in columns}
                session.execute(table.insert().values(row))
    upkeep.upgrade(filled)
    upkeep.require_current(filled)
    with filled.writing() as session:
        (case,) = session.exec(select(Case.id))
        assert [one.case_id for one in session.exec(select(Reply))] == [case]
        with pytest.raises(IntegrityError), session.begin_nested():
            session.connection().execute(text('DELETE FROM "case"'))
    filled.close()


def put(session: Session, tables: MetaData, name: str, **values: object) -> None:
    """A row of an older table, with something in every column that must have one."""
    table = tables.tables[name]
    needed = {c.name: filling(c) for c in table.c if not c.nullable}
    session.execute(table.insert().values({**needed, **values}))


HELD_SECRETS = {
    # whose account it came to, who holds it, whose duty it is, in which state
    "held": ("diskominfo", "ida", "duty:pungli", "answered"),
    "waits": ("diskominfo", None, "duty:pungli", "new"),
    "closed": ("diskominfo", "ida", "duty:pungli", "closed"),
    "of who was disabled": ("diskominfo", "lama", "duty:pungli", "answered"),
    "of an office without it": ("diskominfo", "budi", "duty:pungli", "answered"),
    "bounced": ("diskominfo", "ida", "duty:pungli", "answered"),
    "came to its account": ("dishub", "budi", "account:dishub_x", "answered"),
    "came there, and its duty": ("dishub", "budi", "duty:parkir", "answered"),
}


@pytest.mark.threat("SEC-8")
def test_who_held_a_secret_case_before_there_were_readers_goes_on_reading_it(
    database: Database, postgres: Server, tmp_path: Path
) -> None:
    """And nobody else, whatever their role: of an ordinary case all see what they
    saw."""
    of_sqlite = f"sqlite:///{tmp_path}/0023.db"
    old = Database(of_sqlite if database.is_sqlite else postgres.bare("secrets_0023"))
    upkeep.upgrade(old, "0023")
    tables = MetaData()
    tables.reflect(old.engine)
    offices = {"ida": "inspektorat", "lama": "inspektorat", "budi": "dishub"}
    offices |= {"ani": "diskominfo", "vera": "inspektorat"}
    roles = {"ani": "admin", "vera": "verifikator"}
    ids = {login: n for n, login in enumerate(offices, 1)}
    with old.writing() as session:
        for code in ("dishub", "inspektorat", "diskominfo"):
            put(session, tables, "agency", code=code, active=True)
        for login, office in offices.items():
            said = {"login": login, "role": roles.get(login, "juru_bicara")}
            said["status"] = "disabled" if login == "lama" else "active"
            put(session, tables, "person", id=ids[login], agency_code=office, **said)
        for n, office in enumerate(("dishub", "diskominfo"), 1):
            said = {"agency_code": office, "handle": office, "external_id": office}
            put(session, tables, "account", id=n, **said)
        told = {**HELD_SECRETS, "ordinary": ("dishub", None, "duty:parkir", "new")}
        for n, (name, (office, login, reason, status)) in enumerate(told.items(), 1):
            case = {"id": n, "number": name, "status": status}
            case |= {"confidential": name != "ordinary", "claimed_by": ids.get(login)}
            put(session, tables, "case", **case)
            put(session, tables, "message", id=n, case_id=n, native_id=str(n))
            account = 1 if office == "dishub" else 2
            put(session, tables, "message_account", message_id=n, account_id=account)
            owner = "dishub" if office == "dishub" else "inspektorat"
            task = {"agency_code": owner, "role": "lead", "reason": reason}
            task["status"] = "bounced" if name == "bounced" else "open"
            put(session, tables, "assignment", id=n, case_id=n, **task)
    upkeep.upgrade(old)
    with old.reading() as session:
        cases = session.exec(select(Case)).all()
        seen = {
            person.login: {
                str(case.number)
                for case in cases
                if sight.sees(session, viewers.viewer(person), case)
            }
            for person in session.exec(select(Person)).all()
        }
        about = {one.agency_code for one in session.exec(select(CaseConcern))}
    old.close()
    assert seen == {
        "ida": {"held"},
        "lama": set(),
        "budi": {"came there, and its duty", "ordinary"},
        "ani": {"ordinary"},
        "vera": {"ordinary"},
    }
    assert about == {"dishub"}


def test_a_program_refuses_a_database_that_is_not_up_to_date(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(upkeep.UpkeepError, match="sahut db upgrade"):
        upkeep.require_current(empty)
    upkeep.upgrade(empty)
    upkeep.require_current(empty)
    empty.close()


def test_agencies_follow_the_file_and_old_ones_stay_for_old_cases(
    database: Database, catalog: catalog.Catalog
) -> None:
    assert upkeep.sync_agencies(database, catalog) == 0
    smaller = catalog.model_copy(
        update={
            "agencies": {k: v for k, v in catalog.agencies.items() if k != "dishub"}
        }
    )
    assert upkeep.sync_agencies(database, smaller) == 1
    with database.reading() as session:
        assert session.get_one(Agency, "dishub").active is False


def test_a_backup_restores_into_a_new_database_of_either_kind(
    database: Database,
    tmp_path: Path,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
    now: datetime,
    picture: bytes,
) -> None:
    case = post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan")
    kept = filestore.keep_photo(tmp_path / "var", picture)
    rows = backups.backup(
        database, tmp_path / "var", tmp_path / "copy.sahut", recipient=None
    )
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    assert (
        backups.restore(fresh, tmp_path / "elsewhere", tmp_path / "copy.sahut") == rows
    )
    (row,) = queue.listing(fresh, budi)
    assert case is not None and row.case.number == case.number
    with fresh.reading() as session:
        assert session.get_one(Case, case.id) == case
    assert filestore.path_of(tmp_path / "elsewhere", kept.sha256).exists()
    with pytest.raises(upkeep.UpkeepError, match="not empty"):
        backups.restore(fresh, tmp_path / "elsewhere", tmp_path / "copy.sahut")
    fresh.close()


def aged(
    source: Path, target: Path, revision: str, tables: dict[str, set[str]]
) -> None:
    """A backup as a program of an earlier revision had written it."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:

        def add(name: str, content: str) -> None:
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            new.addfile(info, io.BytesIO(content.encode()))

        kept = []
        for name in json.load(old.extractfile("manifest.json") or io.BytesIO())[
            "tables"
        ]:
            if name in tables:
                kept.append(name)
                lines = old.extractfile(f"tables/{name}.jsonl") or io.BytesIO()
                rows = [json.loads(line) for line in lines]
                short = [
                    {k: v for k, v in row.items() if k in tables[name]} for row in rows
                ]
                add(
                    f"tables/{name}.jsonl",
                    "".join(json.dumps(row) + "\n" for row in short),
                )
            if name == "word_count":
                keys = [
                    {"key": row["key"], "message_id": number}
                    for row in rows
                    for number in keytable.unpacked(
                        base64.b64decode(row["recent"] or "")
                    )
                ]
        if "word_key" in tables:
            kept.append("word_key")
            lines_of_keys = "".join(json.dumps(row) + "\n" for row in keys)
            add("tables/word_key.jsonl", lines_of_keys)
        manifest = {"revision": revision, "tables": kept}
        add("manifest.json", json.dumps(manifest))


def tables_of(database: Database) -> dict[str, set[str]]:
    """As they are: a column an older program did not have is not among them."""
    inspector = inspect(database.engine)
    return {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
    }


def test_a_backup_from_before_keys_and_their_messages_shared_a_row_restores(
    database: Database,
    tmp_path: Path,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    account = register("dishub_x", "dishub")
    for number in range(3):
        post(
            account,
            f"Lampu jalan di Gang Kenanga RW {number} mati sejak Senin, gelap sekali",
        )
    backups.backup(database, tmp_path, tmp_path / "new.sahut", recipient=None)
    fresh = Database(f"sqlite:///{tmp_path}/restored.db")
    upkeep.upgrade(fresh, "0011")
    aged(tmp_path / "new.sahut", tmp_path / "old.sahut", "0011", tables_of(fresh))
    backups.restore(fresh, tmp_path, tmp_path / "old.sahut")
    query = select(WordCount.key, WordCount.recent).where(
        col(WordCount.recent).is_not(None)
    )
    with database.reading() as session, fresh.reading() as restored:
        before = set(session.exec(query))
        assert before and set(restored.exec(query)) == before
    fresh.close()


def test_both_halves_of_a_hand_over_find_each_other_after_an_upgrade(
    database: Database,
    postgres: Server,
    tmp_path: Path,
    now: datetime,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
) -> None:
    """In older databases the key of one half was that of the other and "-open"."""
    case = post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    both = Answer("Nomor Anda?", private=True, publicly="Kami lanjutkan di DM.")
    private = replies.reply(database, now, budi, case.number, both, key="k1")
    alone = Answer("Sudah menyala.")
    replies.reply(database, now, budi, case.number, alone, key="k2-open")
    with database.writing() as session:
        public = session.exec(select(Reply).where(Reply.beside_id == private.id)).one()
        public.key = "k1-open"
    backups.backup(database, tmp_path, tmp_path / "new.sahut", recipient=None)
    for url in (
        f"sqlite:///{tmp_path}/restored.db",
        postgres.bare(f"halves_{database.engine.dialect.name}"),
    ):
        fresh = Database(url)
        upkeep.upgrade(fresh, "0024")
        aged(tmp_path / "new.sahut", tmp_path / "old.sahut", "0024", tables_of(fresh))
        backups.restore(fresh, tmp_path, tmp_path / "old.sahut")
        with fresh.reading() as session:
            found = session.exec(select(Reply.key, Reply.beside_id)).all()
        assert dict(found) == {"k1": None, "k1-open": private.id, "k2-open": None}
        fresh.close()


def test_a_backup_of_sqlite_grows_into_postgresql(
    sqlite_database: Database, postgres: Server, tmp_path: Path
) -> None:
    backups.backup(sqlite_database, tmp_path, tmp_path / "copy.sahut", recipient=None)
    grown = Database(postgres.bare("grown"))
    backups.restore(grown, tmp_path, tmp_path / "copy.sahut")
    with grown.reading() as session, sqlite_database.reading() as small:
        assert (
            session.exec(select(Agency.code).order_by(Agency.code)).all()
            == small.exec(select(Agency.code).order_by(Agency.code)).all()
        )
    grown.close()


def test_what_is_not_a_backup_is_refused(
    sqlite_database: Database, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz"):
        pass
    with pytest.raises(upkeep.UpkeepError, match="not a backup"):
        backups.restore(sqlite_database, tmp_path, tmp_path / "other.tar.gz")
