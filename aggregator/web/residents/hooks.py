"""Webhooks and the health check: verify the raw bytes, store, answer; nothing else
before."""

from __future__ import annotations

import logging
from collections import defaultdict

import anyio
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select

import connectors
from aggregator.intake import ingest
from aggregator.store import settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.intake import RawEvent
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

    @pages.get("/healthz")
    def healthz() -> JSONResponse:
        try:
            return JSONResponse(_health(site))
        except SQLAlchemyError:
            log.exception("the database does not answer")
            return JSONResponse({"database": "failing"}, status_code=503)

    return pages


def _receive(
    site: Site, channel: str, account_id: int | None, delivery: base.Request
) -> Response:
    try:
        connector = connectors.load(channel)
    except (connectors.UnknownChannel, connectors.ChannelUnavailable):
        raise HTTPException(404) from None
    if not isinstance(connector, base.Receives):
        raise HTTPException(404)
    rows = _accounts(site, channel)
    addressed = next((row for row in rows if row.id == account_id), None)
    chosen = site.vault.open(addressed.sealed, connector.Account) if addressed else None
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
    connector, rows = connectors.load(channel), _accounts(site, channel)
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
            received[receiver.id or 0].append(item)
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
        site.database, site.clock(), account.id, delivery.body, str(error)
    )


def _accounts(site: Site, channel: str) -> list[Account]:
    with site.database.reading() as session:
        return list(
            session.exec(
                select(Account).where(
                    Account.channel == channel, Account.status != "removed"
                )
            )
        )


def _health(site: Site) -> dict[str, object]:
    """Counts only: who watches from outside learns no account and no resident."""
    with site.database.reading() as session:
        events = session.exec(
            select(RawEvent.status, func.count())
            .where(col(RawEvent.status).in_(("new", "failed")))
            .group_by(RawEvent.status)
        )
        counts = dict(events.all())
        accounts = session.exec(
            select(Account.status, func.count()).group_by(Account.status)
        )
        states = dict(accounts.all())
        failing = session.exec(
            select(func.count()).where(col(Account.failures) > 0)
        ).one()
        unknown = session.exec(
            select(func.count()).where(Reply.state == "unknown")
        ).one()
    return {
        "database": "ok",
        "accounts_active": states.get("active", 0),
        "accounts_needing_login": states.get("needs_login", 0),
        "accounts_failing": failing,
        "raw_events_waiting": counts.get("new", 0),
        "raw_events_failed": counts.get("failed", 0),
        "replies_unknown": unknown,
    }
