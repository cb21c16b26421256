"""Secrets stand nowhere but sealed: a canary in each is looked for everywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import fakechannel
import pytest
from canaries import found_in
from cryptography.fernet import Fernet

from aggregator.accounts import registry, states
from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims
from aggregator.people.viewers import Viewer
from aggregator.running import doctor
from aggregator.running.worker import Worker
from aggregator.store import audit_chain, discretion, settings
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from connectors.errors import NeedsLogin, TryLater

SECRET = "rahasiakenari"
KEY = Fernet.generate_key().decode()


@pytest.fixture
def guarded_logs() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    discretion.guard_logs()
    yield
    logging.setLogRecordFactory(before)


def bug(secret: str) -> Exception:
    return RuntimeError(f"GET /posts?token={secret} failed")


def outage(secret: str) -> Exception:
    return TryLater(f"cannot reach https://platform.example/bot{secret}/get")


def lost_login(secret: str) -> Exception:
    return NeedsLogin(f"the platform refuses {secret}")


@pytest.mark.threat("KEY-2")
@pytest.mark.parametrize("failure", [bug, outage, lost_login])
def test_a_secret_stands_nowhere_but_sealed(
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    platform: fakechannel.Platform,
    budi: Viewer,
    database: Database,
    now: datetime,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    guarded_logs: None,
    failure: Callable[[str], Exception],
) -> None:
    """Whatever fails names what it tried with, while it reads and while it sends."""
    caplog.set_level(logging.DEBUG)
    vault = Vault([KEY])
    audit_chain.proving(database, vault)
    chosen = registry.parse_settings("fake", {"name": "dishub_x", "token": SECRET})
    account = registry.register(
        database,
        vault,
        now,
        SYSTEM,
        channel="fake",
        agency="dishub",
        account_settings=chosen,
        identity=registry.identify("fake", chosen),
    ).account
    states.rotate(database, vault, now, SYSTEM, "dishub_x", chosen)
    case = post(account, "Lampu di Gg. Kepatihan mati")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    answer = Answer("Segera kami periksa")
    replies.reply(database, now, budi, case.number, answer, key="k1")
    platform.on_send, platform.on_fetch = [failure(SECRET)], [failure(SECRET)]
    worker = Worker(database, vault, tmp_path, clock=lambda: now)
    worker.once()
    worker.stop()
    states.reseal_all(database, vault, SYSTEM)
    told = f"{caplog.text}{vault!r}{chosen!r}{''.join(capfd.readouterr())}"
    assert SECRET not in told and KEY not in told
    assert found_in(database, SECRET) == found_in(database, KEY.lower()) == []


@pytest.mark.threat("KEY-3")
@pytest.mark.sqlite
@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://sahut:{SECRET}@127.0.0.1:9/kota",
        f"postgresql://sahut:a%40{SECRET}@127.0.0.1:9/kota",
        f"postgresql://sahut:a@{SECRET}@127.0.0.1:9/kota",
        f"postgresql://sahut@127.0.0.1:9/kota?password={SECRET}",
        f"postgresql://127.0.0.1:9/kota?passwordd={SECRET}",
    ],
)
def test_the_password_of_the_database_is_told_nowhere(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    settings.load.cache_clear()
    told = repr(doctor.examine())
    assert "127.0.0.1" in told or "%40" in told
    assert SECRET not in told
