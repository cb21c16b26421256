"""Marks: what stands in the place of an id that was erased.

A salted digest, equal for equal ids: what comes again is known again, and nobody can be
found by it. The salt is a row of its own; while there is none nothing was erased.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from aggregator.store import private
from aggregator.store.tables.store import Salt

_PURPOSE = "erased ids"
_KEPT = "salt of marks"
_SIGN = "erased:"
FILE = "erased.marks"
"""In the data directory: the salt, then a mark a line."""


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


def note(data_dir: Path, marks: Marks, erased: Iterable[str]) -> None:
    """Write down beside the database what was erased: a backup from before does not
    know."""
    path = data_dir / FILE
    if not path.exists():
        private.folder(data_dir)
        with contextlib.suppress(FileExistsError), private.new_text(path) as file:
            file.write(f"{marks.salt.hex()}\n")
    with path.open("a", encoding="ascii") as file:
        file.writelines(f"{mark}\n" for mark in erased)


def noted(data_dir: Path) -> tuple[Marks, frozenset[str]] | None:
    """What was ever erased here, as marks; None where nothing was."""
    path = data_dir / FILE
    if not path.is_file():
        return None
    salt, *erased = path.read_text(encoding="ascii").split()
    return Marks(bytes.fromhex(salt)), frozenset(erased)


def adopt(session: Session, marks: Marks) -> None:
    """Go on with the marks of an installation where the database has none yet."""
    if known(session) is None:
        session.add(Salt(purpose=_PURPOSE, value=marks.salt.hex()))
        session.flush()
        session.info[_KEPT] = marks
