"""The tasks of agencies in a case: assign, accept, finish or waive, "not ours" (T3)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from aggregator.cases import casefile, deadlines
from aggregator.cases.casefile import CaseFile, Seen
from aggregator.people import holds
from aggregator.people.notifications import notify, reached
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
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
    seen: Seen | None = None,
) -> Case:
    """Bring an agency in. A new lead makes the former one a helper; nobody loses sight
    of it."""
    with casefile.acting(database, now, viewer, number, seen) as file:
        session, case = file.session, file.case
        found = session.get(Agency, agency)
        if found is None or not found.active:
            raise Refusal(
                f"there is no agency {agency!r}", "no_such_agency", agency=agency
            )
        rows = {row.agency_code: row for row in file.tasks}
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
                    case_id=file.id,
                    agency_code=agency,
                    role=wanted,
                    reason=f"person:{viewer.login}",
                    assigned_at=now,
                )
            )
        session.flush()
        deadlines.refresh(session, now, case)
        file.changed("assigned", agency=agency, role=wanted)
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
    with casefile.acting(database, now, viewer, number) as file:
        row = _task_of(file, agency)
        if row.acknowledged_at is None:
            row.acknowledged_at = now
            file.session.flush()
            deadlines.refresh(file.session, now, file.case)
            file.changed("accepted", agency=row.agency_code)
        return file.case


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
    with casefile.acting(database, now, viewer, number) as file:
        session, case = file.session, file.case
        row = _task_of(file, agency)
        finish_row(session, now, viewer, case, row, waived)
        session.flush()
        deadlines.refresh(session, now, case)
        done = "task_waived" if waived else "task_done"
        file.changed(done, agency=row.agency_code)
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


def _task_of(file: CaseFile, agency: str | None) -> Assignment:
    code = agency or file.viewer.agency_code
    if code != file.viewer.agency_code and not file.viewer.sees_all:
        raise Refusal("this is the task of another agency", "not_yours")
    for task in file.tasks:
        if task.agency_code == code and task.status == "open":
            return task
    raise Refusal(
        f"case {file.number} is no open task of {code}", "no_task", agency=code
    )


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
    with casefile.acting(database, now, viewer, number) as file:
        session, case = file.session, file.case
        row = _task_of(file, agency)
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
                case_id=file.id,
                kind=case.kind,
                agency_code=row.agency_code,
                to_agency=to,
                reason=reason.strip(),
                person_id=viewer.id,
                at=now,
            )
        )
        _bring_in(file, target, role)
        if file.is_mine:
            holds.let_go(case)
        session.flush()
        deadlines.refresh(session, now, case)
        file.changed("bounced", agency=row.agency_code, to=target)
        return case


def _bring_in(file: CaseFile, agency: str, role: str) -> None:
    row = next((task for task in file.tasks if task.agency_code == agency), None)
    if row is None:
        row = Assignment(
            case_id=file.id,
            agency_code=agency,
            reason=f"person:{file.viewer.login}",
            assigned_at=file.now,
        )
        file.session.add(row)
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
    return [row for row in deadlines.tasks_of(session, case.id) if row.status == "open"]
