"""Signing in with the city's own accounts by OpenID Connect, where the operator has set
it up.

It stands for the password alone: a second step is asked for as always. A person is
found by the address that administrators wrote down for them, which the provider must
call verified. Needs the extra `oidc` (Authlib); without it the pages offer the password
only, and doctor says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import requests

from aggregator import PlainError
from aggregator.store.settings import Settings

BACK = "/masuk/oidc/kembali"
_SCOPE = "openid email"
_ALGORITHMS = ("RS256", "ES256")
_TIMEOUT = 10
_LEEWAY = 60
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OidcError(PlainError):
    """Signing in this way did not work; says why and what to do. `code` is for
    screens."""

    def __init__(self, message: str, code: str = "oidc_failed") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Start:
    """Where the browser goes, and what is kept until it comes back."""

    url: str
    keep: dict[str, str]


def name(settings: Settings) -> str:
    """What the provider is called on the page; empty where nobody can sign in this
    way."""
    return settings.oidc_name if settings.oidc_issuer and not trouble(settings) else ""


def trouble(settings: Settings) -> str:
    """What is wrong with the settings and what to do; empty where nothing is."""
    issuer = urlsplit(settings.oidc_issuer)
    if not settings.oidc_issuer:
        return ""
    if issuer.scheme != "https" and issuer.hostname not in _LOOPBACK:
        return "SAHUT_OIDC_ISSUER must be an https: address"
    if not settings.oidc_client_id or settings.oidc_client_secret is None:
        return (
            "SAHUT_OIDC_CLIENT_ID or SAHUT_OIDC_CLIENT_SECRET is missing; the provider"
            " has both"
        )
    if find_spec("authlib") is None:
        return (
            "Authlib is not installed; install it with `pip install 'sahut[oidc]'`, or"
            " unset SAHUT_OIDC_ISSUER"
        )
    return ""


def start(settings: Settings, *, again: bool = False) -> Start:
    """Begin a sign-in. `again`: the provider asks also whom it knows already.
    OidcError."""
    _require(settings)
    provider = _provider(settings)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    asked = {"prompt": "login"} if again else {}
    url, state = _client(settings).create_authorization_url(
        provider["authorization_endpoint"], nonce=nonce, code_verifier=verifier, **asked
    )
    return Start(url, {"state": state, "nonce": nonce, "verifier": verifier})


def finish(
    settings: Settings,
    now: datetime,
    keep: Mapping[str, str],
    answer: Mapping[str, str],
) -> str:
    """The verified address of who signed in. OidcError. `answer`: the query of the
    address the browser came back to."""
    _require(settings)
    if not keep or not secrets.compare_digest(keep["state"], answer.get("state", "")):
        raise OidcError("the answer belongs to another sign-in", "oidc_expired")
    if "code" not in answer:
        raise OidcError(f"the provider says: {answer.get('error', 'nothing')[:80]}")
    provider = _provider(settings)
    claims = _claims(settings, now, provider, keep, answer["code"])
    if claims.get("email_verified") is not True or not claims.get("email"):
        raise OidcError(
            "the provider has no verified address of this person", "oidc_unverified"
        )
    return str(claims["email"])


def _require(settings: Settings) -> None:
    if not name(settings):
        raise OidcError(trouble(settings) or "SAHUT_OIDC_ISSUER is not set", "oidc_off")


def _client(settings: Settings) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    assert settings.oidc_client_secret is not None
    client = OAuth2Session(
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        scope=_SCOPE,
        redirect_uri=settings.public_url.rstrip("/") + BACK,
        code_challenge_method="S256",
        default_timeout=_TIMEOUT,
    )
    client.max_redirects = 0
    return client


def _provider(settings: Settings) -> dict[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""
    issuer = settings.oidc_issuer.rstrip("/")
    found = _fetched(f"{issuer}/.well-known/openid-configuration")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if str(found.get("issuer", "")).rstrip("/") != issuer or not all(
        map(found.get, needed)
    ):
        raise OidcError(f"{issuer} does not describe itself as this provider")
    return found


def _fetched(address: str) -> dict[str, Any]:
    try:
        answer = requests.get(address, timeout=_TIMEOUT, allow_redirects=False)
        if answer.status_code == 200:
            return dict(answer.json())
    except (requests.RequestException, ValueError, TypeError) as error:
        raise OidcError(f"{address} cannot be read ({type(error).__name__})") from error
    raise OidcError(f"{address} answered {answer.status_code}")


def _claims(
    settings: Settings,
    now: datetime,
    provider: Mapping[str, Any],
    keep: Mapping[str, str],
    code: str,
) -> dict[str, Any]:
    """What the signed ID token says, once it is proved to be for this sign-in."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        tokens = _client(settings).fetch_token(
            provider["token_endpoint"], code=code, code_verifier=keep["verifier"]
        )
        keys = KeySet.import_key_set(_fetched(provider["jwks_uri"]))  # type: ignore[arg-type]
        token = jwt.decode(tokens["id_token"], keys, algorithms=_ALGORITHMS)
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": provider["issuer"]},
            aud={"essential": True, "value": settings.oidc_client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": keep["nonce"]},
        ).validate(token.claims)
    except (
        AuthlibBaseError,
        JoseError,
        requests.RequestException,
        KeyError,
        ValueError,
    ) as error:
        # the message of the error may hold the code or a token, so it is left out
        raise OidcError(
            f"the provider's answer is not valid ({type(error).__name__})"
        ) from None
    return dict(token.claims)
