"""Marks: what stands in the place of an id that was erased.

A salted digest, equal for equal ids: what comes again is known again, and nobody can be
found by it. The salt is a row of its own; while there is none nothing was erased.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from aggregator.store.tables.store import Salt

_PURPOSE = "erased ids"
_KEPT = "salt of marks"
_SIGN = "erased:"


@dataclass(frozen=True, slots=True)
class Marks:
    """How ids become marks in one installation."""

    salt: bytes

    def of(self, channel: str, value: str) -> str:
        """A mark stays as it is, and so does an empty id."""
        if not value or value.startswith(_SIGN):
            return value
        said = json.dumps([channel, value]).encode()
        return _SIGN + hmac.new(self.salt, said, hashlib.sha256).hexdigest()[:40]

    def of_all(self, channel: str, values: Iterable[str]) -> list[str]:
        return [self.of(channel, value) for value in values]


def known(session: Session) -> Marks | None:
    """None while nothing was erased. Asked once in a transaction."""
    if _KEPT not in session.info:
        row = session.get(Salt, _PURPOSE)
        session.info[_KEPT] = Marks(bytes.fromhex(row.value)) if row else None
    found: Marks | None = session.info[_KEPT]
    return found


def made(session: Session) -> Marks:
    """The marks of this installation, from now on."""
    found = known(session)
    if found is None:
        value = secrets.token_hex(32)
        session.add(Salt(purpose=_PURPOSE, value=value))
        session.flush()
        found = session.info[_KEPT] = Marks(bytes.fromhex(value))
    return found
