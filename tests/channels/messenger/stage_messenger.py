"""Messenger for the contract suite: Dishub's page; everybody who writes is somebody
new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from metastage import PAGE_ID, MetaStage

from connectors._meta.page import PageApp
from connectors.base import Request
from connectors.messenger import Messenger, MessengerAccount


class Stage(MetaStage):
    shape: ClassVar[Any] = {
        "object": "page",
        "entry": [
            {
                "id": PAGE_ID,
                "time": 1_772_000_000_100,
                "messaging": [
                    {
                        "sender": {"id": "5001"},
                        "recipient": {"id": PAGE_ID},
                        "timestamp": 1_772_000_000_000,
                        "message": {
                            "mid": "m_1",
                            "text": "Lampu mati",
                            "reply_to": {"mid": "m_0"},
                            "attachments": [
                                {
                                    "type": "image",
                                    "payload": {"url": "https://cdn.example/1.jpg"},
                                },
                                {
                                    "type": "location",
                                    "payload": {
                                        "coordinates": {"lat": -6.5, "long": 106.7}
                                    },
                                },
                            ],
                        },
                    },
                    {
                        "sender": {"id": "5001"},
                        "delivery": {"mids": ["m_2"], "watermark": 1},
                    },
                    {
                        "sender": {"id": "5001"},
                        "reaction": {"mid": "m_2", "action": "react"},
                    },
                    {
                        "sender": {"id": "5001"},
                        "postback": {"title": "Lapor", "payload": "x"},
                    },
                ],
            }
        ],
    }
    poll_endpoint: ClassVar[str | None] = "GET /:id/conversations"
    send_endpoint: ClassVar[str | None] = "POST /:id/messages"
    page_size: ClassVar[int] = 25

    def app(self) -> PageApp:
        return PageApp(**self.app_values())

    def account(self) -> MessengerAccount:
        return MessengerAccount(access_token=self.token.key)

    def always(self) -> dict[str, Any]:
        return {"channel": "messenger", "account": "dishub.kota"}

    def connect(self) -> Messenger:
        return Messenger(self.app(), self.account(), PAGE_ID)

    def say(self, text: str) -> str:
        who = self.state.person(f"Warga {next(self.people)}")
        return self.state.write("messenger", PAGE_ID, who, text).id

    def poison(self) -> None:
        who = self.state.person(f"Warga {next(self.people)}")
        self.state.write("messenger", PAGE_ID, who, "").broken = True

    def say_ourselves(self, text: str) -> str:
        who = self.state.person("Siti Contoh")
        self.state.write("messenger", PAGE_ID, who, "Halo")
        return self.state.answer(self.state.talk("messenger", PAGE_ID, who), text).id

    def delivery(self, text: str) -> Request:
        return self._event(self.event(PAGE_ID, {"text": text}))

    def unknown_delivery(self) -> Request:
        event = self.event(PAGE_ID, {})
        event["telepathy"] = event.pop("message")
        return self._event(event)

    def _event(self, event: dict[str, Any]) -> Request:
        return self.signed("page", {"id": PAGE_ID, "messaging": [event]})

    def answerable(self) -> dict[str, Any]:
        who = self.state.person("Siti Contoh")
        said = self.state.write("messenger", PAGE_ID, who, "Lampu mati")
        at = datetime.fromtimestamp(said.at, UTC).isoformat()
        return {
            "recipient_id": who.id,
            "said_at": at,
            "account_id": PAGE_ID,
            "human_agent": False,
        }

    def late(self, to: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(to["said_at"]) + timedelta(hours=24, minutes=1)

    def refuse(self, to: dict[str, Any]) -> None:
        self.state.people[to["recipient_id"]].blocks_us = True

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("messenger")]
