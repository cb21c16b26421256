"""What goes from one case to another with its messages, and back: answers, notes,
tasks.

An answer stands where the message stands that it answers. Offices of a part get the
whole from the day they got the part. Every function works in the transaction of its
caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from aggregator.cases import groups
from aggregator.people.viewers import Viewer
from aggregator.store.tables.answers import Draft, Reply
from aggregator.store.tables.cases import Assignment, Case, Note, Reminder
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import CaseLink


def carry(
    session: Session,
    origin: Case,
    target: Case,
    ids: Sequence[int],
    *,
    everything: bool = False,
) -> dict[str, list[int]]:
    """Messages with what hangs on them; `everything`: also what hangs on the case. What
    moved."""
    answers = _ids(session, Reply, origin, col(Reply.message_id).in_(ids))
    spoken = _with_echoes(session, origin, ids, answers)
    promises = [] if everything else [col(Reminder.reply_id).in_(answers)]
    moved = {
        "message": spoken,
        "reply": answers,
        "reminder": _ids(session, Reminder, origin, *promises),
        "note": _ids(session, Note, origin) if everything else [],
        "draft": _drafts(session, origin, target) if everything else [],
    }
    _send_over(session, moved, target)
    return moved


_TABLES: dict[str, Any] = {
    "message": Message,
    "reply": Reply,
    "reminder": Reminder,
    "note": Note,
    "draft": Draft,
}


def _send_over(session: Session, moved: dict[str, list[int]], target: Case) -> None:
    for name, ids in moved.items():
        for row in session.exec(select(_TABLES[name]).where(_TABLES[name].id.in_(ids))):
            row.case_id = target.id
    session.flush()


def _ids(session: Session, table: Any, case: Case, *conditions: Any) -> list[int]:
    query = (
        select(table.id).where(table.case_id == case.id, *conditions).order_by(table.id)
    )
    return [int(found) for found in session.exec(query)]


def _with_echoes(
    session: Session, case: Case, ids: Sequence[int], answers: Sequence[int]
) -> list[int]:
    """The messages and our own posts below them, which came back through polling."""
    natives = select(Message.channel, Message.scope, Message.native_id).where(
        col(Message.id).in_(ids)
    )
    below = {tuple(row) for row in session.exec(natives)}
    own = select(Message).where(Message.case_id == case.id, Message.direction == "out")
    echoes = [
        row.id
        for row in session.exec(own)
        if (row.channel, row.scope, row.parent_id or "") in below
        or row.extra.get("reply_id") in answers
    ]
    return sorted({*ids, *echoes})


def _drafts(session: Session, origin: Case, target: Case) -> list[int]:
    """A person has one draft a case: theirs for the target stays theirs."""
    writers = set(
        session.exec(select(Draft.person_id).where(Draft.case_id == target.id))
    )
    own = session.exec(select(Draft).where(Draft.case_id == origin.id))
    return [row.id for row in own if row.person_id not in writers]


def bring_back(
    session: Session,
    target: Case,
    source: Case,
    moved: dict[str, Any],
    ids: Sequence[int],
) -> None:
    """What an act moved and is still there, with all answers given to it meanwhile."""
    still = _ids(session, Message, target, col(Message.id).in_(ids))
    carry(session, target, source, still)
    for name in ("reminder", "note", "draft"):
        table = _TABLES[name]
        here = _ids(session, table, target, table.id.in_(moved[name]))
        if name == "reminder":
            free = col(Reminder.reply_id).is_(None)
            here = _ids(session, table, target, table.id.in_(moved[name]), free)
        _send_over(session, {name: here}, source)


def _rows(session: Session, case: Case) -> dict[str, Assignment]:
    query = select(Assignment).where(Assignment.case_id == case.id)
    return {row.agency_code: row for row in session.exec(query)}


def forwarded(session: Session, case: Case) -> dict[str, str]:
    return {
        code: row.assigned_at.isoformat() for code, row in _rows(session, case).items()
    }


def give_tasks(session: Session, part: Case, target: Case) -> list[int]:
    """The offices of the part get the whole, from the day they got the part; ids of new
    tasks."""
    have = _rows(session, target)
    led = any(row.role == "lead" for row in have.values())
    fresh: list[Assignment] = []
    for code, row in _rows(session, part).items():
        if code in have:
            have[code].assigned_at = min(have[code].assigned_at, row.assigned_at)
            continue
        fresh.append(
            Assignment(
                case_id=target.id,
                agency_code=code,
                role="help" if led else row.role,
                reason=f"joined:{part.number}",
                assigned_at=row.assigned_at,
                status=row.status,
                acknowledged_at=row.acknowledged_at,
                done_at=row.done_at,
                done_by=row.done_by,
                waived_reason=row.waived_reason,
            )
        )
    session.add_all(fresh)
    session.flush()
    return [row.id for row in fresh]


def take_tasks_back(session: Session, link: CaseLink, target: Case) -> None:
    """Tasks that came by the join go, unless somebody worked on them or another part
    needs them."""
    others = [_rows(session, part) for part in groups.sources(session, target.id)]
    of_part = _rows(session, session.get_one(Case, link.source_id))
    for code, row in _rows(session, target).items():
        times = [rows[code].assigned_at for rows in others if code in rows]
        if row.id in link.moved["assignment"]:
            if not times and _untouched(row, of_part.get(code)):
                session.delete(row)
        elif code in link.before["forwarded"]:
            before = datetime.fromisoformat(link.before["forwarded"][code])
            row.assigned_at = min([before, *times])
    session.flush()


def _untouched(row: Assignment, given: Assignment | None) -> bool:
    return given is not None and all(
        getattr(row, name) == getattr(given, name)
        for name in ("status", "acknowledged_at", "done_at", "waived_reason")
    )


def keep_times(session: Session, viewer: Viewer, case: Case, fresh: Case) -> None:
    """Offices that had the whole have the new case as long; who splits goes on seeing
    it."""
    had, has = _rows(session, case), _rows(session, fresh)
    for code, row in has.items():
        if code in had:
            row.assigned_at = min(row.assigned_at, had[code].assigned_at)
    if viewer.agency_code in had and viewer.agency_code not in has:
        session.add(
            Assignment(
                case_id=fresh.id,
                agency_code=viewer.agency_code,
                role="help",
                reason=f"split:{case.number}",
                assigned_at=had[viewer.agency_code].assigned_at,
            )
        )
    session.flush()
