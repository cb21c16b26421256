"""A case opened by somebody: who may see it and act on it.

A person sees a case when their agency is assigned to it, or their role sees every
agency. Every act begins with `acting`: the case, the rights and the version at once.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, or_
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from aggregator.cases import deadlines
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store.db import once_a_look, table
from aggregator.store.tables.cases import Assignment, Case

_BY_NUMBER = select(Case).where(col(Case.number) == bindparam("number"))


_TO_ACT_ON = _BY_NUMBER.with_for_update().execution_options(populate_existing=True)
"""Read as it is now, whatever the transaction has read before, and kept from others."""


@once_a_look
def find_in(session: Session, viewer: Viewer, typed: str) -> Case:
    """The case with this number, if the viewer may see it. Refusal."""
    return _found(session, viewer, typed, _BY_NUMBER)


def _found(session: Session, viewer: Viewer, typed: str, query: Any) -> Case:
    number = casenumbers.tidy(typed)
    if not casenumbers.is_valid(number):
        raise Refusal(f"{typed!r} is not a case number: a digit is wrong", "bad_number")
    case: Case | None = session.exec(query, params={"number": number}).first()
    if case is None:
        raise Refusal(f"there is no case {number}", "no_such_case")
    if not sees(session, viewer, case):
        raise Refusal(f"case {number} belongs to another agency", "not_yours")
    return case


def sees(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether a person may open a case: one of their office's, or of any for some
    roles."""
    if viewer.sees_all:
        return True
    tasks = deadlines.tasks_of(session, id_of(case))
    return any(task.agency_code == viewer.agency_code for task in tasks)


_case, _task = table(Case).c, table(Assignment).c


def is_of(agency: Any, *more: Any) -> Any:
    """The condition that a case is given to an agency, asked of each case: for queries
    that leave few cases, where all cases the agency ever had would be many more."""
    task = select_rows(_task.id).where(
        _task.case_id == _case.id, _task.agency_code == agency, *more
    )
    return task.exists()


def unheld(now: Any) -> Any:
    """The condition that nobody has a case in hand."""
    return or_(_case.claimed_by.is_(None), _case.claim_expires_at < now)


def lead(session: Session, case: Case) -> str | None:
    """The agency that leads a case."""
    query = select(Assignment.agency_code).where(
        Assignment.case_id == case.id, Assignment.role == "lead"
    )
    return session.exec(query).first()


def acting(
    session: Session, viewer: Viewer, number: str, version: int | None = None
) -> Case:
    """The case for an act inside a transaction of the caller's. Refusal."""
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    case = _found(session, viewer, number, _TO_ACT_ON)
    if case.joined_into is not None:
        whole = session.get_one(Case, case.joined_into).number
        raise Refusal(
            f"case {case.number} is part of case {whole}", "joined", into=whole
        )
    if version is not None and case.version != version:
        raise Refusal(
            f"case {case.number} has changed since you opened it; look at it again",
            "changed",
        )
    return case


def id_of(case: Case) -> int:
    assert case.id is not None
    return case.id
