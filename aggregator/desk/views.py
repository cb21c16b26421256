"""Filters of the queue kept under a name: a person's own, or shared with their
agency."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl

from sqlalchemy import bindparam
from sqlmodel import col, or_, select

from aggregator.desk import filters
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database, Reads
from aggregator.store.tables.desk import SavedView

LONGEST_NAME = 60
MOST = 30


_OF_VIEWER = (
    select(SavedView)
    .where(
        or_(
            col(SavedView.person_id) == bindparam("person"),
            col(SavedView.agency_code) == bindparam("agency"),
        )
    )
    .order_by(col(SavedView.name), col(SavedView.id))
)


def of_viewer(source: Reads, viewer: Viewer) -> list[SavedView]:
    """Their own and those their agency shares, by name."""
    with source.reading() as session:
        here = {"person": viewer.id, "agency": viewer.agency_code}
        return list(session.exec(_OF_VIEWER, params=here))


def save(
    database: Database,
    now: datetime,
    viewer: Viewer,
    name: str,
    query: str,
    *,
    shared: bool,
) -> SavedView:
    """Keep the filter of an address; the same name again replaces one's own.
    Refusal."""
    title = " ".join(name.split())[:LONGEST_NAME]
    if not title:
        raise Refusal("a view needs a name", "name_needed")
    known = filters.parse(dict(parse_qsl(query))).query()
    with database.writing() as session:
        own = session.exec(
            select(SavedView).where(SavedView.person_id == viewer.id)
        ).all()
        view = next((one for one in own if one.name == title), None)
        if view is None:
            if len(own) >= MOST:
                raise Refusal(
                    f"at most {MOST} views; remove one first", "too_many_views"
                )
            view = SavedView(
                person_id=viewer.id, name=title, query=known, created_at=now
            )
        view.query = known
        view.agency_code = viewer.agency_code if shared else None
        session.add(view)
        session.flush()
        return view


def remove(database: Database, viewer: Viewer, view_id: int) -> None:
    """One's own; those of colleagues stay. Refusal."""
    with database.writing() as session:
        view = session.get(SavedView, view_id)
        if view is None or view.person_id != viewer.id:
            raise Refusal("there is no such view of yours", "no_such_view")
        session.delete(view)
