"""Fixtures every test may use: a migrated database on SQLite and PostgreSQL, a city, a
vault.

Tests come in an order drawn anew for each run; what is printed at the end draws the
same one again.
"""

from __future__ import annotations

import io
import itertools
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import databases
import fakechannel
import hypothesis
import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from PIL import ExifTags, Image
from sqlmodel import col, select

import connectors
from aggregator.accounts import registry
from aggregator.city import catalog as catalogs
from aggregator.intake import ingest
from aggregator.people import invitations, passwords, staff, viewers
from aggregator.people.viewers import Viewer
from aggregator.running import upkeep
from aggregator.store import settings
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.vault import Vault
from connectors.base import RawItem
from sandbox import postgres as postgresql

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
ON_BOTH = {"store", "people", "accounts", "cases", "twins", "answers", "intake"}
ON_BOTH |= {"desk", "running", "privacy"}
"""Rooms that ask the database: a test of theirs that takes `database` runs on SQLite
and on PostgreSQL, unless it is marked `sqlite`. All others ask these rooms, and run on
SQLite alone."""

# The same examples in every run, however slow the machine is; `search` draws new ones,
# `deep` many.
hypothesis.settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "search", hypothesis.settings.get_profile("suite"), derandomize=False
)
hypothesis.settings.register_profile(
    "deep", hypothesis.settings.get_profile("search"), max_examples=10_000
)
hypothesis.settings.load_profile("suite")
databases.share_what_is_compiled()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="on SQLite alone, whatever the room"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        room = metafunc.definition.path.relative_to(ROOT / "tests").parts[0]
        marked = metafunc.definition.get_closest_marker("sqlite")
        quick = metafunc.config.getoption("--quick")
        if room in ON_BOTH and not marked and not quick:
            both = ["sqlite", "postgresql"]
            metafunc.parametrize("database_url", both, indirect=True)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    seed = config.getoption("randomly_seed", None)
    terminalreporter.write_line(f"this order again: --randomly-seed={seed}")


@pytest.fixture(scope="session")
def catalog() -> catalogs.Catalog:
    return catalogs.load(ROOT / "config")


@pytest.fixture(scope="session")
def postgres() -> Iterator[databases.Server]:
    with postgresql.running() as url:
        yield databases.Server(url, _prepare)


def _prepare(url: str) -> None:
    """The tables and the city's agencies."""
    database = Database(url)
    upkeep.upgrade(database)
    upkeep.sync_agencies(database, catalogs.load(ROOT / "config"))
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "sahut.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "sahut.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database with the city's agencies, on the system that is asked for."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield str(request.getfixturevalue("sqlite_url"))
        return
    with request.getfixturevalue("postgres").lent() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings of the machine it runs on, or has its log guarded by
    a command that another has called."""
    monkeypatch.setattr(logging, "_logRecordFactory", logging.LogRecord)
    for name in list(os.environ):
        if name.startswith("SAHUT_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SAHUT_DATA_DIR", str(tmp_path / "var"))
    settings.load.cache_clear()
    settings.app_settings.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashes that cost a guesser a tenth of a second cost the tests a third of their
    time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            passwords,
            "_hasher",
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        )
        yield


@pytest.fixture
def join(database: Database) -> Callable[..., Viewer]:
    """`join("budi", "dishub")`: a person who has accepted an invitation."""

    def add(login: str, agency: str, role: str = "juru_bicara") -> Viewer:
        _, token = staff.add(
            database,
            NOW,
            SYSTEM,
            login=login,
            name=login.title(),
            agency=agency,
            role=role,
        )
        return viewers.viewer(
            invitations.accept(database, NOW, token, "kata sandi panjang")
        )

    return add


@pytest.fixture
def budi(join: Callable[..., Viewer]) -> Viewer:
    """Spokesperson of Dishub."""
    return join("budi", "dishub")


@pytest.fixture
def dewi(join: Callable[..., Viewer]) -> Viewer:
    """Coordinator at Diskominfo; sees every agency."""
    return join("dewi", "diskominfo", "koordinator")


@pytest.fixture
def rina(join: Callable[..., Viewer]) -> Viewer:
    """Admin of a kelurahan."""
    return join("rina", "kel-tanah-sareal")


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[fakechannel.Platform]:
    """The outside world of the channel `fake`."""
    monkeypatch.setitem(connectors.BUILTIN, "fake", "fakechannel:Fake")
    fresh = fakechannel.Platform()
    monkeypatch.setattr(fakechannel, "PLATFORM", fresh)
    yield fresh
    connectors.load.cache_clear()


@pytest.fixture
def register(
    database: Database, vault: Vault, platform: fakechannel.Platform
) -> Callable[..., Account]:
    """`register("dishub_x", "dishub")`: an account on the fake channel, checked and
    saved."""

    def add(handle: str, agency: str, **extra: Any) -> Account:
        chosen = registry.parse_settings("fake", {"name": handle, **extra})
        return registry.register(
            database,
            vault,
            NOW,
            SYSTEM,
            channel="fake",
            agency=agency,
            account_settings=chosen,
            identity=registry.identify("fake", chosen),
        ).account

    return add


@pytest.fixture
def post(database: Database) -> Callable[..., Case | None]:
    """`post(account, "text", native_id="1")`: a resident's post, received and
    processed."""
    numbers = itertools.count(1)

    def arrive(account: Account, text: str | None = None, **said: Any) -> Case | None:
        native_id = said.pop("native_id", f"p{next(numbers)}")
        payload = {
            "kind": "mention",
            "native_id": native_id,
            "author_id": "siti",
            "author_name": "Siti",
            "created_at": NOW.isoformat(),
            "text": text,
            **said,
        }
        key = payload.get("key", f"{payload['kind']}:{native_id}:{next(numbers)}")
        assert account.id is not None
        item = RawItem(key, "fake", payload, account.external_id)
        received = ingest.receive(database, NOW, account.id, [item])
        ingest.process(database, NOW, received.new_ids)
        with database.reading() as session:
            query = select(Case).join(Message, col(Message.case_id) == col(Case.id))
            return session.exec(
                query.where(Message.raw_event_id == received.new_ids[0])
            ).first()

    return arrive


@pytest.fixture
def picture() -> bytes:
    """A small JPEG with an EXIF block that says where it was taken."""
    image = Image.new("RGB", (64, 48), "orange")
    exif = image.getexif()
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "S",
        ExifTags.GPS.GPSLatitude: (6.0, 35.0, 42.0),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (106.0, 47.0, 20.0),
    }
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()
