"""The audit trail: one line for every act, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from aggregator.store.db import utcnow
from aggregator.store.tables.store import AuditEntry

SYSTEM_LOGIN = "sahut"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, or the program itself (`person_id` None)."""

    login: str = SYSTEM_LOGIN
    person_id: int | None = None


SYSTEM = Actor()

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


@contextmanager
def happening(at: datetime) -> Iterator[None]:
    """Lines written inside bear this time: for a past that is lived again
    (running/_demo_life.py)."""
    token = _moment.set(at)
    try:
        yield
    finally:
        _moment.reset(token)


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int,
    *,
    case_id: int | None = None,
    **detail: Any,
) -> None:
    """Add a line. `detail` must never hold a secret or a resident's text."""
    session.add(
        AuditEntry(
            at=_moment.get() or utcnow(),
            actor=actor.login,
            person_id=actor.person_id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            case_id=subject_id if subject == "case" else case_id,
            detail=detail,
        )
    )
