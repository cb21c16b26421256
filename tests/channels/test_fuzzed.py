"""Whatever arrives is read or set aside: whole mails and deliveries of every channel
that are nearly right, as the program takes them in.

A few examples in every run; `--hypothesis-profile=deep` draws 10,000 new ones.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd import LEAVES, bytes_of, few
from odd_mails import mails
from sqlmodel import col, select

import connectors
from aggregator.accounts import registry
from aggregator.intake import ingest
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.intake import RawEvent
from aggregator.store.vault import Vault
from connectors import base
from connectors.base import Identity, RawItem, Request
from connectors.errors import BadItem, Untrusted
from connectors.imap import wire
from sandbox.serve import Sandbox

DELIVERING = [
    name
    for name in sorted(connectors.BUILTIN)
    if "webhook" in base.abilities(connectors.load(name))
]
_CODE = re.compile(r"[a-z_]+: ")
"""How the reason of what was set aside begins; that of a bug names its sort."""
Take = Callable[[str, bytes | RawItem], list[str]]


@pytest.fixture
def take(database: Database, vault: Vault, now: datetime) -> Take:
    """`take("x", body)`: a delivery or an item taken in; why it was set aside."""
    ids: dict[str, int] = {}

    def account_of(channel: str) -> int:
        if channel not in ids:
            model: Any = connectors.load(channel).Account
            ids[channel] = registry.register(
                database,
                vault,
                now,
                SYSTEM,
                channel=channel,
                agency="dishub",
                account_settings=model.model_construct(address="aduan@kota.example"),
                identity=Identity(f"id-{channel}", "kota", "Kota"),
            ).account.id
        return ids[channel]

    def taken(channel: str, arrived: bytes | RawItem) -> list[str]:
        to, kind = account_of(channel), connectors.load(channel)
        items = [arrived] if isinstance(arrived, RawItem) else []
        if isinstance(arrived, bytes):
            assert isinstance(kind, base.Receives)
            try:
                items = list(kind.unpack(Request("POST", {}, {}, arrived, now)))
            except BadItem as error:
                ingest.keep_unreadable(database, now, to, arrived, str(error))
        new = ingest.receive(database, now, to, items).new_ids
        ingest.process(database, now, new)
        with database.reading() as session:
            query = select(RawEvent).where(col(RawEvent.id).in_(new))
            events = session.exec(query).all()
        assert not [one.status for one in events if one.status == "new"]
        return [str(one.reason) for one in events if one.status == "failed"]

    return taken


def bugs(reasons: list[str]) -> list[str]:
    return [reason for reason in reasons if not _CODE.match(reason)]


@pytest.mark.threat("FIL-3")
@few(25)
@given(raw=mails())
def test_any_mail_is_read_or_set_aside(raw: bytes) -> None:
    item = RawItem(
        wire.raw_key(raw), wire.KIND, {"raw": base64.b64encode(raw).decode()}
    )
    with contextlib.suppress(BadItem):
        assert connectors.load("imap").normalise(item) is not None


@pytest.mark.threat("FIL-3")
@few(12)
@given(raw=mails())
def test_any_mail_is_kept_with_what_it_says(take: Take, raw: bytes) -> None:
    payload = {"raw": base64.b64encode(raw).decode(), "folder": "INBOX", "uid": 1}
    assert bugs(take("imap", RawItem(wire.raw_key(raw), wire.KIND, payload))) == []


@pytest.mark.threat("FIL-3")
@pytest.mark.parametrize("channel", DELIVERING)
def test_any_delivery_is_kept_with_what_it_says(
    channel: str, take: Take, sandbox: Sandbox
) -> None:
    """Believed, and then nothing as it should be."""
    stage = importlib.import_module(f"stage_{channel}").Stage(sandbox)
    whole = json.loads(stage.delivery("Lampu jalan mati").body)

    @few(8)
    @given(body=bytes_of(whole))
    def taken(body: bytes) -> None:
        assert bugs(take(channel, body)) == []

    taken()


@pytest.mark.threat("FIL-3")
@pytest.mark.parametrize("channel", DELIVERING)
def test_any_request_is_believed_or_refused(channel: str, sandbox: Sandbox) -> None:
    stage = importlib.import_module(f"stage_{channel}").Stage(sandbox)
    connector, genuine = connectors.load(channel), stage.delivery("Lampu jalan mati")
    assert isinstance(connector, base.Receives)
    odd = LEAVES.map(str).map(
        lambda value: value.encode("utf-8", "replace").decode("latin-1")
    )
    asked = ("hub.mode", "hub.challenge", "hub.verify_token", "crc_token")

    @few(12)
    @given(
        headers=st.dictionaries(st.sampled_from(sorted(genuine.headers)), odd),
        query=st.dictionaries(st.sampled_from(asked), odd),
        method=st.sampled_from(("GET", "POST", "HEAD")),
    )
    def answered(headers: dict[str, str], query: dict[str, str], method: str) -> None:
        request = Request(
            method, {**genuine.headers, **headers}, query, genuine.body, genuine.now
        )
        with contextlib.suppress(Untrusted):
            connector.verify(stage.app(), stage.account(), request)

    answered()
