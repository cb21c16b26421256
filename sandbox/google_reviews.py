"""Google's business interfaces: places, their reviews, the answers, Pub/Sub
notifications, sign-in.

Source: developers.google.com/my-business (REST v4 reviews, account management, business
information and notifications v1), cloud.google.com/pubsub/docs/push, 2026. Paths stand
under /google.
"""

from __future__ import annotations

import base64
import itertools
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
from sandbox.rest import Json, bearer, endpoint_of, here
from sandbox.state import Core

PREFIX = "/google"
CLIENT_ID, CLIENT_SECRET = (
    "demo.apps.googleusercontent.com",
    "demoGoogleSecretOpensNothing",
)
PUSH_TOKEN = "demo-google-push-token"
ACCESS_SECONDS = 3600
LARGEST_PAGE, MOST_BYTES = 50, 4096
PLACES = {
    "accounts/101/locations/2001": ("pkm-bogor-timur", "Puskesmas Bogor Timur (demo)"),
    "accounts/101/locations/2002": ("disparbud", "Museum Kota (demo)"),
}
_STARS = ("ONE", "TWO", "THREE", "FOUR", "FIVE")
ENDPOINTS = (
    "GET /v4/accounts/:a/locations/:l/reviews",
    "GET /v4/accounts/:a/locations/:l/reviews/:r",
    "PUT /v4/accounts/:a/locations/:l/reviews/:r/reply",
    "GET /v1/locations/:l",
    "GET /v1/accounts",
    "GET /v1/accounts/:a/locations",
    "PATCH /v1/accounts/:a/notificationSetting",
    "POST /token",
    "GET /authorize",
)


