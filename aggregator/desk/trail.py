"""Search of the audit trail: who did what, to which case, on which days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, or_, select

from aggregator.cases import sight
from aggregator.people import readers
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.rules.time.calendar import midnight
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import AuditEntry


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; empty fields do not matter. Days are those of Western
    Indonesia, both included. `before`: only lines older than this one."""

    actor: str = ""
    action: str = ""
    number: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, the number of its case where it has one, and the name of the person or
    account it is about."""

    entry: AuditEntry
    number: str | None
    name: str = ""


def find(database: Database, viewer: Viewer, asked: Asked, limit: int) -> list[Line]:
    """The lines that fit, newest first; of secret cases those that the viewer reads."""
    query = (
        select(AuditEntry, Case.number)
        .join(Case, col(Case.id) == col(AuditEntry.case_id), isouter=True)
        .where(or_(col(AuditEntry.case_id).is_(None), sight.unhidden(viewer)))
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
        rows = session.exec(
            query.order_by(col(AuditEntry.id).desc()).limit(limit)
        ).all()
        names = _names(session, [entry for entry, _ in rows])
        others = {str(entry.detail.get("other")) for entry, _ in rows}
        secret = readers.hidden_numbers(session, others)
    return [
        Line(entry, number, names.get((entry.subject, entry.subject_id), ""))
        for entry, number in rows
        if entry.detail.get("other") not in secret
    ]


def _names(
    session: Session, entries: Sequence[AuditEntry]
) -> dict[tuple[str, int], str]:
    people = {entry.subject_id for entry in entries if entry.subject == "person"}
    accounts = {entry.subject_id for entry in entries if entry.subject == "account"}
    logins = session.exec(
        select(Person.id, Person.login).where(col(Person.id).in_(people))
    )
    found = {("person", one): login for one, login in logins}
    handles = session.exec(
        select(Account.id, Account.channel, Account.handle).where(
            col(Account.id).in_(accounts)
        )
    )
    for one, channel, handle in handles:
        found["account", one] = f"{channel} @{handle}"
    return found
