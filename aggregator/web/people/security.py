"""Keamanan: password, passkeys, second step, recovery codes, devices and sessions of
one person."""

from __future__ import annotations

from collections.abc import Callable

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from aggregator.people import passkeys, passwords, second_factor, sessions, staff, tries
from aggregator.people.refusal import PeopleError
from aggregator.people.tries import Asking
from aggregator.people.viewers import Viewer
from aggregator.store.vault import VaultError
from aggregator.web import words
from aggregator.web.people import passkeys as pages_passkeys
from aggregator.web.site import Id, Posted, Site, see
from aggregator.web.site.brakes import source_of
from aggregator.web.site.sessions import browser_of

_OFFER = "authenticator_offer"


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/keamanan")

    def attempt(request: Request, act: Callable[[Viewer], list[str]]) -> Response:
        """Acts that take a code or a password; recovery codes are shown in the answer
        alone."""
        signed = site.signed(request)
        viewer, login = signed.viewer, signed.viewer.login
        asking = Asking("security", login, source_of(request), f"session {signed.id}")
        this = tries.begin(site.database, site.clock(), asking)
        if this.until:
            until = words.clock_time(this.until)
            return _page(site, request, viewer, "locked", 429, until=until)
        try:
            codes = act(viewer)
        except PeopleError as error:
            this.was_wrong(site.database, login)
            return _page(site, request, viewer, error.code, 422)
        this.was_right(site.database)
        if not codes:
            return see("/keamanan?tersimpan=1")
        return site.page(
            request, "people/recovery_codes.html", viewer=viewer, codes=codes
        )

    @pages.get("")
    def show(request: Request, tersimpan: str = "") -> HTMLResponse:
        return _page(site, request, site.viewer(request), saved=tersimpan == "1")

    @pages.post("/nyalakan")
    def turn_on(request: Request, form: Posted) -> Response:
        site.proved(request)

        def act(viewer: Viewer) -> list[str]:
            offered = _offer(site, request, viewer)
            codes = second_factor.turn_on(
                site.database,
                site.vault,
                site.clock(),
                viewer,
                offered.sealed,
                _typed(form),
            )
            request.session.pop(_OFFER, None)
            return codes

        return attempt(request, act)

    @pages.post("/kode-baru")
    def renew(request: Request, form: Posted) -> Response:
        return attempt(
            request,
            lambda viewer: second_factor.renew_codes(
                site.database, site.vault, site.clock(), viewer, _typed(form)
            ),
        )

    @pages.post("/matikan")
    def turn_off(request: Request, form: Posted) -> Response:
        def act(viewer: Viewer) -> list[str]:
            second_factor.turn_off(
                site.database, site.vault, site.clock(), viewer, _typed(form)
            )
            return []

        return attempt(request, act)

    @pages.post("/sandi")
    def password(request: Request, form: Posted) -> Response:
        """Every other session ends; this one goes on."""
        old, new, again = (
            str(form.get(field, "")) for field in ("old", "new", "again")
        )

        def act(viewer: Viewer) -> list[str]:
            if new != again:
                raise PeopleError("the two passwords differ", "passwords_differ")
            passwords.change_password(
                site.database, viewer.id, site.signed(request).id, old, new
            )
            return []

        return attempt(request, act)

    @pages.post("/perangkat/{device_id}")
    def forget(request: Request, device_id: Id) -> Response:
        second_factor.forget(site.database, site.viewer(request), device_id)
        return see("/keamanan")

    _passkeys(pages, site)
    _sessions(pages, site)
    return pages


def _passkeys(pages: APIRouter, site: Site) -> None:
    @pages.post("/kunci/tantangan")
    def ask(request: Request) -> Response:
        viewer, of = site.proved(request), pages_passkeys.count(site, request)
        holder = passkeys.holder_of(site.signed(request))
        return pages_passkeys.told(
            passkeys.offer(site.database, site.clock(), of, viewer, holder)
        )

    @pages.post("/kunci")
    def add(request: Request, form: Posted) -> Response:
        viewer, of = site.proved(request), pages_passkeys.party(site)
        try:
            passkeys.add(
                site.database,
                site.clock(),
                of,
                viewer,
                passkeys.holder_of(site.signed(request)),
                str(form.get("name", "")).strip() or browser_of(request).name,
                str(form.get(pages_passkeys.FIELD, "")),
            )
        except PeopleError as error:
            return _page(site, request, viewer, error.code, 422)
        return see("/keamanan?tersimpan=1")

    @pages.post("/kunci/{passkey_id}/nama")
    def rename(request: Request, passkey_id: Id, form: Posted) -> Response:
        name = str(form.get("name", ""))
        passkeys.rename(site.database, site.viewer(request), passkey_id, name)
        return see("/keamanan#kunci")

    @pages.post("/kunci/{passkey_id}/hapus")
    def remove(request: Request, passkey_id: Id) -> Response:
        passkeys.remove(site.database, site.proved(request), passkey_id)
        return see("/keamanan#kunci")


def _sessions(pages: APIRouter, site: Site) -> None:
    @pages.post("/sesi/{session_id}")
    def end(request: Request, session_id: Id) -> Response:
        sessions.end(site.database, site.clock(), site.viewer(request), session_id)
        return see("/keamanan#sesi")

    @pages.post("/sesi-lain")
    def end_others(request: Request) -> Response:
        this = site.signed(request)
        sessions.end_others(site.database, this.viewer, this.id)
        return see("/keamanan#sesi")


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    code: str = "",
    status: int = 200,
    until: str = "",
    saved: bool = False,
) -> HTMLResponse:
    person = staff.get(site.database, viewer.login)
    offered = None if person.totp else _offer(site, request, viewer)
    return site.page(
        request,
        "people/security.html",
        viewer=viewer,
        status=status,
        code=code,
        until=until,
        saved=saved,
        required=second_factor.is_required(site.database, viewer),
        has_password=person.password_hash is not None,
        offered=offered,
        picture=_qr(offered.address) if offered else None,
        key=_in_fours(offered.secret) if offered else "",
        passkeys=passkeys.of_person(site.database, viewer),
        passkeys_here=passkeys.party(site.settings.public_url) is not None,
        browser=browser_of(request).name,
        codes_left=len(person.recovery_codes),
        sessions=sessions.of_person(site.database, site.clock(), viewer),
        this_session=site.signed(request).id,
        devices=second_factor.devices(site.database, site.clock(), viewer),
    )


def _offer(site: Site, request: Request, viewer: Viewer) -> second_factor.Offer:
    """The same secret until it is used: the page may be loaded again while a phone
    scans it."""
    try:
        offered = second_factor.offer(site.vault, viewer, request.session.get(_OFFER))
    except VaultError:  # the keys of this installation were changed meanwhile
        offered = second_factor.offer(site.vault, viewer)
    request.session[_OFFER] = offered.sealed
    return offered


def _qr(address: str) -> Markup:
    """Dark on white in both colour schemes: cameras expect it so."""
    drawn = segno.make_qr(address).svg_inline(
        dark="#000",
        light="#fff",
        border=4,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
    )
    return Markup(drawn)  # noqa: S704 - made here, of numbers


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _typed(form: Posted) -> str:
    return str(form.get("code", ""))
