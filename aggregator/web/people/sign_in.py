"""Signing in and out, invitations, language."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.people import (
    invitations,
    oidc,
    passkeys,
    passwords,
    second_factor,
    sessions,
    staff,
    tries,
)
from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import Signed
from aggregator.people.tries import Asking, Try
from aggregator.store.tables.people import Person
from aggregator.web import words
from aggregator.web.site import Posted, Site, local, see
from aggregator.web.site.brakes import WRONG, source_of, take
from aggregator.web.site.sessions import browser_of
from aggregator.web.words import i18n

DEVICE = "perangkat"
"""The cookie of a remembered device; only the pages of signing in are sent it."""
_SAID_FROM = 5


def router(site: Site) -> APIRouter:
    pages = APIRouter(dependencies=[Depends(site.flood.count)])
    _password(pages, site)
    _code(pages, site)
    _leaving(pages, site)
    _invitation(pages, site)
    _language(pages, site)
    return pages


def _password(pages: APIRouter, site: Site) -> None:
    @pages.get("/masuk")
    def show(request: Request) -> Response:
        if site.maybe_viewer(request):
            return see("/")
        return sign_in_page(site, request)

    @pages.post("/masuk")
    def sign_in(request: Request, data: Posted) -> Response:
        login = str(data.get("login", "")).strip().lower()
        this = _try(site, request, "password", login)
        if this.until:
            until = this.until
            return sign_in_page(
                site, request, login=login, code="locked", status=429, until=until
            )
        person = passwords.sign_in(
            site.database, site.clock(), login, str(data.get("password", ""))
        )
        if person is None:
            left = this.was_wrong(site.database, login)
            return sign_in_page(
                site, request, login=login, code="bad_sign_in", status=401, left=left
            )
        this.was_right(site.database)
        return let_in(
            site, request, person, local(request.query_params.get("lanjut", "/"))
        )


def sign_in_page(
    site: Site,
    request: Request,
    *,
    login: str = "",
    code: str = "",
    status: int = 200,
    until: datetime | None = None,
    left: int | None = None,
) -> HTMLResponse:
    """The page that everybody enters by; `code`: what went wrong."""
    return site.page(
        request,
        "people/sign_in.html",
        status=status,
        login=login,
        code=code,
        left=_few(left),
        until=words.clock_time(until) if until else "",
        oidc=oidc.name(site.settings),
        passkeys=passkeys.party(site.settings.public_url) is not None,
        goal=local(request.query_params.get("lanjut", "/")),
    )


def _code(pages: APIRouter, site: Site) -> None:
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
        this = _try(site, request, "code", person.login)
        if this.until:
            return form(request, "locked", 429, this.until)
        typed, now = str(data.get("code", "")), site.clock()
        if not second_factor.passes(site.database, site.vault, now, person.id, typed):
            left = this.was_wrong(site.database, person.login)
            return form(request, "bad_code", 401, left=left)
        this.was_right(site.database)
        response = see(local(request.query_params.get("lanjut", "/")))
        site.sessions.begin(request, response, person.id, person.login, owing.epoch)
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
    waits = bool(person.totp) and not _is_remembered(site, request, person.id)
    response = see(f"/masuk/kode?lanjut={quote(goal)}" if waits else goal)
    site.sessions.begin(
        request, response, person.id, person.login, person.epoch, waits_for_code=waits
    )
    return response


def _try(site: Site, request: Request, what: str, login: str) -> Try:
    """Counted before anything is checked."""
    browser = site.sessions.known.name_for(request, login)
    asking = Asking(what, login, source_of(request), browser)
    return tries.begin(site.database, site.clock(), asking)


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
    def invited(request: Request, token: str) -> Person | None:
        """Counted before the link is looked at."""
        take(WRONG, site.database, site.clock(), request)
        person = invitations.invited(site.database, site.clock(), token)
        if person:
            WRONG.give_back(site.database, source_of(request))
        return person

    @pages.get("/undangan/{token}")
    def invitation(request: Request, token: str) -> HTMLResponse:
        person = invited(request, token)
        status = 200 if person else 410
        return site.page(
            request, "people/invitation.html", status=status, person=person, code=""
        )

    @pages.post("/undangan/{token}")
    def accept(request: Request, token: str, data: Posted) -> Response:
        password = str(data.get("password", ""))
        person = invited(request, token)
        code = "" if password == data.get("again") else "passwords_differ"
        if not code:
            try:
                joined = invitations.accept(
                    site.database, site.clock(), token, password
                )
                response = see("/")
                site.sessions.begin(
                    request, response, joined.id, joined.login, joined.epoch
                )
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
