"""Open pages are told of what concerns them: their office, their case, or the whole
city."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aggregator.cases import claims
from aggregator.desk import changes
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case


def test_an_act_concerns_its_case_and_the_offices_that_have_it_once(
    database: Database,
    now: datetime,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    case = post(
        register("dishub_x", "dishub"), "Lampu mati di Jalan Melati", native_id="1"
    )
    assert case is not None and case.number is not None
    begin = changes.now(database)
    claims.claim(database, now, budi, case.number)
    found = changes.since(database, begin.state, begin.seen)
    assert (found.cases, found.everybody) == ({case.id}, False)
    assert "dishub" in found.agencies and "dlh" not in found.agencies
    again = changes.since(database, found.state, found.seen)
    assert (again.cases, again.agencies, again.everybody) == (set(), set(), False)


def test_what_belongs_to_no_case_concerns_everybody(database: Database) -> None:
    begin = changes.now(database)
    with database.writing() as session:
        record(session, SYSTEM, "bulk", "bulk_act", 1)
    assert changes.since(database, begin.state, begin.seen).everybody
