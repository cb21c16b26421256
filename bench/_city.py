"""A city to measure: a database with its agencies, one account, people, and texts
without end."""

from __future__ import annotations

import contextlib
import itertools
import random
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

import connectors
from aggregator.accounts import registry
from aggregator.city import catalog
from aggregator.intake import ingest
from aggregator.people import invitations, staff, viewers
from aggregator.people.viewers import Viewer
from aggregator.running import upkeep
from aggregator.store import settings
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault
from connectors.base import Identity, RawItem
from sandbox import postgres

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PASSWORD = "taman kencana sore"
_WHAT = (
    "lampu jalan mati",
    "got mampet",
    "jalan berlubang",
    "sampah menumpuk",
    "angkot ngetem",
    "parkir sembarangan",
    "air ledeng tidak mengalir",
    "pohon miring",
    "trotoar rusak",
    "lampu merah mati",
    "kabel menjuntai",
    "pedagang menutup jalan",
)
_HOW = (
    "sudah seminggu belum ada yang datang",
    "tolong segera dicek ya min",
    "kemarin ada motor jatuh di situ",
    "kalau malam gelap dan bikin takut",
    "tiap hujan airnya masuk ke rumah",
    "anak sekolah lewat situ tiap pagi",
    "warga sudah lapor ke RT tapi belum ditanggapi",
    "bikin macet sampai ujung jalan",
)
_WHERE = (
    "Jalan Melati",
    "Gang Kenanga",
    "Jalan Anggrek",
    "Gang Mawar",
    "Jalan Flamboyan",
    "Jalan Dahlia",
    "Gang Cempaka",
    "Jalan Teratai",
    "Jalan Bougenville",
    "Gang Seruni",
)


@contextlib.contextmanager
def databases() -> Iterator[dict[str, Database]]:
    """A migrated SQLite and PostgreSQL, gone at the end."""
    with tempfile.TemporaryDirectory() as folder, postgres.running() as url:
        name = f"bench_{uuid.uuid4().hex[:8]}"
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
        target = make_url(url).set(database=name).render_as_string(hide_password=False)
        opened = {
            "SQLite": Database(f"sqlite:///{Path(folder) / 'sahut.db'}"),
            "PostgreSQL": Database(target),
        }
        for database in opened.values():
            prepare(database)
        yield opened
        for database in opened.values():
            database.close()


def prepare(database: Database) -> None:
    upkeep.upgrade(database)
    upkeep.sync_agencies(database, catalog.load(settings.Settings().folder_of_config()))


def account(
    database: Database, handle: str = "dishub_bogor", agency: str = "dishub"
) -> Account:
    """An X account that no platform was asked about: nothing is polled or sent."""
    chosen = registry.parse_settings(
        "x", {"access_token": "a", "access_token_secret": "b"}
    )
    identity = Identity(str(abs(hash(handle)) % 10**9), handle, handle)
    return registry.register(
        database,
        Vault([Fernet.generate_key().decode()]),
        START,
        SYSTEM,
        channel="x",
        agency=agency,
        account_settings=chosen,
        identity=identity,
        interval=60,
    ).account


def person(database: Database, login: str = "dewi", agency: str = "dishub") -> Viewer:
    _, token = staff.add(
        database,
        START,
        SYSTEM,
        login=login,
        name=login.title(),
        agency=agency,
        role="juru_bicara",
    )
    return viewers.viewer(invitations.accept(database, START, token, PASSWORD))


def posts(handle: str = "dishub_bogor", seed: int = 1) -> Iterator[RawItem]:
    """Endless mentions in the platform's own shape, a tenth of them copies of earlier
    ones."""
    chance = random.Random(seed)
    earlier: list[str] = []
    for number in itertools.count(1):
        said = (
            f"@{handle} {chance.choice(_WHAT)} di {chance.choice(_WHERE)} no"
            f" {number % 9973} RT {number % 12 + 1}/RW {number % 7 + 1},"
            f" {chance.choice(_HOW)}"
        )
        if earlier and chance.random() < 0.1:
            said = f"RT @warga{number % 50}: {chance.choice(earlier)}"
        earlier = [*earlier[-200:], said]
        yield _post(number, said, handle, START + timedelta(seconds=number))


def _post(number: int, said: str, handle: str, at: datetime) -> RawItem:
    native_id, author = str(10**17 + number), str(5000 + number % 4000)
    answer = {
        "data": [
            {
                "id": native_id,
                "text": said,
                "author_id": author,
                "conversation_id": native_id,
                "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "edit_history_tweet_ids": [native_id],
                "entities": {
                    "mentions": [{"username": handle, "id": "1", "start": 0, "end": 5}]
                },
            }
        ],
        "includes": {
            "users": [{"id": author, "username": f"warga{author}", "name": "Warga"}]
        },
    }
    (item,) = connectors.load("x").read_file(answer, "mention")
    return item


def fill(
    database: Database, count: int, source: Iterator[RawItem], account_id: int
) -> None:
    """Receive and process `count` posts, a hundred a page."""
    for start in range(0, count, 100):
        page = list(itertools.islice(source, min(100, count - start)))
        received = ingest.receive(database, START + timedelta(days=1), account_id, page)
        for begin in range(0, len(received.new_ids), ingest.BATCH):
            ingest.process(
                database,
                START + timedelta(days=1),
                received.new_ids[begin : begin + ingest.BATCH],
            )