class GoogleError(Exception):
    """Becomes Google's error object; `name` is the canonical word of the status."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name = status, name


@dataclass(slots=True)
class Review:
    name: str
    who: str | None
    stars: int
    text: str | None
    created: float
    updated: float
    photos: list[str] = field(default_factory=list)
    answer: str | None = None
    answered: float = 0.0

    def as_json(self, server: str) -> Json:
        reviewer: Json = (
            {"displayName": self.who} if self.who else {"isAnonymous": True}
        )
        told: Json = {
            "name": self.name,
            "reviewId": self.name.rpartition("/")[2],
            "reviewer": reviewer,
            "starRating": _STARS[self.stars - 1],
            "createTime": _iso(self.created),
            "updateTime": _iso(self.updated),
        }
        if self.text:
            told["comment"] = self.text
        if self.photos:
            told["reviewMediaItems"] = [
                _shown(attached.of(name), server) for name in self.photos
            ]
        if self.answer:
            told["reviewReply"] = {
                "comment": self.answer,
                "updateTime": _iso(self.answered),
            }
        return told


class GoogleBusiness:
    channels: ClassVar[tuple[str, ...]] = ("google_reviews",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.reviews: dict[str, Review] = {}
        self.nulls: set[str] = set()
        self.refreshes: dict[str, str] = {}
        self.closed: set[str] = set()
        self.postman = Postman(
            core, lambda content: {"Content-Type": "application/json"}
        )
        self.topics: dict[str, str] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._codes: set[str] = set()
        self._names: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def populate(self) -> None:
        for location in PLACES:
            self.refreshes[_refresh(location)] = location

    def accounts(self, here: str) -> list[dict[str, Any]]:
        base = here + PREFIX
        urls = ("base_url", "accounts_url", "information_url", "notifications_url")
        app = {
            **dict.fromkeys(urls, base),
            "authorize_url": f"{base}/authorize",
            "token_url": f"{base}/token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "webhook_secret": PUSH_TOKEN,
        }
        return [
            {
                "channel": "google_reviews",
                "handle": location,
                "agency": agency,
                "app": app,
                "settings": {"location": location, "refresh_token": _refresh(location)},
            }
            for location, (agency, _) in PLACES.items()
        ]

    def act(self, event: Event) -> str:
        """`stars` 1 to 5, `place` the resource name of a place, no `who`: an anonymous
        review."""
        now = self.core.clock.now()
        if "delete" in event:
            review = self._review(event["delete"])
            del self.reviews[review.name]
            return review.name
        if "edit" in event:
            review = self._review(event["edit"])
            review.text, review.updated = (
                event.get("text"),
                max(now, review.created + 0.001),
            )
            self._tell(review, "UPDATED_REVIEW")
            return review.name
        location = event.get("place") or next(iter(PLACES))
        review = Review(
            f"{location}/reviews/r{next(self._numbers):06d}",
            event.get("who"),
            int(event.get("stars", 1)),
            event.get("text"),
            now,
            now,
            event.get("photos", []),
        )
        self.reviews[review.name] = review
        if "as" in event:
            self._names[event["as"]] = review.name
        self._tell(review, "NEW_REVIEW")
        return review.name

    def _review(self, told: str) -> Review:
        name = self._names.get(told, told)
        if name not in self.reviews:
            raise ValueError(f"there is no review {told!r}")
        return self.reviews[name]

    def notice(self, review: Review, kind: str) -> bytes:
        """A push of Pub/Sub that names a review."""
        location = review.name.partition("/reviews/")[0]
        data = {"type": kind, "reviewName": review.name, "locationName": location}
        encoded = base64.b64encode(json.dumps(data).encode()).decode()
        number = str(next(self._numbers))
        message = {
            "data": encoded,
            "messageId": number,
            "publishTime": _iso(review.updated),
        }
        return json.dumps(
            {"message": message, "subscription": "projects/demo/subscriptions/sahut"}
        ).encode()

    def _tell(self, review: Review, kind: str) -> None:
        account = "/".join(review.name.split("/")[:2])
        if account in self.topics:
            self.postman.send(self.notice(review, kind))

    def revoke(self, token: str) -> None:
        """`token` is a refresh token; what it gave ends with it."""
        location = self.refreshes.pop(token)
        self._tokens = {
            access: held for access, held in self._tokens.items() if held[0] != location
        }

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS, PREFIX)
        return (bearer(scope), endpoint) if endpoint else None

    def routes(self) -> list[Route]:
        review = "/v4/accounts/{a}/locations/{l}/reviews"
        return [
            self._route("GET", review, self._list),
            self._route("GET", review + "/{r}", self._get),
            self._route("PUT", review + "/{r}/reply", self._reply),
            self._route("GET", "/v1/locations/{l}", self._place),
            self._route("GET", "/v1/accounts", self._accounts),
            self._route("GET", "/v1/accounts/{a}/locations", self._places),
            self._route(
                "PATCH", "/v1/accounts/{a}/notificationSetting", self._subscribe
            ),
            Route(f"{PREFIX}/authorize", self._authorize, methods=["GET"]),
            Route(f"{PREFIX}/token", self._token, methods=["POST"]),
            Route(f"{PREFIX}/media/{{label:path}}", _picture, methods=["GET"]),
        ]

    def _route(
        self, method: str, path: str, handler: Callable[[Request, Json], Json]
    ) -> Route:
        async def answer(request: Request) -> Response:
            body = await request.json() if method in ("PUT", "PATCH") else {}
            return await run_in_threadpool(self._answer, request, handler, body)

        return Route(PREFIX + path, answer, methods=[method])

    def _answer(
        self, request: Request, handler: Callable[[Request, Json], Json], body: Json
    ) -> Response:
        with self.core.lock:
            try:
                held = self._tokens.get(bearer(request.scope) or "")
                if held is None or held[1] <= self.core.clock.now():
                    raise GoogleError(
                        401, "UNAUTHENTICATED", "Request had invalid credentials."
                    )
                return JSONResponse(handler(request, body))
            except GoogleError as error:
                told = {
                    "code": error.status,
                    "message": str(error),
                    "status": error.name,
                }
                return JSONResponse({"error": told}, error.status)

    def _location(self, request: Request) -> str:
        """One account manages all places of the demonstration."""
        location = "accounts/{a}/locations/{l}".format(**request.path_params)
        if location in self.closed:
            raise GoogleError(
                403, "PERMISSION_DENIED", "The caller does not have permission"
            )
        if location not in PLACES:
            raise GoogleError(404, "NOT_FOUND", "Requested entity was not found.")
        return location

    def _list(self, request: Request, _: Json) -> Json:
        location, query = self._location(request), request.query_params
        mine = [r for r in self.reviews.values() if r.name.startswith(location + "/")]
        mine.sort(key=lambda review: review.updated, reverse=True)
        size = min(int(query.get("pageSize", LARGEST_PAGE)), LARGEST_PAGE)
        start = self._start(query.get("pageToken"))
        rows: list[Any] = [
            r.as_json(here(request) + PREFIX) for r in mine[start : start + size]
        ]
        if location in self.nulls:
            rows.insert(0, None)
        answer: Json = (
            {"averageRating": 4.2, "totalReviewCount": len(mine)} if mine else {}
        )
        if rows:
            answer["reviews"] = rows
        if start + size < len(mine):
            answer["nextPageToken"] = f"page-{start + size}"
        return answer

    def _start(self, token: str | None) -> int:
        number = (token or "page-0").removeprefix("page-")
        if not number.isdecimal():
            raise GoogleError(400, "INVALID_ARGUMENT", "Invalid page token")
        return int(number)

    def _found(self, request: Request) -> Review:
        review = self.reviews.get(
            f"{self._location(request)}/reviews/{request.path_params['r']}"
        )
        if review is None:
            raise GoogleError(404, "NOT_FOUND", "Requested entity was not found.")
        return review

    def _get(self, request: Request, _: Json) -> Json:
        return self._found(request).as_json(here(request) + PREFIX)

    def _reply(self, request: Request, body: Json) -> Json:
        """Replaces what was answered before; the review itself keeps its time."""
        review, text = self._found(request), str(body.get("comment") or "")
        if not text or len(text.encode()) > MOST_BYTES:
            raise GoogleError(
                400, "INVALID_ARGUMENT", "comment must have 1 to 4096 bytes"
            )
        review.answer, review.answered = text, self.core.clock.now()
        location = review.name.partition("/reviews/")[0]
        self.core.record(
            "google_reviews", location, review.name, text, f"{review.name}/reply"
        )
        return {"comment": text, "updateTime": _iso(review.answered)}

    def _place(self, request: Request, _: Json) -> Json:
        for location, (_agency, title) in PLACES.items():
            if location.endswith(f"/locations/{request.path_params['l']}"):
                return {"title": title}
        raise GoogleError(404, "NOT_FOUND", "Requested entity was not found.")

    def _accounts(self, request: Request, _: Json) -> Json:
        names = sorted({"/".join(location.split("/")[:2]) for location in PLACES})
        return {
            "accounts": [
                {"name": name, "accountName": "Pemkot (demo)"} for name in names
            ]
        }

    def _places(self, request: Request, _: Json) -> Json:
        account = f"accounts/{request.path_params['a']}/"
        return {
            "locations": [
                {"name": location.removeprefix(account), "title": title}
                for location, (_agency, title) in PLACES.items()
                if location.startswith(account)
            ]
        }

    def _subscribe(self, request: Request, body: Json) -> Json:
        """Where the topic delivers to is set in Google Cloud: here,
        `postman.deliver_to`."""
        name = f"accounts/{request.path_params['a']}"
        self.topics[name] = str(body.get("pubsubTopic"))
        return {"name": f"{name}/notificationSetting", **body}

    async def _authorize(self, request: Request) -> Response:
        """The manager signs in and agrees at once."""
        query, code = request.query_params, secrets.token_hex(8)
        with self.core.lock:
            self._codes.add(code)
        back = urlencode({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{query['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        with self.core.lock:
            if (form.get("client_id"), form.get("client_secret")) != (
                CLIENT_ID,
                CLIENT_SECRET,
            ):
                return JSONResponse({"error": "invalid_client"}, 401)
            if form.get("grant_type") == "refresh_token":
                location = self.refreshes.get(str(form.get("refresh_token")))
            else:
                known = str(form.get("code")) in self._codes
                self._codes.discard(str(form.get("code")))
                location = next(iter(PLACES)) if known else None
            if location is None:
                told = {
                    "error": "invalid_grant",
                    "error_description": "Token has been revoked.",
                }
                return JSONResponse(told, 400)
            answer: Json = {
                "access_token": self.access(location),
                "expires_in": ACCESS_SECONDS,
                "token_type": "Bearer",
                "scope": "https://www.googleapis.com/auth/business.manage",
            }
            if form.get("grant_type") != "refresh_token":
                answer["refresh_token"] = _refresh(location)
        return JSONResponse(answer)

    def access(self, location: str) -> str:
        """An access token, good for an hour."""
        token = f"ya29.{secrets.token_hex(12)}"
        self._tokens[token] = (location, self.core.clock.now() + ACCESS_SECONDS)
        return token


def _refresh(location: str) -> str:
    return "1//demo-" + location.rpartition("/")[2]


async def _picture(request: Request) -> Response:
    file = attached.of(request.path_params["label"])
    return Response(file.content, media_type=file.mime)


def _shown(file: attached.Attached, server: str) -> Json:
    link = f"{server}/media/{file.name}"
    return {"videoUrl" if file.sort == "video" else "thumbnailUrl": link}


def _iso(moment: float) -> str:
    told = datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
    return told.replace("+00:00", "Z")
