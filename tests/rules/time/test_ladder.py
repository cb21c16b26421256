"""Late steps are told once, to the right role, not at night, until somebody acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.city import procedures
from aggregator.rules.time.clocks import History, clocks
from aggregator.rules.time.ladder import (
    Watched,
    due,
    is_quiet,
    messages,
    next_look,
    ready,
)

ROOT = Path(__file__).resolve().parents[3]
RULES = procedures.load(ROOT / "config")
WIB = ZoneInfo("Asia/Jakarta")
MONDAY = datetime(2026, 3, 2, 10, tzinfo=WIB)


def watched(
    now: datetime,
    number: str = "100018",
    agency: str = "dishub",
    acknowledged: datetime | None = None,
    urgent: bool = False,
    answered: datetime | None = None,
    received: datetime = MONDAY,
) -> Watched:
    history = History(received, forwarded=received, first_response=answered)
    found = clocks(history, RULES.rule_sets, RULES.calendar, now)
    return Watched(number, agency, found, acknowledged, urgent)


def roles(case: Watched, now: datetime, sent: tuple[str, ...] = ()) -> list[str]:
    return [rung.role for rung in due([case], sent, now)]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(23, []), (25, ["kepala_opd"]), (49, ["kepala_opd", "wali_kota"])],
)
def test_the_head_of_office_after_a_day_and_the_mayor_after_two(
    hours: int, expected: list[str]
) -> None:
    now = MONDAY + timedelta(hours=hours)
    assert roles(watched(now), now) == expected


def test_what_was_sent_is_not_sent_again() -> None:
    now = MONDAY + timedelta(hours=49)
    head, mayor = due([watched(now)], (), now)
    assert roles(watched(now), now, (head.key,)) == ["wali_kota"]
    assert roles(watched(now), now, (head.key, mayor.key)) == []


def test_an_acknowledgement_stops_what_would_follow() -> None:
    now = MONDAY + timedelta(hours=49)
    case = watched(now, acknowledged=MONDAY + timedelta(hours=30))
    assert roles(case, now) == ["kepala_opd"]


def test_an_answer_stops_it_too() -> None:
    now = MONDAY + timedelta(hours=49)
    assert roles(watched(now, answered=MONDAY + timedelta(hours=30)), now) == []


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("20:59", False),
        ("21:00", True),
        ("23:59", True),
        ("00:00", True),
        ("05:59", True),
        ("06:00", False),
    ],
)
def test_quiet_hours_go_over_midnight_to_their_last_minute(
    at: str, quiet: bool
) -> None:
    moment = datetime.combine(MONDAY, time.fromisoformat(at), WIB)
    assert is_quiet(moment, RULES.ladder, RULES.calendar) is quiet


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("11:59", False), ("12:00", True), ("13:59", True), ("14:00", False)],
)
def test_quiet_hours_may_lie_within_a_day(at: str, quiet: bool) -> None:
    noon = replace(RULES.ladder, quiet_start=time(12), quiet_end=time(14))
    moment = datetime.combine(MONDAY, time.fromisoformat(at), WIB)
    assert is_quiet(moment, noon, RULES.calendar) is quiet


def told(cases: list[Watched], now: datetime) -> list[str]:
    return [
        rung.case_number for rung in ready(cases, (), RULES.ladder, RULES.calendar, now)
    ]


def test_at_night_only_emergencies_ring() -> None:
    night = datetime(2026, 3, 3, 23, tzinfo=WIB)
    cases = [watched(night, "100018"), watched(night, "100026", urgent=True)]
    assert told(cases, night) == ["100026"]
    morning = datetime(2026, 3, 4, 6, tzinfo=WIB)
    assert next_look([cases[0]], (), RULES.ladder, RULES.calendar, night) == morning
    assert told([watched(morning)], morning) == ["100018"]


def test_what_becomes_late_within_half_an_hour_is_told_together_and_emergencies_at_once() -> (  # noqa: E501
    None
):
    late = MONDAY + timedelta(hours=24)

    def seen(now: datetime) -> list[str]:
        came = (MONDAY - timedelta(minutes=ago) for ago in (25, 10))
        cases = [watched(now, f"10{n:04}", received=at) for n, at in enumerate(came)]
        return told(
            [*cases, watched(now, "200000", urgent=True, received=next_one)], now
        )

    next_one = MONDAY - timedelta(minutes=20)
    assert seen(late - timedelta(minutes=5)) == ["200000"]
    assert sorted(seen(late + timedelta(seconds=1))) == ["100000", "100001", "200000"]


def test_many_at_once_are_one_message_for_a_person_and_emergencies_one_each() -> None:
    now = datetime(2026, 3, 4, 9, tzinfo=WIB)
    cases = [
        watched(now, f"10{n:04}", agency)
        for n, agency in enumerate(("dishub", "dlh", "bpbd"))
    ]
    rungs = ready(cases, (), RULES.ladder, RULES.calendar, now)
    assert [len(one) for one in messages(rungs, RULES.ladder)] == [3]
    assert [len(one) for one in messages(rungs[:2], RULES.ladder)] == [1, 1]
    urgent = ready([watched(now, urgent=True)], (), RULES.ladder, RULES.calendar, now)
    assert [len(one) for one in messages([*rungs, *urgent], RULES.ladder)] == [1, 3]


def test_the_next_look_is_the_next_deadline() -> None:
    now = MONDAY + timedelta(hours=1)
    assert next_look(
        [watched(now)], (), RULES.ladder, RULES.calendar, now
    ) == MONDAY + timedelta(hours=24)


def looks_again(case: Watched, now: datetime, *sent: str) -> datetime | None:
    return next_look([case], sent, RULES.ladder, RULES.calendar, now)


def test_nothing_is_looked_for_once_somebody_has_it_in_hand() -> None:
    now = MONDAY + timedelta(hours=1)
    assert looks_again(watched(now, acknowledged=now), now) is None


def test_nothing_is_looked_for_once_it_was_answered() -> None:
    now = MONDAY + timedelta(hours=1)
    assert looks_again(watched(now, answered=now), now) is None


def test_after_one_rung_the_next_deadline_is_looked_for() -> None:
    now = MONDAY + timedelta(hours=25)
    (head,) = due([watched(now)], (), now)
    assert looks_again(watched(now), now, head.key) == MONDAY + timedelta(hours=48)


@pytest.mark.parametrize(
    "night",
    [datetime(2026, 3, 3, 23, 30, tzinfo=WIB), datetime(2026, 3, 4, 2, tzinfo=WIB)],
)
def test_what_waits_for_the_morning_is_looked_for_at_its_first_minute(
    night: datetime,
) -> None:
    received = datetime(2026, 3, 2, 22, tzinfo=WIB)
    case = watched(night, received=received)
    assert looks_again(case, night) == datetime(2026, 3, 4, 6, tzinfo=WIB)


def test_what_waits_for_the_moment_of_telling_is_looked_for_then() -> None:
    received = MONDAY - timedelta(minutes=50)  # 9.10, late on the next day
    now = received + timedelta(hours=24, minutes=5)
    moment = MONDAY.replace(day=3, hour=9, minute=30)
    assert looks_again(watched(now, received=received), now) == moment
    assert told([watched(now, received=received)], now) == []
    assert told([watched(moment, received=received)], moment) == ["100018"]


@given(st.lists(st.integers(min_value=1, max_value=72), min_size=1, max_size=20))
def test_however_often_it_looks_each_rung_is_sent_once(steps: list[int]) -> None:
    sent: list[str] = []
    now = MONDAY
    for hours in steps:
        now += timedelta(hours=hours)
        for rung in ready([watched(now)], sent, RULES.ladder, RULES.calendar, now):
            sent.append(rung.key)
    assert len(sent) == len(set(sent)) <= 2
