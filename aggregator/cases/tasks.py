"""The tasks of agencies in a case: assign, accept, finish or waive, "not ours" (T3)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from aggregator.cases import deadlines
from aggregator.cases.casefile import acting, id_of
from aggregator.cases.claims import let_go
from aggregator.people.notifications import notify, reached
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import record
from aggregator.store.db import Database
from aggregator.store.tables.cases import Assignment, Bounce, Case
from aggregator.store.tables.city import Agency

FALLBACK_AGENCY = "diskominfo"
"""Verifies and passes on what nobody else owns (Perwal Bogor 11/2019)."""


def assign(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    agency: str,
    *,
    lead: bool = True,
    version: int | None = None,
) -> Case:
    """Bring an agency in. A new lead makes the former one a helper; nobody loses sight
    of it."""
    with database.writing() as session:
        case = acting(session, viewer, number, version)
        found = session.get(Agency, agency)
        if found is None or not found.active:
            raise Refusal(
                f"there is no agency {agency!r}", "no_such_agency", agency=agency
            )
        rows = {
            row.agency_code: row for row in deadlines.tasks_of(session, case.id or 0)
        }
        if lead:
            for row in rows.values():
                row.role = "help"
        wanted = "lead" if lead else "help"
        if agency in rows:
            rows[agency].role = wanted
            if rows[agency].status != "open":
                open_again(rows[agency])
        else:
            session.add(
                Assignment(
                    case_id=id_of(case),
                    agency_code=agency,
                    role=wanted,
                    reason=f"person:{viewer.login}",
                    assigned_at=now,
                )
            )
        case.version += 1
        session.flush()
        deadlines.refresh(session, now, case)
        record(
            session,
            viewer.actor,
            "assigned",
            "case",
            id_of(case),
            agency=agency,
            role=wanted,
        )
        return case


def accept(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    agency: str | None = None,
) -> Case:
    """An agency takes its task in hand, whoever holds the case: nobody above is told
    any more."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        row = _task_of(session, viewer, case, agency)
        if row.acknowledged_at is None:
            row.acknowledged_at = now
            case.version += 1
            session.flush()
            deadlines.refresh(session, now, case)
            record(
                session,
                viewer.actor,
                "accepted",
                "case",
                id_of(case),
                agency=row.agency_code,
            )
        return case


def finish(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    *,
    agency: str | None = None,
    waived: str | None = None,
) -> Case:
    """An agency's own task is done, or waived with a reason; the case stays open.

    Of another agency than the viewer's only by a role that sees every agency.
    """
    with database.writing() as session:
        case = acting(session, viewer, number)
        row = _task_of(session, viewer, case, agency)
        finish_row(session, now, viewer, case, row, waived)
        case.version += 1
        session.flush()
        deadlines.refresh(session, now, case)
        record(
            session,
            viewer.actor,
            "task_waived" if waived else "task_done",
            "case",
            id_of(case),
            agency=row.agency_code,
        )
        return case


def finish_row(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    row: Assignment,
    waived: str | None,
) -> None:
    """End a task. An office whose task somebody else finds needless is told: its people
    may be on their way."""
    row.status = "waived" if waived else "done"
    row.done_at, row.done_by, row.waived_reason = now, viewer.id, waived
    if waived and row.agency_code != viewer.agency_code:
        for person in reached(session, row.agency_code, now):
            notify(
                session,
                now,
                person,
                "waived",
                case=case,
                who=viewer.name,
                reason=waived,
            )


def _task_of(
    session: Session, viewer: Viewer, case: Case, agency: str | None
) -> Assignment:
    code = agency or viewer.agency_code
    if code != viewer.agency_code and not viewer.sees_all:
        raise Refusal("this is the task of another agency", "not_yours")
    row = session.exec(
        select(Assignment).where(
            Assignment.case_id == case.id, Assignment.agency_code == code
        )
    ).first()
    if row is None or row.status != "open":
        raise Refusal(
            f"case {case.number} is no open task of {code}", "no_task", agency=code
        )
    return row


def bounce(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    reason: str,
    *,
    to: str | None = None,
    agency: str | None = None,
) -> Case:
    """ "Not ours": the agency's task ends, another takes it where one is named; counted
    to teach the table of duties. Without another the case goes to whoever verifies."""
    if not reason.strip():
        raise Refusal("say why it is not yours", "empty")
    with database.writing() as session:
        case = acting(session, viewer, number)
        row = _task_of(session, viewer, case, agency)
        role, row.role = row.role, "help"
        row.status, row.done_at, row.done_by = "bounced", now, viewer.id
        row.waived_reason = reason.strip()
        target = to or FALLBACK_AGENCY
        if session.get(Agency, target) is None:
            raise Refusal(
                f"there is no agency {target!r}", "no_such_agency", agency=target
            )
        session.add(
            Bounce(
                case_id=id_of(case),
                kind=case.kind,
                agency_code=row.agency_code,
                to_agency=to,
                reason=reason.strip(),
                person_id=viewer.id,
                at=now,
            )
        )
        _bring_in(session, now, viewer, case, target, role)
        if case.claimed_by == viewer.id:
            let_go(case)
        case.version += 1
        session.flush()
        deadlines.refresh(session, now, case)
        record(
            session,
            viewer.actor,
            "bounced",
            "case",
            id_of(case),
            agency=row.agency_code,
            to=target,
        )
        return case


def _bring_in(
    session: Session, now: datetime, viewer: Viewer, case: Case, agency: str, role: str
) -> None:
    row = session.exec(
        select(Assignment).where(
            Assignment.case_id == case.id, Assignment.agency_code == agency
        )
    ).first()
    if row is None:
        row = Assignment(
            case_id=id_of(case),
            agency_code=agency,
            reason=f"person:{viewer.login}",
            assigned_at=now,
        )
        session.add(row)
    row.role = role
    open_again(row)


def open_again(row: Assignment) -> None:
    """A task given once more; when it was first given still counts."""
    row.status, row.done_at, row.done_by, row.waived_reason = "open", None, None, None


def own_open(session: Session, viewer: Viewer, case: Case) -> Assignment | None:
    """The task of the viewer's own agency, where it is not done."""
    own = (
        row for row in open_of(session, case) if row.agency_code == viewer.agency_code
    )
    return next(own, None)


def open_of_others(session: Session, viewer: Viewer, case: Case) -> list[Assignment]:
    """Tasks of other agencies that are not done: they keep a case open."""
    return [
        row for row in open_of(session, case) if row.agency_code != viewer.agency_code
    ]


def open_of(session: Session, case: Case) -> list[Assignment]:
    """Tasks that are not done. Chosen from all of the case: asked for by their state,
    SQLite would look through every open task of the city."""
    return [
        row for row in deadlines.tasks_of(session, id_of(case)) if row.status == "open"
    ]
