"""A deadline for a whole conversation over a socket.

Time-outs of a socket begin anew with every byte, so a server that drips holds whoever
listens for ever. When this deadline passes the connection is shut, and the client's own
error says that it ended.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any

CALL_SECONDS = 90.0
"""Shorter than an account's lease and than a lost answer is waited for."""


class Deadline:
    """`with Deadline() as deadline: deadline.watch(client)`; `passed` afterwards.

    `client` is anything with a socket as `sock`; it is looked up when the time has
    come, since TLS puts another in its place.
    """

    def __init__(self, seconds: float = CALL_SECONDS) -> None:
        self.passed = False
        self._client: Any = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def watch(self, client: Any) -> None:
        with self._lock:
            self._client = client
            if self.passed:
                self._shut()

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            self._shut()

    def _shut(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self._client.sock.shutdown(socket.SHUT_RDWR)
