"""When an account is polled next, and when a reply is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

BACK_OFF_CAP = timedelta(minutes=30)
_JITTER = 0.1


def next_poll(
    now: datetime,
    interval: int,
    failures: int,
    *,
    chance: float,
    retry_after: float | None = None,
) -> datetime:
    """`interval` and `retry_after` in seconds; `chance` in [0, 1) spreads accounts by
    ±10 %.

    Every failure in a row doubles the wait up to a cap; what the platform asks for is a
    minimum.
    """
    seconds = float(interval)
    if failures:
        seconds = min(
            seconds * 2 ** min(failures, 10),
            max(BACK_OFF_CAP.total_seconds(), interval),
        )
    seconds *= 1 + _JITTER * (2 * chance - 1)
    if retry_after is not None:
        seconds = max(seconds, retry_after * (1 + _JITTER * chance))
    return now + timedelta(seconds=seconds)


def next_try(
    now: datetime, attempts: int, retry_after: float | None = None
) -> datetime:
    """When a reply or download that may succeed later is tried again: 10 s, 20 s, ...
    30 min."""
    seconds = min(10 * 2 ** max(attempts - 1, 0), BACK_OFF_CAP.total_seconds())
    return now + timedelta(seconds=max(seconds, retry_after or 0))


def start_of_next_day(now: datetime) -> datetime:
    """The next UTC midnight: billed reads are counted by UTC day."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
