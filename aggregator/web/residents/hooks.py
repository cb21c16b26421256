"""Webhooks and the health checks: verify the raw bytes, store, answer; nothing else
before."""

from __future__ import annotations

import hmac
import logging
from collections import defaultdict
from dataclasses import asdict

import anyio
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

import connectors
from aggregator.accounts import health, illness, registry
from aggregator.intake import ingest
from aggregator.rules.time.illness import Reason
from aggregator.store import beats, discretion, settings
from aggregator.store.db import DatabaseTrouble
from aggregator.store.tables.accounts import Account
from aggregator.web.site import Site
from connectors import base
from connectors.errors import BadItem, Untrusted

log = logging.getLogger(__name__)


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.api_route("/kait/{channel}", methods=["GET", "POST"])
    @pages.api_route("/kait/{channel}/{account_id}", methods=["GET", "POST"])
    async def hook(
        request: Request, channel: str, account_id: int | None = None
    ) -> Response:
        delivery = base.Request(
            method=request.method,
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query_params),
            body=await request.body(),
            now=site.clock(),
        )
        return await anyio.to_thread.run_sync(
            _receive, site, channel, account_id, delivery
        )

    @pages.get("/livez", dependencies=[Depends(site.flood.count)])
    def livez() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @pages.get("/readyz", dependencies=[Depends(site.flood.count)])
    def readyz() -> JSONResponse:
        try:
            beats.latest(site.database)
        except DatabaseTrouble:
            return _red()
        return JSONResponse({"status": "ok"})

    @pages.get("/healthz", dependencies=[Depends(site.flood.count)])
    def healthz(request: Request) -> JSONResponse:
        return _health(site, request)

    return pages


def _health(site: Site, request: Request) -> JSONResponse:
    """Named reasons and counts for who has the token, one word for anybody else."""
    try:
        found = illness.reasons(site.database, site.settings.data_dir, site.clock())
        counts = health.counts(site.database)
    except DatabaseTrouble:
        log.exception("the database does not answer")
        remedy = "start the database, or correct DATABASE_URL"
        reason = Reason("database", "the database does not answer", remedy)
        found, counts = [reason], {}
    told: dict[str, object] = {"status": "red" if found else "ok"}
    if _is_monitor(site, request):
        told |= {"reasons": [asdict(reason) for reason in found], "counts": counts}
    return JSONResponse(told, status_code=503 if found else 200)


def _red() -> JSONResponse:
    return JSONResponse({"status": "red"}, status_code=503)


def _is_monitor(site: Site, request: Request) -> bool:
    token = site.settings.monitor_token
    given = request.headers.get("authorization", "")
    if token is None:
        return False
    wanted = f"Bearer {token.get_secret_value()}"
    return hmac.compare_digest(given.encode(), wanted.encode())


def _receive(
    site: Site, channel: str, account_id: int | None, delivery: base.Request
) -> Response:
    try:
        connector = connectors.load(channel)
    except (connectors.UnknownChannel, connectors.ChannelUnavailable):
        raise HTTPException(404) from None
    if not isinstance(connector, base.Receives):
        raise HTTPException(404)
    rows = registry.of_channel(site.database, channel)
    addressed = next((row for row in rows if row.id == account_id), None)
    sealed = addressed.sealed if addressed else ""
    chosen = site.vault.open(sealed, connector.Account) if sealed else None
    try:
        challenge = connector.verify(settings.app_settings(channel), chosen, delivery)
    except Untrusted:
        return PlainTextResponse("forbidden", status_code=403)
    if challenge is not None:
        return Response(challenge, media_type="application/json")
    # One address can serve several channels of a platform (a page's feed and its
    # messages).
    together = () if addressed else getattr(connector, "delivered_with", ())
    for name in (channel, *together):
        _store(site, name, addressed, delivery)
    site.wake()
    return PlainTextResponse("ok")


def _store(
    site: Site, channel: str, addressed: Account | None, delivery: base.Request
) -> None:
    connector, rows = (
        connectors.load(channel),
        registry.of_channel(site.database, channel),
    )
    assert isinstance(connector, base.Receives)
    try:
        items = list(connector.unpack(delivery))
    except BadItem as error:
        # It came from the platform: asking for it again would bring the same, and hold
        # up the rest.
        _keep_unreadable(
            site, channel, addressed or next(iter(rows), None), delivery, error
        )
        return
    received: dict[int, list[base.RawItem]] = defaultdict(list)
    for item in items:
        receiver = addressed or next(
            (r for r in rows if r.external_id == item.account), None
        )
        if receiver is None:
            log.warning(
                "a delivery of %s is for an account that is not registered", channel
            )
        else:
            received[receiver.id].append(item)
    for receiver_id, its in received.items():
        ingest.receive(site.database, site.clock(), receiver_id, its)


def _keep_unreadable(
    site: Site,
    channel: str,
    account: Account | None,
    delivery: base.Request,
    error: BadItem,
) -> None:
    log.error("a delivery of %s cannot be read: %s", channel, error)
    if account is None or account.id is None:
        return
    ingest.keep_unreadable(
        site.database, site.clock(), account.id, delivery.body, discretion.told(error)
    )
