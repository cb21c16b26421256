"""Pairs of cases that may be one problem, and what people have decided about them (T3).

A decision about a pair is one row, the later case first: open, joined or refused ("not
the same").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from aggregator.cases import casefile, deadlines, groups, sight
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import Actor
from aggregator.store.db import Database, lock_processing, uncounted
from aggregator.store.tables.cases import Case
from aggregator.store.tables.twins import Suggestion
from aggregator.store.versions import changed


def not_the_same(
    database: Database, now: datetime, viewer: Viewer, number: str, other: str
) -> None:
    """Remember that two cases are two problems. Refusal `same_case`."""
    with database.writing() as session:
        lock_processing(session)
        one = casefile.act_in(session, now, viewer, number).case
        two = casefile.act_in(session, now, viewer, other).case
        if one.id == two.id:
            raise Refusal("this is one case", "same_case")
        decide(session, now, viewer.actor, one, two, "refused")
        for case, against in ((one, two), (two, one)):
            changed(session, viewer.actor, "not_the_same", case, other=against.number)


def perhaps_the_same(
    database: Database, now: datetime, viewer: Viewer, number: str, other: str
) -> None:
    """Take "not the same" back: the pair is suggested again, if anything ever spoke for
    it. Refusal `undone` where nobody has said it."""
    with database.writing() as session:
        lock_processing(session)
        one = casefile.act_in(session, now, viewer, number).case
        two = casefile.act_in(session, now, viewer, other).case
        row = of_pair(session, one.id, two.id)
        if row is None or row.state != "refused":
            raise Refusal("nobody has said that these are not the same", "undone")
        undecide(session, now, one, two, "open" if row.reasons else None)
        for case, against in ((one, two), (two, one)):
            told = {"other": against.number}
            changed(session, viewer.actor, "perhaps_the_same", case, **told)


def of_pair(session: Session, one: int, two: int) -> Suggestion | None:
    """What is known of two cases, by their ids."""
    later, earlier = max(one, two), min(one, two)
    return session.exec(
        select(Suggestion).where(
            Suggestion.case_id == later, Suggestion.other_id == earlier
        )
    ).first()


def decide(
    session: Session, now: datetime, actor: Actor, one: Case, two: Case, state: str
) -> str | None:
    """Write a decision about a pair; what was known of it before (None: nothing)."""
    row = of_pair(session, one.id, two.id)
    before = row.state if row else None
    if row is None:
        row = Suggestion(
            case_id=max(one.id, two.id),
            other_id=min(one.id, two.id),
            score=0.0,
            reasons=[],
            created_at=now,
        )
        session.add(row)
    row.state, row.decided_at, row.decided_by = state, now, actor.person_id
    session.flush()
    return before


def undecide(
    session: Session, now: datetime, one: Case, two: Case, before: str | None
) -> None:
    row = of_pair(session, one.id, two.id)
    if row is None:
        return
    if before is None:
        session.delete(row)
        return
    row.state, row.decided_at = before, now
    if before == "open":
        row.decided_at, row.decided_by = None, None


@dataclass(frozen=True, slots=True)
class Suggested:
    """Two open cases that may be one. `case` is the later; reasons as in
    `Suggestion.reasons`."""

    suggestion: Suggestion
    case: Case
    other: Case


def open_pairs(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str | None = None,
    limit: int = 50,
) -> list[Suggested]:
    """Open suggestions among cases the viewer sees, the likeliest first; of one case,
    or all."""
    with database.reading() as session:
        query = (
            select(Suggestion).where(Suggestion.state == "open").order_by(*_LIKELIEST)
        )
        if number is not None:
            file = casefile.read_in(session, now, viewer, number)
            query = open_of(groups.ids(session, file.id))
        return _worth_showing(session, viewer, session.exec(query), limit)


_LIKELIEST = (col(Suggestion.score).desc(), col(Suggestion.id))


def open_of(ids: Sequence[int]) -> Any:
    """The query of open suggestions in which one of these cases stands, the likeliest
    first."""
    pairs = or_(col(Suggestion.case_id).in_(ids), col(Suggestion.other_id).in_(ids))
    query = select(Suggestion).where(uncounted(col(Suggestion.state)) == "open", pairs)
    return query.order_by(*_LIKELIEST)


def _worth_showing(
    session: Session, viewer: Viewer, rows: Iterable[Suggestion], limit: int
) -> list[Suggested]:
    """Each pair of wholes once, if both are open and nobody said that they are not the
    same."""
    seen: set[tuple[int, int]] = set()
    found: list[Suggested] = []
    for row in rows:
        one = groups.whole(session, session.get_one(Case, row.case_id))
        two = groups.whole(session, session.get_one(Case, row.other_id))
        key = (max(one.id, two.id), min(one.id, two.id))
        if one.id == two.id or key in seen or not _both_open(one, two):
            continue
        seen.add(key)
        if not (sight.sees(session, viewer, one) and sight.sees(session, viewer, two)):
            continue
        if not groups.told_apart(session, *key):
            found.append(Suggested(row, one, two))
        if len(found) == limit:
            break
    return found


def _both_open(one: Case, two: Case) -> bool:
    return all(
        case.status in deadlines.OPEN and not case.confidential for case in (one, two)
    )
