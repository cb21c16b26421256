"""A worker says every few seconds that it is there: a row by its name.

Whether its clock jumped is seen by comparing it with a monotonic one, which does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from aggregator.store.db import Database
from aggregator.store.tables.store import WorkerBeat

STEP = timedelta(seconds=5)
"""A jump shorter than this is a clock being set right."""
_FORGOTTEN = timedelta(days=1)


@dataclass
class Pulse:
    """One worker's. `monotonic`: seconds that never jump."""

    name: str
    monotonic: Callable[[], float]
    _before: tuple[datetime, float] | None = None

    def beat(self, database: Database, now: datetime) -> float:
        """Say so, and forget workers long gone; by how many seconds the clock has
        jumped since the last beat (0: it has not)."""
        ticks = self.monotonic()
        step = self._step(now, ticks)
        self._before = now, ticks
        with database.writing(lasting=False) as session:
            old = col(WorkerBeat.beaten_at) < now - _FORGOTTEN
            session.execute(delete(WorkerBeat).where(old))
            row = session.get(WorkerBeat, self.name) or WorkerBeat(name=self.name)
            row.beaten_at = now
            if step:
                row.stepped_at, row.stepped_seconds = now, step
            session.add(row)
        return step

    def _step(self, now: datetime, ticks: float) -> float:
        if self._before is None:
            return 0.0
        at, then = self._before
        jumped = (now - at).total_seconds() - (ticks - then)
        return jumped if abs(jumped) >= STEP.total_seconds() else 0.0


def latest(database: Database) -> list[WorkerBeat]:
    """Of every worker that is remembered, the last to be heard first."""
    with database.reading() as session:
        order = col(WorkerBeat.beaten_at).desc()
        return list(session.exec(select(WorkerBeat).order_by(order)))
