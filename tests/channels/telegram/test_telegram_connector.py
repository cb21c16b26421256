"""Telegram against a Bot API over HTTP: stored before acknowledged, sent through the
library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Media, Reply, Request
from connectors.errors import NeedsLogin, Refused, TryLater, Unknown, Untrusted
from connectors.telegram import Telegram, TelegramAccount, TelegramApp, split, units
from sandbox.serve import Sandbox

OPENED: list[Telegram] = []


@pytest.fixture(autouse=True)
def closed(sandbox: Sandbox) -> Iterator[None]:
    """Connections end before the platform does."""
    yield
    while OPENED:
        OPENED.pop().close()


def connect(sandbox: Sandbox, token: str, bot_id: str | None = None) -> Telegram:
    OPENED.append(
        Telegram(
            TelegramApp(base_url=sandbox.url), TelegramAccount(token=token), bot_id
        )
    )
    return OPENED[-1]


@pytest.fixture
def bot(sandbox: Sandbox) -> Any:
    return sandbox.telegram.add_bot(username="dishub_bot", name="Dishub")


def texts(
    telegram: Telegram, cursor: dict[str, Any]
) -> tuple[list[str | None], dict[str, Any]]:
    found: list[str | None] = []
    for page in telegram.fetch(cursor):
        for item in page.items:
            found += [message.text for message in telegram.normalise(item)]
        cursor = page.cursor
    return found, cursor


def test_check_says_who_it_is_and_warns_of_privacy_mode(sandbox: Sandbox) -> None:
    shy = sandbox.telegram.add_bot(
        username="shy_bot", name="Shy", reads_all_group_messages=False
    )
    identity = connect(sandbox, shy.token).check()
    assert identity.handle == "shy_bot"
    assert "Privacy mode is on" in identity.warnings[0]


def test_updates_are_acknowledged_only_by_the_next_poll(
    sandbox: Sandbox, bot: Any
) -> None:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "Lampu mati")
    telegram = connect(sandbox, bot.token)
    first, cursor = texts(telegram, {})
    lost_before_it_was_stored, _ = texts(telegram, {})
    assert first == lost_before_it_was_stored == ["Lampu mati"]
    sandbox.telegram.say(chat, "Masih mati")
    assert texts(telegram, cursor)[0] == ["Masih mati"]
    assert texts(telegram, {})[0] == ["Masih mati"]


def test_a_backlog_is_read_page_by_page(sandbox: Sandbox, bot: Any) -> None:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    for number in range(230):
        sandbox.telegram.say(chat, f"kabar {number}")
    pages = list(connect(sandbox, bot.token).fetch({}))
    assert [len(page.items) for page in pages] == [100, 100, 30]


def test_one_poison_update_holds_nothing_up(sandbox: Sandbox, bot: Any) -> None:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.push(bot.token, "message", {"message_id": "not a number"})
    sandbox.telegram.say(chat, "Lampu mati")
    (page,) = connect(sandbox, bot.token).fetch({})
    assert len(page.items) == 2
    assert [m.text for m in Telegram.normalise(page.items[1])] == ["Lampu mati"]


def test_ids_that_start_again_after_a_quiet_week_are_still_read(
    sandbox: Sandbox, bot: Any
) -> None:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "Lampu mati")
    week_old = {"offset": 2_000_000_000, "at": 0}
    assert texts(connect(sandbox, bot.token), week_old)[0] == ["Lampu mati"]


def test_a_revoked_token_needs_a_new_login_and_is_not_printed(
    sandbox: Sandbox, bot: Any
) -> None:
    sandbox.revoke(bot.token)
    with pytest.raises(NeedsLogin) as refusal:
        list(connect(sandbox, bot.token).fetch({}))
    assert bot.token not in str(refusal.value)


@pytest.mark.parametrize("fault", ["500", "429", "html", "cut"])
def test_outages_are_tried_later_and_lose_nothing(
    sandbox: Sandbox, bot: Any, fault: Any
) -> None:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "Lampu mati")
    sandbox.fault(fault, token=bot.token, endpoint="getUpdates", retry_after=7)
    telegram = connect(sandbox, bot.token)
    with pytest.raises(TryLater) as refusal:
        list(telegram.fetch({}))
    assert bot.token not in str(refusal.value)
    if fault == "429":
        assert refusal.value.retry_after == 7
    assert texts(telegram, {})[0] == ["Lampu mati"]


def reply_to(sandbox: Sandbox, bot: Any, text: str = "Lampu mati") -> dict[str, Any]:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    said = sandbox.telegram.say(chat, text)
    return {"chat_id": str(chat), "message_id": said["message_id"]}


def test_an_answer_arrives_in_the_thread(sandbox: Sandbox, bot: Any) -> None:
    to = reply_to(sandbox, bot)
    sent = connect(sandbox, bot.token).send(Reply("k", "Sedang dicek", to))
    (arrived,) = sandbox.sent("telegram")
    assert arrived.text == "Sedang dicek"
    assert sent.external_id.startswith(f"{to['chat_id']}:")


def test_a_long_answer_is_split_between_words(sandbox: Sandbox, bot: Any) -> None:
    text = "Terima kasih atas laporannya. " * 200
    connect(sandbox, bot.token).send(Reply("k", text, reply_to(sandbox, bot)))
    parts = [entry.text for entry in sandbox.sent("telegram")]
    assert len(parts) == 2
    assert all(units(part) <= 4096 for part in parts)
    assert " ".join(parts).split() == text.split()


def test_length_counts_as_telegram_counts() -> None:
    assert units("a😀") == 3
    assert all(units(part) <= 10 for part in split("😀" * 12, 10))


def test_a_resident_who_blocked_the_bot_is_a_refusal(
    sandbox: Sandbox, bot: Any
) -> None:
    to = reply_to(sandbox, bot)
    sandbox.telegram.block(bot.token, int(to["chat_id"]))
    with pytest.raises(Refused) as refusal:
        connect(sandbox, bot.token).send(Reply("k", "Sedang dicek", to))
    assert refusal.value.code == "blocked"


def test_no_answer_from_the_platform_is_unknown_because_it_may_have_arrived(
    sandbox: Sandbox, bot: Any
) -> None:
    to = reply_to(sandbox, bot)
    sandbox.fault("cut", token=bot.token, endpoint="sendMessage")
    with pytest.raises(Unknown):
        connect(sandbox, bot.token).send(Reply("k", "Sedang dicek", to))
    assert len(sandbox.sent("telegram")) == 1


def test_flood_control_says_how_long_to_wait(sandbox: Sandbox, bot: Any) -> None:
    to = reply_to(sandbox, bot)
    sandbox.fault("429", token=bot.token, endpoint="sendMessage", retry_after=13)
    with pytest.raises(TryLater) as refusal:
        connect(sandbox, bot.token).send(Reply("k", "Sedang dicek", to))
    assert refusal.value.retry_after == 13


def test_a_group_that_moved_is_answered_where_it_went(
    sandbox: Sandbox, bot: Any
) -> None:
    group = sandbox.telegram.add_group("Warga", [bot.token], type="group")
    said = sandbox.telegram.say(group, "Lampu mati")
    moved = sandbox.telegram.migrate(group)
    to = {"chat_id": str(group), "message_id": said["message_id"]}
    sent = connect(sandbox, bot.token).send(Reply("k", "Sedang dicek", to))
    assert sent.external_id.startswith(str(moved))


def test_an_album_comes_as_parts_of_one_group_and_its_photos_can_be_fetched(
    sandbox: Sandbox, bot: Any
) -> None:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.album(chat, "Tiga lubang", ["a", "b", "c"], who="Siti")
    telegram = connect(sandbox, bot.token)
    (page,) = telegram.fetch({})
    parts = [message for item in page.items for message in telegram.normalise(item)]
    assert len({part.group_id for part in parts}) == 1
    assert sorted(part.text or "" for part in parts) == ["", "", "Tiga lubang"]
    file = telegram.download(parts[0].media[0])
    assert file.content.startswith(b"\xff\xd8")


def test_a_file_that_is_gone_is_refused(sandbox: Sandbox, bot: Any) -> None:
    with pytest.raises(Refused):
        connect(sandbox, bot.token).download(
            Media("photo", "x", {"file_id": "nothing"})
        )


def test_only_deliveries_with_the_secret_header_are_believed() -> None:
    account = TelegramAccount(token="1:a", webhook_secret="kunci")
    body = json.dumps({"update_id": 1}).encode()
    good = Request("POST", {"x-telegram-bot-api-secret-token": "kunci"}, {}, body)
    assert Telegram.verify(TelegramApp(), account, good) is None
    assert len(list(Telegram.unpack(good))) == 1
    for headers in ({}, {"x-telegram-bot-api-secret-token": "salah"}):
        with pytest.raises(Untrusted):
            Telegram.verify(TelegramApp(), account, Request("POST", headers, {}, body))


def test_private_chats_of_two_bots_do_not_share_ids(sandbox: Sandbox) -> None:
    scopes = set()
    for username in ("satu_bot", "dua_bot"):
        bot = sandbox.telegram.add_bot(username=username, name=username)
        chat = sandbox.telegram.private_chat(bot.token, "Siti")
        sandbox.telegram.say(chat, "Lampu mati")
        (page,) = connect(sandbox, bot.token).fetch({})
        from dataclasses import replace

        item = replace(page.items[0], account=str(bot.id))
        scopes |= {message.scope for message in Telegram.normalise(item)}
    assert len(scopes) == 2
