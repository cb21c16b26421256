"""Whoever guesses is slowed down, in every process, from every address; whose login is
guessed at goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from limits import parse
from website import PASSWORD, Clock, hidden, token

from aggregator.accounts import registry
from aggregator.city.catalog import Catalog
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from aggregator.web.app import create_app

HOME, OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.1", "192.0.2.200"
Process = Callable[..., FastAPI]
Visit = Callable[..., TestClient]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is counted how is tried on both databases elsewhere."""
    return sqlite_url


@pytest.fixture
def process(
    database_url: str, vault: Vault, catalog: Catalog, clock: Clock, tmp_path: Path
) -> Iterator[Process]:
    """`process()`: another process of pages, with connections of its own."""
    with ExitStack() as ends:

        def another(**chosen: Any) -> FastAPI:
            database = Database(database_url)
            ends.callback(database.close)
            settings = Settings(data_dir=tmp_path / "var", **chosen)
            return create_app(database, vault, settings, catalog, clock=clock)

        yield another


@pytest.fixture
def visit(process: Process) -> Iterator[Visit]:
    """`visit(HOME)`: a new browser at an address."""
    default = process()
    with ExitStack() as ends:

        def browser(address: str, app: FastAPI = default, **headers: str) -> TestClient:
            return ends.enter_context(
                TestClient(
                    app,
                    base_url="http://127.0.0.1:8080",
                    client=(address, 50_000),
                    headers=headers,
                    follow_redirects=False,
                )
            )

        yield browser


WRONG = {"login": "budi", "password": "salah"}


def guess(browser: TestClient, login: str, password: str = WRONG["password"]) -> int:
    """Fills the form of signing in; the status of the answer, 303 being let in."""
    form = {"csrftoken": token(browser.get("/masuk").text)}
    answer = browser.post("/masuk", data={**form, "login": login, "password": password})
    return answer.status_code


def signed_in(browser: TestClient, login: str) -> TestClient:
    assert guess(browser, login, PASSWORD) == 303
    return browser


def out(browser: TestClient) -> TestClient:
    browser.post("/keluar", data={"csrftoken": token(browser.get("/saya").text)})
    return browser


@pytest.mark.threat("GUE-1")
def test_of_sixty_tries_at_one_moment_ten_are_looked_at(
    process: Process, visit: Visit, budi: Viewer
) -> None:
    processes = process(), process()
    browsers = [visit(ELSEWHERE, processes[n % 2]) for n in range(12)]
    forms = [(b, token(b.get("/masuk").text)) for b in browsers]

    def once(n: int) -> int:
        browser, csrf = forms[n % 12]
        said = {"csrftoken": csrf, "login": "budi", "password": f"salah {n}"}
        return browser.post("/masuk", data=said).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = Counter(pool.map(once, range(60)))
    assert statuses == {401: 10, 429: 50}


@pytest.mark.threat("GUE-2")
def test_another_process_knows_of_the_tries(
    process: Process, visit: Visit, budi: Viewer
) -> None:
    first, second = visit(HOME), visit(HOME, process())
    assert [guess(first, "budi") for _ in range(10)] == [401] * 10
    assert guess(second, "budi") == 429
    assert guess(visit(HOME, process()), "budi", PASSWORD) == 429, "also the right one"


@pytest.mark.threat("GUE-3")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_caller_says_of_its_address_changes_nothing(
    visit: Visit, budi: Viewer, header: str
) -> None:
    statuses = []
    for n in range(12):
        said = {header: f"for=10.1.2.{n}" if header == "Forwarded" else f"10.1.2.{n}"}
        statuses.append(guess(visit("127.0.0.1", **said), "budi"))
    assert statuses == [401] * 10 + [429] * 2


@pytest.mark.threat("GUE-3")
def test_a_named_proxy_is_believed_but_not_what_its_caller_wrote_before_it(
    process: Process, visit: Visit, budi: Viewer
) -> None:
    app = process(proxies="127.0.0.1/32, 10.0.0.0/8")

    def through_proxy(says: str) -> TestClient:
        return visit("127.0.0.1", app, **{"X-Forwarded-For": says})

    tries = [f"10.9.9.9, 172.16.5.{n}, {ELSEWHERE}, 10.0.0.2" for n in range(11)]
    assert [guess(through_proxy(says), "budi") for says in tries] == [401] * 10 + [429]
    assert guess(through_proxy(HOME), "budi", PASSWORD) == 303


@pytest.mark.threat("GUE-3")
@pytest.mark.parametrize(
    "wrong", ["0.0.0.0/0", "*", "10.0.0.1/8", "proxy.kota.example"]
)
def test_everybody_is_no_proxy(wrong: str) -> None:
    with pytest.raises(ValueError, match="proxies"):
        Settings(proxies=wrong)


@pytest.mark.threat("GUE-4")
def test_one_network_of_ipv6_is_one_source(visit: Visit, budi: Viewer) -> None:
    near = [guess(visit(f"2001:db8:1:2::{n:x}"), "budi") for n in range(1, 12)]
    assert near == [401] * 10 + [429]
    assert guess(visit("2001:db8:1:3::1"), "budi") == 401


@pytest.fixture
def besieged(visit: Visit, budi: Viewer, rina: Viewer) -> Callable[[], None]:
    """Somebody guesses at Budi's login from everywhere."""

    def from_everywhere() -> None:
        statuses: Counter[int] = Counter()
        for n in range(5):
            browser = visit(f"192.0.2.{n}")
            said = {"csrftoken": token(browser.get("/masuk").text), **WRONG}
            tries = (browser.post("/masuk", data=said) for _ in range(9))
            statuses += Counter(answer.status_code for answer in tries)
        assert statuses == {401: 40, 429: 5}

    return from_everywhere


