"""Signing in and out, invitations, language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.people import (
    invitations,
    oidc,
    passwords,
    second_factor,
    sessions,
    staff,
)
from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import Signed
from aggregator.store.tables.people import Person
from aggregator.web import words
from aggregator.web.site import Posted, Site, local, see
from aggregator.web.site.brakes import Brake
from aggregator.web.site.sessions import browser_of, source_of
from aggregator.web.words import i18n

DEVICE = "perangkat"
"""The cookie of a remembered device; only the pages of signing in are sent it."""
_SAID_FROM = 5


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

    def failed(self, login: str, address: str) -> int:
        """How many tries are left."""
        self._narrow.hit(login, address)
        self._login.hit(login)
        self._address.hit(address)
        return min(
            self._narrow.left(login, address),
            self._login.left(login),
            self._address.left(address),
        )


@dataclass(frozen=True, slots=True)
class Try:
    """Signing in with one login from one address. `until`: when it may go on; None:
    now."""

    brakes: Brakes
    login: str
    address: str

    @property
    def until(self) -> datetime | None:
        return self.brakes.until(self.login, self.address)

    def failed(self, site: Site) -> int:
        """How many tries are left; the one that uses them up leaves a line in the
        trail."""
        left = self.brakes.failed(self.login, self.address)
        if left == 0:
            passwords.note_locked_out(site.database, self.login)
        return left


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    brakes = Brakes()
    _password(pages, site, brakes)
    _code(pages, site, brakes)
    _leaving(pages, site)
    _invitation(pages, site)
    _language(pages, site)
    return pages


def _password(pages: APIRouter, site: Site, brakes: Brakes) -> None:
    def form(
        request: Request,
        *,
        login: str = "",
        code: str = "",
        status: int = 200,
        until: datetime | None = None,
        left: int | None = None,
    ) -> HTMLResponse:
        return site.page(
            request,
            "people/sign_in.html",
            status=status,
            login=login,
            code=code,
            left=_few(left),
            until=words.clock_time(until) if until else "",
            oidc=oidc.name(site.settings),
        )

    @pages.get("/masuk")
    def show(request: Request) -> Response:
        return see("/") if site.maybe_viewer(request) else form(request)

    @pages.post("/masuk")
    def sign_in(request: Request, data: Posted) -> Response:
        login = str(data.get("login", "")).strip().lower()
        this = Try(brakes, login, source_of(request))
        until = this.until
        if until:
            return form(request, login=login, code="locked", status=429, until=until)
        person = passwords.sign_in(
            site.database, site.clock(), login, str(data.get("password", ""))
        )
        if person is None:
            left = this.failed(site)
            return form(request, login=login, code="bad_sign_in", status=401, left=left)
        return let_in(
            site, request, person, local(request.query_params.get("lanjut", "/"))
        )


def _code(pages: APIRouter, site: Site, brakes: Brakes) -> None:
    def form(
        request: Request,
        code: str = "",
        status: int = 200,
        until: datetime | None = None,
        left: int | None = None,
    ) -> HTMLResponse:
        return site.page(
            request,
            "people/second_step.html",
            status=status,
            code=code,
            left=_few(left),
            until=words.clock_time(until) if until else "",
            days=second_factor.device_days(site.database),
        )

    @pages.get("/masuk/kode")
    def ask(request: Request) -> Response:
        return form(request) if _who_owes_a_code(site, request) else see("/masuk")

    @pages.post("/masuk/kode")
    def check(request: Request, data: Posted) -> Response:
        """A right code lets in once; a page left open too long starts again with the
        password."""
        owing = _who_owes_a_code(site, request)
        if owing is None:
            return see("/masuk")
        person = owing.viewer
        this = Try(brakes, person.login, source_of(request))
        until = this.until
        if until:
            return form(request, "locked", 429, until)
        typed, now = str(data.get("code", "")), site.clock()
        if not second_factor.passes(site.database, site.vault, now, person.id, typed):
            return form(request, "bad_code", 401, left=this.failed(site))
        response = see(local(request.query_params.get("lanjut", "/")))
        site.sessions.begin(request, response, person.id, owing.epoch)
        if data.get("remember"):
            _remember(site, request, response, person.id)
        return response


def _remember(site: Site, request: Request, response: Response, person_id: int) -> None:
    name = browser_of(request).name
    kept = second_factor.remember(site.database, site.clock(), person_id, name)
    if kept is None:
        return
    token, lasts = kept
    response.set_cookie(
        DEVICE,
        token,
        path="/masuk",
        max_age=int(lasts.total_seconds()),
        samesite="lax",
        httponly=True,
        secure=site.settings.public_url.startswith("https:"),
    )


def let_in(site: Site, request: Request, person: Person, goal: str) -> Response:
    """After the password, or what stands for it: the second step where there is one."""
    assert person.id is not None
    waits = bool(person.totp) and not _is_remembered(site, request, person.id)
    response = see(f"/masuk/kode?lanjut={quote(goal)}" if waits else goal)
    site.sessions.begin(
        request, response, person.id, person.epoch, waits_for_code=waits
    )
    return response


def _few(left: int | None) -> int | None:
    """Tries that are left, once that is worth saying."""
    return left if left is not None and left <= _SAID_FROM else None


def _leaving(pages: APIRouter, site: Site) -> None:
    @pages.post("/keluar")
    def sign_out(request: Request) -> Response:
        response = see("/masuk")
        site.sessions.end(request, response)
        return response

    @pages.post("/keluar-semua")
    def sign_out_everywhere(request: Request) -> Response:
        sessions.sign_out_everywhere(site.database, site.viewer(request).id)
        return sign_out(request)


def _invitation(pages: APIRouter, site: Site) -> None:
    @pages.get("/undangan/{token}")
    def invitation(request: Request, token: str) -> HTMLResponse:
        person = invitations.invited(site.database, site.clock(), token)
        status = 200 if person else 410
        return site.page(
            request, "people/invitation.html", status=status, person=person, code=""
        )

    @pages.post("/undangan/{token}")
    def accept(request: Request, token: str, data: Posted) -> Response:
        password = str(data.get("password", ""))
        person = invitations.invited(site.database, site.clock(), token)
        code = "" if password == data.get("again") else "passwords_differ"
        if not code:
            try:
                joined = invitations.accept(
                    site.database, site.clock(), token, password
                )
                response = see("/")
                site.sessions.begin(request, response, joined.id or 0, joined.epoch)
                return response
            except PeopleError as error:
                code = error.code
        status = 409 if person else 410
        return site.page(
            request, "people/invitation.html", status=status, person=person, code=code
        )


def _language(pages: APIRouter, site: Site) -> None:
    @pages.post("/bahasa")
    def language(request: Request, data: Posted) -> Response:
        """Kept with the person; in a cookie where nobody has signed in."""
        chosen = str(data.get("language", ""))
        response = see(local(str(data.get("back", "/"))))
        if chosen not in i18n.LANGUAGES:
            return response
        viewer = site.maybe_viewer(request)
        if viewer:
            staff.set_language(site.database, viewer.id, chosen)
        response.set_cookie(
            "bahasa",
            chosen,
            max_age=365 * 86400,
            samesite="lax",
            httponly=True,
            secure=site.settings.public_url.startswith("https:"),
        )
        return response


def _who_owes_a_code(site: Site, request: Request) -> Signed | None:
    signed = site.sessions.of(request)
    return signed if signed is not None and signed.waits_for_code else None


def _is_remembered(site: Site, request: Request, person_id: int) -> bool:
    token = request.cookies.get(DEVICE)
    if not token:
        return False
    return second_factor.is_remembered(site.database, site.clock(), person_id, token)
