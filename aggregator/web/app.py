"""The web application: middleware, error pages and the routers of the pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.sessions import SessionMiddleware

from aggregator.cases import CaseError
from aggregator.catalog import Catalog
from aggregator.db import Database
from aggregator.settings import Settings
from aggregator.vault import Vault
from aggregator.web import hooks, live, pages_case, pages_public, pages_queue, pages_sign_in
from aggregator.web.csrf import Guard
from aggregator.web.site import NotSignedIn, Site, environment, now_utc, see

_FOURTEEN_DAYS = 14 * 24 * 3600
_CASE_STATUS = {
    "no_such_case": 404,
    "bad_number": 404,
    "not_yours": 403,
    "read_only": 403,
    "csrf": 403,
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

log = logging.getLogger(__name__)


def create_app(
    database: Database,
    vault: Vault,
    settings: Settings,
    catalog: Catalog,
    *,
    clock: Callable[[], datetime] = now_utc,
    wake: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The pages over a database; `wake` is called when there is work for the worker."""
    key = vault.derived(b"cookies").hex()
    guard = Guard(key)
    site = Site(database, vault, settings, catalog, clock, wake, environment(), guard)
    app = FastAPI(
        title="Sahut", docs_url=None, redoc_url=None, openapi_url=None,
        dependencies=[Depends(guard.check)],
    )  # fmt: skip
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    for pages in (pages_sign_in, pages_queue, pages_case, pages_public, hooks, live):
        app.include_router(pages.router(site))
    _error_pages(app, site)
    secure = settings.public_url.startswith("https:")
    app.add_middleware(
        SessionMiddleware, secret_key=key, session_cookie="sahut", max_age=_FOURTEEN_DAYS,
        same_site="lax", https_only=secure,
    )  # fmt: skip
    app.middleware("http")(_security_headers)
    return app


async def _security_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.url.path.startswith(("/static/", "/media/")):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _error_pages(app: FastAPI, site: Site) -> None:
    @app.exception_handler(NotSignedIn)
    def not_signed_in(request: Request, error: NotSignedIn) -> Response:
        return see(f"/masuk?lanjut={request.url.path}" if request.method == "GET" else "/masuk")

    @app.exception_handler(CaseError)
    def refused(request: Request, error: CaseError) -> HTMLResponse:
        status = _CASE_STATUS.get(error.code, 409)
        return site.page(
            request, "message.html", viewer=site.maybe_viewer(request), status=status,
            code=error.code, detail=error.detail,
        )  # fmt: skip

    @app.exception_handler(404)
    def not_found(request: Request, error: HTTPException) -> HTMLResponse:
        return site.page(
            request, "message.html", viewer=site.maybe_viewer(request), status=404,
            code="not_found", detail={},
        )  # fmt: skip

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> PlainTextResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return PlainTextResponse(
            "Maaf, ada kesalahan di sistem kami. Silakan coba lagi.\n"
            "Something went wrong on our side; please try again.",
            status_code=500,
        )
