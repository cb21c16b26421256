"""TikTok for the contract suite: Disdik's account with one video, and Siti who
comments."""

from __future__ import annotations

from typing import Any, ClassVar

from resident import Resident

from connectors.base import Request
from connectors.tiktok import TikTok, TikTokAccount
from connectors.tiktok.api import TikTokApp
from sandbox.serve import Sandbox
from sandbox.tiktok import TikTokApi


class Stage(Resident):
    shape: ClassVar[Any] = {
        "code": 0,
        "message": "OK",
        "request_id": "r",
        "data": {
            "comments": [
                {
                    "comment_id": "7400000000000000011",
                    "video_id": "7400000000000000001",
                    "unique_identifier": "abc",
                    "username": "siti_bogor",
                    "display_name": "Siti",
                    "text": "atap kelas 3 bocor, kapan dibenerin?",
                    "create_time": "1772431200",
                    "likes": 4,
                    "replies": 1,
                    "owner": False,
                    "status": "PUBLIC",
                    "image_urls": ["https://p16.example/atap.jpg"],
                    "reply_list": [
                        {
                            "comment_id": "7400000000000000012",
                            "parent_comment_id": "7400000000000000011",
                            "video_id": "7400000000000000001",
                            "username": "disdik_demo",
                            "text": "SD mana kak?",
                            "create_time": "1772431300",
                            "owner": True,
                        }
                    ],
                }
            ],
            "cursor": 1,
            "has_more": False,
        },
    }
    poll_endpoint: ClassVar[str | None] = "GET business/comment/list/"
    send_endpoint: ClassVar[str | None] = "POST business/comment/reply/create/"
    page_size: ClassVar[int] = 30
    with_photo: ClassVar[dict[str, Any]] = {"direct": True}
    unable: ClassVar[frozenset[str]] = frozenset({"edit"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform = sandbox.world.platform("tiktok")
        assert isinstance(platform, TikTokApi)
        self.tiktok = platform
        self.office = platform.state.by_handle("disdik_demo")
        self.given = sandbox.accounts("tiktok")[0]
        self.deliveries = self.tiktok.postman

    def app(self) -> TikTokApp:
        return TikTokApp(**self.given["app"])

    def account(self) -> TikTokAccount:
        return TikTokAccount(**self.given["settings"])

    def always(self) -> dict[str, Any]:
        return {"channel": "tiktok", "who": "siti_bogor"}

    def connect(self) -> TikTok:
        return TikTok(self.app(), self.account(), self.office.id)

    def say(self, text: str) -> str:
        return self.tiktok.act({"who": "siti_bogor", "text": text})

    def say_ourselves(self, text: str) -> str:
        return self.tiktok.state.say(self.office, "disdik_demo", text, owner=True).id

    def poison(self) -> None:
        self.office.videos[-1].broken = True

    def lock_out(self) -> None:
        self.sandbox.revoke(self.given["settings"]["access_token"])

    def delivery(self, text: str) -> Request:
        content = self.tiktok.state.write(self.office, "siti_bogor", text, [])
        return self._sent(self.tiktok.delivery(self.office, "im_receive_msg", content))

    def unknown_delivery(self) -> Request:
        return self._sent(
            self.tiktok.delivery(self.office, "hologram.update", {"id": 1})
        )

    def stale_delivery(self) -> Request:
        request = self.delivery("Lampu jalan mati")
        self.sandbox.advance(-900)
        headers = self.tiktok.headers(request.body)
        self.sandbox.advance(900)
        return Request("POST", headers, {}, request.body)

    def _sent(self, body: bytes) -> Request:
        return Request("POST", self.tiktok.headers(body), {}, body)

    def answerable(self) -> dict[str, Any]:
        said = self.say("Atap kelas bocor")
        return {
            "video_id": self.office.videos[-1].id,
            "comment_id": said,
            "handle": "siti_bogor",
        }

    def refuse(self, to: dict[str, Any]) -> None:
        self.tiktok.state.comment(to["comment_id"]).gone = True

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("tiktok")]
