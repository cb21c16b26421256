"""TikTok's interface for business accounts: videos, comments, direct messages,
deliveries, tokens.

Source: business-api.tiktok.com/portal/docs (v1.3) and developers.tiktok.com (webhooks, signature),
2026. Every refusal is an answer 200 with a `code`. Paths stand under /tiktok.
"""  # noqa: E501

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox import attached
from sandbox.platform import Event
from sandbox.postman import Postman
from sandbox.rest import Json, here
from sandbox.state import Core
from sandbox.tiktok_state import (
    ACCESS_SECONDS,
    REFRESH_SECONDS,
    Business,
    Refusal,
    TikTok,
)

PREFIX = "/tiktok"
APP_ID, APP_SECRET = "demotiktokapp", "demoTikTokSecretThatOpensNothing"
LARGEST_VIDEO_PAGE, LARGEST_PAGE, INSIDE = 20, 30, 3
COMMENT_LIMIT, MESSAGE_LIMIT, WINDOW_SECONDS = 150, 6000, 48 * 3600
OFFICES = {"disdik_demo": ("disdik", "Disdik Kota Bogor (demo)")}
REQUESTS_A_MINUTE = 600
INVALID_TOKEN, TOO_OFTEN, PARAMETER, GONE, BLOCKED = 40105, 40100, 40002, 40007, 40064

Handler = Callable[[Business, Json], Json]


