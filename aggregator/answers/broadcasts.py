"""One statement to everybody who reported an incident: the notices of all its cases at
once.

Who owns the incident sends it, also for cases that colleagues hold: they see it in
their case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from aggregator.answers import notices, outward
from aggregator.cases import groups
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.answers import Notice
from aggregator.store.tables.cases import Case
from aggregator.twins import incidents


@dataclass(frozen=True, slots=True)
class ForCase:
    """What the reporters of one member case would be told."""

    case: Case
    planned: list[notices.Planned]


def plan(
    session: Session, now: datetime, viewer: Viewer, shown: incidents.Shown, text: str
) -> list[ForCase]:
    """Each open member case with one entry a reporter; sends and writes nothing.
    Refusal `empty`."""
    greeted: dict[int, int] = defaultdict(int)
    wholes = {
        whole.id: whole
        for case in shown.cases
        if (whole := groups.whole(session, case))
    }
    return [
        ForCase(case, notices.plan(session, now, viewer, case, text, greeted))
        for case in wholes.values()
        if case.status != "closed" and not case.confidential
    ]


def queue(
    database: Database,
    now: datetime,
    viewer: Viewer,
    incident_id: int,
    text: str,
    *,
    key: str,
    without: Sequence[int] = (),
    although: str | None = None,
) -> list[Notice]:
    """Queue the statement for every reporter that can be told; the same key again is
    the same. `although`: why what is surely personal in it must go out. Refusal:
    no_such_incident, not_owner, wrong_state, nobody, empty, personal_data_stopped."""
    with database.writing() as session:
        prefix = f"{_prefix(incident_id)}{key}:"
        known = list(session.exec(select(Notice).where(_begins(prefix))))
        if known:
            return known
        incidents.acting(session, viewer, incident_id)
        shown = incidents.find(session, now, viewer, incident_id)
        written = []
        said = outward.clear(text.strip(), although)
        for one in plan(session, now, viewer, shown, said.text):
            planned = notices.leave_out(one.planned, without)
            if any(entry.left_out is None for entry in planned):
                own_key = f"{prefix}{one.case.id}"
                written.append(
                    notices.write(
                        session, now, viewer, one.case, said, planned, key=own_key
                    )
                )
        if not written:
            raise Refusal("nobody of this incident can be told this", "nobody")
        return written


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What everybody was told once. `rows`: what became of it, reporter by reporter."""

    at: datetime
    text: str
    rows: list[notices.Told]


def told(session: Session, shown: incidents.Shown) -> list[Broadcast]:
    """What was sent for an incident, the newest first."""
    query = select(Notice).where(_begins(_prefix(shown.incident.id)))
    rows = session.exec(query.order_by(col(Notice.created_at).desc(), col(Notice.id)))
    return [
        Broadcast(
            at, text, [one for row in group for one in notices.told(session, row.id)]
        )
        for (at, text), group in groupby(
            rows, key=lambda row: (row.created_at, row.text)
        )
    ]


def _prefix(incident_id: int) -> str:
    return f"incident-{incident_id}-"


def _begins(prefix: str) -> ColumnElement[bool]:
    return col(Notice.key).startswith(prefix, autoescape=True)
