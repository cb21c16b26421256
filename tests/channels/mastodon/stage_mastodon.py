"""Mastodon for the contract suite: DLH's account, and Siti who mentions it."""

from __future__ import annotations

from typing import Any, ClassVar

from resident import Resident

from connectors.mastodon import Mastodon, MastodonAccount, MastodonApp
from sandbox.mastodon import PREFIX, MastodonServer
from sandbox.serve import Sandbox

TOKEN = "demo-mastodon-dlh_demo"


class Stage(Resident):
    shape: ClassVar[Any] = [
        {
            "id": "31",
            "type": "mention",
            "created_at": "2026-03-02T06:00:00.512Z",
            "account": {
                "id": "9",
                "username": "siti",
                "acct": "siti@warga.example",
                "display_name": "Siti",
            },
            "status": {
                "id": "115000000000000001",
                "created_at": "2026-03-02T06:00:00.000Z",
                "in_reply_to_id": "114",
                "visibility": "public",
                "language": "id",
                "url": "https://warga.example/@siti/115000000000000001",
                "edited_at": "2026-03-02T06:05:00.000Z",
                "spoiler_text": "",
                "content": "<p>@<span>dlh_demo</span> sampah numpuk<br>di Empang</p>",
                "reblog": None,
                "account": {
                    "id": "9",
                    "username": "siti",
                    "acct": "siti@warga.example",
                    "display_name": "Siti",
                },
                "mentions": [{"id": "4", "username": "dlh_demo", "acct": "dlh_demo"}],
                "media_attachments": [
                    {
                        "id": "5",
                        "type": "image",
                        "url": "https://m.example/5",
                        "description": "tumpukan",
                    }
                ],
                "quote": {"state": "accepted", "quoted_status": {"id": "113"}},
                "poll": {"options": [{"title": "ya"}]},
            },
        }
    ]
    poll_endpoint: ClassVar[str | None] = "GET /api/v1/notifications"
    send_endpoint: ClassVar[str | None] = "POST /api/v1/statuses"
    page_size: ClassVar[int] = 40
    greeting: ClassVar[str] = "@dlh_demo "

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform = sandbox.world.platform("mastodon")
        assert isinstance(platform, MastodonServer)
        self.server = platform
        self.office = platform.state.by_name("dlh_demo")

    def app(self) -> MastodonApp:
        return MastodonApp(base_url=self.sandbox.url + PREFIX)

    def account(self) -> MastodonAccount:
        return MastodonAccount(access_token=TOKEN)

    def always(self) -> dict[str, Any]:
        return {"channel": "mastodon", "who": "siti"}

    def connect(self) -> Mastodon:
        return Mastodon(self.app(), self.account(), self.office.id)

    def say(self, text: str) -> str:
        return self.server.act({"who": "siti", "text": f"@dlh_demo {text}"})

    def poison(self) -> None:
        self.server.state.poison(self.office)

    def lock_out(self) -> None:
        self.sandbox.revoke(TOKEN)

    def edit(self, native_id: str, text: str) -> None:
        self.server.act({"edit": native_id, "text": f"@dlh_demo {text}"})

    def remove(self, native_id: str) -> None:
        self.server.act({"delete": native_id})

    def answerable(self) -> dict[str, Any]:
        said = self.say("Sampah belum diangkut di Empang")
        return {
            "status_id": said,
            "visibility": "public",
            "acct": "siti",
            "others": ["dlh_demo"],
        }

    def refuse(self, to: dict[str, Any]) -> None:
        self.server.state.by_name("siti").blocks.add(self.office.id)

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("mastodon")]
