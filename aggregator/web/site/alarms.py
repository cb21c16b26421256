"""Emergencies that nobody has claimed, for the line at the top of every page beside the
queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.desk import queue
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database

_LASTS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Says which case and since when: what a resident wrote is read on the page of the
    case."""

    number: str
    opened_at: datetime


class Alarms:
    """Of one process. Pages are many and emergencies few: those of an office are kept
    for 5 s."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[datetime, tuple[Alarm, ...]]] = {}

    def of(
        self, database: Database, viewer: Viewer, now: datetime
    ) -> tuple[Alarm, ...]:
        """Those of the viewer's office, or of the city for whom sees all of it; newest
        first. Whoever reads secret cases sees what no other does."""
        office = "" if viewer.sees_all else viewer.agency_code
        scope = office, viewer.id if viewer.reads_secret else 0
        made, kept = self._kept.get(scope, (None, ()))
        if made is None or now - made >= _LASTS:
            found = queue.unclaimed_emergencies(database, now, viewer)
            kept = tuple(Alarm(one.case.number, one.case.opened_at) for one in found)
            self._kept[scope] = now, kept
        return kept
