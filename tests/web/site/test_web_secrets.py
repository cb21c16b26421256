"""A different word in every secret setting, every credential of an account and all that
lets a person in: none is told by a command, a page, an address, an error, the trail or
the list of processes."""

from __future__ import annotations

import _posixsubprocess
import io
import logging
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fakechannel
import pyotp
import pytest
import typer.main
from fastapi.testclient import TestClient
from httpx import Response
from planted import Planted, accounts, echoing, environment, kept
from sqlmodel import select
from website import Clock, Site, post, routes, token

from aggregator import cli
from aggregator.accounts import filestore
from aggregator.city.catalog import Catalog
from aggregator.cli.reference import walk
from aggregator.intake import ingest
from aggregator.people import invitations, second_factor, staff, viewers
from aggregator.running.worker import Worker
from aggregator.store import discretion, settings
from aggregator.store import vault as vaults
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import PushSubscription
from aggregator.store.vault import Vault
from aggregator.web.app import create_app
from connectors.base import Message, RawItem
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater

LEFT_OUT = ("/keluar", "/keluar-semua", "/langsung", "/static")
ENDLESS = {"run", "web", "demo", "worker run"}
APART = {"eval", "db restore", "config copy"}
"""Commands that no installation is asked with: they read recorded files."""
ADDRESSES = {"push_subscription": "endpoint p256dh auth"}
"""Where an address of a browser's maker has to stand as it is."""


@pytest.fixture
def platforms() -> Iterator[str]:
    with echoing() as address:
        yield address


@pytest.fixture
def planted(
    monkeypatch: pytest.MonkeyPatch, sqlite_url: str, platforms: str
) -> Planted:
    made = Planted()
    for name, value in environment(made, platforms):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.load.cache_clear()
    settings.app_settings.cache_clear()
    return made


@pytest.fixture
def vault(planted: Planted) -> Vault:
    chosen = settings.load()
    return vaults.load(chosen.secret_key, chosen.data_dir)


@pytest.fixture
def names(
    planted: Planted,
    database: Database,
    vault: Vault,
    now: datetime,
    register: Callable[..., Account],
    platforms: str,
) -> list[str]:
    """Accounts of every channel, a case, and `arif`, who administers, with a code."""
    fake = register("dishub_fake", "dishub", token=planted.word("fake", "token"))
    say = {"kind": "mention", "native_id": "1", "text": "Lampu jalan mati di RW 4"}
    arrived = ingest.receive(database, now, fake.id, [RawItem("1", "fake", say)])
    ingest.process(database, now, arrived.new_ids)
    add = {"agency": "diskominfo", "role": "admin"}
    _, link = staff.add(database, now, SYSTEM, login="arif", name="Arif", **add)
    planted.words["invitation"] = link
    person = invitations.accept(database, now, link, planted.word("password"))
    arif = viewers.viewer(person)
    offered = second_factor.offer(vault, arif)
    before = now - timedelta(minutes=5)
    code = pyotp.TOTP(offered.secret).at(before)
    planted.words["totp"] = offered.secret
    codes = second_factor.turn_on(database, vault, before, arif, offered.sealed, code)
    planted.words |= {f"recovery-{n}": one for n, one in enumerate(codes)}
    _, link = staff.add(database, now, SYSTEM, login="ani", name="Ani", **add)
    planted.words["open-invitation"] = link
    with database.writing() as session:
        session.add(
            PushSubscription(
                person_id=arif.id,
                endpoint=f"https://push.example/{planted.word('push')}",
                p256dh="BA",
                auth=planted.word("push", "auth"),
                created_at=now,
            )
        )
    return list(accounts(planted, database, vault, now, platforms))


@pytest.fixture
def number(names: list[str], database: Database) -> str:
    """Of the case that there is."""
    with database.reading() as session:
        return str(session.exec(select(Case.number)).one())


