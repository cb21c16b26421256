"""YouTube Data API v3 and Google's sign-in over HTTP.

Source: developers.google.com, "YouTube Data API" and "OAuth 2.0 for web server
applications".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox import photos
from sandbox.platform import Event
from sandbox.rest import bearer, endpoint_of, here
from sandbox.state import Core
from sandbox.youtube_state import Channel, Comment, Json, YouTube, YouTubeError

CLIENT_ID = "demo-client.apps.googleusercontent.com"
CLIENT_SECRET = "demoGoogleSecretThatOpensNothing"
ENDPOINTS = (
    "GET /youtube/v3/channels",
    "GET /youtube/v3/commentThreads",
    "GET /youtube/v3/comments",
    "POST /youtube/v3/comments",
    "POST /youtube/oauth/token",
)
ACCOUNTS = {"dlh_demo": ("dlh", "DLH Bogor (demo)", "Cara memilah sampah rumah")}
MODERATION = frozenset({"published", "heldForReview", "likelySpam"})
Handler = Callable[[Request, Channel, Json], Json]


class YouTubeApi:
    channels: ClassVar[tuple[str, ...]] = ("youtube",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.youtube = YouTube(core)
        self._names: dict[str, str] = {}
        self._challenges: dict[str, str] = {}

    def populate(self) -> None:
        for handle, (_, title, video) in ACCOUNTS.items():
            channel = self.youtube.add_channel(
                handle, title, f"1//demo{handle}OpensNothing"
            )
            self.youtube.add_video(channel, video)

    def accounts(self, here: str) -> list[dict[str, Any]]:
        app = {
            "base_url": here,
            "authorize_url": f"{here}/youtube/oauth/auth",
            "token_url": f"{here}/youtube/oauth/token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        return [
            {
                "channel": "youtube",
                "handle": handle,
                "agency": agency,
                "app": app,
                "settings": {
                    "refresh_token": self.youtube.channels[handle].refresh_token
                },
            }
            for handle, (agency, _, _) in ACCOUNTS.items()
        ]

    def act(self, event: Event) -> str:
        text = str(event.get("text", ""))
        if "edit" in event:
            return self.youtube.edit(self._comment(event["edit"]).id, text).id
        if "delete" in event:
            gone = self._comment(event["delete"]).id
            self.youtube.delete(gone)
            return gone
        who = str(event.get("who", "siti"))
        author = self.youtube.add_channel(who.lower().replace(" ", "_"), who)
        top = self._comment(event["reply_to"]) if "reply_to" in event else None
        newest = str(event.get("video") or next(iter(self.youtube.videos)))
        video = top.video if top else newest
        made = self.youtube.comment(
            video,
            author,
            text,
            top=(top.top or top.id) if top else None,
            moderation="heldForReview" if event.get("held") else "published",
            image=next(iter(event.get("photos", [])), None),
        )
        if "as" in event:
            self._names[event["as"]] = made.id
        return made.id

    def _comment(self, reference: Any) -> Comment:
        told = self._names.get(str(reference), str(reference))
        try:
            return self.youtube.find(told)
        except (KeyError, StopIteration) as error:
            raise ValueError(f"there is no comment {reference!r}") from error

    def revoke(self, token: str) -> None:
        """A refresh token; its access tokens end with it."""
        for channel in self.youtube.channels.values():
            if channel.refresh_token == token:
                channel.refresh_token = None
                return
        raise KeyError(token)

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS)
        return (bearer(scope), endpoint) if endpoint else None

    def routes(self) -> list[Route]:
        return [
            self._route("GET", "channels", 1, self._own_channel),
            self._route("GET", "commentThreads", 1, self._threads),
            self._route("GET", "comments", 1, self._answers),
            self._route("POST", "comments", 50, self._insert),
            Route("/youtube/oauth/auth", self._authorize, methods=["GET"]),
            Route("/youtube/oauth/token", self._token, methods=["POST"]),
            Route("/youtube/media/{label:path}.jpg", _picture, methods=["GET"]),
        ]

    def _route(self, verb: str, resource: str, units: int, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            body = await request.body()
            try:
                with self.core.lock:
                    asker = self.youtube.asker(bearer(request.scope))
                    self.youtube.spend(units)
                    return JSONResponse(
                        handler(request, asker, json.loads(body or b"{}"))
                    )
            except YouTubeError as error:
                return _refusal(error)
            except (ValueError, binascii.Error):
                return _refusal(YouTubeError(400, "invalidPageToken"))

        return Route(f"/youtube/v3/{resource}", answer, methods=[verb])

    def _own_channel(self, request: Request, asker: Channel, _: Json) -> Json:
        snippet = {"title": asker.title, "customUrl": f"@{asker.handle}"}
        item = {"kind": "youtube#channel", "id": asker.id, "snippet": snippet}
        return {"kind": "youtube#channelListResponse", "items": [item]}

    def _threads(self, request: Request, asker: Channel, _: Json) -> Json:
        query = request.query_params
        moderation = query.get("moderationStatus", "published")
        owner = next(
            (
                channel
                for channel in self.youtube.channels.values()
                if channel.id == query.get("allThreadsRelatedToChannelId")
            ),
            None,
        )
        if owner is None:
            raise YouTubeError(404, "channelNotFound")
        if moderation not in MODERATION or (
            moderation != "published" and owner is not asker
        ):
            raise YouTubeError(403, "forbidden")
        found = list(self.youtube.threads_of(owner, moderation))
        page, following = _page(query, found)
        plain = query.get("textFormat") == "plainText"
        items = [
            self.youtube.shown_thread(top, asker, plain, here(request)) for top in page
        ]
        return {
            "kind": "youtube#commentThreadListResponse",
            **following,
            "pageInfo": {"resultsPerPage": len(items)},
            "items": items,
        }

    def _answers(self, request: Request, asker: Channel, _: Json) -> Json:
        query = request.query_params
        top = self.youtube.comments.get(query.get("parentId", ""))
        if top is None:
            raise YouTubeError(404, "commentNotFound")
        page, following = _page(query, top.answers[::-1])
        plain = query.get("textFormat") == "plainText"
        items = [
            self.youtube.shown(answer, asker, plain, here(request)) for answer in page
        ]
        return {"kind": "youtube#commentListResponse", **following, "items": items}

    def _insert(self, request: Request, asker: Channel, given: Json) -> Json:
        snippet = given.get("snippet") or {}
        parent, text = (
            str(snippet.get("parentId", "")),
            str(snippet.get("textOriginal", "")),
        )
        if not text:
            raise YouTubeError(400, "commentTextRequired")
        top = self.youtube.comments.get(parent)
        if top is None:
            raise YouTubeError(404, "parentCommentNotFound")
        if top.moderation != "published":
            raise YouTubeError(400, "parentCommentIsPrivate")
        made = self.youtube.comment(top.video, asker, text, top=top.id)
        self.core.record("youtube", asker.handle, top.id, text, made.id)
        return self.youtube.shown(made, asker, True, here(request))

    async def _authorize(self, request: Request) -> Response:
        """Whoever opens this page is the first office, and allows everything."""
        query = request.query_params
        code = f"4/demo{len(self.youtube.codes)}"
        self.youtube.codes[code] = self.youtube.channels[next(iter(ACCOUNTS))]
        self._challenges[code] = query.get("code_challenge", "")
        back = urlencode({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{query['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        if (given.get("client_id"), given.get("client_secret")) != (
            CLIENT_ID,
            CLIENT_SECRET,
        ):
            return JSONResponse({"error": "invalid_client"}, 401)
        with self.core.lock:
            refresh = given.get("refresh_token", "")
            if given.get("grant_type") == "authorization_code":
                refresh = self._refresh_token(given)
            token = self.youtube.token_for(refresh)
        if token is None:
            return JSONResponse(
                {
                    "error": "invalid_grant",
                    "error_description": "Token has been expired or revoked.",
                },
                400,
            )
        told = {
            "access_token": token,
            "expires_in": 3599,
            "token_type": "Bearer",
            "scope": "https://www.googleapis.com/auth/youtube.force-ssl",
        }
        first = given.get("grant_type") == "authorization_code"
        return JSONResponse({**told, **({"refresh_token": refresh} if first else {})})

    def _refresh_token(self, given: Json) -> str:
        """Of the channel the code is for, if the verifier is the one the sign-in began
        with."""
        code = given.get("code", "")
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        channel = self.youtube.codes.pop(code, None)
        if channel is None or self._challenges.get(code) != challenge:
            return ""
        return channel.refresh_token or ""


def _page(query: Any, found: list[Comment]) -> tuple[list[Comment], Json]:
    size = int(query.get("maxResults", "20"))
    if not 1 <= size <= 100:
        raise YouTubeError(400, "invalidParameter")
    ids = [comment.id for comment in found]
    start = ids.index(_decode(query["pageToken"])) + 1 if "pageToken" in query else 0
    page = found[start : start + size]
    more = len(found) > start + size
    return page, {"nextPageToken": _encode(page[-1].id)} if more else {}


def _encode(comment_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{comment_id}".encode()).decode().rstrip("=")


def _decode(mark: str) -> str:
    text = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode()
    return text.removeprefix("after:")


def _refusal(error: YouTubeError) -> JSONResponse:
    first = {"message": str(error), "domain": "youtube.comment", "reason": error.reason}
    body = {"code": error.status, "message": str(error), "errors": [first]}
    return JSONResponse({"error": body}, error.status)


async def _picture(request: Request) -> Response:
    return Response(photos.jpeg(request.path_params["label"]), media_type="image/jpeg")
