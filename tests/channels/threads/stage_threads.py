"""Threads for the contract suite: the account of Disdik, and Siti who mentions it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from resident import Resident

from connectors.base import Request
from connectors.threads import Threads, ThreadsAccount
from connectors.threads.login import ThreadsApp
from sandbox.serve import Sandbox
from sandbox.threads import APP_ID, APP_SECRET, PREFIX


class Stage(Resident):
    shape: ClassVar[Any] = {
        "data": [
            {
                "id": "18000000000000001",
                "text": "@disdik_kota pendaftaran kapan?",
                "username": "siti.r",
                "timestamp": "2026-03-02T06:00:00+0000",
                "permalink": "https://www.threads.net/@siti.r/post/a",
                "media_type": "CAROUSEL_ALBUM",
                "children": {"data": [{"id": "5", "media_type": "IMAGE"}]},
                "is_reply": True,
                "replied_to": {"id": "17"},
                "root_post": {"id": "17", "owner_id": "9"},
                "owner": {"id": "4"},
                "is_reply_owned_by_me": False,
                "hide_status": "NOT_HUSHED",
                "poll_attachment": {"option_a": "Ya"},
                "text_attachment": {"plaintext": "panjang"},
                "location": {"latitude": -6.59, "longitude": 106.79, "name": "Bogor"},
                "quoted_post": {"id": "16"},
                "gif_url": "https://media.example/a.gif",
            }
        ]
    }
    poll_endpoint: ClassVar[str | None] = "GET /:version/:id/mentions"
    send_endpoint: ClassVar[str | None] = "POST /:version/:id/threads_publish"
    page_size: ClassVar[int] = 100
    greeting: ClassVar[str] = "@disdik_kota "
    unable: ClassVar[frozenset[str]] = frozenset({"edit"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform: Any = sandbox.world.platform("threads")
        self.platform, self.threads = platform, platform.threads
        self.person = self.threads.add_person("disdik_kota", "Disdik")
        self.token = self.threads.add_token(self.person)
        self.deliveries = self.platform.hub

    def app(self) -> ThreadsApp:
        return ThreadsApp(
            base_url=self.sandbox.url + PREFIX,
            dialog_url=self.sandbox.url + PREFIX,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            verify_token="dicek-kota",
        )

    def account(self) -> ThreadsAccount:
        ends = datetime.fromtimestamp(self.token.ends, UTC)
        return ThreadsAccount(access_token=self.token.value, expires_at=ends)

    def deliver_to(self, connector: Any, callback_url: str) -> None:
        """Entered on the app's dashboard."""
        assert self.platform.hub.register(callback_url, "dicek-kota")

    def always(self) -> dict[str, Any]:
        return {"channel": "threads", "who": "siti.r"}

    def connect(self) -> Threads:
        return Threads(self.app(), self.account(), self.person.id)

    def say(self, text: str) -> str:
        return str(self.platform.say("siti.r", f"@disdik_kota {text}").id)

    def poison(self) -> None:
        self.threads.post("siti.r", "@disdik_kota tidak terbaca").broken = True

    def lock_out(self) -> None:
        self.sandbox.revoke(self.token.value)

    def say_ourselves(self, text: str) -> str:
        ours = self.threads.post("disdik_kota", "Pendaftaran dibuka")
        self.threads.post("siti.r", "Sampai kapan?", answers=ours.id)
        return str(self.threads.post("disdik_kota", text, answers=ours.id).id)

    def delivery(self, text: str) -> Request:
        said = self.platform.say("siti.r", f"@disdik_kota {text}")
        return self.request(self.platform.deliveries_of(said)[0])

    def unknown_delivery(self) -> Request:
        return self.request(
            {
                "app_id": APP_ID,
                "topic": "dreams",
                "target_id": "1",
                "time": 1_772_430_000,
                "values": {"value": {"id": "1"}, "field": "telepathy"},
            }
        )

    def request(self, body: dict[str, Any]) -> Request:
        content, headers = self.platform.hub.signed(body)
        return Request("POST", headers, {}, content)

    def challenge(self) -> tuple[Request, str]:
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "1158201444",
            "hub.verify_token": "dicek-kota",
        }
        return Request("GET", {}, query, b""), "1158201444"

    def answerable(self) -> dict[str, Any]:
        return {"media_id": self.say("Pendaftaran kapan?")}

    def refuse(self, to: dict[str, Any]) -> None:
        self.threads.delete(to["media_id"])

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("threads")]
