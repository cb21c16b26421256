"""Signing in to X: OAuth 2.0 with PKCE, refresh tokens that rotate, and tokens for a
whole app.

Source: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE". An access token lives
two hours; a refresh token can be used once.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.x_state import X
from sandbox.x_types import Token, User

TOKEN_SECONDS = 7_200


class _Refusal(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


@dataclass(slots=True)
class Codes:
    """`challenges`: code -> (user, client, redirect address, PKCE challenge)."""

    challenges: dict[str, tuple[User, str, str, str]] = field(default_factory=dict)
    refresh: dict[str, tuple[User, str, Token]] = field(default_factory=dict)


def routes(x: X) -> list[Route]:
    api = _OAuth(x)
    return [
        Route("/i/oauth2/authorize", api.authorize, methods=["GET"]),
        Route("/2/oauth2/token", api.token, methods=["POST"]),
        Route("/oauth2/token", api.app_token, methods=["POST"]),
    ]


class _OAuth:
    def __init__(self, x: X) -> None:
        self.x = x
        self.codes = Codes()

    async def authorize(self, request: Request) -> Response:
        """The person at the browser (`x.signed_in`) agrees at once."""
        asked = request.query_params
        user = self.x.users.get(self.x.signed_in.lower())
        if asked.get("client_id") not in self.x.clients or user is None:
            return JSONResponse({"error": "invalid_request"}, 400)
        if asked.get("code_challenge_method") != "S256" or not asked.get(
            "code_challenge"
        ):
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(24)
        with self.x.core.lock:
            self.codes.challenges[code] = (
                user,
                asked["client_id"],
                asked["redirect_uri"],
                asked["code_challenge"],
            )
        back = urlencode({"state": asked.get("state", ""), "code": code})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        try:
            with self.x.core.lock:
                client = self._client(request.headers.get("authorization", ""), given)
                return JSONResponse(self._granted(client, given))
        except _Refusal as refusal:
            told = {"error": refusal.error, "error_description": refusal.description}
            return JSONResponse(told, refusal.status)

    def _client(self, authorization: str, given: Mapping[str, str]) -> str:
        name, secret = _basic(authorization)
        client = name or given.get("client_id", "")
        if client not in self.x.clients:
            raise _Refusal(
                400, "invalid_request", "Value passed for the client is not valid."
            )
        expected = self.x.clients[client]
        if expected and secret != expected:
            raise _Refusal(
                401, "unauthorized_client", "Missing valid authorization header"
            )
        return client

    def _granted(self, client: str, given: Mapping[str, str]) -> dict[str, Any]:
        if given.get("grant_type") == "authorization_code":
            return self._issue(self._redeemed(client, given), client)
        if given.get("grant_type") == "refresh_token":
            user, owner, old = self.codes.refresh.pop(
                given.get("refresh_token", ""), (None, "", None)
            )
            if user is None or owner != client or old is None or old.revoked:
                raise _Refusal(
                    400, "invalid_request", "Value passed for the token was invalid."
                )
            old.revoked = True
            return self._issue(user, client)
        raise _Refusal(
            400, "unsupported_grant_type", "The grant type is not supported."
        )

    def _redeemed(self, client: str, given: Mapping[str, str]) -> User:
        known = self.codes.challenges.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if known is None or known[1:] != (client, given.get("redirect_uri"), challenge):
            raise _Refusal(
                400,
                "invalid_request",
                "Value passed for the authorization code was invalid.",
            )
        return known[0]

    def _issue(self, user: User, client: str) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        token = Token(
            access, "", user, expires_at=self.x.core.clock.now() + TOKEN_SECONDS
        )
        self.x.tokens[access] = token
        self.codes.refresh[refresh] = (user, client, token)
        return {
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "access_token": access,
            "refresh_token": refresh,
            "scope": (
                "tweet.read tweet.write users.read dm.read dm.write offline.access"
            ),
        }

    async def app_token(self, request: Request) -> Response:
        """OAuth 2.0 Application-Only: consumer key and secret for a bearer token of the
        app."""
        key, secret = _basic(request.headers.get("authorization", ""))
        if not key or self.x.apps.get(key) != secret:
            told = {
                "errors": [{"code": 99, "message": "Unable to verify your credentials"}]
            }
            return JSONResponse(told, 403)
        bearer = "app-" + hashlib.sha256(key.encode()).hexdigest()
        with self.x.core.lock:
            self.x.tokens.setdefault(bearer, Token(bearer, "", None, app=key))
        return JSONResponse({"token_type": "bearer", "access_token": bearer})


def _basic(authorization: str) -> tuple[str, str]:
    """Name and password; both empty where the header has none."""
    if not authorization.startswith("Basic "):
        return "", ""
    decoded = base64.b64decode(authorization.removeprefix("Basic ")).decode()
    name, _, secret = decoded.partition(":")
    return unquote(name), unquote(secret)
