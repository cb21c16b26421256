"""Tokens of Google: a code or a refresh token for an access token of an hour.

Refresh tokens of Google do not rotate: one may be used again and by several processes.
Source: developers.google.com/identity/protocols/oauth2/web-server (2026).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from connectors._shared import http
from connectors._shared.fields import as_object, string
from connectors.errors import NeedsLogin, TryLater

_NAME = "Google"


def grant(
    token_url: str, client_id: str | None, client_secret: SecretStr | None, **form: str
) -> dict[str, Any]:
    """Settings of an account: `access_token`, `expires_at`, `refresh_token` (only for a
    code) and `login_ends` (only where Google ends the sign-in itself: consent screens
    in testing).

    NeedsLogin, TryLater.
    """
    if not client_id or client_secret is None:
        raise NeedsLogin(
            "set the client ID and the client secret of the Google project first"
        )
    asked = {
        **form,
        "client_id": client_id,
        "client_secret": client_secret.get_secret_value(),
    }
    with http.session() as client:
        response = http.request(client, "POST", token_url, platform=_NAME, data=asked)
    if response.status_code in (400, 401):
        problem = string(as_object(http.decoded(response, _NAME)), "error") or "refused"
        raise NeedsLogin(
            _WHY.get(problem, f"Google refuses the sign-in ({problem})"), code=problem
        )
    http.raise_for_status(response, _NAME)
    answer = as_object(http.decoded(response, _NAME))
    access, seconds = string(answer, "access_token"), answer.get("expires_in")
    if access is None or not isinstance(seconds, int):
        raise TryLater("Google answered without an access token")
    now = datetime.now(UTC)
    granted: dict[str, Any] = {
        "access_token": SecretStr(access),
        "expires_at": now + timedelta(seconds=seconds),
    }
    if refresh := string(answer, "refresh_token"):
        granted["refresh_token"] = SecretStr(refresh)
    if isinstance(ends := answer.get("refresh_token_expires_in"), int):
        granted["login_ends"] = now + timedelta(seconds=ends)
    return granted


_WHY = {
    "invalid_grant": (
        "Google does not accept this sign-in any more: it was withdrawn, the password"
        " changed, it was not used for six months, or the consent screen is still in"
        " testing, where a sign-in lasts a week; sign in again"
    ),
    "invalid_client": (
        "Google does not know this client ID and secret; see the Google project"
    ),
    "unauthorized_client": "this Google client may not do this; see the Google project",
}
