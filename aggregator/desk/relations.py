"""What ties a case to others: earlier times of the same spot, the incident it is part
of, acts that can be taken back, pictures of it that went round before. As much of it as
the viewer may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from aggregator.cases import sight
from aggregator.cases.casefile import CaseFile
from aggregator.desk.parts import Beside
from aggregator.people.viewers import Viewer
from aggregator.store.db import uncounted
from aggregator.store.tables.accounts import Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import CaseLink, Suggestion
from aggregator.twins import incidents, joining, photos

_PHOTOS = 12
"""Of a case with more, only the first are looked up: each takes some milliseconds."""


@dataclass(frozen=True, slots=True)
class Act:
    """A join, split or move that stands. `other`: the number of the other case;
    `opens`: the viewer may open it; `undo`: it is taken back on this case's page;
    `into`: its messages came here. `reasons`: why the program did it by itself, as in
    `Suggestion.reasons`."""

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
    """`earlier`: the case this one repeats after it was closed; `later`: those that
    repeat it. `apart`: cases somebody has said are not the same."""

    earlier: str | None
    later: list[str]
    incident: incidents.Shown | None
    acts: list[Act]
    apart: list[str]
    old_photos: dict[int, OldPhoto]


_HERE: Any = bindparam("case")
_AGAIN = select(Case).where(col(Case.recurrence_of) == _HERE).order_by(col(Case.id))
_LINKS = (
    select(CaseLink)
    .where(
        or_(col(CaseLink.source_id) == _HERE, col(CaseLink.target_id) == _HERE),
        col(CaseLink.undone_at).is_(None),
    )
    .order_by(col(CaseLink.id).desc())
)
_REFUSED = (
    select(Suggestion)
    .where(
        uncounted(col(Suggestion.state)) == "refused",
        or_(col(Suggestion.case_id) == _HERE, col(Suggestion.other_id) == _HERE),
    )
    .order_by(col(Suggestion.id))
)
_LOOKED_AT = (
    select(Attachment.id)
    .join(Message, col(Message.id) == col(Attachment.message_id))
    .where(col(Message.case_id) == _HERE, col(Attachment.looked_at).is_not(None))
    .order_by(col(Attachment.id))
    .limit(_PHOTOS)
)


def of_case(file: CaseFile, has: Beside) -> Relations:
    """Of a case that is open; `has`: what there is beside it."""
    session, viewer, case = file.session, file.viewer, file.case
    acts = _acts(session, viewer, case) if has.links else []
    acted_on = {act.other for act in acts}
    return Relations(
        earlier=_earlier(session, viewer, case),
        later=_later(session, viewer, case) if has.later else [],
        incident=incident_of(file) if has.incidents or has.parts else None,
        acts=acts,
        apart=_apart(session, viewer, case, acted_on) if has.pairs else [],
        old_photos=_old_photos(session, viewer, case) if has.pictures else {},
    )


def incident_of(file: CaseFile) -> incidents.Shown | None:
    """The incident going on that the case, or a part of it, belongs to."""
    return incidents.of_cases(file.session, file.now, file.viewer, file.ids)


def _earlier(session: Session, viewer: Viewer, case: Case) -> str | None:
    before = session.get(Case, case.recurrence_of) if case.recurrence_of else None
    return (
        before.number
        if before is not None and sight.sees(session, viewer, before)
        else None
    )


def _later(session: Session, viewer: Viewer, case: Case) -> list[str]:
    again = session.exec(_AGAIN, params={"case": case.id})
    return [one.number for one in again if sight.sees(session, viewer, one)]


def _acts(session: Session, viewer: Viewer, case: Case) -> list[Act]:
    found = []
    for link in session.exec(_LINKS, params={"case": case.id}):
        into = link.target_id == case.id
        other = session.get_one(Case, link.source_id if into else link.target_id)
        if sight.hides(session, viewer, other):
            continue
        found.append(
            Act(
                link.id,
                link.kind,
                other.number,
                sight.sees(session, viewer, other),
                link.at,
                into,
                joining.held(link) == case.id,
                link.before.get("reasons", []),
            )
        )
    return found


def _apart(
    session: Session, viewer: Viewer, case: Case, acted_on: set[str]
) -> list[str]:
    """Without those that were split off: undoing that says they are the same."""
    found = []
    for row in session.exec(_REFUSED, params={"case": case.id}):
        other = session.get_one(
            Case, row.other_id if row.case_id == case.id else row.case_id
        )
        number = other.number
        if (
            number not in acted_on
            and other.joined_into is None
            and sight.sees(session, viewer, other)
        ):
            found.append(number)
    return found


def _old_photos(session: Session, viewer: Viewer, case: Case) -> dict[int, OldPhoto]:
    looked_at = list(session.exec(_LOOKED_AT, params={"case": case.id}))
    found: dict[int, OldPhoto] = {}
    if not looked_at:
        return found
    for attachment_id, one in photos.seen_before(session, looked_at).items():
        there = session.get(Case, one.case_id) if one.case_id else None
        known = (
            there is not None
            and there.id != case.id
            and sight.sees(session, viewer, there)
        )
        found[attachment_id] = OldPhoto(
            one.said_at, there.number if known and there else None
        )
    return found
