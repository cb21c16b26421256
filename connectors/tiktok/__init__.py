"""TikTok: comments of the account's videos by polling, direct messages by webhook, both
answered.

Sources: business-api.tiktok.com/portal/docs (v1.3) and developers.tiktok.com
(webhooks), 2026. Without an approved app the account takes comments from a table only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from connectors._shared import http
from connectors._shared.fields import epoch_time, ident, iso_time, string, sub
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
from connectors.tiktok.api import TikTokApp, app_keys, ask, granted
from connectors.tiktok.comments import answers, pages
from connectors.tiktok.table import rows_of
from connectors.tiktok.wire import messages_of, raw_items

_MESSAGE_LIMIT = 6000
_RENEW_BEFORE = timedelta(hours=1)


class TikTokAccount(AccountSettings):
    handle: str = Field(
        default="",
        title="Username",
        description="Enough to import comments from a table",
    )
    business_id: str = Field(default="", title="Business id (open_id)")
    access_token: SecretStr | None = Field(
        default=None, title="Access token (24 hours)"
    )
    refresh_token: SecretStr | None = Field(
        default=None, title="Refresh token (365 days)"
    )
    expires_at: datetime | None = Field(default=None, title="End of the access token")
    refresh_expires_at: datetime | None = Field(
        default=None, title="End of the refresh token"
    )
    video_days: int = Field(
        default=90,
        ge=1,
        title="Days a video's comments are read after it was published",
    )
    reply_hours: int = Field(
        default=48,
        ge=1,
        title="Hours a direct message may be answered after the last one",
    )

    def facts(self) -> dict[str, Any]:
        return {"reply_hours": self.reply_hours}

    def renew_at(self) -> datetime | None:
        if self.refresh_token is None or self.expires_at is None:
            return None
        return self.expires_at - _RENEW_BEFORE

    def login_ends_at(self) -> datetime | None:
        return self.refresh_expires_at


class TikTok:
    label: ClassVar[str] = "TikTok"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "delete"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video"})
    App: ClassVar[type[Settings]] = TikTokApp
    Account: ClassVar[type[AccountSettings]] = TikTokAccount
    text_limit: ClassVar[int] = 150
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 300

    def __init__(
        self, app: TikTokApp, account: TikTokAccount, external_id: str | None = None
    ) -> None:
        self._app, self._account = app, account
        self._base = app.base_url.rstrip("/")
        self._client = http.session()

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        if self._account.access_token is None:
            handle = self._account.handle.removeprefix("@")
            if not handle:
                raise NeedsLogin(
                    "sign in, or name the username to import comments from a table"
                )
            note = (
                "Without an approved app nothing is fetched: import comments from a"
                " table (docs/channels/tiktok.md)."
            )
            return Identity(f"import:{handle.lower()}", handle, handle, (note,))
        me = self._get(
            "business/get/",
            fields=json.dumps(["username", "display_name", "is_business_account"]),
        )
        handle = string(me, "username") or self._account.handle
        if not handle:
            raise TryLater("TikTok does not say whose token this is")
        personal = me.get("is_business_account") is False
        note = "This is a personal account: TikTok delivers no direct messages to it."
        warnings = (note,) if personal else ()
        return Identity(
            self._account.business_id,
            handle,
            string(me, "display_name") or handle,
            warnings,
        )

    def back(self, days: float) -> Cursor:
        return {}  # there is a list of the newest alone, and no date to ask it by

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        if self._account.access_token is not None:
            own_id, days = self._account.business_id, self._account.video_days
            yield from pages(self._get, cursor, own_id, time.time(), days)

    @staticmethod
    def verify(
        app: TikTokApp, account: TikTokAccount | None, request: Request
    ) -> str | None:
        secret = app.app_secret.get_secret_value() if app.app_secret else ""
        if not secret:
            raise Untrusted(
                "SAHUT_TIKTOK_APP_SECRET is not set, so no delivery can be checked"
            )
        told = dict(
            part.strip().partition("=")[::2]
            for part in request.headers.get("tiktok-signature", "").split(",")
        )
        stamp, given = told.get("t", ""), told.get("s", "")
        expected = _signature(secret, stamp, request.body)
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Untrusted("the signature of this delivery is not TikTok's")
        signed_at, now = epoch_time(stamp), request.now or datetime.now(UTC)
        if (
            signed_at is None
            or abs((now - signed_at).total_seconds()) > app.signature_seconds
        ):
            raise Untrusted("this delivery was signed too long ago")
        return None

    @staticmethod
    def sign(
        app: TikTokApp, account: TikTokAccount | None, body: bytes, now: datetime
    ) -> dict[str, str]:
        secret = app.app_secret.get_secret_value() if app.app_secret else ""
        stamp = str(int(now.timestamp()))
        signature = _signature(secret, stamp, body)
        return {
            "content-type": "application/json",
            "tiktok-signature": f"t={stamp},s={signature}",
        }

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        try:
            payload = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise BadItem("a delivery of TikTok that is not JSON") from error
        return list(raw_items(payload, None))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, None)

    @staticmethod
    def read_bytes(content: bytes, name: str) -> Iterable[RawItem]:
        return list(rows_of(content, name))

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        private = "conversation_id" in reply.to
        limit, length = _MESSAGE_LIMIT if private else cls.text_limit, len(reply.text)
        problem = "too_long" if length > limit else "no_files" if reply.files else None
        if private and _window_closed(reply):
            problem = "window_closed"
        return Preview((reply.text,), length, limit, not private, problem)

    def send(self, reply: Reply) -> Sent:
        if "conversation_id" in reply.to:
            return self._send_message(reply)
        made = self._post(
            "business/comment/reply/create/",
            sends=True,
            video_id=reply.to["video_id"],
            comment_id=reply.to["comment_id"],
            text=reply.text,
        )
        comment_id = ident(made, "comment_id")
        if comment_id is None:
            raise Unknown("TikTok confirmed the answer without its number")
        return Sent(comment_id)

    def _send_message(self, reply: Reply) -> Sent:
        if _window_closed(reply):
            raise Refused(
                "TikTok takes no answer so long after the last message",
                code="window_closed",
            )
        made = self._post(
            "business/message/send/",
            sends=True,
            recipient_type="CONVERSATION",
            recipient=reply.to["conversation_id"],
            message_type="TEXT",
            text={"body": reply.text},
        )
        message_id = ident(sub(made, "message"), "message_id")
        if message_id is None:
            raise Unknown("TikTok confirmed the message without its number")
        return Sent(message_id)

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """Our answer under a comment; a direct message comes back as a delivery by
        itself."""
        if "conversation_id" in reply.to:
            return None
        for found in answers(self._get, reply.to["video_id"], reply.to["comment_id"]):
            made = epoch_time(found.get("create_time"))
            if (
                found.get("owner") is True
                and string(found, "text") == reply.text
                and made is not None
                and made >= since.replace(microsecond=0)
            ):
                return Sent(str(ident(found, "comment_id")))
        return None

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        headers: dict[str, str] = {}
        url = media.ref.get("url")
        if not url:
            names = ("conversation_id", "message_id", "media_id", "media_type")
            asked: dict[str, Any] = {name: media.ref.get(name) for name in names}
            url = string(
                self._post("business/message/media/download/", **asked), "download_url"
            )
            headers = {"x-user": self._token()}
        if not url:
            raise Refused("TikTok no longer has this picture", code="not_kept")
        with http.session() as client:
            content, mime = http.download(
                client,
                url,
                platform="TikTok",
                home=self._base,
                headers=headers,
                largest=largest,
            )
        return File(content, mime)

    def subscribe(self, callback_url: str) -> str:
        """One address for all accounts of the app; the app answers for them with its
        secret."""
        for kind in self._app.webhook_events.split(","):
            body = {
                **app_keys(self._app, "app_id", "secret"),
                "event_type": kind.strip(),
                "callback_url": callback_url,
            }
            ask(self._app, self._client, "POST", "business/webhook/update/", json=body)
        return ""

    @staticmethod
    def login_start(app: TikTokApp, redirect_uri: str, state: str) -> LoginStart:
        if not app.app_id:
            raise NeedsLogin(
                "SAHUT_TIKTOK_APP_ID is not set; see docs/channels/tiktok.md"
            )
        asked = {
            "client_key": app.app_id,
            "response_type": "code",
            "scope": app.scopes,
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return LoginStart(f"{app.authorize_url}?{urlencode(asked)}")

    @staticmethod
    def login_finish(
        app: TikTokApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        with http.session() as client:
            tokens = ask(
                app,
                client,
                "POST",
                "tt_user/oauth2/token/",
                json={
                    **app_keys(app, "client_id", "client_secret"),
                    "grant_type": "authorization_code",
                    "auth_code": code,
                    "redirect_uri": redirect_uri,
                },
            )
        business_id = ident(tokens, "open_id")
        if business_id is None:
            raise TryLater("TikTok does not say whose token this is")
        return [Login(business_id, {"business_id": business_id, **granted(tokens)})]

    def renew(self) -> Settings:
        if self._account.refresh_token is None:
            raise NeedsLogin("there is no refresh token; sign in again")
        tokens = ask(
            self._app,
            self._client,
            "POST",
            "tt_user/oauth2/refresh_token/",
            json={
                **app_keys(self._app, "client_id", "client_secret"),
                "grant_type": "refresh_token",
                "refresh_token": self._account.refresh_token.get_secret_value(),
            },
        )
        return self._account.model_copy(update=granted(tokens))

    def _token(self) -> str:
        token = self._account.access_token
        if token is None:
            raise NeedsLogin("this account has no access token; sign in")
        return token.get_secret_value()

    def _get(self, path: str, **params: Any) -> Mapping[str, Any]:
        asked = {"business_id": self._account.business_id, **params}
        headers = {"Access-Token": self._token()}
        return ask(self._app, self._client, "GET", path, params=asked, headers=headers)

    def _post(
        self, path: str, *, sends: bool = False, **body: Any
    ) -> Mapping[str, Any]:
        asked = {"business_id": self._account.business_id, **body}
        headers = {"Access-Token": self._token()}
        return ask(
            self._app,
            self._client,
            "POST",
            path,
            sends=sends,
            json=asked,
            headers=headers,
        )


def _signature(secret: str, stamp: str, body: bytes) -> str:
    content = stamp.encode() + b"." + body
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _window_closed(reply: Reply) -> bool:
    """Whether the person's last message is too old to be answered at `reply.now`."""
    said_at, now = iso_time(reply.to.get("said_at")), reply.now or datetime.now(UTC)
    hours = int(reply.to.get("reply_hours", 48))
    return said_at is not None and now - said_at > timedelta(hours=hours)
