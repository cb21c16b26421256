"""Keeping the database: schema, agencies from config, idle claims, backup and restore.

A backup is one file that fits both databases, so that an embedded installation can
grow: a gzipped tar of one JSON-lines file a table, and the pictures.
"""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, LargeBinary, MetaData, Table, func, text
from sqlmodel import Session, SQLModel, col, select

from aggregator import PlainError
from aggregator.city.catalog import Catalog
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import Database, Utc, utcnow
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.city import Agency

_CHUNK = 1000
Progress = Callable[[int, int], None]


class UpkeepError(PlainError):
    """The database is not in the state a command needs; the message says what to do."""


def _alembic(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", "aggregator:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["database"] = database
    return config


def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str]:
    """Bring the schema up to date; the revision before and after."""
    before = current(database)
    command.upgrade(_alembic(database), revision)
    return before, current(database) or ""


def current(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest(database: Database) -> str:
    return ScriptDirectory.from_config(_alembic(database)).get_current_head() or ""


def require_current(database: Database) -> None:
    """UpkeepError unless the schema is the program's."""
    found, wanted = current(database), newest(database)
    if found != wanted:
        raise UpkeepError(
            f"the database is at revision {found or 'none'}, this program needs"
            f" {wanted}; run `sahut db upgrade`"
        )


def sync_agencies(database: Database, catalog: Catalog) -> int:
    """Mirror config/agencies.yaml into the database; how many rows changed."""
    changed = 0
    with database.writing() as session:
        rows = {row.code: row for row in session.exec(select(Agency))}
        for agency in sorted(
            catalog.agencies.values(), key=lambda entry: entry.parent or ""
        ):
            changed += _sync_one(
                session, rows, agency.code, agency.name.id, agency.kind
            )
        session.flush()
        for agency in catalog.agencies.values():
            row = rows[agency.code]
            if row.parent_code != agency.parent:
                row.parent_code, changed = agency.parent, changed + 1
        for code in rows.keys() - catalog.agencies.keys():
            if rows[code].active:
                rows[code].active, changed = False, changed + 1
    return changed


def _sync_one(
    session: Session, rows: dict[str, Agency], code: str, name: str, kind: str
) -> bool:
    row = rows.get(code)
    if row is None:
        rows[code] = Agency(code=code, name=name, kind=kind)
        session.add(rows[code])
        return True
    same = (row.name, row.kind, row.active) == (name, kind, True)
    row.name, row.kind, row.active = name, kind, True
    return not same


def release_idle_claims(database: Database, now: datetime) -> int:
    """Give claims nobody has used back to the queue; how many."""
    with database.writing() as session:
        idle = list(
            session.exec(
                select(Case)
                # `> 0`, not IS NOT NULL: SQLite would read every case, holding up who
                # writes
                .where(col(Case.claimed_by) > 0, col(Case.claim_expires_at) < now)
                .with_for_update()
            )
        )
        for case in idle:
            case.claimed_by = case.claimed_at = case.claim_expires_at = None
            case.version += 1
            assert case.id is not None
            record(session, SYSTEM, "claim_expired", "case", case.id)
        return len(idle)


def silent_accounts(database: Database, since: datetime) -> list[Account]:
    """Polled accounts without a good poll since then: platforms drop what waits too
    long."""
    with database.reading() as session:
        return list(
            session.exec(
                select(Account).where(
                    Account.status == "active",
                    col(Account.next_poll_at).is_not(None),
                    col(Account.created_at) < since,
                    (col(Account.last_good_poll_at).is_(None))
                    | (col(Account.last_good_poll_at) < since),
                )
            )
        )


def backup(
    database: Database,
    data_dir: Path,
    target: Path,
    on_progress: Progress = lambda *_: None,
) -> int:
    """Write a backup while the program runs; the number of rows. The target must not
    exist."""
    if target.exists():
        raise UpkeepError(f"{target} exists already; choose another name")
    partial = target.with_name(f".{target.name}.partial")
    tables = SQLModel.metadata.sorted_tables
    with database.engine.connect() as connection, tarfile.open(partial, "w:gz") as tar:
        if not database.is_sqlite:
            connection.execute(
                text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            )
        counts = [connection.execute(_count(table)).scalar_one() for table in tables]
        manifest = {
            "revision": current(database),
            "tables": [table.name for table in tables],
        }
        _add(tar, "manifest.json", json.dumps(manifest).encode())
        done = 0
        for table in tables:
            lines = io.BytesIO()
            for row in connection.execute(table.select()).mappings():
                lines.write(
                    json.dumps(_plain(dict(row)), ensure_ascii=False).encode() + b"\n"
                )
                done += 1
                if done % _CHUNK == 0:
                    on_progress(done, sum(counts))
            _add(tar, f"tables/{table.name}.jsonl", lines.getvalue())
        for file in sorted((data_dir / "media").rglob("*")):
            if file.is_file():
                tar.add(file, f"media/{file.relative_to(data_dir / 'media')}")
    partial.replace(target)
    on_progress(done, done)
    return done


def _count(table: Table) -> Any:
    return select(func.count()).select_from(table)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mtime = int(utcnow().timestamp())
    tar.addfile(info, io.BytesIO(content))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (
            value.isoformat()
            if isinstance(value, datetime | date)
            else base64.b64encode(value).decode()
            if isinstance(value, bytes)
            else value
        )
        for name, value in row.items()
    }


