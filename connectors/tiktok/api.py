"""Requests to TikTok's interface: 200 whatever happens, and `code` in the body says
what.

Source: business-api.tiktok.com/portal/docs, return codes and "TikTok accounts" OAuth,
2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from pydantic import Field, SecretStr

from connectors._shared import http
from connectors._shared.fields import as_object, string
from connectors.base import Settings
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown

_SCOPES = (
    "user.info.basic,user.info.username,video.list,comment.list,comment.list.manage,"
    "message.list.read,message.list.send,message.list.manage"
)
_NO_PERMISSION = 40001


class TikTokApp(Settings):
    """The codes and the age are settings, because sources disagree about them."""

    base_url: str = Field(
        default="https://business-api.tiktok.com/open_api/v1.3", title="API address"
    )
    authorize_url: str = Field(
        default="https://www.tiktok.com/v2/auth/authorize/",
        title="Address of the sign-in page",
    )
    app_id: str = Field(default="", title="App id (client key)")
    app_secret: SecretStr | None = Field(default=None, title="App secret")
    scopes: str = Field(default=_SCOPES, title="Scopes asked for when signing in")
    webhook_events: str = Field(
        default="DIRECT_MESSAGE,COMMENT", title="Kinds of deliveries asked for"
    )
    signature_seconds: int = Field(
        default=300,
        ge=5,
        title="Age at which a delivery is no longer believed, in seconds",
    )
    login_codes: str = Field(
        default="40102,40104,40105,40110,40115",
        title="Error codes that ask for a new sign-in",
    )
    wait_codes: str = Field(
        default="40016,40100,40133,50000,50002,51065",
        title="Error codes that ask to wait",
    )
    gone_codes: str = Field(
        default="40007", title="Error codes that say something is gone"
    )


def app_keys(app: TikTokApp, id_name: str, secret_name: str) -> dict[str, str]:
    """The app's id and secret under the names that an endpoint wants, which differ."""
    secret = app.app_secret.get_secret_value() if app.app_secret else ""
    return {id_name: app.app_id, secret_name: secret}


def ask(
    app: TikTokApp,
    client: requests.Session,
    method: str,
    path: str,
    *,
    sends: bool = False,
    **options: Any,
) -> Mapping[str, Any]:
    """The `data` of an answer, {} where there is none."""
    url = f"{app.base_url.rstrip('/')}/{path}"
    response = http.request(
        client, method, url, platform="TikTok", sends=sends, **options
    )
    http.raise_for_status(response, "TikTok", sends=sends)
    answer = as_object(http.decoded(response, "TikTok", sends=sends))
    code = answer.get("code")
    if isinstance(code, bool) or not isinstance(code, int):
        problem = "TikTok answered without a code"
        raise Unknown(problem) if sends else TryLater(problem)
    if code != 0:
        raise _error(app, code, sends=sends)
    return as_object(answer.get("data"))


def _error(app: TikTokApp, code: int, *, sends: bool) -> ConnectorError:
    if code in _codes(app.login_codes):
        return NeedsLogin(f"TikTok does not accept the token ({code})", code="ended")
    if code in _codes(app.wait_codes):
        return TryLater(f"TikTok asks to wait ({code})")
    if code in _codes(app.gone_codes):
        return Refused(f"the comment or video is gone ({code})", code="gone")
    if code == _NO_PERMISSION and not sends:
        return NeedsLogin(
            f"the token lacks a permission, or the app is not approved for it ({code})",
            code="no_permission",
        )
    return Refused(f"TikTok refuses the request ({code})", code="not_taken")


def _codes(told: str) -> set[int]:
    return {int(code) for code in told.split(",") if code.strip().isdecimal()}


def granted(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Account settings out of an answer with tokens."""
    access, refresh = string(answer, "access_token"), string(answer, "refresh_token")
    if access is None or refresh is None:
        raise TryLater("TikTok answered without tokens")
    return {
        "access_token": SecretStr(access),
        "refresh_token": SecretStr(refresh),
        "expires_at": _ends(answer.get("expires_in")),
        "refresh_expires_at": _ends(answer.get("refresh_token_expires_in")),
    }


def _ends(seconds: Any) -> datetime | None:
    return (
        datetime.now(UTC) + timedelta(seconds=seconds)
        if isinstance(seconds, int)
        else None
    )
