"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import dataclass
from typing import Any

import requests
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.telegram_state import Telegram
from sandbox.telegram_types import Bot, Json, TelegramError, Update, Webhook

LARGEST_PHOTO = 10 * 1024 * 1024
LARGEST_FILE = 50 * 1024 * 1024
WELL_FORMED = re.compile(r"[1-9]\d*:[A-Za-z0-9_-]+")
OTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True, slots=True)
class Uploaded:
    name: str
    content: bytes


class TelegramApi:
    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.core = telegram.core
        self._methods = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "senddocument": self._send_document,
            "sendmediagroup": self._send_media_group,
            "getfile": self._get_file,
        }

    def routes(self) -> list[Route]:
        return [
            Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._download, methods=["GET"]),
        ]

    async def _call(self, request: Request) -> Response:
        try:
            bot = self._bot(request.path_params["token"])
            method = self._methods.get(request.path_params["method"].lower())
            if method is None:
                raise TelegramError(404, "Not Found: method not found")
            result = await method(bot, await _parameters(request))
        except TelegramError as error:
            return _refusal(error)
        return JSONResponse({"ok": True, "result": result})

    async def _download(self, request: Request) -> Response:
        try:
            self._bot(request.path_params["token"])
        except TelegramError as error:
            return _refusal(error)
        content = self.telegram.files.content(request.path_params["path"])
        if content is None:
            return _refusal(TelegramError(404, "Not Found"))
        return Response(content, media_type="application/octet-stream")

    def _bot(self, token: str) -> Bot:
        if not WELL_FORMED.fullmatch(token):
            raise TelegramError(404, "Not Found")
        bot = self.telegram.bots.get(token)
        if bot is None or bot.revoked:
            raise TelegramError(401, "Unauthorized")
        return bot

    async def _get_me(self, bot: Bot, _: Json) -> Json:
        return bot.as_user() | {
            "can_join_groups": True,
            "can_read_all_group_messages": bot.reads_all_group_messages,
            "supports_inline_queries": False,
        }

    async def _get_updates(self, bot: Bot, given: Json) -> list[Json]:
        offset, timeout = _integer(given, "offset", 0), _integer(given, "timeout", 0)
        limit = min(max(_integer(given, "limit", 100), 1), 100)
        news = asyncio.Event()
        listener = (asyncio.get_running_loop(), news)
        with self.core.lock:
            if bot.webhook is not None:
                raise TelegramError(409, WEBHOOK_ACTIVE)
            _remember_allowed(bot, given)
            bot.poll += 1
            mine = bot.poll
            self.telegram.wake(bot)
            self.telegram.confirm(bot, offset)
            bot.waiting.append(listener)
        try:
            deadline = listener[0].time() + min(max(timeout, 0), 50)
            while True:
                news.clear()
                found = self._ready(bot, mine, limit)
                left = deadline - listener[0].time()
                if found or left <= 0 or self.core.stopping.is_set():
                    return found
                await _wait(news, left)
        finally:
            with self.core.lock:
                bot.waiting.remove(listener)

    def _ready(self, bot: Bot, mine: int, limit: int) -> list[Json]:
        with self.core.lock:
            if bot.revoked:
                raise TelegramError(401, "Unauthorized")
            if bot.poll != mine:
                raise TelegramError(409, OTHER_POLLER)
            self.telegram.forget_old(bot)
            return [_wire(update) for update in list(bot.updates)[:limit]]

    async def _set_webhook(self, bot: Bot, given: Json) -> bool:
        secret = str(given.get("secret_token", ""))
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise TelegramError(
                400, "Bad Request: secret token contains unallowed characters"
            )
        if not given.get("url"):
            return await self._delete_webhook(bot, given)
        with self.core.lock:
            _remember_allowed(bot, given)
            if given.get("drop_pending_updates") in (True, "true", "True"):
                bot.updates.clear()
            bot.poll += 1
            self.telegram.wake(bot)
            bot.webhook = Webhook(str(given["url"]), secret)
            deliver = threading.Thread(
                target=self._deliver_to,
                args=(bot, bot.webhook),
                daemon=True,
                name="webhook",
            )
        deliver.start()
        return True

    async def _delete_webhook(self, bot: Bot, given: Json) -> bool:
        with self.core.lock:
            bot.webhook = None
            if given.get("drop_pending_updates") in (True, "true", "True"):
                bot.updates.clear()
        return True

    async def _get_webhook_info(self, bot: Bot, _: Json) -> Json:
        with self.core.lock:
            hook = bot.webhook or Webhook("")
            info: Json = {
                "url": hook.url,
                "has_custom_certificate": False,
                "pending_update_count": len(bot.updates),
            }
            if hook.last_error_date:
                info["last_error_date"] = hook.last_error_date
                info["last_error_message"] = hook.last_error_message
            if bot.allowed is not None:
                info["allowed_updates"] = sorted(bot.allowed)
            return info

    def _deliver_to(self, bot: Bot, hook: Webhook) -> None:
        """Runs in its own thread until the webhook is replaced. In order, repeated
        until taken."""
        delay = self.telegram.webhook_retry_seconds
        while (
            not self.core.stopping.is_set() and bot.webhook is hook and not bot.revoked
        ):
            pending = self.telegram.pending(bot.token)
            if not pending:
                self.core.stopping.wait(0.02)
                continue
            problem, told_wait = _post(hook, pending[0])
            with self.core.lock:
                if not problem:
                    self.telegram.confirm(bot, pending[0].id + 1)
                    delay = self.telegram.webhook_retry_seconds
                    continue
                hook.last_error_date = int(self.core.clock.now())
                hook.last_error_message = problem
            self.core.stopping.wait(told_wait or delay)
            delay = min(delay * 2, 60.0)

    async def _send_message(self, bot: Bot, given: Json) -> Json:
        if given.get("business_connection_id"):
            return self.telegram.send_for_business(
                bot,
                str(given["business_connection_id"]),
                int(given["chat_id"]),
                str(given.get("text", "")),
            )
        return self._send(bot, given, str(given.get("text", "")), None)

    async def _send_photo(self, bot: Bot, given: Json) -> Json:
        attached = self._attached("photo", given.get("photo"))
        return self._send(bot, given, str(given.get("caption", "")), attached)

    async def _send_document(self, bot: Bot, given: Json) -> Json:
        attached = self._attached("document", given.get("document"))
        return self._send(bot, given, str(given.get("caption", "")), attached)

    async def _send_media_group(self, bot: Bot, given: Json) -> list[Json]:
        wanted = given.get("media", "[]")
        rows = json.loads(wanted) if isinstance(wanted, str) else wanted
        kinds = {row.get("type") for row in rows}
        if not 2 <= len(rows) <= 10 or ("document" in kinds and len(kinds) > 1):
            raise TelegramError(400, "Bad Request: wrong media group")
        sent = []
        for row in rows:
            name = str(row.get("media", "")).removeprefix("attach://")
            attached = self._attached(row["type"], given.get(name))
            sent.append(self._send(bot, given, str(row.get("caption", "")), attached))
        return sent

    def _attached(self, kind: str, upload: Any) -> Json:
        if not isinstance(upload, Uploaded):
            raise TelegramError(400, f"Bad Request: there is no {kind} in the request")
        if len(upload.content) > (LARGEST_PHOTO if kind == "photo" else LARGEST_FILE):
            raise TelegramError(413, "Request Entity Too Large")
        return self.telegram.files.received(kind, upload.name, upload.content)

    def _send(self, bot: Bot, given: Json, text: str, attached: Json | None) -> Json:
        if "chat_id" not in given:
            raise TelegramError(400, "Bad Request: chat_id is empty")
        reply = given.get("reply_parameters") or {}
        reply = json.loads(reply) if isinstance(reply, str) else reply
        reply_to = reply.get("message_id", given.get("reply_to_message_id"))
        optional = reply.get("allow_sending_without_reply", False)
        topic = given.get("message_thread_id")
        return self.telegram.send(
            bot,
            given["chat_id"],
            text,
            int(reply_to) if reply_to is not None else None,
            must_reply=not optional,
            topic=int(topic) if topic is not None else None,
            attached=attached,
        )

    async def _get_file(self, _: Bot, given: Json) -> Json:
        return self.telegram.files.link(str(given.get("file_id", "")))


