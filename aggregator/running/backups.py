"""Backup and restore: one file that fits both databases, so that an embedded
installation can grow: a gzipped tar of one JSON-lines file a table, and the pictures.

It is encrypted for a key that lies in none of them, in the age format
(age-encryption.org/v1), so that other tools can open it too. What waited to be sent
when the backup was made comes back as *unknown*: it may have been sent since. What was
erased since is hidden, and erased again.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Any

from pyrage import (
    DecryptError,
    IdentityError,
    RecipientError,
    decrypt_io,
    encrypt_io,
    x25519,
)
from sqlalchemy import (
    JSON,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    TableClause,
    column,
    func,
    inspect,
    literal,
    text,
    update,
)
from sqlalchemy import table as clause
from sqlmodel import SQLModel, col, select

from aggregator.accounts.illness import BACKUP_MARK
from aggregator.rules.reports import findings
from aggregator.rules.reports.findings import Findings
from aggregator.running.upkeep import UpkeepError, current, upgrade
from aggregator.store import marks, private
from aggregator.store.db import Database, Utc, utcnow
from aggregator.store.tables.cases import KeptFindings
from aggregator.store.tables.city import Agency
from aggregator.store.tables.intake import Message

KEY_FILE = "backup.key"
_AGE = b"age-encryption.org/v1"
_CHUNK = 1000
_NOT_KEPT = {"brake", "passkey_challenge", "user_session", "worker_beat"}
"""Not in a backup: a session that was ended since would go on after a restore."""


Progress = Callable[[int, int], None]


def identity(data_dir: Path) -> str:
    """The secret half of this installation's backup key; made when first asked for."""
    path = data_dir / KEY_FILE
    if not path.exists():
        private.folder(data_dir)
        made = str(x25519.Identity.generate())
        with contextlib.suppress(FileExistsError), private.new_file(path) as file:
            file.write(f"{made}\n".encode())
    return path.read_text(encoding="ascii").strip()


def recipient_of(secret: str) -> str:
    """The public half, which encrypts and opens nothing. UpkeepError."""
    return str(_identity(secret).to_public())


def _identity(secret: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(secret)
    except IdentityError as error:
        raise UpkeepError(
            "this is not a key of backups: it begins with AGE-SECRET-KEY-1"
        ) from error


@contextlib.contextmanager
def _written(target: Path, recipient: str | None) -> Iterator[IO[bytes]]:
    """A file that appears whole or not at all, encrypted on its way to the disk."""
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)  # of a backup that was broken off
    try:
        with private.new_file(partial) as file:
            if recipient is None:
                yield file
            else:
                with _encrypting(file, recipient) as plain:
                    yield plain
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _encrypting(file: BufferedIOBase, recipient: str) -> Iterator[IO[bytes]]:
    try:
        whom = x25519.Recipient.from_str(recipient)
    except RecipientError as error:
        raise UpkeepError(
            "SAHUT_BACKUP_RECIPIENT is no public key of age: it begins with age1"
        ) from error
    reading, writing = os.pipe()
    source = os.fdopen(reading, "rb")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(encrypt_io, source, file, [whom])
        done.add_done_callback(lambda _: source.close())
        with os.fdopen(writing, "wb") as plain:
            yield plain
        done.result()


@contextlib.contextmanager
def _opened(source: Path, data_dir: Path, secret: str | None) -> Iterator[Path]:
    """The backup as a tar: itself, or decrypted beside the data for as long as it is
    read. UpkeepError."""
    with source.open("rb") as file:
        if file.read(len(_AGE)) != _AGE:
            yield source
            return
        file.seek(0)
        key = _identity(secret or identity(data_dir))
        private.folder(data_dir)
        with tempfile.NamedTemporaryFile(dir=data_dir, prefix=".restore.") as plain:
            try:
                with os.fdopen(os.dup(plain.fileno()), "wb") as opened:
                    decrypt_io(file, opened, [key])
            except (DecryptError, OSError) as error:
                raise UpkeepError(
                    f"{source} is damaged, or was made for another key; give the"
                    f" backup.key of the installation that made it with --key ({error})"
                ) from error
            yield Path(plain.name)


def backup(
    database: Database,
    data_dir: Path,
    target: Path,
    on_progress: Progress = lambda *_: None,
    *,
    recipient: str | None,
) -> int:
    """Write a backup while the program runs; the number of rows. The target must not
    exist. `recipient`: for whom it is encrypted; None leaves it open to everybody."""
    if target.exists():
        raise UpkeepError(f"{target} exists already; choose another name")
    tables = [t for t in SQLModel.metadata.sorted_tables if t.name not in _NOT_KEPT]
    with (
        database.engine.connect() as connection,
        _written(target, recipient) as file,
        tarfile.open(fileobj=file, mode="w|gz") as tar,
    ):
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
                # in ASCII: half an emoji in a platform's answer has no bytes of its own
                lines.write(json.dumps(_plain(dict(row))).encode("ascii") + b"\n")
                done += 1
                if done % _CHUNK == 0:
                    on_progress(done, sum(counts))
            _add(tar, f"tables/{table.name}.jsonl", lines.getvalue())
        for kept in sorted((data_dir / "media").rglob("*")):
            if kept.is_file():
                tar.add(kept, f"media/{kept.relative_to(data_dir / 'media')}")
    private.folder(data_dir)
    (data_dir / BACKUP_MARK).touch()
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
            else value.as_json()
            if isinstance(value, Findings)
            else value
        )
        for name, value in row.items()
    }


