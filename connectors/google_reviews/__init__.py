"""Google reviews of one place (a health centre, a museum, a park): read, answered, told
by Pub/Sub.

The list comes in the order of `updateTime`, newest first; reading goes on a day below
the last mark, because a review becomes visible only after moderation. Sources:
cloud.google.com/pubsub (push), developers.google.com/my-business,
developers.google.com/identity/protocols/oauth2, 2026.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from connectors._google.business import GoogleReviewsApp, ask, places
from connectors._google.oauth import grant
from connectors._shared import http
from connectors._shared.fields import as_list, iso_time, objects, string, sub
from connectors.base import (
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Identity,
    Json,
    Later,
    Login,
    LoginStart,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Request,
    Sent,
    Settings,
)
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater, Unknown, Untrusted
from connectors.google_reviews.wire import messages_of, raw_items, review

_SCOPE = "https://www.googleapis.com/auth/business.manage"
_PAGE = 50
_OVERLAP = timedelta(hours=24)
_RENEW_BEFORE = timedelta(minutes=5)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class GoogleReviewsAccount(AccountSettings):
    location: str = Field(
        default="",
        title="Resource name of the place",
        description="accounts/123/locations/456",
        pattern=r"^(accounts/[^/]+/locations/[^/]+)?$",
    )
    refresh_token: SecretStr = Field(title="Refresh token")
    access_token: SecretStr | None = Field(
        default=None, title="Access token (renewed by itself)"
    )
    expires_at: datetime | None = Field(default=None, title="End of the access token")
    login_ends: datetime | None = Field(
        default=None,
        title="End of the sign-in (only while the consent screen is in testing)",
    )
    pubsub_topic: str = Field(
        default="",
        title="Pub/Sub topic",
        description="projects/NAME/topics/NAME, for deliveries",
    )

    def renew_at(self) -> datetime | None:
        if self.access_token is None or self.expires_at is None:
            return _LONG_AGO
        return self.expires_at - _RENEW_BEFORE

    def login_ends_at(self) -> datetime | None:
        return self.login_ends


class GoogleReviews:
    label: ClassVar[str] = "Google reviews"
    hears: ClassVar[frozenset[Later]] = frozenset({"edit"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video"})
    App: ClassVar[type[Settings]] = GoogleReviewsApp
    Account: ClassVar[type[AccountSettings]] = GoogleReviewsAccount
    text_limit: ClassVar[int] = 4096
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 900

    def __init__(
        self,
        app: GoogleReviewsApp,
        account: GoogleReviewsAccount,
        external_id: str | None = None,
    ) -> None:
        self._app, self._account = app, account
        self._reviews = f"{app.base_url.rstrip('/')}/v4/{account.location}/reviews"
        self._client = http.session()
        self._signed_in = False

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        location = self._account.location
        if not location:
            raise NeedsLogin(
                "the resource name of the place is missing"
                " (accounts/.../locations/...); signing in with `sahut accounts login`"
                " lists the places of a Google account",
                code="no_location",
            )
        total = self._get(self._reviews, pageSize=1).get("totalReviewCount", 0)
        short = location.partition("/locations/")[2]
        about = f"{self._app.information_url.rstrip('/')}/v1/locations/{short}"
        title = string(self._get(about, readMask="title"), "title") or short
        warnings = () if total else ("Google names no review of this place yet.",)
        return Identity(location, short, title, warnings)

    def back(self, days: float) -> Cursor:
        return {}  # there is a list of the newest alone, and no date to ask it by

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        since, top = iso_time(cursor.get("since")), iso_time(cursor.get("top"))
        token = string(cursor, "next")
        while True:
            try:
                answer = self._page(token)
            except Refused:
                if token is None:
                    raise
                token = None  # the page token has died: begin this run again
                continue
            rows = as_list(answer.get("reviews"))
            times = [
                moment
                for row in objects(rows)
                if (moment := iso_time(row.get("updateTime")))
            ]
            top = max([*times, *([top] if top else [])], default=None)
            token = string(answer, "nextPageToken")
            reached = (
                since is not None and bool(times) and min(times) < since - _OVERLAP
            )
            done = token is None or reached
            if done:
                state = {"since": _iso(max(filter(None, (since, top)), default=None))}
            else:
                state = {"since": _iso(since), "top": _iso(top), "next": token}
            kept = {name: value for name, value in state.items() if value is not None}
            yield Page(tuple(review(row) for row in rows if row is not None), kept)
            if done:
                return

    def _page(self, token: str | None) -> Mapping[str, Any]:
        paged = {"pageToken": token} if token else {}
        answer = self._get(
            self._reviews, pageSize=_PAGE, orderBy="updateTime desc", **paged
        )
        if (
            answer
            and not {"reviews", "totalReviewCount", "averageRating"} & answer.keys()
        ):
            raise TryLater("Google answered without a list of reviews")
        return answer

    @staticmethod
    def verify(
        app: GoogleReviewsApp, account: GoogleReviewsAccount | None, request: Request
    ) -> str | None:
        expected = app.webhook_secret.get_secret_value() if app.webhook_secret else ""
        given = request.query.get("token", "")
        if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
            raise Untrusted(
                "the token in the address of this Google delivery is missing or wrong"
            )
        return None

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        try:
            payload = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise BadItem("a delivery of Google that is not JSON") from error
        return list(raw_items(payload))

    def expand(self, item: RawItem) -> Iterable[RawItem]:
        """The review a notification names; one that is not there any more was
        removed."""
        (told,) = messages_of(item)
        name = told.native_id
        try:
            found = self._get(f"{self._app.base_url.rstrip('/')}/v4/{name}")
        except Refused as error:
            if error.code != "gone":
                raise
            return [RawItem(f"{item.key}:gone", "gone", {"name": name}, item.account)]
        return [
            RawItem(
                f"{item.key}:{review(found).key}", "review", dict(found), item.account
            )
        ]

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text.encode())
        problem = (
            "too_long"
            if length > cls.text_limit
            else "no_files"
            if reply.files
            else None
        )
        warnings = ("replaces_answer",) if reply.to.get("answered") else ()
        return Preview((reply.text,), length, cls.text_limit, True, problem, warnings)

    def send(self, reply: Reply) -> Sent:
        name = reply.to["review"]
        answer = self._call(
            "PUT",
            f"{self._app.base_url.rstrip('/')}/v4/{name}/reply",
            sends=True,
            json={"comment": reply.text},
        )
        if "comment" not in answer:
            raise Unknown("Google confirmed the answer without repeating it")
        return Sent(f"{name}/reply")

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        name = reply.to["review"]
        found = self._get(f"{self._app.base_url.rstrip('/')}/v4/{name}")
        if string(sub(found, "reviewReply"), "comment") == reply.text:
            return Sent(f"{name}/reply")
        return None

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("Google gives no picture for this review", code="not_kept")
        with http.session() as client:
            content, mime = http.download(
                client, url, platform="Google", home=self._app.base_url, largest=largest
            )
        return File(content, mime)

    def count(self, since: datetime) -> int:
        """Reviews written or changed since."""
        counted, token = 0, None
        while True:
            answer = self._page(token)
            rows = objects(answer.get("reviews"))
            new = [
                row
                for row in rows
                if (iso_time(row.get("updateTime")) or since) >= since
            ]
            counted += len(new)
            token = string(answer, "nextPageToken")
            if token is None or len(new) < len(rows):
                return counted

    def subscribe(self, callback_url: str) -> str:
        topic = self._account.pubsub_topic
        if not topic:
            return (
                "Make a Pub/Sub topic, let"
                " mybusiness-api-pubsub@system.gserviceaccount.com publish to it, save"
                " its name with this account, and subscribe again."
            )
        name = (
            self._account.location.partition("/locations/")[0] + "/notificationSetting"
        )
        self._call(
            "PATCH",
            f"{self._app.notifications_url.rstrip('/')}/v1/{name}",
            params={"updateMask": "pubsubTopic,notificationTypes"},
            json={
                "pubsubTopic": topic,
                "notificationTypes": ["NEW_REVIEW", "UPDATED_REVIEW"],
            },
        )
        return (
            f"In Google Cloud add a push subscription of {topic} that delivers to"
            f" {callback_url}?token=... with the token of this installation's settings."
        )

    @staticmethod
    def login_start(app: GoogleReviewsApp, redirect_uri: str, state: str) -> LoginStart:
        if not app.client_id:
            raise NeedsLogin(
                "SAHUT_GOOGLE_REVIEWS_CLIENT_ID is not set; make an OAuth client in"
                " Google Cloud",
                code="no_client",
            )
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "scope": _SCOPE,
            "state": state,
            "access_type": "offline",
            "prompt": "consent",  # without it a second sign-in brings no refresh token
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return LoginStart(
            f"{app.authorize_url}?{urlencode(asked)}", {"verifier": verifier}
        )

    @staticmethod
    def login_finish(
        app: GoogleReviewsApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        """One login for every place the Google account manages."""
        granted = grant(
            app.token_url,
            app.client_id,
            app.client_secret,
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=keep["verifier"],
        )
        if granted.get("refresh_token") is None:
            raise NeedsLogin("Google gave no refresh token; begin the sign-in again")
        return list(places(app, granted))

    def renew(self) -> Settings:
        granted = grant(
            self._app.token_url,
            self._app.client_id,
            self._app.client_secret,
            grant_type="refresh_token",
            refresh_token=self._account.refresh_token.get_secret_value(),
        )
        return self._account.model_copy(update=granted)

    def _bearer(self) -> str:
        """The access token there is, else a fresh one for this connector alone."""
        token = self._account.access_token
        if token is None:
            renewed = self.renew()
            assert isinstance(renewed, GoogleReviewsAccount)
            self._account = renewed
            token = renewed.access_token
        return token.get_secret_value() if token else ""

    def _get(self, url: str, **params: Any) -> Mapping[str, Any]:
        return self._call("GET", url, params=params)

    def _call(
        self, method: str, url: str, *, sends: bool = False, **options: Any
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        return ask(self._client, method, url, sends=sends, headers=headers, **options)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
