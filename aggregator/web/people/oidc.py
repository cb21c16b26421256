"""Signing in with the city's own accounts: away to the provider, and back."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.people import oidc, passwords
from aggregator.people.oidc import OidcError
from aggregator.people.refusal import PeopleError
from aggregator.store.tables.people import Person
from aggregator.web.people.sign_in import let_in, sign_in_page
from aggregator.web.site import Site, local, see

_KEPT = "oidc"

log = logging.getLogger(__name__)


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/masuk/oidc", dependencies=[Depends(site.flood.count)])

    @pages.get("")
    def away(request: Request, lanjut: str = "/", lagi: str = "") -> Response:
        """With `lagi` who has signed in shows again who they are."""
        try:
            begun = oidc.start(site.settings, again=lagi == "1")
        except OidcError as error:
            return _refused(site, request, error)
        kept = {**begun.keep, "goal": local(lanjut)}
        request.session[_KEPT] = {**kept, "again": True} if lagi == "1" else kept
        return see(begun.url)

    @pages.get("/kembali")
    def back(request: Request) -> Response:
        """What was kept is used up, whatever comes of it."""
        kept = request.session.pop(_KEPT, {})
        now = site.clock()
        try:
            address = oidc.finish(site.settings, now, kept, dict(request.query_params))
            person = passwords.sign_in_as(site.database, now, address)
        except (OidcError, PeopleError) as error:
            return _refused(site, request, error)
        if "again" in kept:
            return _proved(site, request, person, kept["goal"])
        return let_in(site, request, person, kept["goal"])

    return pages


def _proved(site: Site, request: Request, person: Person, goal: str) -> Response:
    """The session goes on, where it is of the same person."""
    signed = site.signed(request)
    if signed.viewer.id != person.id:
        other = PeopleError(f"it is {signed.viewer.login}'s session", "other_person")
        return _refused(site, request, other)
    response = see(goal)
    site.sessions.prove(response, signed, "provider")
    return response


def _refused(
    site: Site, request: Request, error: OidcError | PeopleError
) -> HTMLResponse:
    log.warning("signing in by OpenID Connect: %s", error)
    return sign_in_page(site, request, code=error.code, status=401)
