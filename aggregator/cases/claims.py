"""One person's time-limited hold on a case: take, give back, take over.

The claim is one conditional UPDATE, so of two at one moment one wins.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col

from aggregator.cases import deadlines
from aggregator.cases.casefile import acting, id_of
from aggregator.cases.waiting import _LONGEST_REASON
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import record
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Person


def claim(
    database: Database, now: datetime, viewer: Viewer, number: str, minutes: int = 120
) -> Case:
    """Take the case, or prolong one's own hold. Refusal `claimed` names the
    holder."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise Refusal(f"case {case.number} is closed; reopen it first", "closed")
        won = session.execute(
            update(Case)
            .where(
                col(Case.id) == case.id,
                or_(
                    col(Case.claimed_by).is_(None),
                    col(Case.claimed_by) == viewer.id,
                    col(Case.claim_expires_at) < now,
                ),
            )
            .values(
                claimed_by=viewer.id,
                claimed_at=now,
                claim_expires_at=now + timedelta(minutes=minutes),
                version=Case.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
        session.refresh(case)
        if won.rowcount != 1:  # type: ignore[attr-defined]
            holder = session.get_one(Person, case.claimed_by)
            raise Refusal(
                f"{holder.name} took case {case.number} first",
                "claimed",
                holder=holder.name,
            )
        _acknowledge(session, now, viewer, case)
        record(session, viewer.actor, "claimed", "case", id_of(case))
        return case


def _acknowledge(session: Session, now: datetime, viewer: Viewer, case: Case) -> None:
    """Somebody of an agency took the case in hand: nobody above needs to be told any
    more."""
    for row in deadlines.tasks_of(session, id_of(case)):
        if row.agency_code == viewer.agency_code:
            row.acknowledged_at = row.acknowledged_at or now


def release(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    """Give the case back to the queue. Only its holder, or a role that sees every
    agency."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.claimed_by is None:
            raise Refusal(f"nobody holds case {case.number}", "not_claimed")
        if case.claimed_by != viewer.id and not viewer.sees_all:
            holder = session.get_one(Person, case.claimed_by)
            raise Refusal(
                f"{holder.name} holds the case", "claimed", holder=holder.name
            )
        let_go(case)
        record(session, viewer.actor, "released", "case", id_of(case))
        return case


def let_go(case: Case) -> None:
    case.claimed_by = case.claimed_at = case.claim_expires_at = None
    case.version += 1


def take_over(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    reason: str,
    minutes: int = 120,
) -> Case:
    """Take a case out of a colleague's hands; they are told why. Refusal without a
    reason."""
    if not reason.strip():
        raise Refusal("say why you take it over", "reason_needed")
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise Refusal(f"case {case.number} is closed; reopen it first", "closed")
        former = session.get(Person, case.claimed_by) if case.claimed_by else None
        case.claimed_by, case.claimed_at = viewer.id, now
        case.claim_expires_at = now + timedelta(minutes=minutes)
        case.version += 1
        _acknowledge(session, now, viewer, case)
        if former is not None and former.id != viewer.id:
            said = reason.strip()[:_LONGEST_REASON]
            notify(
                session, now, former, "claim", case=case, who=viewer.name, reason=said
            )
        record(
            session,
            viewer.actor,
            "taken_over",
            "case",
            id_of(case),
            former=former.login if former else None,
        )
        return case
