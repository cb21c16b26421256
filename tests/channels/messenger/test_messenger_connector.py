"""Messenger's own ways: windows, echoes, standby, things taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from deliveries import callback
from metastage import PAGE_ID
from stage_messenger import Stage

from connectors.base import Message, Page, RawItem, Reply
from connectors.errors import BadItem, NeedsLogin, Refused
from connectors.messenger import Messenger, MessengerAccount
from sandbox.serve import Sandbox

DAY = 86_400.0


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def messenger(stage: Stage) -> Iterator[Messenger]:
    made = stage.connect()
    yield made
    made.close()


def read(stage: Stage, event: dict[str, Any], **entry: Any) -> Message:
    """The one message of a delivered event."""
    name = entry.pop("name", "messaging")
    request = stage.signed("page", {"id": PAGE_ID, **entry, name: [event]})
    (message,) = [m for i in Messenger.unpack(request) for m in Messenger.normalise(i)]
    return message


def said(pages: list[Page]) -> list[Message]:
    return [
        m for page in pages for item in page.items for m in Messenger.normalise(item)
    ]


def test_the_window_closes_after_a_day_and_with_human_agent_after_a_week(
    stage: Stage,
) -> None:
    to = stage.answerable()
    at = datetime.fromisoformat(to["said_at"])
    draft = Reply("k", "Terima kasih", to, now=at + timedelta(hours=25))
    assert Messenger.preview(draft).problem == "window_closed"
    granted = replace(draft, to={**to, "human_agent": True})
    assert Messenger.preview(granted).problem is None
    assert Messenger.preview(replace(granted, now=at + timedelta(days=8))).problem
    facts = MessengerAccount(access_token="t", human_agent=True).facts()  # type: ignore[arg-type]
    assert facts == {"human_agent": True}


def test_a_message_says_until_when_it_can_be_answered(stage: Stage) -> None:
    message = read(stage, stage.event(PAGE_ID, {"text": "Halo"}))
    assert message.created_at is not None
    assert message.reply_until == message.created_at + timedelta(hours=24)


def test_late_answers_go_out_as_human_agent_where_that_is_granted(
    stage: Stage, messenger: Messenger, sandbox: Sandbox
) -> None:
    to = {**stage.answerable(), "human_agent": True}
    sandbox.advance(2 * DAY)
    reply = Reply(
        "k", "Sudah diperbaiki", to, now=datetime.now(UTC) + timedelta(days=2)
    )
    with pytest.raises(Refused) as refusal:
        messenger.send(reply)
    assert refusal.value.code == "window_closed"
    stage.state.human_agent_granted = True
    assert messenger.send(reply).external_id
    with pytest.raises(Refused, match="over"):
        messenger.send(replace(reply, now=datetime.now(UTC) + timedelta(days=9)))


def test_somebody_who_blocked_the_page_is_unreachable(
    stage: Stage, messenger: Messenger
) -> None:
    to = stage.answerable()
    stage.refuse(to)
    with pytest.raises(Refused) as refusal:
        messenger.send(Reply("k", "Halo", to))
    assert refusal.value.code == "unreachable"
    with pytest.raises(Refused) as refusal:
        messenger.send(Reply("k", "Halo", {"recipient_id": "1"}))
    assert refusal.value.code == "unreachable"


def test_what_colleagues_write_elsewhere_is_an_echo_of_ours(stage: Stage) -> None:
    event = stage.event(PAGE_ID, {"text": "Kami cek", "is_echo": True, "app_id": 7})
    event["sender"], event["recipient"] = event["recipient"], event["sender"]
    echo = read(stage, event)
    assert (echo.is_own, echo.conversation_id, echo.reply_to) == (True, "5001", None)


def test_in_standby_another_program_answers(stage: Stage) -> None:
    message = read(stage, stage.event(PAGE_ID, {"text": "Halo"}), name="standby")
    assert (
        message.text == "Halo" and message.reply_to is None and message.extra["standby"]
    )


def test_what_is_taken_back_or_edited_names_its_message(stage: Stage) -> None:
    gone = read(stage, stage.event(PAGE_ID, {"mid": "m_9", "is_deleted": True}))
    assert (gone.kind, gone.native_id) == ("delete", "m_9")
    event = stage.event(PAGE_ID, {})
    del event["message"]
    event["message_edit"] = {"mid": "m_9", "text": "Lampu mati total", "num_edit": 1}
    edit = read(stage, event)
    assert (edit.kind, edit.native_id, edit.text) == ("edit", "m_9", "Lampu mati total")


def test_delivery_notices_name_every_message_and_reading_a_time(stage: Stage) -> None:
    event = {"sender": {"id": "5001"}, "recipient": {"id": PAGE_ID}}
    told = {**event, "delivery": {"mids": ["m_1", "m_2"], "watermark": 1}}
    request = stage.signed("page", {"id": PAGE_ID, "messaging": [told]})
    states = [m for i in Messenger.unpack(request) for m in Messenger.normalise(i)]
    assert [(m.target_id, m.extra["state"]) for m in states] == [
        ("m_1", "delivered"),
        ("m_2", "delivered"),
    ]
    seen = read(stage, {**event, "read": {"watermark": 1_772_000_000_000}})
    assert (seen.kind, seen.target_id, seen.extra["state"]) == ("status", None, "read")


def test_a_button_is_said_in_its_words_and_a_reaction_names_its_message(
    stage: Stage,
) -> None:
    event = stage.event(PAGE_ID, {})
    del event["message"]
    pressed = read(
        stage, {**event, "postback": {"title": "Lapor", "payload": "X", "mid": "m_5"}}
    )
    assert (pressed.kind, pressed.text, pressed.native_id) == ("dm", "Lapor", "m_5")
    liked = read(
        stage, {**event, "reaction": {"mid": "m_1", "action": "react", "emoji": "👍"}}
    )
    assert (liked.kind, liked.target_id, liked.text) == ("reaction", "m_1", "👍")
    handed = read(stage, {**event, "pass_thread_control": {"new_owner_app_id": "1"}})
    assert handed.kind == "system"


def test_a_sticker_is_counted_once_and_a_link_is_no_file(stage: Stage) -> None:
    sticker = {"payload": {"url": "https://cdn.example/s.png", "sticker_id": 3}}
    link = {"type": "fallback", "title": "Berita", "url": "https://contoh.example/a"}
    attachments = [{"type": "sticker", **sticker}, {"type": "image", **sticker}, link]
    message = read(stage, stage.event(PAGE_ID, {"attachments": attachments}))
    assert [m.type for m in message.media] == ["sticker"]
    assert message.extra["links"] == ["https://contoh.example/a"]


def test_a_place_is_a_place(stage: Stage) -> None:
    point = {
        "type": "location",
        "payload": {"coordinates": {"lat": -6.59, "long": 106.79}},
    }
    message = read(stage, stage.event(PAGE_ID, {"attachments": [point]}))
    assert (
        message.geo is not None
        and message.geo.latitude == -6.59
        and message.media == ()
    )


def test_polling_knows_names_and_finds_the_same_message_again(
    stage: Stage, messenger: Messenger
) -> None:
    who = stage.state.person("Siti Contoh")
    written = stage.state.write("messenger", PAGE_ID, who, "Lampu mati")
    (message,) = said(list(messenger.fetch({})))
    assert (message.native_id, message.author_name) == (written.id, "Siti Contoh")
    assert message.conversation_id == who.id and message.reply_to is not None
    ours = stage.state.answer(stage.state.talk("messenger", PAGE_ID, who), "Kami cek")
    back = next(m for m in said(list(messenger.fetch({}))) if m.native_id == ours.id)
    assert back.is_own and back.conversation_id == who.id


def test_more_than_the_platform_tells_of_a_busy_conversation_is_a_gap(
    stage: Stage, messenger: Messenger
) -> None:
    who = stage.state.person("Siti Contoh")
    for number in range(25):
        stage.state.write("messenger", PAGE_ID, who, f"Lampu {number}")
    (page,) = messenger.fetch({})
    assert page.gap == "window_20" and len(page.items) == 20


def test_a_deliverys_neighbours_are_not_ours(stage: Stage) -> None:
    """One address brings the feed of the page too."""
    feed = [{"field": "feed", "value": {"item": "comment", "post_id": "1_2"}}]
    request = stage.signed("page", {"id": PAGE_ID, "changes": feed})
    assert list(Messenger.unpack(request)) == []
    with pytest.raises(BadItem):
        list(Messenger.normalise(RawItem("k", "msg.object", {"row": {"message": "?"}})))


def test_subscribing_brings_messages_and_keeps_the_feed(
    stage: Stage, messenger: Messenger, sandbox: Sandbox
) -> None:
    stage.page.subscribed["100200300400"] = ["feed"]
    with callback(Messenger, stage.app()) as receiver:
        messenger.subscribe(receiver.url)
        stage.say("Lampu jalan mati")
        sandbox.wait_for(lambda: len(receiver.said) > 0)
    assert receiver.said[0].text == "Lampu jalan mati"
    assert {"feed", "messages"} <= set(stage.page.subscribed["100200300400"])


def test_without_the_apps_id_signing_in_says_what_is_missing(stage: Stage) -> None:
    app = Messenger.App(base_url=stage.app().base_url)  # type: ignore[call-arg]
    with pytest.raises(NeedsLogin) as refusal:
        Messenger.login_start(app, "http://127.0.0.1:1/", "s")  # type: ignore[arg-type]
    assert refusal.value.code == "no_app"


def test_events_nobody_expects_are_told_and_do_not_hide_what_stands_beside_them() -> (
    None
):
    page = {"recipient": {"id": PAGE_ID}}
    guest = {
        **page,
        "sender": {"user_ref": "tamu-1"},
        "postback": {"title": "", "payload": "x"},
    }
    stern = {
        **page,
        "policy-enforcement": {"action": "warning", "reason": "terlalu sering"},
    }
    entry = {
        "id": PAGE_ID,
        "time": 1_700_000_000_000,
        "messaging": ["rusak", guest, stern],
    }
    broken, *others = Messenger.read_file({"object": "page", "entry": [entry]})
    with pytest.raises(BadItem):
        list(Messenger.normalise(broken))
    greeting, warning = [m for item in others for m in Messenger.normalise(item)]
    assert (greeting.kind, greeting.author_id, greeting.reply_to) == (
        "dm",
        "tamu-1",
        None,
    )
    assert (warning.kind, warning.extra["event"]) == ("system", "policy-enforcement")


def test_messages_asked_for_by_their_ids_are_read() -> None:
    answer = {
        name: {"id": name, "message": "Halo", "from": {"id": "7"}}
        for name in ("m_a", "m_b")
    }
    found = [
        m.native_id for i in Messenger.read_file(answer) for m in Messenger.normalise(i)
    ]
    assert found == ["m_a", "m_b"]