@pytest.mark.threat("GUE-4")
def test_a_login_has_a_slow_limit_over_all_addresses(
    visit: Visit, clock: Clock, besieged: Callable[[], None]
) -> None:
    besieged()
    stranger = visit(ELSEWHERE)
    assert guess(stranger, "budi") == 429
    clock.now += timedelta(seconds=90)
    assert guess(stranger, "budi") == 401


@pytest.mark.threat("GUE-5")
def test_who_signed_in_with_this_browser_before_is_not_locked_out(
    visit: Visit, besieged: Callable[[], None]
) -> None:
    phone = out(signed_in(visit(HOME), "budi"))
    besieged()
    moved = visit(ELSEWHERE)
    moved.cookies.update(phone.cookies)
    assert guess(moved, "budi", PASSWORD) == 303


@pytest.mark.threat("GUE-5")
def test_who_came_from_this_network_lately_is_not_locked_out(
    visit: Visit, besieged: Callable[[], None]
) -> None:
    out(signed_in(visit(OFFICE), "budi"))
    besieged()
    assert guess(visit(OFFICE), "budi", PASSWORD) == 303
    assert guess(visit(ELSEWHERE), "budi", PASSWORD) == 429


@pytest.mark.threat("GUE-5")
def test_a_neighbour_who_guesses_locks_no_known_browser_out(
    visit: Visit, budi: Viewer
) -> None:
    desk = out(signed_in(visit(OFFICE), "budi"))
    neighbour = visit(OFFICE)
    assert [guess(neighbour, "budi") for _ in range(11)][-1] == 429
    assert guess(desk, "budi", PASSWORD) == 303


@pytest.mark.threat("GUE-5")
def test_a_browser_is_known_for_its_own_people_and_has_few_tries_itself(
    visit: Visit, besieged: Callable[[], None]
) -> None:
    rinas = out(signed_in(visit(HOME), "rina"))
    besieged()
    moved = visit(ELSEWHERE)
    moved.cookies.update(rinas.cookies)
    assert guess(moved, "budi", PASSWORD) == 429, "Budi never used it"
    statuses = [guess(moved, "rina") for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2


def test_who_signs_in_often_is_not_braked(visit: Visit, budi: Viewer) -> None:
    assert {guess(visit(HOME), "budi", PASSWORD) for _ in range(15)} == {303}


@pytest.mark.threat("GUE-6")
def test_links_of_invitations_cannot_be_tried_without_end(
    process: Process, visit: Visit
) -> None:
    pair = visit(HOME), visit(HOME, process())
    statuses = [pair[n % 2].get(f"/undangan/abc{n}").status_code for n in range(32)]
    assert statuses == [410] * 30 + [429] * 2


@pytest.fixture
def form(database: Database, vault: Vault, now: datetime) -> str:
    chosen = registry.parse_settings("webform", {"handle": "kota", "title": "Lapor"})
    registry.register(
        database,
        vault,
        now,
        SYSTEM,
        channel="webform",
        agency="diskominfo",
        account_settings=chosen,
        identity=registry.identify("webform", chosen),
    )
    return "/lapor/kota"


@pytest.mark.threat("GUE-6")
def test_receipts_of_a_case_cannot_be_tried_without_end(
    process: Process,
    visit: Visit,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    case = post(register("dishub_x", "dishub"), "Lampu mati")
    assert case is not None
    browser, other = visit(HOME), visit(HOME, process())
    right = [browser.get(f"/lacak/{case.number}").status_code for _ in range(40)]
    assert right == [200] * 40, "its status may be looked at again and again"
    for n in range(30):
        browser.get(f"/lacak/{case.number}", params={"kode": f"{n:032x}"})
    answer = other.get(f"/lacak/{case.number}", params={"kode": "f" * 32})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Coba lagi pukul" in answer.text


@pytest.mark.threat("GUE-6")
def test_numbers_cannot_be_tried_without_end(visit: Visit) -> None:
    browser = visit(HOME)
    statuses = [browser.get(f"/lacak/{n}").status_code for n in range(1000, 1032)]
    assert statuses == [404] * 30 + [429] * 2


@pytest.mark.threat("FLO-1")
def test_reports_come_one_after_another_whatever_the_process(
    process: Process, visit: Visit, form: str
) -> None:
    pair = visit(HOME), visit(HOME, process())
    statuses: Counter[int] = Counter()
    for n in range(62):
        browser = pair[n % 2]
        page = browser.get(form).text
        said = {
            "csrftoken": token(page),
            "submission": hidden(page, "submission"),
            "text": f"Lampu mati nomor {n}",
        }
        answer = browser.post(form, data=said)
        statuses[answer.status_code] += 1
    assert statuses == {303: 60, 429: 2}
    assert "Lampu mati nomor 61" in answer.text, "what was typed stays"
    assert visit(ELSEWHERE).get(form).status_code == 200


PUBLIC = ("/masuk", "/lacak", "/lacak/1", "/lapor/kota", "/luring", "/undangan/abc")
PUBLIC += ("/masuk/oidc", "/healthz", "/livez", "/readyz")


@pytest.mark.threat("FLO-1")
@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_has_a_brake(
    monkeypatch: pytest.MonkeyPatch, visit: Visit, form: str, path: str
) -> None:
    monkeypatch.setattr("aggregator.web.site.brakes._LOOKS", parse("5/10 minutes"))
    browser = visit(HOME)
    statuses = [browser.get(path).status_code for _ in range(7)]
    assert 429 not in statuses[:5] and statuses[5:] == [429, 429]
    assert visit(ELSEWHERE).get(path).status_code != 429
