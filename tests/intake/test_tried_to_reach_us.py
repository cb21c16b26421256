"""A call, or a chat that only phones can read: nothing to read, and somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from connectors.whatsapp import wire as whatsapp
from connectors.x import wire as x

Post = Callable[..., Case | None]


@pytest.fixture
def account(register: Callable[..., Account]) -> Account:
    return register("dinkes_wa", "dinkes")


@pytest.mark.parametrize("tried", ["call", "sealed_chat"])
def test_who_cannot_be_read_gets_a_case_with_clocks(
    account: Account, post: Post, tried: str
) -> None:
    case = post(account, None, kind="system", public=False, extra={"tried": tried})
    assert case is not None
    assert case.klass == "pengaduan"
    assert case.next_due_at is not None


def test_other_notices_of_a_platform_open_none(account: Account, post: Post) -> None:
    assert post(account, None, kind="system", public=False, extra={}) is None


def call(**said: str) -> dict[str, object]:
    row = {"from": "628111", "id": "wacid.1", "timestamp": "1772430000", **said}
    return {"metadata": {"phone_number_id": "21"}, "calls": [row]}


def test_a_call_on_whatsapp_can_be_written_back_to() -> None:
    (item,) = whatsapp.raw_items(call(event="connect", direction="USER_INITIATED"))
    (said,) = whatsapp.messages_of(item)
    assert said.extra["tried"] == "call"
    assert said.reply_to is not None and said.reply_to["phone"] == "628111"
    assert said.created_at is not None
    assert said.reply_until == said.created_at + timedelta(hours=24)


@pytest.mark.parametrize(
    "told",
    [
        {"event": "terminate", "status": "COMPLETED", "direction": "USER_INITIATED"},
        {"event": "connect", "direction": "BUSINESS_INITIATED"},
    ],
)
def test_a_call_that_was_taken_or_was_ours_asks_for_nothing(
    told: dict[str, str],
) -> None:
    (item,) = whatsapp.raw_items(call(**told))
    (said,) = whatsapp.messages_of(item)
    assert "tried" not in said.extra


def test_an_encrypted_chat_on_x_is_noticed() -> None:
    told = {
        "id": "e4f4",
        "sender_id": "22",
        "conversation_id": "22:11",
        "created_at_msec": "1784841183370",
        "encoded_event": "CwAB",
    }
    event = {"event_type": "chat.received", "filter": {"user_id": "11"}}
    (item,) = x.raw_items({"data": {**event, "event_uuid": "8", "payload": told}}, None)
    (said,) = x.messages_of(item)
    assert said.extra["tried"] == "sealed_chat"
    assert (said.author_id, said.conversation_id) == ("22", "11-22")
    assert said.reply_to == {"participant_id": "22"}
