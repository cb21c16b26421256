"""How long what residents said is kept, by class (config/retention.yaml), and its end.

Told before, then gone a little at a time: a few rows a transaction, so that nobody who
writes waits long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field
from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select

from aggregator.people import notifications
from aggregator.privacy import erasure
from aggregator.store.audit import SYSTEM, record
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.db import Database
from aggregator.store.tables.answers import Delivery, Draft
from aggregator.store.tables.cases import BulkAct, Case, Handover
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.tables.people import Notification, Person
from aggregator.store.tables.store import AuditEntry
from aggregator.store.yamlfile import Problem

FILE = "retention.yaml"
UNTOLD = "secret_cases"
"""How much of this class there is, nobody is told."""
_AT_ONCE = 200
_TOLD_EVERY = timedelta(days=7)


class Class(Model):
    """One class of data. `days`: how long it is kept; `warn_days`: so long before its
    end administrators are told."""

    name: str
    days: int = Field(ge=1)
    warn_days: int = Field(default=0, ge=0)
    basis: str = Field(min_length=5)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a class is: rows of a table, older than a moment. `ends`: what becomes of
    them; deleted without."""

    table: Any
    older: Callable[[datetime], tuple[Any, ...]]
    ends: str = "deleted"


def _closed(before: datetime) -> Any:
    return select(Case.id).where(Case.status == "closed", Case.closed_at < before)  # type: ignore[operator]


def _said_in(before: datetime, *, secret: bool) -> tuple[Any, ...]:
    cases = _closed(before).where(col(Case.confidential).is_(secret))
    return (
        col(Message.case_id).in_(cases),
        Message.direction == "in",
        col(Message.erased_at).is_(None),
    )


HELD: Mapping[str, _Held] = {
    "raw_events": _Held(
        RawEvent,
        lambda before: (
            col(RawEvent.status).in_(("done", "ignored")),
            RawEvent.received_at < before,
        ),
        "emptied",
    ),
    "set_aside": _Held(
        RawEvent,
        lambda before: (
            col(RawEvent.status).in_(("failed", "fetch")),
            RawEvent.received_at < before,
        ),
        "emptied",
    ),
    "closed_cases": _Held(
        Message, lambda before: _said_in(before, secret=False), "erased"
    ),
    UNTOLD: _Held(Message, lambda before: _said_in(before, secret=True), "erased"),
    "drafts": _Held(Draft, lambda before: (col(Draft.case_id).in_(_closed(before)),)),
    "notifications": _Held(
        Notification, lambda before: (Notification.created_at < before,)
    ),
    "deliveries": _Held(Delivery, lambda before: (Delivery.at < before,)),
    "handovers": _Held(Handover, lambda before: (Handover.created_at < before,)),
    "bulk_acts": _Held(BulkAct, lambda before: (BulkAct.at < before,)),
}
"""Every class there is."""


@dataclass(frozen=True, slots=True)
class Due:
    """How much of a class is kept longer than it says, and how much will be within the
    days of its warning; None of secret cases."""

    name: str
    days: int
    due: int | None
    soon: int | None
    waits: bool = False
    """The first warning is too young for anything to go."""


@cache
def load(folder: Path) -> tuple[Class, ...]:
    """The classes of a configuration; none where it has no such file. ConfigError."""
    path = folder / FILE
    if not path.is_file():
        return ()
    problems: list[Problem] = []
    file = File(path, ("classes",), problems)
    found = file.entries("classes", Class, "name")
    for entry, line in found:
        if entry.name not in HELD:
            file.unknown(line, "classes", "name", entry.name, HELD)
    if problems:
        raise ConfigError(problems)
    return tuple(entry for entry, _ in found)


def due(database: Database, now: datetime, classes: tuple[Class, ...]) -> list[Due]:
    """What is kept too long, and what soon will be."""
    with database.reading() as session:
        told = _first_told(session)
        return [
            Due(
                one.name,
                one.days,
                _count(session, one, now),
                _count(session, one, now + timedelta(days=one.warn_days)),
                _waits(one, now, told),
            )
            for one in classes
        ]


def _count(session: Session, one: Class, at: datetime) -> int | None:
    if one.name == UNTOLD:
        return None
    held = HELD[one.name]
    query = select(func.count()).select_from(held.table)
    return session.exec(query.where(*held.older(_before(one, at)))).one()


def _before(one: Class, at: datetime) -> datetime:
    return at - timedelta(days=one.days)


def _first_told(session: Session) -> dict[str, datetime]:
    """When administrators were told first that something of a class will go."""
    query = select(AuditEntry.at, AuditEntry.detail).where(
        AuditEntry.subject == "retention", AuditEntry.action == "retention_warned"
    )
    first: dict[str, datetime] = {}
    for at, detail in session.exec(query):
        name = str(detail.get("name"))
        first[name] = min(at, first.get(name, at))
    return first


def _waits(one: Class, now: datetime, told: Mapping[str, datetime]) -> bool:
    if not one.warn_days:
        return False
    first = told.get(one.name)
    return first is None or now < first + timedelta(days=one.warn_days)


def warn(database: Database, now: datetime, classes: tuple[Class, ...]) -> list[str]:
    """Tell administrators, once a week, of what will go; the names of its classes."""
    coming = [one for one in due(database, now, classes) if one.soon]
    warned = {one.name: one for one in classes if one.warn_days}
    coming = [one for one in coming if one.name in warned]
    if not coming:
        return []
    with database.writing() as session:
        lately = select(Notification.id).where(
            Notification.kind == "retention",
            Notification.created_at > now - _TOLD_EVERY,
        )
        if session.exec(lately.limit(1)).first() is not None:
            return []
        for one in coming:
            record(
                session,
                SYSTEM,
                "retention_warned",
                "retention",
                0,
                name=one.name,
                rows=one.soon,
            )
        days = min(warned[one.name].warn_days for one in coming)
        rows = sum(one.soon or 0 for one in coming)
        admins = select(Person).where(Person.role == "admin", Person.status == "active")
        for person in session.exec(admins):
            notifications.notify(
                session, now, person, "retention", rows=rows, days=days
            )
    return [one.name for one in coming]


def sweep(
    database: Database,
    data_dir: Path,
    now: datetime,
    classes: tuple[Class, ...],
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """End what is kept too long, a little at a time; how many rows of which class."""
    with database.reading() as session:
        told = _first_told(session)
    ended: dict[str, int] = {}
    for one in classes:
        if _waits(one, now, told):
            continue
        held = HELD[one.name]
        most = erasure.AT_ONCE if held.ends == "erased" else _AT_ONCE
        while not stopping() and (ids := _oldest(database, one, now, most)):
            _end(database, data_dir, now, held, ids)
            ended[one.name] = ended.get(one.name, 0) + len(ids)
    return ended


def _oldest(database: Database, one: Class, now: datetime, most: int) -> list[int]:
    held = HELD[one.name]
    query = (
        select(held.table.id)
        .where(*held.older(_before(one, now)))
        .order_by(held.table.id)
        .limit(most)
    )
    with database.reading() as session:
        return [int(found) for found in session.exec(query)]


def _end(
    database: Database, data_dir: Path, now: datetime, held: _Held, ids: list[int]
) -> None:
    if held.ends == "erased":
        erasure.erase(database, data_dir, now, ids)
        return
    with database.writing() as session:
        here = held.table.id.in_(ids)
        if held.ends == "emptied":
            gone: dict[str, Any] = {"payload": {}, "reason": None, "status": "erased"}
            session.execute(update(held.table).where(here).values(gone))
        else:
            session.execute(delete(held.table).where(here))
