"""X: mentions by polling through tweepy, answers where the platform allows them.

Reads are billed per object, so a page reports its cost. Mentions come newest first: `since` moves
only after the last page, and what is unfinished stands in the cursor, so that a break at any page
loses nothing. Prices and rules: docs.x.com, 2026.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import requests
import tweepy
from pydantic import Field, SecretStr, model_validator
from requests.adapters import HTTPAdapter

from connectors import _http
from connectors._x_wire import (
    EXPANSIONS,
    MEDIA_FIELDS,
    TWEET_FIELDS,
    USER_FIELDS,
    messages_of,
    raw_items,
)
from connectors.base import (
    Cursor,
    File,
    Identity,
    Json,
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
from connectors.errors import (
    BadItem,
    ConnectorError,
    NeedsLogin,
    Refused,
    TryLater,
    Unknown,
    Untrusted,
)

_CANONICAL = "https://api.twitter.com"
_OVERLAP_EVERY = 10
_OVERLAP_MS = 5 * 60 * 1000
_LINK = re.compile(r"https?://\S+|\b[\w-]+\.(?:com|id|net|org|go\.id|co\.id)(?:/\S*)?\b")
_LINK_LENGTH = 23


class XApp(Settings):
    base_url: str = Field(default=_CANONICAL, title="API address")
    consumer_key: SecretStr | None = Field(default=None, title="API key of the app")
    consumer_secret: SecretStr | None = Field(default=None, title="API secret of the app")


class XAccount(Settings):
    access_token: SecretStr | None = Field(default=None, title="Access token (OAuth 1.0a)")
    access_token_secret: SecretStr | None = Field(default=None, title="Access token secret")
    bearer_token: SecretStr | None = Field(
        default=None, title="Bearer token", description="Instead of the two above: reading only"
    )
    daily_read_budget: int = Field(
        default=2000, ge=1, title="Billed reads a day", description="Polling stops when used up"
    )

    @model_validator(mode="after")
    def _enough(self) -> XAccount:
        if self.bearer_token is None and not (self.access_token and self.access_token_secret):
            raise ValueError("give access_token and access_token_secret, or bearer_token")
        return self


class _Redirect(HTTPAdapter):
    """Sends what tweepy signed for api.twitter.com to the address of the settings."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        parts = urlsplit(str(request.url))
        request.url = urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        options["timeout"] = (_http.CONNECT_SECONDS, _http.READ_SECONDS)
        return super().send(request, *args, **options)


