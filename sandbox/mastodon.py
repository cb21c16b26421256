"""A Mastodon server: notifications, statuses, applications and tokens.

Source: docs.joinmastodon.org, methods notifications, statuses, apps, oauth, "Rate
limits" (2026). Paths stand under /mastodon, so that they are not mistaken for other
platforms.
"""

from __future__ import annotations

import secrets
from collections import deque
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route
from starlette.types import Scope

from sandbox import attached
from sandbox.mastodon_state import CHARACTERS, Account, Mastodon, Refusal, Status
from sandbox.platform import Event
from sandbox.rest import Json, bearer, endpoint_of, here
from sandbox.state import Core

PREFIX = "/mastodon"
LIMIT, WINDOW_SECONDS = 300, 300.0
DEFAULT_PAGE, LARGEST_PAGE = 40, 80
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = ["read", "write"]
OFFICES = {"dlh_demo": ("dlh", "DLH Kota Bogor (demo)")}
ENDPOINTS = (
    "GET /api/v1/accounts/verify_credentials",
    "GET /api/v1/accounts/relationships",
    "GET /api/v1/apps/verify_credentials",
    "POST /api/v1/apps",
    "GET /oauth/authorize",
    "POST /oauth/token",
    "GET /api/v1/notifications",
    "GET /api/v2/notifications/policy",
    "POST /api/v1/statuses",
    "GET /api/v1/statuses/:id",
    "GET /api/v1/statuses/:id/context",
)


