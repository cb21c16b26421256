"""`sahut cases record`: a report from the telephone or a pasted chat, on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select
from terminal import Run, terminal

from aggregator.people import invitations, staff
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.intake import Message


@pytest.fixture
def record(sqlite_url: str, sqlite_database: Database, tmp_path: Path) -> Run:
    """`record("--text", "...")` as Budi of Dishub."""
    now = datetime.now(UTC)
    _, token = staff.add(
        sqlite_database,
        now,
        SYSTEM,
        login="budi",
        name="Budi",
        agency="dishub",
        role="juru_bicara",
    )
    invitations.accept(sqlite_database, now, token, "kata sandi panjang")
    run = terminal(tmp_path, sqlite_url, SAHUT_LOGIN="budi")
    return lambda *words: run("cases", "record", *words)


def test_a_chat_in_a_file_is_recorded_as_what_the_first_says(
    record: Run, tmp_path: Path, sqlite_database: Database
) -> None:
    (tmp_path / "obrolan.txt").write_text(
        "24/02/26 09.12 - Siti: Lampu mati\n24/02/26 09.13 - RT: di mana?\n",
        encoding="utf-8",
    )
    done = record("--via", "whatsapp", "--text", "@obrolan.txt", "--agency", "dishub")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Case ")
    with sqlite_database.reading() as session:
        (message,) = session.exec(select(Message))
    assert (message.text, message.author_name) == ("Lampu mati", "Siti")
    assert message.extra["recorded_by"] == "Budi"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--text", "Lampu mati", "--via", "merpati"), "112, phone, visit"),
        (("--text", "Lampu mati", "--agency", "dlh"), "dlh"),
        (("--text", ""), "no text"),
    ],
)
def test_what_is_wrong_is_said(record: Run, words: tuple[str, ...], told: str) -> None:
    done = record(*words)
    assert done.returncode == 1
    assert told in done.stderr
