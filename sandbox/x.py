"""X API v2 over HTTP: lookups, mentions, recent search, posting."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import photos
from sandbox.x_auth import authenticate
from sandbox.x_errors import XError, invalid
from sandbox.x_render import Asked, Json, Renderer, not_found
from sandbox.x_search import matcher
from sandbox.x_state import X
from sandbox.x_types import LIMITS, Post, Token, User

WEEK_SECONDS = 7 * 86_400
MENTIONS_KEPT = 800
TIMELINE_KEPT = 3_200
Handler = Callable[[Request, Token], Json]


class XApi:
    def __init__(self, x: X) -> None:
        self.x = x

    def routes(self) -> list[Route]:
        handlers: dict[str, Handler] = {
            "GET /2/users/me": self._me,
            "GET /2/users/by/username/:username": self._by_username,
            "GET /2/users/:id/mentions": self._mentions,
            "GET /2/users/:id/tweets": self._timeline,
            "GET /2/tweets/search/recent": self._search,
            "GET /2/tweets/:id": self._one,
            "GET /2/tweets": self._several,
        }
        routes = [self._get(endpoint, handler) for endpoint, handler in handlers.items()]
        return [
            *routes,
            Route("/2/tweets", self._create, methods=["POST"]),
            Route("/media/x/{label:path}.jpg", _picture, methods=["GET"]),
        ]

    def _get(self, endpoint: str, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            return self._answer(request, endpoint, handler)

        path = "/".join(
            f"{{{part[1:]}}}" if part.startswith(":") else part
            for part in endpoint.removeprefix("GET ").split("/")
        )
        return Route(path, answer, methods=["GET"])

    def _answer(
        self, request: Request, endpoint: str, handler: Handler, status: int = 200
    ) -> Response:
        headers: dict[str, str] = {}
        try:
            token = authenticate(self.x, request)
            headers = self.x.spend(token, endpoint)
            with self.x.core.lock:
                return JSONResponse(handler(request, token), status, headers=headers)
        except XError as error:
            return _problem(error, headers)

    async def _create(self, request: Request) -> Response:
        body = await request.body()

        def create(_: Request, token: Token) -> Json:
            try:
                given = json.loads(body)
                reply_to = given.get("reply", {}).get("in_reply_to_tweet_id")
                answered = int(reply_to) if reply_to is not None else None
            except (ValueError, AttributeError, TypeError) as error:
                raise invalid("body", "", "is not a JSON object as documented") from error
            made = self.x.publish(token, str(given.get("text", "")), answered)
            name = "edit_history_" + ("post_ids" if self.x.spelling == "post" else "tweet_ids")
            return {"data": {"id": str(made.id), "text": made.typed, name: [str(made.id)]}}

        return self._answer(request, "POST /2/tweets", create, status=201)

    def _me(self, request: Request, token: Token) -> Json:
        if token.user is None:
            raise XError(
                403,
                "Unsupported Authentication",
                "Use a user token for this endpoint.",
                type="https://api.twitter.com/2/problems/unsupported-authentication",
            )
        return self._people(request, token, token.user)

    def _by_username(self, request: Request, token: Token) -> Json:
        username = request.path_params["username"]
        user = self.x.users.get(username.lower())
        if user is None:
            return {"errors": [not_found(username, "username", "user")]}
        return self._people(request, token, user)

    def _people(self, request: Request, token: Token, user: User) -> Json:
        self.x.bill(token, "user", [str(user.id)])
        return {"data": self._renderer(request).user(user)}

    def _mentions(self, request: Request, token: Token) -> Json:
        user = self._user(request)
        newest = list(islice(self.x.mentioning(user), MENTIONS_KEPT))
        return self._page(request, token, newest, smallest=5)

    def _timeline(self, request: Request, token: Token) -> Json:
        user = self._user(request)
        newest = list(islice(self.x.written_by(user), TIMELINE_KEPT))
        return self._page(request, token, newest, smallest=5)

    def _search(self, request: Request, token: Token) -> Json:
        query = request.query_params.get("query", "")
        if not query or len(query) > 512:
            raise invalid("query", query[:20], "must have 1 to 512 characters")
        now, matches = self.x.core.clock.now(), matcher(self.x, query)
        known = [
            post
            for post in self.x.newest_first()
            if now - WEEK_SECONDS <= post.created_at <= now - self.x.search_lag and matches(post)
        ]
        return self._page(request, token, known, smallest=10)

    def _one(self, request: Request, token: Token) -> Json:
        answer = self._lookup(request, token, [request.path_params["id"]], "id")
        if "data" in answer:
            answer["data"] = answer["data"][0]
        return answer

    def _several(self, request: Request, token: Token) -> Json:
        ids = request.query_params.get("ids", "").split(",")
        if len(ids) > 100 or not all(ids):
            raise invalid("ids", len(ids), "must name 1 to 100 posts")
        return self._lookup(request, token, ids, "ids")

    def _lookup(self, request: Request, token: Token, ids: Sequence[str], name: str) -> Json:
        if not all(id.isdecimal() for id in ids):
            raise invalid(name, ",".join(ids), "does not match ^[0-9]{1,19}$")
        found = [post for id in ids if (post := self.x.visible(int(id)))]
        there = {str(post.id) for post in found}
        missing = [not_found(id, name) for id in ids if id not in there]
        return self._written(request, token, found, missing)

    def _page(self, request: Request, token: Token, posts: list[Post], *, smallest: int) -> Json:
        """One page of `posts` (newest first) by the parameters all lists share."""
        query = request.query_params
        size = _number(query, "max_results", 10)
        if not smallest <= size <= 100:
            raise invalid("max_results", size, f"is not between {smallest} and 100")
        since, until = _number(query, "since_id", 0), _number(query, "until_id", 2**63)
        told = query.get("pagination_token") or query.get("next_token")
        below = min(until, _decode(told)) if told else until
        start, end = _moment(query, "start_time", 0.0), _moment(query, "end_time", float("inf"))
        left = [p for p in posts if since < p.id < below and start <= p.created_at < end]
        page = left[:size]
        meta: Json = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": str(page[0].id), "oldest_id": str(page[-1].id)}
        if len(left) > size:
            meta["next_token"] = _encode(page[-1].id)
        return self._written(request, token, page, []) | {"meta": meta}

    def _written(
        self, request: Request, token: Token, posts: list[Post], errors: list[Json]
    ) -> Json:
        data, includes, gone = self._renderer(request).answer(posts)
        self.x.bill(token, "post", [item["id"] for item in data if "id" in item])
        self.x.bill(token, "post", [item["id"] for item in includes.get("tweets", [])])
        self.x.bill(token, "user", [item["id"] for item in includes.get("users", [])])
        self.x.bill(token, "media", [item["media_key"] for item in includes.get("media", [])])
        parts = {"data": data, "includes": includes, "errors": [*errors, *gone]}
        return {name: part for name, part in parts.items() if part}

    def _renderer(self, request: Request) -> Renderer:
        return Renderer(self.x, Asked.read(request.query_params), _here(request))

    def _user(self, request: Request) -> User:
        asked = request.path_params["id"]
        if asked in self.x.users_by_id:
            return self.x.users_by_id[asked]
        raise XError(
            404,
            "Not Found Error",
            f"Could not find user with id: [{asked}].",
            type="https://api.twitter.com/2/problems/resource-not-found",
        )


def endpoint_of(method: str, path: str) -> str | None:
    """The documented endpoint a request is for."""
    parts = path.split("/")
    for endpoint in sorted(LIMITS, key=lambda known: known.count(":")):
        verb, _, template = endpoint.partition(" ")
        wanted = template.split("/")
        if (
            verb == method
            and len(parts) == len(wanted)
            and all(
                want.startswith(":") or want == part
                for want, part in zip(wanted, parts, strict=True)
            )
        ):
            return endpoint
    return None


async def _picture(request: Request) -> Response:
    return Response(photos.jpeg(request.path_params["label"]), media_type="image/jpeg")


def _here(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _number(query: Any, name: str, default: int) -> int:
    told = query.get(name, str(default))
    if not told.isdecimal():
        raise invalid(name, told, "is not a number")
    return int(told)


def _moment(query: Any, name: str, default: float) -> float:
    told = query.get(name)
    if told is None:
        return default
    try:
        return datetime.fromisoformat(told).timestamp()
    except ValueError as error:
        raise invalid(name, told, "is not an RFC 3339 date-time") from error


def _encode(last_id: int) -> str:
    return base64.urlsafe_b64encode(f"before:{last_id}".encode()).decode().rstrip("=")


def _decode(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return int(text.removeprefix("before:"))
    except (binascii.Error, ValueError) as error:
        raise invalid("pagination_token", token, "is not valid") from error


def _problem(error: XError, headers: dict[str, str]) -> JSONResponse:
    extra = dict(error.extra)
    told = extra.pop("headers", None)
    body = {"title": error.title, "detail": error.detail, "type": "about:blank",
            "status": error.status} | extra  # fmt: skip
    return JSONResponse(
        body,
        error.status,
        headers=told if isinstance(told, dict) else headers,
        media_type="application/problem+json",
    )
