"""Telegram: raw getUpdates in (stored before acknowledged), python-telegram-bot out.

The library's own updater acknowledges a batch before it is handled, and one malformed
update makes it fail for a day; so updates are fetched as plain JSON and each is read on
its own later.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from connectors._shared import http
from connectors.base import (
    EVERY_FILE,
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Identity,
    Json,
    Later,
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
    Untrusted,
)
from connectors.telegram import send as telegram_send
from connectors.telegram.send import split, units
from connectors.telegram.wire import ALLOWED_UPDATES, messages_of

__all__ = ["Telegram", "TelegramAccount", "TelegramApp", "split", "units"]

# Opts in to the library's coming type of `retry_after`; it warns about the present one.
os.environ.setdefault("PTB_TIMEDELTA", "true")

_BATCH = 100
_MOST_PARTS = 5
# Update ids start again at random after a week without updates; an old offset would
# then confirm, and so lose, what has a lower id.
_RESTART_SECONDS = 6 * 24 * 3600
_KEPT_SECONDS = 24 * 3600
"""How long Telegram keeps what nobody fetched."""


class TelegramApp(Settings):
    base_url: str = Field(default="https://api.telegram.org", title="Bot API address")


class TelegramAccount(AccountSettings):
    token: SecretStr = Field(
        title="Bot token", description="From @BotFather, like 123456:ABC..."
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        title="Webhook secret",
        description="Only when updates come by webhook",
    )


class Telegram:
    label: ClassVar[str] = "Telegram"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit"})
    carries: ClassVar[frozenset[FileKind]] = EVERY_FILE
    App: ClassVar[type[Settings]] = TelegramApp
    Account: ClassVar[type[AccountSettings]] = TelegramAccount
    text_limit: ClassVar[int] = telegram_send.TEXT_LIMIT
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 30

    def __init__(
        self, app: TelegramApp, account: TelegramAccount, external_id: str | None = None
    ) -> None:
        self._base = app.base_url.rstrip("/")
        self._token = account.token.get_secret_value()
        self._secret = account.webhook_secret
        self._client = http.session()

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        me = self._call("getMe")
        warnings = []
        if not me.get("can_read_all_group_messages"):
            warnings.append(
                "Privacy mode is on: in groups the bot sees only commands, mentions and"
                " answers to itself. Switch it off at @BotFather (/setprivacy), then"
                " remove the bot from its groups and add it again."
            )
        info = self._call("getWebhookInfo")
        if info.get("url") and self._secret is None:
            warnings.append(
                "A webhook is set for this bot, so polling will not work; remove it"
                " with deleteWebhook, or give this account the webhook's secret."
            )
        if info.get("last_error_message"):
            warnings.append(f"Telegram could not deliver: {info['last_error_message']}")
        handle = str(me.get("username") or me["id"])
        return Identity(
            str(me["id"]), handle, str(me.get("first_name", "")), tuple(warnings)
        )

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """`polled` is the last poll that worked, `at` the last that brought
        something."""
        now = int(time.time())
        gap = "retention" if now - cursor.get("polled", now) > _KEPT_SECONDS else None
        offset = cursor.get("offset")
        if offset is not None and now - cursor.get("at", 0) > _RESTART_SECONDS:
            offset = None
        while True:
            try:
                updates = self._updates(offset)
            except TryLater as error:
                if error.code != "webhook_active" or self._secret is None:
                    raise
                self._require_deliveries(now)
                yield Page((), {**cursor, "polled": now}, gap=gap)
                return
            ids = [u["update_id"] for u in updates if isinstance(u, dict) and _is_id(u)]
            offset = max(ids) + 1 if ids else offset
            place = {"at": now if updates else cursor.get("at", now), "polled": now}
            place |= {"offset": offset} if offset is not None else {}
            yield Page(tuple(_raw(update) for update in updates), place, gap=gap)
            if len(updates) < _BATCH or not ids:
                return
            gap = None

    def _updates(self, offset: int | None) -> list[Any]:
        updates = self._call(
            "getUpdates",
            limit=_BATCH,
            timeout=0,
            allowed_updates=json.dumps(ALLOWED_UPDATES),
            **({"offset": offset} if offset is not None else {}),
        )
        if not isinstance(updates, list):
            raise TryLater("Telegram answered without a list of updates")
        return updates

    def _require_deliveries(self, now: int) -> None:
        """With a webhook nothing is polled; what can be asked is whether it works."""
        info = self._call("getWebhookInfo")
        waiting, failed_at = (
            info.get("pending_update_count"),
            info.get("last_error_date"),
        )
        if waiting and failed_at:
            moment = datetime.fromtimestamp(failed_at, UTC)
            raise TryLater(
                f"Telegram cannot deliver to our webhook, {waiting} updates wait "
                f"({moment:%Y-%m-%d %H:%M} UTC: {info.get('last_error_message')})",
                code="webhook_failing",
            )

    def subscribe(self, callback_url: str) -> str:
        """From now on Telegram delivers and refuses polling. Port 443, 80, 88 or
        8443."""
        if self._secret is None:
            raise Refused(
                "give this account a webhook secret first (1 to 256 of A-Z, a-z, 0-9, _"
                " and -), by which deliveries are recognised",
                code="needs_webhook_secret",
            )
        self._call(
            "setWebhook",
            url=callback_url,
            secret_token=self._secret.get_secret_value(),
            allowed_updates=json.dumps(ALLOWED_UPDATES),
        )
        return ""

    @staticmethod
    def verify(
        app: TelegramApp, account: TelegramAccount | None, request: Request
    ) -> str | None:
        secret = account.webhook_secret if account else None
        expected = secret.get_secret_value() if secret else ""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
            raise Untrusted(
                "the secret header of this Telegram delivery is missing or wrong"
            )
        return None

    @staticmethod
    def sign(
        app: TelegramApp, account: TelegramAccount | None, body: bytes, now: datetime
    ) -> dict[str, str]:
        """Telegram signs no body: a word agreed upon stands in every delivery."""
        secret = account.webhook_secret if account else None
        word = secret.get_secret_value() if secret else ""
        return {
            "content-type": "application/json",
            "x-telegram-bot-api-secret-token": word,
        }

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        try:
            payload = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise BadItem("a Telegram delivery that is not JSON") from error
        return [_raw(payload)]

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        if isinstance(payload, dict) and isinstance(payload.get("ok"), bool):
            payload = payload.get(
                "result"
            )  # an answer: updates, what we sent, or nothing said
            if not isinstance(payload, list):
                payload = [payload] if _is_message(payload) else []
        rows = payload if isinstance(payload, list) else [payload]
        return [_raw(row) for row in rows]

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        parts = telegram_send.texts(reply) or [reply.text]
        problem = _problem(reply, parts)
        public = reply.to.get("public", not str(reply.to.get("chat_id", "")).isdigit())
        warnings = ("split",) if len(parts) > 1 else ()
        limit = cls.text_limit * _MOST_PARTS
        return Preview(
            tuple(parts), units(reply.text), limit, public, problem, warnings
        )

    def send(self, reply: Reply) -> Sent:
        return asyncio.run(telegram_send.send(self._token, self._base, reply))

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        found = self._call("getFile", file_id=media.ref.get("file_id", ""))
        path = found.get("file_path")
        if not path:
            raise Refused("Telegram gives no file larger than 20 MB", code="too_large")
        url = f"{self._base}/file/bot{self._token}/{path}"
        content, mime = http.download(
            self._client, url, platform="Telegram", home=self._base, largest=largest
        )
        return File(content, mime)

    def _call(self, method: str, **parameters: Any) -> Any:
        response = http.request(
            self._client,
            "POST",
            f"{self._base}/bot{self._token}/{method}",
            platform="Telegram",
            data=parameters,
        )
        answer = http.decoded(response, "Telegram")
        if isinstance(answer, dict) and answer.get("ok") and "result" in answer:
            return answer["result"]
        raise _error(response.status_code, answer if isinstance(answer, dict) else {})


def _is_message(result: Json) -> bool:
    return isinstance(result, dict) and "chat" in result and "date" in result


def _is_id(update: Mapping[str, Any]) -> bool:
    return isinstance(update.get("update_id"), int)


def _raw(update: Json) -> RawItem:
    """Keyed by id and content: a restarted id is not taken for a known update."""
    text = json.dumps(update, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    known = isinstance(update, dict) and _is_id(update)
    return RawItem(
        f"{update['update_id']}:{digest}" if known else f"malformed:{digest}",
        "update",
        update,
    )


def _problem(reply: Reply, parts: list[str]) -> str | None:
    until = reply.to.get("until")
    if until and reply.now and reply.now > datetime.fromisoformat(until):
        return "window_closed"
    if len(parts) > _MOST_PARTS:
        return "too_long"
    if len(reply.files) > telegram_send.MOST_FILES:
        return "too_many_files"
    if any(len(file.content) > telegram_send.LARGEST_FILE for file in reply.files):
        return "file_too_large"
    return None


def _error(status: int, answer: Mapping[str, Any]) -> ConnectorError:
    description = str(answer.get("description") or f"status {status}")
    parameters = answer.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    code = answer.get("error_code", status)
    if code == 409:
        webhook = "webhook" in description.lower()
        return TryLater(
            (
                "a webhook is set for this bot; remove it (deleteWebhook) to poll"
                if webhook
                else "another program polls this bot; stop it, a bot has one poller"
            ),
            code="webhook_active" if webhook else "second_poller",
        )
    if code in (401, 404):
        return NeedsLogin(
            "Telegram does not know this bot token; get a new one from @BotFather"
        )
    if code == 429 or code >= 500:
        return TryLater(f"Telegram: {description}", retry_after=wait)
    return Refused(f"Telegram: {description}")
