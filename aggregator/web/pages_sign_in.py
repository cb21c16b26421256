"""Signing in and out, invitations, language."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from aggregator import people
from aggregator.models import Person
from aggregator.web import i18n
from aggregator.web.site import Site, see

_TRIES = parse("10/minute")


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def form(
        request: Request, *, login: str = "", code: str = "", status: int = 200
    ) -> HTMLResponse:
        return site.page(request, "sign_in.html", status=status, login=login, code=code)

    @pages.get("/masuk")
    def show(request: Request) -> Response:
        return see("/") if site.maybe_viewer(request) else form(request)

    @pages.post("/masuk")
    async def sign_in(request: Request) -> Response:
        data = await request.form()
        login, password = str(data.get("login", "")), str(data.get("password", ""))
        address = request.client.host if request.client else "?"
        by_address = limiter.hit(_TRIES, "address", address)
        if not limiter.hit(_TRIES, "login", login.lower()) or not by_address:
            return form(request, login=login, code="too_many", status=429)
        person = people.sign_in(site.database, site.clock(), login, password)
        if person is None:
            return form(request, login=login, code="bad_sign_in", status=401)
        _begin(request, person)
        wanted = str(request.query_params.get("lanjut", "/"))
        return see(wanted if wanted.startswith("/") and not wanted.startswith("//") else "/")

    @pages.post("/keluar")
    def sign_out(request: Request) -> Response:
        request.session.clear()
        return see("/masuk")

    @pages.post("/keluar-semua")
    def sign_out_everywhere(request: Request) -> Response:
        people.sign_out_everywhere(site.database, site.viewer(request).id)
        request.session.clear()
        return see("/masuk")

    @pages.get("/undangan/{token}")
    def invitation(request: Request, token: str) -> HTMLResponse:
        person = people.invited(site.database, site.clock(), token)
        code, status = ("", 200) if person else ("bad_invite", 410)
        return site.page(
            request, "invitation.html", status=status, person=person, code=code, token=token
        )

    @pages.post("/undangan/{token}")
    async def accept(request: Request, token: str) -> Response:
        data = await request.form()
        password = str(data.get("password", ""))
        person = people.invited(site.database, site.clock(), token)
        code = "" if password == data.get("again") else "passwords_differ"
        if not code:
            try:
                _begin(request, people.accept(site.database, site.clock(), token, password))
                return see("/")
            except people.PeopleError as error:
                code = error.code
        return site.page(
            request, "invitation.html", status=409, person=person, code=code, token=token
        )

    @pages.post("/bahasa")
    async def language(request: Request) -> Response:
        data = await request.form()
        chosen = str(data.get("language", "id"))
        viewer = site.maybe_viewer(request)
        if viewer and chosen in i18n.LANGUAGES:
            people.set_language(site.database, viewer.id, chosen)
        back = str(data.get("back", "/"))
        response = see(back if back.startswith("/") and not back.startswith("//") else "/")
        if chosen in i18n.LANGUAGES:
            response.set_cookie("bahasa", chosen, max_age=365 * 86400, samesite="lax")
        return response

    return pages


def _begin(request: Request, person: Person) -> None:
    request.session.clear()
    request.session.update({"person": person.id, "epoch": person.epoch})
