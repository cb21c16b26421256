"""WhatsApp for the contract suite: the number of Dinkes, and Siti who writes to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from resident import Resident

from connectors.base import Request
from connectors.whatsapp import WhatsApp, WhatsAppAccount, WhatsAppApp
from sandbox.serve import Sandbox
from sandbox.whatsapp import APP_ID, APP_SECRET, PREFIX, VERIFY_TOKEN
from sandbox.whatsapp_people import phone_of

NUMBER_ID, BUSINESS_ID = "210000000000001", "310000000000001"


class Stage(Resident):
    shape: ClassVar[Any] = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": BUSINESS_ID,
                "changes": [
                    {
                        "field": "messages",
                        "value": {
                            "messaging_product": "whatsapp",
                            "metadata": {"phone_number_id": NUMBER_ID},
                            "contacts": [
                                {
                                    "profile": {"name": "Siti", "username": "@siti"},
                                    "wa_id": "628990001",
                                    "user_id": "ID.1001",
                                }
                            ],
                            "messages": [
                                {
                                    "from": "628990001",
                                    "from_user_id": "ID.1001",
                                    "id": "wamid.A",
                                    "timestamp": "1772430000",
                                    "type": "image",
                                    "context": {"id": "wamid.0", "forwarded": True},
                                    "referral": {"source_id": "9"},
                                    "group_id": "77@g.us",
                                    "image": {
                                        "id": "5",
                                        "caption": "Lubang",
                                        "sha256": "x",
                                        "mime_type": "image/jpeg",
                                    },
                                },
                                {
                                    "from": "628990001",
                                    "id": "wamid.B",
                                    "timestamp": "1772430001",
                                    "type": "location",
                                    "location": {
                                        "latitude": -6.59,
                                        "longitude": 106.79,
                                        "name": "Pasar Anyar",
                                    },
                                },
                                {
                                    "from": "628990001",
                                    "id": "wamid.C",
                                    "timestamp": "1772430002",
                                    "type": "edit",
                                    "edit": {
                                        "original_message_id": "wamid.A",
                                        "message": {
                                            "type": "text",
                                            "text": {"body": "Lubang besar"},
                                        },
                                    },
                                },
                                {
                                    "from": "628990001",
                                    "id": "wamid.D",
                                    "timestamp": "1772430003",
                                    "type": "contacts",
                                    "contacts": [
                                        {
                                            "name": {"formatted_name": "Pak RT"},
                                            "phones": [{"phone": "0899"}],
                                        }
                                    ],
                                },
                                {
                                    "from": "628990001",
                                    "id": "wamid.E",
                                    "timestamp": "1772430004",
                                    "type": "interactive",
                                    "interactive": {
                                        "type": "nfm_reply",
                                        "nfm_reply": {
                                            "body": "Terkirim",
                                            "response_json": "{}",
                                        },
                                    },
                                },
                                {
                                    "from": "628990001",
                                    "id": "wamid.F",
                                    "timestamp": "1772430005",
                                    "type": "system",
                                    "system": {
                                        "body": "x",
                                        "wa_id": "628990002",
                                        "type": "user_changed_number",
                                    },
                                },
                            ],
                            "statuses": [
                                {
                                    "id": "wamid.Z",
                                    "status": "failed",
                                    "timestamp": "1772430006",
                                    "recipient_id": "628990001",
                                    "errors": [
                                        {
                                            "code": 131026,
                                            "error_data": {"details": "Undeliverable"},
                                        }
                                    ],
                                }
                            ],
                        },
                    }
                ],
            }
        ],
    }
    poll_endpoint: ClassVar[str | None] = None
    send_endpoint: ClassVar[str | None] = "POST /:version/:id/messages"
    page_size: ClassVar[int] = 1

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform = sandbox.world.platform("whatsapp")
        self.whatsapp: Any = platform
        self.number = self.whatsapp.numbers[NUMBER_ID]
        self.deliveries = self.whatsapp.hub

    def app(self) -> WhatsAppApp:
        return WhatsAppApp(
            base_url=self.sandbox.url + PREFIX,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            verify_token=VERIFY_TOKEN,
        )

    def account(self, **changes: Any) -> WhatsAppAccount:
        return WhatsAppAccount(
            phone_number_id=NUMBER_ID,
            business_account_id=BUSINESS_ID,
            access_token=self.number.token,
            **changes,
        )

    def always(self) -> dict[str, Any]:
        return {"channel": "whatsapp", "who": "Siti", "to": self.number.agency}

    def connect(self, **changes: Any) -> WhatsApp:
        return WhatsApp(self.app(), self.account(**changes), NUMBER_ID)

    def delivery(self, text: str) -> Request:
        self.whatsapp.say(self.number, "Siti", text)
        return self.request(self.whatsapp.bodies[-1])

    def unknown_delivery(self) -> Request:
        return self.request(
            self.whatsapp.deliver(self.number, {"telepathy": [{"id": "1"}]})
        )

    def request(self, body: dict[str, Any]) -> Request:
        content, headers = self.whatsapp.hub.signed(body)
        assert json.loads(content) == body
        return Request("POST", headers, {}, content)

    def challenge(self) -> tuple[Request, str]:
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "1158201444",
            "hub.verify_token": VERIFY_TOKEN,
        }
        return Request("GET", {}, query, b""), "1158201444"

    def answerable(self) -> dict[str, Any]:
        said = self.whatsapp.say(self.number, "Siti", "Lampu mati")
        now = datetime.fromtimestamp(self.whatsapp.core.clock.now(), UTC)
        return {
            "message_id": said,
            "phone": phone_of("Siti"),
            "said_at": now.isoformat(),
        }

    def late(self, to: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(to["said_at"]) + timedelta(hours=24, minutes=1)

    def refuse(self, to: dict[str, Any]) -> None:
        self.whatsapp.unreachable.add(to["phone"])

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("whatsapp")]
