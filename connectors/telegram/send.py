"""Answers on Telegram through python-telegram-bot: texts in parts, photos, documents,
albums.

Source: core.telegram.org/bots/api (Bot API 10), 2026. Several requests make one answer,
so an answer that failed after its first message is out is `Unknown`, never tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from telegram import (
    Bot,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
    ReplyParameters,
)
from telegram import error as ptb
from telegram.request import HTTPXRequest

from connectors._shared import http
from connectors.base import Reply, Sent, Upload
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
MOST_FILES = 10
LARGEST_FILE = 50 * 1024 * 1024
_LARGEST_PHOTO = 10 * 1024 * 1024
_UPLOAD_SECONDS = 60.0
_PHOTOS = ("image/jpeg", "image/png")
_VIDEOS = ("video/mp4",)


def units(text: str) -> int:
    """Length as Telegram counts: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` units, cut at a line, else at a blank, else anywhere."""
    parts = []
    while units(text) > limit:
        end = len(text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore"))
        cut = max(text.rfind("\n", end // 2, end), text.rfind(" ", end // 2, end))
        cut = cut if cut > 0 else end
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*parts, text]


def texts(reply: Reply) -> list[str]:
    """The messages of an answer; a short text goes as the caption of the first file."""
    if reply.files and units(reply.text) <= CAPTION_LIMIT:
        return []
    return split(reply.text, TEXT_LIMIT)


async def send(token: str, base_url: str, reply: Reply) -> Sent:
    request = HTTPXRequest(
        connect_timeout=http.CONNECT_SECONDS,
        read_timeout=http.READ_SECONDS,
        media_write_timeout=_UPLOAD_SECONDS,
    )
    bot = Bot(
        token,
        base_url=f"{base_url}/bot",
        base_file_url=f"{base_url}/file/bot",
        request=request,
        get_updates_request=request,
    )
    try:
        return await _Conversation(bot, reply.to).say(reply)
    finally:
        await request.shutdown()


class _Conversation:
    def __init__(self, bot: Bot, to: Mapping[str, Any]) -> None:
        self._bot, self._to, self._sent = bot, dict(to), list[int]()

    async def say(self, reply: Reply) -> Sent:
        parts = texts(reply)
        try:
            for part in parts:
                await self._text(part)
            caption = None if parts else reply.text or None
            for album in albums(reply.files):
                await self._files(album, caption)
                caption = None
        except ptb.TelegramError as error:
            raise _failure(error, bool(self._sent)) from None
        return Sent(external_id=f"{self._to['chat_id']}:{self._sent[0]}")

    async def _text(self, text: str) -> None:
        await self._call(self._bot.send_message, text=text)

    async def _files(self, files: Sequence[Upload], caption: str | None) -> None:
        first = files[0]
        if len(files) > 1:
            media = [_media(file, caption if file is first else None) for file in files]
            await self._call(self._bot.send_media_group, media=media)
        elif _kind(first) == "photo":
            await self._call(
                self._bot.send_photo,
                photo=first.content,
                filename=first.name,
                caption=caption,
            )
        else:
            await self._call(
                self._bot.send_document,
                document=first.content,
                filename=first.name,
                caption=caption,
            )

    async def _call(self, method: Any, **what: Any) -> None:
        """Once more where a group has become a supergroup and got a new id."""
        try:
            answer = await method(**self._address(), **what)
        except ptb.ChatMigrated as moved:
            self._to["chat_id"] = moved.new_chat_id
            answer = await method(**self._address(), **what)
        messages = [answer] if isinstance(answer, Message) else answer
        self._sent += [message.message_id for message in messages]

    def _address(self) -> dict[str, Any]:
        to = self._to
        answered = to.get("message_id")
        return {
            "chat_id": to["chat_id"],
            "message_thread_id": to.get("thread"),
            "direct_messages_topic_id": to.get("direct_topic"),
            "business_connection_id": to.get("business"),
            "reply_parameters": ReplyParameters(
                message_id=int(answered), allow_sending_without_reply=True
            )
            if answered
            else None,
        }


def albums(files: Sequence[Upload]) -> list[list[Upload]]:
    """Photos and videos may share an album; documents are only together with
    documents."""
    shown = [file for file in files if _kind(file) != "document"]
    others = [file for file in files if _kind(file) == "document"]
    return [album for album in (shown, others) if album]


def _kind(file: Upload) -> str:
    if file.mime in _PHOTOS and len(file.content) <= _LARGEST_PHOTO:
        return "photo"
    return "video" if file.mime in _VIDEOS else "document"


def _media(file: Upload, caption: str | None) -> Any:
    kinds = {
        "photo": InputMediaPhoto,
        "video": InputMediaVideo,
        "document": InputMediaDocument,
    }
    return kinds[_kind(file)](file.content, filename=file.name, caption=caption)


def _failure(error: ptb.TelegramError, begun: bool) -> ConnectorError:
    """`begun`: a part of the same answer is out, so trying again would repeat it."""
    if begun:
        return Unknown("Telegram took only the first part of an answer")
    if isinstance(error, ptb.InvalidToken):
        return NeedsLogin(
            "Telegram does not know this bot token; get a new one from @BotFather"
        )
    if isinstance(error, ptb.RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        return TryLater("Telegram asks to wait", retry_after=seconds)
    if isinstance(error, ptb.Forbidden):
        return Refused(f"Telegram: {error.message}", code="blocked")
    if isinstance(error, ptb.BadRequest):
        return Refused(f"Telegram: {error.message}")
    if isinstance(error, ptb.NetworkError) and "ConnectError" in str(error):
        return TryLater("Telegram cannot be reached")
    return Unknown(
        "Telegram gave no answer; look in the chat whether the answer is there"
    )
