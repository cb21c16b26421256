"""Counts of the views, kept while nothing has changed, and longer where counting takes
long."""

from __future__ import annotations

import time
from dataclasses import dataclass

from aggregator.desk import queue
from aggregator.people.viewers import Viewer
from aggregator.store.db import Reads
from aggregator.web.site import Site

_CHEAP = 0.05
_RATIO = 20
_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class _Kept:
    state: str
    counts: dict[str, int]
    until: float


class Counts:
    """Of one process, shared by all who see the same cases; one's own cases are counted
    each time, and whoever reads secret cases sees what no other does.

    Counting that takes a processor longer than 50 ms is done again after twenty times
    as long, so that a hundred open pages never spend more than a twentieth of the time
    on it.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: dict[tuple[bool, str, str, int], _Kept] = {}

    def of(
        self, look: Reads, viewer: Viewer, office: str, state: str
    ) -> dict[str, int]:
        """Open cases by view; `state`: what the page is made at."""
        own = queue.count_own(look, viewer, office)
        return {**self._shared(look, viewer, office, state), "saya": own}

    def _shared(
        self, look: Reads, viewer: Viewer, office: str, state: str
    ) -> dict[str, int]:
        alone = viewer.id if viewer.reads_secret else 0
        key = (viewer.sees_all, viewer.agency_code, office, alone)
        kept = self._kept.get(key)
        if kept is not None and (kept.state == state or time.monotonic() < kept.until):
            return kept.counts
        # of a busy machine too: what others use of the processor is no reason to show
        # old numbers
        began = time.thread_time()
        counts = queue.count_shared(look, self._site.clock(), viewer, office)
        took = time.thread_time() - began
        until = time.monotonic() + took * (_RATIO if took > _CHEAP else 0)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(state, counts, until)
        return counts
