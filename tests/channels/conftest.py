"""A sandbox of the platforms over real HTTP, and the settings that lead to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.store import settings
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
