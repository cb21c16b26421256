"""What ties a case to others: earlier times of the same spot, the incident it is part of, acts that
can be taken back, pictures of it that went round before. As much of it as the viewer may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from aggregator import cases, incidents, joining, photos
from aggregator.db import Database
from aggregator.models import Attachment, Case, CaseLink, Message, Suggestion
from aggregator.people import Viewer

_PHOTOS = 12
"""Of a case with more, only the first are looked up: each takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class Act:
    """A join, split or move that stands. `other`: the number of the other case; `opens`: the viewer
    may open it; `undo`: it is taken back on this case's page; `into`: its messages came here.
    `reasons`: why the program did it by itself, as in `Suggestion.reasons`."""

    link_id: int
    kind: str
    other: str
    opens: bool
    at: datetime
    into: bool
    undo: bool
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OldPhoto:
    """`number`: of the case it came in before, where the viewer may open that."""

    said_at: datetime
    number: str | None


@dataclass(frozen=True, slots=True)
class Relations:
    """`earlier`: the case this one repeats after it was closed; `later`: those that repeat it.
    `apart`: cases somebody has said are not the same."""

    earlier: str | None
    later: list[str]
    incident: incidents.Shown | None
    acts: list[Act]
    apart: list[str]
    old_photos: dict[int, OldPhoto]


def of_case(database: Database, now: datetime, viewer: Viewer, number: str) -> Relations:
    """CaseError where the viewer may not see the case."""
    with database.reading() as session:
        case = cases.find_in(session, viewer, number)
        acts = _acts(session, viewer, case)
        return Relations(
            earlier=_earlier(session, viewer, case),
            later=_later(session, viewer, case),
            incident=incidents.of_case(session, now, viewer, case),
            acts=acts,
            apart=_apart(session, viewer, case, {act.other for act in acts}),
            old_photos=_old_photos(session, viewer, case),
        )


def _earlier(session: Session, viewer: Viewer, case: Case) -> str | None:
    before = session.get(Case, case.recurrence_of) if case.recurrence_of else None
    return before.number if before is not None and cases.sees(session, viewer, before) else None


def _later(session: Session, viewer: Viewer, case: Case) -> list[str]:
    query = select(Case).where(Case.recurrence_of == case.id).order_by(col(Case.id))
    return [one.number or "" for one in session.exec(query) if cases.sees(session, viewer, one)]


def _acts(session: Session, viewer: Viewer, case: Case) -> list[Act]:
    query = select(CaseLink).where(
        or_(col(CaseLink.source_id) == case.id, col(CaseLink.target_id) == case.id),
        col(CaseLink.undone_at).is_(None),
    )
    found = []
    for link in session.exec(query.order_by(col(CaseLink.id).desc())):
        into = link.target_id == case.id
        other = session.get_one(Case, link.source_id if into else link.target_id)
        found.append(
            Act(
                link.id or 0, link.kind, other.number or "", cases.sees(session, viewer, other),
                link.at, into, joining.held(link) == case.id, link.before.get("reasons", []),
            )
        )  # fmt: skip
    return found


def _apart(session: Session, viewer: Viewer, case: Case, acted_on: set[str]) -> list[str]:
    """Without those that were split off: undoing that says they are the same."""
    query = select(Suggestion).where(
        Suggestion.state == "refused",
        or_(col(Suggestion.case_id) == case.id, col(Suggestion.other_id) == case.id),
    )
    found = []
    for row in session.exec(query.order_by(col(Suggestion.id))):
        other = session.get_one(Case, row.other_id if row.case_id == case.id else row.case_id)
        number = other.number or ""
        if (
            number not in acted_on
            and other.joined_into is None
            and cases.sees(session, viewer, other)
        ):
            found.append(number)
    return found


def _old_photos(session: Session, viewer: Viewer, case: Case) -> dict[int, OldPhoto]:
    query = (
        select(Attachment.id)
        .join(Message, col(Message.id) == col(Attachment.message_id))
        .where(Message.case_id == case.id, col(Attachment.looked_at).is_not(None))
        .order_by(col(Attachment.id))
        .limit(_PHOTOS)
    )
    found = {}
    for attachment_id, one in photos.seen_before(
        session, [int(row or 0) for row in session.exec(query)]
    ).items():
        there = session.get(Case, one.case_id) if one.case_id else None
        known = there is not None and there.id != case.id and cases.sees(session, viewer, there)
        found[attachment_id] = OldPhoto(one.said_at, there.number if known and there else None)
    return found
