"""What is due by the clock alone: the worker looks every few seconds, a past that is
lived again looks in its own time."""

from __future__ import annotations

from datetime import datetime

from aggregator.cases import deadlines, escalations, reminders
from aggregator.store.db import Database


def strike(
    database: Database, now: datetime, looked: escalations.Looked | None = None
) -> None:
    """Waiting that is over, deadlines that have come, who must be told, promises of
    today.

    `looked`: see `escalations.run`.
    """
    deadlines.end_pauses_that_are_over(database, now)
    deadlines.refresh_due(database, now)
    escalations.run(database, now, looked)
    reminders.tell_due(database, now)
