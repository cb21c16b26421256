"""`sahut demo`: a city in a box, to look at before any real account is registered.

Everything is real but the platforms: a new SQLite database, the accounts registered
through the same code as `sahut accounts add`, polling over HTTP against `sandbox/`,
where scripted residents post. Nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from sqlmodel import select

import connectors
from aggregator.accounts import connections, registry
from aggregator.answers import library
from aggregator.cases import readership
from aggregator.city import catalog
from aggregator.people import invitations, staff, viewers
from aggregator.running import _demo_life as demo_life
from aggregator.running import service, upkeep
from aggregator.store import audit_chain, private, settings, vault
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.people import Person
from aggregator.store.vault import Vault
from connectors.base import abilities
from connectors.errors import ConnectorError

FOLDER = Path("var/demo")
POLL_SECONDS = 3
PEOPLE = (
    ("dewi", "Dewi Lestari", "diskominfo", "koordinator"),
    ("budi", "Budi Santoso", "dishub", "juru_bicara"),
    ("rina", "Rina Marlina", "kel-tanah-sareal", "juru_bicara"),
    ("admin", "Arif Hidayat", "diskominfo", "admin"),
    ("vera", "Vera Anggraini", "diskominfo", "verifikator"),
    ("kadis", "Kurnia Wibawa", "dishub", "pimpinan"),
)
STAFF = (
    ("sari", "Sari Pratiwi", "dpupr"),
    ("tono", "Tono Suhartono", "dlh"),
    ("wati", "Wati Rahmawati", "dinkes"),
    ("agus", "Agus Salim", "tirtapakuan"),
    ("mega", "Mega Utami", "disdik"),
    ("joko", "Joko Susilo", "bpbd"),
    ("lina", "Lina Herlina", "disperumkim"),
    ("hadi", "Hadi Permana", "satpolpp"),
    ("yuni", "Yuni Astuti", "disdukcapil"),
    ("ida", "Ida Farida", "inspektorat"),
)
"""Spokespersons of other offices; they sign in with the same password."""
READER = "ida"
"""Who reads confidential reports, which are the Inspektorat's."""


def run(
    say: Callable[[str], None], *, port: int | None = None, progress: bool = True
) -> None:
    """Serve the demo until a signal comes; `say` gets the one line that matters."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        private.folder(FOLDER)
    except OSError as error:
        raise service.ServiceError(
            f"{FOLDER.absolute()} cannot be made anew ({error.strerror}); start the"
            " demo in a folder that you may write to"
        ) from error
    port = port or _free_port(8080)
    site = f"http://127.0.0.1:{port}"
    step = _step if progress else lambda text: None
    step("starting the sandbox platforms")
    with _sandbox(f"{site}/lapor/situs_demo") as platforms:
        chosen = _settings(site, port, platforms)
        step("creating the database")
        keys = vault.load(chosen.secret_key, chosen.data_dir)
        database = audit_chain.proving(Database(chosen.database_url), keys)
        upkeep.upgrade(database)
        city = catalog.load(chosen.folder_of_config())
        upkeep.sync_agencies(database, city)
        library.seed(
            database, datetime.now(UTC), library.load(chosen.folder_of_config())
        )
        step("registering accounts")
        _register_accounts(database, keys, platforms)
        password = _add_people(database)
        office = demo_life.Office(database, keys, chosen.data_dir, _staff(database))
        demo_life.relive(office, datetime.now(UTC), step)

        def ready() -> None:
            names = ", ".join(login for login, *_ in PEOPLE)
            say(f"Queue: {site}/  sign in as one of {names}  password: {password}")
            threading.Thread(
                target=_ask_for_deliveries, args=(database, keys, site), daemon=True
            ).start()

        service.run(database, keys, chosen, city, announce=ready)


def _step(text: str) -> None:
    print(f"  {text} ...", file=sys.stderr, flush=True)  # noqa: T201


def _free_port(wanted: int) -> int:
    try:
        with service.listen("127.0.0.1", wanted) as listener:
            return int(listener.getsockname()[1])
    except service.ServiceError:
        with service.listen("127.0.0.1", 0) as listener:
            return int(listener.getsockname()[1])


@contextlib.contextmanager
def _sandbox(form_url: str) -> Iterator[str]:
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        "0",
        "--script",
        "demo",
        "--past",
    ]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--attached", "--form-url", form_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise service.ServiceError(
                "the sandbox did not start; its message stands above"
            )
        yield json.loads(line)["url"]
    finally:
        process.terminate()
        process.wait(10)


def _settings(site: str, port: int, platforms: str) -> settings.Settings:
    """The settings of the demo, whatever the environment says of a real
    installation."""
    known = requests.get(f"{platforms}/control/accounts", timeout=10).json()
    for entry in known:
        for name, value in entry.get("app", {}).items():
            os.environ[f"SAHUT_{entry['channel'].upper()}_{name.upper()}"] = str(value)
    os.environ.update(
        {
            "DATABASE_URL": f"sqlite:///{FOLDER}/sahut.db",
            "SAHUT_DATA_DIR": str(FOLDER),
            "SAHUT_PUBLIC_URL": site,
            "SAHUT_HOST": "127.0.0.1",
            "SAHUT_PORT": str(port),
        }
    )
    os.environ.pop("SAHUT_SECRET_KEY", None)
    settings.load.cache_clear()
    settings.app_settings.cache_clear()
    return settings.load()


def _register_accounts(database: Database, keys: Vault, platforms: str) -> None:
    known: list[dict[str, Any]] = requests.get(
        f"{platforms}/control/accounts", timeout=10
    ).json()
    for entry in known:
        values = dict(entry["settings"])
        if entry["channel"] == "webform":
            values["handle"] = entry["handle"]
        chosen = registry.parse_settings(entry["channel"], values)
        registry.register(
            database,
            keys,
            datetime.now(UTC),
            SYSTEM,
            channel=entry["channel"],
            agency=entry["agency"],
            account_settings=chosen,
            identity=registry.identify(entry["channel"], chosen),
            interval=POLL_SECONDS,
        )


def _ask_for_deliveries(database: Database, keys: Vault, site: str) -> None:
    """For channels that cannot be polled; the platforms look for the page, so it must
    run."""
    for account in registry.list_all(database):
        able = abilities(connectors.load(account.channel))
        if "subscribe" in able and "poll" not in able:
            try:
                connections.subscribe(keys, site, account)
            except ConnectorError as error:
                _step(f"{account.channel}:{account.handle} will not deliver: {error}")


def _add_people(database: Database) -> str:
    """The demo's people with one password, made up anew each time."""
    password = secrets.token_urlsafe(9)
    now = datetime.now(UTC)
    everybody = [*PEOPLE, *((*one, "juru_bicara") for one in STAFF)]
    for login, name, agency, role in everybody:
        _, token = staff.add(
            database, now, SYSTEM, login=login, name=name, agency=agency, role=role
        )
        invitations.accept(database, now, token, password)
    readership.name_first(database, now, SYSTEM, READER)
    with database.writing() as session:
        for person in session.exec(select(Person)):
            person.position = "kepala_opd" if person.login == "kadis" else None
            person.speaks = ["en"] if person.login in ("dewi", "wati") else []
    return password


def _staff(database: Database) -> dict[str, list[viewers.Viewer]]:
    """Who answers for which agency."""
    found: dict[str, list[viewers.Viewer]] = {}
    for person in staff.list_all(database):
        viewer = viewers.viewer(person)
        if viewer.role in ("juru_bicara", "koordinator"):
            found.setdefault(viewer.agency_code, []).append(viewer)
    return found
