"""Orang: who works with Sahut; invite, correct, change a role, disable, reset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.people import invitations, shifts, staff, succession
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store.tables.people import Person
from aggregator.web import words
from aggregator.web.site import Posted, Site, see
from aggregator.web.words import access as words_access

_FIELDS = ("login", "name", "agency", "role", "email")


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/orang")

    @pages.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(site, request, site.administrator(request))

    @pages.post("")
    def invite(request: Request, form: Posted) -> HTMLResponse:
        """The one-time link is in the answer and nowhere again."""
        viewer, typed = (
            site.administrator(request),
            {name: _text(form, name) for name in _FIELDS},
        )
        try:
            if not typed["name"]:
                raise PeopleError("the name is missing", "no_name")
            person, token = staff.add(
                site.database,
                site.clock(),
                viewer.actor,
                login=typed["login"].lower(),
                name=typed["name"],
                agency=typed["agency"],
                role=typed["role"],
                email=typed["email"] or None,
            )
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code, typed=typed)
        return _link(site, request, viewer, person, token)

    @pages.post("/{login}/atur-ulang")
    def reset(request: Request, login: str) -> Response:
        viewer = site.administrator(request)
        try:
            token = invitations.reset(site.database, site.clock(), viewer.actor, login)
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code)
        return _link(site, request, viewer, staff.get(site.database, login), token)

    @pages.post("/{login}/ganti")
    def replace(request: Request, login: str, form: Posted) -> HTMLResponse:
        """A colleague of the office, or somebody new where the name is written."""
        viewer, name = site.administrator(request), _text(form, "name")
        new = _text(form, "login").lower() if name else _text(form, "colleague")
        try:
            if login == viewer.login:
                raise PeopleError("nobody ends their own access", "own_access")
            if not new:
                raise PeopleError("choose who takes over", "no_successor")
            done = succession.replace(
                site.database, site.clock(), viewer.actor, login, new, name=name or None
            )
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code)
        site.wake()
        link = _address(site, done.token) if done.token else ""
        return site.page(
            request, "people/people_replaced.html", viewer=viewer, done=done, link=link
        )

    _changes(pages, site)
    return pages


def _changes(pages: APIRouter, site: Site) -> None:
    def attempt(
        request: Request, login: str, act: Callable[[Viewer], None]
    ) -> Response:
        viewer = site.administrator(request)
        try:
            act(viewer)
        except PeopleError as error:
            return _page(site, request, viewer, code=error.code)
        return see(f"/orang?cari={login}")

    @pages.post("/{login}/data")
    def correct(request: Request, login: str, form: Posted) -> Response:
        return attempt(
            request, login, lambda viewer: _correct(site, viewer, login, form)
        )

    @pages.post("/{login}/peran")
    def role(request: Request, login: str, form: Posted) -> Response:
        chosen = _text(form, "role")
        return attempt(
            request,
            login,
            lambda viewer: staff.change_role(
                site.database, viewer.actor, login, chosen
            ),
        )

    @pages.post("/{login}/nonaktifkan")
    def disable(request: Request, login: str) -> Response:
        return attempt(
            request,
            login,
            lambda viewer: staff.disable(
                site.database, site.clock(), viewer.actor, login
            ),
        )


def _correct(site: Site, viewer: Viewer, login: str, form: Mapping[str, Any]) -> None:
    """What differs from what is stored; each leaves its own line in the trail.
    PeopleError."""
    stored, actor = staff.get(site.database, login), viewer.actor
    staff.correct(
        site.database, actor, login, _text(form, "name"), _text(form, "agency")
    )
    telegram, email = _text(form, "telegram"), _text(form, "email")
    if (telegram, email) != (stored.telegram or "", stored.email or ""):
        shifts.set_reach(site.database, actor, login, telegram=telegram, email=email)
    speaks = _text(form, "speaks").replace(",", " ").lower().split()
    if speaks != stored.speaks:
        shifts.set_languages(site.database, actor, login, speaks)
    position = _text(form, "position") or None
    if position != stored.position:
        shifts.set_position(site.database, actor, login, position)


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    *,
    code: str = "",
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    asked = request.query_params
    wanted = {
        name: asked.get(name, "").strip() for name in ("cari", "peran", "keadaan")
    }
    everybody = staff.list_all(site.database)
    return site.page(
        request,
        "people/people.html",
        viewer=viewer,
        status=422 if code else 200,
        code=code,
        people=_fitting(everybody, wanted),
        wanted=wanted,
        colleagues=_colleagues(everybody),
        typed=typed or dict.fromkeys(_FIELDS, ""),
        offices=site.offices(),
        states=Counter(one.status for one in everybody),
        now=site.clock(),
        positions=words_access.POSITION,
    )


def _link(
    site: Site, request: Request, viewer: Viewer, person: Person, token: str
) -> HTMLResponse:
    link = _address(site, token)
    return site.page(
        request, "people/people_link.html", viewer=viewer, person=person, link=link
    )


def _address(site: Site, token: str) -> str:
    return f"{site.settings.public_url.rstrip('/')}/undangan/{token}"


def _colleagues(everybody: Sequence[Person]) -> dict[str, list[Person]]:
    """Who may take over from whom: by office."""
    found: dict[str, list[Person]] = {}
    for one in everybody:
        if one.status != "disabled":
            found.setdefault(one.agency_code, []).append(one)
    return found


def _fitting(everybody: Sequence[Person], wanted: Mapping[str, str]) -> list[Person]:
    """By part of a name, login or code of an office, by role, by state."""
    part, role, state = wanted["cari"].lower(), wanted["peran"], wanted["keadaan"]
    return [
        one
        for one in everybody
        if part in f"{one.login} {one.name.lower()} {one.agency_code}"
        and (role not in words.PERSON_ROLE or one.role == role)
        and (state not in words.PERSON_STATUS or one.status == state)
    ]


def _text(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name, "")).strip()
