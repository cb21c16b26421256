"""`sahut privacy` as an operator types it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aggregator.cli import app
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

Typed = Callable[..., str]


@pytest.fixture
def typed(
    database: Database,
    sqlite_url: str,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    monkeypatch: pytest.MonkeyPatch,
) -> Typed:
    """`typed("privacy", ...)`: what a command prints, in a city with one report."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    said = "Lampu di Gg. Kepatihan mati"
    post(register("dishub_x", "dishub"), said, author_handle="siti_bogor")

    def run(*words: str, said: str | None = None, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["privacy", *words], input=said)
        assert done.exit_code == code, done.output
        return done.stdout

    return run


def test_found_written_out_erased_and_proved(typed: Typed, tmp_path: Path) -> None:
    found = json.loads(typed("find", "@siti_bogor", "--json"))
    assert found == [{"table": "message", "rows": 1}]
    target = tmp_path / "siti.zip"
    typed("export", "-", "--out", str(target), said="@siti_bogor\n")
    with zipfile.ZipFile(target) as archive:
        (message,) = json.loads(archive.read("data.json"))["messages"]
    assert message["text"] == "Lampu di Gg. Kepatihan mati"
    assert target.stat().st_mode & 0o077 == 0
    typed("erase", "@siti_bogor", "--dry-run")
    proof = json.loads(typed("erase", "@siti_bogor", "--yes", "--json"))
    assert (proof["messages"], proof["left"]) == (1, {})
    assert json.loads(typed("find", "@siti_bogor", "--json")) == []
    (listed,) = json.loads(typed("proofs", "@siti_bogor", "--json"))
    assert listed["proof"] == proof["proof"]
    assert json.loads(typed("proofs", "@somebody_else", "--json")) == []
