"""Where the twin search looks: what a message is found by, in the driver's own SQL.

    word_count       key -> in how many remembered texts it occurs, and its newest messages
    message_traits   what a message is compared by

The newest messages of a key are one value of its row, so that one look at all keys of a
text reads as many rows as the text has keys, however many messages are stored.

These statements run several times for every message that arrives. Building them with
SQLAlchemy costs thirty times what SQLite needs to answer, so they go to the driver as
text, the same on SQLite and PostgreSQL.
"""  # noqa: E501

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json
from sqlmodel import Session

from aggregator.rules.reports import traits
from aggregator.rules.reports.traits import Traits
from aggregator.rules.text.lexicon import Lexicon
from aggregator.store.tables.intake import Message

_PER_KEY = 32
"""So many of the newest messages of a key are kept: time per message does not grow."""
# The order of bytes is fixed: a backup may be restored on another kind of machine.
_NUMBER = struct.Struct("<I")
_BYTES = _NUMBER.size
_MOST = 8
_NEAREST = 6
_OPEN = "('new', 'answered')"


class Candidate(NamedTuple):
    """An earlier message with its case. `traits`: None where only its copy was asked
    for."""

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


class Known(NamedTuple):
    """A key that occurred before: in how many texts; `recent`: its newest messages,
    packed."""

    n: int
    recent: bytes


_COLUMNS = (
    "SELECT m.id, m.channel, m.author_id, m.created_at, m.place, m.latitude,"
    " m.longitude, c.id, c.status, c.closed_at, c.last_message_at, c.confidential"
)
_SPOKEN = "m.direction = 'in' AND m.deleted_at IS NULL AND NOT m.anonymous"


class KeyTable:
    """The tables behind one session, which is flushed first: these statements pass it
    by. `lexicon`: what texts are read by."""

    def __init__(self, session: Session, lexicon: Lexicon) -> None:
        session.flush()
        connection = session.connection()
        self._lexicon = lexicon
        self._driver: Any = connection.connection.driver_connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    def copies(self, message: Message, closed_since: datetime) -> list[Candidate]:
        """Messages with the very same words in cases that are open or were closed
        since."""
        if message.words_key is None:
            return []
        return self._candidates(
            f'{_COLUMNS}, NULL FROM message m JOIN "case" c ON c.id = m.case_id WHERE'
            f" m.words_key = ? AND m.id <> ? AND {_SPOKEN} AND NOT c.confidential AND"
            f" (c.status IN {_OPEN} OR c.closed_at >= ?) ORDER BY c.id DESC LIMIT"
            f" {_MOST}",
            [message.words_key, message.id, closed_since],
        )

    def by_author(self, message: Message, since: datetime) -> list[Candidate]:
        """Earlier messages of the same author in open cases, newest first; some without
        traits."""
        if message.author_id is None:
            return []
        return self._candidates(
            f'{_COLUMNS}, t.traits FROM message m JOIN "case" c ON c.id = m.case_id'
            " LEFT JOIN message_traits t ON t.message_id = m.id WHERE m.channel = ?"
            f" AND m.author_id = ? AND {_SPOKEN} AND m.id <> ? AND m.created_at >= ?"
            f" AND c.status IN {_OPEN} ORDER BY m.id DESC LIMIT {_MOST}",
            [message.channel, message.author_id, message.id, since],
        )

    def near(
        self, own: int, weights: Mapping[int, float], known: Mapping[int, Known]
    ) -> list[Candidate]:
        """Messages that share the most telling keys, in cases that stand for
        themselves."""
        order = _heaviest(own, weights, known)
        if not order:
            return []
        found = self._candidates(
            f"{_COLUMNS}, t.traits FROM message m JOIN message_traits t ON t.message_id"
            " = m.id"
            f' JOIN "case" c ON c.id = m.case_id WHERE m.id IN {_row(len(order))}'
            f" AND {_SPOKEN} AND c.status <> 'joined'",
            order,
        )
        return sorted(found, key=lambda one: order.index(one.id))

    def _candidates(self, sql: str, values: Sequence[Any]) -> list[Candidate]:
        return [
            Candidate(
                row[0],
                row[1],
                row[2],
                _moment(row[3]),
                row[4],
                row[5],
                row[6],
                row[7],
                row[8],
                _moment(row[9]),
                _moment(row[10]),
                bool(row[11]),
                None if row[12] is None else self._traits(row[12]),
            )
            for row in self._run(sql, values)
        ]

    def _traits(self, stored: Any) -> Traits:
        return traits.from_json(_json(stored), self._lexicon)

    def of_case(self, case_id: int) -> list[Traits]:
        """What the newest messages of a case are compared by."""
        rows = self._run(
            "SELECT t.traits FROM message_traits t JOIN message m ON m.id ="
            f" t.message_id WHERE m.case_id = ? ORDER BY m.id DESC LIMIT {_MOST}",
            [case_id],
        )
        return [self._traits(row[0]) for row in rows]

    def known(self, keys: Collection[int]) -> dict[int, Known]:
        """What is remembered of these keys, of those that ever occurred."""
        if not keys:
            return {}
        rows = self._run(
            f"SELECT key, n, recent FROM word_count WHERE key IN {_row(len(keys))}",
            keys,
        )
        return {key: Known(n, recent or b"") for key, n, recent in rows}

    def keep(
        self,
        message_id: int,
        said: Traits,
        words: Collection[int],
        kept: Collection[int],
        known: Mapping[int, Known],
    ) -> None:
        """Count the `words` of a text, and let its message be found by the keys `kept`.

        `known`: of all these keys, as read in this transaction.
        """
        # All words are counted though few are kept: how rare one is follows from it.
        found_by = set(kept)
        values: list[Any] = []
        for key in sorted(found_by.union(words)):
            before = known[key].recent if key in known else b""
            values += (key, appended(before, message_id) if key in found_by else None)
        if values:
            self._run(
                "INSERT INTO word_count (key, n, recent) VALUES"
                f" {_rows(len(values) // 2, '(?, 1, ?)')} ON CONFLICT (key) DO UPDATE"
                " SET n = word_count.n + 1, recent = coalesce(excluded.recent,"
                " word_count.recent)",
                values,
            )
        self._run(
            "INSERT INTO message_traits (message_id, traits) VALUES (?, ?)"
            " ON CONFLICT (message_id) DO UPDATE SET traits = excluded.traits",
            [message_id, stored_form(said)],
        )

    def drop(self, message_id: int, keys: Collection[int]) -> None:
        """Let a message be found no more. `keys`: all it may be found by."""
        for key, known in self.known(keys).items():
            if known.n <= 1:
                # nobody else said it: what is left would be this text's alone
                self._run("DELETE FROM word_count WHERE key = ?", [key])
                continue
            left = [one for one in unpacked(known.recent) if one != message_id]
            self._run(
                "UPDATE word_count SET n = n - 1, recent = ? WHERE key = ?",
                [packed(left), key],
            )
        self._run("DELETE FROM message_traits WHERE message_id = ?", [message_id])

    def stored(self, message_id: int) -> Traits | None:
        rows = self._run(
            "SELECT traits FROM message_traits WHERE message_id = ?", [message_id]
        )
        return next((self._traits(row[0]) for row in rows), None)

    def _run(self, sql: str, values: Collection[Any]) -> Iterator[tuple[Any, ...]]:
        """`?` stands for a value. Rows come as the driver gives them."""
        if self._is_sqlite:
            # the type that writes times (store.db.Utc) is passed by, too
            plain = [
                _as_text(value) if isinstance(value, datetime) else value
                for value in values
            ]
            return iter(self._driver.execute(sql, plain))
        cursor = self._driver.execute(_for_postgresql(sql), list(values))
        return iter(cursor) if cursor.description else iter(())


