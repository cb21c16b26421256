"""One act over many cases: seen first, done for those it can be done for, taken
back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from aggregator.cases import bulk, claims, notes
from aggregator.cases.bulk import Order
from aggregator.desk import queue
from aggregator.desk.filters import Filter
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case


@pytest.fixture
def numbers(
    register: Callable[..., Account], post: Callable[..., Case | None]
) -> list[str]:
    account = register("dishub_x", "dishub")
    said = (
        "Lampu jalan di Batutulis mati",
        "Parkir liar di Empang",
        "Rambu hilang di Cimanggu",
    )
    made = [post(account, text, author_id=text) for text in said]
    return [case.number or "" for case in made if case is not None]


def state(
    database: Database, now: datetime, viewer: Viewer
) -> dict[str, tuple[str, int | None]]:
    rows = queue.page(database, now, viewer, Filter("semua", status="semua"))
    return {
        row.case.number or "": (row.case.status, row.case.claimed_by) for row in rows
    }


def test_a_preview_changes_nothing_and_says_what_is_left_out(
    database: Database, now: datetime, numbers: list[str], budi: Viewer, dewi: Viewer
) -> None:
    claims.claim(database, now, dewi, numbers[0], 30)
    before = state(database, now, budi)
    seen = bulk.preview(database, now, budi, Order("ambil"), [*numbers, "0000"])
    assert seen.changed == numbers[1:]
    assert seen.skipped == {numbers[0]: "claimed_by_other", "0000": "bad_number"} or (
        seen.skipped[numbers[0]] == "claimed_by_other"
    )
    assert state(database, now, budi) == before


@pytest.mark.parametrize(
    "order", [Order("ambil"), Order("selesai"), Order("golongan", "aspirasi")]
)
def test_an_act_over_many_is_taken_back_where_nothing_happened_since(
    database: Database, now: datetime, numbers: list[str], budi: Viewer, order: Order
) -> None:
    before = state(database, now, budi)
    act, done = bulk.apply(database, now, budi, order, numbers)
    assert done.changed == numbers
    notes.add_note(database, now, budi, numbers[0], "Dicek")
    undone = bulk.undo(database, now + timedelta(minutes=5), budi, act)
    assert undone.changed == numbers
    assert state(database, now, budi) == before
    with pytest.raises(Refusal, match="no longer"):
        bulk.undo(database, now + timedelta(minutes=6), budi, act)


def test_what_changed_since_is_not_taken_back(
    database: Database, now: datetime, numbers: list[str], budi: Viewer
) -> None:
    act, _ = bulk.apply(database, now, budi, Order("ambil"), numbers)
    claims.release(database, now, budi, numbers[0])
    undone = bulk.undo(database, now, budi, act)
    assert undone.changed == numbers[1:]
    assert undone.skipped == {numbers[0]: "changed"}


def test_only_its_author_takes_it_back_and_only_for_a_while(
    database: Database, now: datetime, numbers: list[str], budi: Viewer, dewi: Viewer
) -> None:
    act, _ = bulk.apply(database, now, budi, Order("tugaskan", "dinkes"), numbers)
    for viewer, at in ((dewi, now), (budi, now + bulk.UNDO_WITHIN)):
        with pytest.raises(Refusal):
            bulk.undo(database, at, viewer, act)


def test_who_may_only_read_changes_nothing(
    database: Database, now: datetime, numbers: list[str], join: Callable[..., Viewer]
) -> None:
    with pytest.raises(Refusal, match="read"):
        bulk.apply(
            database, now, join("kadis", "dishub", "pimpinan"), Order("ambil"), numbers
        )
