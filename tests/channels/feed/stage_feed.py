"""A newspaper's feed for the contract suite."""

from __future__ import annotations

from typing import Any, ClassVar

from resident import Resident

from connectors.feed import Feed, FeedAccount, FeedApp
from sandbox.feed import Entry, Publishers
from sandbox.serve import Sandbox


class Stage(Resident):
    shape: ClassVar[Any] = {
        "address": "https://kabar.example/feed",
        "title": "Kabar Warga",
        "author": "Redaksi",
        "link": "https://kabar.example/",
        "entry": "<item><title>Lampu mati</title><link>/berita/1</link>"
        "<pubDate>Mon, 02 Mar 2026 13:00:00 +0700</pubDate></item>",
    }
    poll_endpoint: ClassVar[str | None] = "GET /rss.xml"
    send_endpoint: ClassVar[str | None] = None
    page_size: ClassVar[int] = 50
    unable: ClassVar[frozenset[str]] = frozenset({"answer", "delete"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        press = sandbox.world.platform("feed")
        assert isinstance(press, Publishers)
        self.press = press

    def app(self) -> FeedApp:
        return FeedApp(base_url=self.sandbox.url)

    def account(self) -> FeedAccount:
        return FeedAccount(url=f"{self.sandbox.url}/feed/rss.xml")

    def always(self) -> dict[str, Any]:
        return {"channel": "feed", "who": "Siti Contoh"}

    def connect(self) -> Feed:
        url = self.account().url
        return Feed(self.app(), self.account(), url)

    def say(self, text: str) -> str:
        return self.press.act({"who": "Siti Contoh", "text": text})

    def edit(self, native_id: str, text: str) -> None:
        self.press.act({"edit": native_id, "text": text})

    def poison(self) -> None:
        empty = Entry("kosong", "", "", "", 0.0, 0.0, markup="<item></item>")
        self.press.entries[empty.id] = empty
