"""One act over many cases: what it would change, doing it, and taking it back for a
while.

Every case is an act and an audit line of its own; one that cannot be changed is left
out with its reason and stops none of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select

from aggregator.cases import casefile, claims, closing, tasks, triage
from aggregator.cases.casefile import CaseFile
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import record
from aggregator.store.db import Database, Reads
from aggregator.store.tables.cases import BulkAct, Case
from aggregator.store.tables.city import Agency

ACTS = ("ambil", "tugaskan", "selesai", "golongan")
MOST = 300
"""At most so many cases at once; the page says when a filter finds more."""
UNDO_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. `value`: the agency or the class; without one a class is
    confirmed."""

    act: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers that change, and those left out with the code of their reason."""

    changed: list[str]
    skipped: dict[str, str]


def preview(
    database: Database,
    now: datetime,
    viewer: Viewer,
    order: Order,
    numbers: Sequence[str],
) -> Outcome:
    """What `apply` would do now; changes nothing. Refusal."""
    _check(database, viewer, order)
    outcome = Outcome([], {})
    with database.reading() as session:
        for number in numbers[:MOST]:
            try:
                file = casefile.read_in(session, now, viewer, number)
                reason = _obstacle(file, order)
            except Refusal as error:
                reason = error.code
            if reason is None:
                outcome.changed.append(number)
            else:
                outcome.skipped[number] = reason
    return outcome


def _check(database: Database, viewer: Viewer, order: Order) -> None:
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    if order.act not in ACTS:
        raise Refusal(f"there is no act {order.act!r}", "no_such_act")
    if order.act == "tugaskan":
        with database.reading() as session:
            found = session.get(Agency, order.value)
            if found is None or not found.active:
                raise Refusal(f"there is no agency {order.value!r}", "no_such_agency")


def _obstacle(file: CaseFile, order: Order) -> str | None:
    case, now = file.case, file.now
    if case.joined_into is not None:
        return "joined"
    if case.status == "closed" and order.act in ("ambil", "selesai"):
        return "closed"
    held = case.claimed_by is not None and (case.claim_expires_at or now) >= now
    if held and not file.is_mine and order.act in ("ambil", "selesai"):
        return "claimed_by_other"
    if order.act == "ambil" and held:
        return "nothing_to_change"
    if order.act == "tugaskan" and file.lead == order.value:
        return "nothing_to_change"
    if order.act == "golongan" and case.confirmed and order.value in ("", case.klass):
        return "nothing_to_change"
    return None


def apply(
    database: Database,
    now: datetime,
    viewer: Viewer,
    order: Order,
    numbers: Sequence[str],
    query: str = "",
    minutes: int = 120,
) -> tuple[int, Outcome]:
    """Do it case by case; the id of the act, to take it back, and what became of each.
    Refusal."""
    planned = preview(database, now, viewer, order, numbers)
    outcome = Outcome([], dict(planned.skipped))
    before: dict[str, Any] = {}
    for number in planned.changed:
        was = _state(database, now, viewer, number)
        try:
            done = _do(database, now, viewer, order, number, minutes)
        except Refusal as error:
            outcome.skipped[number] = error.code
            continue
        before[number] = {**was, "version": done.version}
        outcome.changed.append(number)
    with database.writing() as session:
        act = BulkAct(
            person_id=viewer.id, act=order.act, query=query, before=before, at=now
        )
        session.add(act)
        session.flush()
        record(
            session,
            viewer.actor,
            "bulk",
            "bulk_act",
            act.id,
            act=order.act,
            changed=len(outcome.changed),
            skipped=len(outcome.skipped),
        )
        return act.id, outcome


def _state(
    database: Database, now: datetime, viewer: Viewer, number: str
) -> dict[str, Any]:
    with casefile.reading(database, now, viewer, number) as file:
        return {
            "lead": file.lead,
            "klass": file.case.klass,
            "confirmed": file.case.confirmed,
        }


def _do(
    database: Database,
    now: datetime,
    viewer: Viewer,
    order: Order,
    number: str,
    minutes: int,
) -> Case:
    if order.act == "ambil":
        return claims.claim(database, now, viewer, number, minutes)
    if order.act == "tugaskan":
        return tasks.assign(database, now, viewer, number, order.value)
    if order.act == "selesai":
        return closing.close(database, now, viewer, number)
    return triage.confirm(database, now, viewer, number, klass=order.value or None)


_NEWEST = (
    select(BulkAct)
    .where(
        col(BulkAct.person_id) == bindparam("person"),
        col(BulkAct.at) > bindparam("since"),
        col(BulkAct.undone_at).is_(None),
    )
    .order_by(col(BulkAct.id).desc())
    .limit(1)
)


def newest(source: Reads, now: datetime, viewer: Viewer) -> BulkAct | None:
    """The viewer's last act over many cases, while it can be taken back."""
    with source.reading() as session:
        here = {"person": viewer.id, "since": now - UNDO_WITHIN}
        return session.exec(_NEWEST, params=here).first()


def undo(database: Database, now: datetime, viewer: Viewer, act_id: int) -> Outcome:
    """Take an act back where nothing has happened to a case since. Refusal
    `too_late`."""
    with database.writing() as session:
        act = session.get(BulkAct, act_id)
        if act is None or act.person_id != viewer.id:
            raise Refusal("there is no such act of yours", "no_such_act")
        if act.undone_at is not None or act.at <= now - UNDO_WITHIN:
            raise Refusal("it can no longer be taken back", "undo_over")
        act.undone_at = now
        record(session, viewer.actor, "bulk_undone", "bulk_act", act_id)
    outcome = Outcome([], {})
    for number, was in act.before.items():
        try:
            _undo_one(database, now, viewer, act.act, number, was)
        except Refusal as error:
            outcome.skipped[number] = error.code
        else:
            outcome.changed.append(number)
    return outcome


def _undo_one(
    database: Database,
    now: datetime,
    viewer: Viewer,
    act: str,
    number: str,
    was: dict[str, Any],
) -> None:
    with casefile.reading(database, now, viewer, number) as file:
        if file.case.version != was["version"]:
            raise Refusal(f"case {number} has changed since", "changed")
    if act == "ambil":
        claims.release(database, now, viewer, number)
    elif act == "selesai":
        closing.reopen(database, now, viewer, number)
    elif act == "tugaskan" and was["lead"]:
        tasks.assign(database, now, viewer, number, was["lead"])
    elif act == "golongan":
        _unconfirm(database, now, viewer, number, was)


def _unconfirm(
    database: Database, now: datetime, viewer: Viewer, number: str, was: dict[str, Any]
) -> None:
    if was["klass"]:
        triage.confirm(database, now, viewer, number, klass=was["klass"])
    with casefile.acting(database, now, viewer, number) as file:
        file.case.confirmed = bool(was["confirmed"])
        file.changed("classified", confirmed=file.case.confirmed)
