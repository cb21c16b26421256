"""Telegram as its users and bots see it: chats, messages, and one queue of updates for
each bot.

Source: core.telegram.org/bots/api, and the behaviour of the open Bot API server.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Sequence
from typing import Any

from sandbox.state import Core
from sandbox.telegram_business import Businesses
from sandbox.telegram_files import Files
from sandbox.telegram_types import (
    Bot,
    Chat,
    ChatType,
    Json,
    TelegramError,
    Update,
    person,
    visible_to,
)

DAY = 86_400
WEEK = 7 * DAY


class Telegram:
    """Residents speak through `say`, `album` and `edit`; bots through the methods in
    telegram.py.

    `flood` is (messages, seconds) by kind of chat and for the whole bot; None switches
    it off.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.bots: dict[str, Bot] = {}
        self.chats: dict[int, Chat] = {}
        self.files = Files(core)
        self.flood: dict[str, tuple[int, float] | None] = {
            "bot": (30, 1.0),
            "private": None,
            "group": (20, 60.0),
        }
        self.webhook_retry_seconds = 1.0
        self.business = Businesses(core.clock.now, self._enqueue_now)
        self._sends: dict[tuple[str, int], deque[float]] = {}

    # who is there

    def add_bot(
        self,
        token: str | None = None,
        *,
        username: str = "contoh_bot",
        name: str = "Contoh",
        reads_all_group_messages: bool = True,
    ) -> Bot:
        with self.core.lock:
            number = 7_000_000_000 + len(self.bots)
            token = (
                token
                or f"{number}:{hashlib.sha256(str(number).encode()).hexdigest()[:35]}"
            )
            first = self.core.random.randrange(100_000_000, 900_000_000)
            bot_id = int(token.split(":")[0])
            bot = Bot(token, bot_id, username, name, reads_all_group_messages, first)
            self.bots[token] = bot
            return bot

    def private_chat(self, token: str, who: str) -> int:
        """The id of `who`'s private chat with the bot, which is also the id of
        `who`."""
        with self.core.lock:
            user = person(who)
            chat = self.chats.get(user["id"])
            if chat is None:
                chat = self._add(Chat(user["id"], "private", who, None, {}))
            chat.members[token] = self.bots[token]
            return chat.id

    def add_group(
        self,
        title: str,
        tokens: Sequence[str],
        *,
        type: ChatType = "supergroup",
        username: str | None = None,
    ) -> int:
        with self.core.lock:
            prefix = -100_000_000_0000 if type != "group" else 0
            chat_id = prefix - 1_700_000 - len(self.chats)
            members = {token: self.bots[token] for token in tokens}
            return self._add(Chat(chat_id, type, title, username, members)).id

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        return chat

    def revoke(self, token: str) -> None:
        with self.core.lock:
            self.bots[token].revoked = True
            self.wake(self.bots[token])

    def block(self, token: str, chat_id: int) -> None:
        """The person blocked the bot, or the group removed it."""
        with self.core.lock:
            self.chats[chat_id].left_out.add(token)

    def migrate(self, chat_id: int) -> int:
        """A basic group becomes a supergroup with a new id."""
        with self.core.lock:
            old = self.chats[chat_id]
            old.migrated_to = self.add_group(old.title, list(old.members))
            moved = {"migrate_to_chat_id": old.migrated_to}
            self._deliver(
                old, self._message(old, "", person("Admin grup")) | moved, "message"
            )
            return old.migrated_to

    def open_topic(self, chat_id: int, name: str) -> int:
        """A topic of a supergroup that has topics; its id is that of the notice of its
        opening."""
        with self.core.lock:
            chat = self.chats[chat_id]
            chat.topics[chat.next_message_id] = name
            notice = self._message(chat, "", person("Admin grup"))
            notice |= {
                "forum_topic_created": {"name": name, "icon_color": 7322096},
                "message_thread_id": notice["message_id"],
                "is_topic_message": True,
            }
            self._deliver(chat, notice, "message")
            return int(notice["message_id"])

    # what residents do

    def say(
        self,
        chat_id: int,
        text: str,
        *,
        who: str = "Siti",
        photos: Sequence[str] = (),
        reply_to: int | None = None,
        forwarded_from: str | None = None,
        topic: int | None = None,
        extra: Json | None = None,
        kind: str | None = None,
    ) -> Json:
        """One message, with at most one file (see `album`). `extra` is merged into it
        as is."""
        with self.core.lock:
            chat = self.chats[chat_id]
            message = self._message(chat, text, person(who), photos)
            if topic is not None:
                message |= {"message_thread_id": topic, "is_topic_message": True}
                message["reply_to_message"] = chat.messages[topic]
            if reply_to is not None:
                message["reply_to_message"] = chat.messages[reply_to]
            if forwarded_from:
                message["forward_origin"] = {
                    "type": "user",
                    "sender_user": person(forwarded_from),
                    "date": message["date"],
                }
            message |= extra or {}
            kind = kind or ("channel_post" if chat.type == "channel" else "message")
            self._deliver(chat, message, kind)
            return message

    def album(
        self, chat_id: int, text: str, photos: Sequence[str], *, who: str = "Siti"
    ) -> list[Json]:
        """Several photos as Telegram tells them: one update each, the caption on the
        first."""
        with self.core.lock:
            group = str(13_000_000_000_000_000 + self.core.random.randrange(10**12))
            return [
                self.say(
                    chat_id,
                    text if i == 0 else "",
                    who=who,
                    photos=[photo],
                    extra={"media_group_id": group},
                )
                for i, photo in enumerate(photos)
            ]

    def edit(self, chat_id: int, message_id: int, text: str) -> Json:
        with self.core.lock:
            chat = self.chats[chat_id]
            message = dict(chat.messages[message_id])
            message["text" if "text" in message else "caption"] = text
            message["edit_date"] = int(self.core.clock.now())
            edited = (
                "edited_channel_post" if chat.type == "channel" else "edited_message"
            )
            self._deliver(chat, message, edited)
            return message

    def push(self, token: str, kind: str, body: Any) -> int:
        """Put any update into a bot's queue, however odd, and tell its id."""
        with self.core.lock:
            self._enqueue(self.bots[token], kind, body, self.core.clock.now())
            return self.bots[token].next_update_id - 1

    def _message(
        self, chat: Chat, text: str, author: Json, pictures: Sequence[str] = ()
    ) -> Json:
        message: Json = {
            "message_id": chat.next_message_id,
            "date": int(self.core.clock.now()),
            "chat": chat.as_json(),
        }
        if chat.type != "channel":
            message["from"] = author
        chat.next_message_id += 1
        if pictures:
            message |= self.files.shown(pictures[0])
        if text:
            message["caption" if pictures else "text"] = text
        return message

    def _deliver(self, chat: Chat, message: Json, kind: str) -> None:
        chat.messages[message["message_id"]] = message
        written = float(message.get("edit_date") or message["date"])
        for bot in chat.members.values():
            if bot.token not in chat.left_out and visible_to(bot, chat, message):
                self._enqueue(bot, kind, message, written)

    def _enqueue(self, bot: Bot, kind: str, body: Any, written: float) -> None:
        now = self.core.clock.now()
        if bot.revoked or not bot.wants(kind):
            return
        if bot.last_update_at and now - bot.last_update_at >= WEEK:
            bot.next_update_id = self.core.random.randrange(100_000_000, 900_000_000)
        bot.last_update_at = now
        bot.updates.append(Update(bot.next_update_id, kind, body, written + DAY))
        bot.next_update_id += 1
        self.wake(bot)

    def _enqueue_now(self, bot: Bot, kind: str, body: Json) -> None:
        with self.core.lock:
            self._enqueue(bot, kind, body, self.core.clock.now())

    def wake(self, bot: Bot) -> None:
        for loop, event in bot.waiting:
            loop.call_soon_threadsafe(event.set)

    def wake_all(self) -> None:
        with self.core.lock:
            for bot in self.bots.values():
                self.wake(bot)

    # what bots do

    def forget_old(self, bot: Bot) -> None:
        now = self.core.clock.now()
        if any(update.expires_at <= now for update in bot.updates):
            bot.updates = deque(u for u in bot.updates if u.expires_at > now)

    def confirm(self, bot: Bot, offset: int) -> None:
        """Everything below `offset` is gone for every poller; below zero: keep the last
        ones."""
        if offset < 0:
            bot.updates = deque(list(bot.updates)[offset:])
        while bot.updates and offset > 0 and bot.updates[0].id < offset:
            bot.updates.popleft()

    def pending(self, token: str) -> list[Update]:
        with self.core.lock:
            self.forget_old(self.bots[token])
            return list(self.bots[token].updates)

    def send(
        self,
        bot: Bot,
        chat_id: int | str,
        text: str,
        reply_to: int | None,
        *,
        must_reply: bool,
        topic: int | None = None,
        attached: Json | None = None,
    ) -> Json:
        """What the sending methods do once their parameters are read; `attached` is the
        file.

        TelegramError where Telegram refuses.
        """
        with self.core.lock:
            chat = self._reachable(bot, chat_id)
            _check_text(text, attached)
            if topic is not None and topic not in chat.topics:
                raise TelegramError(400, "Bad Request: message thread not found")
            answered = chat.messages.get(reply_to) if reply_to is not None else None
            if reply_to is not None and answered is None and must_reply:
                raise TelegramError(400, "Bad Request: message to be replied not found")
            self._hold_back(bot, chat)
            message = self._message(chat, "" if attached else text, bot.as_user())
            message |= attached or {}
            if attached and text:
                message["caption"] = text
            if topic is not None:
                message |= {"message_thread_id": topic, "is_topic_message": True}
            if answered is not None:
                message["reply_to_message"] = answered
            chat.messages[message["message_id"]] = message
            to = f"{chat.id}:{reply_to}" if answered else str(chat.id)
            sent_id = f"{chat.id}:{message['message_id']}"
            self.core.record("telegram", bot.username, to, text, sent_id)
            return message

    def send_for_business(
        self, bot: Bot, connection: str, chat_id: int, text: str
    ) -> Json:
        """The same in a chat of a business account."""
        with self.core.lock:
            _check_text(text, None)
            message, to = self.business.answer(bot, connection, chat_id, text)
            sent_id = f"{chat_id}:{message['message_id']}"
            self.core.record("telegram", bot.username, to, text, sent_id)
            return message

    def _reachable(self, bot: Bot, chat_id: int | str) -> Chat:
        chat = self._find(chat_id)
        if chat is None or bot.token not in chat.members:
            raise TelegramError(400, "Bad Request: chat not found")
        if chat.migrated_to is not None:
            told = "Bad Request: group chat was upgraded to a supergroup chat"
            raise TelegramError(400, told, migrate_to_chat_id=chat.migrated_to)
        if bot.token in chat.left_out:
            private = chat.type == "private"
            why = (
                "blocked by the user"
                if private
                else f"kicked from the {chat.type} chat"
            )
            raise TelegramError(403, f"Forbidden: bot was {why}")
        return chat

    def _find(self, chat_id: int | str) -> Chat | None:
        name = str(chat_id)
        if re.fullmatch(r"-?\d+", name):
            return self.chats.get(int(name))
        return next(
            (c for c in self.chats.values() if c.username and f"@{c.username}" == name),
            None,
        )

    def _hold_back(self, bot: Bot, chat: Chat) -> None:
        """Count this message against the limits; the wait it tells is when the oldest
        one ages."""
        now = self.core.clock.now()
        kind = "private" if chat.type == "private" else "group"
        windows = [(0, self.flood["bot"]), (chat.id, self.flood[kind])]
        for place, limit in windows:
            past = self._sends.setdefault((bot.token, place), deque())
            while limit and past and past[0] <= now - limit[1]:
                past.popleft()
            if limit and len(past) >= limit[0]:
                wait = max(1, int(past[0] + limit[1] - now) + 1)
                told = f"Too Many Requests: retry after {wait}"
                raise TelegramError(429, told, retry_after=wait)
        for place, limit in windows:
            if limit:
                self._sends[bot.token, place].append(now)


def _check_text(text: str, attached: Json | None) -> None:
    units = len(text.encode("utf-16-le")) // 2
    if attached is not None:
        if units > 1024:
            raise TelegramError(400, "Bad Request: message caption is too long")
        return
    if not text.strip():
        raise TelegramError(400, "Bad Request: message text is empty")
    if units > 4096:
        raise TelegramError(400, "Bad Request: message is too long")
