"""How SQLite means to find what is asked of it: it has no statistics, so it has to be
led."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from aggregator.accounts import carriers
from aggregator.cases import casefile, claims, closing, escalations
from aggregator.desk import casepage, queue
from aggregator.desk.filters import Filter
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.twins import incidents, photos

pytestmark = pytest.mark.sqlite  # how SQLite means to find things

_BY_STATE = re.compile(r"ix_(?:assignment_status|attachment_status|suggestion_state)")
_WHOLE = re.compile(
    r"SCAN (?:assignment|attachment|message|notification|reply|suggestion)\b(?! USING)"
)


@pytest.fixture
def plans(database: Database) -> Iterator[dict[str, str]]:
    """Of every query that is asked from now on."""
    found: dict[str, str] = {}

    def explain(
        connection: Any, _cursor: Any, asked: str, values: Any, *_: Any
    ) -> None:
        if asked.startswith("SELECT"):
            driver = connection.connection.driver_connection
            steps = driver.execute(f"EXPLAIN QUERY PLAN {asked}", values)
            found[asked] = "; ".join(step[3] for step in steps)

    event.listen(database.engine, "after_cursor_execute", explain)
    yield found
    event.remove(database.engine, "after_cursor_execute", explain)


def test_what_belongs_to_a_case_is_not_sought_among_all_that_share_its_state(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case],
    budi: Viewer,
    now: datetime,
    plans: dict[str, str],
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, "Lampu jalan mati di Gg. Kepatihan RW 4", author_id="asep")
    post(account, "PJU Gang Kepatihan RW 4 padam sejak Selasa malam", author_id="euis")
    number = case.number or ""
    assert queue.count(database, now, budi)["kembar"] == 2
    plans.clear()
    queue.page(database, now, budi, Filter("kantor"))
    queue.detail(database, now, budi, number)
    with casefile.reading(database, now, budi, number) as file:
        casepage.show(file)
    claims.claim(database, now, budi, number)
    closing.close(database, now, budi, number)
    assert len(plans) > 20
    assert [asked for asked, plan in plans.items() if _BY_STATE.search(plan)] == []
    assert [asked for asked, plan in plans.items() if _WHOLE.search(plan)] == []


def test_what_is_looked_at_every_minute_walks_no_whole_table(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case],
    now: datetime,
    plans: dict[str, str],
) -> None:
    post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan")
    plans.clear()
    incidents.propose(database, now)
    escalations.run(database, now)
    photos.due(database)
    carriers.due(database, now)
    assert len(plans) > 3
    assert [asked for asked, plan in plans.items() if _WHOLE.search(plan)] == []
