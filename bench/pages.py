"""Queue and case pages with 10,000 open cases: p50, p95, against a page without a
database."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from starlette.testclient import TestClient

from aggregator.city import catalog
from aggregator.store import settings
from aggregator.store.db import Database
from aggregator.store.vault import Vault
from aggregator.web.app import create_app
from bench import _city

CASES, VISITS = 10_000, 60


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'sahut.db'}")
        _city.prepare(database)
        account = _city.account(database)
        _city.fill(database, CASES, _city.posts(), account.id or 0)
        _city.person(database)
        chosen = settings.Settings(
            data_dir=Path(folder), public_url="http://127.0.0.1:8080"
        )
        app = create_app(
            database,
            Vault([Fernet.generate_key().decode()]),
            chosen,
            catalog.load(chosen.folder_of_config()),
            wake=lambda: None,
        )
        with TestClient(app, base_url="http://127.0.0.1:8080") as client:
            _sign_in(client)
            found = client.get("/").text.partition('href="/aduan/')[2]
            if not found:
                raise SystemExit("the queue cannot be opened, so nothing was measured")
            number = found.split('"')[0]
            plain = _times(lambda: client.get("/static/icon.svg").status_code)
            for name, path in (("queue", "/"), ("case", f"/aduan/{number}")):
                times = _times(lambda path=path: client.get(path).status_code)  # type: ignore[misc]
                p50, p95 = (
                    statistics.median(times),
                    statistics.quantiles(times, n=20)[18],
                )
                ratio = p50 / statistics.median(plain)
                print(
                    f"  {name:<6} p50 {p50 * 1000:6.1f} ms, p95 {p95 * 1000:6.1f} ms, "
                    f"{ratio:.1f}x a static file through the same program"
                )
        database.close()


def _sign_in(client: TestClient) -> None:
    page = client.get("/masuk").text
    token = page.split('name="csrftoken"')[1].split('value="')[1].split('"')[0]
    client.post(
        "/masuk", data={"login": "dewi", "password": _city.PASSWORD, "csrftoken": token}
    )


def _times(visit: Callable[[], int]) -> list[float]:
    if visit() != 200:
        raise SystemExit("the page cannot be opened, so nothing was measured")
    times = []
    for _ in range(VISITS):
        began = time.perf_counter()
        visit()
        times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    run()
