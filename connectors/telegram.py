"""Telegram: raw getUpdates in (stored before acknowledged), python-telegram-bot out.

The library's own updater acknowledges a batch before it is handled, and one malformed update makes
it fail for a day; so updates are fetched as plain JSON and each is read on its own later.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field, SecretStr
from telegram import Bot, ReplyParameters
from telegram import error as ptb
from telegram.request import HTTPXRequest

from connectors import _http
from connectors._telegram_wire import ALLOWED_UPDATES, messages_of
from connectors.base import (
    Cursor,
    File,
    Identity,
    Json,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Request,
    Sent,
    Settings,
)
from connectors.errors import (
    BadItem,
    ConnectorError,
    NeedsLogin,
    Refused,
    TryLater,
    Unknown,
    Untrusted,
)

# Opts in to the library's coming type of `retry_after`; it warns about the present one.
os.environ.setdefault("PTB_TIMEDELTA", "true")

_BATCH = 100
_MOST_PARTS = 5
# Update ids start again at random after a week without updates; an old offset would then confirm,
# and so lose, what has a lower id.
_RESTART_SECONDS = 6 * 24 * 3600


class TelegramApp(Settings):
    base_url: str = Field(default="https://api.telegram.org", title="Bot API address")


class TelegramAccount(Settings):
    token: SecretStr = Field(title="Bot token", description="From @BotFather, like 123456:ABC...")
    webhook_secret: SecretStr | None = Field(
        default=None, title="Webhook secret", description="Only when updates come by webhook"
    )


class Telegram:
    label: ClassVar[str] = "Telegram"
    App: ClassVar[type[Settings]] = TelegramApp
    Account: ClassVar[type[Settings]] = TelegramAccount
    text_limit: ClassVar[int] = 4096
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 30

    def __init__(
        self, app: TelegramApp, account: TelegramAccount, external_id: str | None = None
    ) -> None:
        self._base = app.base_url.rstrip("/")
        self._token = account.token.get_secret_value()
        self._client = _http.session()

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        me = self._call("getMe")
        warnings = []
        if not me.get("can_read_all_group_messages"):
            warnings.append(
                "Privacy mode is on: in groups the bot sees only commands, mentions and answers "
                "to itself. Switch it off at @BotFather (/setprivacy), then remove the bot from "
                "its groups and add it again."
            )
        info = self._call("getWebhookInfo")
        if info.get("url"):
            warnings.append(
                "A webhook is set for this bot, so polling will not work; remove it with "
                "deleteWebhook or use the webhook alone."
            )
        handle = str(me.get("username") or me["id"])
        return Identity(str(me["id"]), handle, str(me.get("first_name", "")), tuple(warnings))

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        offset = cursor.get("offset")
        if offset is not None and time.time() - cursor.get("at", 0) > _RESTART_SECONDS:
            offset = None
        while True:
            updates = self._call(
                "getUpdates",
                limit=_BATCH,
                timeout=0,
                allowed_updates=json.dumps(ALLOWED_UPDATES),
                **({"offset": offset} if offset is not None else {}),
            )
            if not isinstance(updates, list):
                raise TryLater("Telegram answered without a list of updates")
            ids = [u["update_id"] for u in updates if isinstance(u, dict) and _is_id(u)]
            offset = max(ids) + 1 if ids else offset
            at = int(time.time()) if updates else cursor.get("at", int(time.time()))
            yield Page(
                tuple(_raw(update) for update in updates),
                {"at": at, **({"offset": offset} if offset is not None else {})},
            )
            if len(updates) < _BATCH or not ids:
                return

    @staticmethod
    def verify(app: TelegramApp, account: TelegramAccount | None, request: Request) -> str | None:
        expected = account.webhook_secret if account else None
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if expected is None or not hmac.compare_digest(
            given.encode(), expected.get_secret_value().encode()
        ):
            raise Untrusted("the secret header of this Telegram delivery is missing or wrong")
        return None

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        try:
            payload = json.loads(request.body)
        except ValueError as error:
            raise BadItem("a Telegram delivery that is not JSON") from error
        return [_raw(payload)]

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        if isinstance(payload, dict) and isinstance(payload.get("result"), list):
            payload = payload["result"]
        rows = payload if isinstance(payload, list) else [payload]
        return [_raw(row) for row in rows]

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        parts = split(reply.text, cls.text_limit)
        problem = "too_long" if len(parts) > _MOST_PARTS else None
        public = not str(reply.to.get("chat_id", "")).isdigit()
        warnings = ("split",) if len(parts) > 1 else ()
        limit = cls.text_limit * _MOST_PARTS
        return Preview(tuple(parts), units(reply.text), limit, public, problem, warnings)

    def send(self, reply: Reply) -> Sent:
        return asyncio.run(self._send(reply))

    async def _send(self, reply: Reply) -> Sent:
        request = HTTPXRequest(
            connect_timeout=_http.CONNECT_SECONDS, read_timeout=_http.READ_SECONDS
        )
        bot = Bot(
            self._token,
            base_url=f"{self._base}/bot",
            base_file_url=f"{self._base}/file/bot",
            request=request,
            get_updates_request=request,
        )
        try:
            return await _post_parts(bot, dict(reply.to), split(reply.text, self.text_limit))
        finally:
            await request.shutdown()

    def download(self, media: Media) -> File:
        found = self._call("getFile", file_id=media.ref.get("file_id", ""))
        path = found.get("file_path")
        if not path:
            raise Refused("Telegram gives no file larger than 20 MB", code="too_large")
        url = f"{self._base}/file/bot{self._token}/{path}"
        content, mime = _http.download(self._client, url, platform="Telegram", home=self._base)
        return File(content, mime)

    def _call(self, method: str, **parameters: Any) -> Any:
        response = _http.request(
            self._client,
            "POST",
            f"{self._base}/bot{self._token}/{method}",
            platform="Telegram",
            data=parameters,
        )
        answer = _http.decoded(response, "Telegram")
        if isinstance(answer, dict) and answer.get("ok") and "result" in answer:
            return answer["result"]
        raise _error(response.status_code, answer if isinstance(answer, dict) else {})


def _is_id(update: Mapping[str, Any]) -> bool:
    return isinstance(update.get("update_id"), int)


def _raw(update: Json) -> RawItem:
    """Keyed by id and content: a restarted id is not taken for a known update."""
    text = json.dumps(update, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    known = isinstance(update, dict) and _is_id(update)
    return RawItem(
        f"{update['update_id']}:{digest}" if known else f"malformed:{digest}", "update", update
    )


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


async def _post_parts(bot: Bot, to: dict[str, Any], parts: list[str]) -> Sent:
    sent: list[int] = []
    for part in parts:
        try:
            sent.append(await _post(bot, to, part))
        except ptb.ChatMigrated as moved:
            to["chat_id"] = moved.new_chat_id
            sent.append(await _post(bot, to, part))
        except ptb.TelegramError as error:
            raise _sending_error(error, bool(sent)) from None
    return Sent(external_id=f"{to['chat_id']}:{sent[0]}")


async def _post(bot: Bot, to: Mapping[str, Any], text: str) -> int:
    message = await bot.send_message(
        chat_id=to["chat_id"],
        text=text,
        message_thread_id=to.get("thread"),
        business_connection_id=to.get("business"),
        reply_parameters=ReplyParameters(
            message_id=int(to["message_id"]), allow_sending_without_reply=True
        )
        if to.get("message_id")
        else None,
    )
    return message.message_id


def _error(status: int, answer: Mapping[str, Any]) -> ConnectorError:
    description = str(answer.get("description") or f"status {status}")
    parameters = answer.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    code = answer.get("error_code", status)
    if code == 409:
        webhook = "webhook" in description.lower()
        return TryLater(
            "a webhook is set for this bot; remove it (deleteWebhook) to poll"
            if webhook
            else "another program polls this bot; stop it, a bot has one poller",
            code="webhook_active" if webhook else "second_poller",
        )
    if code in (401, 404):
        return NeedsLogin("Telegram does not know this bot token; get a new one from @BotFather")
    if code == 429 or code >= 500:
        return TryLater(f"Telegram: {description}", retry_after=wait)
    return Refused(f"Telegram: {description}")


def _sending_error(error: ptb.TelegramError, begun: bool) -> ConnectorError:
    """`begun`: an earlier part of the same answer is out, so trying again would repeat it."""
    if begun:
        return Unknown("Telegram took only the first part of a long answer")
    if isinstance(error, ptb.InvalidToken):
        return NeedsLogin("Telegram does not know this bot token; get a new one from @BotFather")
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
    return Unknown("Telegram gave no answer; look in the chat whether the answer is there")
