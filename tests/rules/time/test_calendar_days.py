"""Working days, against a table written down here by itself."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.city import procedures
from aggregator.rules.time.calendar import WIB, ZONE_NAME, Calendar
from aggregator.store.configfile import ConfigError

ROOT = Path(__file__).resolve().parents[3]
CITY = procedures.load(ROOT / "config").calendar

# Decree of the three ministers for 2026: 17 holidays and 8 days of collective leave.
DECREE_2026 = """
01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16 08-17 08-25
12-25 02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24
"""  # noqa: E501
OFF = {date.fromisoformat(f"2026-{day}") for day in DECREE_2026.split()}
WORKING = [
    day
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    if day.strftime("%a") not in ("Sat", "Sun") and day not in OFF
]
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),
    max_value=datetime(2026, 9, 30),
    timezones=st.just(WIB),
)


def test_the_year_has_the_days_off_of_the_decree() -> None:
    assert {day for day in CITY.days_off if day.year == 2026} == OFF
    assert len(WORKING) == 240


@given(moment=MOMENTS, days=st.integers(min_value=1, max_value=60))
def test_the_nth_working_day_is_the_one_of_the_table(
    moment: datetime, days: int
) -> None:
    expected = WORKING[bisect_right(WORKING, moment.date()) + days - 1]
    found = CITY.after(moment, days)
    assert (found.date(), found.hour, found.tzinfo) == (expected, 16, WIB)


@given(moment=MOMENTS, later=st.integers(min_value=0, max_value=90))
def test_working_days_between_two_moments_are_those_of_the_table(
    moment: datetime, later: int
) -> None:
    end = moment + timedelta(days=later)
    expected = bisect_right(WORKING, end.date()) - bisect_right(WORKING, moment.date())
    assert CITY.between(moment, end) == expected


@given(moment=MOMENTS, days=st.integers(min_value=1, max_value=60))
def test_counting_back_gives_the_same_number(moment: datetime, days: int) -> None:
    assert CITY.between(moment, CITY.after(moment, days)) == days


def test_the_day_is_the_citys_not_utc() -> None:
    # 18:30 UTC on Monday is Tuesday in Bogor, so Wednesday is the first working day.
    late = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
    assert CITY.after(late, 1).date() == date(2026, 3, 4)


def test_over_lebaran_the_first_working_day_is_far_away() -> None:
    assert CITY.after(datetime(2026, 3, 17, 9, tzinfo=WIB), 1).date() == date(
        2026, 3, 25
    )


def test_files_of_collective_leave_agree_with_the_library() -> None:
    leave = holidays.country_holidays(
        "ID", years=[2025, 2026, 2027], categories=("government",)
    )
    public = holidays.country_holidays("ID", years=[2025, 2026, 2027])
    assert set(CITY.days_off) == set(leave) | set(public)


def test_a_year_that_nobody_reviewed_is_not_called_reviewed() -> None:
    assert CITY.reviewed == {2025, 2026}


def test_a_calendar_without_working_days_says_so() -> None:
    with pytest.raises(ValueError, match="no working day"):
        Calendar(workdays=frozenset()).next_working(date(2026, 3, 2))


def test_wrong_files_are_explained(tmp_path: Path) -> None:
    (tmp_path / "sop").mkdir()
    (tmp_path / "calendar").mkdir()
    (tmp_path / "sop" / "ladder.yaml").write_text(
        'quiet: {start: "21:00", end: "06:00"}\ndigest_from: 1\n', encoding="utf-8"
    )
    (tmp_path / "sop" / "sibadra.yaml").write_text(
        "name: sibadra\neffective_from: 2019-04-28\nsource: Perwal\nverified:"
        " false\nlongest_wait: 7d\nsteps:\n  - {name: a, label: {id: A, en: A}, start:"
        " received, end: forwarded, within: 7min}\n  - {name: b, label: {id: B, en: B},"
        " start: received, end: forwardd, within: 24h}\n",
        encoding="utf-8",
    )
    (tmp_path / "calendar" / "2026.yaml").write_text(
        "year: 2026\nsource: SKB\nreviewed: true\n"
        "collective_leave:\n  - {day: 2027-02-16, name: Imlek}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        procedures.load(tmp_path)
    said = "\n".join(str(problem) for problem in caught.value.problems)
    assert (
        "sibadra.yaml:7: sibadra: steps.0.within is wrong" in said and "24h, 2d" in said
    )
    assert "sibadra.yaml:8: sibadra: steps.1.end is wrong" in said
    assert "ladder.yaml:2" in said
    assert "2026.yaml:0: 2027-02-16 is not in 2026" in said


def test_what_nobody_has_verified_is_said_of_a_case() -> None:
    came = datetime(2026, 12, 29, 3, tzinfo=UTC)
    with_leave = procedures.doubts(
        procedures.load(ROOT / "config"),
        came,
        [came, datetime(2027, 1, 6, 9, tzinfo=UTC)],
    )
    assert (with_leave.procedures, with_leave.years) == (("sibadra", "sp4n"), (2027,))
    before_sibadra = procedures.doubts(
        procedures.load(ROOT / "config"), datetime(2018, 5, 2, tzinfo=UTC), []
    )
    assert before_sibadra.procedures == ("sp4n",)


@pytest.mark.parametrize("month", range(1, 13))
def test_the_citys_zone_is_what_other_programs_call_it(month: int) -> None:
    named = datetime(2026, month, 1, 8, tzinfo=ZoneInfo(ZONE_NAME))
    assert datetime(2026, month, 1, 8, tzinfo=WIB) == named
