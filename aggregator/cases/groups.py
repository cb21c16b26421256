"""Cases that were joined, read as one: which they are, when their clocks stood still.

A joined case keeps its own row, tasks and pauses, so that undoing a join has nothing to
put together again. What the whole owes follows from all of its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, or_
from sqlalchemy import case as case_when
from sqlmodel import Session, col, select

from aggregator.store.db import uncounted
from aggregator.store.tables.cases import Case, CasePause
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import CaseLink, Suggestion

_FOREVER = datetime.max.replace(tzinfo=UTC)
# Queries of every page are made once: making one takes longer than asking it.
_JOINED = select(Case).where(
    col(Case.joined_into).in_(bindparam("level", expanding=True))
)
_PAUSES = (
    select(CasePause)
    .where(col(CasePause.case_id) == bindparam("case"))
    .order_by(col(CasePause.started_at))
)


def whole(session: Session, case: Case) -> Case:
    """The case that holds everything of this one; itself where it is not joined."""
    while case.joined_into is not None:
        case = session.get_one(Case, case.joined_into)
    return case


def parts(session: Session, case_id: int) -> list[Case]:
    """Every case that was joined into this one, directly or by another."""
    found: list[Case] = []
    level = [case_id]
    while level:
        rows = session.exec(_JOINED, params={"level": level}).all()
        found += rows
        level = [row.id for row in rows]
    return found


def ids(session: Session, case_id: int) -> list[int]:
    """Of a case and of everything that was joined into it."""
    return [case_id, *(part.id for part in parts(session, case_id))]


def told_apart(session: Session, case_id: int, other_id: int) -> bool:
    """Whether a person has said that these two, or parts of them, are not the same."""
    one, two = ids(session, case_id), ids(session, other_id)
    first, second = col(Suggestion.case_id), col(Suggestion.other_id)
    query = select(Suggestion.id).where(
        uncounted(col(Suggestion.state)) == "refused",
        or_(first.in_(one) & second.in_(two), first.in_(two) & second.in_(one)),
    )
    return session.exec(query.limit(1)).first() is not None


def sources(session: Session, case_id: int) -> list[Case]:
    """The cases joined into this one directly, by a join that stands."""
    query = (
        select(Case)
        .join(CaseLink, col(CaseLink.source_id) == col(Case.id))
        .where(
            CaseLink.kind == "join",
            CaseLink.target_id == case_id,
            Case.joined_into == case_id,
            col(CaseLink.undone_at).is_(None),
        )
    )
    return list(session.exec(query))


def own_opening(session: Session, case: Case) -> datetime:
    """When the first message of a case came, whatever was joined into it."""
    first = (
        session.get(Message, case.first_message_id) if case.first_message_id else None
    )
    return first.created_at if first else case.opened_at


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a whole: from its first message to its joining, and when it waited
    meanwhile."""

    start: datetime
    end: datetime
    pauses: tuple[CasePause, ...]

    def lives(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def pause_at(self, at: datetime) -> CasePause | None:
        return next(
            (
                one
                for one in self.pauses
                if one.started_at <= at < (one.ended_at or _FOREVER)
            ),
            None,
        )


def own_pauses(session: Session, case_id: int) -> list[CasePause]:
    """The pauses of one case, the oldest first, without those of its parts."""
    return list(session.exec(_PAUSES, params={"case": case_id}))


def pauses_of(session: Session, case: Case) -> list[CasePause]:
    """When the clocks of a case stood still; with joined parts only while all of them
    waited."""
    own = own_pauses(session, case.id)
    return pauses_with(session, case, own, parts(session, case.id))


def pauses_with(
    session: Session, case: Case, own: list[CasePause], joined: Sequence[Case]
) -> list[CasePause]:
    """`pauses_of` for whoever knows its own pauses and its parts."""
    if not joined:
        return own
    ends = _joined_at(session, [part.id for part in joined])
    spans = [Span(own_opening(session, case), _FOREVER, tuple(own))]
    for part in joined:
        mine = own_pauses(session, part.id)
        start = own_opening(session, part)
        spans.append(Span(start, ends.get(part.id, start), tuple(mine)))
    return common_pauses(spans)


def _joined_at(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    query = select(CaseLink.source_id, CaseLink.at).where(
        col(CaseLink.source_id).in_(ids),
        CaseLink.kind == "join",
        col(CaseLink.undone_at).is_(None),
    )
    return dict(session.exec(query).all())


def common_pauses(spans: Sequence[Span]) -> list[CasePause]:
    """The times at which every part that lived then waited: no join moves a deadline
    back."""
    marks = {mark for span in spans for mark in (span.start, span.end)}
    for span in spans:
        for pause in span.pauses:
            marks |= {pause.started_at, pause.ended_at or _FOREVER}
    edges = sorted(marks)
    found: list[CasePause] = []
    for start, end in pairwise(edges):
        lived = [span for span in spans if span.lives(start)]
        waited = [held for span in lived if (held := span.pause_at(start)) is not None]
        if not waited or len(waited) < len(lived):
            continue
        first = waited[0]
        until = None if end == _FOREVER else end
        last = found[-1] if found else None
        if last and last.ended_at == start and last.reason == first.reason:
            last.ended_at = until
            continue
        found.append(
            CasePause(
                case_id=first.case_id,
                reason=first.reason,
                started_at=start,
                ended_at=until,
                recheck=first.recheck,
            )
        )
    return found


def by_priority(soon: datetime) -> tuple[Any, ...]:
    """ORDER BY of a queue: emergencies, what may be one, what is late, what is due
    before `soon`; then what most people report; then what is due. Many reporters never
    push a deadline that is near down."""
    return (
        col(Case.urgent).desc(),
        col(Case.maybe_urgent).desc(),
        col(Case.late).desc(),
        case_when((col(Case.next_due_at) <= soon, 0), else_=1),
        col(Case.reporters).desc(),
        col(Case.next_due_at).is_(None),
        col(Case.next_due_at),
        col(Case.id),
    )
