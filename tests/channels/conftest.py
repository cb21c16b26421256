"""A sandbox of the platforms over real HTTP, and the settings that lead to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.store import settings
from sandbox.serve import Sandbox, running

STAGES = sorted(Path(__file__).parent.glob("*/stage_*.py"))
sys.path.extend(str(stage.parent) for stage in STAGES)  # `from stage_x import Stage`


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with running() as started:
        for name in ("TELEGRAM", "X"):
            monkeypatch.setenv(f"SAHUT_{name}_BASE_URL", started.url)
        monkeypatch.setenv("SAHUT_X_CONSUMER_KEY", "key")
        monkeypatch.setenv("SAHUT_X_CONSUMER_SECRET", "secret")
        started.x.add_app("key", "secret")
        settings.app_settings.cache_clear()
        yield started
    settings.app_settings.cache_clear()
