"""Bots, chats and updates of Telegram, and who gets to see what."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChatType = Literal["private", "group", "supergroup", "channel"]

NOT_BY_DEFAULT = frozenset(
    {"chat_member", "message_reaction", "message_reaction_count"}
)


class TelegramError(Exception):
    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass(frozen=True, slots=True)
class Update:
    id: int
    kind: str
    body: Json
    expires_at: float


@dataclass(slots=True)
class Webhook:
    url: str
    secret: str = ""
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass(slots=True)
class Bot:
    token: str
    id: int
    username: str
    name: str
    reads_all_group_messages: bool
    next_update_id: int
    revoked: bool = False
    updates: deque[Update] = field(default_factory=deque)
    allowed: frozenset[str] | None = None
    webhook: Webhook | None = None
    poll: int = 0
    last_update_at: float = 0.0
    waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(
        default_factory=list
    )

    def as_user(self) -> Json:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.name,
            "username": self.username,
        }

    def wants(self, kind: str) -> bool:
        return (
            kind in self.allowed
            if self.allowed is not None
            else kind not in NOT_BY_DEFAULT
        )


@dataclass(slots=True)
class Chat:
    id: int
    type: ChatType
    title: str
    username: str | None
    members: dict[str, Bot]
    next_message_id: int = 1
    messages: dict[int, Json] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    migrated_to: int | None = None
    topics: dict[int, str] = field(default_factory=dict)

    def as_json(self) -> Json:
        body: Json = {"id": self.id, "type": self.type}
        body["first_name" if self.type == "private" else "title"] = self.title
        body |= {"is_forum": True} if self.topics else {}
        return body | ({"username": self.username} if self.username else {})


def person(name: str) -> Json:
    number = 500_000_000 + int(hashlib.sha256(name.encode()).hexdigest()[:7], 16)
    username = re.sub(r"\W+", "_", name.lower())
    return {
        "id": number,
        "is_bot": False,
        "first_name": name,
        "username": username,
        "language_code": "id",
    }


def visible_to(bot: Bot, chat: Chat, message: Json) -> bool:
    """Privacy mode: in groups only commands, mentions of the bot and replies to it
    arrive."""
    if bot.reads_all_group_messages or chat.type in ("private", "channel"):
        return True
    text = message.get("text") or message.get("caption") or ""
    answers = message.get("reply_to_message", {}).get("from", {}).get("id") == bot.id
    return answers or text.startswith("/") or f"@{bot.username}".lower() in text.lower()
