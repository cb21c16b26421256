"""Signing in to X by OAuth 2.0 with PKCE, and refresh tokens that can be used once.

Source: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE", 2026. Access tokens
live two hours.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connectors._shared import http
from connectors.base import LoginStart
from connectors.errors import NeedsLogin, Refused, TryLater

SCOPES = "tweet.read tweet.write users.read dm.read dm.write offline.access"


@dataclass(frozen=True, slots=True)
class Client:
    """The app as an OAuth 2.0 client; `secret` is empty for a public client."""

    base_url: str
    authorize_url: str
    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str | None
    ends_at: datetime


def start(client: Client, redirect_uri: str, state: str) -> LoginStart:
    _require(client)
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return LoginStart(
        f"{client.authorize_url}?{urlencode(asked)}", {"verifier": verifier}
    )


def finish(
    client: Client, redirect_uri: str, code: str, keep: Mapping[str, str]
) -> Tokens:
    """Tokens for the code that came back. Refused: the code is old, used or not
    ours."""
    _require(client)
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": keep.get("verifier", ""),
    }
    return _tokens(client, given, Refused("X does not accept this code; sign in again"))


def refresh(client: Client, refresh_token: str) -> Tokens:
    """New tokens; the old refresh token is dead from the moment X answers."""
    _require(client)
    given = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    ended = NeedsLogin("the login at X has ended and cannot be renewed; sign in again")
    return _tokens(client, given, ended)


def _require(client: Client) -> None:
    if not client.id:
        raise NeedsLogin(
            "SAHUT_X_CLIENT_ID is not set, so nobody can sign in to X; see"
            " docs/channels/x.md",
            code="needs_client",
        )


def _tokens(
    client: Client, given: Mapping[str, str], refusal: NeedsLogin | Refused
) -> Tokens:
    auth = (client.id, client.secret) if client.secret else None
    with http.session() as session:
        response = http.request(
            session,
            "POST",
            f"{client.base_url.rstrip('/')}/2/oauth2/token",
            platform="X",
            data={**given, "client_id": client.id},
            auth=auth,
        )
    if response.status_code == 401:
        raise NeedsLogin("X does not accept client id and secret of the app")
    if response.status_code in (400, 403):
        raise refusal
    http.raise_for_status(response, "X")
    return _read(http.decoded(response, "X"))


def _read(answer: Any) -> Tokens:
    told = answer if isinstance(answer, dict) else {}
    access, renewed, seconds = (
        told.get(name) for name in ("access_token", "refresh_token", "expires_in")
    )
    if not isinstance(access, str):
        raise TryLater("X gave no token")
    ends = datetime.now(UTC) + timedelta(
        seconds=seconds if isinstance(seconds, int) else 7200
    )
    return Tokens(access, renewed if isinstance(renewed, str) else None, ends)
