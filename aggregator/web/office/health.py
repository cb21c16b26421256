"""Kesehatan: how the accounts are, and for administrators pause, go on, and ask the
platform."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

import connectors
from aggregator.accounts import connections, health, registry, states
from aggregator.accounts.connections import Checked
from aggregator.accounts.registry import AccountError
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.tables.accounts import Account
from aggregator.web.site import Id, Site, see
from connectors.base import abilities


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/kesehatan")

    @pages.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(site, request, site.viewer(request))

    @pages.post("/{account_id}/{act}")
    def change(request: Request, account_id: Id, act: str) -> Response:
        viewer, now = site.administrator(request), site.clock()
        name = str(account_id)
        try:
            if act == "periksa":
                found = connections.ask(site.vault, registry.find(site.database, name))
                return _page(site, request, viewer, {account_id: found})
            if act == "jeda":
                states.pause(site.database, now, viewer.actor, name)
            elif act == "lanjut":
                states.resume(site.database, now, viewer.actor, name)
                site.wake()
            else:
                raise Refusal(f"there is no act {act!r}", "no_such_act")
        except AccountError as error:
            raise Refusal(str(error), "no_such_account") from error
        return see(f"/kesehatan#akun-{account_id}")

    return pages


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    checked: dict[int, Checked] | None = None,
) -> HTMLResponse:
    """`checked`: what platforms have just said."""
    code = None if viewer.sees_all else viewer.agency_code
    shown = health.of_accounts(site.database, site.clock(), code)
    return site.page(
        request,
        "office/health.html",
        viewer=viewer,
        accounts=shown,
        checked=checked or {},
        remedy=_remedy,
        needing=sum(one.account.status == "needs_login" for one in shown),
    )


def _remedy(account: Account) -> str:
    """The command with which an operator gives an account a new login."""
    name = f"{account.channel}:{account.handle}"
    if "login" in abilities(connectors.load(account.channel)):
        return (
            f"sahut accounts add {account.channel} --agency {account.agency_code}"
            " --login"
        )
    return f"sahut accounts rotate {name}"
