"""The app at Threads, and how an account is opened through it.

The sign-in page gives a code, the code a token of an hour, that a token of 60 days,
which can be had anew from 24 hours after its birth until its end. Source:
developers.facebook.com, "Threads API: Get access tokens" and "Long-lived tokens", read
in copies of 2025.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from connectors._meta import graph as meta
from connectors._meta.graph import Graph, MetaApp, number, text
from connectors._shared import http
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater

NAME = "Threads"
_SCOPES = (
    "threads_basic,threads_content_publish,threads_read_replies,threads_manage_replies,"
    "threads_manage_mentions"
)


class ThreadsApp(MetaApp):
    base_url: str = Field(
        default="https://graph.threads.net", title="Threads API address"
    )
    version: str = Field(default="v1.0", title="Threads API version")
    dialog_url: str = Field(
        default="https://threads.net", title="Address of the sign-in page"
    )
    app_id: str | None = Field(
        default=None,
        title="Threads app ID",
        description="Not the Meta app ID; see App settings",
    )
    app_secret: SecretStr | None = Field(default=None, title="Threads app secret")


def authorize_url(app: ThreadsApp, redirect_uri: str, state: str) -> str:
    query = {
        "client_id": app.app_id or "",
        "redirect_uri": redirect_uri,
        "scope": _SCOPES,
        "response_type": "code",
        "state": state,
    }
    return f"{app.dialog_url.rstrip('/')}/oauth/authorize?{urlencode(query)}"


def exchanged(app: ThreadsApp, redirect_uri: str, code: str) -> dict[str, Any]:
    """Settings of an account for the code of a sign-in. NeedsLogin."""
    if app.app_id is None or app.app_secret is None:
        raise NeedsLogin("set the app ID and the app secret of the Threads app first")
    secret = app.app_secret.get_secret_value()
    short = _tokens(
        app,
        "POST",
        "oauth/access_token",
        data={
            "client_id": app.app_id,
            "client_secret": secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code.removesuffix("#_"),
        },
    )
    return _tokens(
        app,
        "GET",
        "access_token",
        params={
            "grant_type": "th_exchange_token",
            "client_secret": secret,
            "access_token": short["access_token"].get_secret_value(),
        },
    )


def renewed(app: ThreadsApp, token: SecretStr) -> dict[str, Any]:
    """The same settings for a token that has not ended. NeedsLogin."""
    asked = {"grant_type": "th_refresh_token", "access_token": token.get_secret_value()}
    return _tokens(app, "GET", "refresh_access_token", params=asked)


def graph(app: ThreadsApp, token: SecretStr) -> Graph:
    return Graph(app.base_url, app.version, token, platform=NAME, own_codes=_own_error)


def _own_error(told: Mapping[str, Any], sends: bool) -> ConnectorError | None:
    """24: the container to publish is not ready. Nothing was published, so it may be
    made anew."""
    if number(told.get("code")) == 24 and sends:
        return TryLater(
            "Threads was not ready to publish the answer (24)", retry_after=30
        )
    return None


def _tokens(app: ThreadsApp, method: str, path: str, **options: Any) -> dict[str, Any]:
    """`access_token` and `expires_at` as settings of an account."""
    client = http.session()
    try:
        response = http.request(
            client,
            method,
            f"{app.base_url.rstrip('/')}/{path}",
            platform=NAME,
            **options,
        )
        answer = meta.answer_of(response, NAME)
    except Refused as refusal:
        raise NeedsLogin(f"{refusal}; sign in again") from None
    finally:
        client.close()
    token = text(answer, "access_token")
    if token is None:
        raise TryLater("Threads answered without a token")
    lasts = answer.get("expires_in")
    ends = (
        datetime.now(UTC) + timedelta(seconds=lasts) if isinstance(lasts, int) else None
    )
    return {"access_token": SecretStr(token), "expires_at": ends}
