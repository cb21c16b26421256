"""The deadlines of a case, side by side: the city's procedure, the national one, the
platform's.

Everything follows from what happened and when; nothing is stored that could be reset. A
case keeps the rules of the day it came in. A pause moves the deadline of what it may
pause, but never one that has passed already, and it stays visible in the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from aggregator.rules.time.calendar import Calendar

Event = Literal[
    "received", "forwarded", "first_response", "followed_up", "last_answer", "closed"
]
PauseReason = Literal["menunggu_pelapor", "menunggu_anggaran"]
State = Literal["waiting", "running", "near", "paused", "breached", "met", "met_late"]

# A deadline is near when this share of its time is left.
_NEAR_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: wall-clock time, or a number of working days."""

    wall: timedelta = timedelta()
    working_days: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """From one event of a case to another `within` a span. `by_type`: other spans for
    types.

    `escalate`: the role told when the step is late. `pausable`: reasons that stop it.
    `closing`: not a duty: when nothing more comes, the case may be closed. `label`: by
    language.
    """

    name: str
    start: Event
    end: Event
    within: Span | None = None
    by_type: Mapping[str, Span] = field(default_factory=dict)
    owner: str = "opd"
    escalate: str | None = None
    pausable: frozenset[PauseReason] = frozenset()
    closing: bool = False
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The steps of one procedure from a day on. `longest_wait`: how long a case may
    wait for its reporter; waiting for money ends at its re-check date."""

    name: str
    effective_from: date
    steps: tuple[Step, ...]
    source: str
    verified: bool = False
    longest_wait: timedelta = timedelta(days=7)
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """`recheck`: the day on which waiting for money is looked at again (required
    there)."""

    reason: PauseReason
    start: datetime
    end: datetime | None = None
    recheck: date | None = None

    def __post_init__(self) -> None:
        if self.reason == "menunggu_anggaran" and self.recheck is None:
            raise ValueError(
                "waiting for a budget needs the day on which it is checked again"
            )


@dataclass(frozen=True, slots=True)
class History:
    """What happened to a case, with time zone; None: not yet. `type`: a key of
    `by_type`.

    `responses`: every answer that counts for the office the clocks bind, where they are
    known one by one; a step then ends with the first of them after its start.
    """

    received: datetime
    forwarded: datetime | None = None
    first_response: datetime | None = None
    followed_up: datetime | None = None
    last_answer: datetime | None = None
    closed: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    type: str | None = None
    responses: tuple[datetime, ...] | None = None

    def at(self, event: Event) -> datetime | None:
        found: datetime | None = getattr(self, event)
        return found

    def ended(self, event: Event, started: datetime) -> datetime | None:
        """When a step that began then came to its end."""
        if event != "first_response" or self.responses is None:
            return self.at(event)
        return min((at for at in self.responses if at >= started), default=None)


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline. `first_due_at` is without pauses; `breached_at` stays once it is
    passed."""

    name: str
    rule_set: str
    started_at: datetime | None
    first_due_at: datetime | None
    due_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    state: State
    paused: PauseReason | None = None
    paused_for: timedelta = timedelta()
    owner: str = "opd"
    escalate: str | None = None
    closing: bool = False
    label: Mapping[str, str] = field(default_factory=dict)


def rules_of_day(
    rule_sets: Iterable[RuleSet], received: datetime, calendar: Calendar
) -> list[RuleSet]:
    """Of every procedure the version in force on the day a case came in."""
    day = calendar.local(received).date()
    newest: dict[str, RuleSet] = {}
    for rules in sorted(rule_sets, key=lambda rules: rules.effective_from):
        if rules.effective_from <= day:
            newest[rules.name] = rules
    return list(newest.values())


def clocks(
    history: History, rule_sets: Iterable[RuleSet], calendar: Calendar, now: datetime
) -> list[Clock]:
    """Every clock of a case at a moment, by the rules of the day it came in."""
    return [
        _clock(step, rules, history, calendar, now)
        for rules in rules_of_day(rule_sets, history.received, calendar)
        for step in rules.steps
        if _span(step, history) is not None
    ]


