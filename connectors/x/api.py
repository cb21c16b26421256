"""Calls to X through tweepy: one address, one clock for waiting, every failure in our
words.

tweepy has its host built in and knows neither webhooks nor activity subscriptions; its
client sends any route, so those go through it too.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import requests
import tweepy
from requests.adapters import HTTPAdapter

from connectors._shared import http
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown

CANONICAL = "https://api.twitter.com"


class _Redirect(HTTPAdapter):
    """Sends what tweepy signed for api.twitter.com to the address of the settings."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> Any:
        parts = urlsplit(str(request.url))
        request.url = urlunsplit(
            parts._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        )
        options["timeout"] = (http.CONNECT_SECONDS, http.READ_SECONDS)
        return super().send(request, *args, **options)


class Api:
    """One identity at X: an account by either kind of OAuth, or an app by its bearer
    token.

    `signs`  requests are signed by OAuth 1.0a; else a bearer token is sent
    """

    def __init__(
        self,
        base_url: str,
        *,
        bearer_token: str | None = None,
        consumer_key: str | None = None,
        consumer_secret: str | None = None,
        access_token: str | None = None,
        access_token_secret: str | None = None,
    ) -> None:
        self.signs = access_token is not None
        self.client = tweepy.Client(
            bearer_token=bearer_token,
            consumer_key=consumer_key,
            consumer_secret=consumer_secret,
            access_token=access_token,
            access_token_secret=access_token_secret,
            return_type=dict,
            wait_on_rate_limit=False,
        )
        self.client.session.trust_env = False
        self.client.session.mount(CANONICAL, _Redirect(base_url))

    def close(self) -> None:
        self.client.session.close()

    def call(
        self,
        method: Callable[..., Any],
        *args: Any,
        sends: bool = False,
        **options: Any,
    ) -> dict[str, Any]:
        """Call one of tweepy's methods."""
        return _object(
            self._guarded(method, sends, *args, user_auth=self.signs, **options), sends
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """An endpoint that tweepy has no method for."""

        def request() -> Any:
            response = self.client.request(
                method, path, params=params, json=json, user_auth=self.signs
            )
            return response.json()

        return _object(self._guarded(request, False), False)

    def _guarded(
        self, method: Callable[..., Any], sends: bool, *args: Any, **options: Any
    ) -> Any:
        try:
            return method(*args, **options)
        except tweepy.HTTPException as error:
            raise error_of(error.response, sends) from None
        except requests.ConnectionError as error:
            if sends and "NewConnectionError" not in repr(error):
                raise Unknown("X broke off before it answered") from None
            raise TryLater("X cannot be reached or broke off") from None
        except (requests.RequestException, ValueError):
            if sends:
                raise Unknown("X gave no full answer") from None
            raise TryLater("X gave no full answer") from None


def _object(answer: Any, sends: bool) -> dict[str, Any]:
    """An object that says something. X answers `data`, `meta`, `errors` or a job's
    fields; anything else is somebody between X and us."""
    if isinstance(answer, dict) and answer.keys() & {
        "data",
        "meta",
        "errors",
        "job_id",
    }:
        return answer
    if sends:
        raise Unknown("X gave an answer that confirms nothing")
    raise TryLater("X answered something that is not an answer of its API")


def app_bearer(base_url: str, key: str, secret: str) -> str:
    """OAuth 2.0 Application-Only: the token that webhooks are managed with."""
    pair = f"{quote(key, safe='')}:{quote(secret, safe='')}"
    with http.session() as client:
        response = http.request(
            client,
            "POST",
            f"{base_url.rstrip('/')}/oauth2/token",
            platform="X",
            data={"grant_type": "client_credentials"},
            headers={
                "Authorization": "Basic " + base64.b64encode(pair.encode()).decode()
            },
        )
        if response.status_code in (400, 401, 403):
            raise NeedsLogin("X does not know this API key and secret of the app")
        http.raise_for_status(response, "X")
        token = http.decoded(response, "X").get("access_token")
    if not isinstance(token, str):
        raise TryLater("X gave no token for the app")
    return token


def error_of(response: requests.Response, sends: bool = False) -> ConnectorError:
    status, kind = response.status_code, _problem(response)
    if status == 401 or kind in _REMEDIES:
        return NeedsLogin(
            _REMEDIES.get(kind, "X does not accept the credentials (401)"), code=kind
        )
    if status == 429:
        wait = http.retry_after(response.headers)
        return TryLater("X asks to wait", retry_after=wait, code="throttled")
    if status >= 500:
        return (
            Unknown(f"X answers {status}") if sends else TryLater(f"X answers {status}")
        )
    if status == 403 and sends:
        return Refused("X does not allow this answer", code="not_allowed")
    return Refused(f"X refuses the request ({status})", code=kind)


_REMEDIES = {
    "client-forbidden": (
        "the app is not enrolled or not paid for; see the developer console of X"
    ),
    "usage-capped": (
        "the spending limit at X is reached; raise it in the developer console"
    ),
    "unsupported-authentication": (
        "this kind of token may not do this; register a user token"
    ),
}


def _problem(response: requests.Response) -> str:
    """The last part of the `type` of X's problem answer, e.g. `usage-capped`."""
    try:
        body = response.json()
    except ValueError:
        return "refused"
    kind = body.get("type") if isinstance(body, dict) else None
    return str(kind).rstrip("/").rsplit("/", 1)[-1] if kind else "refused"
