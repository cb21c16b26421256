"""A sandbox of the platforms over real HTTP, and the settings that lead to it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cityhall import CityHall, Settle

from aggregator.city.catalog import Catalog
from aggregator.store import settings
from aggregator.store.db import Database
from connectors.x import reading as x_reading
from sandbox.serve import Listener, Sandbox, listening, running

STAGES = sorted(Path(__file__).parent.glob("*/stage_*.py"))
sys.path.extend(str(stage.parent) for stage in STAGES)  # `from stage_x import Stage`


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> Iterator[Sandbox]:
    with running(listener=listener) as started:
        for name in ("TELEGRAM", "X"):
            monkeypatch.setenv(f"SAHUT_{name}_BASE_URL", started.url)
        monkeypatch.setenv("SAHUT_X_CONSUMER_KEY", "key")
        monkeypatch.setenv("SAHUT_X_CONSUMER_SECRET", "secret")
        monkeypatch.setattr(x_reading, "PEOPLE", x_reading.People())
        started.x.add_app("key", "secret")
        settings.app_settings.cache_clear()
        yield started
    settings.app_settings.cache_clear()


@pytest.fixture
def settle(
    database: Database, catalog: Catalog, sandbox: Sandbox, tmp_path: Path
) -> Iterator[Settle]:
    """`settle("x")`: the stage of a channel, and a city that has registered its
    account there and asked for deliveries."""
    before = dict(os.environ)
    with ExitStack() as at_the_end:

        def begin(channel: str) -> tuple[Any, CityHall]:
            city = CityHall(database, catalog, sandbox, tmp_path)
            stage: Any = importlib.import_module(f"stage_{channel}").Stage(sandbox)
            if hasattr(stage, "account"):
                city.register(channel, stage.app(), stage.account())
            stage.settle_in(city, lambda: at_the_end.enter_context(city.open()))
            return stage, city

        yield begin
    for name in set(os.environ) - set(before):
        del os.environ[name]
