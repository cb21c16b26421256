"""Orang: who works with Sahut; invite, change a role, disable, reset."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from aggregator import people
from aggregator.models import Person
from aggregator.people import PeopleError, Viewer
from aggregator.web.site import Posted, Site, see

_FIELDS = ("login", "name", "agency", "role", "email")


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/orang")

    @pages.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(site, request, site.admin(request))

    @pages.post("")
    def invite(request: Request, form: Posted) -> HTMLResponse:
        """The one-time link is in the answer and nowhere again."""
        viewer, typed = site.admin(request), {name: _text(form, name) for name in _FIELDS}
        try:
            if not typed["name"]:
                raise PeopleError("the name is missing", "no_name")
            person, token = people.add(
                site.database, site.clock(), viewer.actor, login=typed["login"].lower(),
                name=typed["name"], agency=typed["agency"], role=typed["role"],
                email=typed["email"] or None,
            )  # fmt: skip
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code, typed=typed)
        return _link(site, request, viewer, person, token)

    @pages.post("/{login}/peran")
    def role(request: Request, login: str, form: Posted) -> Response:
        viewer = site.admin(request)
        try:
            people.change_role(site.database, viewer.actor, login, _text(form, "role"))
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code)
        return see("/orang")

    @pages.post("/{login}/nonaktifkan")
    def disable(request: Request, login: str) -> Response:
        viewer = site.admin(request)
        try:
            people.disable(site.database, site.clock(), viewer.actor, login)
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code)
        return see("/orang")

    @pages.post("/{login}/atur-ulang")
    def reset(request: Request, login: str) -> Response:
        viewer = site.admin(request)
        try:
            token = people.reset(site.database, site.clock(), viewer.actor, login)
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code)
        return _link(site, request, viewer, people.get(site.database, login), token)

    return pages


def _page(
    site: Site, request: Request, viewer: Viewer, *, code: str = "",
    typed: dict[str, str] | None = None,
) -> HTMLResponse:  # fmt: skip
    wanted = request.query_params.get("cari", "").strip().lower()
    found = [one for one in people.list_all(site.database) if _fits(one, wanted)]
    return site.page(
        request, "people.html", viewer=viewer, status=422 if code else 200, code=code,
        people=found, wanted=wanted, typed=typed or dict.fromkeys(_FIELDS, ""),
        offices=site.offices(),
    )  # fmt: skip


def _link(site: Site, request: Request, viewer: Viewer, person: Person, token: str) -> HTMLResponse:
    link = f"{site.settings.public_url.rstrip('/')}/undangan/{token}"
    return site.page(request, "people_link.html", viewer=viewer, person=person, link=link)


def _fits(person: Person, wanted: str) -> bool:
    return wanted in f"{person.login} {person.name.lower()} {person.agency_code}"


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
