"""Which escalations are due, to whom, and when they may be sent.

Pure: what was sent before is an argument, so the same call after a restart, or by a
second worker that sees the same record, gives nothing twice. Keys are stable: case,
procedure, step, role.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from aggregator.rules.time.calendar import Calendar
from aggregator.rules.time.clocks import Clock


@dataclass(frozen=True, slots=True)
class Settings:
    """`quiet_start` to `quiet_end` in the city's zone, over midnight if the end is
    earlier.

    `digest_from`: so many notices for one person at once become one message. `gather`:
    late steps are told at moments so far apart, those of the time between together.
    """

    quiet_start: time
    quiet_end: time
    digest_from: int
    gather: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Watched:
    """One assignment as the ladder sees it. `acknowledged_at`: somebody took it in
    hand."""

    case_number: str
    agency: str
    clocks: Sequence[Clock]
    acknowledged_at: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """One late step for one role. `key` never changes: unique where sent rungs are
    recorded."""

    key: str
    case_number: str
    agency: str
    role: str
    step: str
    rule_set: str
    late_since: datetime
    urgent: bool


def due(watched: Iterable[Watched], sent: Collection[str], now: datetime) -> list[Rung]:
    """The rungs whose deadline has passed and that were not sent, oldest first.

    An acknowledgement stops what would have come after it.
    """
    found = [
        rung
        for case in watched
        for clock in case.clocks
        if (rung := _rung(case, clock, now)) is not None and rung.key not in sent
    ]
    return sorted(found, key=lambda rung: (rung.late_since, rung.key))


def ready(
    watched: Iterable[Watched],
    sent: Collection[str],
    settings: Settings,
    calendar: Calendar,
    now: datetime,
) -> list[Rung]:
    """What is told at this moment; in quiet hours, and between two moments of telling,
    emergencies alone."""
    quiet = is_quiet(now, settings, calendar)
    return [
        rung
        for rung in due(watched, sent, now)
        if rung.urgent
        or (not quiet and _gathered(rung.late_since, settings, calendar) <= now)
    ]


def messages(rungs: Sequence[Rung], settings: Settings) -> list[Sequence[Rung]]:
    """The messages of one person: emergencies each by itself, many others as one."""
    alone = [[rung] for rung in rungs if rung.urgent]
    others = [rung for rung in rungs if not rung.urgent]
    if len(others) >= settings.digest_from:
        return [*alone, others]
    return [*alone, *([rung] for rung in others)]


def _gathered(late: datetime, settings: Settings, calendar: Calendar) -> datetime:
    """The moment of telling that comes at or after a deadline, counted from
    midnight."""
    begin = calendar.local(late).replace(hour=0, minute=0, second=0, microsecond=0)
    return begin + -(-(late - begin) // settings.gather) * settings.gather


def is_quiet(now: datetime, settings: Settings, calendar: Calendar) -> bool:
    """Whether a moment lies in the quiet hours."""
    at, start, end = (
        calendar.local(now).time(),
        settings.quiet_start,
        settings.quiet_end,
    )
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def next_look(
    watched: Iterable[Watched],
    sent: Collection[str],
    settings: Settings,
    calendar: Calendar,
    now: datetime,
) -> datetime | None:
    """When there may be something to send next: a deadline, or the end of the quiet
    hours."""
    cases = list(watched)
    moments = [
        clock.due_at
        for case in cases
        for clock in case.clocks
        if clock.escalate
        and clock.due_at
        and clock.met_at is None
        and clock.due_at > now
        and case.acknowledged_at is None
    ]
    waiting = due(cases, sent, now)
    if waiting and is_quiet(now, settings, calendar):
        moments.append(_end_of_quiet(now, settings, calendar))
    moments += [_gathered(rung.late_since, settings, calendar) for rung in waiting]
    return min((moment for moment in moments if moment > now), default=None)


def _end_of_quiet(now: datetime, settings: Settings, calendar: Calendar) -> datetime:
    local = calendar.local(now)
    end = datetime.combine(local.date(), settings.quiet_end, calendar.zone)
    return end if end > local else end + timedelta(days=1)


def _rung(case: Watched, clock: Clock, now: datetime) -> Rung | None:
    late = clock.breached_at
    if clock.escalate is None or late is None or late > now or clock.met_at is not None:
        return None
    if case.acknowledged_at is not None and case.acknowledged_at <= late:
        return None
    return Rung(
        key=f"{case.case_number}:{case.agency}:{clock.rule_set}:{clock.name}:{clock.escalate}",
        case_number=case.case_number,
        agency=case.agency,
        role=clock.escalate,
        step=clock.name,
        rule_set=clock.rule_set,
        late_since=late,
        urgent=case.urgent,
    )


CITY_ROLES = frozenset({"wali_kota", "sekda", "verifikator"})
