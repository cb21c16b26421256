"""Brakes on guessing and flooding, shared by every process and host: rows.

A key has one number, the moment up to which it is spoken for; whatever is counted moves
it on by its share of the time (the generic cell rate algorithm). That is one
conditional statement, so what is asked at one moment is counted one after another, and
it is counted before anything is looked at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlmodel import Session

from aggregator.store.db import Database, insert, table
from aggregator.store.tables.store import BrakeRow

_row = table(BrakeRow)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Brake:
    """At most `most` within a time for a key; then one each time its share has
    passed."""

    name: str
    most: int
    within: timedelta

    def take(self, database: Database, now: datetime, *key: str) -> bool:
        """Count one; False where there are too many already."""
        if self.until(database, now, *key):  # a flood does not queue up to write
            return False
        with database.writing(lasting=False) as session:
            return self.take_in(session, now, *key)

    def take_in(self, session: Session, now: datetime, *key: str) -> bool:
        """`take` inside a transaction of the caller's."""
        at = _number(now)
        begun = case((_row.c.spoken_for > at, _row.c.spoken_for), else_=at)
        counted = (
            insert(session, _row)
            .values(key=self._key(key), spoken_for=at + self._share)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={"spoken_for": begun + self._share},
                where=begun + self._share <= at + self._whole,
            )
        )
        return session.execute(counted.returning(_row.c.key)).first() is not None

    def give_back(self, database: Database, *key: str) -> None:
        """What was counted was right, and counts no more."""
        with database.writing(lasting=False) as session:
            self.give_back_in(session, *key)

    def give_back_in(self, session: Session, *key: str) -> None:
        session.execute(
            update(_row)
            .where(_row.c.key == self._key(key))
            .values(spoken_for=_row.c.spoken_for - self._share)
        )

    def until(self, database: Database, now: datetime, *key: str) -> datetime | None:
        """When the key is free again; None while it is."""
        with database.reading() as session:
            free = self._spoken_for(session, key) + self._share - self._whole
        return None if free <= _number(now) else _EPOCH + free * _MICROSECOND

    def left(self, database: Database, now: datetime, *key: str) -> int:
        """How many the key still has."""
        at = _number(now)
        with database.reading() as session:
            spoken_for = max(self._spoken_for(session, key), at)
        return max(0, (at + self._whole - spoken_for) // self._share)

    @property
    def _share(self) -> int:
        return self.within // self.most // _MICROSECOND

    @property
    def _whole(self) -> int:
        return self._share * self.most

    def _spoken_for(self, session: Session, key: tuple[str, ...]) -> int:
        wanted = select(_row.c.spoken_for).where(_row.c.key == self._key(key))
        return int(session.execute(wanted).scalar_one_or_none() or 0)

    def _key(self, key: tuple[str, ...]) -> str:
        """Whatever was typed becomes a key of one length."""
        said = "\0".join(f"{len(part)}:{part}" for part in (self.name, *key))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def forget_free(database: Database, now: datetime) -> None:
    """Rows that hold nothing up."""
    with database.writing(lasting=False) as session:
        session.execute(delete(_row).where(_row.c.spoken_for < _number(now)))


def _number(moment: datetime) -> int:
    """Microseconds since 1970, in UTC."""
    number: Any = (moment - _EPOCH) // _MICROSECOND
    return int(number)
