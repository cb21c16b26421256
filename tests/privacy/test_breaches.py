"""The register of breaches and its clock of 3 x 24 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from aggregator.people.viewers import Viewer
from aggregator.privacy import breaches
from aggregator.privacy.breaches import BreachError
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.people import Notification

HOUR = timedelta(hours=1)


def added(database: Database, now: datetime, known_at: datetime | None = None) -> int:
    what = "A list of cases was mailed to a wrong address"
    breach = breaches.add(
        database, now, SYSTEM, what=what, data="names, places", known_at=known_at
    )
    assert breach.id is not None
    return breach.id


def state(database: Database, now: datetime) -> list[str]:
    return [one.state for one in breaches.entries(database, now, every=True)]


@pytest.mark.threat("PRI-9")
def test_the_clock_runs_three_days_from_when_it_was_known(
    database: Database, now: datetime
) -> None:
    number = added(database, now, known_at=now - 2 * HOUR)
    (one,) = breaches.entries(database, now)
    assert (one.state, one.left) == ("running", 70 * HOUR)
    assert state(database, now + 71 * HOUR) == ["late"]
    breaches.tell(database, now + 71 * HOUR, SYSTEM, number, at=now + 69 * HOUR)
    assert state(database, now + 71 * HOUR) == ["told"]


def test_told_after_its_end_is_told_late(database: Database, now: datetime) -> None:
    number = added(database, now)
    breaches.tell(database, now + 80 * HOUR, SYSTEM, number)
    assert state(database, now + 90 * HOUR) == ["told_late"]


def test_it_is_closed_only_once_those_concerned_were_told(
    database: Database, now: datetime
) -> None:
    number = added(database, now)
    with pytest.raises(BreachError, match="before those concerned"):
        breaches.close(database, now, SYSTEM, number, "the address was corrected")
    breaches.tell(database, now + HOUR, SYSTEM, number)
    breaches.close(database, now + HOUR, SYSTEM, number, "the address was corrected")
    assert breaches.entries(database, now + HOUR) == []
    with pytest.raises(BreachError, match="is closed"):
        breaches.tell(database, now + 2 * HOUR, SYSTEM, number)


@pytest.mark.threat("PRI-9")
def test_who_administers_is_told_at_once_and_a_day_before_the_end(
    join: Callable[..., Viewer], database: Database, now: datetime
) -> None:
    join("ira", "diskominfo", "admin")
    number = added(database, now)
    assert breaches.remind(database, now + 47 * HOUR) == []
    assert breaches.remind(database, now + 49 * HOUR) == [number]
    assert breaches.remind(database, now + 50 * HOUR) == []
    with database.reading() as session:
        told = session.exec(select(Notification.kind)).all()
    assert told == ["breach", "breach"]


def test_what_is_not_known_yet_is_no_breach(database: Database, now: datetime) -> None:
    with pytest.raises(BreachError):
        added(database, now, known_at=now + HOUR)
