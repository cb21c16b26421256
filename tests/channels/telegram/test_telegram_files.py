"""Files that go out with an answer on Telegram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Reply, Upload
from connectors.errors import Unknown
from connectors.telegram import Telegram, TelegramAccount, TelegramApp
from sandbox.serve import Sandbox

JPEG = Upload("sebelum.jpg", "image/jpeg", b"\xff\xd8\xff" + b"0" * 100)
LETTER = Upload("surat.pdf", "application/pdf", b"%PDF-1.7 surat")
VIDEO = Upload("jalan.mp4", "video/mp4", b"video")


@pytest.fixture
def bot(sandbox: Sandbox) -> Any:
    return sandbox.telegram.add_bot(username="dishub_bot", name="Dishub")


@pytest.fixture
def telegram(sandbox: Sandbox, bot: Any) -> Iterator[Telegram]:
    connector = Telegram(
        TelegramApp(base_url=sandbox.url), TelegramAccount(token=bot.token)
    )
    yield connector
    connector.close()


@pytest.fixture
def chat(sandbox: Sandbox, bot: Any) -> int:
    return sandbox.telegram.private_chat(bot.token, "Siti")


def draft(sandbox: Sandbox, chat: int, text: str, *files: Upload) -> Reply:
    said = sandbox.telegram.say(chat, "Lubang di depan sekolah")
    to = {"chat_id": str(chat), "message_id": said["message_id"]}
    return Reply("k", text, to, files=files)


def answers(sandbox: Sandbox, chat: int) -> list[dict[str, Any]]:
    """What the bot wrote, without the resident's message."""
    return list(sandbox.telegram.chats[chat].messages.values())[1:]


def test_one_photo_carries_the_text_as_its_caption(
    sandbox: Sandbox, telegram: Telegram, chat: int
) -> None:
    reply = draft(sandbox, chat, "Sudah ditambal", JPEG)
    assert Telegram.preview(reply).parts == ("Sudah ditambal",)
    telegram.send(reply)
    (answer,) = answers(sandbox, chat)
    assert answer["caption"] == "Sudah ditambal"
    assert answer["photo"] and "reply_to_message" in answer


def test_a_long_text_comes_before_its_photos(
    sandbox: Sandbox, telegram: Telegram, chat: int
) -> None:
    text = "Terima kasih atas laporannya. " * 50
    telegram.send(draft(sandbox, chat, text.strip(), JPEG, JPEG))
    first, *photos = answers(sandbox, chat)
    assert first["text"] == text.strip()
    assert ["caption" in photo for photo in photos] == [False, False]


def test_photos_and_videos_share_an_album_and_documents_do_not(
    sandbox: Sandbox, telegram: Telegram, chat: int
) -> None:
    telegram.send(draft(sandbox, chat, "Berkasnya", JPEG, VIDEO, LETTER))
    told = answers(sandbox, chat)
    kinds = [
        next(k for k in ("photo", "video", "document") if k in each) for each in told
    ]
    assert kinds == ["photo", "video", "document"]
    assert [each.get("caption") for each in told] == ["Berkasnya", None, None]
    assert told[2]["document"]["file_name"] == "surat.pdf"


def test_an_answer_that_broke_after_its_first_part_is_not_repeated(
    sandbox: Sandbox, telegram: Telegram, chat: int
) -> None:
    sandbox.fault("429", endpoint="sendDocument")
    with pytest.raises(Unknown):
        telegram.send(draft(sandbox, chat, "Berkasnya", JPEG, LETTER))
    assert len(sandbox.sent("telegram")) == 1


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ((JPEG,) * 11, "too_many_files"),
        (
            (Upload("besar.zip", "application/zip", b"0" * (50 * 1024 * 1024 + 1)),),
            "file_too_large",
        ),
        ((JPEG,), None),
    ],
)
def test_what_telegram_would_not_take_is_told_before(
    files: tuple[Upload, ...], problem: str | None
) -> None:
    assert (
        Telegram.preview(Reply("k", "Ini", {"chat_id": "5"}, files=files)).problem
        == problem
    )
