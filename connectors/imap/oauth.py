"""OAuth 2.0 for mailboxes that take no password: Google Workspace, Microsoft 365.

RFC 6749 (code and refresh), 7636 (PKCE). Addresses are settings; the defaults are
Google's, those of Microsoft stand in docs/channels/imap.md.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connectors._shared import http
from connectors.base import LoginStart
from connectors.errors import NeedsLogin, Refused, TryLater

_DEFAULT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Client:
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    scope: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """`refresh` is None where the server did not give a new one; `email`: who signed
    in."""

    access: str
    expires_at: datetime
    refresh: str | None
    email: str | None


def start(client: Client, redirect_uri: str, state: str) -> LoginStart:
    if not client.client_id:
        raise Refused(
            "set SAHUT_IMAP_CLIENT_ID and SAHUT_IMAP_CLIENT_SECRET first"
            " (docs/channels/imap.md)"
        )
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": client.scope,
        "state": state,
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
    }
    return LoginStart(
        f"{client.authorize_url}?{urlencode(query)}", {"verifier": verifier}
    )


def finish(client: Client, redirect_uri: str, code: str, verifier: str) -> Tokens:
    return _asked(
        client,
        grant_type="authorization_code",
        code=code,
        redirect_uri=redirect_uri,
        code_verifier=verifier,
    )


def renewed(client: Client, refresh_token: str) -> Tokens:
    return _asked(client, grant_type="refresh_token", refresh_token=refresh_token)


def _asked(client: Client, **form: str) -> Tokens:
    with http.session() as session:
        response = http.request(
            session,
            "POST",
            client.token_url,
            platform="the sign-in server",
            data={
                "client_id": client.client_id,
                "client_secret": client.client_secret,
                **form,
            },
        )
    answer = http.decoded(response, "the sign-in server")
    if not isinstance(answer, dict):
        raise TryLater("the sign-in server answered something that is no object")
    if response.status_code >= 400:
        raise _refusal(response.status_code, answer)
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        raise TryLater("the sign-in server answered without a token")
    lasts = answer.get("expires_in")
    seconds = int(lasts) if isinstance(lasts, int | float) else _DEFAULT_SECONDS
    refresh = answer.get("refresh_token")
    return Tokens(
        access,
        datetime.now(UTC) + timedelta(seconds=seconds),
        refresh if isinstance(refresh, str) and refresh else None,
        _email(answer.get("id_token")),
    )


def _refusal(status: int, answer: dict[str, Any]) -> Exception:
    code = str(answer.get("error") or "")[:60]
    if code in ("invalid_grant", "interaction_required", "consent_required"):
        return NeedsLogin(
            "the sign-in to the mailbox has ended; sign in again", code=code
        )
    if (
        status == 429
        or status >= 500
        or code in ("temporarily_unavailable", "server_error")
    ):
        return TryLater(f"the sign-in server asks to wait ({status} {code})")
    return Refused(
        f"the sign-in server refuses ({status} {code}); check client id and secret"
    )


def _email(id_token: Any) -> str | None:
    """The address inside an ID token; it came straight from the server, so it is not
    verified."""
    try:
        middle = str(id_token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError):
        return None
    found = claims.get("email") or claims.get("preferred_username")
    return found if isinstance(found, str) and "@" in found else None