def reply_window(
    channel: str, closes_at: datetime, answered_at: datetime | None, now: datetime
) -> Clock:
    """The platform's own deadline for an answer, as one more clock of the case."""
    late = now > closes_at and (answered_at is None or answered_at > closes_at)
    met = answered_at if answered_at is not None and answered_at <= closes_at else None
    state: State = "met" if met else "breached" if late else "running"
    return Clock(
        "reply_window",
        channel,
        None,
        closes_at,
        closes_at,
        met,
        closes_at if late else None,
        state,
    )


def _span(step: Step, history: History) -> Span | None:
    return step.by_type.get(history.type or "", step.within)


def _clock(
    step: Step, rules: RuleSet, history: History, calendar: Calendar, now: datetime
) -> Clock:
    span, started = _span(step, history), history.at(step.start)
    if started is None or span is None:
        return Clock(
            step.name,
            rules.name,
            None,
            None,
            None,
            None,
            None,
            "waiting",
            owner=step.owner,
            escalate=step.escalate,
            closing=step.closing,
            label=step.label,
        )
    first_due = _add(started, span, calendar)
    met = history.ended(step.end, started)
    until = min(met, now) if met is not None else now
    due, paused, paused_for = _moved(
        first_due, step, rules, history.pauses, calendar, until, bool(span.working_days)
    )
    late = due < until and not step.closing
    return Clock(
        name=step.name,
        rule_set=rules.name,
        started_at=started,
        first_due_at=first_due,
        due_at=due,
        met_at=met if met is not None and met <= now else None,
        breached_at=due if late else None,
        state=_state(
            met if met is not None and met <= now else None,
            late,
            paused,
            started,
            due,
            now,
        ),
        paused=paused if not late else None,
        paused_for=paused_for,
        owner=step.owner,
        escalate=step.escalate,
        closing=step.closing,
        label=step.label,
    )


def _add(moment: datetime, span: Span, calendar: Calendar) -> datetime:
    if span.working_days:
        return calendar.after(moment, span.working_days)
    return moment + span.wall


def _moved(
    due: datetime,
    step: Step,
    rules: RuleSet,
    pauses: Sequence[Pause],
    calendar: Calendar,
    until: datetime,
    working_days: bool,
) -> tuple[datetime, PauseReason | None, timedelta]:
    """A deadline after the pauses that began before it, the open pause, and their
    length."""
    open_reason: PauseReason | None = None
    total = timedelta()
    counted_to = None
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if pause.reason not in step.pausable or pause.start >= min(due, until):
            continue
        begin = pause.start if counted_to is None else max(pause.start, counted_to)
        ends = _pause_ends(pause, rules, calendar)
        end = min(ends, until)
        if end <= begin:
            continue
        counted_to = end
        total += end - begin
        if working_days:
            due = calendar.after(due, calendar.between(begin, end))
        else:
            due += end - begin
        if until < ends and pause.end is None:
            open_reason = pause.reason
    return due, open_reason, total


def _pause_ends(pause: Pause, rules: RuleSet, calendar: Calendar) -> datetime:
    """When a pause ends at the latest: the cap for reporters, the start of the re-check
    day."""
    if pause.reason == "menunggu_anggaran" and pause.recheck is not None:
        latest = datetime.combine(pause.recheck, time(), calendar.zone)
    else:
        latest = pause.start + rules.longest_wait
    return latest if pause.end is None else min(pause.end, latest)


def _state(
    met: datetime | None,
    late: bool,
    paused: PauseReason | None,
    started: datetime,
    due: datetime,
    now: datetime,
) -> State:
    if met is not None:
        return "met_late" if late else "met"
    if late:
        return "breached"
    if paused:
        return "paused"
    return "near" if due - now <= (due - started) * _NEAR_SHARE else "running"
