"""SP4N-LAPOR! for the contract suite: exports in a folder, a file of follow-ups."""

from __future__ import annotations

import csv
from typing import Any, ClassVar

from resident import Resident

from connectors.lapor import Lapor, LaporAccount, LaporApp
from sandbox.lapor import LaporAdmin
from sandbox.serve import Sandbox


class Stage(Resident):
    shape: ClassVar[Any] = {
        "Tracking ID": "9100001",
        "Judul Laporan": "Lampu jalan",
        "Isi Laporan": "Lampu mati sejak kemarin",
        "Tanggal Laporan": "02/03/2026 13:00",
        "Nama Pelapor": "Siti Contoh",
        "Nomor Telepon": "081200001111",
        "Anonim": "tidak",
        "Rahasia": True,
        "Latitude": "-6,59",
        "Longitude": 106.79,
    }
    poll_endpoint: ClassVar[str | None] = None
    send_endpoint: ClassVar[str | None] = None
    page_size: ClassVar[int] = 1
    unable: ClassVar[frozenset[str]] = frozenset({"answer", "delete"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        admin = sandbox.world.platform("lapor")
        assert isinstance(admin, LaporAdmin)
        self.admin = admin

    def app(self) -> LaporApp:
        return LaporApp()

    def account(self) -> LaporAccount:
        return LaporAccount(
            handle="kota",
            folder=str(self.admin.exports.folder),
            export_folder=str(self.admin.follow_ups.folder),
        )

    def always(self) -> dict[str, Any]:
        return {"channel": "lapor", "who": "Siti Contoh"}

    def connect(self) -> Lapor:
        return Lapor(self.app(), self.account(), "kota")

    def say(self, text: str) -> str:
        self.admin.rows.clear()  # an export of what is new
        return self.admin.act({"text": text, "who": "Siti Contoh"})

    def edit(self, native_id: str, text: str) -> None:
        self.admin.act({"edit": native_id, "text": text})

    def poison(self) -> None:
        self.admin.exports.put("ekspor-rusak.csv", b"\x00\x01;;\nrusak")

    def answerable(self) -> dict[str, Any]:
        return {"tracking_id": self.say("Lampu mati")}

    def arrived(self) -> list[str]:
        texts = []
        for path in sorted(self.admin.follow_ups.folder.glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                texts += [row["Tindak Lanjut"] for row in csv.DictReader(file)]
        return texts
