"""Passkeys on pages: what a browser is given to ask for one, and signing in with it.

A script of the page (static/passkey.js) fetches the challenge, asks the browser, and
sends what it says with an ordinary form.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from aggregator.people import passkeys
from aggregator.people.challenges import Asking
from aggregator.people.passkeys import Party
from aggregator.people.refusal import PeopleError, Refusal
from aggregator.store.brakes import Brake
from aggregator.web.people.sign_in import sign_in_page
from aggregator.web.site import Posted, Site, local, see
from aggregator.web.site.brakes import take

FIELD = "kunci"
"""Of a form: what the browser says; of a session that has not begun: its name."""
CHALLENGES = Brake("passkey challenges of a source", 120, timedelta(minutes=10))


def router(site: Site) -> APIRouter:
    pages = APIRouter(dependencies=[Depends(site.flood.count)])

    @pages.post("/masuk/kunci/tantangan")
    def ask(request: Request) -> Response:
        of = count(site, request)
        browser = request.session.setdefault(FIELD, secrets.token_urlsafe(16))
        asking = Asking("sign_in", browser)
        return told(passkeys.ask(site.database, site.clock(), of, asking))

    @pages.post("/masuk/kunci")
    def sign_in(request: Request, form: Posted) -> Response:
        """It stands for password and second step: its holder has shown to their device
        who they are."""
        of, browser = party(site), str(request.session.get(FIELD, ""))
        try:
            person = passkeys.sign_in(
                site.database, site.clock(), of, browser, str(form.get(FIELD, ""))
            )
        except PeopleError as error:
            return sign_in_page(site, request, code=error.code, status=401)
        response = see(local(request.query_params.get("lanjut", "/")))
        site.sessions.begin(request, response, person.id, person.login, person.epoch)
        return response

    @pages.post("/masuk/lagi/tantangan")
    def ask_again(request: Request) -> Response:
        """For one of the passkeys of who works in this session."""
        signed, of = site.signed(request), count(site, request)
        asking = Asking("prove", passkeys.holder_of(signed))
        return told(
            passkeys.ask(site.database, site.clock(), of, asking, signed.viewer)
        )

    return pages


def party(site: Site) -> Party:
    """Refusal `no_passkeys_here`."""
    found = passkeys.party(site.settings.public_url)
    if found is None:
        raise Refusal("browsers keep passkeys for https alone", "no_passkeys_here")
    return found


def count(site: Site, request: Request) -> Party:
    """Before a challenge is made, which is a row. Refusal, TooMany."""
    of = party(site)
    take(CHALLENGES, site.database, site.clock(), request)
    return of


def told(options: str) -> Response:
    return Response(options, media_type="application/json")