def _heaviest(
    own: int, weights: Mapping[int, float], known: Mapping[int, Known]
) -> list[int]:
    """The messages whose keys weigh most together; of equals the newest first."""
    sums: dict[int, float] = {}
    for key, weight in weights.items():
        if key in known:
            for message_id in unpacked(known[key].recent):
                sums[message_id] = sums.get(message_id, 0.0) + weight
    sums.pop(own, None)
    if not sums:
        return []
    # of those that weigh as much as the last one taken, the newest are chosen below
    least = sorted(sums.values(), reverse=True)[:_NEAREST][-1]
    best = [(total, message_id) for message_id, total in sums.items() if total >= least]
    return [message_id for _, message_id in sorted(best, reverse=True)[:_NEAREST]]


def packed(message_ids: Iterable[int]) -> bytes:
    """The newest of some messages, oldest first, as the row of a key keeps them."""
    newest = sorted(message_ids)[-_PER_KEY:]
    return struct.pack(f"<{len(newest)}I", *newest)


def unpacked(recent: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(recent) // _BYTES}I", recent)


def appended(recent: bytes, message_id: int) -> bytes:
    """One message more; an edited one may be there already, and is not the newest."""
    if recent and message_id <= _NUMBER.unpack_from(recent, len(recent) - _BYTES)[0]:
        return packed({*unpacked(recent), message_id})
    return (recent + _NUMBER.pack(message_id))[-_PER_KEY * _BYTES :]


# Kept, so that equal statements are one text, which the drivers know again.
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
        return datetime.fromisoformat(f"{value}+00:00")
    return value


def stored_form(said: Traits) -> str:
    """Traits as the column has them. Twice as quick as the json of the standard
    library."""
    return to_json(said.to_json()).decode()


def _json(value: Any) -> Any:
    return from_json(value) if isinstance(value, str) else value
