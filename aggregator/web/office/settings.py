"""Pengaturan: what administrators may change of the whole city's Sahut, and who did."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.accounts import registry
from aggregator.people.viewers import Viewer
from aggregator.store import options
from aggregator.store.options import Carrier, Number, OptionError, Roles
from aggregator.web.site import Posted, Site, see
from aggregator.web.words import access as words_access


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/pengaturan")

    @pages.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(site, request, site.administrator(request))

    @pages.post("/{name}")
    def choose(request: Request, name: str, form: Posted) -> Response:
        viewer, now = site.administrator(request), site.clock()
        typed = [str(value) for value in form.getlist("value")]
        try:
            if form.get("act") == "default":
                options.forget(site.database, viewer.actor, name)
            else:
                options.choose(site.database, now, viewer.actor, name, typed)
        except OptionError as error:
            return _page(site, request, viewer, error, name, typed)
        return see(f"/pengaturan#{name}")

    return pages


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    error: OptionError | None = None,
    wrong: str = "",
    typed: list[str] | None = None,
) -> HTMLResponse:
    """`wrong`: the option whose `typed` value cannot be."""
    chosen = site.settings
    environment: dict[str, Any] = {
        options.CLAIM_MINUTES.name: chosen.claim_minutes,
        options.NOTIFY_TELEGRAM.name: chosen.notify_telegram,
        options.NOTIFY_EMAIL.name: chosen.notify_email,
    }
    return site.page(
        request,
        "office/settings.html",
        viewer=viewer,
        status=422 if error else 200,
        error=error,
        wrong=wrong,
        typed=(typed or [""])[0],
        form_of=_form_of,
        options={
            one.option.name: one for one in options.listing(site.database, environment)
        },
        groups=words_access.OPTION_GROUPS,
        names=words_access.OPTION,
        means=words_access.MEANS,
        units=words_access.UNIT,
        carriers=_carriers(site),
    )


def _form_of(option: options.Option) -> str:
    """Which fields an option is chosen with."""
    return {Number: "number", Roles: "roles", Carrier: "carrier"}[type(option)]


def _carriers(site: Site) -> dict[str, list[str]]:
    """Accounts that could carry notifications, by channel."""
    found: dict[str, list[str]] = {}
    for account in registry.list_all(site.database):
        found.setdefault(account.channel, []).append(
            f"{account.channel}:{account.handle}"
        )
    return found
