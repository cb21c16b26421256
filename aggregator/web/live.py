"""Server-sent events: tells open pages that something has changed; they fetch what they show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio
from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from aggregator import queue
from aggregator.web.site import Site

_SECONDS = 1.0


class Pulse:
    """One look at the database a second for all open pages of this process, none without any."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._state: tuple[int, int] = (0, 0)

    async def changes(self, request: Request) -> AsyncIterator[dict[str, str]]:
        self._listeners += 1
        if self._task is None or self._task.done():
            self._state = await self._look()
            self._task = asyncio.create_task(self._watch())
        seen = self._state
        try:
            while not await request.is_disconnected():
                async with self._changed:
                    try:
                        async with asyncio.timeout(15):
                            while self._state == seen:
                                await self._changed.wait()
                    except TimeoutError:
                        continue
                seen = self._state
                yield {"event": "changed", "data": f"{seen[0]}-{seen[1]}"}
        finally:
            self._listeners -= 1

    async def _look(self) -> tuple[int, int]:
        return await anyio.to_thread.run_sync(queue.last_change, self._site.database)

    async def _watch(self) -> None:
        while self._listeners:
            await asyncio.sleep(_SECONDS)
            state = await self._look()
            if state != self._state:
                async with self._changed:
                    self._state = state
                    self._changed.notify_all()


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    pulse = Pulse(site)

    @pages.get("/langsung")
    async def live(request: Request) -> EventSourceResponse:
        await anyio.to_thread.run_sync(site.viewer, request)
        return EventSourceResponse(pulse.changes(request), ping=20)

    return pages
