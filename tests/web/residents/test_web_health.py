"""Who watches from outside is told why health is red only with the token."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from aggregator.city import catalog
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault
from aggregator.web.app import create_app


@pytest.mark.parametrize(
    ("given", "told"),
    [("Bearer of-a-monitor-123", True), ("Bearer wrong", False), ("", False)],
)
def test_reasons_are_for_who_has_the_token(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    now: datetime,
    tmp_path: Path,
    given: str,
    told: bool,
) -> None:
    chosen = Settings(data_dir=tmp_path, monitor_token=SecretStr("of-a-monitor-123"))
    app = create_app(database, vault, chosen, catalog, clock=lambda: now)
    with TestClient(app, base_url="http://127.0.0.1:8080") as browser:
        answer = browser.get("/healthz", headers={"authorization": given})
    assert answer.status_code == 503
    reasons = answer.json().get("reasons", [])
    assert ("worker_silent" in {one["code"] for one in reasons}) is told
    assert ("counts" in answer.json()) is told
