"""One address of an app brings a page's comments and its messages; each channel takes
its own."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import connectors
from aggregator.city import catalog
from aggregator.intake import ingest
from aggregator.store import settings
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault
from aggregator.web.app import create_app
from connectors import base

PAGE = "120000000009"


def test_a_pages_feed_and_messages_come_to_one_address(
    monkeypatch: pytest.MonkeyPatch,
    sqlite_database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    now: datetime,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("SAHUT_FACEBOOK_APP_SECRET", "rahasia-aplikasi")
    settings.app_settings.cache_clear()
    for channel in ("facebook", "messenger"):
        chosen = connectors.load(channel).Account(access_token="t")  # type: ignore[call-arg]
        with sqlite_database.writing() as session:
            session.add(
                Account(
                    channel=channel,
                    external_id=PAGE,
                    handle="dishub",
                    display_name="Dishub",
                    agency_code="dishub",
                    sealed=vault.seal(chosen),
                )
            )
    message = {
        "sender": {"id": "5"},
        "recipient": {"id": PAGE},
        "timestamp": 1_772_456_400_000,
        "message": {"mid": "m_1", "text": "Lampu mati"},
    }
    comment = {
        "item": "comment",
        "verb": "add",
        "post_id": f"{PAGE}_7",
        "comment_id": "7_8",
        "message": "Got mampet",
    }
    entry = {
        "id": PAGE,
        "time": 1_772_456_400,
        "messaging": [message],
        "changes": [{"field": "feed", "value": comment}],
    }
    body = json.dumps({"object": "page", "entry": [entry]}).encode()
    facebook = connectors.load("facebook")
    assert isinstance(facebook, base.Signs)
    headers = facebook.sign(settings.app_settings("facebook"), None, body, now)
    app = create_app(
        sqlite_database,
        vault,
        Settings(data_dir=tmp_path / "var"),
        catalog,
        clock=lambda: now,
        wake=lambda: None,
    )
    with TestClient(app, base_url="http://127.0.0.1:8080") as browser:
        assert (
            browser.post("/kait/facebook", content=body, headers=headers).status_code
            == 200
        )
    stored = {
        event.channel: json.dumps(event.payload)
        for event in ingest.events(sqlite_database)
    }
    assert "Got mampet" in stored["facebook"] and "Lampu mati" in stored["messenger"]
    assert "Lampu mati" not in stored["facebook"] and len(stored) == 2
    settings.app_settings.cache_clear()
