"""People at their browsers, as the server sees them: pages, the open stream, what it
makes fetch.

A page that is opened ends the stream of the page before and begins its own; a change
that is told makes the page fetch its part again after 300 ms, as the script of the
pages does.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import httpx2

from bench import _city

_STREAM = re.compile(r'sse-connect="([^"]+)"')
_PART = re.compile(r'hx-get="([^"]+)" hx-trigger="sse:changed')
_HERE = re.compile(r'hx-get="(/aduan/\d+/hadir)"')
_CASE = re.compile(r'<a class="row" href="(/aduan/\d+)"')
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_TARGET = re.compile(r'<input type="hidden" name="target" value="([^"]+)"')
_EXPECTED = (200, 204, 303, 409)
_DELAY = 0.3


@dataclass
class Seen:
    """What everybody together saw: seconds by act, statuses that nobody expects, events
    told."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    events: int = 0
    refused: int = 0


class Browser:
    """One signed-in person. `page`: the text of the page that is open."""

    def __init__(self, site: str, login: str, seen: Seen) -> None:
        limits = httpx2.Limits(max_connections=8)
        self._client = httpx2.AsyncClient(base_url=site, limits=limits, timeout=60)
        self.login, self.page, self.seen = login, "", seen
        self._following: asyncio.Task[None] | None = None

    async def sign_in(self) -> None:
        form = (await self._client.get("/masuk")).text
        token = dict(_FIELD.findall(form))["csrftoken"]
        data = {"login": self.login, "password": _city.PASSWORD, "csrftoken": token}
        answer = await self._client.post("/masuk", data=data)
        if answer.status_code != 303:
            raise SystemExit(f"{self.login} cannot sign in, so nothing was measured")

    async def open(self, act: str, path: str) -> None:
        """Go to a page and listen to what it listens to."""
        answer = await self._ask(act, "GET", path)
        if answer is None or answer.status_code != 200:
            return
        self.page = answer.text
        await self.leave()
        stream = _STREAM.search(self.page)
        if stream:
            self._following = asyncio.create_task(
                self._follow(html.unescape(stream[1]))
            )

    async def send(self, act: str, path: str, **fields: str) -> bool:
        """Submit a form of the open page, then look where it leads; whether it was
        taken."""
        known = dict(_FIELD.findall(self.page))
        hidden = {
            name: known.get(name, "")
            for name in ("csrftoken", "version", "seen", "key")
        }
        answer = await self._ask(act, "POST", path, {**hidden, **fields})
        if answer is None or answer.status_code == 409:
            self.seen.refused += 1
            return False
        if answer.status_code == 303:
            await self.open("case", answer.headers["location"].partition("#")[0])
        else:
            self.page = answer.text
        return True

    def cases(self) -> list[str]:
        return _CASE.findall(self.page)

    def target(self) -> str:
        found = _TARGET.search(self.page)
        return found[1] if found else ""

    async def leave(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
            self._following = None

    async def close(self) -> None:
        await self.leave()
        await self._client.aclose()

    async def _ask(
        self, act: str, method: str, path: str, data: dict[str, str] | None = None
    ) -> httpx2.Response | None:
        began = time.perf_counter()
        try:
            answer = await self._client.request(method, path, data=data)
        except httpx2.HTTPError as error:
            self.seen.errors[f"{act}: {type(error).__name__}"] += 1
            return None
        self.seen.seconds[act].append(time.perf_counter() - began)
        if answer.status_code not in _EXPECTED:
            self.seen.errors[f"{act}: {answer.status_code}"] += 1
        return answer

    async def _follow(self, path: str) -> None:
        """The stream of the open page; the part is fetched once no more news came for a
        moment."""
        told = asyncio.Event()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen(path, told))
            both.create_task(self._look_again(told))
            both.create_task(self._be_here())

    async def _listen(self, path: str, told: asyncio.Event) -> None:
        accept = {"accept": "text/event-stream"}
        while True:
            try:
                async with self._client.stream(
                    "GET", path, headers=accept, timeout=None
                ) as answer:
                    async for line in answer.aiter_lines():
                        if line.startswith("event: changed"):
                            self.seen.events += 1
                            told.set()
            except httpx2.HTTPError as error:
                self.seen.errors[f"stream: {type(error).__name__}"] += 1
                await asyncio.sleep(1)

    async def _look_again(self, told: asyncio.Event) -> None:
        part = _PART.search(self.page)
        if part is None:
            return
        path = html.unescape(part[1])
        if path.startswith("/antrean"):
            path += f"&banyak={len(self.cases())}"
        while True:
            await told.wait()
            told.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), _DELAY)
                continue
            await self._ask("part", "GET", path)

    async def _be_here(self) -> None:
        """An open case says every twenty seconds that somebody reads it."""
        here = _HERE.search(self.page)
        while here is not None:
            await self._ask("here", "GET", here[1])
            await asyncio.sleep(20)
