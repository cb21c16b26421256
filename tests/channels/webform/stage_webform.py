"""The web form for the contract suite: nothing is fetched, answers go to the city's
site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from cityhall import CityHall
from resident import Resident

from connectors.webform import WebForm, WebFormAccount, WebFormApp
from sandbox.browser import fill_in
from sandbox.serve import Sandbox

TOKEN = "stage-answers-token"


class Stage(Resident):
    shape: ClassVar[Any] = {
        "submission_id": "s-1",
        "created_at": "2026-03-02T06:00:00+00:00",
        "name": "Siti",
        "contact": "0812 0000 1111",
        "text": "Lampu mati",
        "place": "Gg. Masjid, Babakan Pasar",
        "lat": -6.59,
        "lon": 106.79,
        "anonymous": False,
        "media": [{"sha256": "0" * 64, "mime": "image/jpeg"}],
    }
    poll_endpoint: ClassVar[str | None] = None
    send_endpoint: ClassVar[str | None] = "POST /web/answers"
    page_size: ClassVar[int] = 1
    unable: ClassVar[frozenset[str]] = frozenset({"answer", "edit", "delete"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        sandbox.answers.add_account("situs", TOKEN)

    def app(self) -> WebFormApp:
        return WebFormApp()

    def account(self) -> WebFormAccount:
        return WebFormAccount(
            handle="situs",
            answers_url=f"{self.sandbox.url}/web/answers",
            answers_token=TOKEN,
        )

    def settle_in(self, city: CityHall, serve: Callable[[], str]) -> None:
        self.form = f"{serve()}/lapor/situs"

    def write(
        self, text: str, *, to: str | None = None, photo: str | None = None
    ) -> str:
        assert fill_in(self.form, {"text": text, "photo": photo}) == 200
        return ""

    def connect(self) -> WebForm:
        return WebForm(self.app(), self.account(), "situs")

    def answerable(self) -> dict[str, Any]:
        return {"submission_id": "s-1", "contact": "+6281200001111"}

    def refuse(self, to: dict[str, Any]) -> None:
        self.sandbox.answers.refused.add(to["contact"])

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("webform")]
