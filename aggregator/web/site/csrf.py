"""Every form that changes something carries a token of the session, by WTForms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from fastapi import Request
from wtforms import Form
from wtforms.csrf.session import SessionCSRF

from aggregator.people.refusal import Refusal

FIELD = "csrftoken"
LASTS = timedelta(days=14)
"""As long as a session: who comes back to a page in the morning loses nothing typed."""


class Guard:
    """Makes tokens for pages and refuses POSTs without the right one, save webhooks."""

    def __init__(self, key: str) -> None:
        class Protected(Form):  # type: ignore[misc]
            class Meta:
                csrf = True
                csrf_class = SessionCSRF
                csrf_secret = key.encode()
                csrf_field_name = FIELD
                csrf_time_limit = LASTS

        self._form = Protected

    def token(self, request: Request) -> str:
        return str(self._bound(request, None)[FIELD].current_token)

    async def check(self, request: Request) -> AsyncIterator[None]:
        """Refusal `csrf`. Reads the form once for the page too, and closes its files
        after it."""
        if request.method != "POST" or request.url.path.startswith("/kait/"):
            yield
            return
        async with request.form() as form:
            if not self._bound(request, form).validate():
                raise Refusal("the form's token is missing or too old", "csrf")
            yield

    def _bound(self, request: Request, data: Any) -> Any:
        return self._form(data, meta={"csrf_context": request.session})
