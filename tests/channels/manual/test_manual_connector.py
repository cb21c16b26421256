"""What somebody of the city writes down, and chats as people paste them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Message, Reply
from connectors.errors import BadItem
from connectors.manual import Manual, paste

WIB = ZoneInfo("Asia/Jakarta")
NINE = datetime(2026, 11, 25, 2, 12, tzinfo=UTC)


def one(**said: Any) -> Message:
    (item,) = Manual.read_file({"entry_id": "e-1", **said})
    (message,) = Manual.normalise(item)
    return message


@pytest.mark.parametrize(
    "pasted",
    [
        "25/11/26 09.12 - Siti Contoh: Lampu mati",
        "25/11/2026, 09:12 - Siti Contoh: Lampu mati",
        "11/25/26, 9:12 AM - Siti Contoh: Lampu mati",
        "11/25/26, 9:12\u202fAM - Siti Contoh: Lampu mati",
        "\u200e[25/11/26 09.12.00] Siti Contoh: Lampu mati",
        "[09.12, 25/11/2026] Siti Contoh: Lampu mati",
        "[9:12 am, 11/25/2026] Siti Contoh: Lampu mati",
        "Siti Contoh, [25/11/2026 09:12]\nLampu mati",
        "2026-11-25 09:12 - Siti Contoh: Lampu mati",
    ],
)
def test_chats_of_many_telephones_are_read(pasted: str) -> None:
    assert paste.chat(pasted, WIB) == [paste.Line("Siti Contoh", NINE, "Lampu mati")]


def test_a_message_goes_on_over_lines_and_notices_are_left_out() -> None:
    lines = paste.chat(
        "25/11/26 09.10 - Pesan dan panggilan terenkripsi secara end-to-end.\n"
        "25/11/26 09.12 - Siti: Lampu mati\ndi Gg. Masjid\n"
        "25/11/26 09.13 - Siti: <Media tidak disertakan>\n",
        WIB,
    )
    assert [(line.who, line.text, line.media) for line in lines] == [
        ("Siti", "Lampu mati\ndi Gg. Masjid", False),
        ("Siti", "", True),
    ]


@pytest.mark.parametrize(
    "said", ["Jam 9.12 - dia bilang: lampu mati", "Lampu mati", ""]
)
def test_what_is_no_chat_stays_as_it_is(said: str) -> None:
    assert paste.chat(said, WIB) == []


def test_a_date_that_cannot_be_has_no_time_and_is_not_lost() -> None:
    (line,) = paste.chat("31/02/26 09.12 - Siti: Lampu mati", WIB)
    assert (line.at, line.text) == (None, "Lampu mati")


def test_chosen_lines_are_the_report_and_the_whole_chat_is_kept() -> None:
    pasted = "25/11/26 09.12 - Siti: Lampu mati\n25/11/26 09.13 - RT: di mana?"
    message = one(
        pasted=pasted, text="Diteruskan grup RT", lines=[0], source="whatsapp"
    )
    assert message.text == "Diteruskan grup RT\n\nLampu mati"
    assert message.author_name == "Siti"
    assert message.created_at == NINE
    assert [line["who"] for line in message.extra["chat"]] == ["Siti", "RT"]


def test_a_call_has_who_wrote_it_down_and_when_it_was_said() -> None:
    message = one(
        text="Pohon tumbang",
        source="call112",
        recorded_by="Budi Contoh",
        contact="0812 0000 1111",
        said_at="2026-11-25T09:12",
    )
    assert message.extra == {"recorded_by": "Budi Contoh", "source": "call112"}
    assert message.created_at == NINE
    assert message.contact == "+6281200001111"
    assert not message.public


def test_a_way_nobody_knows_is_another_one() -> None:
    assert one(text="Lampu mati", source="merpati pos").extra["source"] == "other"


def test_an_entry_without_anything_said_is_set_aside() -> None:
    with pytest.raises(BadItem):
        one(source="call112")


def test_an_answer_is_passed_on_by_a_person() -> None:
    reply = Reply("k1", "Terima kasih", {"entry_id": "e-1"})
    assert Manual.preview(reply).warnings == ("passed_on_by_person",)
