"""Who may see a case: the one place that says it.

A person sees a case when their agency is assigned to it, or their role sees every
agency.
The rule is a condition of queries, so that it holds for one case and for many alike:
`casefile` opens no case without it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session

from aggregator.people.viewers import Viewer
from aggregator.store.db import table
from aggregator.store.tables.cases import Assignment, Case

_case, _task = table(Case).c, table(Assignment).c


def is_of(agency: Any, *more: Any) -> Any:
    """The condition that a case is given to an agency, asked of each case: for queries
    that leave few cases, where all cases the agency ever had would be many more."""
    task = select_rows(_task.id).where(
        _task.case_id == _case.id, _task.agency_code == agency, *more
    )
    # of the query around it the case alone, also where that reads tasks itself
    return task.correlate(table(Case)).exists()


def among(query: Any, viewer: Viewer) -> Any:
    """Of a query over cases only those that the viewer may see; it is asked with
    `by(viewer)` among its parameters. For queries that are made once, as this is kept:
    making one takes longer than asking it."""
    return limited(query, everything=viewer.sees_all)


@cache
def limited(query: Any, *, everything: bool) -> Any:
    """`among` for whoever sees every case, or only those of their office."""
    return query if everything else query.where(is_of(bindparam("office")))


def by(viewer: Viewer) -> dict[str, Any]:
    """What `among` asks of a viewer."""
    return {} if viewer.sees_all else {"office": viewer.agency_code}


_ONE = select_rows(_case.id).where(_case.id == bindparam("case"))


def sees(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether a person may open a case that something else led to."""
    query = among(_ONE, viewer)
    if query is _ONE:  # whoever sees every case need not be asked about each
        return True
    found = session.execute(query, {"case": case.id, **by(viewer)})
    return found.first() is not None
