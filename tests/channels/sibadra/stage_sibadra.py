"""SiBadra for the contract suite: files, signed deliveries, an address for answers."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from resident import Resident

from connectors.base import Request
from connectors.sibadra import Sibadra, SibadraAccount, SibadraApp
from sandbox import sibadra
from sandbox.serve import Sandbox


class Stage(Resident):
    shape: ClassVar[Any] = {
        "reports": [
            {
                "id": "SB-000001",
                "created_at": "2026-03-02T13:00:00+07:00",
                "updated_at": "2026-03-02T13:05:00+07:00",
                "channel": "app",
                "topic": "Lampu jalan",
                "text": "Lampu mati",
                "photos": ["https://sibadra.example/foto/1.jpg"],
                "lat": -6.59,
                "lon": 106.79,
                "address": "Gg. Masjid",
                "reporter": {
                    "name": "Siti",
                    "phone": "081200001111",
                    "anonymous": False,
                },
                "confidential": True,
                "status": "new",
                "opd": "dishub",
            }
        ]
    }
    poll_endpoint: ClassVar[str | None] = None
    send_endpoint: ClassVar[str | None] = "POST /answers"
    page_size: ClassVar[int] = 1
    unable: ClassVar[frozenset[str]] = frozenset({"answer"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        system = sandbox.world.platform("sibadra")
        assert isinstance(system, sibadra.Sibadra)
        self.system = system

    def app(self) -> SibadraApp:
        return SibadraApp()

    def account(self) -> SibadraAccount:
        (known,) = self.system.accounts(self.sandbox.url)
        return SibadraAccount(**known["settings"])

    def always(self) -> dict[str, Any]:
        return {"channel": "sibadra", "who": "Siti Contoh"}

    def connect(self) -> Sibadra:
        return Sibadra(self.app(), self.account(), "sibadra-demo")

    def say(self, text: str) -> str:
        return self.system.act({"text": text, "who": "Siti Contoh"})

    def edit(self, native_id: str, text: str) -> None:
        self.sandbox.advance(60)
        self.system.act({"edit": native_id, "text": text})

    def remove(self, native_id: str) -> None:
        self.sandbox.advance(60)
        self.system.act({"delete": native_id})

    def poison(self) -> None:
        self.system.files.put("laporan-rusak.json", b'{"id": ')

    def _signed(self, payload: Any, at: float | None = None) -> Request:
        body = json.dumps(payload).encode()
        headers = {
            name.lower(): value for name, value in self.system.headers(body, at).items()
        }
        return Request("POST", headers, {}, body)

    def delivery(self, text: str) -> Request:
        return self._signed(self.system.report({"text": text, "who": "Siti Contoh"}))

    def unknown_delivery(self) -> Request:
        return self._signed({"survey": {"stars": 5}})

    def stale_delivery(self) -> Request:
        report = self.system.report({"text": "Lampu mati", "who": "Siti Contoh"})
        return self._signed(report, at=self.system.core.clock.now() - 301)

    def answerable(self) -> dict[str, Any]:
        return {"report_id": self.say("Lampu mati")}

    def refuse(self, to: dict[str, Any]) -> None:
        self.system.withdrawn.add(to["report_id"])

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("sibadra")]
