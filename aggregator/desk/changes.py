"""What has changed lately, by case and by office: what open pages are told of."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from aggregator.cases import sight
from aggregator.store.db import Database, Reads, table
from aggregator.store.tables.cases import Assignment, Case, CaseReader
from aggregator.store.tables.intake import Message
from aggregator.store.tables.store import AuditEntry

State = tuple[int, int]
"""The newest line of the audit trail and the newest message; both only grow."""

NEWEST = tuple(
    select_rows(func.max(table(of).c.id)).scalar_subquery()
    for of in (AuditEntry, Message)
)
"""The columns of a state, for a query that asks for more."""
_NEWEST = select_rows(*NEWEST)
_AMONG: Any = bindparam("ids", expanding=True)
_case, _task, _reader = table(Case).c, table(Assignment).c, table(CaseReader).c
_SECRET = select_rows(_case.id).where(_case.id.in_(_AMONG), ~sight.NO_SECRET)
_AGENCIES = select_rows(_task.agency_code).where(_task.case_id.in_(_AMONG)).distinct()
_READERS = (
    select_rows(_reader.person_id)
    .where(_reader.case_id.in_(_AMONG), _reader.ended_at.is_(None))
    .distinct()
)
_OVERLAP = 64
"""PostgreSQL commits rows in another order than it numbers them: so many are looked at
again."""
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Changed:
    """`seen`: rows that were looked at, for the next look. `everybody`: no case tells
    whom it concerns, or there are too many to say. `city`: something that is no secret.
    `readers`: who reads the secret cases among them, as no office does."""

    state: State
    seen: frozenset[tuple[str, int]]
    cases: frozenset[int] = frozenset()
    agencies: frozenset[str] = frozenset()
    city: bool = False
    readers: frozenset[int] = frozenset()
    everybody: bool = False


def state(source: Reads) -> State:
    """Grows with every act and every message."""
    with source.reading() as session:
        newest_act, newest_message = session.execute(_NEWEST).one()
    return newest_act or 0, newest_message or 0


def now(database: Database) -> Changed:
    """Where a watch begins."""
    return since(database, state(database), frozenset())


def since(database: Database, before: State, seen: Set[tuple[str, int]]) -> Changed:
    """What changed after `before`, save the rows that an earlier look has `seen`."""
    with database.reading() as session:
        rows = _rows(session, before)
        fresh = rows.keys() - seen
        newest = [
            max((n for sort, n in rows if sort == one), default=0)
            for one in ("act", "said")
        ]
        latest = max(before[0], newest[0]), max(before[1], newest[1])
        touched = {
            rows[key] for key in fresh if key[0] == "act" or rows[key] is not None
        }
        cases = frozenset(case for case in touched if case is not None)
        if len(fresh) > _MOST:
            return Changed(latest, frozenset(rows), everybody=True)
        if not cases:
            return Changed(latest, frozenset(rows), everybody=None in touched)
        secret = set(session.execute(_SECRET, {"ids": list(cases)}).scalars())
        here = {"ids": list(cases - secret)}
        told = {"ids": list(secret)}
        return Changed(
            latest,
            frozenset(rows),
            cases,
            frozenset(session.execute(_AGENCIES, here).scalars()),
            city=cases != secret,
            readers=frozenset(session.execute(_READERS, told).scalars())
            if secret
            else frozenset(),
            everybody=None in touched,
        )


def _rows(session: Session, before: State) -> dict[tuple[str, int], int | None]:
    """Lines and messages after `before` and shortly before it, with their cases."""
    acts = select(AuditEntry.id, AuditEntry.case_id).where(
        col(AuditEntry.id) > before[0] - _OVERLAP
    )
    said = select(Message.id, Message.case_id).where(
        col(Message.id) > before[1] - _OVERLAP
    )
    found: dict[tuple[str, int], int | None] = {}
    for sort, query in (("act", acts), ("said", said)):
        found |= {(sort, number): case for number, case in session.exec(query)}
    return found
