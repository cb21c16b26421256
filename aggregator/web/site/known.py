"""Browsers that somebody signed in with before, so that whoever guesses at their login
elsewhere does not hold them up."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from aggregator.store.vault import Vault

_COOKIE = "dikenal"
_LASTS = timedelta(days=90)
_MOST = 8
"""People who share one browser."""


class KnownBrowsers:
    """A cookie with a name for the browser and a mark for each login. It opens nothing,
    and tells nobody the logins."""

    def __init__(self, vault: Vault, *, https: bool) -> None:
        keys = vault.every_derived(b"known browsers")
        self._signed = URLSafeTimedSerializer([key.hex() for key in reversed(keys)])
        self._https = https

    def name_for(self, request: Request, login: str) -> str | None:
        """The name of this browser where it knows the login."""
        name, marks = self._read(request)
        return name if _mark(name, login) in marks else None

    def remember(self, request: Request, response: Response, login: str) -> None:
        name, marks = self._read(request)
        mark = _mark(name, login)
        kept = [*(one for one in marks if one != mark), mark][-_MOST:]
        response.set_cookie(
            _COOKIE,
            self._signed.dumps([name, kept]),
            path="/masuk",
            max_age=int(_LASTS.total_seconds()),
            samesite="lax",
            httponly=True,
            secure=self._https,
        )

    def _read(self, request: Request) -> tuple[str, list[str]]:
        """What the cookie says; without one, a new name."""
        try:
            found: Any = self._signed.loads(
                request.cookies.get(_COOKIE, ""), max_age=int(_LASTS.total_seconds())
            )
        except BadSignature:
            return secrets.token_urlsafe(16), []
        return found[0], found[1]


def _mark(name: str, login: str) -> str:
    return hashlib.sha256(f"{name}:{login}".encode("utf-8", "replace")).hexdigest()[:24]
