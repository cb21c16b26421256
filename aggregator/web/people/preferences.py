"""Saya: what a person chooses for themselves, on every device they sign in with."""

from __future__ import annotations

from datetime import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.people import preferences, push, staff
from aggregator.people.viewers import Viewer
from aggregator.web.site import Posted, Site, see
from aggregator.web.words import access as words_access
from aggregator.web.words import i18n


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/saya")

    @pages.get("")
    def show(request: Request, tersimpan: str = "") -> HTMLResponse:
        viewer = site.viewer(request)
        chosen = preferences.of_person(site.database, viewer.id)
        return _page(site, request, viewer, chosen, saved=tersimpan == "1")

    @pages.post("")
    def save(request: Request, form: Posted) -> Response:
        viewer, chosen = site.viewer(request), _chosen(form)
        try:
            _check_hours(chosen["quiet"])
        except ValueError:
            return _page(site, request, viewer, chosen, code="no_hour")
        language = str(form.get("language", ""))
        if language in i18n.LANGUAGES:
            staff.set_language(site.database, viewer.id, language)
        preferences.choose(site.database, viewer.id, **chosen)
        return see("/saya?tersimpan=1")

    return pages


def _chosen(form: Posted) -> dict[str, Any]:
    """The form as it is kept. Kinds that are not ticked are muted."""
    theme, told = str(form.get("theme", "")), form.getlist("told")
    hours = [str(form.get(name, "")).strip() for name in ("begins", "ends")]
    signature = " ".join(str(form.get("signature", "")).split())
    return {
        "theme": theme if theme in preferences.THEMES else "",
        "muted": [kind for kind in preferences.MAY_BE_MUTED if kind not in told],
        "quiet": hours if any(hours) else None,
        "signature": signature[: preferences.LONGEST_SIGNATURE],
    }


def _check_hours(hours: list[str] | None) -> None:
    """ValueError where one of them is no time of the day."""
    for hour in hours or ():
        time.fromisoformat(hour)


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    chosen: dict[str, Any],
    *,
    code: str = "",
    saved: bool = False,
) -> HTMLResponse:
    return site.page(
        request,
        "people/preferences.html",
        viewer=viewer,
        status=422 if code else 200,
        code=code,
        saved=saved,
        chosen=chosen,
        hours=chosen.get("quiet") or ["", ""],
        kinds=words_access.NEWS,
        themes=words_access.THEME,
        languages=i18n.LANGUAGES,
        longest=preferences.LONGEST_SIGNATURE,
        person=staff.get(site.database, viewer.login),
        devices=push.count(site.database, viewer.id),
    )
