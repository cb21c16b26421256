"""A case is opened once a page or an act: how often each asks the database.

Counted on SQLite, with the beginning of each transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from statements import asked
from website import Site, sign_in

from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, notes
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault

TEXT = "Tim kami datang besok pagi untuk memperbaiki lampu di Kepatihan."


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def number(
    database: Database,
    now: datetime,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case],
) -> str:
    """A case that Budi has in hand."""
    case = post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan RW 4")
    claims.claim(database, now, budi, case.number or "")
    return case.number or ""


@pytest.fixture
def browser(site: Site, number: str) -> TestClient:
    """Budi's, which has shown the case before: what a process keeps is there."""
    opened = sign_in(site(), "budi")
    opened.get(f"/aduan/{number}")
    return opened


def form(page: str) -> dict[str, str]:
    found = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)
        for name in ("csrftoken", "version", "seen", "key", "target")
    }
    return {name: match[1] for name, match in found.items() if match}


def looked_up(statements: list[str]) -> int:
    """How often the case was looked up by its number."""
    return sum('WHERE "case".number = ?' in one for one in statements)


def test_a_case_is_opened_once_for_its_page(
    database: Database, browser: TestClient, number: str
) -> None:
    with asked(database) as statements:
        assert browser.get(f"/aduan/{number}").status_code == 200
    assert len(statements) <= 12, statements
    assert looked_up(statements) == 1


def test_a_page_with_answers_and_notes_reads_each_sort_once(
    database: Database,
    browser: TestClient,
    number: str,
    budi: Viewer,
    now: datetime,
    vault: Vault,
    tmp_path: Path,
) -> None:
    for key in ("k1", "k2"):
        answer = replies.reply(database, now, budi, number, Answer(key), key=key)
        outbox.send(database, vault, tmp_path, now, answer.id or 0)
        notes.add_note(database, now, budi, number, "Sudah dicek")
    with asked(database) as statements:
        assert browser.get(f"/aduan/{number}").status_code == 200
    assert len(statements) <= 12, statements


def test_a_preview_opens_the_case_to_keep_the_draft_and_to_show_it(
    database: Database, browser: TestClient, number: str
) -> None:
    path = f"/aduan/{number}"
    fields = form(browser.get(path).text)
    with asked(database) as statements:
        shown = browser.post(
            f"{path}/balas", data={**fields, "text": TEXT, "step": "preview"}
        )
    assert shown.status_code == 200 and "Kirim" in shown.text
    assert len(statements) <= 16, statements
    assert looked_up(statements) == 2


def test_an_answer_is_sent_by_a_case_that_is_opened_once(
    database: Database, browser: TestClient, number: str
) -> None:
    path = f"/aduan/{number}"
    fields = form(browser.get(path).text)
    shown = browser.post(
        f"{path}/balas", data={**fields, "text": TEXT, "step": "preview"}
    )
    with asked(database) as statements:
        sent = browser.post(
            f"{path}/balas",
            data={**form(shown.text), "text": TEXT, "step": "send"},
            follow_redirects=False,
        )
    assert sent.status_code == 303
    assert len(statements) <= 15, statements
    assert looked_up(statements) == 1
