"""The web application as the tests of its pages use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from fastapi.testclient import TestClient
from website import Site

from aggregator import catalog
from aggregator.db import Database
from aggregator.settings import Settings
from aggregator.vault import Vault
from aggregator.web.app import create_app


@pytest.fixture
def site(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    now: Any,
    tmp_path: Path,
    platform: fakechannel.Platform,
) -> Iterator[Site]:
    """`site()` is a new browser without JavaScript: its own cookies, the same city."""
    settings = Settings(data_dir=tmp_path / "var")
    app = create_app(database, vault, settings, catalog, clock=lambda: now)
    browsers: list[TestClient] = []

    def open_browser() -> TestClient:
        browsers.append(TestClient(app, base_url="http://127.0.0.1:8080"))
        return browsers[-1]

    yield open_browser
    for browser in browsers:
        browser.close()
