"""Joining, notices and incidents on a terminal: exit codes 0, 1 and 2, JSON where
asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from aggregator.cli import app, said_of
from aggregator.people.viewers import Viewer
from aggregator.store import settings
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

Post = Callable[..., Case | None]


@pytest.fixture
def run(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, dewi: Viewer
) -> Callable[..., tuple[int, str]]:
    """`run("cases", "list")` as Dewi: the exit code of `main` and what was printed."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SAHUT_LOGIN", dewi.login)
    settings.load.cache_clear()

    def call(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(words))
        if isinstance(done.exception, Exception):
            return 1, said_of(done.exception)
        return done.exit_code, done.stdout

    return call


def test_two_cases_become_one_and_two_again(
    database: Database,
    run: Callable[..., tuple[int, str]],
    register: Callable[..., Account],
    post: Post,
) -> None:
    account = register("dishub_x", "dishub")
    lamp = post(account, "Lampu jalan di Gg. Kepatihan RW 4 mati", author_id="siti")
    hole = post(account, "Jalan berlubang di Jl. Tentara Pelajar", author_id="agus")
    assert lamp is not None and hole is not None
    one, two = str(lamp.number), str(hole.number)
    assert "cases undo 1" in run("cases", "join", two, one)[1]
    code, said = run("cases", "join", two, one)
    assert code == 1 and f"part of case {one}" in said
    shown: list[dict[str, Any]] = json.loads(run("cases", "show", one, "--json")[1])
    assert len(shown) == 2
    drafts = json.loads(
        run("cases", "notify", one, "--text", "Sudah dicek", "--dry-run", "--json")[1]
    )
    assert [draft["left_out"] for draft in drafts] == [None, None]
    assert (
        "2 queued" in run("cases", "notify", one, "--text", "Sudah dicek", "--yes")[1]
    )
    assert run("cases", "undo", "1")[0] == 0
    assert run("cases", "not-same", one, two)[0] == 0
    assert json.loads(run("cases", "suggestions", "--json")[1]) == []
    assert run("cases", "split", one)[0] == 2
    assert run("incidents", "confirm", "9")[0] == 1
    assert json.loads(run("incidents", "list", "--json")[1]) == []
