"""What of a resident's words a viewer may read: in full, or with personal data masked.

Full for people of an agency that has the case, for whoever verifies, for
administrators, and for the readers of a secret case, which nobody else opens (see
`sight`). Others who may open a case read it masked. Whoever gives a reason reads it in
full for a while, and a line in the audit trail says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, Protocol

from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session

from aggregator import city
from aggregator.cases import deadlines
from aggregator.people.viewers import Viewer
from aggregator.rules.text import pii
from aggregator.store.db import table
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.store import AuditEntry

Sight = Literal["full", "masked"]

REVEALED_FOR = timedelta(hours=8)
"""One shift."""
_FULL_ROLES = frozenset({"admin", "verifikator"})


@dataclass(frozen=True, slots=True)
class Reader:
    """How a viewer reads one case. `revealed`: only because they gave a reason."""

    sight: Sight
    revealed: bool = False

    def text(self, text: str | None) -> str | None:
        """A resident's text as this viewer may read it; None where there is none."""
        return text if text is None or self.full else masked(text)

    @property
    def full(self) -> bool:
        return self.sight == "full"


@lru_cache(maxsize=2_000)
def masked(text: str) -> str:
    """Everything found in it by its type in brackets."""
    return pii.mask(text, city.here().lexicon.people)


_READERS: dict[Sight, Reader] = {"full": Reader("full"), "masked": Reader("masked")}


def reader_of(confidential: bool, full: bool) -> Reader:
    """How a case is read by somebody who sees it, and reads it in full if it is no
    secret, or does not (for lists)."""
    return _READERS["full" if full or confidential else "masked"]


def reader(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    tasks: Iterable[Task] | None = None,
) -> Reader:
    """How the viewer reads a case they may open. `tasks`: all there are in it, for
    whoever has read them."""
    if viewer.role in _FULL_ROLES or case.confidential:
        return Reader("full")
    if tasks is None:
        tasks = deadlines.tasks_of(session, case.id)
    if any(_has_it(viewer, task) for task in tasks):
        return Reader("full")
    if _revealed(session, now, viewer, [case.id]):
        return Reader("full", revealed=True)
    return _READERS["masked"]


_task, _line = table(Assignment).c, table(AuditEntry).c
_TASKS = select_rows(_task.case_id, _task.agency_code, _task.status).where(
    _task.case_id.in_(bindparam("ids", expanding=True))
)
_REVEALED = select_rows(_line.subject_id).where(
    _line.subject_id.in_(bindparam("ids", expanding=True)),
    _line.subject == "case",
    _line.action == "revealed",
    _line.person_id == bindparam("person"),
    _line.at > bindparam("since"),
)


class Task(Protocol):
    """What of a task says who reads a case."""

    case_id: Any
    agency_code: Any
    status: Any


def full_cases(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case_ids: Iterable[int],
    tasks: Iterable[Task] | None = None,
) -> set[int]:
    """Of many cases those whose words the viewer reads in full (for lists and exports).

    `tasks`: all there are in these cases, for whoever has read them.
    """
    ids = list(case_ids)
    if viewer.role in _FULL_ROLES:
        return set(ids)
    # chosen here: asked for an office, SQLite goes through all cases the office ever
    # had
    have = {
        task.case_id
        for task in (
            tasks if tasks is not None else session.execute(_TASKS, {"ids": ids})
        )
        if _has_it(viewer, task)
    }
    others = [number for number in ids if number not in have]
    return have | _revealed(session, now, viewer, others) if others else have


def _has_it(viewer: Viewer, task: Task) -> bool:
    return bool(task.agency_code == viewer.agency_code and task.status != "bounced")


def _revealed(
    session: Session, now: datetime, viewer: Viewer, ids: list[int]
) -> set[int]:
    """Those of the cases that the viewer gave a reason to read, lately."""
    here = {"ids": ids, "person": viewer.id, "since": now - REVEALED_FOR}
    return set(session.execute(_REVEALED, here).scalars())