def restore(
    database: Database,
    data_dir: Path,
    source: Path,
    on_progress: Progress = lambda *_: None,
    *,
    secret: str | None = None,
) -> int:
    """Fill an empty database from a backup, all or nothing; the number of rows.

    `secret`: of the key it was made for; None takes that of this installation.
    UpkeepError.
    """
    with _opened(source, data_dir, secret) as plain, tarfile.open(plain, "r:gz") as tar:
        manifest = json.loads(_read(tar, "manifest.json"))
        upgrade(database, manifest["revision"])
        with database.writing() as session:
            if session.exec(select(func.count()).select_from(Agency)).one():
                raise UpkeepError("the database is not empty; restore into a new one")
            done = _restore_tables(
                session.connection(), tar, manifest["tables"], on_progress
            )
            _nothing_is_sent_again(session.connection())
        for member in tar.getmembers():
            if member.name.startswith("media/"):
                tar.extract(member, data_dir, filter="data")
    upgrade(database)
    erase_again(database, data_dir, utcnow())
    return done


def erase_again(database: Database, data_dir: Path, now: datetime) -> int:
    """Hide what was erased after the backup had been made: the worker erases it anew;
    how many messages."""
    noted = marks.noted(data_dir)
    if noted is None:
        return 0
    known, erased = noted
    last = hidden = 0
    with database.writing() as session:
        marks.adopt(session, known)
        while rows := session.exec(
            select(Message.id, Message.channel, Message.native_id)
            .where(col(Message.id) > last, col(Message.deleted_at).is_(None))
            .order_by(col(Message.id))
            .limit(_CHUNK)
        ).all():
            ids = [one for one, *said in rows if known.of(*said) in erased]
            hide = update(Message).where(col(Message.id).in_(ids))
            session.execute(hide.values(deleted_at=now))
            hidden, last = hidden + len(ids), rows[-1][0] or 0
    return hidden


def _nothing_is_sent_again(connection: Connection) -> None:
    """What waited may have been sent after the backup was made: a person looks.

    Asked of the tables as they are: the backup may be of an older program.
    """
    reply = Table("reply", MetaData(), autoload_with=connection)
    waiting = reply.c.state.in_(("queued", "sending", "try_later"))
    connection.execute(update(reply).where(waiting).values(state="unknown"))
    if inspect(connection).has_table("notification"):
        told = Table("notification", MetaData(), autoload_with=connection)
        unsent = told.c.sent_at.is_(None)
        connection.execute(
            update(told).where(unsent).values(sent_at=literal(utcnow(), Utc()))
        )


def _as_it_was(table: Table, row: dict[str, Any]) -> TableClause:
    """A table with the columns a backup has: newer ones, which the model would fill in,
    come with the migrations that follow."""
    return clause(table.name, *(column(key, table.c[key].type) for key in row))


def _restore_tables(
    connection: Connection,
    tar: tarfile.TarFile,
    names: list[str],
    on_progress: Progress,
) -> int:
    done = 0
    for name in names:
        table = SQLModel.metadata.tables.get(name)
        if (
            table is None
        ):  # of an older program; the migrations that follow bring its rows along
            table = Table(name, MetaData(), autoload_with=connection)
        later: list[dict[str, Any]] = []
        within = _own_references(table)
        for chunk in _chunks(_read(tar, f"tables/{name}.jsonl"), table):
            kept = [name for name in within if name in chunk[0]]
            later += [row for row in chunk if any(row[name] for name in kept)]
            rows = [{**row, **dict.fromkeys(kept)} for row in chunk]
            connection.execute(_as_it_was(table, chunk[0]).insert(), rows)
            done += len(chunk)
            on_progress(done, 0)
        _refer(connection, table, within, later)
        if connection.dialect.name == "postgresql" and "id" in table.c:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), "  # noqa: S608
                    f'COALESCE((SELECT max(id) FROM "{name}"), 1))'
                )
            )
    return done


def _own_references(table: Table) -> list[str]:
    """Columns that name another row of the same table, which may come after theirs."""
    return [
        column.name
        for column in table.c
        for reference in column.foreign_keys
        if reference.column.table is table
    ]


def _refer(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[dict[str, Any]],
) -> None:
    """Say in rows that are there what they refer to, now that all of them are."""
    for row in rows:
        (key,) = table.primary_key.columns
        values = {name: row[name] for name in columns if name in row}
        connection.execute(table.update().where(key == row[key.name]).values(values))


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
        elif isinstance(kind, KeptFindings):
            typed[name] = findings.from_json(value)
    return typed
