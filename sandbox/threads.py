"""Threads API over HTTP: sign-in, lists, posting in two steps, deliveries.

Source: developers.facebook.com, "Threads API" (2025, 2026). Paths stand under /threads,
so that they are not mistaken for other platforms of Meta.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox import attached
from sandbox.hub import Hub
from sandbox.platform import Event
from sandbox.rest import bearer, endpoint_of, here
from sandbox.state import Core
from sandbox.threads_state import (
    YOUNGEST_RENEWED_SECONDS,
    Json,
    Person,
    Post,
    Threads,
    ThreadsError,
    Token,
    iso,
)

APP_ID, APP_SECRET = "200000000000001", "demoThreadsSecretThatOpensNothing"
PREFIX = "/threads"
EARLIEST = 1_688_540_400
ENDPOINTS = (
    "GET /:version/:id",
    "GET /:version/:id/mentions",
    "GET /:version/:id/threads",
    "GET /:version/:id/replies",
    "GET /:version/:id/conversation",
    "POST /:version/:id/threads",
    "POST /:version/:id/threads_publish",
    "POST /oauth/access_token",
    "GET /access_token",
    "GET /refresh_access_token",
)
ACCOUNTS = {"disdik_demo": ("disdik", "Disdik Bogor (demo)")}
_REPLY_FIELDS = (
    "id,username,text,media_type,permalink,replied_to,root_post,shortcode,timestamp"
)


class ThreadsApi:
    """Lists give 25 posts a page, at most 100."""

    channels: ClassVar[tuple[str, ...]] = ("threads",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.threads = Threads(core)
        self.hub = Hub(core, APP_SECRET)
        self._names: dict[str, str] = {}

    def populate(self) -> None:
        for username, (_, name) in ACCOUNTS.items():
            person = self.threads.add_person(username, name)
            self.threads.add_token(person, f"THDemo{username}OpensNothing")
            self.threads.post(
                username, "Pendaftaran siswa baru dibuka besok. Ada pertanyaan?"
            )

    def accounts(self, here: str) -> list[dict[str, Any]]:
        app = {
            "base_url": f"{here}{PREFIX}",
            "dialog_url": f"{here}{PREFIX}",
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
        }
        return [
            {
                "channel": "threads",
                "handle": token.owner.username,
                "app": app,
                "agency": ACCOUNTS[token.owner.username][0],
                "settings": {
                    "access_token": token.value,
                    "expires_at": iso(token.ends),
                },
            }
            for token in self.threads.tokens.values()
            if token.owner.username in ACCOUNTS
        ]

    def act(self, event: Event) -> str:
        who, text = str(event.get("who", "siti")), str(event.get("text", ""))
        if "delete" in event:
            gone = self._post_id(event["delete"])
            self.threads.delete(gone)
            return gone
        made = self.say(
            who,
            text,
            answers=self._answered(event),
            images=list(event.get("photos", [])),
        )
        if "as" in event:
            self._names[event["as"]] = made.id
        return made.id

    def _answered(self, event: Event) -> str | None:
        """`reply_to` an office's name: its newest post."""
        if "reply_to" not in event:
            return None
        person = self.threads.people.get(str(event["reply_to"]))
        if person is not None:
            return self.threads.by(person, answers=False)[0].id
        return self._post_id(event["reply_to"])

    def _post_id(self, reference: Any) -> str:
        told = self._names.get(str(reference), str(reference))
        if told not in self.threads.posts:
            raise ValueError(f"there is no post {reference!r}")
        return told

    def say(
        self,
        who: str,
        text: str,
        *,
        answers: str | None = None,
        images: list[str] | None = None,
    ) -> Post:
        made = self.threads.post(who, text, answers=answers, images=images)
        for body in self.deliveries_of(made):
            self.hub.tell(body)
        return made

    def deliveries_of(self, post: Post) -> list[Json]:
        """What is delivered about a post: to the owner of the thread, and to whom it
        mentions."""
        told, owners = (
            [],
            {token.owner.id: token.owner for token in self.threads.tokens.values()},
        )
        root = self.threads.posts.get(post.root or "")
        fields = _REPLY_FIELDS.split(",")
        if (
            root is not None
            and root.author.id in owners
            and root.author is not post.author
        ):
            value = self.threads.shown(post, root.author, fields, "")
            value["root_post"] = {
                "id": root.id,
                "owner_id": root.author.id,
                "username": root.author.username,
            }
            told.append(self._body("moderate", str(post.answers), "replies", value))
        for owner in owners.values():
            if post in self.threads.mentioning(owner):
                value = self.threads.shown(post, owner, [*fields, "is_reply"], "")
                told.append(self._body("interaction", owner.id, "mentions", value))
        return told

    def _body(self, topic: str, target: str, field: str, value: Json) -> Json:
        return {
            "app_id": APP_ID,
            "topic": topic,
            "target_id": target,
            "time": int(self.core.clock.now()),
            "subscription_id": "234567",
            "has_uid_field": False,
            "values": {"value": value, "field": field},
        }

    def revoke(self, token: str) -> None:
        self.threads.tokens[token].revoked = True

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS, PREFIX)
        return (bearer(scope), endpoint) if endpoint else None

    def routes(self) -> list[Route]:
        return [
            Route(f"{PREFIX}/media/{{label:path}}", _picture, methods=["GET"]),
            Route(f"{PREFIX}/oauth/authorize", self._authorize, methods=["GET"]),
            Route(f"{PREFIX}/oauth/access_token", self._code, methods=["POST"]),
            Route(f"{PREFIX}/access_token", self._exchange, methods=["GET"]),
            Route(f"{PREFIX}/refresh_access_token", self._refresh, methods=["GET"]),
            Route(
                f"{PREFIX}/{{version}}/{{id}}/{{edge}}",
                self._edge,
                methods=["GET", "POST"],
            ),
            Route(f"{PREFIX}/{{version}}/{{id}}", self._node, methods=["GET"]),
        ]

    # lists and posts

    async def _node(self, request: Request) -> Response:
        def answer(token: Token, _: Json) -> Json:
            asked, fields = request.path_params["id"], _fields(request)
            if asked in ("me", token.owner.id):
                told = {
                    "id": token.owner.id,
                    "username": token.owner.username,
                    "name": token.owner.name,
                }
                return {
                    name: value
                    for name, value in told.items()
                    if name in {"id", *fields}
                }
            return self.threads.shown(
                self._post(asked), token.owner, fields, here(request)
            )

        return await self._answer(request, answer)

    async def _edge(self, request: Request) -> Response:
        asked, edge = request.path_params["id"], request.path_params["edge"]

        def answer(token: Token, given: Json) -> Json:
            own = asked in ("me", token.owner.id)
            if request.method == "POST" and own and edge == "threads":
                return {"id": self.threads.create(token.owner, given)}
            if request.method == "POST" and own and edge == "threads_publish":
                return self._publish(token.owner, str(given.get("creation_id")))
            posts = self._list(token.owner, asked, edge, own)
            return self._page(request, token.owner, posts)

        return await self._answer(request, answer)

    def _list(self, owner: Person, asked: str, edge: str, own: bool) -> list[Post]:
        lists: dict[str, Callable[[], list[Post]]] = {
            "mentions": lambda: self.threads.mentioning(owner),
            "threads": lambda: self.threads.by(owner, answers=False),
            "replies": lambda: self.threads.by(owner, answers=True),
        }
        if own and edge in lists:
            return lists[edge]()
        post = self._post(asked)
        if edge == "replies":
            return self.threads.answers_to(post.id)
        if edge == "conversation":
            return self.threads.conversation(post.id)
        raise ThreadsError(400, 100, f"Tried accessing nonexisting field ({edge})")

    def _publish(self, person: Person, container: str) -> Json:
        made = self.threads.publish(person, container)
        self.core.record(
            "threads", person.username, made.answers or "", made.text, made.id
        )
        return {"id": made.id}

    def _page(self, request: Request, owner: Person, posts: list[Post]) -> Json:
        query = request.query_params
        size = min(int(query.get("limit", "25")), 100)
        since = int(query.get("since", "0"))
        if since and not EARLIEST <= since <= self.core.clock.now():
            raise ThreadsError(400, 100, "(#100) Param since is not valid")
        if query.get("reverse") == "false":
            posts = posts[::-1]
        ids = [post.id for post in posts]
        start = ids.index(_decode(query["after"])) + 1 if "after" in query else 0
        left = [post for post in posts[start:] if post.at >= since]
        page = left[:size]
        rows = [
            self.threads.shown(post, owner, _fields(request), here(request))
            for post in page
        ]
        if not page:
            return {"data": []}
        paging: Json = {
            "cursors": {"before": _encode(page[0].id), "after": _encode(page[-1].id)}
        }
        if len(left) > size:
            asked = {**query, "after": paging["cursors"]["after"]}
            token = bearer(request.scope) or ""
            paging["next"] = f"{request.url.replace(query='')}?" + urlencode(
                {**asked, "access_token": token}
            )
        return {"data": rows, "paging": paging}

    def _post(self, asked: str) -> Post:
        if asked not in self.threads.posts:
            raise ThreadsError(
                400,
                100,
                f"Unsupported get request. Object with ID '{asked}' does not exist",
                33,
            )
        return self.threads.posts[asked]

    async def _answer(
        self, request: Request, answer: Callable[[Token, Json], Json]
    ) -> Response:
        body = await request.body()
        try:
            with self.core.lock:
                token = self._authenticated(bearer(request.scope))
                return JSONResponse(answer(token, json.loads(body or b"{}")))
        except ThreadsError as error:
            return _refusal(error)
        except (ValueError, binascii.Error):
            return _refusal(ThreadsError(400, 100, "(#100) Invalid parameter"))

    def _authenticated(self, value: str | None) -> Token:
        token = self.threads.tokens.get(value or "")
        if token is None:
            raise ThreadsError(
                400, 190, "Invalid OAuth access token - Cannot parse access token"
            )
        if token.revoked:
            raise ThreadsError(
                400,
                190,
                "Error validating access token: The session has been invalidated",
                460,
            )
        if token.ends <= self.core.clock.now():
            raise ThreadsError(
                400, 190, "Error validating access token: Session has expired", 463
            )
        return token

    # sign-in

    async def _authorize(self, request: Request) -> Response:
        """Whoever opens this page is the first office, and allows everything."""
        query = request.query_params
        person = self.threads.people[next(iter(ACCOUNTS))]
        code = f"AQDemo{len(self.threads.codes)}"
        self.threads.codes[code] = person
        back = urlencode({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{query['redirect_uri']}?{back}#_", 302)

    async def _code(self, request: Request) -> Response:
        async with request.form() as form:
            code, secret = str(form.get("code")), str(form.get("client_secret"))
        with self.core.lock:
            person = self.threads.codes.pop(code, None)
            if person is None or secret != APP_SECRET:
                return _refusal(
                    ThreadsError(400, 100, "Invalid verification code format.")
                )
            token = self.threads.add_token(person)
            token.ends = self.core.clock.now() + 3600
            return JSONResponse({"access_token": token.value, "user_id": person.id})

    async def _exchange(self, request: Request) -> Response:
        query = request.query_params
        return self._new_token(
            query, "th_exchange_token", allowed=query.get("client_secret") == APP_SECRET
        )

    async def _refresh(self, request: Request) -> Response:
        return self._new_token(request.query_params, "th_refresh_token", allowed=True)

    def _new_token(self, query: Any, grant: str, *, allowed: bool) -> Response:
        try:
            with self.core.lock:
                old = self._authenticated(query.get("access_token"))
                now = self.core.clock.now()
                young = now - old.born < YOUNGEST_RENEWED_SECONDS
                if not allowed or query.get("grant_type") != grant:
                    raise ThreadsError(400, 100, "Invalid client_secret or grant_type")
                if grant == "th_refresh_token" and young:
                    raise ThreadsError(400, 100, "The token is less than 24 hours old")
                made = self.threads.add_token(old.owner)
                return JSONResponse(
                    {
                        "access_token": made.value,
                        "token_type": "bearer",
                        "expires_in": int(made.ends - now),
                    }
                )
        except ThreadsError as error:
            return _refusal(error)


def _fields(request: Request) -> list[str]:
    told = request.query_params.get("fields", "id")
    return [name.strip() for name in told.split(",")]


def _encode(post_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{post_id}".encode()).decode().rstrip("=")


def _decode(mark: str) -> str:
    text = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode()
    return text.removeprefix("after:")


def _refusal(error: ThreadsError) -> JSONResponse:
    kind = "OAuthException" if error.code == 190 else "THApiException"
    body: Json = {
        "message": str(error),
        "type": kind,
        "code": error.code,
        "fbtrace_id": "Ademo",
    }
    if error.subcode is not None:
        body["error_subcode"] = error.subcode
    return JSONResponse({"error": body}, error.status)


async def _picture(request: Request) -> Response:
    file = attached.of(request.path_params["label"])
    return Response(file.content, media_type=file.mime)
