"""Server-sent events: tells open pages that something has changed; they fetch what they show."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import anyio
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse

from aggregator import queue
from aggregator.web.site import Site

_SECONDS = 1.0

log = logging.getLogger(__name__)


class Pulse:
    """One look at the database a second for all open pages of this process, none without any."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._listeners = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._state = ""

    async def changes(self, seen: str) -> AsyncIterator[dict[str, str]]:
        """An event for every change after `seen`, the state a page was made at.

        Also for what happened between the making of the page, or a lost connection, and now.
        """
        self._listeners += 1
        try:
            if self._task is None or self._task.done():
                self._state = await self._look()
                self._task = asyncio.create_task(self._watch())
            while True:
                async with self._changed:
                    while self._state == seen:
                        await self._changed.wait()
                    seen = self._state
                yield {"event": "changed", "data": seen}
        finally:
            self._listeners -= 1

    async def _look(self) -> str:
        return await anyio.to_thread.run_sync(state_of, self._site)

    async def _watch(self) -> None:
        while self._listeners:
            await asyncio.sleep(_SECONDS)
            try:
                state = await self._look()
            except SQLAlchemyError:
                log.warning("the database does not answer; open pages wait", exc_info=True)
                continue
            if state != self._state:
                async with self._changed:
                    self._state = state
                    self._changed.notify_all()


def state_of(site: Site) -> str:
    return "{}-{}".format(*queue.last_change(site.database))


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    pulse = Pulse(site)

    @pages.get("/langsung")
    async def live(request: Request, sejak: str = "") -> EventSourceResponse:
        await anyio.to_thread.run_sync(site.viewer, request)
        return EventSourceResponse(pulse.changes(sejak), ping=20)

    return pages
