"""What happens to a case when it becomes secret, and what the public may know of
one."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, or_, select

from aggregator.cases import deadlines, groups
from aggregator.people import holds
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.twins import IncidentCase, Suggestion


def withdraw(session: Session, case: Case, owners: Collection[str]) -> None:
    """Take a case that has become secret from everybody but its owners: the office a
    resident complains about may be among them."""
    for row in deadlines.tasks_of(session, case.id or 0):
        if row.agency_code not in owners:
            session.delete(row)
            record(
                session,
                SYSTEM,
                "withdrawn",
                "case",
                case.id or 0,
                agency=row.agency_code,
            )
    session.flush()
    holds.let_go(case)
    set_apart(session, case)


def set_apart(session: Session, case: Case) -> None:
    """Nothing that others read leads to it: no incident it is part of, and no case like
    it, whose words would tell what is said in this one."""
    pairs = select(Suggestion).where(
        Suggestion.state == "open",
        or_(col(Suggestion.case_id) == case.id, col(Suggestion.other_id) == case.id),
    )
    for pair in session.exec(pairs).all():
        session.delete(pair)
    for member in session.exec(
        select(IncidentCase).where(IncidentCase.case_id == case.id)
    ).all():
        session.delete(member)
        record(
            session,
            SYSTEM,
            "out_of_incident",
            "case",
            case.id or 0,
            incident=member.incident_id,
        )
    session.flush()


def is_secret(database: Database, number: str) -> bool:
    """Whether the case of a number, or the whole it is part of, is secret: then nobody
    is told by its number alone which office has it."""
    with database.reading() as session:
        case = session.exec(select(Case).where(Case.number == number)).first()
        return case is not None and groups.whole(session, case).confidential
