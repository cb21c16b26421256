"""Search of the audit trail: who did what, to which case, on which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import col, select

from aggregator.db import Database
from aggregator.models import AuditEntry, Case
from aggregator.rules import casenumbers
from aggregator.rules.calendar import midnight


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; empty fields do not matter. Days are those of Western Indonesia, both
    included. `before`: only lines older than this one."""

    actor: str = ""
    action: str = ""
    number: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, and the number of its case where it has one."""

    entry: AuditEntry
    number: str | None


def find(database: Database, asked: Asked, limit: int) -> list[Line]:
    """The lines that fit, newest first."""
    query = select(AuditEntry, Case.number).join(
        Case, col(Case.id) == col(AuditEntry.case_id), isouter=True
    )
    if asked.actor:
        query = query.where(AuditEntry.actor == asked.actor.strip().lower())
    if asked.action:
        query = query.where(AuditEntry.action == asked.action)
    if asked.number:
        query = query.where(Case.number == casenumbers.tidy(asked.number))
    if asked.first:
        query = query.where(AuditEntry.at >= midnight(asked.first))
    if asked.last:
        query = query.where(AuditEntry.at < midnight(asked.last + timedelta(days=1)))
    if asked.before:
        query = query.where(col(AuditEntry.id) < asked.before)
    with database.reading() as session:
        rows = session.exec(query.order_by(col(AuditEntry.id).desc()).limit(limit))
        return [Line(entry, number) for entry, number in rows]
