"""SiBadra, the city's own report system, over a contract of ours: it has no open
interface.

In: signed deliveries (webhook), or JSON files in a watched folder. Out: a signed call
to an address of SiBadra, or one JSON file an answer. docs/channels/sibadra.md is what
its makers read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from connectors._shared import folder as shared_folder
from connectors._shared import http
from connectors.base import (
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Identity,
    Json,
    Later,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Request,
    Sent,
    Settings,
)
from connectors.errors import BadItem, Refused, Untrusted
from connectors.sibadra import wire

SUFFIXES = (".json",)
_PLATFORM = "SiBadra"


class SibadraApp(Settings):
    """SiBadra needs nothing for the whole installation."""


class SibadraAccount(AccountSettings):
    handle: str = Field(title="Name of this connection", description="sibadra")
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        title="Secret that signs deliveries and answers",
        description="At least 32 random characters, the same on both sides",
    )
    folder: str = Field(default="", title="Folder watched for reports (JSON)")
    callback_url: str = Field(default="", title="Address of SiBadra that takes answers")
    export_folder: str = Field(
        default="", title="Folder for answers", description="Instead of the address"
    )
    photo_hosts: str = Field(
        default="",
        title="Hosts photographs may come from",
        description=(
            "With commas between them; photographs from elsewhere are not fetched"
        ),
    )


class Sibadra:
    label: ClassVar[str] = "SiBadra"
    hears: ClassVar[frozenset[Later]] = frozenset({"edit", "delete"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture"})
    App: ClassVar[type[Settings]] = SibadraApp
    Account: ClassVar[type[AccountSettings]] = SibadraAccount
    text_limit: ClassVar[int] = 5000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 60

    def __init__(
        self, app: SibadraApp, account: SibadraAccount, external_id: str | None = None
    ) -> None:
        self._account = account
        self._client = http.session()

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        account, warnings = self._account, []
        shared_folder.require_those_set(account.folder, account.export_folder)
        if len(account.webhook_secret.get_secret_value()) < 32:
            warnings.append(
                "The secret is shorter than 32 characters, so deliveries and answers"
                " could be forged; make a longer one and set it on both sides."
            )
        if not account.callback_url and not account.export_folder:
            warnings.append("Neither an address nor a folder takes answers.")
        return Identity(account.handle, account.handle, account.handle, tuple(warnings))

    @staticmethod
    def verify(
        app: SibadraApp, account: SibadraAccount | None, request: Request
    ) -> str | None:
        secret = account.webhook_secret.get_secret_value() if account else ""
        if not secret:
            raise Untrusted("no secret is set for deliveries of SiBadra")
        now = request.now or datetime.now(UTC)
        wire.verify(secret, request.headers, request.body, now)
        return None

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        return list(_items(request.body, "a delivery of SiBadra"))

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """One page a file that is new or changed."""
        files = cursor.get("files")
        known: dict[str, Any] = dict(files) if isinstance(files, dict) else {}
        if not self._account.folder:
            return
        known = shared_folder.present(self._account.folder, known, SUFFIXES)
        for found in shared_folder.new_files(self._account.folder, known, SUFFIXES):
            known[found.name] = found.digest
            yield Page(
                tuple(
                    shared_folder.items_or_reason(
                        found, self.read_bytes, wire.BROKEN, ""
                    )
                ),
                {"files": dict(known)},
                stream="folder",
            )

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return list(wire.raw_items(payload))

    @staticmethod
    def read_bytes(content: bytes, name: str) -> Iterable[RawItem]:
        return list(_items(content, name))

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(wire.messages_of(item))

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        """Only from hosts of the settings: a report must not make us call any
        address."""
        url = str(media.ref.get("url") or "")
        allowed = {
            host.strip().lower() for host in self._account.photo_hosts.split(",")
        }
        if urlsplit(url).netloc.lower() not in allowed - {""}:
            raise Refused(
                f"photographs from {urlsplit(url).hostname} are not fetched; add the"
                " host to photo_hosts if it is SiBadra's",
                code="host_not_allowed",
            )
        # the settings name the host, which may well be on the city's own network
        content, mime = http.download(
            self._client, url, platform=_PLATFORM, home=url, largest=largest
        )
        return File(content, mime)

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text)
        problem = "too_long" if length > cls.text_limit else None
        if reply.files:
            problem = "no_files"
        return Preview((reply.text,), length, cls.text_limit, False, problem)

    def send(self, reply: Reply) -> Sent:
        problem = self.preview(reply).problem
        report_id = str(reply.to.get("report_id") or "")
        if problem or not report_id:
            raise Refused(
                "this answer cannot be handed to SiBadra", code=problem or "refused"
            )
        body = json.dumps(
            {
                "id": report_id,
                "number": reply.number,
                "answer_id": reply.key,
                "text": reply.text,
                "status": "answered",
                "at": (reply.now or datetime.now(UTC)).isoformat(timespec="seconds"),
            },
            ensure_ascii=False,
        ).encode()
        if self._account.callback_url:
            return self._call(reply, body)
        if not self._account.export_folder:
            raise Refused(
                "set callback_url or export_folder, which take answers",
                code="not_set_up",
            )
        shared_folder.replace(self._file(reply.key), body)
        return Sent(reply.key)

    def _call(self, reply: Reply, body: bytes) -> Sent:
        response = http.request(
            self._client,
            "POST",
            self._account.callback_url,
            platform=_PLATFORM,
            sends=True,
            data=body,
            headers={
                **self._signed(body),
                "Content-Type": "application/json",
                "Idempotency-Key": reply.key,
            },
        )
        http.raise_for_status(response, _PLATFORM, sends=True)
        return Sent(reply.key)

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """The file, or what GET on the address says of our key."""
        if not self._account.callback_url:
            there = self._account.export_folder and self._file(reply.key).exists()
            return Sent(reply.key) if there else None
        response = http.request(
            self._client,
            "GET",
            self._account.callback_url,
            platform=_PLATFORM,
            params={"answer_id": reply.key},
            headers=self._signed(reply.key.encode()),
        )
        if response.status_code == 404:
            return None
        http.raise_for_status(response, _PLATFORM)
        return Sent(reply.key)

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(datetime.now(UTC).timestamp()))
        secret = self._account.webhook_secret.get_secret_value()
        return {
            "X-Sahut-Timestamp": timestamp,
            "X-Sahut-Signature": wire.signature(secret, timestamp, body),
        }

    def _file(self, key: str) -> Path:
        safe = "".join(each if each.isalnum() or each in "-_" else "-" for each in key)[
            :80
        ]
        return Path(self._account.export_folder) / f"jawaban-{safe}.json"


def _items(content: bytes, name: str) -> Iterator[RawItem]:
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadItem(f"{name} is no JSON") from error
    yield from wire.raw_items(payload)
