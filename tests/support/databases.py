"""What makes a database of its own for each test cheap.

Copying one of PostgreSQL costs a fifth of a second of processor time, emptying one a
hundredth: what a test has used is emptied and used again. And the statements of the
program are compiled once for all tests, though each test has an engine of its own.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

_MODEL = "model"
_KEEP_ROWS = """
DO $$
DECLARE name text; filled bool;
BEGIN
  CREATE SCHEMA kept;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
    END IF;
  END LOOP;
END $$
"""
_EMPTY = """
DO $$
DECLARE name text;
BEGIN
  SET LOCAL session_replication_role = replica;  -- neither triggers nor foreign keys
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%I', name);
  END LOOP;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
    EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
  END LOOP;
  FOR name IN SELECT sequencename FROM pg_sequences
      WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE public.%I RESTART', name);
  END LOOP;
END $$
"""
_TABLES = """
SELECT md5(string_agg(oid::text, ' ' ORDER BY oid)) FROM pg_class
WHERE relnamespace = 'public'::regnamespace
"""
_OTHERS_LEAVE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Server:
    """A server whose databases are copies of one that `prepare` has filled."""

    def __init__(self, url: str, prepare: Callable[[str], None]) -> None:
        self._url = url
        self._emptied: list[str] = []
        model = self.bare(_MODEL)
        prepare(model)
        with _connected(model) as connection:
            connection.execute(text(_KEEP_ROWS))
            self._tables = connection.execute(text(_TABLES)).scalar_one()

    def bare(self, name: str) -> str:
        """A new database without a table."""
        with _connected(self._url) as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        return self._named(name)

    @contextlib.contextmanager
    def lent(self) -> Iterator[str]:
        """A database as `prepare` left it, until the block ends."""
        url = self._emptied.pop() if self._emptied else self._copied()
        yield url
        if self._is_emptied(url):
            self._emptied.append(url)

    def _named(self, name: str) -> str:
        url = make_url(self._url).set(database=name)
        return url.render_as_string(hide_password=False)

    def _copied(self) -> str:
        name = f"t{uuid.uuid4().hex}"
        with _connected(self._url) as connection:
            # twice as quick as through the log, which PostgreSQL 15 began to do
            is_new = (connection.dialect.server_version_info or ()) >= (15,)
            by_files = "STRATEGY file_copy" if is_new else ""
            connection.execute(
                text(f'CREATE DATABASE "{name}" TEMPLATE "{_MODEL}" {by_files}')
            )
        return self._named(name)

    def _is_emptied(self, url: str) -> bool:
        """False for one whose tables the test has changed: it is not lent again."""
        with _connected(url) as connection:
            connection.execute(text(_OTHERS_LEAVE))
            if connection.execute(text(_TABLES)).scalar_one() != self._tables:
                return False
            connection.execute(text(_EMPTY))
        return True


class _Compiled(dict[Any, Any]):
    """Compiled statements by what they say, whichever engine asks: the first part of
    SQLAlchemy's key is the engine's dialect, and those of one name are all alike."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


def share_what_is_compiled() -> None:
    kept: dict[str, _Compiled] = {}

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        of_dialect = kept.setdefault(connection.dialect.name, _Compiled())
        connection.execution_options(compiled_cache=of_dialect)


@contextlib.contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """For what cannot be done inside a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