def called(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command prints, errors included."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "argv", ["sahut", *words])
    with redirect_stdout(said), redirect_stderr(said), suppress(SystemExit):
        cli.main()
    return said.getvalue()


GIVEN = {
    "login": "budi",
    "agency": "dishub",
    "reader": "budi",
    "reason": "menunggu_pelapor",
    "year": "2026",
    "held": "none",
    "languages": "id",
    "old": "budi",
    "new": "wati",
    "resident": "@siti",
    "to": "2026-12-01",
    "starts": "2026-03-02T08:00",
    "ends": "2026-03-02T16:00",
    "first": "2026-03-02",
    "last": "2026-03-03",
    "what": "Surat terkirim ke alamat yang salah",
    "data": "alamat",
    "measures": "Dihapus",
    "text": "Segera kami periksa",
    "name": "Budi",
}
"""What stands where a command asks for something; anything else is a 1."""


LAST = {"remove", "erase", "disable", "replace", "reset"}
ASKS_A_PLATFORM = {"subscribe", "send"}


def calls(names: Sequence[str], number: str, file: Path) -> Iterator[list[str]]:
    """Every command with what it needs; what asks a platform, once for each."""
    yield ["worker", "once"]
    commands = [
        (command, path)
        for command, path in walk(typer.main.get_command(cli.app), [])
        if not {path[0], " ".join(path)} & (ENDLESS | APART)
    ]
    given = {**GIVEN, "number": number, "file": str(file), "files": str(file)}
    given |= {"folder": str(file.parent), "out_file": str(file.with_suffix(".zip"))}
    for command, path in sorted(commands, key=lambda one: one[1][-1] in LAST):
        about = {"account"} | ({"name", "names"} if path[0] == "accounts" else set())
        each = names if path[-1] in ASKS_A_PLATFORM else names[:1]
        for name in each:
            yield [*path, *said_to(command, {**given, **dict.fromkeys(about, name)})]


def said_to(command: Any, given: dict[str, str]) -> Iterator[str]:
    for one in command.params:
        value = given.get(str(one.name), "1")
        if one.param_type_name == "argument" and one.required:
            yield value
        elif one.required or one.name == "login":
            yield from (one.opts[0], "arif" if one.name == "login" else value)
        elif {"--json", "--yes"} & set(one.opts):
            yield one.opts[0]


@pytest.mark.threat("KEY-3")
def test_no_command_tells_a_secret(
    planted: Planted,
    names: list[str],
    number: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "berkas.json"
    file.write_text("{}")
    told = {
        " ".join(words): found
        for words in calls(names, number, file)
        if (found := planted.standing_in(called(words, monkeypatch)))
    }
    assert told == {}
    assert planted.standing_in(caplog.text) == []
    assert planted.standing_in(kept(database, ADDRESSES)) == []


def signed_in(browser: TestClient, planted: Planted, now: datetime) -> TestClient:
    """`arif` with password and code; what his browser is known by is a secret too."""
    password = planted.words["password"]
    post(browser, "/masuk", "/masuk", login="arif", password=password)
    code = pyotp.TOTP(planted.words["totp"]).at(now)
    post(browser, "/masuk/kode", "/masuk/kode", code=code)
    for one in browser.cookies.jar:
        planted.words[f"cookie {one.name}"] = str(one.value).strip('"')
    return browser


def asked(
    browser: TestClient, number: str, *methods: str
) -> Iterator[tuple[str, Response]]:
    """Every page of the site, and then every act, which may end the session."""
    form = token(browser.get("/lacak").text)
    whole = {"number": number, "channel": "telegram", "login": "arif", "token": "tiada"}
    whole["handle"] = "akun-webform"
    for method, path in sorted(routes(browser.app)):  # type: ignore[arg-type]
        if method in methods and not path.startswith(LEFT_OUT):
            address = re.sub(r"\{(\w+)\}", lambda one: whole.get(one[1], "1"), path)
            data = {"csrftoken": form} if method == "POST" else None
            answer = browser.request(method, address, data=data, follow_redirects=False)
            yield f"{method} {path}", answer


def addresses(answer: Response) -> str:
    """Those that an answer sends a browser to, or offers it."""
    names = "href|src|action|hx-get|hx-post|sse-connect"
    offered = re.findall(rf"(?:{names})=[\"']([^\"']*)", answer.text)
    return "\n".join((answer.headers.get("location", ""), *offered))


@pytest.mark.threat("KEY-3")
def test_no_page_and_no_address_tells_a_secret(
    planted: Planted,
    names: list[str],
    number: str,
    database: Database,
    vault: Vault,
    clock: Clock,
    site: Site,
    tmp_path: Path,
) -> None:
    worker = Worker(database, vault, tmp_path, clock=clock)
    worker.once()
    worker.stop()
    told: dict[str, list[str]] = {}
    statuses: Counter[tuple[str, int]] = Counter()
    arif = signed_in(site(), planted, clock.now)
    for browser, methods in ((arif, ("GET", "POST")), (site(), ("GET",))):
        for page, answer in asked(browser, number, *methods):
            statuses[page.partition(" ")[0], answer.status_code] += 1
            answer.headers.pop("set-cookie", None)
            found = planted.standing_in(f"{answer.text}{dict(answer.headers)}")
            if found or "csrftoken" in addresses(answer):
                told[page] = found or ["csrftoken"]
    assert told == {}
    assert statuses["GET", 200] > 30 and statuses["POST", 409] > 20


@pytest.mark.threat("KEY-3")
def test_a_page_that_fails_and_its_log_tell_no_secret(
    planted: Planted,
    names: list[str],
    database: Database,
    vault: Vault,
    catalog: Catalog,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    discretion.guard_logs()

    def broken() -> datetime:
        raise RuntimeError(" ".join(planted.words.values()))

    app = create_app(
        database, vault, Settings(data_dir=tmp_path), catalog, clock=broken
    )
    browser = TestClient(app, raise_server_exceptions=False)
    for method, path in (("GET", "/lacak/123456"), ("POST", "/kait/telegram")):
        answer = browser.request(method, path)
        assert answer.status_code == 500
        assert planted.standing_in(f"{answer.text}{answer.headers}") == []
    assert "RuntimeError" in caplog.text
    assert planted.standing_in(caplog.text) == []


@pytest.mark.threat("KEY-3")
def test_no_process_is_started_with_a_secret(
    planted: Planted,
    names: list[str],
    picture: bytes,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Whatever is started by either way that Python has; nothing of what this process
    was told comes along in the environment either."""
    started: list[Any] = []
    real = _posixsubprocess.fork_exec

    def fork_exec(*told: Any) -> int:
        started.append(told)
        return real(*told)

    monkeypatch.setattr(_posixsubprocess, "fork_exec", fork_exec)
    monkeypatch.setattr(subprocess, "_fork_exec", fork_exec)
    filestore.keep_photo(tmp_path, picture)
    assert len(started) == 1
    assert planted.standing_in(repr(started)) == []


@pytest.mark.threat("KEY-3")
def test_no_command_is_given_a_secret_where_all_can_read_it() -> None:
    """`--set` refuses one that is typed; `eval verify` asks of a recorded delivery."""
    asked = {
        (*path, one.name)
        for command, path in walk(typer.main.get_command(cli.app), [])
        for one in command.params
        if re.search("secret|token|passw|cred|code", f"{one.name} {one.opts}")
    }
    assert asked == {("eval", "verify", "secret")}


def failing(said: str) -> list[Exception]:
    """Errors of every sort that a reader of what arrived can end with."""
    kinds = (BadItem, Refused, TryLater, NeedsLogin, KeyError, UnicodeError, OSError)
    return [kind(said) for kind in kinds]


@pytest.mark.threat("KEY-3")
def test_why_something_was_set_aside_tells_no_secret(
    planted: Planted,
    names: list[str],
    database: Database,
    now: datetime,
    platform: fakechannel.Platform,
    register: Callable[..., Account],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = [
        word for name, word in planted.words.items() if name in planted.of_settings
    ]
    account = register("satpol_fake", "satpolpp")
    errors = failing(" ".join(opened))

    def fails(item: RawItem) -> list[Message]:
        raise errors[int(item.key)]

    monkeypatch.setattr(fakechannel.Fake, "normalise", staticmethod(fails))
    items = [RawItem(str(n), "fake", {}) for n in range(len(errors))]
    received = ingest.receive(database, now, account.id, items)
    ingest.process(database, now, received.new_ids)
    ingest.keep_unreadable(database, now, account.id, b"{", " ".join(opened))
    reasons = [one.reason or "" for one in ingest.events(database, status="failed")]
    assert len(reasons) == len(errors) + 1
    assert planted.standing_in("".join(reasons)) == []
    assert planted.standing_in(kept(database, ADDRESSES)) == []