async def _parameters(request: Request) -> Json:
    """Query, form and JSON are all accepted, as the Bot API does."""
    given: Json = dict(request.query_params)
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/json"):
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise TelegramError(400, "Bad Request: can't parse JSON object")
        return given | body
    if "form" in content_type:
        async with request.form() as form:
            for name, value in form.items():
                given[name] = (
                    Uploaded(value.filename or name, await value.read())
                    if isinstance(value, UploadFile)
                    else value
                )
    return given


def _integer(given: Json, name: str, default: int) -> int:
    try:
        return int(given.get(name, default))
    except (TypeError, ValueError):
        return default


def _remember_allowed(bot: Bot, given: Json) -> None:
    """Kept until it is given again; an empty list restores the default."""
    if "allowed_updates" not in given:
        return
    told = given["allowed_updates"]
    names = json.loads(told) if isinstance(told, str) and told else told
    bot.allowed = frozenset(names) if names else None


def _wire(update: Update) -> Json:
    return {"update_id": update.id, update.kind: update.body}


def _refusal(error: TelegramError) -> JSONResponse:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    headers = {}
    if error.parameters:
        body["parameters"] = error.parameters
    if "retry_after" in error.parameters:
        headers["Retry-After"] = str(error.parameters["retry_after"])
    return JSONResponse(body, error.code, headers=headers)


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return


def _post(hook: Webhook, update: Update) -> tuple[str, float | None]:
    """What went wrong ("" for nothing) and how long the receiver asked to be left
    alone."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
    try:
        answer = requests.post(
            hook.url, json=_wire(update), headers=headers, timeout=10
        )
    except requests.RequestException as error:
        return f"Connection failed: {type(error).__name__}", None
    if answer.ok:
        return "", None
    asked = answer.headers.get("Retry-After", "")
    wait = min(float(asked), 3600.0) if asked.isdigit() else None
    return (
        f"Wrong response from the webhook: {answer.status_code} {answer.reason}",
        wait,
    )
