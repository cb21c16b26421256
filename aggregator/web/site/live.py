"""Server-sent events: tells open pages that something has changed; they fetch what they
show."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import anyio
from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from aggregator.cases import casefile
from aggregator.desk import changes
from aggregator.desk.changes import Changed, State
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import DatabaseTrouble, Reads
from aggregator.web.site import Site

_SECONDS = 1.0
_REST_SECONDS = 3.0
"""Between two news for one page: many acts in a busy city are one reason to look
again."""
_SHARE_SECONDS = 0.5
"""So much of the time a page may have for looking again, of all that show the same:
told at one moment, they would all come at one moment, and whoever opens a case would
wait behind them."""
_LATEST_SECONDS = 10.0
_MOST_KEPT = 20_000
_STATE = re.compile(r"(\d{1,18})-(\d{1,18})")
CITY = ""
"""The scope of a page that shows every office."""
Scope = str | int
"""What a page is about: the city, an agency's code, a case's id, or a person, as
`_reader` writes them, for the secret cases they read."""

News = tuple[int, State]
"""In which look a change was found, and the state of the database then."""

log = logging.getLogger(__name__)


class Pulse:
    """One look at the database a second for all open pages of this process, none
    without any.

    A page is told only of what its scopes are about.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._listeners: Counter[tuple[Scope, ...]] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._seen: frozenset[tuple[str, int]] = frozenset()
        self._looks = 0
        self._state: State = (0, 0)
        self._everybody: News = (0, (0, 0))
        self._last: dict[Scope, News] = {}

    async def changes(
        self, seen: State, scope: tuple[Scope, ...]
    ) -> AsyncGenerator[dict[str, str]]:
        """An event for every change of `scope` after `seen`, the state a page was made
        at.

        Also for what happened between the making of the page, or a lost connection, and
        now.
        """
        self._listeners[scope] += 1
        try:
            if self._task is None or self._task.done():
                await self._begin()
            look, at = self._news(scope)
            told = -1 if _after(at, seen) else look
            while True:
                async with self._changed:
                    while self._news(scope)[0] <= told:
                        await self._changed.wait()
                others = self._listeners[scope] - 1
                turn = min(_SHARE_SECONDS * others, _LATEST_SECONDS)
                await asyncio.sleep(random.uniform(0, turn))
                told = self._looks
                yield {"event": "changed", "data": written(self._state)}
                await asyncio.sleep(max(_REST_SECONDS, turn / 2))
        finally:
            self._listeners -= Counter(
                {scope: 1}
            )  # which forgets a scope that nobody is left in

    async def _begin(self) -> None:
        """What happened while nobody listened may concern everybody."""
        found = await anyio.to_thread.run_sync(changes.now, self._site.database)
        self._state, self._seen = found.state, found.seen
        self._everybody, self._last = (self._looks, self._state), {}
        self._task = asyncio.create_task(self._watch())

    def _news(self, scope: tuple[Scope, ...]) -> News:
        """The last change of any of the scopes."""
        own = (self._last.get(one, self._everybody) for one in scope)
        return max(*own, self._everybody)

    async def _watch(self) -> None:
        while self._listeners:
            await asyncio.sleep(_SECONDS)
            try:
                found = await anyio.to_thread.run_sync(
                    changes.since, self._site.database, self._state, self._seen
                )
            except DatabaseTrouble:
                log.warning(
                    "the database does not answer; open pages wait", exc_info=True
                )
                continue
            self._seen = found.seen
            if found.cases or found.everybody:
                async with self._changed:
                    self._note(found)
                    self._changed.notify_all()

    def _note(self, found: Changed) -> None:
        self._looks += 1
        self._state = found.state
        news = (self._looks, found.state)
        if found.everybody or len(self._last) > _MOST_KEPT:
            self._everybody, self._last = news, {}
        told: list[Scope] = [*found.agencies, *found.cases]
        told += [_reader(one) for one in found.readers]
        self._last |= dict.fromkeys([*told, CITY] if found.city else told, news)


def _reader(person_id: int) -> str:
    return f"reader {person_id}"


def _after(one: State, other: State) -> bool:
    return one[0] > other[0] or one[1] > other[1]


def state_of(site: Site, source: Reads | None = None) -> str:
    return written(changes.state(source or site.database))


def written(state: State) -> str:
    return "{}-{}".format(*state)


def _read(text: str) -> State:
    """A state as a page wrote it; of anything else everything is news."""
    found = _STATE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else (-1, -1)


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    pulse = Pulse(site)

    @pages.get("/langsung")
    async def live(
        request: Request, sejak: str = "", aduan: str = ""
    ) -> EventSourceResponse:
        """What changes in the viewer's office, or in the whole city, or in the one case
        named."""
        scope = await anyio.to_thread.run_sync(_scope, site, request, aduan)
        changes = pulse.changes(_read(sejak), scope)
        news = _while_allowed(site, request, aduan, changes)
        return EventSourceResponse(news, ping=20)

    return pages


async def _while_allowed(
    site: Site, request: Request, number: str, news: AsyncGenerator[dict[str, str]]
) -> AsyncIterator[dict[str, str]]:
    """Ends with the session, and with the sight of the case: the browser asks again
    then, and is told to stop."""
    async with aclosing(news) as changes:
        async for event in changes:
            if not await anyio.to_thread.run_sync(_still, site, request, number):
                return
            yield event


def _still(site: Site, request: Request, number: str) -> bool:
    signed = site.sessions.still(request)
    if signed is None or not number:
        return signed is not None
    try:
        _id_of(site, signed.viewer, number)
    except Refusal:
        return False
    return True


def _scope(site: Site, request: Request, number: str) -> tuple[Scope, ...]:
    viewer = site.viewer(request)
    if number:
        return (_id_of(site, viewer, number),)
    office: Scope = CITY if viewer.sees_all else viewer.agency_code
    return (office, _reader(viewer.id)) if viewer.reads_secret else (office,)


def _id_of(site: Site, viewer: Viewer, number: str) -> int:
    """Of a case that the viewer may see. Refusal."""
    with casefile.reading(site.database, site.clock(), viewer, number) as file:
        return file.id
