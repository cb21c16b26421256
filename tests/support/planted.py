"""A city in which every secret is a word of its own, and what lets those words be
looked for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlmodel import SQLModel

import connectors
from aggregator.accounts import registry
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault
from connectors.base import Identity

_NEEDED = {
    "imap": {"address": "aduan@kota.example", "imap_host": "127.0.0.1"},
    "whatsapp": {"phone_number_id": "106540352242922"},
}


class _Echo(BaseHTTPRequestHandler):
    """A platform that refuses everything and says with what it was asked."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        asked = f"{self.path} {unquote(self.path)} {self.headers} {body}"
        error = {"message": asked, "code": 100, "type": asked}
        said = {"error": error, "description": asked, "message": asked, "code": 40002}
        told = json.dumps({**said, "detail": asked, "ok": False}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def echoing() -> Iterator[str]:
    """The address of such a platform."""
    served = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    served.daemon_threads = True
    thread = threading.Thread(
        target=served.serve_forever, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{served.server_port}"
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


@dataclass
class Planted:
    """Secrets by what they are of."""

    words: dict[str, str] = field(default_factory=dict)
    of_settings: set[str] = field(default_factory=set)
    """Those that a process has in hand when it opens an account or its settings."""

    def word(self, *of: str) -> str:
        """A new one."""
        name = "-".join(of)
        self.of_settings.add(name)
        return self.words.setdefault(name, f"kenari-{name}-rahasia".replace("_", "-"))

    def standing_in(self, text: str) -> list[str]:
        """Whose words stand there, however a program wrote them."""
        small = text.lower()
        return [name for name, word in self.words.items() if word.lower() in small]


def secret_fields(model: Any) -> list[str]:
    return [
        name
        for name, one in model.model_fields.items()
        if SecretStr.__name__ in str(one.annotation)
    ]


def environment(planted: Planted, platforms: str) -> Iterator[tuple[str, str]]:
    """Of an installation with every secret setting, whose platforms are all at one
    address."""
    planted.words["secret_key"] = key = Fernet.generate_key().decode()
    planted.of_settings.add("secret_key")
    yield "SAHUT_SECRET_KEY", key
    for name in secret_fields(Settings):
        if name != "secret_key":
            yield f"SAHUT_{name.upper()}", planted.word(name)
    for channel in connectors.BUILTIN:
        model: Any = connectors.load(channel).App
        prefix = f"SAHUT_{channel.upper()}"
        for name in secret_fields(model):
            yield f"{prefix}_{name.upper()}", planted.word(channel, name)
        for name, one in model.model_fields.items():
            if name.endswith("_url") and one.annotation is str:
                yield f"{prefix}_{name.upper()}", platforms
            elif name in ("app_id", "client_id"):
                yield f"{prefix}_{name.upper()}", "4711"


def accounts(
    planted: Planted, database: Database, vault: Vault, now: datetime, platforms: str
) -> Iterator[str]:
    """One of each channel with every credential it can have; their names."""
    for channel in connectors.BUILTIN:
        kind = connectors.load(channel)
        fields = kind.Account.model_fields
        chosen = {
            **{name: channel for name, one in fields.items() if one.is_required()},
            **{
                name: platforms
                for name in ("url", "server", "answers_url", "callback_url")
                if name in fields
            },
            **_NEEDED.get(channel, {}),
            **{one: planted.word(channel, one) for one in secret_fields(kind.Account)},
        }
        told = registry.parse_settings(channel, chosen)
        registry.register(
            database,
            vault,
            now,
            SYSTEM,
            channel=channel,
            agency="dishub",
            account_settings=told,
            identity=Identity(f"id-{channel}", f"akun-{channel}", channel.title()),
        )
        yield f"{channel}:akun-{channel}"


def kept(database: Database, but: Mapping[str, str]) -> str:
    """Everything that stands in the database, save the columns that `but` names."""
    with database.engine.connect() as connection:
        return "\n".join(
            f"{table.name}.{name}: {value!r}"
            for table in SQLModel.metadata.sorted_tables
            for row in connection.execute(table.select()).mappings()
            for name, value in row.items()
            if name not in but.get(table.name, "").split()
        )
