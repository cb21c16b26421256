"""Working days of the city: weekends, national holidays and collective leave (cuti
bersama)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo

WIB = timezone(timedelta(hours=7), "WIB")
"""The zone of the city: the same all year, so no table of zones is read for it."""
ZONE_NAME = "Asia/Jakarta"
"""What other programs call it."""
_MOST_DAYS_OFF_IN_A_ROW = 60


def midnight(day: date) -> datetime:
    """When a day begins in the city."""
    return datetime.combine(day, time(), WIB)


@dataclass(frozen=True, slots=True)
class Calendar:
    """`days_off`: holidays and collective leave with their names; `workdays`: 0 is
    Monday.

    `reviewed`: the years whose collective leave a person has entered; in other years
    only the library's days count, and deadlines are to be read with care.
    """

    zone: tzinfo = WIB
    workdays: frozenset[int] = frozenset(range(5))
    opens: time = time(8)
    closes: time = time(16)
    days_off: Mapping[date, str] = field(default_factory=dict)
    reviewed: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.weekday() in self.workdays and day not in self.days_off

    def next_working(self, day: date) -> date:
        """The first working day after a day."""
        for distance in range(1, _MOST_DAYS_OFF_IN_A_ROW):
            following = day + timedelta(days=distance)
            if self.is_working(following):
                return following
        raise ValueError(
            f"no working day within {_MOST_DAYS_OFF_IN_A_ROW} days after {day}"
        )

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def after(self, moment: datetime, days: int) -> datetime:
        """Closing time of the n-th working day after the day of a moment, in the city's
        zone.

        The day itself does not count, whatever the hour: what comes on a Friday or at
        the weekend has Monday as its first day.
        """
        day = self.local(moment).date()
        for _ in range(days):
            day = self.next_working(day)
        return datetime.combine(day, self.closes, self.zone)

    def between(self, start: datetime, end: datetime) -> int:
        """Working days after the day of `start` up to and including the day of
        `end`."""
        day, last = self.local(start).date(), self.local(end).date()
        length = max((last - day).days, 0)
        return sum(
            self.is_working(day + timedelta(days=n)) for n in range(1, length + 1)
        )
