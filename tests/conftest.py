"""Fixtures every test may use: a migrated database on SQLite and PostgreSQL, a city, a
vault.

A test that takes `database` runs twice, once on each database.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from PIL import ExifTags, Image
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
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
from sandbox import postgres

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def catalog() -> catalogs.Catalog:
    return catalogs.load(ROOT / "config")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.running() as url:
        template = Database(_create(url, "sahut_template"))
        upkeep.upgrade(template)
        upkeep.sync_agencies(template, catalogs.load(ROOT / "config"))
        template.close()
        yield url


@contextlib.contextmanager
def _server(url: str) -> Iterator[Connection]:
    """For what cannot be done inside a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _create(url: str, name: str, template: str = "template0") -> str:
    with _server(url) as server:
        # twice as quick as writing the copy to the log, which PostgreSQL 15 began to do
        copied = (
            "STRATEGY file_copy"
            if (server.dialect.server_version_info or ()) >= (15,)
            else ""
        )
        server.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {copied}'))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "sahut.db"
    database = Database(f"sqlite:///{path}")
    upkeep.upgrade(database)
    upkeep.sync_agencies(database, catalogs.load(ROOT / "config"))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "sahut.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database with the city's agencies, on each of the two systems."""
    if request.param == "sqlite":
        yield str(request.getfixturevalue("sqlite_url"))
        return
    url, name = request.getfixturevalue("postgres_url"), f"t{uuid.uuid4().hex}"
    yield _create(url, name, "sahut_template")
    with _server(url) as server:  # a thousand of them would fill the disk
        server.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


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
    """No test sees the settings of the machine it runs on."""
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
            "hasher",
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
