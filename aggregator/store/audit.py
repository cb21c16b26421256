"""The audit trail: one line for every act, in the transaction of the act.

What somebody wrote (a reason, a statement) may name a person, and must be erasable
though the line is not. So the chain seals a salted digest of each text, not the text:
`blank` puts the digest in its place, and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from aggregator.rules.text.quotes import ERASED
from aggregator.store.db import TRAIL_KEY, utcnow
from aggregator.store.tables.store import AuditEntry

SYSTEM_LOGIN = "sahut"
_WRITTEN = frozenset({"reason", "statement", "text", "remark", "words", "title"})
"""Details that somebody writes; others are codes, unless words stand in them."""


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
    """Add a line. `detail` must never hold a secret or a resident's text; what somebody
    wrote in it is sealed so that it can be erased."""
    entry = AuditEntry(
        at=_moment.get() or utcnow(),
        actor=actor.login,
        person_id=actor.person_id,
        action=action,
        subject=subject,
        subject_id=subject_id,
        case_id=subject_id if subject == "case" else case_id,
        detail=detail,
        salts={
            name: secrets.token_hex(16)
            for name, value in detail.items()
            if isinstance(value, str) and (name in _WRITTEN or " " in value)
        },
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
        _sealed(entry) if entry.salts else entry.detail,
    ]


def _sealed(entry: AuditEntry) -> dict[str, Any]:
    """The detail with digests for its texts. A text that is there though it was erased
    seals as no digest."""
    detail = dict(entry.detail)
    for name, salt in entry.salts.items():
        if isinstance(salt, str):
            detail[name] = _digest(salt, detail.get(name))
        elif detail.get(name) == ERASED:
            detail[name] = salt["digest"]
    return detail


def _digest(salt: str, text: object) -> str:
    said = json.dumps([salt, text], ensure_ascii=False)
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def blank(entry: AuditEntry, is_gone: Callable[[str], bool]) -> bool:
    """Erase the texts of a line for which this holds; whether there was one."""
    texts = {
        name: (salt, entry.detail[name])
        for name, salt in entry.salts.items()
        if isinstance(salt, str) and is_gone(str(entry.detail[name]))
    }
    if texts:
        entry.detail = {**entry.detail, **dict.fromkeys(texts, ERASED)}
        entry.salts = {
            **entry.salts,
            **{name: {"digest": _digest(*said)} for name, said in texts.items()},
        }
    return bool(texts)


def seal(key: bytes, *values: Any) -> str:
    """The HMAC of values as JSON, in one way of writing it."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
