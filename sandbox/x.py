"""X API v2 over HTTP: lookups, mentions, recent search, counts, posting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import attached
from sandbox import x_hooks as hooks
from sandbox import x_messages as messages
from sandbox import x_oauth as oauth
from sandbox.x_errors import XError, invalid
from sandbox.x_http import Handler, here, number, page_token, route
from sandbox.x_http import below as below_token
from sandbox.x_render import Asked, Json, Renderer, not_authorized, not_found
from sandbox.x_search import matcher
from sandbox.x_state import X, written_at
from sandbox.x_types import Post, Token, User

WEEK_SECONDS = 7 * 86_400
MENTIONS_KEPT = 800
TIMELINE_KEPT = 3_200


class XApi:
    def __init__(self, x: X) -> None:
        self.x = x

    def routes(self) -> list[Route]:
        handlers: dict[str, Handler] = {
            "GET /2/users/me": self._me,
            "GET /2/users/by/username/:username": self._by_username,
            "GET /2/users": self._users,
            "GET /2/users/:id/mentions": self._mentions,
            "GET /2/users/:id/tweets": self._timeline,
            "GET /2/tweets/search/recent": self._search,
            "GET /2/tweets/counts/recent": self._count,
            "GET /2/tweets/:id": self._one,
            "GET /2/tweets": self._several,
        }
        return [
            *(
                route(self.x, endpoint, handler)
                for endpoint, handler in handlers.items()
            ),
            route(self.x, "POST /2/tweets", self._create, status=201),
            *messages.routes(self.x),
            *hooks.routes(self.x),
            *oauth.routes(self.x),
            Route("/media/x/{label:path}", _picture, methods=["GET"]),
        ]

    def _create(self, _: Request, token: Token, given: Json) -> Json:
        try:
            reply_to = given.get("reply", {}).get("in_reply_to_tweet_id")
            answered = int(reply_to) if reply_to is not None else None
        except (ValueError, AttributeError, TypeError) as error:
            raise invalid("body", "", "is not a JSON object as documented") from error
        made = self.x.publish(token, str(given.get("text", "")), answered)
        name = "edit_history_" + (
            "post_ids" if self.x.spelling == "post" else "tweet_ids"
        )
        return {"data": {"id": str(made.id), "text": made.typed, name: [str(made.id)]}}

    def _me(self, request: Request, token: Token, _: Json) -> Json:
        if token.user is None:
            raise XError(
                403,
                "Unsupported Authentication",
                "Use a user token for this endpoint.",
                type="https://api.twitter.com/2/problems/unsupported-authentication",
            )
        return self._people(request, token, token.user)

    def _by_username(self, request: Request, token: Token, _: Json) -> Json:
        username = request.path_params["username"]
        user = self.x.users.get(username.lower())
        if user is None:
            return {"errors": [not_found(username, "username", "user")]}
        return self._people(request, token, user)

    def _users(self, request: Request, token: Token, _: Json) -> Json:
        ids = request.query_params.get("ids", "").split(",")
        if len(ids) > 100 or not all(ids):
            raise invalid("ids", len(ids), "must name 1 to 100 users")
        found = [self.x.users_by_id[id] for id in ids if id in self.x.users_by_id]
        self.x.bill(token, "user", [str(user.id) for user in found])
        renderer = self._renderer(request)
        gone = [
            not_found(id, "ids", "user") for id in ids if id not in self.x.users_by_id
        ]
        parts = {"data": [renderer.user(user) for user in found], "errors": gone}
        return {name: part for name, part in parts.items() if part}

    def _people(self, request: Request, token: Token, user: User) -> Json:
        self.x.bill(token, "user", [str(user.id)])
        return {"data": self._renderer(request).user(user)}

    def _mentions(self, request: Request, token: Token, _: Json) -> Json:
        user = self._user(request)
        if user.username in self.x.suspended:
            return {"errors": [not_authorized(user)]}
        newest = list(islice(self.x.mentioning(user), MENTIONS_KEPT))
        return self._page(request, token, newest, smallest=5)

    def _timeline(self, request: Request, token: Token, _: Json) -> Json:
        user = self._user(request)
        newest = list(islice(self.x.written_by(user), TIMELINE_KEPT))
        return self._page(request, token, newest, smallest=5)

    def _search(self, request: Request, token: Token, _: Json) -> Json:
        return self._page(request, token, self._found(request), smallest=10)

    def _count(self, request: Request, token: Token, _: Json) -> Json:
        """Of the last seven days, by day; counting returns no post and bills none."""
        query = request.query_params
        start = moment(query, "start_time", 0.0)
        days: Counter[str] = Counter(
            datetime.fromtimestamp(post.created_at, UTC).date().isoformat()
            for post in self._found(request)
            if post.created_at >= start
        )
        rows = [
            {"start": f"{day}T00:00:00.000Z", "tweet_count": n}
            for day, n in days.items()
        ]
        return {"data": rows, "meta": {"total_tweet_count": sum(days.values())}}

    def _found(self, request: Request) -> list[Post]:
        """What recent search knows, newest first."""
        query = request.query_params.get("query", "")
        if not query or len(query) > 512:
            raise invalid("query", query[:20], "must have 1 to 512 characters")
        now = self.x.core.clock.now()
        since = request.query_params.get("since_id", "")
        if since.isdecimal() and written_at(int(since)) < now - WEEK_SECONDS:
            raise invalid("since_id", since, "is older than the last seven days")
        matches = matcher(self.x, query)
        return [
            post
            for post in self.x.newest_first()
            if now - WEEK_SECONDS <= post.created_at <= now - self.x.search_lag
            and matches(post)
        ]

    def _one(self, request: Request, token: Token, _: Json) -> Json:
        answer = self._lookup(request, token, [request.path_params["id"]], "id")
        if "data" in answer:
            answer["data"] = answer["data"][0]
        return answer

    def _several(self, request: Request, token: Token, _: Json) -> Json:
        ids = request.query_params.get("ids", "").split(",")
        if len(ids) > 100 or not all(ids):
            raise invalid("ids", len(ids), "must name 1 to 100 posts")
        return self._lookup(request, token, ids, "ids")

    def _lookup(
        self, request: Request, token: Token, ids: Sequence[str], name: str
    ) -> Json:
        if not all(id.isdecimal() for id in ids):
            raise invalid(name, ",".join(ids), "does not match ^[0-9]{1,19}$")
        found = [post for id in ids if (post := self.x.visible(int(id)))]
        there = {str(post.id) for post in found}
        missing = [not_found(id, name) for id in ids if id not in there]
        return self._written(request, token, found, missing)

    def _page(
        self, request: Request, token: Token, posts: list[Post], *, smallest: int
    ) -> Json:
        """One page of `posts` (newest first) by the parameters all lists share."""
        query = request.query_params
        size = number(query, "max_results", 10)
        if not smallest <= size <= 100:
            raise invalid("max_results", size, f"is not between {smallest} and 100")
        since, until = number(query, "since_id", 0), number(query, "until_id", 2**63)
        told = query.get("pagination_token") or query.get("next_token")
        below = min(until, below_token(told)) if told else until
        start, end = (
            moment(query, "start_time", 0.0),
            moment(query, "end_time", float("inf")),
        )
        left = [
            p for p in posts if since < p.id < below and start <= p.created_at < end
        ]
        page = left[:size]
        meta: Json = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": str(page[0].id), "oldest_id": str(page[-1].id)}
        if len(left) > size:
            meta["next_token"] = page_token(page[-1].id)
        return self._written(request, token, page, []) | {"meta": meta}

    def _written(
        self, request: Request, token: Token, posts: list[Post], errors: list[Json]
    ) -> Json:
        data, includes, gone = self._renderer(request).answer(posts)
        self.x.bill(token, "post", [item["id"] for item in data if "id" in item])
        self.x.bill(token, "post", [item["id"] for item in includes.get("tweets", [])])
        self.x.bill(token, "user", [item["id"] for item in includes.get("users", [])])
        self.x.bill(
            token, "media", [item["media_key"] for item in includes.get("media", [])]
        )
        parts = {"data": data, "includes": includes, "errors": [*errors, *gone]}
        return {name: part for name, part in parts.items() if part}

    def _renderer(self, request: Request) -> Renderer:
        return Renderer(self.x, Asked.read(request.query_params), here(request))

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


async def _picture(request: Request) -> Response:
    file = attached.of(request.path_params["label"])
    return Response(file.content, media_type=file.mime)


def moment(query: Any, name: str, default: float) -> float:
    told = query.get(name)
    if told is None:
        return default
    try:
        return datetime.fromisoformat(told).timestamp()
    except ValueError as error:
        raise invalid(name, told, "is not an RFC 3339 date-time") from error
