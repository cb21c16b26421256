"""SP4N-LAPOR!: an administrator who exports reports, and the addresses an office may be
given.

There is no published interface. The columns are those an office sees on its
administration page; the two addresses take the key as a form field, as users of the
service describe them (2026).
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox.drop import Drop
from sandbox.platform import Event
from sandbox.rest import endpoint_of
from sandbox.state import Core

PREFIX = "/lapor-admin"
KEY = "demo-kunci-lapor-tidak-membuka-apa-apa"
ENDPOINTS = ("POST /list", "POST /follow-up")
HEADINGS = (
    "Tracking ID",
    "Judul Laporan",
    "Isi Laporan",
    "Tanggal Laporan",
    "Nama Pelapor",
    "Nomor Telepon",
    "Anonim",
    "Rahasia",
    "Klasifikasi Laporan",
    "Status Laporan",
    "Lokasi Kejadian",
    "Tindak Lanjut",
    "Tanggal Tindak Lanjut",
)
_WIB = timezone(timedelta(hours=7))
Row = dict[str, str]


class LaporAdmin:
    """`keys` are the keys that work; `closed` are tracking ids that take no
    follow-up."""

    channels: ClassVar[tuple[str, ...]] = ("lapor",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.exports, self.follow_ups = Drop(), Drop()
        self.rows: dict[str, Row] = {}
        self.keys = {KEY}
        self.closed: set[str] = set()
        self._names: dict[str, str] = {}
        self._numbers = itertools.count(9_100_001)
        self._files = itertools.count(1)

    def populate(self) -> None:
        """The account of the demonstration needs nothing here."""

    def accounts(self, here: str) -> list[dict[str, Any]]:
        settings = {
            "handle": "kota-bogor-demo",
            "folder": str(self.exports.folder),
            "export_folder": str(self.follow_ups.folder),
        }
        return [
            {
                "channel": "lapor",
                "handle": "kota-bogor-demo",
                "agency": "diskominfo",
                "settings": settings,
                "app": {},
            }
        ]

    def act(self, event: Event) -> str:
        """`who`, `text`, `place`, `title`, `anonymous`, `confidential`; or `edit` and
        `text`. The administrator exports after every change: today's reports, the old
        ones among them."""
        if "edit" in event:
            tracking = self._names.get(event["edit"], event["edit"])
            if tracking not in self.rows:
                raise ValueError(f"there is no report {tracking!r}")
            self.rows[tracking]["Isi Laporan"] = str(event.get("text", ""))
        else:
            tracking = str(next(self._numbers))
            self.rows[tracking] = self._row(tracking, event)
            if "as" in event:
                self._names[event["as"]] = tracking
        self._export()
        return tracking

    def _row(self, tracking: str, event: Event) -> Row:
        at = datetime.fromtimestamp(self.core.clock.now(), UTC).astimezone(_WIB)
        said = {
            "Tracking ID": tracking,
            "Judul Laporan": str(event.get("title", "Laporan warga")),
            "Isi Laporan": str(event.get("text", "")),
            "Tanggal Laporan": f"{at:%d/%m/%Y %H:%M}",
            "Nama Pelapor": str(event.get("who", "")),
            "Anonim": "Ya" if event.get("anonymous") else "Tidak",
            "Rahasia": "Ya" if event.get("confidential") else "Tidak",
            "Klasifikasi Laporan": "Pengaduan",
            "Status Laporan": "Belum Ditindaklanjuti",
            "Lokasi Kejadian": str(event.get("place", "")),
        }
        return {heading: said.get(heading, "") for heading in HEADINGS}

    def _export(self) -> None:
        out = io.StringIO(newline="")
        lines = csv.DictWriter(out, HEADINGS, delimiter=";")
        lines.writeheader()
        lines.writerows(self.rows.values())
        self.exports.put(
            f"ekspor-{next(self._files):05d}.csv", out.getvalue().encode("utf-8-sig")
        )

    def revoke(self, token: str) -> None:
        self.keys.remove(token)

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS, PREFIX)
        return (None, endpoint) if endpoint else None

    def routes(self) -> list[Route]:
        return [
            self._route("/list", self._list),
            self._route("/follow-up", self._follow_up),
        ]

    def _route(self, path: str, handler: Callable[[FormData], Response]) -> Route:
        async def answer(request: Request) -> Response:
            form = await request.form()
            with self.core.lock:
                if form.get("KEYTOKEN") not in self.keys:
                    return JSONResponse(
                        {"status": "error", "message": "token salah"}, 401
                    )
                return handler(form)

        return Route(PREFIX + path, answer, methods=["POST"])

    def _list(self, form: FormData) -> Response:
        return JSONResponse({"results": {"data": list(self.rows.values())}})

    def _follow_up(self, form: FormData) -> Response:
        tracking, text = str(form.get("trackingid", "")), str(form.get("text", ""))
        if tracking not in self.rows or tracking in self.closed:
            return JSONResponse(
                {"status": "error", "message": "laporan tidak ada"}, 422
            )
        made = f"tl-{tracking}-{len(self.core.sent) + 1}"
        self.core.record("lapor", "kota-bogor-demo", tracking, text, made)
        return JSONResponse({"transaksiid": made})
