"""Who reads secret cases: named people, and nobody of an office that a case may be
about.

Rows are written in cases/secrecy.py and cases/readership.py; here is how they are
asked, for sight (cases/sight.py) and for what people are told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import exists, or_
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from aggregator.store.db import table
from aggregator.store.tables.cases import Case, CaseConcern, CaseReader
from aggregator.store.tables.people import Notification, Person

_reader, _concern = table(CaseReader).c, table(CaseConcern).c
_told, _case, _person = table(Notification).c, table(Case).c, table(Person).c


def cases_of(person: Any, office: Any) -> Any:
    """The query of the ids of the secret cases that somebody of an office reads."""
    concerned = (
        select_rows(_concern.case_id)
        .where(_concern.case_id == _reader.case_id, _concern.agency_code == office)
        .correlate(table(CaseReader), table(Person))
        .exists()
    )
    return (
        select_rows(_reader.case_id)
        .where(_reader.person_id == person, _reader.ended_at.is_(None), ~concerned)
        .correlate(table(Person))
    )


READS_ANY = (
    select_rows(_reader.id)
    .where(_reader.person_id == _person.id, _reader.ended_at.is_(None))
    .exists()
)
"""The condition that a person reads some secret case, for a query over people."""


def may_be_told(person: Any, office: Any) -> Any:
    """The condition that a notification tells of no secret case which the person does
    not read."""
    hidden = exists().where(_case.id == _told.case_id, _case.confidential.is_(True))
    return or_(
        _told.case_id.is_(None), ~hidden, _told.case_id.in_(cases_of(person, office))
    )


def of_case(session: Session, case_id: int) -> list[Person]:
    """The people who read a secret case, by who came first."""
    concerned = select(CaseConcern.agency_code).where(CaseConcern.case_id == case_id)
    query = (
        select(Person)
        .join(CaseReader, col(CaseReader.person_id) == col(Person.id))
        .where(
            CaseReader.case_id == case_id,
            col(CaseReader.ended_at).is_(None),
            col(Person.agency_code).not_in(concerned),
            Person.status == "active",
        )
        .order_by(col(CaseReader.id))
    )
    return list(session.exec(query))


def reads(session: Session, person: Person, case: Case) -> bool:
    """Whether a case is no secret from a person."""
    return not case.confidential or bool(among(session, [person], case))


def among(session: Session, people: Iterable[Person], case: Case) -> list[Person]:
    """Of some people those from whom a case is no secret."""
    if not case.confidential:
        return list(people)
    reading = {person.id for person in of_case(session, case.id)}
    return [person for person in people if person.id in reading]


def hidden_numbers(session: Session, numbers: Collection[str]) -> set[str]:
    """Which of some case numbers stand for secret cases."""
    query = select(Case.number).where(
        col(Case.number).in_(numbers), col(Case.confidential).is_(True)
    )
    return {number or "" for number in session.exec(query)} if numbers else set()
