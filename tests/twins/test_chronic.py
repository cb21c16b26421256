"""Where the same problem came back after it had been closed, spot by spot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.cases import casefile, closing
from aggregator.desk import parts, relations
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.twins import chronic

LAMPS = (
    "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari",
    "Lampu jalan di Gg. Kepatihan RW 4 mati lagi",
    "Lampu jalan Gg. Kepatihan RW 4 mati terus",
)


def test_a_spot_that_came_back_twice_is_listed_with_all_its_cases(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
    rina: Viewer,
    dewi: Viewer,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub")
    assert chronic.spots(database, now, budi) == []
    found = []
    for number, text in enumerate(LAMPS):
        case = post(account, text, native_id=f"{number}", author_id=f"p{number}")
        assert case is not None
        found.append(str(case.number))
        if number < 2:
            closing.close(database, now, dewi, str(case.number), waive="diganti")
    [spot] = chronic.spots(database, now, budi)
    assert (spot.kind, spot.times, spot.is_open) == ("pju_mati", 3, True)
    assert [case.number for case in spot.cases] == found[::-1]
    assert chronic.spots(database, now, rina) == []
    assert chronic.spots(database, now, budi, kind="sampah") == []
    assert chronic.spots(database, now + timedelta(days=366), budi) == []
    with casefile.reading(database, now, budi, found[1]) as file:
        middle = relations.of_case(file, parts.of(file))
    assert (middle.earlier, middle.later) == (found[0], [found[2]])