class TikTokApi:
    """`refusing`: a code every request is answered with while it is set."""

    channels: ClassVar[tuple[str, ...]] = ("tiktok",)

    def __init__(self, core: Core) -> None:
        self.core, self.state = core, TikTok(core)
        self.postman = Postman(core, self.headers)
        self.limit = REQUESTS_A_MINUTE
        self.refusing: int | None = None
        self._spent: deque[float] = deque()
        self._codes: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._handlers: dict[str, Handler] = {
            "GET business/get/": self._profile,
            "GET business/video/list/": self._videos,
            "GET business/comment/list/": self._comments,
            "GET business/comment/reply/list/": self._answers,
            "POST business/comment/reply/create/": self._reply,
            "POST business/message/send/": self._send,
            "POST business/message/media/download/": self._media,
        }

    def populate(self) -> None:
        for handle, (_, name) in OFFICES.items():
            business = self.state.add_business(handle, name)
            business.access, business.refresh = (
                f"act.demo-{handle}",
                f"rft.demo-{handle}",
            )
            self.state.add_video(business)

    def accounts(self, here: str) -> list[dict[str, Any]]:
        base = here + PREFIX
        app = {
            "base_url": f"{base}/open_api/v1.3",
            "authorize_url": f"{base}/v2/auth/authorize/",
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
        }
        return [
            {
                "channel": "tiktok",
                "handle": handle,
                "agency": agency,
                "app": app,
                "settings": {
                    "business_id": self.state.by_handle(handle).id,
                    "access_token": f"act.demo-{handle}",
                    "refresh_token": f"rft.demo-{handle}",
                },
            }
            for handle, (agency, _) in OFFICES.items()
        ]

    def act(self, event: Event) -> str:
        """A comment under the newest video, or with `direct: true` a message to the
        account."""
        business = self.state.by_handle(event.get("to", next(iter(OFFICES))))
        who, text = event.get("who", "siti_bogor"), event.get("text", "")
        if "delete" in event:
            comment = self.state.comment(self._item(event["delete"]))
            comment.gone = True
            self._tell_comment(business, comment.id, "delete")
            return comment.id
        if event.get("direct"):
            message = self.state.write(business, who, text, event.get("photos", []))
            self.postman.send(self.delivery(business, "im_receive_msg", message))
            return str(message["message_id"])
        above = self._item(event["reply_to"]) if "reply_to" in event else None
        made = self.state.say(business, who, text, above)
        self._tell_comment(business, made.id, "insert")
        if "as" in event:
            self._names[event["as"]] = made.id
        return made.id

    def _item(self, told: str) -> str:
        return self._names.get(told, told)

    def revoke(self, token: str) -> None:
        """`token` is an access token; the person withdrew the app's permission
        altogether."""
        for business in self.state.businesses.values():
            if token in (business.access, business.refresh):
                business.access = business.refresh = None
                return
        raise KeyError("no token of TikTok")

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        start, path = f"{PREFIX}/open_api/v1.3/", scope["path"]
        if not path.startswith(start):
            return None
        token = dict(scope["headers"]).get(b"access-token", b"").decode("latin-1")
        return token or None, f"{scope['method']} {path.removeprefix(start)}"

    def routes(self) -> list[Route]:
        root = f"{PREFIX}/open_api/v1.3/"
        return [
            *(
                self._route(endpoint, root, handler)
                for endpoint, handler in self._handlers.items()
            ),
            Route(f"{root}tt_user/oauth2/token/", self._token, methods=["POST"]),
            Route(
                f"{root}tt_user/oauth2/refresh_token/", self._token, methods=["POST"]
            ),
            Route(f"{root}business/webhook/update/", self._webhook, methods=["POST"]),
            Route(f"{PREFIX}/v2/auth/authorize/", self._authorize, methods=["GET"]),
            Route(f"{PREFIX}/media/{{label}}", self._file, methods=["GET"]),
        ]

    def _route(self, endpoint: str, root: str, handler: Handler) -> Route:
        method, _, path = endpoint.partition(" ")

        async def answer(request: Request) -> Response:
            asked = (
                await request.json() if method == "POST" else dict(request.query_params)
            )
            asked["here"] = here(request)
            return await run_in_threadpool(self._answer, request, handler, asked)

        return Route(root + path, answer, methods=[method])

    def _answer(self, request: Request, handler: Handler, asked: Json) -> Response:
        with self.core.lock:
            try:
                token = request.headers.get("access-token")
                business = self.state.holder(token)
                if business is None or business.id != asked.get("business_id"):
                    raise Refusal(
                        INVALID_TOKEN, "Access token is incorrect or has been revoked."
                    )
                if self.refusing is not None:
                    raise Refusal(self.refusing, "Refused.")
                self._spend()
                return _told(0, "OK", handler(business, asked))
            except Refusal as refusal:
                return _told(refusal.code, str(refusal), {})

    def _spend(self) -> None:
        """Of the whole app's requests a minute."""
        now = self.core.clock.now()
        while self._spent and self._spent[0] <= now - 60:
            self._spent.popleft()
        if len(self._spent) >= self.limit:
            raise Refusal(TOO_OFTEN, "Requests made too frequently.")
        self._spent.append(now)

    def _profile(self, business: Business, asked: Json) -> Json:
        return {
            "username": business.handle,
            "display_name": business.name,
            "is_business_account": True,
        }

    def _videos(self, business: Business, asked: Json) -> Json:
        rows = [
            {
                "item_id": video.id,
                "create_time": str(int(video.at)),
                "comments": sum(not c.gone for c in video.comments),
            }
            for video in reversed(business.videos)
        ]
        return _page("videos", rows, asked, LARGEST_VIDEO_PAGE)

    def _comments(self, business: Business, asked: Json) -> Json:
        """Top comments, newest first, each with up to three answers inside."""
        video = self.state.video(business, str(asked.get("video_id")))
        top = [c for c in reversed(video.comments) if c.above is None and not c.gone]
        rows: list[Json] = []
        for comment in top:
            below = [c for c in video.comments if c.above == comment.id and not c.gone]
            row = comment.as_json(video.id) | {"replies": len(below)}
            if asked.get("include_replies") == "true" and below:
                row["reply_list"] = [c.as_json(video.id) for c in below[-INSIDE:]]
            rows.append(row)
        if video.broken:
            rows.insert(0, {"text": 7, "comment_id": None})
        return _page("comments", rows, asked, LARGEST_PAGE)

    def _answers(self, business: Business, asked: Json) -> Json:
        video = self.state.video(business, str(asked.get("video_id")))
        above = str(asked.get("comment_id"))
        below = [c for c in reversed(video.comments) if c.above == above and not c.gone]
        return _page(
            "comments", [c.as_json(video.id) for c in below], asked, LARGEST_PAGE
        )

    def _reply(self, business: Business, asked: Json) -> Json:
        video, text = (
            self.state.video(business, str(asked["video_id"])),
            str(asked["text"]),
        )
        above = self.state.comment(str(asked["comment_id"]))
        if above.gone:
            raise Refusal(GONE, "The comment does not exist.")
        if not text or len(text) > COMMENT_LIMIT:
            raise Refusal(PARAMETER, f"text: must have 1 to {COMMENT_LIMIT} characters")
        made = self.state.say(business, business.handle, text, above.id, owner=True)
        self.core.record("tiktok", business.handle, above.id, text, made.id)
        return made.as_json(video.id)

    def _send(self, business: Business, asked: Json) -> Json:
        """Only where a person has written within the last 48 hours."""
        conversation, text = str(asked.get("recipient")), str(asked["text"]["body"])
        last = self.state.last_written(business, conversation)
        if last is None or self.core.clock.now() - last > WINDOW_SECONDS:
            raise Refusal(BLOCKED, "The message is blocked by direct message rules.")
        if not text or len(text) > MESSAGE_LIMIT:
            raise Refusal(
                PARAMETER, f"text.body: must have 1 to {MESSAGE_LIMIT} characters"
            )
        message = self.state.answer(business, conversation, text)
        self.core.record(
            "tiktok", business.handle, conversation, text, str(message["message_id"])
        )
        self.postman.send(self.delivery(business, "im_send_msg", message))
        return {"message": {"message_id": message["message_id"]}}

    def _media(self, business: Business, asked: Json) -> Json:
        return {"download_url": f"{asked['here']}{PREFIX}/media/{asked['media_id']}"}

    def _tell_comment(self, business: Business, comment_id: str, action: str) -> None:
        comment = self.state.comment(comment_id)
        content = {
            "comment_id": int(comment.id),
            "video_id": int(self.state.video_of(comment).id),
            "parent_comment_id": int(comment.above or 0),
            "comment_action": action,
            "comment_type": "reply" if comment.above else "comment",
            "timestamp": int(self.core.clock.now()),
            "unique_identifier": comment.author,
            "text": comment.text,
        }
        self.postman.send(self.delivery(business, "comment.update", content))

    def delivery(self, business: Business, event: str, content: Json) -> bytes:
        """A body as it is sent: the content is JSON inside a string."""
        body = {
            "client_key": APP_ID,
            "event": event,
            "create_time": int(self.core.clock.now()),
            "user_openid": business.id,
            "content": json.dumps(content),
        }
        return json.dumps(body).encode()

    def headers(self, content: bytes) -> dict[str, str]:
        """Signed at the moment of sending."""
        stamp = str(int(self.core.clock.now()))
        signed = hmac.new(
            APP_SECRET.encode(), f"{stamp}.".encode() + content, hashlib.sha256
        )
        return {
            "content-type": "application/json",
            "webhook-schema-version": "1.0",
            "tiktok-signature": f"t={stamp},s={signed.hexdigest()}",
        }

    async def _webhook(self, request: Request) -> Response:
        asked = await request.json()
        if (asked.get("app_id"), asked.get("secret")) != (APP_ID, APP_SECRET):
            return _told(40101, "The app id or the secret is wrong.", {})
        self.postman.deliver_to(str(asked["callback_url"]))
        return _told(0, "OK", {"event_type": asked.get("event_type")})

    async def _authorize(self, request: Request) -> Response:
        """The first office signs in and agrees at once."""
        query, code = request.query_params, secrets.token_hex(8)
        with self.core.lock:
            self._codes[code] = next(iter(OFFICES))
        back = urlencode({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{query['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        """A code or a refresh token; both tokens are new afterwards."""
        asked = await request.json()
        with self.core.lock:
            if (asked.get("client_id"), asked.get("client_secret")) != (
                APP_ID,
                APP_SECRET,
            ):
                return _told(40101, "The app id or the secret is wrong.", {})
            if asked.get("grant_type") == "refresh_token":
                business = self.state.refreshing(asked.get("refresh_token"))
            else:
                handle = self._codes.pop(str(asked.get("auth_code")), None)
                business = self.state.by_handle(handle) if handle else None
            if business is None:
                return _told(40110, "The code or the refresh token is invalid.", {})
            self.state.issue(business)
            return _told(
                0,
                "OK",
                {
                    "access_token": business.access,
                    "refresh_token": business.refresh,
                    "expires_in": ACCESS_SECONDS,
                    "refresh_token_expires_in": REFRESH_SECONDS,
                    "open_id": business.id,
                    "token_type": "Bearer",
                },
            )

    async def _file(self, request: Request) -> Response:
        with self.core.lock:
            if self.state.holder(request.headers.get("x-user")) is None:
                return Response(status_code=403)
        file = attached.of(request.path_params["label"])
        return Response(file.content, media_type=file.mime)


def _page(name: str, rows: list[Json], asked: Json, largest: int) -> Json:
    try:
        start, size = int(asked.get("cursor", 0)), int(asked.get("max_count", largest))
    except ValueError:
        raise Refusal(PARAMETER, "cursor: must be a number") from None
    if not 1 <= size <= largest:
        raise Refusal(PARAMETER, f"max_count: must be from 1 to {largest}")
    return {
        name: rows[start : start + size],
        "cursor": start + size,
        "has_more": start + size < len(rows),
    }


def _told(code: int, message: str, data: Json) -> Response:
    return JSONResponse(
        {
            "code": code,
            "message": message,
            "request_id": secrets.token_hex(8),
            "data": data,
        }
    )