class X:
    label: ClassVar[str] = "X"
    App: ClassVar[type[Settings]] = XApp
    Account: ClassVar[type[Settings]] = XAccount
    text_limit: ClassVar[int] = 280
    cost_per_read: ClassVar[float] = 0.005
    default_interval: ClassVar[int] = 60

    def __init__(self, app: XApp, account: XAccount, external_id: str | None = None) -> None:
        self._external_id = external_id
        self._home = app.base_url
        self._user_context = account.access_token is not None
        self._client = tweepy.Client(
            bearer_token=_plain(account.bearer_token),
            consumer_key=_plain(app.consumer_key),
            consumer_secret=_plain(app.consumer_secret),
            access_token=_plain(account.access_token),
            access_token_secret=_plain(account.access_token_secret),
            return_type=dict,
            wait_on_rate_limit=False,
        )
        self._client.session.trust_env = False
        self._client.session.mount(_CANONICAL, _Redirect(app.base_url))

    def close(self) -> None:
        self._client.session.close()

    def check(self) -> Identity:
        if not self._user_context:
            raise NeedsLogin(
                "a bearer token belongs to an app, not to an account; give access_token and "
                "access_token_secret of the account",
                code="needs_user_token",
            )
        answer = self._call(self._client.get_me, user_fields=USER_FIELDS, user_auth=True)
        me = answer.get("data") or {}
        if not me.get("id"):
            raise NeedsLogin("X does not say whose credentials these are")
        return Identity(str(me["id"]), str(me.get("username")), str(me.get("name", "")))

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        since, top, token = cursor.get("since"), cursor.get("top"), cursor.get("next")
        runs = int(cursor.get("runs", 0)) + (0 if token else 1)
        start = _earlier(since) if since and runs % _OVERLAP_EVERY == 0 else since
        while True:
            try:
                answer = self._mentions(start, token)
            except Refused:
                if not token:
                    raise
                token, top = None, None  # the page token has died: begin this run again
                continue
            newest = _newest(answer)
            top = _later(top, newest)
            token = (answer.get("meta") or {}).get("next_token")
            done = not token
            state = (
                {"since": _later(since, top)}
                if done
                else {"since": since, "top": top, "next": token}
            )
            kept = {
                key: value for key, value in {**state, "runs": runs}.items() if value is not None
            }
            yield Page(tuple(raw_items(answer, self._external_id, "mention")), kept, _cost(answer))
            if done:
                return

    def _mentions(self, since: str | None, token: str | None) -> dict[str, Any]:
        return self._call(
            self._client.get_users_mentions,
            self._external_id,
            max_results=100,
            since_id=since,
            pagination_token=token,
            tweet_fields=TWEET_FIELDS,
            expansions=EXPANSIONS,
            media_fields=MEDIA_FIELDS,
            user_fields=USER_FIELDS,
            user_auth=self._user_context,
        )

    @staticmethod
    def verify(app: XApp, account: XAccount | None, request: Request) -> str | None:
        secret = (_plain(app.consumer_secret) or "").encode()
        if not secret:
            raise Untrusted(
                "SAHUT_X_CONSUMER_SECRET is not set, so no delivery of X can be checked"
            )
        challenge = request.query.get("crc_token")
        if request.method == "GET" and challenge:
            return json.dumps({"response_token": _signature(secret, challenge.encode())})
        given = request.headers.get("x-twitter-webhooks-signature", "")
        if not hmac.compare_digest(given.encode(), _signature(secret, request.body).encode()):
            raise Untrusted("the signature of this delivery is not X's")
        return None

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        try:
            payload = json.loads(request.body)
        except ValueError as error:
            raise BadItem("a delivery of X that is not JSON") from error
        return list(raw_items(payload, None))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, None, hint)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        private = "participant_id" in reply.to
        limit = 10_000 if private else cls.text_limit
        length = len(reply.text) if private else weighted_length(reply.text)
        problem = "too_long" if length > limit else None
        if not private and str(reply.to.get("account_handle", "")).lower() not in reply.to.get(
            "summoned", []
        ):
            problem = "not_summoned"
        warnings = ("link_costs_more",) if _LINK.search(reply.text) and not private else ()
        return Preview((reply.text,), length, limit, not private, problem, warnings)

    def send(self, reply: Reply) -> Sent:
        if "participant_id" in reply.to:
            answer = self._call(
                self._client.create_direct_message,
                sends=True,
                participant_id=reply.to["participant_id"],
                text=reply.text,
            )
            return Sent(str((answer.get("data") or {}).get("dm_event_id", reply.key)))
        answer = self._call(
            self._client.create_tweet,
            sends=True,
            text=reply.text,
            in_reply_to_tweet_id=reply.to["post_id"],
        )
        sent_id = (answer.get("data") or {}).get("id")
        if not sent_id:
            raise Unknown("X confirmed the answer without its number")
        handle = reply.to.get("account_handle") or "i/web"
        return Sent(str(sent_id), f"https://x.com/{handle}/status/{sent_id}")

    def download(self, media: Media) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("X gives no picture for this post", code="not_kept")
        with _http.session() as client:
            content, mime = _http.download(client, url, platform="X", home=self._home)
        return File(content, mime)

    def _call(self, method: Any, *args: Any, sends: bool = False, **options: Any) -> dict[str, Any]:
        """Call tweepy; every failure in our words, none with the platform's URL."""
        try:
            answer = method(*args, **options)
        except tweepy.HTTPException as error:
            raise _error(error, sends) from None
        except requests.ConnectionError as error:
            if sends and "NewConnectionError" not in repr(error):
                raise Unknown("X broke off before it answered") from None
            raise TryLater("X cannot be reached or broke off") from None
        except (requests.RequestException, ValueError):
            if sends:
                raise Unknown("X gave no full answer") from None
            raise TryLater("X gave no full answer") from None
        if not isinstance(answer, dict):
            raise TryLater("X answered something that is not an object")
        return answer


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _signature(secret: bytes, content: bytes) -> str:
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def _newest(answer: Mapping[str, Any]) -> str | None:
    """The highest id of a page; `meta.newest_id` is missing on empty pages and in some answers."""
    rows = answer.get("data") or []
    ids = [int(row["id"]) for row in rows if isinstance(row, dict) and str(row.get("id")).isdigit()]
    return str(max(ids)) if ids else None


def _later(one: str | None, other: str | None) -> str | None:
    known = [value for value in (one, other) if value]
    return max(known, key=int) if known else None


def _earlier(since: str) -> str:
    """An id five minutes before: ids hold milliseconds in their upper bits."""
    return str(max(int(since) - (_OVERLAP_MS << 22), 1))


def _cost(answer: Mapping[str, Any]) -> int:
    includes = answer.get("includes") or {}
    extras = sum(len(includes.get(name) or []) for name in ("users", "tweets", "posts"))
    return len(answer.get("data") or []) + extras


def weighted_length(text: str) -> int:
    """Length as X counts: a link is 23, most other scripts and emoji count double."""
    text = unicodedata.normalize("NFC", text)
    links = _LINK.findall(text)
    rest = _LINK.sub("", text)
    return _LINK_LENGTH * len(links) + sum(1 if _is_light(ord(char)) else 2 for char in rest)


def _is_light(point: int) -> bool:
    return point <= 4351 or 8192 <= point <= 8205 or 8208 <= point <= 8223 or 8242 <= point <= 8247


def _error(error: tweepy.HTTPException, sends: bool) -> ConnectorError:
    response = error.response
    status, kind = response.status_code, _problem(response)
    if status == 401 or kind in ("client-forbidden", "usage-capped", "unsupported-authentication"):
        return NeedsLogin(_REMEDIES.get(kind, "X does not accept the credentials (401)"), code=kind)
    if status == 429:
        return TryLater("X asks to wait", retry_after=_http.retry_after(response.headers))
    if status >= 500:
        return Unknown(f"X answers {status}") if sends else TryLater(f"X answers {status}")
    if status == 403 and sends:
        return Refused("X does not allow this answer", code="not_allowed")
    return Refused(f"X refuses the request ({status})", code=kind)


_REMEDIES = {
    "client-forbidden": "the app is not enrolled or not paid for; see the developer console of X",
    "usage-capped": "the spending limit at X is reached; raise it in the developer console",
    "unsupported-authentication": "this kind of token may not do this; register a user token",
}


def _problem(response: requests.Response) -> str:
    """The last part of the `type` of X's problem answer, e.g. `usage-capped`."""
    try:
        body = response.json()
    except ValueError:
        return "refused"
    kind = body.get("type") if isinstance(body, dict) else None
    return str(kind).rstrip("/").rsplit("/", 1)[-1] if kind else "refused"
