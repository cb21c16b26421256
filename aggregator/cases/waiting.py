"""A case that waits for its resident or for money: clocks that may pause do."""

from __future__ import annotations

from datetime import date, datetime

from aggregator import city
from aggregator.cases import casefile, deadlines
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case

PAUSES = ("menunggu_pelapor", "menunggu_anggaran")


def wait(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    reason: str,
    *,
    recheck: date | None = None,
) -> Case:
    """Stop the clocks that may stop: for the reporter (capped), for a budget (with
    `recheck`)."""
    if reason not in PAUSES:
        raise Refusal(f"a case waits for one of {', '.join(PAUSES)}", "bad_pause")
    if reason == "menunggu_anggaran" and (
        recheck is None or recheck <= city.here().today(now)
    ):
        raise Refusal(
            "say on which day the budget is asked for again", "recheck_needed"
        )
    with casefile.acting(database, now, viewer, number) as file:
        case = file.case
        if case.status == "closed":
            raise Refusal(f"case {case.number} is closed", "closed")
        if case.waiting:
            raise Refusal(f"case {case.number} waits already", "waiting")
        deadlines.begin_pause(file.session, now, case, reason, recheck, viewer.id)
        file.changed("waits", pause=reason)
        return case


def go_on(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    """End the waiting of a case."""
    with casefile.acting(database, now, viewer, number) as file:
        case = file.case
        if not deadlines.end_pause(file.session, now, case):
            raise Refusal(f"case {case.number} does not wait", "not_waiting")
        file.changed("pause_ended")
        return case
