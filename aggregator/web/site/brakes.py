"""Brakes on guessing and flooding. Counted in memory: a restart forgives."""

from __future__ import annotations

from datetime import UTC, datetime

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Brake:
    """At most so many hits a key, such as "10/15 minutes"."""

    def __init__(self, rate: str) -> None:
        self._rate = parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, *key: str) -> None:
        self._limiter.hit(self._rate, *key)

    def left(self, *key: str) -> int:
        """How many hits the key still has."""
        return self._limiter.get_window_stats(self._rate, *key).remaining

    def until(self, *key: str) -> datetime | None:
        """When the key is free again; None while it is."""
        if self._limiter.test(self._rate, *key):
            return None
        stats = self._limiter.get_window_stats(self._rate, *key)
        return datetime.fromtimestamp(stats.reset_time, UTC)
