"""The database, SQLite or PostgreSQL: connections, transactions and every difference in
dialect.

`writing()` is one transaction: committed at the end, rolled back on any error. On
SQLite it takes the write lock at its start (BEGIN IMMEDIATE), because a transaction
that reads first and writes later can fail instead of waiting. `synchronous=FULL`: a
platform that we have told to forget an update cannot give it again after a power cut;
what need not last is written without it.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr
from sqlalchemy import DateTime, Dialect, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session

from aggregator import PlainError
from aggregator.store import discretion, private

DatabaseTrouble = SQLAlchemyError
"""The database does not answer, or not as it should."""
_PROCESSING_LOCK = 0x5A485554  # any numbers, the same in every process
_AUDIT_LOCK = 0x5A485555
TRAIL_KEY = "key of the audit trail"
"""Where a writing session keeps it."""
_SYNCHRONOUS = "synchronous"
_REFERENCES = "foreign_keys"
_MERGED_AT_ONCE = 500
_MERGE = text(
    "INSERT INTO message_search(message_search, rank) VALUES ('merge', :pages)"
)


class WrongDatabase(PlainError):
    """DATABASE_URL names no database that can be used; says what to do."""


def utcnow() -> datetime:
    return datetime.now(UTC)


class Utc(TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases; SQLite would drop the zone. Refuses naive
    ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone reached the database: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Of SQLite's text at once: a list of cases has eight hundred times in it."""
        if dialect.name == "sqlite":
            return _from_sqlite
        return super().result_processor(dialect, coltype)


def _from_sqlite(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(f"{stored}+00:00")


class _Turns:
    """Writers of one process one after another, in the order they came.

    SQLite lets whoever asks at the right moment write; a claim could wait for a whole
    backlog of messages that way.
    """

    def __init__(self) -> None:
        self._waiting: deque[threading.Event] = deque()
        self._guard = threading.Lock()

    def __enter__(self) -> None:
        # An event for each who waits: a lock promises no order, and whoever has just
        # written could take it again at once.
        mine = threading.Event()
        with self._guard:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        mine.wait()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._waiting.popleft()
            if self._waiting:
                self._waiting[0].set()


class Reads(Protocol):
    """What can be read from: a database, or one look at it."""

    def reading(self) -> AbstractContextManager[Session]: ...


@dataclass(frozen=True, slots=True)
class Look:
    """One transaction that the parts of a page read in, so that they show one moment
    and take one connection."""

    session: Session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        yield self.session


class Database:
    """One engine and the two ways to use it. Safe to share between threads.

    `trail_key`: proves lines of the audit trail as written by the program; what opens
    a city's database for its acts sets it (`audit_chain.proving`).
    """

    def __init__(self, url: str) -> None:
        self.trail_key: bytes | None = None
        self.url = parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            _keep_private(Path(parsed.database))
        self.engine = (
            _sqlite_engine(parsed) if self.is_sqlite else _postgresql_engine(parsed)
        )
        self._turns: AbstractContextManager[None] = (
            _Turns() if self.is_sqlite else nullcontext()
        )
        # else every query of a look would see what was committed before it
        self._look_engine = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._write_engine = {
            lasting: self.engine.execution_options(sahut_lasts=lasting)
            for lasting in (True, False)
        }
        self._rebuild_engine = self.engine.execution_options(
            sahut_lasts=True, sahut_rebuilds=True
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Look]:
        """A look to pass on to whatever a page reads."""
        with Session(self._look_engine, expire_on_commit=False) as session:
            yield Look(session)

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Session]:
        """`lasting`: False where it does no harm if a power cut takes it back, as with
        a lease or who looks at a page: then nobody waits until the disk has it."""
        with (
            self._turns,
            Session(self._write_engine[lasting], expire_on_commit=False) as session,
            session.begin(),
        ):
            session.info[TRAIL_KEY] = self.trail_key
            yield session

    @contextmanager
    def rebuilding(self) -> Iterator[Session]:
        """Writing that makes tables anew: SQLite would refuse to drop one that rows
        refer to, so there it is asked once, at the end. WrongDatabase."""
        with self._turns, Session(self._rebuild_engine) as session, session.begin():
            yield session
            if self.is_sqlite and (lost := _lost_references(session)):
                raise WrongDatabase(
                    "nothing was changed: the database has rows that refer to rows"
                    f" which are not there, in {', '.join(lost)}; restore a backup with"
                    " `sahut db restore`"
                )

    def leave_no_trace(self) -> None:
        """After something was erased: what SQLite still holds of it goes from the file.

        The search index keeps words until its parts are merged; the journal keeps pages
        as they were until they are written to the database. In small steps: others
        write in between. PostgreSQL clears what is dead by itself (autovacuum).
        """
        if not self.is_sqlite:
            return
        pages = -_MERGED_AT_ONCE  # below nought: parts that are small are merged too
        while True:
            with self.writing() as session:
                before = _written(session)
                session.execute(_MERGE, {"pages": pages})
                if _written(session) - before < 2:  # the statement itself counts one
                    break
            pages = _MERGED_AT_ONCE
        connection = self.engine.raw_connection()  # one without a BEGIN
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        self.engine.dispose()


