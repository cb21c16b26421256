"""Where people write on Telegram: groups with topics, channels, business accounts, by
webhook."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from connectors.base import Message, RawItem, Reply, Request
from connectors.errors import BadItem, Refused, TryLater
from connectors.telegram import Telegram, TelegramAccount, TelegramApp
from sandbox.serve import Sandbox

SECRET = "kunci_webhook_1"


@pytest.fixture
def bot(sandbox: Sandbox) -> Any:
    return sandbox.telegram.add_bot(username="dishub_bot", name="Dishub")


@pytest.fixture
def telegram(sandbox: Sandbox, bot: Any) -> Iterator[Telegram]:
    account = TelegramAccount(token=bot.token, webhook_secret=SECRET)
    connector = Telegram(TelegramApp(base_url=sandbox.url), account, str(bot.id))
    yield connector
    connector.close()


def heard(
    telegram: Telegram, bot: Any, cursor: dict[str, Any] | None = None
) -> list[Message]:
    return [
        message
        for page in telegram.fetch(cursor or {})
        for item in page.items
        for message in Telegram.normalise(
            RawItem(item.key, item.kind, item.payload, str(bot.id))
        )
    ]


def read(update: dict[str, Any]) -> list[Message]:
    return [m for item in Telegram.read_file(update) for m in Telegram.normalise(item)]


def test_an_answer_in_a_topic_stays_in_the_topic(
    sandbox: Sandbox, telegram: Telegram, bot: Any
) -> None:
    group = sandbox.telegram.add_group("Warga", [bot.token])
    topic = sandbox.telegram.open_topic(group, "Lampu jalan")
    sandbox.telegram.say(group, "PJU mati", topic=topic)
    said = heard(telegram, bot)[-1]
    assert (said.kind, said.parent_id, said.extra["topic_id"]) == ("post", None, topic)
    telegram.send(Reply("k", "Sedang dicek", said.reply_to or {}))
    answer = list(sandbox.telegram.chats[group].messages.values())[-1]
    assert answer["message_thread_id"] == topic


def test_a_chain_of_answers_is_no_topic(
    sandbox: Sandbox, telegram: Telegram, bot: Any
) -> None:
    """Groups without topics number their chains of answers the same way."""
    group = sandbox.telegram.add_group("Warga", [bot.token])
    first = sandbox.telegram.say(group, "PJU mati")
    chain = {"message_thread_id": first["message_id"]}
    sandbox.telegram.say(group, "sama", reply_to=first["message_id"], extra=chain)
    said = heard(telegram, bot)[-1]
    assert said.parent_id == f"{group}:{first['message_id']}"
    assert telegram.send(Reply("k", "Sedang dicek", said.reply_to or {})).external_id


def test_a_business_account_is_read_and_answered_for_a_day(
    sandbox: Sandbox, telegram: Telegram, bot: Any
) -> None:
    business = sandbox.telegram.business
    connection = business.connect(bot, "Admin Dishub")
    asked = business.say(connection, "Siti", "angkot 03 masih lewat?")
    business.say(connection, "Siti", "masih, bu", as_owner=True)
    business.delete(connection, "Siti", [asked["message_id"]])
    connected, question, own, gone = heard(telegram, bot)
    assert (connected.kind, connected.extra["enabled"]) == ("system", True)
    assert (question.kind, question.public, question.is_own) == ("dm", False, False)
    assert question.reply_until == question.created_at + timedelta(days=1)  # type: ignore[operator]
    assert own.is_own and own.reply_to is None
    assert (gone.kind, gone.native_id, gone.scope) == (
        "delete",
        question.native_id,
        question.scope,
    )
    draft = Reply(
        "k", "Masih, sampai jam 9", question.reply_to or {}, now=datetime.now(UTC)
    )
    assert Telegram.preview(draft).problem is None
    telegram.send(draft)
    assert [entry.text for entry in sandbox.sent("telegram")] == ["Masih, sampai jam 9"]
    late = Reply(
        "k", "Maaf", question.reply_to or {}, now=datetime.now(UTC) + timedelta(days=2)
    )
    assert Telegram.preview(late).problem == "window_closed"
    sandbox.advance(2 * 86_400)
    with pytest.raises(Refused):
        telegram.send(late)


def test_a_business_chat_and_the_bots_own_chat_do_not_share_ids(
    sandbox: Sandbox, telegram: Telegram, bot: Any
) -> None:
    connection = sandbox.telegram.business.connect(bot, "Admin Dishub")
    sandbox.telegram.business.say(connection, "Siti", "halo")
    sandbox.telegram.say(sandbox.telegram.private_chat(bot.token, "Siti"), "halo")
    _, one, other = heard(telegram, bot)
    assert one.native_id == other.native_id
    assert one.scope != other.scope


def test_a_day_of_silence_is_a_known_gap(
    sandbox: Sandbox, telegram: Telegram, bot: Any
) -> None:
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "hari ini")
    now = int(time.time())
    (page,) = telegram.fetch({"polled": now - 25 * 3600, "at": now})
    assert page.gap == "retention"
    (page,) = telegram.fetch(page.cursor)
    assert page.gap is None


def test_a_channels_post_and_its_mirror_in_the_group_are_told_apart() -> None:
    post = {
        "message_id": 4,
        "date": 1_772_000_000,
        "text": "Jalan ditutup",
        "chat": {
            "id": -1001,
            "type": "channel",
            "title": "Info",
            "username": "info_dishub",
        },
        "sender_chat": {"id": -1001, "type": "channel", "title": "Info"},
    }
    (said,) = read({"update_id": 1, "channel_post": post})
    assert (said.kind, said.author_id, said.permalink) == (
        "post",
        "-1001",
        "https://t.me/info_dishub/4",
    )
    mirror = {
        **post,
        "chat": {"id": -1002, "type": "supergroup", "title": "Diskusi"},
        "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
        "is_automatic_forward": True,
    }
    (copy,) = read({"update_id": 2, "message": mirror})
    assert copy.extra["mirrored"] is True


def test_an_anonymous_admin_is_the_group(sandbox: Sandbox) -> None:
    said = {
        "message_id": 4,
        "date": 1_772_000_000,
        "text": "tolong tertib",
        "chat": {"id": -1001, "type": "supergroup", "title": "Warga"},
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
        "sender_chat": {"id": -1001, "type": "supergroup", "title": "Warga"},
    }
    (message,) = read({"update_id": 1, "message": said})
    assert (message.author_id, message.author_name) == ("-1001", "Warga")


def test_direct_messages_of_a_channel_are_private_and_answered_in_their_topic() -> None:
    said = {
        "message_id": 4,
        "date": 1_772_000_000,
        "text": "nomor saya ini",
        "chat": {"id": -1001, "type": "supergroup", "is_direct_messages": True},
        "from": {"id": 5, "is_bot": False, "first_name": "Siti"},
        "direct_messages_topic": {"topic_id": 91},
    }
    (message,) = read({"update_id": 1, "message": said})
    assert (message.kind, message.public) == ("dm", False)
    assert (message.reply_to or {})["direct_topic"] == 91
    assert not Telegram.preview(Reply("k", "Siap", message.reply_to or {})).public


def test_a_moving_location_is_marked_so_that_nobody_reads_a_hundred_edits() -> None:
    said = {
        "message_id": 4,
        "date": 1_772_000_000,
        "edit_date": 1_772_000_005,
        "chat": {"id": 5, "type": "private", "first_name": "Siti"},
        "location": {"latitude": -6.59, "longitude": 106.79, "live_period": 900},
    }
    (message,) = read({"update_id": 1, "edited_message": said})
    assert (message.kind, message.extra["live_location"]) == ("edit", True)
    assert message.geo is not None


# By webhook


class _Receiver(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request("POST", headers, {}, body)
        Telegram.verify(TelegramApp(), self.server.account, request)
        for item in Telegram.unpack(request):
            self.server.said += Telegram.normalise(item)
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def callback(bot: Any) -> Iterator[Any]:
    with HTTPServer(("127.0.0.1", 0), _Receiver) as server:
        receiver: Any = server
        receiver.said, receiver.answers = [], 200
        receiver.account = TelegramAccount(token=bot.token, webhook_secret=SECRET)
        receiver.url = f"http://127.0.0.1:{server.server_port}/kait/telegram/1"
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


def test_a_webhook_delivers_and_polling_only_looks_after_it(
    sandbox: Sandbox, telegram: Telegram, bot: Any, callback: Any
) -> None:
    assert telegram.subscribe(callback.url) == ""
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "Lampu mati")
    sandbox.wait_for(lambda: bool(callback.said))
    assert [message.text for message in callback.said] == ["Lampu mati"]
    (page,) = telegram.fetch({"offset": 5})
    assert page.items == () and page.cursor["offset"] == 5 and page.cursor["polled"]
    assert telegram.check().warnings == ()


def test_a_webhook_that_fails_is_an_outage(
    sandbox: Sandbox, telegram: Telegram, bot: Any, callback: Any
) -> None:
    callback.answers = 500
    telegram.subscribe(callback.url)
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "Lampu mati")
    sandbox.wait_for(lambda: bool(bot.webhook.last_error_date))
    with pytest.raises(TryLater, match="1 updates wait") as refusal:
        list(telegram.fetch({}))
    assert refusal.value.code == "webhook_failing"
    assert any("500" in warning for warning in telegram.check().warnings)


def test_a_foreign_webhook_is_explained(
    sandbox: Sandbox, bot: Any, callback: Any
) -> None:
    """Somebody set a webhook that this account knows nothing of."""
    account = TelegramAccount(token=bot.token)
    connector = Telegram(TelegramApp(base_url=sandbox.url), account, str(bot.id))
    with pytest.raises(Refused, match="webhook secret"):
        connector.subscribe(callback.url)
    owner = Telegram(TelegramApp(base_url=sandbox.url), callback.account)
    owner.subscribe(callback.url)
    owner.close()
    with pytest.raises(TryLater, match="deleteWebhook") as refusal:
        list(connector.fetch({}))
    assert refusal.value.code == "webhook_active"
    assert "polling will not work" in connector.check().warnings[0]
    connector.close()


def test_a_delivery_nested_without_end_is_set_aside() -> None:
    with pytest.raises(BadItem):
        list(Telegram.unpack(Request("POST", {}, {}, b"[" * 100_000)))


def test_every_kind_of_update_that_is_read_is_asked_for(
    sandbox: Sandbox, telegram: Telegram, bot: Any
) -> None:
    list(telegram.fetch({}))
    assert {
        "business_connection",
        "deleted_business_messages",
        "edited_channel_post",
    } <= bot.allowed


def test_words_of_a_poll_and_a_checklist_and_what_is_sold_are_read() -> None:
    photo = {
        "photo": [
            {"file_id": "small", "file_unique_id": "s"},
            {"file_id": "large", "file_unique_id": "l"},
        ],
        "type": "photo",
    }
    said = {
        "message_id": 5,
        "date": 1_772_430_000,
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "Siti"},
        "poll": {
            "question": "Lampu mana yang mati?",
            "options": [{"text": "Utara"}, {}],
        },
        "checklist": {"title": "Laporan", "tasks": [{"id": 1, "text": "Got mampet"}]},
        "paid_media": {"star_count": 1, "paid_media": [photo, {"type": "preview"}]},
    }
    (item,) = Telegram.read_file({"update_id": 1, "message": said})
    (message,) = Telegram.normalise(item)
    assert message.text == "Lampu mana yang mati?\n- Utara\nLaporan\n- Got mampet"
    assert [(file.type, file.native_id) for file in message.media] == [("photo", "l")]


def test_what_is_added_to_a_checklist_is_said_and_what_is_ticked_is_not() -> None:
    tasks = [{"id": 2, "text": "Lampu mati"}]
    (added,) = read(private(checklist_tasks_added={"tasks": tasks}))
    assert (added.kind, added.text) == ("dm", "- Lampu mati")
    (ticked,) = read(private(checklist_tasks_done={"marked_as_done_task_ids": [2]}))
    assert (ticked.kind, ticked.text) == ("system", None)


def private(**content: Any) -> dict[str, Any]:
    siti = {"id": 7, "is_bot": False, "first_name": "Siti"}
    said = {
        "message_id": 5,
        "date": 1_772_430_000,
        "chat": {"id": 7, "type": "private"},
    }
    return {"update_id": 1, "message": {**said, "from": siti, **content}}


def test_a_rich_message_is_read_with_its_lists_tables_and_photos() -> None:
    photo = {"file_id": "f", "file_unique_id": "u"}
    blocks = [
        {
            "type": "heading",
            "size": 1,
            "text": ["Lampu ", {"type": "bold", "text": "mati"}],
        },
        {
            "type": "list",
            "items": [
                {
                    "label": "1.",
                    "blocks": [{"type": "paragraph", "text": "Jalan Melati"}],
                }
            ],
        },
        {"type": "table", "cells": [[{"text": "RT"}, {"text": "3"}]]},
        {"type": "photo", "photo": [photo], "caption": {"text": "tiangnya"}},
        {"type": "voice_note", "voice_note": {**photo, "file_unique_id": "v"}},
    ]
    (message,) = read(private(rich_message={"blocks": blocks}))
    assert message.text == "Lampu mati\n1. Jalan Melati\nRT | 3\ntiangnya"
    assert [file.type for file in message.media] == ["photo", "voice"]
    endless: dict[str, Any] = {"type": "paragraph", "text": "dasar"}
    for _ in range(400):
        endless = {"type": "blockquote", "blocks": [endless]}
    (message,) = read(private(rich_message={"blocks": [endless]}))
    assert message.text is None


def test_a_live_photo_is_its_picture_and_one_file() -> None:
    still = [{"file_id": "f", "file_unique_id": "still"}]
    moving = {"file_id": "g", "file_unique_id": "moving", "duration": 2, "photo": still}
    (message,) = read(private(live_photo=moving, photo=still))
    assert [(file.type, file.native_id) for file in message.media] == [
        ("photo", "still")
    ]
    (message,) = read(private(live_photo=moving))
    assert [(file.type, file.native_id) for file in message.media] == [
        ("live_photo", "moving")
    ]


def test_a_shared_card_is_a_way_to_reach_who_shares_it_where_it_is_their_own() -> None:
    """A friend's card, or one of nobody on the platform, is not how to reach the
    reporter."""
    for of, number in ((7, "+62811000111"), (8, None), (None, None)):
        card = {"phone_number": "+62811000111", "first_name": "Siti", "user_id": of}
        (message,) = read(private(contact=card))
        assert (message.author_id, message.contact) == ("7", number)


def test_what_is_whispered_to_the_bot_in_a_group_is_private_and_has_an_id_of_its_own() -> (  # noqa: E501
    None
):
    group = {"id": -1001, "type": "supergroup", "title": "Warga"}
    ids = []
    for number in (3, 4):
        (message,) = read(
            private(chat=group, message_id=0, ephemeral_message_id=number, text="/")
        )
        assert (message.kind, message.public, message.reply_to) == ("dm", False, None)
        ids.append(message.native_id)
    assert len(set(ids)) == 2


def test_an_answer_of_the_api_is_read_and_a_broken_update_is_named() -> None:
    said = private(text="halo")["message"]
    (message,) = read({"ok": True, "result": {**said, "message_id": "5"}})
    assert (message.native_id, message.text) == ("7:5", "halo")
    for chat, kind in (
        ({"id": 7}, "dm"),
        ({"id": -7}, "post"),
    ):  # a type that was left away
        assert read(private(chat=chat, text="halo"))[0].kind == kind
    for nothing in ({"ok": True, "result": True}, {"ok": False, "error_code": 401}):
        assert read(nothing) == []
    with pytest.raises(BadItem, match="edited_message is not an object"):
        read({"update_id": 1, "edited_message": "rusak"})
    for broken in ("message_reaction", "callback_query", "deleted_business_messages"):
        with pytest.raises(BadItem):  # no id is made up of what is missing
            read({"update_id": 1, broken: {"chat": {}, "message_ids": [1]}})
    (half,) = read(
        private(
            text="@a\ud800", entities=[{"type": "mention", "offset": 0, "length": 3}]
        )
    )
    assert half.mentions == ("a",)