def restore(
    database: Database,
    data_dir: Path,
    source: Path,
    on_progress: Progress = lambda *_: None,
) -> int:
    """Fill an empty database from a backup, all or nothing; the number of rows."""
    with tarfile.open(source, "r:gz") as tar:
        manifest = json.loads(_read(tar, "manifest.json"))
        upgrade(database, manifest["revision"])
        with database.writing() as session:
            if session.exec(select(func.count()).select_from(Agency)).one():
                raise UpkeepError("the database is not empty; restore into a new one")
            done = _restore_tables(
                session.connection(), tar, manifest["tables"], on_progress
            )
        for member in tar.getmembers():
            if member.name.startswith("media/"):
                tar.extract(member, data_dir, filter="data")
    upgrade(database)
    return done


def _restore_tables(
    connection: Connection,
    tar: tarfile.TarFile,
    names: list[str],
    on_progress: Progress,
) -> int:
    done = 0
    deferred: list[tuple[str, str]] = []
    for name in names:
        table = SQLModel.metadata.tables.get(name)
        if (
            table is None
        ):  # of an older program; the migrations that follow bring its rows along
            table = Table(name, MetaData(), autoload_with=connection)
        for chunk in _chunks(_read(tar, f"tables/{name}.jsonl"), table):
            if (
                name == "agency"
            ):  # refers to itself, so parents are set in a second step
                deferred += [(row["code"], row["parent_code"]) for row in chunk]
                chunk = [{**row, "parent_code": None} for row in chunk]
            connection.execute(table.insert(), chunk)
            done += len(chunk)
            on_progress(done, 0)
        if connection.dialect.name == "postgresql" and "id" in table.c:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), "  # noqa: S608
                    f'COALESCE((SELECT max(id) FROM "{name}"), 1))'
                )
            )
    agency = SQLModel.metadata.tables["agency"]
    for code, parent in deferred:
        connection.execute(
            agency.update().where(agency.c.code == code).values(parent_code=parent)
        )
    return done


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    try:
        file = tar.extractfile(name)
    except KeyError as error:
        raise UpkeepError(
            f"this is not a backup of Sahut: {name} is missing"
        ) from error
    if file is None:
        raise UpkeepError(f"this is not a backup of Sahut: {name} is not a file")
    return file.read()


def _chunks(lines: bytes, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = [_typed(json.loads(line), table) for line in lines.splitlines()]
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


def _typed(row: dict[str, Any], table: Table) -> dict[str, Any]:
    typed = dict(row)
    for name, value in row.items():
        kind = table.c[name].type
        if isinstance(value, str) and isinstance(kind, Utc):
            typed[name] = datetime.fromisoformat(value).astimezone(UTC)
        elif (
            isinstance(value, str)
            and not isinstance(kind, JSON)
            and kind.python_type is date
        ):
            typed[name] = date.fromisoformat(value)
        elif isinstance(value, str) and isinstance(kind, LargeBinary):
            typed[name] = base64.b64decode(value)
    return typed
