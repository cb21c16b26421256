"""Bluesky over XRPC: sessions, notifications, posts, records.

Source: docs.bsky.app (HTTP reference, rate limits) and atproto.com/specs/xrpc, 2026.
Paths stand under /bluesky, so that they are not mistaken for other platforms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox import photos
from sandbox.bluesky_state import BYTES, GRAPHEMES, POST, Bluesky, Person, XrpcError
from sandbox.platform import Event
from sandbox.rest import Json, bearer
from sandbox.state import Core

PREFIX = "/bluesky"
LIMIT, WINDOW_SECONDS = 3_000, 300
DEFAULT_PAGE, LARGEST_PAGE, MOST_POSTS = 50, 100, 25
OFFICES = {
    "dkpp-demo.bogor.example": ("dkpp", "DKPP Kota Bogor (demo)", "demo-dkpp-bluesky")
}
"""Handle to agency, shown name and app password."""

Handler = Callable[[Request, Json], Json]


class BlueskyService:
    channels: ClassVar[tuple[str, ...]] = ("bluesky",)

    def __init__(self, core: Core) -> None:
        self.core, self.state = core, Bluesky(core)
        self._names: dict[str, str] = {}
        self._window, self._spent = 0.0, 0

    def populate(self) -> None:
        for handle, (_, name, password) in OFFICES.items():
            self.state.add_person(handle, name, password)

    def accounts(self, here: str) -> list[dict[str, Any]]:
        app = {"base_url": here + PREFIX, "cdn_url": here + PREFIX}
        return [
            {
                "channel": "bluesky",
                "handle": handle,
                "agency": agency,
                "app": app,
                "settings": {"handle": handle, "app_password": password},
            }
            for handle, (agency, _, password) in OFFICES.items()
        ]

    def act(self, event: Event) -> str:
        """`who` is a handle like siti.warga.example; `quotes` as in residents.py."""
        if "delete" in event:
            return self.state.delete(self._item(event["delete"]))
        made = self.state.say(
            self.state.resident(event.get("who", "siti.warga.example")),
            event.get("text", ""),
            answered=self._item(event["reply_to"]) if "reply_to" in event else None,
            quoted=self._item(event["quotes"]) if "quotes" in event else None,
            photos=event.get("photos", []),
        )
        if "as" in event:
            self._names[event["as"]] = made.uri
        return made.uri

    def _item(self, told: str) -> str:
        uri = self._names.get(told, told)
        if uri not in self.state.posts:
            raise ValueError(f"there is no post {told!r}")
        return uri

    def revoke(self, token: str) -> None:
        """`token` is an app password."""
        for person in self.state.people.values():
            if person.password is not None and person.password == token:
                self.state.end_sessions(person)
                return
        raise KeyError("no app password of Bluesky")

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        path: str = scope["path"]
        if not path.startswith(f"{PREFIX}/xrpc/"):
            return None
        return bearer(scope), f"{scope['method']} {path.rpartition('/')[2]}"

    def routes(self) -> list[Route]:
        handlers: dict[str, Handler] = {
            "POST com.atproto.server.createSession": self._create_session,
            "POST com.atproto.server.refreshSession": self._refresh_session,
            "GET com.atproto.server.getSession": self._get_session,
            "GET app.bsky.actor.getProfile": self._get_profile,
            "GET com.atproto.identity.resolveHandle": self._resolve,
            "GET app.bsky.notification.listNotifications": self._notifications,
            "GET app.bsky.feed.getPosts": self._get_posts,
            "POST com.atproto.repo.createRecord": self._create_record,
            "GET com.atproto.repo.getRecord": self._get_record,
            "GET com.atproto.repo.listRecords": self._list_records,
        }
        pictures = f"{PREFIX}/img/feed_fullsize/plain/{{did}}/{{file}}"
        return [
            *(self._route(endpoint, handler) for endpoint, handler in handlers.items()),
            Route(pictures, _picture, methods=["GET"]),
        ]

    def _route(self, endpoint: str, handler: Handler) -> Route:
        method, _, name = endpoint.partition(" ")

        async def answer(request: Request) -> Response:
            raw = await request.body()
            body = await request.json() if raw else {}
            return await run_in_threadpool(self._answer, request, handler, body)

        return Route(f"{PREFIX}/xrpc/{name}", answer, methods=[method])

    def _answer(self, request: Request, handler: Handler, body: Json) -> Response:
        with self.core.lock:
            now = self.core.clock.now()
            if now - self._window >= WINDOW_SECONDS:
                self._window, self._spent = now, 0
            self._spent += 1
            headers = {
                "ratelimit-limit": str(LIMIT),
                "ratelimit-remaining": str(max(0, LIMIT - self._spent)),
                "ratelimit-reset": str(int(self._window + WINDOW_SECONDS)),
            }
            try:
                if self._spent > LIMIT:
                    raise XrpcError(429, "RateLimitExceeded", "Rate Limit Exceeded")
                return JSONResponse(handler(request, body), headers=headers)
            except XrpcError as error:
                told = {"error": error.name, "message": str(error)}
                return JSONResponse(told, error.status, {**headers, **error.headers})

    def _me(self, request: Request) -> Person:
        return self.state.holder(bearer(request.scope))

    def _create_session(self, request: Request, body: Json) -> Json:
        return self.state.open_session(
            str(body.get("identifier")), str(body.get("password"))
        )

    def _refresh_session(self, request: Request, body: Json) -> Json:
        return self.state.refresh_session(bearer(request.scope))

    def _get_session(self, request: Request, body: Json) -> Json:
        me = self._me(request)
        return {"did": me.did, "handle": me.handle, "active": True}

    def _get_profile(self, request: Request, body: Json) -> Json:
        self._me(request)
        return self._person(request.query_params.get("actor", "")).profile()

    def _resolve(self, request: Request, body: Json) -> Json:
        return {"did": self._person(request.query_params.get("handle", "")).did}

    def _person(self, identifier: str) -> Person:
        found = self.state.find(identifier)
        if found is None:
            raise XrpcError(400, "InvalidRequest", "Unable to resolve handle")
        return found

    def _notifications(self, request: Request, body: Json) -> Json:
        """Newest first, from the row of the cursor down; a deleted post is left out."""
        me, query = self._me(request), request.query_params
        size, wanted = self._size(request), query.getlist("reasons")
        rows = [
            (place, notice)
            for place, notice in enumerate(me.notices)
            if (not wanted or notice.reason in wanted)
            and (notice.broken or notice.post.uri in self.state.posts)
        ]
        below = int(query["cursor"]) if "cursor" in query else len(me.notices)
        page = [(place, notice) for place, notice in reversed(rows) if place < below][
            :size
        ]
        answer: Json = {
            "notifications": [self.state.notification(notice) for _, notice in page],
            "priority": False,
        }
        if page:
            answer["cursor"] = str(page[-1][0])
        return answer

    def _size(self, request: Request) -> int:
        told = request.query_params.get("limit", str(DEFAULT_PAGE))
        if not told.isdecimal() or not 1 <= int(told) <= LARGEST_PAGE:
            raise XrpcError(400, "InvalidRequest", "Error: limit must be from 1 to 100")
        return int(told)

    def _get_posts(self, request: Request, body: Json) -> Json:
        uris = request.query_params.getlist("uris")
        if len(uris) > MOST_POSTS:
            raise XrpcError(
                400, "InvalidRequest", "Error: uris must have 25 elements at most"
            )
        me = self._me(request)
        found = [
            self.state.posts[uri]
            for uri in uris
            if uri in self.state.posts and not self.state.blocks_reader(uri, me)
        ]
        return {"posts": [self.state.view(post) for post in found]}

    def _create_record(self, request: Request, body: Json) -> Json:
        me, record = self._me(request), body.get("record")
        if (
            body.get("repo") not in (me.did, me.handle)
            or body.get("collection") != POST
        ):
            raise XrpcError(400, "InvalidRequest", "Could not find repo or collection")
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise XrpcError(400, "InvalidRequest", "Invalid app.bsky.feed.post record")
        if len(record["text"]) > GRAPHEMES or len(record["text"].encode()) > BYTES:
            raise XrpcError(
                400, "InvalidRequest", "Record/text must not be longer than 300"
            )
        made = self.state.store(me, record)
        parent = ((record.get("reply") or {}).get("parent") or {}).get("uri", "")
        self.core.record("bluesky", me.handle, parent, record["text"], made.uri)
        return {"uri": made.uri, "cid": made.cid, "validationStatus": "valid"}

    def _get_record(self, request: Request, body: Json) -> Json:
        """A repository is open to everybody, whoever its owner blocks (AT Protocol,
        com.atproto.repo.getRecord)."""
        asked = request.query_params
        uri = f"at://{asked.get('repo')}/{asked.get('collection')}/{asked.get('rkey')}"
        post = self.state.posts.get(uri)
        if post is None:
            raise XrpcError(400, "RecordNotFound", f"Could not locate record: {uri}")
        return {"uri": post.uri, "cid": post.cid, "value": post.record}

    def _list_records(self, request: Request, body: Json) -> Json:
        owner = self._person(request.query_params.get("repo", ""))
        mine = [post for uri, post in self.state.posts.items() if owner.did in uri]
        newest = list(reversed(mine))[: self._size(request)]
        return {
            "records": [{"uri": p.uri, "cid": p.cid, "value": p.record} for p in newest]
        }


async def _picture(request: Request) -> Response:
    return Response(photos.jpeg(request.path_params["file"]), media_type="image/jpeg")
