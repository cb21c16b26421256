"""Business accounts of Telegram: a bot reads and answers in the private chats of its
owner.

Source: core.telegram.org/bots/api (BusinessConnection). Messages are numbered in the
owner's account, and a chat can be answered for 24 hours after the customer's last
message.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.telegram_types import Bot, Chat, Json, TelegramError, person

ANSWER_SECONDS = 86_400


@dataclass(slots=True)
class Business:
    """`last_heard`: when each customer last wrote, in epoch seconds."""

    id: str
    bot: Bot
    owner: Json
    chats: dict[int, Chat] = field(default_factory=dict)
    last_heard: dict[int, float] = field(default_factory=dict)


class Businesses:
    """`enqueue(bot, kind, body)` puts an update into the queue of a bot."""

    def __init__(
        self, now: Callable[[], float], enqueue: Callable[[Bot, str, Json], None]
    ) -> None:
        self._now, self._enqueue = now, enqueue
        self._known: dict[str, Business] = {}
        self._numbers = itertools.count(1)

    def connect(self, bot: Bot, owner: str) -> str:
        """The owner of a business account lets the bot into its chats; the connection's
        id."""
        made = Business(f"usaha{next(self._numbers)}", bot, person(owner))
        self._known[made.id] = made
        self._enqueue(
            bot,
            "business_connection",
            {
                "id": made.id,
                "user": made.owner,
                "user_chat_id": made.owner["id"],
                "date": int(self._now()),
                "is_enabled": True,
                "rights": {"can_reply": True},
            },
        )
        return made.id

    def say(
        self, connection: str, who: str, text: str, *, as_owner: bool = False
    ) -> Json:
        """`who` writes to the business, or its owner to `who`."""
        business = self._known[connection]
        chat = self._chat(business, who)
        message = self._message(
            business, chat, business.owner if as_owner else person(who), text
        )
        if not as_owner:
            business.last_heard[chat.id] = self._now()
        self._enqueue(business.bot, "business_message", message)
        return message

    def delete(self, connection: str, who: str, message_ids: list[int]) -> None:
        business = self._known[connection]
        chat = self._chat(business, who)
        self._enqueue(
            business.bot,
            "deleted_business_messages",
            {
                "business_connection_id": connection,
                "chat": chat.as_json(),
                "message_ids": message_ids,
            },
        )

    def answer(
        self, bot: Bot, connection: str, chat_id: int, text: str
    ) -> tuple[Json, str]:
        """What a method with `business_connection_id` does: the message, and who it
        went to."""
        business = self._known.get(connection)
        if business is None or business.bot is not bot:
            raise TelegramError(400, "Bad Request: BUSINESS_CONNECTION_INVALID")
        chat = business.chats.get(chat_id)
        if (
            chat is None
            or self._now() > business.last_heard.get(chat_id, 0) + ANSWER_SECONDS
        ):
            raise TelegramError(400, "Bad Request: BUSINESS_PEER_USAGE_MISSING")
        message = self._message(business, chat, business.owner, text)
        message["sender_business_bot"] = bot.as_user()
        return message, f"{chat_id}"

    def _chat(self, business: Business, who: str) -> Chat:
        customer = person(who)
        return business.chats.setdefault(
            customer["id"], Chat(customer["id"], "private", who, None, {})
        )

    def _message(self, business: Business, chat: Chat, author: Json, text: str) -> Json:
        number = sum(len(known.messages) for known in business.chats.values()) + 1
        message: Json = {
            "message_id": number,
            "date": int(self._now()),
            "chat": chat.as_json(),
            "from": author,
            "text": text,
            "business_connection_id": business.id,
        }
        chat.messages[number] = message
        return message
