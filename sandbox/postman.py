"""Deliveries to a callback, repeated until they are taken; for platforms without a
challenge.

Unlike real platforms, plain HTTP and ports are allowed and a delivery is repeated
within seconds.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping

import requests

from sandbox.state import Core

ANSWER_SECONDS = 10
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0


class Postman:
    """`headers` are made anew for every attempt: a signature holds the time of
    sending."""

    def __init__(
        self, core: Core, headers: Callable[[bytes], Mapping[str, str]]
    ) -> None:
        self.core, self._headers = core, headers
        self.callback: str | None = None
        self._waiting: queue.Queue[bytes] = queue.Queue()
        self._worker: threading.Thread | None = None

    def deliver_to(self, callback_url: str) -> None:
        """What happened before waits for the first callback."""
        self.callback = callback_url
        if self._worker is None:
            self._worker = threading.Thread(
                target=self._deliver, name="postman", daemon=True
            )
            self._worker.start()

    def send(self, content: bytes) -> None:
        self._waiting.put(content)

    def idle(self) -> bool:
        """Whether everything sent so far was taken."""
        return self._waiting.unfinished_tasks == 0

    def _deliver(self) -> None:
        while not self.core.stopping.is_set():
            try:
                content = self._waiting.get(timeout=0.1)
            except queue.Empty:
                continue
            wait = FIRST_WAIT_SECONDS
            while not self._taken(content) and not self.core.stopping.wait(wait):
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            self._waiting.task_done()

    def _taken(self, content: bytes) -> bool:
        try:
            answer = requests.post(
                str(self.callback),
                data=content,
                headers=dict(self._headers(content)),
                timeout=ANSWER_SECONDS,
            )
        except requests.RequestException:
            return False
        return answer.ok
