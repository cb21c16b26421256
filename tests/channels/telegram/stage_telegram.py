"""Telegram for the contract suite: one bot, Siti in a private chat with it."""

from __future__ import annotations

import itertools
import json
from typing import Any, ClassVar

from resident import Resident

from connectors.base import Request
from connectors.telegram import Telegram, TelegramAccount, TelegramApp
from sandbox.serve import Sandbox

SECRET = "kunci_webhook_1"


class Stage(Resident):
    shape: ClassVar[Any] = {
        "update_id": 7,
        "message": {
            "message_id": 1,
            "from": {"id": 5, "is_bot": False, "first_name": "Siti"},
            "chat": {"id": 5, "type": "private", "first_name": "Siti"},
            "date": 1_772_000_000,
            "caption": "Lubang di depan @dishub_bot",
            "caption_entities": [{"type": "mention", "offset": 16, "length": 11}],
            "photo": [
                {"file_id": "a", "file_unique_id": "b", "width": 90, "height": 67}
            ],
            "reply_to_message": {"message_id": 0, "chat": {"id": 5, "type": "private"}},
            "location": {"latitude": -6.59, "longitude": 106.79},
        },
    }
    poll_endpoint: ClassVar[str | None] = "getUpdates"
    send_endpoint: ClassVar[str | None] = "sendMessage"
    page_size: ClassVar[int] = 100
    unable: ClassVar[frozenset[str]] = frozenset({"delete"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.telegram = sandbox.telegram
        self.bot = self.telegram.add_bot(username="dishub_bot", name="Dishub")
        self.chat = self.telegram.private_chat(self.bot.token, "Siti")
        self._update_ids = itertools.count(900_000_000)

    def app(self) -> TelegramApp:
        return TelegramApp(base_url=self.sandbox.url)

    def account(self) -> TelegramAccount:
        return TelegramAccount(token=self.bot.token, webhook_secret=SECRET)

    def always(self) -> dict[str, Any]:
        return {"channel": "telegram", "chat": self.chat, "who": "Siti"}

    def connect(self) -> Telegram:
        return Telegram(self.app(), self.account(), str(self.bot.id))

    def say(self, text: str) -> str:
        return self._native_id(self.telegram.say(self.chat, text))

    def poison(self) -> None:
        self.telegram.push(self.bot.token, "message", {"message_id": "not a number"})

    def lock_out(self) -> None:
        self.sandbox.revoke(self.bot.token)

    def edit(self, native_id: str, text: str) -> None:
        self.telegram.edit(self.chat, int(native_id.rpartition(":")[2]), text)

    def delivery(self, text: str) -> Request:
        self.telegram.say(self.chat, text)
        update = self.telegram.pending(self.bot.token)[-1]
        return self._request({"update_id": update.id, update.kind: update.body})

    def unknown_delivery(self) -> Request:
        return self._request(
            {"update_id": next(self._update_ids), "telepathy": {"id": 1}}
        )

    def answerable(self) -> dict[str, Any]:
        said = self.telegram.say(self.chat, "Lampu mati")
        return {"chat_id": str(self.chat), "message_id": said["message_id"]}

    def refuse(self, to: dict[str, Any]) -> None:
        self.telegram.block(self.bot.token, int(to["chat_id"]))

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("telegram")]

    def _native_id(self, said: dict[str, Any]) -> str:
        return f"{self.chat}:{said['message_id']}"

    def _request(self, update: dict[str, Any]) -> Request:
        headers = {
            "x-telegram-bot-api-secret-token": SECRET,
            "content-type": "application/json",
        }
        return Request("POST", headers, {}, json.dumps(update).encode())
