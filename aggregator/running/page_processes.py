"""Pages made by several processes that share one listening socket; the worker stays
where it is.

Python computes in one thread at a time, so one process serves as many pages as one core
can make. Each process opens the database and reads the configuration for itself; what a
page asks of the worker goes back through a pipe.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import Multiprocess

from aggregator import city
from aggregator.running import interpreter
from aggregator.store import audit_chain, discretion, memory, vault
from aggregator.store.db import Database
from aggregator.store.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_READY, _WAKE = b"r", b"w"
_PATIENCE_SECONDS = 60
"""A process that does not answer its parent for so long is replaced; a slow disk is no
reason."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What a process of pages is told: the settings, and where to say what the parent
    must know."""

    settings: Settings
    said: Connection

    def __call__(self) -> FastAPI:
        """The application of this process; called in its event loop."""
        from aggregator.web.app import create_app  # only the processes of pages need it

        threading.Thread(target=_end_with_parent, daemon=True).start()
        keys = vault.load(self.settings.secret_key, self.settings.data_dir)
        app = create_app(
            audit_chain.proving(Database(self.settings.database_url), keys),
            keys,
            self.settings,
            city.load(self.settings.folder_of_config()).catalog,
            wake=lambda: self.said.send_bytes(_WAKE),
        )
        interpreter.keep_what_is_read()
        interpreter.take_turns()
        memory.forget_often()
        discretion.guard_logs()
        self.said.send_bytes(_READY)
        return app


def serve(
    settings: Settings,
    listener: socket.socket,
    config: Callable[[Pages], uvicorn.Config],
    *,
    wake: Callable[[], None],
    announce: Callable[[], None],
) -> None:
    """Serve until a signal comes. `config` says how uvicorn runs an application."""
    heard, said = multiprocessing.get_context("spawn").Pipe(duplex=False)
    threading.Thread(target=listen, args=(heard, wake, announce), daemon=True).start()
    chosen = config(Pages(settings, said))
    chosen.factory, chosen.workers = True, settings.page_processes
    chosen.timeout_worker_healthcheck = _PATIENCE_SECONDS
    Multiprocess(chosen, [listener]).run()


def listen(
    heard: Connection, wake: Callable[[], None], announce: Callable[[], None]
) -> None:
    """Hear what processes of pages say, until none is left: ready (told once), or work
    to do."""
    announced = False
    with suppress(EOFError, OSError):
        while True:
            if heard.recv_bytes() == _WAKE:
                wake()
            elif not announced:
                announced = True
                announce()


def _end_with_parent() -> None:
    """A parent that was killed cannot say so, and its address would stay taken."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
