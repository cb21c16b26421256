"""The Telegram of the sandbox, seen through python-telegram-bot and plain HTTP."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Awaitable, Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, TypeVar

import pytest
import requests
import telegram
from PIL import Image
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

from sandbox.serve import Sandbox

DAY = 86_400
T = TypeVar("T")


def ask(
    sandbox: Sandbox, token: str, method: str, **parameters: Any
) -> requests.Response:
    return requests.post(
        f"{sandbox.url}/bot{token}/{method}", json=parameters, timeout=60
    )


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def with_bot(
    sandbox: Sandbox, token: str, do: Callable[[telegram.Bot], Awaitable[T]]
) -> T:
    async def run() -> T:
        bot = telegram.Bot(
            token,
            base_url=f"{sandbox.url}/bot",
            base_file_url=f"{sandbox.url}/file/bot",
        )
        async with bot:
            return await do(bot)

    return asyncio.run(run())


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    return sandbox.telegram.add_bot(username="dishub_bot").token


@pytest.fixture
def siti(sandbox: Sandbox, token: str) -> int:
    """Siti's private chat with the bot."""
    return sandbox.telegram.private_chat(token, "Siti")


def test_acknowledged_updates_are_gone_for_every_poller(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    for text in ("satu", "dua", "tiga"):
        sandbox.telegram.say(siti, text)
    first = ask(sandbox, token, "getUpdates").json()["result"]
    assert texts(first) == ["satu", "dua", "tiga"]
    assert texts(ask(sandbox, token, "getUpdates").json()["result"]) == [
        "satu",
        "dua",
        "tiga",
    ]
    ask(sandbox, token, "getUpdates", offset=first[1]["update_id"])
    assert texts(ask(sandbox, token, "getUpdates", offset=0).json()["result"]) == [
        "dua",
        "tiga",
    ]


def test_a_negative_offset_forgets_all_but_the_last(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    for text in ("satu", "dua", "tiga"):
        sandbox.telegram.say(siti, text)
    assert texts(ask(sandbox, token, "getUpdates", offset=-1).json()["result"]) == [
        "tiga"
    ]
    assert len(sandbox.telegram.pending(token)) == 1


def test_limit_keeps_the_rest_for_later(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    for i in range(5):
        sandbox.telegram.say(siti, str(i))
    assert texts(ask(sandbox, token, "getUpdates", limit=2).json()["result"]) == [
        "0",
        "1",
    ]


def test_a_long_poll_answers_when_somebody_writes(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    answers: list[requests.Response] = []
    poll = threading.Thread(
        target=lambda: answers.append(ask(sandbox, token, "getUpdates", timeout=50))
    )
    poll.start()
    sandbox.wait_for(lambda: bool(sandbox.telegram.bots[token].waiting))
    sandbox.telegram.say(siti, "halo")
    poll.join()
    assert texts(answers[0].json()["result"]) == ["halo"]


def test_a_second_poller_ends_the_first_with_409(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    answers: list[requests.Response] = []
    poll = threading.Thread(
        target=lambda: answers.append(ask(sandbox, token, "getUpdates", timeout=50))
    )
    poll.start()
    sandbox.wait_for(lambda: bool(sandbox.telegram.bots[token].waiting))
    assert ask(sandbox, token, "getUpdates").status_code == 200
    poll.join()
    assert answers[0].status_code == 409
    assert "terminated by other getUpdates request" in answers[0].json()["description"]


def test_polling_is_refused_while_a_webhook_is_set(
    sandbox: Sandbox, token: str
) -> None:
    ask(sandbox, token, "setWebhook", url="http://127.0.0.1:9/nobody")
    with pytest.raises(Conflict, match="webhook is active"):
        with_bot(sandbox, token, lambda bot: bot.get_updates())
    ask(sandbox, token, "deleteWebhook")
    assert ask(sandbox, token, "getUpdates").status_code == 200


def test_allowed_updates_are_remembered(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    ask(sandbox, token, "getUpdates", allowed_updates=["message"])
    said = sandbox.telegram.say(siti, "lubang")
    sandbox.telegram.edit(siti, said["message_id"], "lubang besar")
    updates = ask(sandbox, token, "getUpdates").json()["result"]
    assert [set(u) - {"update_id"} for u in updates] == [{"message"}]


def test_an_edit_keeps_the_message_id(sandbox: Sandbox, token: str, siti: int) -> None:
    said = sandbox.telegram.say(siti, "lubang")
    sandbox.telegram.edit(siti, said["message_id"], "lubang besar")
    updates = with_bot(sandbox, token, lambda bot: bot.get_updates())
    edited = updates[1].edited_message
    assert edited is not None
    assert (edited.message_id, edited.text) == (said["message_id"], "lubang besar")
    assert edited.edit_date is not None


def test_an_album_is_one_update_a_photo(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    sandbox.telegram.album(siti, "tiga foto", ["a", "b", "c"])
    messages = [
        u.message for u in with_bot(sandbox, token, lambda bot: bot.get_updates())
    ]
    assert len({m.media_group_id for m in messages if m}) == 1
    assert [m.caption for m in messages if m] == ["tiga foto", None, None]
    assert all(len(m.photo) == 3 for m in messages if m)


def test_a_photo_downloads_as_a_real_jpeg_for_an_hour(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    largest = sandbox.telegram.say(siti, "", photos=["pohon"])["photo"][-1]

    async def fetch(bot: telegram.Bot) -> bytes:
        return bytes(
            await (await bot.get_file(largest["file_id"])).download_as_bytearray()
        )

    content = with_bot(sandbox, token, fetch)
    assert Image.open(io.BytesIO(content)).size == (800, 600)
    assert len(content) == largest["file_size"]
    path = ask(sandbox, token, "getFile", file_id=largest["file_id"]).json()["result"][
        "file_path"
    ]
    sandbox.advance(3_600)
    assert (
        requests.get(f"{sandbox.url}/file/bot{token}/{path}", timeout=60).status_code
        == 404
    )


def test_updates_older_than_a_day_are_lost(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    sandbox.telegram.say(siti, "kemarin")
    sandbox.advance(DAY + 1)
    sandbox.telegram.say(siti, "hari ini")
    assert texts(ask(sandbox, token, "getUpdates").json()["result"]) == ["hari ini"]


def test_update_ids_start_anew_after_a_quiet_week(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    sandbox.telegram.say(siti, "dulu")
    before = sandbox.telegram.pending(token)[0].id
    sandbox.advance(7 * DAY)
    sandbox.telegram.say(siti, "sekarang")
    assert sandbox.telegram.pending(token)[0].id != before + 1


def test_privacy_mode_hides_what_is_not_addressed_to_the_bot(sandbox: Sandbox) -> None:
    bot = sandbox.telegram.add_bot(username="kel_bot", reads_all_group_messages=False)
    group = sandbox.telegram.add_group("Warga", [bot.token])
    sandbox.telegram.say(group, "sampah numpuk")
    sandbox.telegram.say(group, "@kel_bot sampah numpuk")
    assert texts(ask(sandbox, bot.token, "getUpdates").json()["result"]) == [
        "@kel_bot sampah numpuk"
    ]
    me = with_bot(sandbox, bot.token, lambda b: b.get_me())
    assert me.can_read_all_group_messages is False


def test_an_answer_arrives_as_a_reply(sandbox: Sandbox, token: str, siti: int) -> None:
    asked = sandbox.telegram.say(siti, "kapan diperbaiki?")
    reply = telegram.ReplyParameters(message_id=asked["message_id"])
    sent = with_bot(
        sandbox,
        token,
        lambda bot: bot.send_message(siti, "Hari ini", reply_parameters=reply),
    )
    assert sent.reply_to_message is not None
    arrived = sandbox.sent("telegram")[0]
    assert (arrived.account, arrived.text) == ("dishub_bot", "Hari ini")
    assert arrived.to == f"{siti}:{asked['message_id']}"


def test_refusals_of_sendmessage(sandbox: Sandbox, token: str, siti: int) -> None:
    with pytest.raises(BadRequest, match="too long"):
        with_bot(sandbox, token, lambda bot: bot.send_message(siti, "x" * 4097))
    with pytest.raises(BadRequest, match="Chat not found"):
        with_bot(sandbox, token, lambda bot: bot.send_message(12345, "halo"))
    reply = telegram.ReplyParameters(message_id=999)
    with pytest.raises(BadRequest, match="replied not found"):
        with_bot(
            sandbox,
            token,
            lambda bot: bot.send_message(siti, "halo", reply_parameters=reply),
        )
    sandbox.telegram.block(token, siti)
    with pytest.raises(Forbidden, match="blocked by the user"):
        with_bot(sandbox, token, lambda bot: bot.send_message(siti, "halo"))
    assert sandbox.sent() == []


def test_a_flood_is_told_when_to_go_on(
    sandbox: Sandbox, token: str, siti: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "PTB_TIMEDELTA", "true"
    )  # the old number of seconds is deprecated
    sandbox.telegram.flood["private"] = (1, 60.0)
    with_bot(sandbox, token, lambda bot: bot.send_message(siti, "satu"))
    with pytest.raises(RetryAfter):
        with_bot(sandbox, token, lambda bot: bot.send_message(siti, "dua"))
    sandbox.advance(60)
    with_bot(sandbox, token, lambda bot: bot.send_message(siti, "dua"))


def test_a_group_that_became_a_supergroup_tells_its_new_id(
    sandbox: Sandbox, token: str
) -> None:
    old = sandbox.telegram.add_group("RT 03", [token], type="group")
    new = sandbox.telegram.migrate(old)
    refusal = ask(sandbox, token, "sendMessage", chat_id=old, text="halo").json()
    assert refusal["parameters"] == {"migrate_to_chat_id": new}


def test_unknown_revoked_and_malformed_tokens(sandbox: Sandbox, token: str) -> None:
    sandbox.revoke(token)
    for refused in (token, "1:neverIssued"):
        answer = ask(sandbox, refused, "getMe")
        assert answer.status_code == 401
        assert answer.json() == {
            "ok": False,
            "error_code": 401,
            "description": "Unauthorized",
        }
    assert ask(sandbox, "nonsense", "getMe").status_code == 404
    with pytest.raises(InvalidToken):
        with_bot(sandbox, token, lambda bot: bot.get_me())


class Receiver(BaseHTTPRequestHandler):
    """Refuses the first delivery."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        seen: list[tuple[str | None, bytes]] = self.server.seen  # type: ignore[attr-defined]
        seen.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))
        self.send_response(500 if len(seen) == 1 else 200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


def test_a_webhook_is_tried_again_until_it_is_taken(
    sandbox: Sandbox, token: str, siti: int
) -> None:
    sandbox.telegram.webhook_retry_seconds = 0.01
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        seen: list[tuple[str | None, bytes]] = []
        server.seen = seen  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/hook"
        ask(sandbox, token, "setWebhook", url=url, secret_token="rahasia_1")
        sandbox.telegram.say(siti, "lewat webhook")
        sandbox.wait_for(lambda: not sandbox.telegram.pending(token))
        info = ask(sandbox, token, "getWebhookInfo").json()["result"]
        server.shutdown()
    assert [secret for secret, _ in seen] == ["rahasia_1", "rahasia_1"]
    assert seen[0][1] == seen[1][1]
    assert "500" in info["last_error_message"]
