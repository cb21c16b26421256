"""Every form that changes something carries a token of the session, by WTForms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

from fastapi import Request
from itsdangerous import TimestampSigner
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp
from wtforms import Form
from wtforms.csrf.session import SessionCSRF

from aggregator.people.refusal import Refusal

FIELD = "csrftoken"
LASTS = timedelta(days=14)
"""As long as a session: who comes back to a page in the morning loses nothing typed."""


class Guard:
    """Makes tokens for pages and refuses POSTs without the right one, save webhooks.

    `keys`: newest first. A page made before a change of the key is still good.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._forms = [_protected(key) for key in keys]

    def token(self, request: Request) -> str:
        return str(_bound(self._forms[0], request, None)[FIELD].current_token)

    async def check(self, request: Request) -> AsyncIterator[None]:
        """Refusal `csrf`. Reads the form once for the page too, and closes its files
        after it."""
        if request.method != "POST" or request.url.path.startswith("/kait/"):
            yield
            return
        async with request.form() as form:
            tried = (_bound(one, request, form).validate() for one in self._forms)
            if not any(tried):
                raise Refusal("the form's token is missing or too old", "csrf")
            yield


def _protected(key: str) -> type[Any]:
    class Protected(Form):  # type: ignore[misc]
        class Meta:
            csrf = True
            csrf_class = SessionCSRF
            csrf_secret = key.encode()
            csrf_field_name = FIELD
            csrf_time_limit = LASTS

    return Protected


def _bound(form: type[Any], request: Request, data: Any) -> Any:
    return form(data, meta={"csrf_context": request.session})


class SignedSession(SessionMiddleware):
    """The session's cookie, signed with the newest key and read with any. `keys`:
    newest first."""

    def __init__(
        self, app: ASGIApp, keys: Sequence[str], name: str, https: bool
    ) -> None:
        super().__init__(
            app,
            keys[0],
            session_cookie=name,
            max_age=int(LASTS.total_seconds()),
            same_site="lax",
            https_only=https,
        )
        self.signer = TimestampSigner(list(reversed(keys)))
