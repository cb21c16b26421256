"""The tour of a person's first days: begun on the queue, gone on with on the case they
open."""

from __future__ import annotations

from aggregator.people.viewers import Viewer

STEPS = 5
OF_ACTS = (3, 4)
"""How to claim and to answer: not shown to who only reads."""


def step(viewer: Viewer) -> int:
    """The step to show; 0 when the tour is over."""
    seen = viewer.preferences.get("tour", 0)
    if not isinstance(seen, int) or seen >= STEPS:
        return 0
    return STEPS if seen + 1 in OF_ACTS and not viewer.may_act else seen + 1


def end_of(typed: str) -> int:
    """The step somebody has seen, as the form says it; all of them where it says
    nothing."""
    seen = int(typed) if typed.isdecimal() and len(typed) < 3 else STEPS
    return min(seen, STEPS)
