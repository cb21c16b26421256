"""Figures for people who lead: what offices have open, and how the last days went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.cases import claims
from aggregator.desk import figures, queue
from aggregator.desk.figures import Row
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.web.desk._charts import Series, columns, grouped


def test_an_office_sees_its_own_line_and_the_coordinator_every_one(
    database: Database,
    now: datetime,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
    dewi: Viewer,
) -> None:
    post(register("dishub_x", "dishub"), "Angkot ngetem di depan stasiun")
    case = post(register("pdam_x", "tirtapakuan"), "Tagihan air naik terus")
    assert case is not None
    offices = {row.agency: row for row in figures.offices(database, dewi, now)}
    assert {"dishub", "tirtapakuan"} <= offices.keys()
    assert offices["dishub"].open == offices["dishub"].unclaimed == 1
    assert [row.agency for row in figures.offices(database, budi, now)] == ["dishub"]
    claims.claim(database, now, budi, str(case_of(database, dewi, "dishub").number), 30)
    assert figures.offices(database, budi, now)[0].unclaimed == 0


def case_of(database: Database, viewer: Viewer, agency: str) -> Case:
    return queue.listing(database, viewer, agency=agency)[0].case


def test_a_period_counts_by_the_days_and_hours_of_bogor(now: datetime) -> None:
    late_evening = datetime.fromisoformat(
        "2026-11-20T17:30:00+00:00"
    )  # 00.30 WIB on the 21st
    rows = [
        Row(late_evening, "x", "pju_mati", late_evening + timedelta(hours=2)),
        Row(late_evening, "x", None, None),
        Row(late_evening + timedelta(hours=3), "telegram", "pju_mati", None),
    ]
    found = figures.summarise(rows, late_evening, late_evening + timedelta(hours=30))
    assert found.total == 3
    assert found.by_day["2026-11-21"] == {"x": 2, "telegram": 1}
    assert found.by_hour[0] == {"x": 2}
    assert found.by_hour[3] == {"telegram": 1}
    assert found.by_kind.most_common(1) == [("pju_mati", 2)]
    assert found.late_by_day == {"2026-11-21": (2, 3)}
    assert found.channels == ["x", "telegram"]


def test_who_was_never_answered_does_not_make_the_others_look_better(
    now: datetime,
) -> None:
    came = now - timedelta(days=2)
    answered = [Row(came, "x", None, came + timedelta(hours=n)) for n in (1, 2, 3)]
    ignored = [Row(came, "x", None, None)] * 3
    spam = [Row(came, "x", None, None, wants_answer=False)] * 9
    fresh = [Row(now, "x", None, now)] * 9
    found = figures.summarise([*answered, *ignored, *spam, *fresh], came, now)
    assert (found.due, found.median, found.p90) == (6, 3.0, None)
    assert found.answered_within((1, 2)) == [
        1,
        1,
        1,
        3,
    ]  # in an hour, in two, later, never
    assert sum(late for late, _ in found.late_by_day.values()) == 3


def test_nothing_in_a_period_has_no_median(now: datetime) -> None:
    found = figures.summarise([], now - timedelta(days=2), now)
    assert (found.total, found.median, found.late_by_day) == (0, None, {})
    assert len(found.by_day) == 3  # today and the two days before


def test_a_chart_shows_the_busiest_channels_and_the_rest_together() -> None:
    names = ["x", "telegram", "facebook", "webform", "youtube", "tiktok", "imap"]
    counts = {"1": dict.fromkeys(names, 1), "2": {"x": 4}}
    series = grouped(counts, names, "others")
    assert [one.name for one in series] == [*names[:5], "others"]
    assert list(series[-1].values) == [2, 0]


def test_labels_of_a_chart_cannot_break_out_of_it() -> None:
    drawn = columns(["<script>", "b"], [Series("x", [1, 3])])
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert drawn.count("<rect") == 2
