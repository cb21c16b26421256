"""CPU of polling 1,000 accounts once a minute over HTTP, as a share of one core."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select

from aggregator.accounts import registry
from aggregator.running.worker import Worker
from aggregator.store import settings, vault
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from bench import _city
from connectors.base import Identity

ACCOUNTS, SECONDS = 1_000, 60


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = subprocess.Popen(
            [sys.executable, "-m", "bench.polling", "--platform"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert sandbox.stdout is not None
            _measure(Path(folder), sandbox.stdout.readline().strip())
        finally:
            sandbox.terminate()
            sandbox.wait(10)


def _measure(folder: Path, url: str) -> None:
    os.environ["SAHUT_TELEGRAM_BASE_URL"] = url
    settings.app_settings.cache_clear()
    database = Database(f"sqlite:///{folder / 'sahut.db'}")
    _city.prepare(database)
    keys = vault.load(None, folder)
    now = datetime.now(UTC)
    for number in range(ACCOUNTS):
        chosen = registry.parse_settings("telegram", {"token": token_of(number)})
        registered = registry.register(
            database,
            keys,
            now,
            SYSTEM,
            channel="telegram",
            agency="dishub",
            account_settings=chosen,
            identity=Identity(str(number + 1), f"bot{number}", "Bot"),
            interval=60,
        ).account
        with database.writing() as session:
            stored = session.get_one(Account, registered.id)
            stored.next_poll_at = now + timedelta(seconds=number * 60 / ACCOUNTS)
    worker = Worker(database, keys, folder)
    cpu, began = time.process_time(), time.monotonic()
    worker.start()
    time.sleep(SECONDS)
    used = (time.process_time() - cpu) / (time.monotonic() - began)
    worker.stop()
    with database.reading() as session:
        polled = sum(
            row.last_good_poll_at is not None for row in session.exec(select(Account))
        )
    print(
        f"  {polled} of {ACCOUNTS} accounts polled in {SECONDS} s with {used:.0%} of"
        " one core"
    )
    print(f"  a poll costs {used * SECONDS / max(polled, 1) * 1000:.1f} ms of CPU")
    database.close()


def token_of(number: int) -> str:
    return f"{7_200_000_000 + number}:AAbench{number:028d}"


def platform() -> None:
    """The sandbox as a process of its own, so that its work is not counted."""
    from sandbox.serve import running

    with running() as sandbox:
        for number in range(ACCOUNTS):
            sandbox.telegram.add_bot(
                token_of(number), username=f"bot{number}", name="Bot"
            )
        print(sandbox.url, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    platform() if "--platform" in sys.argv else run()
