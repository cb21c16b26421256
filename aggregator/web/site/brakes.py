"""Where requests come from, and how many may come.

What can be guessed is counted in the database, for all processes and hosts
(`Lookups`, people/tries.py). Mere looking is counted in each process: a brake that
writes for every look would be the load it is to keep off (`Flood`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from aggregator.store.brakes import Brake
from aggregator.store.db import Database

REPORTS = Brake("reports of a source", 60, timedelta(minutes=10))
"""Residents share the address of their mobile network and of a kelurahan's Wi-Fi."""
LOOKUPS = Brake("lookups of a source", 300, timedelta(minutes=10))
WRONG = Brake("wrong guesses of a source", 30, timedelta(minutes=10))
"""Numbers, receipts and links that open nothing."""
_LOOKS = parse("3000/10 minutes")
_LONGEST = 60


class TooMany(Exception):
    """There were too many requests from this source; `until`: when it may go on."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many requests until {until}")
        self.until = until


class Flood:
    """Looks at public pages, of one process."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def count(self, request: Request) -> None:
        """A dependency of public pages. TooMany."""
        source = source_of(request)
        if not self._limiter.hit(_LOOKS, source):
            stats = self._limiter.get_window_stats(_LOOKS, source)
            raise TooMany(datetime.fromtimestamp(stats.reset_time, UTC))


def take(brake: Brake, database: Database, now: datetime, request: Request) -> None:
    """Count one of a source. TooMany."""
    source = source_of(request)
    if not brake.take(database, now, source):
        raise TooMany(brake.until(database, now, source) or now)


def source_of(request: Request) -> str:
    """The address a request came from; of IPv6 the network, in which one machine has
    many."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:_LONGEST]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
