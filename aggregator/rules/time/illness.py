"""Whether an installation is ill, and of what: what was seen of it is the argument."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WORKER_SILENT = timedelta(seconds=90)
POLL_LATE = timedelta(minutes=5)
ANSWER_LATE = timedelta(minutes=10)
EVENT_LATE = timedelta(minutes=5)
STEP_TOLD = timedelta(hours=1)
BACKUP_OLD = timedelta(days=8)
LEAST_FREE = 500 * 1024 * 1024
_AHEAD = timedelta(minutes=1)
_UNREAD_LEAST = timedelta(minutes=15)
_UNREAD_TURNS = 10
_RHYTHM_OF = 20
_QUIET_LEAST = timedelta(days=3)
_QUIET_TIMES = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is stable; `detail` says what and since when, `remedy` what to do."""

    code: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Line:
    """An account that somebody should read. `polled`: it is asked, not delivered to;
    `new`: messages that were new since `since`, the last at `last_new`."""

    name: str
    polled: bool
    interval: timedelta
    since: datetime
    last_good: datetime | None
    last_new: datetime | None
    new: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the rows and the disk found; None where there is nothing.

    `beat`, `stepped`: the last sign of any worker, and the last jump of its clock.
    `poll_due`, `answer_due`, `event_since`: the oldest that waits. `set_aside`: raw
    events nobody could read. `backup`: when the last was made; `begun`: when the first
    account was registered. `free`: bytes of the data folder.
    """

    lines: Sequence[Line]
    beat: datetime | None
    stepped: datetime | None
    stepped_seconds: float
    poll_due: datetime | None
    answer_due: datetime | None
    event_since: datetime | None
    set_aside: int
    backup: datetime | None
    begun: datetime | None
    free: int


def decide(now: datetime, seen: Seen) -> list[Reason]:
    """Every reason to be red, the one that explains others first; empty: all is
    well."""
    return [
        *_worker(now, seen),
        *_clock(now, seen),
        *_waiting(now, seen),
        *_accounts(now, seen.lines),
        *_keeping(now, seen),
    ]


def _worker(now: datetime, seen: Seen) -> Iterator[Reason]:
    remedy = "start `sahut run` or `sahut worker run`, and look at its log"
    if seen.beat is None:
        yield Reason("worker_silent", "no worker was ever heard", remedy)
    elif now - seen.beat > WORKER_SILENT:
        heard = f"no worker was heard for {_said(now - seen.beat)}"
        yield Reason("worker_silent", heard, remedy)


def _clock(now: datetime, seen: Seen) -> Iterator[Reason]:
    remedy = "check the time of the machine and what sets it (chrony, timesyncd)"
    if seen.stepped is not None and abs(now - seen.stepped) < STEP_TOLD:
        jumped = f"the clock of a worker jumped by {seen.stepped_seconds:+.0f} s"
        yield Reason("clock_stepped", jumped, remedy)
    elif seen.beat is not None and seen.beat - now > _AHEAD:
        ahead = f"a worker was heard {_said(seen.beat - now)} from now"
        yield Reason("clock_stepped", ahead, remedy)


def _waiting(now: datetime, seen: Seen) -> Iterator[Reason]:
    for code, what, since, bearable, remedy in (
        (
            "poll_late",
            "an account should have been read",
            seen.poll_due,
            POLL_LATE,
            "see whether the worker runs; raise SAHUT_POLLERS if it does",
        ),
        (
            "answer_late",
            "an answer waits to be sent since",
            seen.answer_due,
            ANSWER_LATE,
            "look at the worker's log, and at the account on the page Kesehatan",
        ),
        (
            "event_late",
            "what arrived waits to be processed since",
            seen.event_since,
            EVENT_LATE,
            "look at the worker's log",
        ),
    ):
        if since is not None and now - since > bearable:
            yield Reason(code, f"{what} {_said(now - since)} ago", remedy)
    if seen.set_aside:
        yield Reason(
            "set_aside",
            f"{seen.set_aside} raw events could not be read",
            "look at them with `sahut raw list`, then replay them",
        )


def _accounts(now: datetime, lines: Sequence[Line]) -> Iterator[Reason]:
    for line in lines:
        unread = now - (line.last_good or line.since)
        bearable = max(_UNREAD_LEAST, _UNREAD_TURNS * line.interval)
        if line.polled and unread > bearable:
            yield Reason(
                "account_unread",
                f"{line.name} could not be read for {_said(unread)}",
                "see its error with `sahut accounts list`; sign in again if it says so",
            )
        elif (quiet := _quiet(now, line)) is not None:
            yield Reason(
                "account_silent",
                f"{line.name} brought nothing for {_said(quiet)}, against its habit",
                "look on the platform whether residents write there; then"
                " `sahut accounts check`",
            )


def _quiet(now: datetime, line: Line) -> timedelta | None:
    """How long nothing came, where that is far longer than its usual pause."""
    if line.last_new is None or line.new < _RHYTHM_OF:
        return None
    usual = max(line.last_new - line.since, timedelta()) / line.new
    quiet = now - line.last_new
    return quiet if quiet > max(_QUIET_LEAST, _QUIET_TIMES * usual) else None


def _keeping(now: datetime, seen: Seen) -> Iterator[Reason]:
    if seen.free < LEAST_FREE:
        free = f"{seen.free // 2**20} MB are free in the data folder"
        yield Reason("disk_full", free, "make room, or set SAHUT_DATA_DIR")
    kept = seen.backup or seen.begun
    if kept is not None and now - kept > BACKUP_OLD:
        yield Reason(
            "backup_old",
            f"no backup was made for {_said(now - kept)}",
            "run `sahut db backup`, best every night",
        )


def _said(long: timedelta) -> str:
    minutes = int(long.total_seconds()) // 60
    if minutes < 1:
        return f"{int(long.total_seconds())} s"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
