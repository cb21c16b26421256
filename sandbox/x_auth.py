"""Who is asking: OAuth 1.0a (RFC 5849, HMAC-SHA1) or a bearer token."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from oauthlib.common import Request as SignedRequest  # type: ignore[import-untyped]
from oauthlib.oauth1.rfc5849 import signature  # type: ignore[import-untyped]
from starlette.requests import Request

from sandbox.x_errors import XError
from sandbox.x_state import X
from sandbox.x_types import Token

HOSTS = ("https://api.twitter.com", "https://api.x.com")


def told_token(authorization: str) -> str | None:
    """The token an Authorization header names, whether it is good or not."""
    if authorization.startswith("Bearer "):
        return authorization.removeprefix("Bearer ").strip()
    return _oauth_parameters(authorization).get("oauth_token")


def authenticate(x: X, request: Request) -> Token:
    """XError 401 for anything unknown, revoked or wrongly signed."""
    authorization = request.headers.get("authorization", "")
    with x.core.lock:
        token = x.tokens.get(told_token(authorization) or "")
    now = x.core.clock.now()
    if token is None or token.revoked or (token.expires_at or now) < now:
        raise _unauthorized()
    if not authorization.startswith("Bearer ") and not _signed(x, request, token):
        raise _unauthorized()
    return token


def _signed(x: X, request: Request, token: Token) -> bool:
    given = _oauth_parameters(request.headers["authorization"])
    secret = x.apps.get(given.get("oauth_consumer_key", ""))
    if secret is None or given.get("oauth_signature_method") != "HMAC-SHA1":
        return False
    here = f"{request.url.scheme}://{request.url.netloc}"
    return any(
        _verified(base, request, given, secret, token.secret) for base in (*HOSTS, here)
    )


def _verified(
    base: str, request: Request, given: dict[str, str], secret: str, token_secret: str
) -> bool:
    """The client signed the address it believes it talks to, `base`."""
    url = urlsplit(str(request.url))
    signed = SignedRequest(f"{base}{url.path}", http_method=request.method)
    signed.signature = given.get("oauth_signature", "")
    signed.params = signature.collect_parameters(
        uri_query=url.query,
        headers={"Authorization": request.headers["authorization"]},
        exclude_oauth_signature=True,
    )
    return bool(signature.verify_hmac_sha1(signed, secret, token_secret))


def _oauth_parameters(authorization: str) -> dict[str, str]:
    return {
        name: unquote(value)
        for name, value in re.findall(r'(\w+)="([^"]*)"', authorization)
    }


def _unauthorized() -> XError:
    return XError(401, "Unauthorized", "Unauthorized")