class MastodonServer:
    channels: ClassVar[tuple[str, ...]] = ("mastodon",)

    def __init__(self, core: Core) -> None:
        self.core, self.state = core, Mastodon(core)
        self._apps: dict[str, str] = {}
        self._codes: dict[str, tuple[str, str]] = {}
        self._spent: dict[str, deque[float]] = {}
        self._taken: dict[tuple[str, str], str] = {}
        self._names: dict[str, str] = {}

    def populate(self) -> None:
        for username, (_, name) in OFFICES.items():
            self.state.add_account(username, name, token=f"demo-mastodon-{username}")

    def accounts(self, here: str) -> list[dict[str, Any]]:
        return [
            {
                "channel": "mastodon",
                "handle": username,
                "agency": agency,
                "settings": {"access_token": f"demo-mastodon-{username}"},
                "app": {"base_url": here + PREFIX},
            }
            for username, (agency, _) in OFFICES.items()
        ]

    def act(self, event: Event) -> str:
        """`visibility` is public, unlisted, private or direct."""
        text = event.get("text", "")
        if "delete" in event:
            return self.state.delete(self._item(event["delete"]))
        if "edit" in event:
            return self.state.edit(self._item(event["edit"]), text)
        answered = self._item(event["reply_to"]) if "reply_to" in event else None
        made = self.state.post(
            self.state.resident(event.get("who", "siti_bogor")),
            text,
            answered=answered,
            visibility=event.get("visibility", "public"),
            photos=event.get("photos", []),
        )
        if "as" in event:
            self._names[event["as"]] = made.id
        return made.id

    def _item(self, reference: str) -> str:
        status_id = self._names.get(reference, reference)
        if status_id not in self.state.statuses:
            raise ValueError(f"there is no status {reference!r}")
        return status_id

    def revoke(self, token: str) -> None:
        del self.state.tokens[token]

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS, PREFIX)
        return (bearer(scope), endpoint) if endpoint else None

    def routes(self) -> list[Route]:
        handlers = {
            "GET /api/v1/accounts/verify_credentials": self._me,
            "GET /api/v1/accounts/relationships": self._relationships,
            "GET /api/v1/apps/verify_credentials": self._app,
            "GET /api/v1/notifications": self._notifications,
            "GET /api/v2/notifications/policy": self._policy,
            "GET /api/v1/statuses/{id}": self._status,
            "GET /api/v1/statuses/{id}/context": self._context,
            "POST /api/v1/statuses": self._publish,
        }
        return [
            *(self._route(endpoint, handler) for endpoint, handler in handlers.items()),
            Route(f"{PREFIX}/api/v1/apps", self._register, methods=["POST"]),
            Route(f"{PREFIX}/oauth/authorize", self._authorize, methods=["GET"]),
            Route(f"{PREFIX}/oauth/token", self._token, methods=["POST"]),
            Route(f"{PREFIX}/media/{{label:path}}", _picture, methods=["GET"]),
        ]

    def _route(self, endpoint: str, handler: Any) -> Route:
        method, _, path = endpoint.partition(" ")

        async def answer(request: Request) -> Response:
            body = await request.json() if method == "POST" else {}
            return await run_in_threadpool(self._answer, request, handler, body)

        return Route(PREFIX + path, answer, methods=[method])

    def _answer(self, request: Request, handler: Any, body: Json) -> Response:
        with self.core.lock:
            token = bearer(request.scope)
            account = self.state.tokens.get(token or "")
            if account is None or token is None:
                return JSONResponse({"error": "The access token is invalid"}, 401)
            headers, exhausted = self._spend(token)
            if exhausted:
                return JSONResponse({"error": "Too many requests"}, 429, headers)
            try:
                answer = handler(request, self.state.accounts[account], body)
            except Refusal as refusal:
                return JSONResponse({"error": str(refusal)}, refusal.status, headers)
            if isinstance(answer, Response):
                answer.headers.update(headers)
                return answer
            return JSONResponse(answer, headers=headers)

    def _spend(self, token: str) -> tuple[dict[str, str], bool]:
        """The date of the reset is written as one, unlike elsewhere."""
        now, spent = self.core.clock.now(), self._spent.setdefault(token, deque())
        while spent and spent[0] <= now - WINDOW_SECONDS:
            spent.popleft()
        exhausted = len(spent) >= LIMIT
        if not exhausted:
            spent.append(now)
        reset = datetime.fromtimestamp(spent[0] + WINDOW_SECONDS, UTC)
        return {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(LIMIT - len(spent)),
            "X-RateLimit-Reset": reset.isoformat().replace("+00:00", "Z"),
        }, exhausted

    def _me(self, request: Request, account: Account, _: Json) -> Any:
        return account.as_json(_server(request)) | {"source": {"privacy": "public"}}

    def _app(self, request: Request, account: Account, _: Json) -> Any:
        return {"id": "1", "name": "Sahut", "website": None, "scopes": SCOPES}

    def _notifications(self, request: Request, account: Account, _: Json) -> Any:
        """`min_id` gives the page directly above it; without it the newest page."""
        query, server = request.query_params, _server(request)
        size = min(int(query.get("limit", DEFAULT_PAGE)), LARGEST_PAGE)
        wanted = query.getlist("types[]")
        with_filtered = query.get("include_filtered") == "true"
        rows = [
            n
            for n in account.notifications
            if (not wanted or n.type in wanted) and (with_filtered or not n.filtered)
        ]
        if "min_id" in query:
            page = [n for n in rows if int(n.id) > int(query["min_id"])][:size]
        else:
            page = rows[-size:]
        page = [
            n for n in page if n.status_id is None or n.status_id in self.state.statuses
        ]
        response = JSONResponse(
            [self.state.notification(n, server) for n in reversed(page)]
        )
        if page:
            address = f"{server}/api/v1/notifications?limit={size}"
            response.headers["Link"] = (
                f'<{address}&max_id={page[0].id}>; rel="next", '
                f'<{address}&min_id={page[-1].id}>; rel="prev"'
            )
        return response

    def _policy(self, request: Request, account: Account, _: Json) -> Any:
        return account.policy

    def _relationships(self, request: Request, account: Account, body: Json) -> Any:
        """Who blocks the asking account says so here alone (docs.joinmastodon.org,
        accounts#relationships)."""
        asked = request.query_params.getlist("id[]")
        known = self.state.accounts
        return [
            {"id": one, "blocked_by": account.id in known[one].blocks}
            for one in asked
            if one in known
        ]

    def _status(self, request: Request, account: Account, _: Json) -> Any:
        status = self._visible(request.path_params["id"], account)
        return self.state.status(status, _server(request))

    def _context(self, request: Request, account: Account, _: Json) -> Any:
        status = self._visible(request.path_params["id"], account)
        below = [
            each for each in self.state.statuses.values() if each.answered == status.id
        ]
        answers = [self.state.status(each, _server(request)) for each in below]
        return {"ancestors": [], "descendants": answers}

    def _visible(self, status_id: str, account: Account) -> Status:
        status = self.state.statuses.get(status_id)
        if status is None or account.id in self.state.accounts[status.author].blocks:
            raise Refusal(404, "Record not found")
        named = {
            status.author,
            *(found.id for found in self.state.mentioned(status.text)),
        }
        if status.visibility == "direct" and account.id not in named:
            raise Refusal(404, "Record not found")
        return status

    def _publish(self, request: Request, account: Account, body: Json) -> Any:
        key = request.headers.get("idempotency-key")
        known = self._taken.get((account.id, key)) if key else None
        if known is not None:
            return self.state.status(self.state.statuses[known], _server(request))
        text, answered = str(body.get("status") or ""), body.get("in_reply_to_id")
        if not text:
            raise Refusal(422, "Validation failed: Text can't be blank")
        if self.state.length(text) > CHARACTERS:
            raise Refusal(
                422, f"Validation failed: Text character limit of {CHARACTERS} exceeded"
            )
        if answered is not None:
            self._visible(str(answered), account)
        made = self.state.post(
            account,
            text,
            answered=answered,
            visibility=body.get("visibility") or "public",
        )
        if key:
            self._taken[account.id, key] = made.id
        self.core.record(
            "mastodon", account.username, str(answered or ""), text, made.id
        )
        return self.state.status(made, _server(request))

    async def _register(self, request: Request) -> Response:
        form = await request.form()
        client_id, client_secret = secrets.token_hex(8), secrets.token_hex(16)
        with self.core.lock:
            self._apps[client_id] = client_secret
        return JSONResponse(
            {
                "id": "7",
                "name": form.get("client_name"),
                "client_id": client_id,
                "client_secret": client_secret,
                "redirect_uris": [form.get("redirect_uris")],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        """The first office signs in and agrees at once."""
        query, code = request.query_params, secrets.token_hex(12)
        with self.core.lock:
            self._codes[code] = (query["client_id"], next(iter(OFFICES)))
        if query["redirect_uri"] == OUT_OF_BAND:
            return PlainTextResponse(code)
        back = urlencode({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{query['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        with self.core.lock:
            client_id = str(form.get("client_id"))
            granted = self._codes.pop(str(form.get("code")), None)
            if self._apps.get(client_id) != form.get("client_secret"):
                return JSONResponse({"error": "invalid_client"}, 401)
            if granted is None or granted[0] != client_id:
                return JSONResponse({"error": "invalid_grant"}, 400)
            token = secrets.token_hex(16)
            self.state.tokens[token] = self.state.by_name(granted[1]).id
        return JSONResponse(
            {"access_token": token, "token_type": "Bearer", "scope": " ".join(SCOPES)}
        )


def _server(request: Request) -> str:
    return here(request) + PREFIX


async def _picture(request: Request) -> Response:
    file = attached.of(request.path_params["label"])
    return Response(file.content, media_type=file.mime)
