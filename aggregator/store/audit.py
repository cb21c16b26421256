"""The audit trail: one line for every act, in the transaction of the act."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from aggregator.store.db import TRAIL_KEY, utcnow
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
    entry = AuditEntry(
        at=_moment.get() or utcnow(),
        actor=actor.login,
        person_id=actor.person_id,
        action=action,
        subject=subject,
        subject_id=subject_id,
        case_id=subject_id if subject == "case" else case_id,
        detail=detail,
    )
    key = session.info.get(TRAIL_KEY)
    if key is not None:
        entry.proof = prove(key, entry, secrets.token_hex(16))
    session.add(entry)


def prove(key: bytes, entry: AuditEntry, nonce: str) -> str:
    """That a line was written by who has the key. The nonce makes it one of its kind: a
    line copied with its proof is found."""
    return f"{nonce}:{seal(key, nonce, said(entry))}"


def said(entry: AuditEntry) -> list[Any]:
    """Who, what, when, to which thing, before and after: all that a line says."""
    return [
        entry.at.isoformat(),
        entry.actor,
        entry.person_id,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.case_id,
        entry.detail,
    ]


def seal(key: bytes, *values: Any) -> str:
    """The HMAC of values as JSON, in one way of writing it."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
