"""Run the sandbox in a thread of this process.

>>> with running() as sandbox:
...     bot = sandbox.telegram.add_bot()
...     chat = sandbox.telegram.private_chat(bot.token, "Siti")
...     sandbox.telegram.say(chat, "Lampu jalan mati")
...     requests.get(f"{sandbox.url}/bot{bot.token}/getUpdates")
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import demo, life
from sandbox.answers import Answers
from sandbox.app import application
from sandbox.faults import FaultKind
from sandbox.state import Sent
from sandbox.telegram_state import Telegram
from sandbox.world import World
from sandbox.x_state import X

START_SECONDS = 20.0


class Sandbox:
    """A running sandbox: `url`, the platforms, and what concerns all of them."""

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self.world = world
        self.telegram: Telegram = world.telegram
        self.x: X = world.x
        self.answers: Answers = world.answers
        self.group = world.group

    def accounts(self, channel: str | None = None) -> list[dict[str, Any]]:
        """The demonstration's accounts, as GET /control/accounts gives them."""
        known = demo.accounts(self.x, self.url)
        known += [
            entry
            for other in self.world.platforms
            for entry in other.accounts(self.url)
        ]
        return [account for account in known if channel in (None, account["channel"])]

    def sent(self, channel: str | None = None) -> Sequence[Sent]:
        """Answers of the city that arrived, oldest first."""
        with self.world.core.lock:
            return [
                entry
                for entry in self.world.core.sent
                if channel in (None, entry.channel)
            ]

    def fault(
        self,
        kind: FaultKind,
        *,
        token: str | None = None,
        endpoint: str | None = None,
        count: int = 1,
        retry_after: int = 1,
    ) -> None:
        """See `Core.plan_fault`."""
        self.world.core.plan_fault(
            kind, token=token, endpoint=endpoint, count=count, retry_after=retry_after
        )

    def clear_faults(self) -> None:
        with self.world.core.lock:
            self.world.core.faults.clear()

    def revoke(self, token: str) -> None:
        """A bot token, an X access token, or a token of the web site."""
        self.world.revoke(token)

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward."""
        with self.world.core.lock:
            self.world.core.clock.advance(seconds)

    def wait_for(self, happened: Callable[[], bool], seconds: float = 60.0) -> None:
        """Until something that other threads do has happened; TimeoutError after
        `seconds`."""
        deadline = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError("what was waited for did not happen")
            time.sleep(0.01)


class Listener:
    """An address of this machine where one world after another answers: starting a
    server takes longer than most tests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.application: ASGIApp = _nobody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(scope, receive, send)


async def _nobody(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("no world is running", 503)(scope, receive, send)


@contextmanager
def listening(port: int = 0) -> Iterator[Listener]:
    """Listening when entered, gone when left."""
    bound = socket.create_server(("127.0.0.1", port))
    # asyncio does this only for sockets made with an explicit protocol; without it
    # every answer on a kept connection waits 40 ms for the client's acknowledgement
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener = Listener(f"http://127.0.0.1:{bound.getsockname()[1]}")
    config = uvicorn.Config(
        listener,
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, args=([bound],), name="sandbox", daemon=True
    )
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield listener
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        bound.close()


@contextmanager
def running(
    *,
    port: int = 0,
    script: str = "none",
    form_url: str | None = None,
    pace: float = 3.0,
    past: bool = False,
    clock: Callable[[], float] = time.time,
    listener: Listener | None = None,
) -> Iterator[Sandbox]:
    """Listening when entered, gone when left. `clock` gives epoch seconds.

    `past`: residents have talked for three days already (life.py). `listener`: one that
    listens already, in place of `port`.
    """
    world = World(clock)
    if past:
        life.relive(world.residents)
    with nullcontext(listener) if listener else listening(port) as found:
        found.application = application(world)
        try:
            if script == "demo":
                world.residents.start(form_url, pace)
            yield Sandbox(found.url, world)
        finally:
            world.core.stopping.set()
            world.telegram.wake_all()
            found.application = _nobody
            world.residents.join()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox did not start")
        time.sleep(0.01)
