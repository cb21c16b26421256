"""Deadlines of a case: two procedures side by side, pauses that hide nothing, no way to
reset."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.city import procedures
from aggregator.rules.time.clocks import (
    Clock,
    History,
    Pause,
    RuleSet,
    Span,
    Step,
    clocks,
    reply_window,
    rules_of_day,
)

ROOT = Path(__file__).resolve().parents[3]
WIB = ZoneInfo("Asia/Jakarta")
RULES = procedures.load(ROOT / "config")
MONDAY = datetime(2026, 3, 2, 10, tzinfo=WIB)


def clock(history: History, name: str, now: datetime) -> Clock:
    found = {c.name: c for c in clocks(history, RULES.rule_sets, RULES.calendar, now)}
    return found[name]


def at(day: int, hour: int = 10, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=WIB)


def test_both_procedures_run_side_by_side() -> None:
    history = History(MONDAY, forwarded=MONDAY + timedelta(minutes=5))
    found = clocks(
        history, RULES.rule_sets, RULES.calendar, MONDAY + timedelta(hours=1)
    )
    assert {(c.rule_set, c.name): c.due_at for c in found if c.due_at} == {
        ("sibadra", "terus_ke_opd"): at(2) + timedelta(minutes=7),
        ("sibadra", "respons_opd"): at(3) + timedelta(minutes=5),
        ("sibadra", "respons_pimpinan"): at(4),
        ("sibadra", "tindak_lanjut"): at(4) + timedelta(minutes=5),
        ("sp4n", "verifikasi_dan_teruskan"): at(5, 16),
        ("sp4n", "tindak_lanjut_awal"): at(9, 16),
        # 14 working days after 2 March: Nyepi and Lebaran lie between.
        ("sp4n", "penyelesaian"): at(27, 16),
    }


@pytest.mark.parametrize(
    ("type_", "due"),
    [
        ("permintaan_informasi", at(9, 16)),
        ("tidak_berkadar_pengawasan", at(27, 16)),
        ("berkadar_pengawasan", datetime(2026, 6, 10, 16, tzinfo=WIB)),
        (None, at(27, 16)),
    ],
)
def test_the_type_decides_how_long_a_solution_may_take(
    type_: str | None, due: datetime
) -> None:
    assert clock(History(MONDAY, type=type_), "penyelesaian", MONDAY).due_at == due


@pytest.mark.parametrize(
    ("answered", "now", "state"),
    [
        (None, timedelta(hours=1), "running"),
        (None, timedelta(hours=20), "near"),
        (None, timedelta(hours=25), "breached"),
        (timedelta(hours=2), timedelta(hours=25), "met"),
        (timedelta(hours=26), timedelta(hours=30), "met_late"),
        (timedelta(hours=26), timedelta(hours=25), "breached"),
    ],
)
def test_the_state_of_a_clock(
    answered: timedelta | None, now: timedelta, state: str
) -> None:
    history = History(
        MONDAY, forwarded=MONDAY, first_response=MONDAY + answered if answered else None
    )
    found = clock(history, "respons_opd", MONDAY + now)
    assert found.state == state
    assert (found.breached_at == found.due_at) == (state in ("breached", "met_late"))


def test_a_step_that_cannot_have_begun_waits() -> None:
    found = clock(History(MONDAY), "respons_opd", MONDAY)
    assert (found.state, found.due_at) == ("waiting", None)


def test_waiting_for_the_reporter_moves_the_follow_up_and_is_shown() -> None:
    pause = Pause(
        "menunggu_pelapor", MONDAY + timedelta(hours=10), MONDAY + timedelta(hours=34)
    )
    history = History(MONDAY, forwarded=MONDAY, pauses=(pause,))
    found = clock(history, "tindak_lanjut", at(4, 12))
    assert found.first_due_at == at(4)
    assert (found.due_at, found.paused_for, found.state) == (
        at(5),
        timedelta(hours=24),
        "running",
    )


def test_it_does_not_move_the_first_response() -> None:
    pause = Pause("menunggu_pelapor", MONDAY, None)
    history = History(MONDAY, forwarded=MONDAY, pauses=(pause,))
    assert clock(history, "respons_opd", at(4)).state == "breached"


def test_waiting_for_the_reporter_is_capped() -> None:
    history = History(
        MONDAY, forwarded=MONDAY, pauses=(Pause("menunggu_pelapor", MONDAY),)
    )
    assert clock(history, "tindak_lanjut", MONDAY + timedelta(days=6)).state == "paused"
    found = clock(history, "tindak_lanjut", MONDAY + timedelta(days=20))
    assert (found.state, found.due_at) == ("breached", MONDAY + timedelta(days=9))


def test_waiting_for_money_ends_on_the_day_it_is_looked_at_again() -> None:
    pause = Pause("menunggu_anggaran", MONDAY, recheck=date(2026, 4, 1))
    history = History(MONDAY, forwarded=MONDAY, pauses=(pause,))
    assert (
        clock(history, "tindak_lanjut", datetime(2026, 3, 30, tzinfo=WIB)).state
        == "paused"
    )
    found = clock(history, "tindak_lanjut", datetime(2026, 4, 10, tzinfo=WIB))
    assert found.breached_at == datetime(2026, 4, 3, tzinfo=WIB)


def test_waiting_for_money_needs_that_day() -> None:
    with pytest.raises(ValueError, match="checked again"):
        Pause("menunggu_anggaran", MONDAY)


def test_a_pause_after_the_deadline_hides_nothing() -> None:
    late = Pause("menunggu_anggaran", at(5), recheck=date(2026, 4, 1))
    history = History(MONDAY, forwarded=MONDAY, pauses=(late,))
    found = clock(history, "tindak_lanjut", at(6))
    assert (found.state, found.breached_at, found.paused) == ("breached", at(4), None)


def test_overlapping_pauses_count_once() -> None:
    pauses = (
        Pause("menunggu_pelapor", MONDAY, MONDAY + timedelta(hours=10)),
        Pause(
            "menunggu_anggaran",
            MONDAY + timedelta(hours=5),
            MONDAY + timedelta(hours=12),
            recheck=date(2026, 4, 1),
        ),
    )
    history = History(MONDAY, forwarded=MONDAY, pauses=pauses)
    assert clock(history, "tindak_lanjut", at(4)).paused_for == timedelta(hours=12)


def test_working_days_are_paused_by_working_days() -> None:
    pause = Pause("menunggu_pelapor", at(5), at(10))
    found = clock(
        History(MONDAY, pauses=(pause,), type="permintaan_informasi"),
        "penyelesaian",
        at(10),
    )
    # Friday, Monday and Tuesday were paused; the weekend is no loss.
    assert (found.first_due_at, found.due_at) == (at(9, 16), at(12, 16))


def test_a_case_may_close_by_itself_ten_working_days_after_the_last_answer() -> None:
    found = clock(History(MONDAY, last_answer=MONDAY), "tutup_otomatis", at(30))
    assert (found.closing, found.due_at, found.breached_at) == (True, at(16, 16), None)


def test_a_case_keeps_the_rules_of_its_day() -> None:
    old = RuleSet(
        "sibadra", date(2019, 4, 28), (Step("x", "received", "closed", Span()),), "old"
    )
    new = replace(old, effective_from=date(2026, 3, 3), source="new")
    later = replace(old, effective_from=date(2027, 1, 1), source="later")
    before = datetime(2026, 3, 2, 16, 59, tzinfo=UTC)
    for received, source in ((before, "old"), (before + timedelta(minutes=1), "new")):
        (rules,) = rules_of_day([later, new, old], received, RULES.calendar)
        assert rules.source == source


def test_there_are_no_rules_before_the_first() -> None:
    assert (
        rules_of_day(RULES.rule_sets, datetime(2017, 1, 1, tzinfo=WIB), RULES.calendar)
        == []
    )


hours = st.integers(min_value=0, max_value=600).map(lambda n: timedelta(hours=n))
histories = st.builds(
    lambda start, forwarded, answered, done, pause: History(
        MONDAY + start,
        forwarded=MONDAY + start + forwarded if forwarded else None,
        first_response=MONDAY + start + answered if answered else None,
        followed_up=MONDAY + start + done if done else None,
        pauses=(Pause("menunggu_pelapor", MONDAY + start + pause),) if pause else (),
    ),
    hours,
    st.none() | hours,
    st.none() | hours,
    st.none() | hours,
    st.none() | hours,
)


def by_name(history: History, now: datetime) -> dict[tuple[str, str], Clock]:
    found = clocks(history, RULES.rule_sets, RULES.calendar, now)
    return {(c.rule_set, c.name): c for c in found}


@given(history=histories, first=hours, later=hours)
def test_a_breach_stays_a_breach(
    history: History, first: timedelta, later: timedelta
) -> None:
    before, after = (
        by_name(history, MONDAY + first),
        by_name(history, MONDAY + first + later),
    )
    for key, clock_ in before.items():
        if clock_.breached_at is not None:
            assert after[key].breached_at == clock_.breached_at


def test_the_platforms_window_is_one_more_clock() -> None:
    closes = at(3)
    assert reply_window("instagram", closes, None, at(2)).state == "running"
    assert reply_window("instagram", closes, at(2), at(4)).state == "met"
    late = reply_window("instagram", closes, None, at(4))
    assert (late.state, late.breached_at, late.rule_set) == (
        "breached",
        closes,
        "instagram",
    )


def test_a_clock_says_whom_its_step_tells_before_and_while_it_runs() -> None:
    told = {
        (rules.name, step.name): step.escalate
        for rules in RULES.rule_sets
        for step in rules.steps
    }
    assert any(told.values())
    waiting = History(MONDAY)
    running = History(MONDAY, forwarded=MONDAY)
    for history in (waiting, running):
        found = clocks(history, RULES.rule_sets, RULES.calendar, MONDAY)
        assert {(one.rule_set, one.name): one.escalate for one in found} == told
