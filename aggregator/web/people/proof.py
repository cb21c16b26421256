"""Showing again who one is, before what a stolen session must not reach.

Who asks for a page comes here first and then to the page. A form that was filled in is
held on this page, in hidden fields, and sent on to where it belongs by the answer that
lets it pass: 307, which a browser repeats the whole form for.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from aggregator.people import proof, tries
from aggregator.people.proof import Shown
from aggregator.people.tries import Asking
from aggregator.web import words
from aggregator.web.site import Posted, Site, local, see
from aggregator.web.site.brakes import source_of
from aggregator.web.site.csrf import FIELD

PATH = "/masuk/lagi"
_OURS = "bukti_"
"""What the fields of this page begin with; all others are held."""
_GOAL, _ACT = "bukti_lanjut", "bukti_ulang"


def address(request: Request, back: str = "") -> str:
    """Of this page, for who asked for another."""
    return f"{PATH}?lanjut={quote(back or _asked(request))}"


def hold(site: Site, request: Request, form: FormData) -> HTMLResponse:
    """The answer to a form that was sent too late: this page, with all that was filled
    in. Such forms bring no files."""
    return _page(site, request, form, act=_asked(request), status=403)


def _asked(request: Request) -> str:
    path, query = request.url.path, request.url.query
    return f"{path}?{query}" if query else path


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix=PATH)

    @pages.get("")
    def ask(request: Request, lanjut: str = "") -> Response:
        """Without a page to go on to, whoever comes has shown it in another tab."""
        if site.signed(request).is_proved(site.clock()) and lanjut:
            return see(local(lanjut))
        return _page(site, request, FormData(), goal=lanjut)

    @pages.post("")
    def check(request: Request, form: Posted) -> Response:
        signed, now = site.signed(request), site.clock()
        act, goal = str(form.get(_ACT, "")), str(form.get(_GOAL, ""))
        # where the act is again, the form is sent to it as it is
        passed = RedirectResponse(local(act), 307) if act else see(local(goal or "/"))
        if signed.is_proved(now):
            return passed
        login = signed.viewer.login
        asking = Asking("security", login, source_of(request), f"session {signed.id}")
        this = tries.begin(site.database, now, asking)
        if this.until:
            until = words.clock_time(this.until)
            return _page(
                site, request, form, act, goal, code="locked", status=429, until=until
            )
        way = proof.way(
            site.database,
            site.vault,
            site.settings,
            now,
            signed,
            Shown(
                password=str(form.get("bukti_sandi", "")),
                code=str(form.get("bukti_kode", "")),
                passkey=str(form.get("bukti_kunci", "")),
            ),
        )
        if way is None:
            this.was_wrong(site.database, login)
            return _page(site, request, form, act, goal, code="not_proved", status=401)
        this.was_right(site.database)
        site.sessions.prove(passed, signed, way)
        return passed

    return pages


def _page(
    site: Site,
    request: Request,
    form: FormData,
    act: str = "",
    goal: str = "",
    *,
    code: str = "",
    status: int = 200,
    until: str = "",
) -> HTMLResponse:
    signed = site.signed(request)
    held = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name != FIELD and not name.startswith(_OURS)
    ]
    return site.page(
        request,
        "people/proof.html",
        viewer=signed.viewer,
        status=status,
        code=code,
        until=until,
        act=act,
        goal=local(goal or "/"),
        held=held,
        done=signed.is_proved(site.clock()),
        ways=proof.ways(site.database, site.settings, signed.viewer),
    )
