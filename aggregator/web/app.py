"""The web application: middleware, error pages and the routers of the pages."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import anyio
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from aggregator.city.catalog import Catalog
from aggregator.people.refusal import Refusal
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault
from aggregator.web.case import (
    acts,
    files,
    help_requests,
    incidents,
    library,
    notices,
    page,
    readers,
    writing,
)
from aggregator.web.desk import board, chronic, export, queue, views
from aggregator.web.office import audit, health, set_aside
from aggregator.web.office import settings as pages_settings
from aggregator.web.people import (
    notifications,
    oidc,
    passkeys,
    preferences,
    proof,
    security,
    shifts,
    sign_in,
    staff,
)
from aggregator.web.residents import entry, hooks, public, shell
from aggregator.web.site import (
    NotSignedIn,
    OwesCode,
    OwesProof,
    Site,
    live,
    now_utc,
    see,
)
from aggregator.web.site.brakes import TooMany
from aggregator.web.site.csrf import Guard, SignedSession
from aggregator.web.site.fragments import Fragments
from aggregator.web.site.headers import Headers, of_every_answer
from aggregator.web.site.sessions import LastUse, Sessions
from aggregator.web.words import clock_time

_CASE_STATUS = {
    "no_such_case": 404,
    "no_such_entry": 404,
    "bad_number": 404,
    "not_yours": 403,
    "not_your_entry": 403,
    "read_only": 403,
    "admins_only": 403,
    "not_glass": 403,
    "csrf": 403,
}
_HTTP_CODE = {404: "not_found", 413: "too_large"}
_ACT = re.compile(r"^(/aduan/[^/]+)/")

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
    keys = [key.hex() for key in vault.every_derived(b"cookies")]
    guard = Guard(keys)
    https = settings.public_url.startswith("https:")
    sessions = Sessions(database, vault, clock, https=https)
    site = Site(
        database,
        vault,
        settings,
        catalog,
        clock,
        wake,
        Fragments(catalog),
        guard,
        sessions,
    )
    app = FastAPI(
        title="Sahut",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(guard.check)],
    )
    app.mount(
        "/static",
        StaticFiles(directory=Path(__file__).parent / "static"),
        name="static",
    )
    # what is asked for most, first: a request tries each until one knows its path
    for pages in (
        live,
        queue,
        page,
        files,
        writing,
        acts,
        sign_in,
        oidc,
        passkeys,
        proof,
        security,
        preferences,
        pages_settings,
        staff,
        health,
        set_aside,
        audit,
        shell,
        export,
        views,
        notifications,
        notices,
        library,
        help_requests,
        board,
        chronic,
        incidents,
        readers,
        entry,
        shifts,
        public,
        hooks,
    ):
        app.include_router(pages.router(site))
    _refusals(app, site)
    _accidents(app, site, https=https)
    app.add_middleware(SignedSession, keys=keys, name="sahut", https=https)
    app.add_middleware(LastUse, sessions=sessions)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=4)
    app.add_middleware(Headers, https=https)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxy_networks)
    return app


def _refusals(app: FastAPI, site: Site) -> None:
    def moved(request: Request, path: str) -> Response:
        """A part of an open page asks the page to move; a live connection is told to
        end."""
        if "text/event-stream" in request.headers.get("accept", ""):
            return Response(status_code=204)
        if "hx-request" in request.headers:
            return Response(
                status_code=401, headers={"HX-Redirect": path.partition("?")[0]}
            )
        return see(path)

    @app.exception_handler(NotSignedIn)
    def not_signed_in(request: Request, _: NotSignedIn) -> Response:
        return moved(request, f"/masuk?lanjut={quote(request.url.path)}")

    @app.exception_handler(OwesCode)
    def owes_code(request: Request, _: OwesCode) -> Response:
        return moved(request, "/keamanan")

    @app.exception_handler(OwesProof)
    async def owes_proof(request: Request, error: OwesProof) -> Response:
        if request.method != "POST":
            return moved(request, proof.address(request, error.back))
        form = await request.form()
        return await anyio.to_thread.run_sync(proof.hold, site, request, form)

    @app.exception_handler(TooMany)
    def too_many(request: Request, error: TooMany) -> Response:
        until = clock_time(error.until)
        page = site.message(request, "locked", 429, until=until)
        seconds = (error.until - site.clock()).total_seconds()
        page.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
        return page

    @app.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> Response:
        status = _CASE_STATUS.get(error.code, 409)
        return site.message(request, error.code, status, **error.detail)


def _accidents(app: FastAPI, site: Site, *, https: bool) -> None:
    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith(("/kait/", "/static/")):
            return PlainTextResponse(
                str(error.detail), error.status_code, error.headers
            )
        act = _ACT.match(request.url.path)
        if error.status_code == 405 and request.method == "GET" and act:
            return see(
                act[1]
            )  # the address of an act, reloaded or taken from the history
        code = _HTTP_CODE.get(error.status_code, "failed")
        return site.message(request, code, error.status_code)

    @app.exception_handler(RequestValidationError)
    def not_an_address(request: Request, _: RequestValidationError) -> Response:
        return site.message(request, "not_found", 404)

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> PlainTextResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return PlainTextResponse(
            "Maaf, ada kesalahan di sistem kami. Silakan coba lagi.\n"
            "Something went wrong on our side; please try again.",
            status_code=500,
            headers=of_every_answer(https=https),
        )
