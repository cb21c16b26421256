"""How somebody stops being a reader of secret cases with their access: whoever signs in
with a new link may be somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from aggregator.people import readers
from aggregator.people.notifications import notify
from aggregator.store.audit import Actor, record
from aggregator.store.tables.cases import Case, CaseReader
from aggregator.store.tables.people import Person


def end(session: Session, now: datetime, actor: Actor, person: Person) -> None:
    """The person reads nothing secret any more, and is no first reader. The other
    readers are told, who may name them again."""
    person.first_reader = False
    still: Any = (CaseReader.person_id == person.id, col(CaseReader.ended_at).is_(None))
    query = select(Case).join(CaseReader, col(CaseReader.case_id) == col(Case.id))
    cases = session.exec(query.where(*still)).all()
    session.execute(
        update(CaseReader).where(*still).values(ended_at=now, ended_by=actor.person_id)
    )
    for case in cases:
        if case.joined_into is not None:
            continue
        record(
            session,
            actor,
            "reader_removed",
            "case",
            case.id,
            who=person.login,
            reason="access",
        )
        for other in readers.of_case(session, case.id):
            notify(session, now, other, "reader_removed", case=case, who=person.name)
