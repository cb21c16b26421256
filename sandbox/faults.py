"""Things that go wrong between a client and a platform, wrapped around the whole
application."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FaultKind = Literal["hang", "500", "429", "html", "charset", "huge", "cut", "swallow"]
"""hang     the request is never looked at and never answered
500, 429 an error instead of an answer; nothing is done
html     a proxy's page with status 200 instead of JSON; nothing is done
charset  status 200 and JSON that is not in the encoding it claims; nothing is done
huge     status 200 and five megabytes of nothing; nothing is done
cut      the request is carried out, half of the answer arrives, the connection breaks
swallow  the request is carried out, no answer ever comes"""


@dataclass(slots=True)
class Fault:
    kind: FaultKind
    token: str | None
    endpoint: str | None
    left: int
    retry_after: int


class Faults:
    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        self._planned.append(fault)

    def clear(self) -> None:
        self._planned.clear()

    def take(self, token: str | None, endpoint: str | None) -> Fault | None:
        for fault in self._planned:
            if fault.token in (None, token) and fault.endpoint in (None, endpoint):
                fault.left -= 1
                if fault.left <= 0:
                    self._planned.remove(fault)
                return fault
        return None


Identify = Callable[[Scope], tuple[str | None, str | None]]


class FaultMiddleware:
    """`identify` tells token and endpoint of a request; (None, None) is never
    disturbed."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: Faults,
        lock: threading.RLock,
        stopping: threading.Event,
        identify: Identify,
    ) -> None:
        self.app, self.faults, self.lock = app, faults, lock
        self.stopping, self.identify = stopping, identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._fault(scope)
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "hang":
            await self._wait_for_the_client_to_leave(receive)
        elif fault.kind == "cut":
            await self._cut(scope, receive, send)
        elif fault.kind == "swallow":
            await self._swallow(scope, receive)
        else:
            await _answer(send, *_instead(fault, is_x=scope["path"].startswith("/2/")))

    def _fault(self, scope: Scope) -> Fault | None:
        if scope["type"] != "http":
            return None
        token, endpoint = self.identify(scope)
        if endpoint is None:
            return None
        with self.lock:
            return self.faults.take(token, endpoint)

    async def _wait_for_the_client_to_leave(self, receive: Receive) -> None:
        gone = asyncio.create_task(_disconnected(receive))
        while not gone.done() and not self.stopping.is_set():
            await asyncio.wait([gone], timeout=0.1)
        gone.cancel()

    async def _cut(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, body = await self._collect(scope, receive)
        await send(started)
        await send(
            {
                "type": "http.response.body",
                "body": body[: len(body) // 2],
                "more_body": True,
            }
        )
        # returning with more to come makes the server break the connection

    async def _swallow(self, scope: Scope, receive: Receive) -> None:
        await self._collect(scope, receive)
        await self._wait_for_the_client_to_leave(receive)

    async def _collect(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        body = b"".join(
            m.get("body", b"") for m in messages if m["type"] == "http.response.body"
        )
        return messages[0], body


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _instead(fault: Fault, *, is_x: bool) -> tuple[int, str, bytes, dict[str, str]]:
    """Status, content type, body and further headers in the manner of the platform
    asked."""
    if fault.kind == "html":
        return 200, "text/html", b"<html><body><h1>Sebentar ya</h1></body></html>", {}
    if fault.kind == "charset":
        return (
            200,
            "application/json; charset=utf-8",
            b'{"ok": true, "result": ["\xe9\xff"]}',
            {},
        )
    if fault.kind == "huge":
        return 200, "application/json", b" " * (5 * 1024 * 1024), {}
    status = int(fault.kind)
    title = "Too Many Requests" if status == 429 else "Internal Server Error"
    if is_x:
        answer = {
            "title": title,
            "detail": title,
            "type": "about:blank",
            "status": status,
        }
        return status, "application/problem+json", json.dumps(answer).encode(), {}
    told: dict[str, object] = {"ok": False, "error_code": status, "description": title}
    headers = {}
    if status == 429:
        told["description"] = f"{title}: retry after {fault.retry_after}"
        told["parameters"] = {"retry_after": fault.retry_after}
        headers["retry-after"] = str(fault.retry_after)
    return status, "application/json", json.dumps(told).encode(), headers


async def _answer(
    send: Send, status: int, content_type: str, body: bytes, headers: dict[str, str]
) -> None:
    told = {"content-type": content_type, "content-length": str(len(body)), **headers}
    raw = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
