"""The version of a row: a page carries it, and an act meant for an older one is
refused.

It grows here alone, and the database counts (`version = version + 1`): two who change a
row at one moment raise it twice. SQLAlchemy's own counter (`version_id_col`) does not
fit. It grows with every write of the row, also where nobody needs to look again (the
nearest deadline to sort by, a hold that goes on); it does not grow where something
beside the row has changed (an answer arrived, a message came); and a claim is one
conditional UPDATE that no object stands for.
"""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import inspect
from sqlmodel import Session

from aggregator.store.audit import Actor, record
from aggregator.store.tables.cases import Case


class Versioned(Protocol):
    """A row with a version; its mapper reads back what the database has counted
    (`eager_defaults`)."""

    version: int


def grow(row: Versioned) -> None:
    """Pages made before are out of date from now on."""
    if inspect(row).persistent:
        row.version = next_of(type(row))
    else:  # not written yet: there is no row whose version could be raised
        row.version += 1


def next_of(model: Any) -> Any:
    """The version after the present one, for an UPDATE."""
    return model.version + 1


def changed(
    session: Session, actor: Actor, action: str, case: Case, **detail: Any
) -> None:
    """A case is another now, and a line of its history says why."""
    grow(case)
    record(session, actor, action, "case", case.id, **detail)
