"""Keys change while the city works: nobody is signed out, no page typed in is lost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from website import Clock, sign_in, token

from aggregator.accounts import registry, states
from aggregator.city import catalog as catalogs
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault, load
from aggregator.web.app import create_app

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
STEPS = ([OLD], [OLD, NEW], [NEW, OLD])
"""The list of keys before, and at each step of the change."""


@pytest.fixture
def processes(
    database: Database, catalog: catalogs.Catalog, clock: Clock, tmp_path: Path
) -> Iterator[list[TestClient]]:
    """One browser at the pages of three processes, one a step; they share its
    cookies."""
    settings = Settings(data_dir=tmp_path / "var")
    opened = [
        TestClient(
            create_app(database, Vault(keys), settings, catalog, clock=clock),
            base_url="http://127.0.0.1:8080",
        )
        for keys in STEPS
    ]
    yield opened
    for one in opened:
        one.close()


@pytest.mark.threat("KEY-1")
def test_keys_change_while_the_program_runs(
    processes: list[TestClient], budi: Viewer
) -> None:
    sign_in(processes[0], "budi")
    for before, after in itertools.pairwise(processes):
        after.cookies.update(before.cookies)
        for made, sent in ((before, after), (after, before)):
            page = made.get("/saya")
            assert page.url.path == "/saya"
            sent.cookies.update(made.cookies)
            fields = {"csrftoken": token(page.text), "language": "id"}
            assert sent.post("/saya", data=fields).status_code != 403


@pytest.mark.threat("KEY-1")
def test_what_one_process_seals_the_other_opens(
    database: Database, register: Callable[..., Account]
) -> None:
    account = register("dishub_x", "dishub")
    chosen = registry.parse_settings("fake", {"name": "dishub_x", "token": "rahasia"})
    for before, after in itertools.pairwise(map(Vault, STEPS)):
        for writes, reads in ((before, after), (after, before)):
            sealed = writes.seal(chosen)
            assert reads.open(sealed, type(chosen)) == chosen
    with database.writing() as session:
        session.get_one(Account, account.id).sealed = Vault([OLD]).seal(chosen)
    states.reseal_all(database, Vault([NEW, OLD]), SYSTEM)
    with database.reading() as session:
        sealed = session.get_one(Account, account.id).sealed
    assert Vault([NEW]).open(sealed, type(chosen)) == chosen


def test_the_file_of_the_key_may_hold_several(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(f"{NEW},\n{OLD}\n", encoding="ascii")
    assert load(None, tmp_path).every_derived(b"x") == Vault([NEW, OLD]).every_derived(
        b"x"
    )
