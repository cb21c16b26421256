"""Web pages and background work as one process, until it is told to stop.

SIGTERM and SIGINT end it in order: no new request, running pages of a poll and running sends
finish, then the database closes.
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import anyio.to_thread
import uvicorn

from aggregator import carriers, oidc
from aggregator.catalog import Catalog
from aggregator.db import Database
from aggregator.settings import Settings
from aggregator.vault import Vault
from aggregator.worker import Worker

_GRACE_SECONDS = 5
_PAGES_AT_ONCE = 16
"""Threads that make pages. They share one interpreter, and forty would spend the time on taking
turns; but acts that wait for a slow disk must leave some for those who only read."""
_TURN_SECONDS = 0.001
"""So long a thread may compute while another has its answer from the database: a page of forty
queries would wait forty times the usual 5 ms for its turn."""

log = logging.getLogger(__name__)


class ServiceError(Exception):
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
    worker = Worker(
        database, vault, settings.data_dir, pollers=settings.pollers,
        told_by=carriers.from_settings(settings),
    )  # fmt: skip
    if found := oidc.trouble(settings):
        log.warning("nobody can sign in by OpenID Connect: %s", found)
    from aggregator.web.app import create_app  # half of the time a command takes to start

    app = create_app(database, vault, settings, catalog, wake=worker.wake)
    server = _Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            proxy_headers=True,
        ),
        announce,
    )
    work: AbstractContextManager[object] = _Running(worker) if background else nullcontext()
    with listen(settings.host, settings.port) as listener, work:
        server.run(sockets=[listener])
    database.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. ServiceError where the port is taken."""
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise ServiceError(
            f"cannot listen on {host}:{port} ({error.strerror}); stop the other program "
            "or set SAHUT_PORT"
        ) from error
    # asyncio sets this only on sockets it opens itself; without it an answer can wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class _Server(uvicorn.Server):
    """Tells when it can be reached."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        sys.setswitchinterval(_TURN_SECONDS)
        anyio.to_thread.current_default_thread_limiter().total_tokens = _PAGES_AT_ONCE
        await super().startup(sockets)
        if self.started:
            self._announce()
