"""How much time one event may take, so that no message holds up all others.

Counted is processor time of the thread, so that a busy machine or a slow disk sets
nothing aside. It is asked between the steps of reading; each of these is bounded by
itself (rules/text/extent.py).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session

from connectors.errors import BadItem

SECONDS = 10.0
_HERE = "budget"


class TooSlow(BadItem):
    """Reading an event took more than its time; it is set aside."""

    code = "too_slow"


class Budget:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = clock() + SECONDS

    def ask(self, step: str) -> None:
        """TooSlow once the time is used up; `step`: what was done last."""
        if self._clock() > self._until:
            raise TooSlow(f"{step} took it beyond {SECONDS:.0f} seconds of work")


def begin(session: Session, clock: Callable[[], float]) -> Budget:
    """The time of one event, from now on."""
    session.info[_HERE] = budget = Budget(clock)
    return budget


def ask(session: Session, step: str) -> None:
    """As `Budget.ask`, of the event that is read in this session, if one is."""
    budget: Budget | None = session.info.get(_HERE)
    if budget is not None:
        budget.ask(step)
