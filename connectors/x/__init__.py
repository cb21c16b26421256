"""X: mentions and direct messages by polling and webhook, answers where the platform
allows them.

Reads are billed a resource, so a page reports its cost and its money; people are asked
for once. The lists and their ends: `_x_reading`. Prices and rules: docs.x.com, 2026.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field, SecretStr, model_validator

from connectors._shared import http
from connectors.base import (
    CHALLENGE,
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
from connectors.errors import BadItem, NeedsLogin, Refused, Unknown, Untrusted
from connectors.x import login, webhooks
from connectors.x.api import CANONICAL, Api, app_bearer
from connectors.x.reading import Reader
from connectors.x.text import LINK, billed_as, weighted_length
from connectors.x.wire import DM_FIELDS, USER_FIELDS, messages_of, raw_items

__all__ = ["X", "XAccount", "XApp", "weighted_length"]

_DM_LIMIT = 10_000
_RENEW_BEFORE = timedelta(minutes=10)


class XApp(Settings):
    base_url: str = Field(default=CANONICAL, title="API address")
    consumer_key: SecretStr | None = Field(default=None, title="API key of the app")
    consumer_secret: SecretStr | None = Field(
        default=None,
        title="API secret of the app",
        description="Also signs webhook deliveries",
    )
    client_id: str = Field(
        default="", title="OAuth 2.0 client id", description="For signing accounts in"
    )
    client_secret: SecretStr | None = Field(
        default=None,
        title="OAuth 2.0 client secret",
        description=(
            "Empty for a public client; where set, X signs webhook deliveries with it"
        ),
    )
    authorize_url: str = Field(
        default="https://x.com/i/oauth2/authorize", title="Sign-in page of X"
    )


class XAccount(AccountSettings):
    user_token: SecretStr | None = Field(
        default=None,
        title="Access token (OAuth 2.0)",
        description="From signing in; renewed",
    )
    refresh_token: SecretStr | None = Field(
        default=None, title="Refresh token (OAuth 2.0)"
    )
    user_token_ends_at: datetime | None = Field(
        default=None,
        title="End of the access token",
        description="ISO 8601 with offset",
    )
    access_token: SecretStr | None = Field(
        default=None, title="Access token (OAuth 1.0a)"
    )
    access_token_secret: SecretStr | None = Field(
        default=None, title="Access token secret"
    )
    bearer_token: SecretStr | None = Field(
        default=None,
        title="Bearer token",
        description="Instead of those above: reading only",
    )
    owns_app: bool = Field(
        default=False,
        title="This account owns the app",
        description="X bills its mentions at a fifth",
    )
    direct_messages: bool = Field(default=True, title="Read direct messages")
    daily_read_budget: int = Field(
        default=2000,
        ge=1,
        title="Billed reads a day",
        description="Polling stops when used up",
    )

    @model_validator(mode="after")
    def _enough(self) -> XAccount:
        signed = self.access_token and self.access_token_secret
        if not (self.user_token or signed or self.bearer_token):
            raise ValueError(
                "sign in, or give access_token and access_token_secret, or bearer_token"
            )
        return self

    def renew_at(self) -> datetime | None:
        if self.refresh_token is None or self.user_token_ends_at is None:
            return None
        return self.user_token_ends_at - _RENEW_BEFORE


class X:
    label: ClassVar[str] = "X"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video"})
    App: ClassVar[type[Settings]] = XApp
    Account: ClassVar[type[AccountSettings]] = XAccount
    text_limit: ClassVar[int] = 280
    cost_per_read: ClassVar[float] = 0.005
    default_interval: ClassVar[int] = 60

    def __init__(
        self, app: XApp, account: XAccount, external_id: str | None = None
    ) -> None:
        self._app, self._account, self._external_id = app, account, external_id
        signed = account.access_token is not None and account.user_token is None
        self._user_context = signed or account.user_token is not None
        self._api = Api(
            app.base_url,
            bearer_token=_plain(account.user_token) or _plain(account.bearer_token),
            consumer_key=_plain(app.consumer_key),
            consumer_secret=_plain(app.consumer_secret),
            access_token=_plain(account.access_token) if signed else None,
            access_token_secret=_plain(account.access_token_secret) if signed else None,
        )

    def close(self) -> None:
        self._api.close()

    def check(self) -> Identity:
        if not self._user_context:
            raise NeedsLogin(
                "a bearer token belongs to an app, not to an account; sign in, or give "
                "access_token and access_token_secret of the account",
                code="needs_user_token",
            )
        return _identity(self._api)

    # in

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        reader = self._reader()
        cursor = cursor or reader.beginning(self._account.first_days)
        lists = [reader.mentions]
        if not cursor.get("back"):
            if self._user_context and self._account.direct_messages:
                lists.append(reader.messages)
            lists.append(reader.edits)
        for pages in lists:
            for page in pages(cursor):
                cursor = page.cursor
                yield page

    def back(self, days: float) -> Cursor:
        """Mentions alone: direct messages have a place of their own that nothing falls
        behind, and of a post that was edited the list gives the newest version."""
        return {"since": self._reader().beginning(days)["since"], "back": True}

    def count(self, since: datetime) -> int:
        return self._reader().count(since)

    def billed_by(self, items: int) -> Mapping[str, int]:
        """Each by another person, with a picture."""
        post = "own_post" if self._account.owns_app else "post"
        return {post: items, "user": items, "media": items}

    def _reader(self) -> Reader:
        own_id = self._external_id or _identity(self._api).external_id
        return Reader(
            self._api, own_id, self._app.base_url, owned=self._account.owns_app
        )

    @staticmethod
    def verify(app: XApp, account: XAccount | None, request: Request) -> str | None:
        secrets = [
            secret.encode()
            for secret in (_plain(app.client_secret), _plain(app.consumer_secret))
            if secret
        ]
        if not secrets:
            raise Untrusted(
                "neither SAHUT_X_CLIENT_SECRET nor SAHUT_X_CONSUMER_SECRET is set, so"
                " no delivery of X can be checked"
            )
        challenge = request.query.get("crc_token")
        if request.method == "GET" and challenge:
            # Anybody may ask, so what is signed must be of no use as a delivery.
            if not CHALLENGE.fullmatch(challenge):
                raise Untrusted("this is no challenge of X: it is not a token")
            return json.dumps(
                {"response_token": _signature(secrets[0], challenge.encode())}
            )
        if CHALLENGE.fullmatch(request.body.decode("latin-1")):
            raise Untrusted("this is a challenge that somebody sends as a delivery")
        given = [request.headers.get(name, "").encode() for name in _SIGNATURES]
        expected = [_signature(secret, request.body).encode() for secret in secrets]
        if not any(
            hmac.compare_digest(one, other) for one in given for other in expected
        ):
            raise Untrusted("the signature of this delivery is not X's")
        return None

    @staticmethod
    def sign(
        app: XApp, account: XAccount | None, body: bytes, now: datetime
    ) -> dict[str, str]:
        """Signed as X signs: with the client secret where there is one, else the API
        secret."""
        secret = _plain(app.client_secret) or _plain(app.consumer_secret) or ""
        return {
            "content-type": "application/json",
            _SIGNATURES[0]: _signature(secret.encode(), body),
        }

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        try:
            payload = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise BadItem("a delivery of X that is not JSON") from error
        return list(raw_items(payload, None))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, None, hint)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    def subscribe(self, callback_url: str) -> str:
        """Webhook and subscriptions of this account; what is there already is left as
        it is."""
        own_id = self._external_id or self.check().external_id
        with webhooks.managing(self._app_api()) as app:
            hook_id = webhooks.ensure_hook(app, callback_url)
            refused = webhooks.ensure_subscriptions(
                app, self._api if self._account.user_token else None, own_id, hook_id
            )
        if not refused:
            return ""
        return (
            f"X did not allow the events {', '.join(refused)}: sign this account in by"
            " OAuth 2.0 and subscribe again; polling reads them meanwhile."
        )

    def replay(self, since: datetime, until: datetime) -> str:
        """At most the last 24 hours; what came already is recognised by its id."""
        with webhooks.managing(self._app_api()) as app:
            begin, jobs = webhooks.replay(app, since, until)
        if not jobs:
            return "no webhook is registered at X, so there is nothing to send again"
        return (
            f"X sends again what it had for our webhooks from {begin:%Y-%m-%d %H:%M}"
            " UTC on"
        )

    def _app_api(self) -> Api:
        key, secret = _plain(self._app.consumer_key), _plain(self._app.consumer_secret)
        if not key or not secret:
            raise NeedsLogin(
                "webhooks belong to the app: set SAHUT_X_CONSUMER_KEY and"
                " SAHUT_X_CONSUMER_SECRET",
                code="needs_app",
            )
        return Api(
            self._app.base_url, bearer_token=app_bearer(self._app.base_url, key, secret)
        )

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("X gives no picture for this post", code="not_kept")
        with http.session() as client:
            content, mime = http.download(
                client, url, platform="X", home=self._app.base_url, largest=largest
            )
        return File(content, mime)

    # out

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        private = _is_private(reply)
        limit = _DM_LIMIT if private else cls.text_limit
        length = len(reply.text) if private else weighted_length(reply.text)
        handle = str(reply.to.get("account_handle", "")).lower()
        summoned = handle in reply.to.get("summoned", [])
        problem = None
        if reply.files:
            problem = "no_files"
        elif length > limit:
            problem = "too_long"
        elif not private and not summoned:
            problem = "not_summoned"
        warnings = (
            ("link_costs_more",) if LINK.search(reply.text) and not private else ()
        )
        billed = billed_as(reply.text, private=private, summoned=summoned)
        cost = reply.prices.get(billed, 0.0)
        return Preview(
            (reply.text,), length, limit, not private, problem, warnings, cost
        )

    def send(self, reply: Reply) -> Sent:
        if _is_private(reply):
            answer = self._api.call(
                self._api.client.create_direct_message,
                sends=True,
                text=reply.text,
                **_addressee(reply),
            )
            event_id = _data(answer).get("dm_event_id")
            if not event_id:
                raise Unknown("X confirmed the message without its number")
            return Sent(str(event_id))
        answer = self._api.call(
            self._api.client.create_tweet,
            sends=True,
            text=reply.text,
            in_reply_to_tweet_id=reply.to["post_id"],
        )
        sent_id = _data(answer).get("id")
        if not sent_id:
            raise Unknown("X confirmed the answer without its number")
        return _sent(reply, str(sent_id))

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """Among what this account wrote since then."""
        if _is_private(reply):
            return self._look_up_message(reply, since)
        answer = self._api.call(
            self._api.client.get_users_tweets,
            self._external_id or self.check().external_id,
            start_time=since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            max_results=100,
            tweet_fields=["referenced_tweets", "note_tweet"],
        )
        for item in raw_items(answer, self._external_id):
            for said in _readable(item):
                if said.parent_id == str(reply.to["post_id"]) and _same(
                    said.text, reply.text
                ):
                    return _sent(reply, said.native_id)
        return None

    def _look_up_message(self, reply: Reply, since: datetime) -> Sent | None:
        answer = self._api.call(
            self._api.client.get_direct_message_events,
            max_results=50,
            event_types="MessageCreate",
            dm_event_fields=DM_FIELDS,
            **_addressee(reply),
        )
        for item in raw_items(answer, self._external_id):
            for said in _readable(item):
                late = said.created_at is not None and said.created_at >= since
                if said.is_own and late and _same(said.text, reply.text):
                    return Sent(said.native_id)
        return None

    # signing in

    @staticmethod
    def login_start(app: XApp, redirect_uri: str, state: str) -> LoginStart:
        return login.start(_client(app), redirect_uri, state)

    @staticmethod
    def login_finish(
        app: XApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        tokens = login.finish(_client(app), redirect_uri, code, keep)
        api = Api(app.base_url, bearer_token=tokens.access)
        try:
            identity = _identity(api)
        finally:
            api.close()
        settings = {
            "user_token": tokens.access,
            "refresh_token": tokens.refresh,
            "user_token_ends_at": tokens.ends_at.isoformat(),
        }
        return [Login(f"@{identity.handle}", settings)]

    def renew(self) -> XAccount:
        token = _plain(self._account.refresh_token)
        if token is None:
            raise NeedsLogin(
                "there is no refresh token for this account of X; sign in again"
            )
        tokens = login.refresh(_client(self._app), token)
        return self._account.model_copy(
            update={
                "user_token": SecretStr(tokens.access),
                "refresh_token": SecretStr(tokens.refresh or token),
                "user_token_ends_at": tokens.ends_at,
            }
        )


_SIGNATURES = ("x-twitter-webhooks-signature-oauth2", "x-twitter-webhooks-signature")


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() or None if secret else None


def _client(app: XApp) -> login.Client:
    secret = _plain(app.client_secret) or ""
    return login.Client(app.base_url, app.authorize_url, app.client_id, secret)


def _identity(api: Api) -> Identity:
    me = _data(api.call(api.client.get_me, user_fields=USER_FIELDS))
    if not me.get("id"):
        raise NeedsLogin("X does not say whose credentials these are")
    return Identity(str(me["id"]), str(me.get("username")), str(me.get("name", "")))


def _data(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    data = answer.get("data")
    return data if isinstance(data, dict) else {}


def _signature(secret: bytes, content: bytes) -> str:
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def _is_private(reply: Reply) -> bool:
    return bool(_addressee(reply))


def _addressee(reply: Reply) -> dict[str, Any]:
    names = ("participant_id", "dm_conversation_id")
    return {name: reply.to[name] for name in names if reply.to.get(name)}


def _sent(reply: Reply, post_id: str) -> Sent:
    handle = reply.to.get("account_handle") or "i/web"
    return Sent(post_id, f"https://x.com/{handle}/status/{post_id}")


def _readable(item: RawItem) -> list[Message]:
    try:
        return list(messages_of(item))
    except BadItem:
        return []


def _same(found: str | None, written: str) -> bool:
    """X escapes, shortens links and puts mentions before an answer."""
    told = " ".join(LINK.sub("", html.unescape(found or "")).split())
    ours = " ".join(LINK.sub("", written).split())
    return told == ours or (told.startswith("@") and told.endswith(ours))
