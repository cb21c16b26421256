"""Where the twin search looks: what a message is found by, in the driver's own SQL.

    word_count       in how many remembered texts a key occurs
    word_key         key -> messages; of each key the newest messages are read
    message_traits   what a message is compared by

These statements run several times for every message that arrives. Building them with SQLAlchemy
costs thirty times what SQLite needs to answer, so they go to the driver as text, the same on SQLite
and PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlmodel import Session

from aggregator.models import Message
from aggregator.rules import traits
from aggregator.rules.traits import Traits

_PER_KEY = 32
"""So many of the newest messages of a key are looked at: time per message does not grow."""
_MOST = 8
_NEAREST = 6
_OPEN = "('new', 'answered')"


class Candidate(NamedTuple):
    """An earlier message with its case. `traits`: None where only its copy was asked for."""

    id: int
    channel: str
    author_id: str | None
    created_at: datetime
    place: str | None
    latitude: float | None
    longitude: float | None
    case_id: int
    status: str
    closed_at: datetime | None
    last_message_at: datetime
    confidential: bool
    traits: Traits | None


_COLUMNS = (
    "SELECT m.id, m.channel, m.author_id, m.created_at, m.place, m.latitude, m.longitude, c.id,"
    " c.status, c.closed_at, c.last_message_at, c.confidential"
)
_SPOKEN = "m.direction = 'in' AND m.deleted_at IS NULL AND NOT m.anonymous"


class KeyTable:
    """The tables behind one session, which is flushed first: these statements pass it by."""

    def __init__(self, session: Session) -> None:
        session.flush()
        connection = session.connection()
        self._driver: Any = connection.connection.driver_connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    def copies(self, message: Message, closed_since: datetime) -> list[Candidate]:
        """Messages with the very same words in cases that are open or were closed since."""
        if message.words_key is None:
            return []
        return self._candidates(
            f'{_COLUMNS}, NULL FROM message m JOIN "case" c ON c.id = m.case_id'
            f" WHERE m.words_key = ? AND m.id <> ? AND {_SPOKEN} AND NOT c.confidential"
            f" AND (c.status IN {_OPEN} OR c.closed_at >= ?) ORDER BY c.id DESC LIMIT {_MOST}",
            [message.words_key, message.id, closed_since],
        )

    def by_author(self, message: Message, since: datetime) -> list[Candidate]:
        """Earlier messages of the same author in open cases, newest first; some without traits."""
        if message.author_id is None:
            return []
        return self._candidates(
            f'{_COLUMNS}, t.traits FROM message m JOIN "case" c ON c.id = m.case_id'
            " LEFT JOIN message_traits t ON t.message_id = m.id"
            f" WHERE m.channel = ? AND m.author_id = ? AND {_SPOKEN} AND m.id <> ?"
            f" AND m.created_at >= ? AND c.status IN {_OPEN} ORDER BY m.id DESC LIMIT {_MOST}",
            [message.channel, message.author_id, message.id, since],
        )

    def near(self, own: int, weights: Mapping[int, float]) -> list[Candidate]:
        """Messages that share the most telling keys, in cases that stand for themselves."""
        if not weights:
            return []
        keys = [value for key, weight in weights.items() for value in (weight, key)]
        return self._candidates(_near(len(weights)), [*keys, own])

    def _candidates(self, sql: str, values: Sequence[Any]) -> list[Candidate]:
        return [
            Candidate(
                row[0], row[1], row[2], _moment(row[3]), row[4], row[5], row[6], row[7], row[8],
                _moment(row[9]), _moment(row[10]), bool(row[11]), _traits(row[12]),
            )
            for row in self._run(sql, values)
        ]  # fmt: skip

    def of_case(self, case_id: int) -> list[Traits]:
        """What the newest messages of a case are compared by."""
        rows = self._run(
            "SELECT t.traits FROM message_traits t JOIN message m ON m.id = t.message_id"
            f" WHERE m.case_id = ? ORDER BY m.id DESC LIMIT {_MOST}",
            [case_id],
        )
        return [traits.from_json(_json(row[0])) for row in rows]

    def counts(self, keys: Collection[int]) -> dict[int, int]:
        if not keys:
            return {}
        return dict(
            self._run(f"SELECT key, n FROM word_count WHERE key IN {_row(len(keys))}", keys)
        )

    def keep(
        self, message_id: int, said: Traits, words: Sequence[int], keys: Sequence[int]
    ) -> None:
        """Count the `words` of a text, and let its message be found by `keys`."""
        if words:
            self._run(
                f"INSERT INTO word_count (key, n) VALUES {_rows(len(words), '(?, 1)')}"
                " ON CONFLICT (key) DO UPDATE SET n = word_count.n + 1",
                sorted(words),
            )
        if keys:
            self._run(
                f"INSERT INTO word_key (key, message_id) VALUES {_rows(len(keys), '(?, ?)')}"
                " ON CONFLICT DO NOTHING",
                [value for key in sorted(keys) for value in (key, message_id)],
            )
        self._run(
            "INSERT INTO message_traits (message_id, traits) VALUES (?, ?)"
            " ON CONFLICT (message_id) DO UPDATE SET traits = excluded.traits",
            [message_id, json.dumps(said.to_json(), ensure_ascii=False)],
        )

    def drop(self, message_id: int, keys: Sequence[int]) -> None:
        """Let a message be found no more. `keys`: all it may be found by."""
        if keys:
            self._run(
                f"DELETE FROM word_key WHERE key IN {_row(len(keys))} AND message_id = ?",
                [*keys, message_id],
            )
        self._run("DELETE FROM message_traits WHERE message_id = ?", [message_id])

    def stored(self, message_id: int) -> Traits | None:
        rows = self._run("SELECT traits FROM message_traits WHERE message_id = ?", [message_id])
        return next((traits.from_json(_json(row[0])) for row in rows), None)

    def _run(self, sql: str, values: Collection[Any]) -> Iterator[tuple[Any, ...]]:
        """`?` stands for a value. Rows come as the driver gives them."""
        if self._is_sqlite:
            plain = [_as_text(value) if isinstance(value, datetime) else value for value in values]
            return iter(self._driver.execute(sql, plain))
        cursor = self._driver.execute(_for_postgresql(sql), list(values))
        return iter(cursor) if cursor.description else iter(())


@lru_cache(maxsize=64)
def _near(keys: int) -> str:
    parts = " UNION ALL ".join(
        ["SELECT * FROM (SELECT message_id, CAST(? AS FLOAT) AS weight FROM word_key WHERE key = ?"
         f" ORDER BY message_id DESC LIMIT {_PER_KEY}) AS s{n}" for n in range(keys)]
    )  # fmt: skip
    return (
        f"{_COLUMNS}, t.traits FROM (SELECT message_id, sum(weight) AS weight FROM ({parts}) AS f"
        " WHERE message_id <> ? GROUP BY message_id"
        f" ORDER BY 2 DESC, 1 DESC LIMIT {_NEAREST}) AS near"
        " JOIN message m ON m.id = near.message_id JOIN message_traits t ON t.message_id = m.id"
        f" JOIN \"case\" c ON c.id = m.case_id WHERE {_SPOKEN} AND c.status <> 'joined'"
        " ORDER BY near.weight DESC, m.id DESC"
    )


@lru_cache(maxsize=512)
def _row(size: int) -> str:
    return f"({', '.join(['?'] * size)})"


@lru_cache(maxsize=512)
def _rows(count: int, row: str) -> str:
    return ", ".join([row] * count)


@lru_cache(maxsize=1024)
def _for_postgresql(sql: str) -> str:
    return sql.replace("?", "%s")


def _as_text(moment: datetime) -> str:
    """As SQLAlchemy stores a time on SQLite."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _traits(value: Any) -> Traits | None:
    return None if value is None else traits.from_json(_json(value))
