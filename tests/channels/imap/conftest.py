"""Offices with mailboxes on a real mail server, and the program that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import mailserver
import pytest
from mailserver import MailServer
from office import Office


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    if mailserver.needs_root():
        pytest.skip("Postfix starts as root only: run the mail tests as root")
    with mailserver.running() as server:
        yield server


@pytest.fixture
def open_office(
    mail_server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Office]]:
    """`open_office(database_url)`: one installation with a coordinator, Dewi."""
    opened: list[Office] = []

    def begin(url: str) -> Office:
        for name, value in mail_server.environment.items():
            monkeypatch.setenv(name, value)
        opened.append(Office(mail_server, url, tmp_path))
        return opened[-1]

    yield begin
    for office in opened:
        office.close()


@pytest.fixture
def office(open_office: Callable[[str], Office], sqlite_url: str) -> Office:
    return open_office(sqlite_url)
