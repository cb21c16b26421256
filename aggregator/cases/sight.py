"""Who may see a case: the one place that says it.

A person sees a case when their agency is assigned to it, or their role sees every
agency. A secret case is seen by its readers alone (people/readers.py), whatever their
role, and nobody else can tell it from a case that is not there.
The rule is a condition of queries, so that it holds for one case and for many alike:
`casefile` opens no case without it, and lists ask it in one of the forms below.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import bindparam, or_
from sqlalchemy import select as select_rows
from sqlmodel import Session

from aggregator.people import readers
from aggregator.people.viewers import Viewer
from aggregator.store.db import table
from aggregator.store.tables.cases import Assignment, Case

_case, _task = table(Case).c, table(Assignment).c

NO_SECRET = _case.confidential.is_(False)
"""The condition that a case is none that only its readers know."""


def is_of(agency: Any, *more: Any) -> Any:
    """The condition that a case is given to an agency, asked of each case: for queries
    that leave few cases, where all cases the agency ever had would be many more."""
    task = select_rows(_task.id).where(
        _task.case_id == _case.id, _task.agency_code == agency, *more
    )
    # of the query around it the case alone, also where that reads tasks itself
    return task.correlate(table(Case)).exists()


def seen_by(viewer: Viewer, ordinary: Any = None) -> Any:
    """The condition that a viewer may see a case, for a query over cases that is made
    anew each time. `ordinary`: a narrower condition than that of their office or role,
    for a list that shows less of what is no secret."""
    if ordinary is None and not viewer.sees_all:
        ordinary = is_of(viewer.agency_code)
    return _rule(ordinary, viewer.id, viewer.agency_code, reads=viewer.reads_secret)


def unhidden(viewer: Viewer) -> Any:
    """The condition that a case is no secret from a viewer, for a query that asks for
    their office by itself."""
    return _rule(None, viewer.id, viewer.agency_code, reads=viewer.reads_secret)


def _rule(ordinary: Any, person: Any, office: Any, *, reads: bool) -> Any:
    open_to_office = NO_SECRET if ordinary is None else NO_SECRET & ordinary
    if not reads:
        return open_to_office
    return or_(open_to_office, _case.id.in_(readers.cases_of(person, office)))


def among(query: Any, viewer: Viewer) -> Any:
    """Of a query over cases only those that the viewer may see; it is asked with
    `by(viewer)` among its parameters. For queries that are made once, as this is kept:
    making one takes longer than asking it."""
    return limited(query, everything=viewer.sees_all, reads=viewer.reads_secret)


@cache
def limited(query: Any, *, everything: bool, reads: bool) -> Any:
    """`among` for whoever sees every case, or only those of their office."""
    office: Any = bindparam("office")
    ordinary = None if everything else is_of(office)
    return query.where(_rule(ordinary, bindparam("person"), office, reads=reads))


def by(viewer: Viewer) -> dict[str, Any]:
    """What `among` asks of a viewer."""
    asked: dict[str, Any] = {} if viewer.sees_all else {"office": viewer.agency_code}
    if viewer.reads_secret:
        asked |= {"office": viewer.agency_code, "person": viewer.id}
    return asked


_ONE = select_rows(_case.id).where(_case.id == bindparam("case"))


def sees(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether a person may open a case that something else led to."""
    if viewer.sees_all and not case.confidential:
        return True  # whoever sees every case need not be asked about each
    found = session.execute(among(_ONE, viewer), {"case": case.id, **by(viewer)})
    return found.first() is not None


def hides(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether a person must take a case that something else led to for none at all."""
    return case.confidential and not sees(session, viewer, case)
