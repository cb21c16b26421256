"""Instagram for the contract suite: Dishub's account, with one picture residents
comment on."""

from __future__ import annotations

from typing import Any, ClassVar

from metastage import ACCOUNT_ID, MetaStage

from connectors.base import Request
from connectors.instagram import Instagram, InstagramAccount, InstagramApp
from sandbox.serve import Sandbox


class Stage(MetaStage):
    shape: ClassVar[Any] = {
        "object": "instagram",
        "entry": [
            {
                "id": ACCOUNT_ID,
                "time": 1_772_000_000,
                "changes": [
                    {
                        "field": "comments",
                        "value": {
                            "id": "178001",
                            "text": "Lampu mati",
                            "from": {"id": "5001", "username": "siti_contoh"},
                            "media": {"id": "179001", "media_product_type": "FEED"},
                            "parent_id": "178000",
                        },
                    },
                    {
                        "field": "mentions",
                        "value": {"media_id": "179002", "comment_id": "178002"},
                    },
                ],
                "messaging": [
                    {
                        "sender": {"id": "5001"},
                        "recipient": {"id": ACCOUNT_ID},
                        "timestamp": 1_772_000_000_000,
                        "message": {
                            "mid": "m_9",
                            "reply_to": {
                                "story": {"id": "1", "url": "https://cdn.example/s"}
                            },
                            "attachments": [
                                {
                                    "type": "story_mention",
                                    "payload": {"url": "https://cdn.example"},
                                }
                            ],
                        },
                    }
                ],
            }
        ],
    }
    poll_endpoint: ClassVar[str | None] = "GET /:id/media"
    send_endpoint: ClassVar[str | None] = "POST /:id/replies"
    page_size: ClassVar[int] = 50
    with_photo: ClassVar[dict[str, Any]] = {"kind": "message"}
    unable: ClassVar[frozenset[str]] = frozenset({"edit"})

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.media = self.state.publish(self.instagram, "Uji emisi gratis Sabtu ini")

    def app(self) -> InstagramApp:
        url = f"{self.sandbox.url}/instagram"
        return InstagramApp(**self.app_values(), instagram_url=url)

    def account(self) -> InstagramAccount:
        return InstagramAccount(access_token=self.token.key)

    def always(self) -> dict[str, Any]:
        return {"channel": "instagram", "account": "dishub_kota"}

    def connect(self) -> Instagram:
        return Instagram(self.app(), self.account(), ACCOUNT_ID)

    def say(self, text: str) -> str:
        return self.state.remark(self.media, self.state.person("Siti Contoh"), text).id

    def poison(self) -> None:
        made = self.state.remark(self.media, self.state.person("Siti Contoh"), "")
        made.broken = True

    def say_ourselves(self, text: str) -> str:
        return self.state.remark(self.media, self.instagram, text).id

    def delivery(self, text: str) -> Request:
        made = self.state.remark(self.media, self.state.person("Siti Contoh"), text)
        value = {
            "id": made.id,
            "text": text,
            "from": {"id": "5001", "username": "siti_contoh"},
            "media": {"id": self.media.id},
        }
        return self._change("comments", value)

    def unknown_delivery(self) -> Request:
        return self._change("telepathy", {"media_id": self.media.id})

    def _change(self, field: str, value: dict[str, Any]) -> Request:
        entry = {"id": ACCOUNT_ID, "changes": [{"field": field, "value": value}]}
        return self.signed("instagram", entry)

    def answerable(self) -> dict[str, Any]:
        return {
            "comment_id": self.say("Lampu mati"),
            "media_id": self.media.id,
            "account_id": ACCOUNT_ID,
            "account_handle": "dishub_kota",
        }

    def refuse(self, to: dict[str, Any]) -> None:
        self.state.said.pop(to["comment_id"])

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("instagram")]
