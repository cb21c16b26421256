"""SP4N-LAPOR!: the export of its administration page in, a file of follow-ups out.

There is no open interface: access is granted to an office by the LAPOR! team. So
reports come as files (CSV, XLSX, JSON) from a watched folder or by import, and answers
are appended to a CSV file in the same columns, for the operator to enter. Where an
office has been given addresses and a key, `list_url` and `reply_url` switch an adapter
on; what they answer is read like a file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr

from connectors._shared import folder as shared_folder
from connectors._shared import http, table
from connectors.base import (
    AccountSettings,
    Cursor,
    FileKind,
    Identity,
    Json,
    Later,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Sent,
    Settings,
)
from connectors.errors import BadItem, Refused, TryLater, Unknown
from connectors.lapor import wire

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".xls")
_PAGE_ROWS = 200
_KEY_HEADING = "Kunci Sahut"
_PLATFORM = "LAPOR!"


class LaporApp(Settings):
    list_url: str = Field(
        default="",
        title="Address that lists reports",
        description="Only where the LAPOR! team has given one; empty: files alone",
    )
    reply_url: str = Field(
        default="",
        title="Address that takes follow-ups",
        description="Only where the LAPOR! team has given one; empty: a file",
    )
    token_parameter: str = Field(
        default="KEYTOKEN", title="Parameter the key is sent in"
    )


class LaporAccount(AccountSettings):
    handle: str = Field(title="Name of the office at LAPOR!")
    folder: str = Field(default="", title="Folder watched for exports")
    export_folder: str = Field(default="", title="Folder for the file of follow-ups")
    api_token: SecretStr = Field(
        default=SecretStr(""), title="Key given by the LAPOR! team"
    )


class Lapor:
    label: ClassVar[str] = "SP4N-LAPOR!"
    hears: ClassVar[frozenset[Later]] = frozenset({"edit"})
    carries: ClassVar[frozenset[FileKind]] = frozenset()
    App: ClassVar[type[Settings]] = LaporApp
    Account: ClassVar[type[AccountSettings]] = LaporAccount
    text_limit: ClassVar[int] = 5000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 600

    def __init__(
        self, app: LaporApp, account: LaporAccount, external_id: str | None = None
    ) -> None:
        self._app = app
        self._account = account
        self._client = http.session()

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        account, warnings = self._account, []
        shared_folder.require_those_set(account.folder, account.export_folder)
        if not account.folder and not self._app.list_url:
            warnings.append(
                "No folder is watched, so exports must be imported by hand."
            )
        if not account.export_folder and not self._app.reply_url:
            warnings.append(
                "No folder for follow-ups is set, so answers cannot be handed on."
            )
        return Identity(account.handle, account.handle, account.handle, tuple(warnings))

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """One page a file, or several for a long one; `read` counts its rows that are
        stored."""
        files = cursor.get("files")
        known: dict[str, Any] = dict(files) if isinstance(files, dict) else {}
        if self._account.folder:
            known = shared_folder.present(self._account.folder, known, SUFFIXES)
            for found in shared_folder.new_files(self._account.folder, known, SUFFIXES):
                begun = cursor.get("begun") or {}
                same = (
                    begun.get("name") == found.name
                    and begun.get("digest") == found.digest
                )
                yield from self._pages(
                    found, known, int(begun.get("read", 0)) if same else 0
                )
        if self._app.list_url:
            yield Page(tuple(self._listed()), {"files": dict(known)}, stream="api")

    def _pages(
        self, found: shared_folder.Found, known: dict[str, Any], read: int
    ) -> Iterator[Page]:
        items = shared_folder.items_or_reason(
            found, self.read_bytes, wire.BROKEN, "; export a shorter period"
        )
        while len(items) - read > _PAGE_ROWS:
            part = items[read : read + _PAGE_ROWS]
            read += _PAGE_ROWS
            begun = {"name": found.name, "digest": found.digest, "read": read}
            yield Page(
                tuple(part), {"files": dict(known), "begun": begun}, stream="folder"
            )
        known[found.name] = found.digest
        yield Page(tuple(items[read:]), {"files": dict(known)}, stream="folder")

    def _listed(self) -> list[RawItem]:
        response = http.request(
            self._client,
            "POST",
            self._app.list_url,
            platform=_PLATFORM,
            data={
                self._app.token_parameter: self._account.api_token.get_secret_value()
            },
        )
        http.raise_for_status(response, _PLATFORM)
        try:
            return list(self.read_file(http.decoded(response, _PLATFORM)))
        except BadItem as error:
            raise TryLater(
                f"{_PLATFORM} answered something else than reports: {error}"
            ) from error

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        """A list of reports, an object around one, one report, or an item as stored."""
        known = wire.columns()
        for line, row in enumerate(table.listed(payload), start=1):
            if isinstance(row, dict) and isinstance(row.get("row"), dict):
                yield RawItem(f"stored:{line}", wire.KIND, row)
            elif isinstance(row, dict):
                yield wire.raw_item(table.texts(row), known, "json", line)
            else:
                yield RawItem(f"malformed:{line}", wire.KIND, row)

    @staticmethod
    def read_bytes(content: bytes, name: str) -> Iterable[RawItem]:
        known = wire.columns()
        for line, row in table.rows_of(content, name, known.is_heading):
            yield wire.raw_item(row, known, name, line)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(wire.messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text)
        problem = "too_long" if length > cls.text_limit else None
        if reply.files:
            problem = "no_files"
        return Preview(
            (reply.text,), length, cls.text_limit, True, problem, ("by_file",)
        )

    def send(self, reply: Reply) -> Sent:
        """Once for each key: what is there already is not repeated."""
        problem = self.preview(reply).problem
        tracking = str(reply.to.get("tracking_id") or "")
        if problem or not tracking:
            raise Refused(
                "this answer cannot be handed to LAPOR!", code=problem or "refused"
            )
        if self._app.reply_url:
            return self._post(reply, tracking)
        if not self._account.export_folder:
            raise Refused(
                "set export_folder, where follow-ups are written", code="not_set_up"
            )
        return self._append(reply, tracking)

    def _post(self, reply: Reply, tracking: str) -> Sent:
        token = self._account.api_token.get_secret_value()
        response = http.request(
            self._client,
            "POST",
            self._app.reply_url,
            platform=_PLATFORM,
            sends=True,
            data={
                self._app.token_parameter: token,
                "trackingid": tracking,
                "text": reply.text,
            },
        )
        http.raise_for_status(response, _PLATFORM, sends=True)
        answer = http.decoded(response, _PLATFORM, sends=True)
        if not isinstance(answer, dict):
            raise Unknown(f"{_PLATFORM} confirmed without saying what")
        told = answer.get("transaksiid") or answer.get("id") or reply.key
        return Sent(str(told), wire.PERMALINK + tracking)

    def _append(self, reply: Reply, tracking: str) -> Sent:
        known = wire.columns()
        now = (reply.now or datetime.now(UTC)).astimezone(ZoneInfo(known.time_zone))
        path = Path(self._account.export_folder) / f"tindak-lanjut-{now:%Y-%m-%d}.csv"
        with shared_folder.alone(self._account.export_folder):
            if self._written(reply.key) is None:
                before = (
                    path.read_bytes()
                    if path.exists()
                    else _line(_headings(known), bom=True)
                )
                row = [
                    tracking,
                    reply.text,
                    f"{now:%d/%m/%Y %H:%M}",
                    reply.number,
                    reply.key,
                ]
                shared_folder.replace(path, before + _line(row))
        return Sent(reply.key, wire.PERMALINK + tracking)

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        if not self._account.export_folder or self._app.reply_url:
            return None
        found = self._written(reply.key)
        return Sent(reply.key, wire.PERMALINK + found) if found else None

    def _written(self, key: str) -> str | None:
        """The tracking id a key was written for, in any file of follow-ups that is
        still here."""
        for path in sorted(
            Path(self._account.export_folder).glob("tindak-lanjut-*.csv")
        ):
            try:
                lines = csv.reader(
                    io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")
                )
                for cells in lines:
                    if cells and cells[-1] == key:
                        return cells[0]
            except FileNotFoundError:
                continue  # taken away since it was listed
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                raise TryLater(
                    f"{path.name} cannot be read ({type(error).__name__})"
                ) from None
        return None


def _headings(known: wire.Columns) -> list[str]:
    names = ("id", "follow_up", "follow_up_at")
    own = [
        known.headings[name][0] if known.headings.get(name) else name for name in names
    ]
    return [*own, "Nomor Sahut", _KEY_HEADING]


def _line(cells: list[str], *, bom: bool = False) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([_no_formula(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def _no_formula(cell: str) -> str:
    """A spreadsheet would carry out what begins like a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
