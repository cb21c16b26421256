"""Signing in and out, invitations, language."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator import people
from aggregator.models import Person
from aggregator.web import i18n, words
from aggregator.web.brakes import Brake
from aggregator.web.site import Posted, Site, local, see


class Brakes:
    """Only failures count. A whole office shares one address, so that limit is wide."""

    def __init__(self) -> None:
        self._narrow = Brake("10/15 minutes")
        self._login = Brake("40/hour")
        self._address = Brake("120/15 minutes")

    def until(self, login: str, address: str) -> datetime | None:
        found = (
            self._narrow.until(login, address),
            self._login.until(login),
            self._address.until(address),
        )
        return max((moment for moment in found if moment), default=None)

    def failed(self, login: str, address: str) -> None:
        self._narrow.hit(login, address)
        self._login.hit(login)
        self._address.hit(address)


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    brakes = Brakes()

    def form(
        request: Request, *, login: str = "", code: str = "", status: int = 200, until: str = ""
    ) -> HTMLResponse:
        return site.page(
            request, "sign_in.html", status=status, login=login, code=code, until=until
        )

    @pages.get("/masuk")
    def show(request: Request) -> Response:
        return see("/") if site.maybe_viewer(request) else form(request)

    @pages.post("/masuk")
    def sign_in(request: Request, data: Posted) -> Response:
        login = str(data.get("login", "")).strip().lower()
        address = request.client.host if request.client else "?"
        until = brakes.until(login, address)
        if until:
            return form(
                request, login=login, code="locked", status=429, until=words.clock_time(until)
            )
        person = people.sign_in(site.database, site.clock(), login, str(data.get("password", "")))
        if person is None:
            brakes.failed(login, address)
            return form(request, login=login, code="bad_sign_in", status=401)
        _begin(request, person)
        return see(local(request.query_params.get("lanjut", "/")))

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
        status = 200 if person else 410
        return site.page(request, "invitation.html", status=status, person=person, code="")

    @pages.post("/undangan/{token}")
    def accept(request: Request, token: str, data: Posted) -> Response:
        password = str(data.get("password", ""))
        person = people.invited(site.database, site.clock(), token)
        code = "" if password == data.get("again") else "passwords_differ"
        if not code:
            try:
                _begin(request, people.accept(site.database, site.clock(), token, password))
                return see("/")
            except people.PeopleError as error:
                code = error.code
        status = 409 if person else 410
        return site.page(request, "invitation.html", status=status, person=person, code=code)

    @pages.post("/bahasa")
    def language(request: Request, data: Posted) -> Response:
        """Kept with the person; in a cookie where nobody has signed in."""
        chosen = str(data.get("language", ""))
        response = see(local(str(data.get("back", "/"))))
        if chosen not in i18n.LANGUAGES:
            return response
        viewer = site.maybe_viewer(request)
        if viewer:
            people.set_language(site.database, viewer.id, chosen)
        response.set_cookie(
            "bahasa", chosen, max_age=365 * 86400, samesite="lax", httponly=True,
            secure=site.settings.public_url.startswith("https:"),
        )  # fmt: skip
        return response

    return pages


def _begin(request: Request, person: Person) -> None:
    request.session.clear()
    request.session.update({"person": person.id, "epoch": person.epoch})
