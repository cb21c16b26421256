"""Views of the queue: what each shows and counts, and those that are kept under a
name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from aggregator.cases import claims, waiting
from aggregator.desk import changes, queue, views
from aggregator.desk.filters import VIEWS, Filter
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

Register = Callable[..., Account]
Post = Callable[..., Case | None]


def test_every_view_counts_what_it_lists(
    database: Database,
    now: datetime,
    register: Register,
    post: Post,
    budi: Viewer,
    dewi: Viewer,
) -> None:
    account = register("dishub_x", "dishub")
    held = post(account, "Lampu jalan di Jl. Batutulis mati", author_id="a")
    urgent = post(account, "Tolong! kebakaran rumah, ada orang terjebak", author_id="b")
    waits = post(account, "Marka jalan pudar di Empang", author_id="c")
    for case in (held, waits):
        assert case is not None and case.number is not None
    assert urgent is not None and held is not None and waits is not None
    claims.claim(database, now, budi, held.number or "", 30)
    waiting.wait(database, now, budi, waits.number or "", "menunggu_pelapor")
    for viewer in (budi, dewi):
        counts = queue.count(database, now, viewer)
        for view in VIEWS:
            rows = queue.page(database, now, viewer, Filter(view))
            assert len(rows) == counts[view], view
    assert queue.count(database, now, budi)["saya"] == 1
    assert queue.count(database, now, budi)["menunggu"] == 1
    shown = queue.unclaimed_emergencies(database, now, dewi)
    assert [row.case.number for row in shown] == [urgent.number]


def test_the_nearest_deadline_comes_first(
    database: Database, now: datetime, register: Register, post: Post, budi: Viewer
) -> None:
    account = register("dishub_x", "dishub")
    for text, author in (
        ("Parkir liar di Empang", "a"),
        ("Rambu hilang di Cimanggu", "b"),
    ):
        post(account, text, author_id=author)
    due = [
        row.case.next_due_at for row in queue.page(database, now, budi, Filter("semua"))
    ]
    assert due == sorted(due, key=lambda at: (at is None, at))


def test_a_view_is_kept_and_shared_with_the_office(
    database: Database,
    now: datetime,
    budi: Viewer,
    join: Callable[..., Viewer],
    rina: Viewer,
) -> None:
    ani = join("ani", "dishub")
    views.save(
        database, now, budi, "Lampu", "tampilan=semua&cari=lampu&apa=1", shared=True
    )
    views.save(database, now, budi, "Milik saya", "tampilan=saya", shared=False)
    assert [view.name for view in views.of_viewer(database, ani)] == ["Lampu"]
    assert views.of_viewer(database, rina) == []
    (shared,) = views.of_viewer(database, ani)
    assert shared.query == "tampilan=semua&cari=lampu"
    with pytest.raises(Refusal):
        views.remove(database, ani, shared.id or 0)
    views.remove(database, budi, shared.id or 0)
    assert views.of_viewer(database, ani) == []


def test_what_a_page_reads_in_one_look_is_of_one_moment(
    database: Database, now: datetime, register: Register, post: Post, budi: Viewer
) -> None:
    case = post(register("dishub_x", "dishub"), "Marka jalan pudar di Empang")
    assert case is not None and case.number is not None
    with database.look() as look:
        before = changes.state(look)
        claims.claim(database, now, budi, case.number)
        (row,) = queue.page(look, now, budi, Filter("semua"))
        assert row.holder is None and changes.state(look) == before
    assert changes.state(database) > before
