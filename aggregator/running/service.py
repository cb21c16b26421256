"""Web pages and background work as one process or several, until told to stop.

SIGTERM and SIGINT end it in order: no new request, running pages of a poll and running
sends finish, then the database closes.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import uvicorn

from aggregator import PlainError
from aggregator.city.catalog import Catalog
from aggregator.people import oidc
from aggregator.running import interpreter, page_processes
from aggregator.running.worker import Worker
from aggregator.store import discretion, memory
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault

_GRACE_SECONDS = 5

log = logging.getLogger(__name__)


class ServiceError(PlainError):
    """The service cannot start; the message says why and what to do."""


class _Running(AbstractContextManager["_Running"]):
    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def __enter__(self) -> _Running:
        self._worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.stop()


def run(
    database: Database,
    vault: Vault,
    settings: Settings,
    catalog: Catalog,
    *,
    background: bool = True,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal comes. `announce` is called once the pages can be opened."""
    discretion.guard_logs()
    interpreter.keep_what_is_read()
    worker = Worker.of(database, vault, settings)
    if found := oidc.trouble(settings):
        log.warning("nobody can sign in by OpenID Connect: %s", found)
    work: AbstractContextManager[object] = (
        _Running(worker) if background else nullcontext()
    )
    with listen(settings.host, settings.port) as listener, work:
        if settings.page_processes > 1:
            page_processes.serve(
                settings, listener, _config, wake=worker.wake, announce=announce
            )
        else:
            from aggregator.web.app import (
                create_app,
            )  # half of the time a command takes to start

            app = create_app(database, vault, settings, catalog, wake=worker.wake)
            # Ctrl+C ended it in order; the server says it once more, or does not
            with suppress(KeyboardInterrupt):
                _Server(_config(app), announce).run(sockets=[listener])
    database.close()


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=False,  # the pages read them, from proxies that are named
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. ServiceError where the port is taken."""
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise ServiceError(
            f"cannot listen on {host}:{port} ({error.strerror}); stop the other program"
            " or set SAHUT_PORT"
        ) from error
    # asyncio sets this only on sockets it opens itself; without it an answer can wait
    # 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class _Server(uvicorn.Server):
    """Tells when it can be reached."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        interpreter.take_turns()
        memory.forget_often()
        await super().startup(sockets)
        if self.started:
            self._announce()
