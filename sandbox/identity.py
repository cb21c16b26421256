"""The city's own accounts: a small OpenID Connect provider with authorization code and
PKCE.

Source: OpenID Connect Core 1.0 and Discovery 1.0; RFC 6749, RFC 7636. It asks for no
password: the page of the provider lists its people, and whoever is chosen has signed
in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.rest import here
from sandbox.state import Core

CLIENT_ID, CLIENT_SECRET = "sahut-demo", "demoIdentitySecretThatOpensNothing"
PREFIX = "/oidc"
LASTS_SECONDS = 300


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code stands for until it is used."""

    address: str
    redirect_uri: str
    challenge: str
    nonce: str


class CityIdentity:
    """`people`: mail address, and whether the provider has verified it. Hold
    `core.lock`."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.people = {"dewi@kota.example": True, "baru@kota.example": False}
        self._codes: dict[str, Granted] = {}
        self._key = ec.generate_private_key(ec.SECP256R1())

    def routes(self) -> list[Route]:
        return [
            Route(f"{PREFIX}/.well-known/openid-configuration", self._describe),
            Route(f"{PREFIX}/authorize", self._authorize),
            Route(f"{PREFIX}/token", self._token, methods=["POST"]),
            Route(f"{PREFIX}/keys", self._keys),
        ]

    def _describe(self, request: Request) -> Response:
        issuer = here(request) + PREFIX
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
            }
        )

    def _authorize(self, request: Request) -> Response:
        """The list of people, then the way back with a code for who was `chosen`."""
        query = dict(request.query_params)
        chosen = query.pop("chosen", None)
        if (
            query.get("client_id") != CLIENT_ID
            or query.get("code_challenge_method") != "S256"
        ):
            return JSONResponse({"error": "invalid_request"}, 400)
        if chosen not in self.people:
            links = (
                f'<li><a href="?{urlencode({**query, "chosen": one})}">{one}</a></li>'
                for one in self.people
            )
            return HTMLResponse(f"<h1>Akun Kota</h1><ul>{''.join(links)}</ul>")
        code = secrets.token_urlsafe(16)
        granted = Granted(
            chosen,
            query["redirect_uri"],
            query["code_challenge"],
            query.get("nonce", ""),
        )
        with self.core.lock:
            self._codes[code] = granted
        answer = urlencode({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{granted.redirect_uri}?{answer}", 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        told = request.headers.get("authorization", "").removeprefix("Basic ")
        if told != base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode():
            return JSONResponse({"error": "invalid_client"}, 401)
        with self.core.lock:
            granted = self._codes.pop(str(form.get("code")), None)
        proof = _plain(
            hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        )
        if (
            granted is None
            or proof != granted.challenge
            or form.get("redirect_uri") != granted.redirect_uri
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {
                "access_token": secrets.token_urlsafe(16),
                "token_type": "Bearer",
                "expires_in": LASTS_SECONDS,
                "id_token": self._id_token(here(request) + PREFIX, granted),
            }
        )

    def _id_token(self, issuer: str, granted: Granted) -> str:
        now = int(self.core.clock.now())
        claims: dict[str, Any] = {
            "iss": issuer,
            "sub": hashlib.sha256(granted.address.encode()).hexdigest()[:16],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LASTS_SECONDS,
            "nonce": granted.nonce,
            "email": granted.address,
            "email_verified": self.people[granted.address],
        }
        header = {"alg": "ES256", "kid": "1", "typ": "JWT"}
        signed = ".".join(
            _plain(json.dumps(part).encode()) for part in (header, claims)
        )
        r, s = decode_dss_signature(
            self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        )
        return f"{signed}.{_plain(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def _keys(self, request: Request) -> Response:
        numbers = self._key.public_key().public_numbers()
        x, y = (_plain(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
        key = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "1", "alg": "ES256"}
        return JSONResponse({"keys": [{**key, "use": "sig"}]})
