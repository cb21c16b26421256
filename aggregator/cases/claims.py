"""One person's time-limited hold on a case: take, give back, take over.

The claim is one conditional UPDATE, so of two at one moment one wins.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import col

from aggregator.cases import casefile
from aggregator.cases.casefile import CaseFile
from aggregator.people import holds
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store import versions
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Person

_LONGEST_REASON = 300


def claim(
    database: Database, now: datetime, viewer: Viewer, number: str, minutes: int = 120
) -> Case:
    """Take the case, or prolong one's own hold. Refusal `claimed` names the
    holder."""
    with casefile.acting(database, now, viewer, number) as file:
        claim_in(file, minutes)
        return file.case


def claim_in(file: CaseFile, minutes: int) -> None:
    """The same in the transaction of a case that is open. Refusal."""
    session, case = file.session, file.case
    _check_open(case)
    won = session.execute(
        update(Case)
        .where(
            col(Case.id) == case.id,
            or_(
                col(Case.claimed_by).is_(None),
                col(Case.claimed_by) == file.viewer.id,
                col(Case.claim_expires_at) < file.now,
            ),
        )
        .values(
            claimed_by=file.viewer.id,
            claimed_at=file.now,
            claim_expires_at=file.now + timedelta(minutes=minutes),
            version=versions.next_of(Case),
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
    _acknowledge(file)
    file.record("claimed")


def _check_open(case: Case) -> None:
    if case.status == "closed":
        raise Refusal(f"case {case.number} is closed; reopen it first", "closed")


def _acknowledge(file: CaseFile) -> None:
    """Somebody of an agency took the case in hand: nobody above needs to be told any
    more."""
    for task in file.tasks:
        if task.agency_code == file.viewer.agency_code:
            task.acknowledged_at = task.acknowledged_at or file.now


def release(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    """Give the case back to the queue. Only its holder, or a role that sees every
    agency."""
    with casefile.acting(database, now, viewer, number) as file:
        case = file.case
        if case.claimed_by is None:
            raise Refusal(f"nobody holds case {case.number}", "not_claimed")
        if not file.is_mine and not viewer.sees_all:
            holder = file.session.get_one(Person, case.claimed_by)
            raise Refusal(
                f"{holder.name} holds the case", "claimed", holder=holder.name
            )
        holds.give_back(file.session, viewer.actor, case)
        return case


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
    with casefile.acting(database, now, viewer, number) as file:
        session, case = file.session, file.case
        _check_open(case)
        former = session.get(Person, case.claimed_by) if case.claimed_by else None
        case.claimed_by, case.claimed_at = viewer.id, now
        case.claim_expires_at = now + timedelta(minutes=minutes)
        _acknowledge(file)
        if former is not None and former.id != viewer.id:
            said = reason.strip()[:_LONGEST_REASON]
            notify(
                session, now, former, "claim", case=case, who=viewer.name, reason=said
            )
        file.changed("taken_over", former=former.login if former else None)
        return case
