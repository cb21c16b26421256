"""The session of a browser: its cookie, whose it is, when it was last used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import anyio
from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.people import sessions
from aggregator.people.sessions import Browser, Signed
from aggregator.store.db import Database, Reads
from aggregator.store.vault import Vault
from aggregator.web.site.brakes import source_of
from aggregator.web.site.known import KnownBrowsers

_FOUND = "signed"
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Most of them name the ones further down as well."""
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class Sessions:
    """Of one installation. `https`: whether browsers send cookies by https alone."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Callable[[], datetime],
        *,
        https: bool,
    ) -> None:
        self._database, self._clock, self._https = database, clock, https
        self.known = KnownBrowsers(vault, https=https)
        self._cookie = "__Host-sesi" if https else "sesi"

    def of(self, request: Request, source: Reads | None = None) -> Signed | None:
        """The session that goes on in this browser; asked of the database once a
        request, in the look of its page where it has one."""
        state = request.scope["state"]
        if _FOUND not in state:
            state[_FOUND] = self.still(request, source)
        found: Signed | None = state[_FOUND]
        return found

    def still(self, request: Request, source: Reads | None = None) -> Signed | None:
        """The same, as it is by now."""
        token = request.cookies.get(self._cookie)
        if not token:
            return None
        return sessions.of_token(source or self._database, self._clock(), token)

    def begin(
        self,
        request: Request,
        response: Response,
        person_id: int,
        login: str,
        epoch: int,
        *,
        waits_for_code: bool = False,
    ) -> None:
        """A session in place of the one this browser had."""
        token, ends = sessions.begin(
            self._database,
            self._clock(),
            person_id,
            epoch,
            browser_of(request),
            waits_for_code=waits_for_code,
            instead_of=request.cookies.get(self._cookie),
        )
        request.session.clear()
        if not waits_for_code:
            self.known.remember(request, response, login)
        self._keep(response, token, ends)

    def prove(self, response: Response, signed: Signed, way: str) -> None:
        """Who works in this session has shown again who they are."""
        self._keep(
            response, *sessions.prove(self._database, self._clock(), signed, way)
        )

    def _keep(self, response: Response, token: str, ends: datetime) -> None:
        response.set_cookie(
            self._cookie,
            token,
            max_age=int((ends - self._clock()).total_seconds()),
            samesite="lax",
            httponly=True,
            secure=self._https,
        )

    def end(self, request: Request, response: Response) -> None:
        """Sign out."""
        token = request.cookies.get(self._cookie)
        if token:
            sessions.end_of_token(self._database, self._clock(), token)
        request.session.clear()
        response.delete_cookie(
            self._cookie, samesite="lax", httponly=True, secure=self._https
        )

    async def note_use(self, found: Signed | None) -> None:
        """Written seldom, and not before the answer has left."""
        now = self._clock()
        if found is not None and found.is_to_be_noted(now):
            await anyio.to_thread.run_sync(
                sessions.note_use, self._database, now, found.id
            )


class LastUse:
    """A middleware that notes when a session was last used. What an open page asks by
    itself is no use: a screen that nobody looks at is signed out in the end."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        await self._app(scope, receive, send)
        if not _is_by_itself(scope):
            await self._sessions.note_use(state.get(_FOUND))


def _is_by_itself(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    asks_live = b"text/event-stream" in headers.get(b"accept", b"")
    return scope["method"] == "GET" and (asks_live or b"hx-request" in headers)


def browser_of(request: Request) -> Browser:
    agent = request.headers.get("user-agent", "")
    name = ", ".join(
        next((name for sign, name in signs if sign in agent), "?")
        for signs in (_BROWSERS, _SYSTEMS)
    )
    return Browser(name, source_of(request))
