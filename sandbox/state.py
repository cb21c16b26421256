"""What every platform of the sandbox shares: the clock, planned faults, and what the
city sent."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, get_args

from sandbox.faults import Fault, FaultKind, Faults


class Clock:
    """Seconds since the epoch. `advance` moves this world forward without waiting."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._ahead = 0.0

    def now(self) -> float:
        return self._source() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer of the city as it arrived. `to` is what it answers, `at` epoch
    seconds."""

    channel: str
    account: str
    to: str
    text: str
    id: str
    at: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Core:
    """Shared by the platforms of one sandbox. Hold `lock` while touching anything of
    them."""

    def __init__(self, source: Callable[[], float] = time.time, seed: int = 7) -> None:
        self.lock = threading.RLock()
        self.clock = Clock(source)
        self.random = random.Random(seed)
        self.faults = Faults()
        self.sent: list[Sent] = []
        self.stopping = threading.Event()

    def record(self, channel: str, account: str, to: str, text: str, id: str) -> Sent:
        entry = Sent(channel, account, to, text, id, self.clock.now())
        with self.lock:
            self.sent.append(entry)
        return entry

    def plan_fault(
        self,
        kind: FaultKind,
        *,
        token: str | None = None,
        endpoint: str | None = None,
        count: int = 1,
        retry_after: int = 1,
    ) -> None:
        """The next `count` requests that match go wrong; None matches every token or
        endpoint.

        Endpoints: Telegram method names (`getUpdates`, `sendMessage`, `file`, ...), X
        paths such as `GET /2/users/:id/mentions`, `POST /2/tweets`, and `POST
        /web/answers`.
        """
        if kind not in get_args(FaultKind):
            raise ValueError(
                f"unknown fault {kind!r}; known: {', '.join(get_args(FaultKind))}"
            )
        with self.lock:
            self.faults.plan(Fault(kind, token, endpoint, count, retry_after))