def _lost_references(session: Session) -> list[str]:
    """Tables with rows that refer to nothing."""
    rows = session.execute(text("PRAGMA foreign_key_check"))
    return sorted({str(row[0]) for row in rows})


def _written(session: Session) -> int:
    """Rows this connection has ever written."""
    return int(session.execute(text("SELECT total_changes()")).scalar_one())


def _keep_private(file: Path) -> None:
    """The database and what SQLite lays beside it, which takes the database's mode."""
    private.folder(file.parent)
    if not file.exists():
        with contextlib.suppress(FileExistsError):  # made by another process meanwhile
            private.new_file(file).close()
    for one in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            private.tighten(one)


def place_of(url: str) -> str:
    """The database that an address means, in words without login and password.
    WrongDatabase."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return "sqlite"
    return f"{parsed.host or 'localhost'}/{parsed.database or ''}"


def _parsed(url: str) -> URL:
    """The address, for the one driver of PostgreSQL whatever it names. WrongDatabase
    never quotes it: a password may stand in it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        backend = ""
    else:
        backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed
    if backend in ("postgresql", "postgres"):
        if "@" in (parsed.host or ""):
            raise WrongDatabase(
                "DATABASE_URL has more than one @; write those of the password as %40"
            )
        said = (parsed.password, parsed.query.get("password"))
        discretion.note(SecretStr(one) for one in said if isinstance(one, str))
        return parsed.set(drivername="postgresql+psycopg")
    raise WrongDatabase(
        "DATABASE_URL is no address of SQLite or PostgreSQL; write sqlite:///PATH or"
        " postgresql://USER@HOST/NAME"
    )


def _sqlite_engine(url: Any) -> Engine:
    # kept connections: a new one reads the whole schema before its first query
    kept = {"pool_size": 20, "max_overflow": 20} if url.database else {}
    engine = create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        hide_parameters=True,
        **kept,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = (
            None  # transactions are begun below, not by the driver
        )
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "secure_delete=ON",  # what is erased is gone from the file too
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        options = connection.get_execution_options()
        references = "OFF" if options.get("sahut_rebuilds") else "ON"
        if connection.info.setdefault(_REFERENCES, "ON") != references:
            connection.exec_driver_sql(f"PRAGMA foreign_keys={references}")
            connection.info[_REFERENCES] = references
        if "sahut_lasts" not in options:
            connection.exec_driver_sql("BEGIN")
            return
        # SQLite refuses to change this inside a transaction, and the connection keeps
        # it: so it is said before BEGIN, and only where it differs.
        wanted = "FULL" if options["sahut_lasts"] else "NORMAL"
        if connection.info.setdefault(_SYNCHRONOUS, "FULL") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info[_SYNCHRONOUS] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: Any) -> Engine:
    try:
        engine = create_engine(
            url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True
        )
    except ImportError as error:
        raise WrongDatabase(
            "DATABASE_URL names a PostgreSQL database, but the library that speaks with"
            " it cannot be loaded; install it with `pip install 'sahut[postgresql]'`"
        ) from error

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        if not connection.get_execution_options().get("sahut_lasts", True):
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    return engine


def table(model: Any) -> Table:
    """Columns asked of a table come as plain rows; asked of its model they pass through
    the ORM first, which takes twice as long: for what is read on every page and changed
    nowhere."""
    found: Table = model.__table__
    return found


def insert_new(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """Insert the rows whose unique key is not there yet; the ids of those that were."""
    if not rows:
        return []
    # A row that is there already returns nothing: what comes back is new.
    statement = insert(session, table).values(list(rows)).on_conflict_do_nothing()
    return [int(row[0]) for row in session.execute(statement.returning(table.c.id))]


def insert(session: Session, table: Table) -> Any:
    """Of the database's own kind, which knows what to do where a row is there
    already."""
    dialect = session.get_bind().dialect.name
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def put(
    session: Session, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Write a row, whether there is one with this key or not."""
    statement = insert(session, table).values({**key, **values})
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=dict(values))
    )


def add_to_count(
    session: Session, table: Table, key: Mapping[str, Any], amounts: Mapping[str, float]
) -> None:
    """Add to the counters of a row, making it where it is missing."""
    statement = insert(session, table).values({**key, **amounts})
    # Added by the database: two workers that read, add and write would lose one.
    grown = {name: table.c[name] + amount for name, amount in amounts.items()}
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=grown)
    )


def uncounted(column: Any) -> Any:
    """A column of words whose index is not to be used. SQLite takes every index for
    equally telling, and would rather read all that share a state than the few rows of
    one case."""
    return column.concat("")


def lock_processing(session: Session) -> None:
    """Let one transaction at a time turn raw events into cases, until it ends.

    Two workers with twins would otherwise each see no case and open two. SQLite has one
    writer already.
    """
    _lock(session, _PROCESSING_LOCK)


def lock_audit(session: Session) -> None:
    """Let one transaction at a time make the audit trail's chain longer."""
    _lock(session, _AUDIT_LOCK)


def _lock(session: Session, key: int) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
