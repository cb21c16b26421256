"""Every form that changes something carries a token of the session (WTForms makes and checks it)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import Request
from wtforms import Form
from wtforms.csrf.session import SessionCSRF

from aggregator.cases import CaseError

FIELD = "csrftoken"
_OPEN_FOR = timedelta(hours=12)


class Guard:
    """Makes tokens for pages and refuses POSTs without the right one, save webhooks."""

    def __init__(self, key: str) -> None:
        class Protected(Form):  # type: ignore[misc]
            class Meta:
                csrf = True
                csrf_class = SessionCSRF
                csrf_secret = key.encode()
                csrf_field_name = FIELD
                csrf_time_limit = _OPEN_FOR

        self._form = Protected

    def token(self, request: Request) -> str:
        return str(self._bound(request, None)[FIELD].current_token)

    async def check(self, request: Request) -> None:
        """CaseError `csrf`. The form is read here once; pages get the same object."""
        if request.method != "POST" or request.url.path.startswith("/kait/"):
            return
        if not self._bound(request, await request.form()).validate():
            raise CaseError("the form's token is missing or too old", "csrf")

    def _bound(self, request: Request, data: Any) -> Any:
        return self._form(data, meta={"csrf_context": request.session})
