"""An installation with mailboxes on a real mail server: accounts are registered, the
worker makes its passes, a coordinator reads cases and answers.

`sahut` is the command line as a process of its own; what a test does often is done by
the same functions inside the test's process, which is quicker.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from cryptography.fernet import Fernet
from mailserver import PASSWORD, RESIDENTS, MailServer
from terminal import Run, terminal

from aggregator.accounts import ledger, registry
from aggregator.answers import replies
from aggregator.cases import claims
from aggregator.desk import queue
from aggregator.desk.queue import CaseDetail
from aggregator.intake import ingest
from aggregator.people import invitations, staff, viewers
from aggregator.running.worker import Done, Worker
from aggregator.store import settings
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Gap
from aggregator.store.tables.intake import RawEvent
from aggregator.store.vault import Vault


@dataclass(frozen=True)
class Resident:
    """Somebody with a mailbox of their own."""

    server: MailServer
    address: str

    def writes(
        self, to: str, text: str, subject: str = "", **headers: str
    ) -> EmailMessage:
        """A mail over SMTP; header names with _ for -."""
        mail = letter(self.address, to, text, subject, **headers)
        self.server.deliver(mail.as_bytes(), to, self.address)
        return mail

    def received(self) -> list[EmailMessage]:
        return self.server.read(self.address)


def letter(
    sender: str, to: str, text: str, subject: str = "", **headers: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    if subject:
        mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


class Office:
    """`dewi` coordinates and sees every case."""

    def __init__(self, server: MailServer, url: str, folder: Path) -> None:
        self.server = server
        self.data_dir = folder / "var"
        key = Fernet.generate_key().decode()
        self.vault = Vault([key])
        self.sahut: Run = terminal(
            folder, url, SAHUT_SECRET_KEY=key, **server.environment
        )
        settings.app_settings.cache_clear()
        self.database = Database(url)
        now = datetime.now(UTC)
        _, token = staff.add(
            self.database,
            now,
            SYSTEM,
            login="dewi",
            name="Dewi",
            agency="diskominfo",
            role="koordinator",
        )
        person = invitations.accept(self.database, now, token, "kata sandi panjang")
        self.dewi = viewers.viewer(person)

    def close(self) -> None:
        self.database.close()

    def register(self, agency: str = "dishub", **more: str) -> str:
        """A new mailbox, registered; its address."""
        return self.register_as(self.server.add(), agency, **more)

    def register_as(self, address: str, agency: str = "dishub", **more: str) -> str:
        chosen = registry.parse_settings(
            "imap", {"address": address, "password": PASSWORD, **more}
        )
        registry.register(
            self.database,
            self.vault,
            datetime.now(UTC),
            SYSTEM,
            channel="imap",
            agency=agency,
            account_settings=chosen,
            identity=registry.identify("imap", chosen),
        )
        return address

    def resident(self) -> Resident:
        return Resident(self.server, self.server.add(RESIDENTS))

    def once(self) -> Done:
        """One pass of the worker over everything, as `sahut worker once`."""
        self.due()
        worker = Worker(self.database, self.vault, self.data_dir)
        try:
            return worker.once()
        finally:
            worker.stop()

    def add(self, address: str, agency: str = "dishub") -> None:
        """A mailbox registered by command."""
        words = ("--set", f"address={address}", "--set", "password=env:P")
        done = self.sahut(
            "accounts", "add", "imap", "--agency", agency, *words, P=PASSWORD
        )
        assert done.returncode == 0, done.stderr

    @contextmanager
    def working(self) -> Iterator[None]:
        """The worker as a service, until the block ends."""
        worker = Worker(self.database, self.vault, self.data_dir)
        worker.start()
        try:
            yield
        finally:
            worker.stop()

    @staticmethod
    def wait_until(holds: Callable[[], bool]) -> None:
        """The time-out of the test ends a wait for what never comes."""
        while not holds():
            threading.Event().wait(0.05)

    def due(self) -> None:
        """The interval of every account, and of every further try, is over."""
        with self.database.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE account SET next_poll_at = last_poll_at"
                " WHERE last_poll_at IS NOT NULL AND status = 'active'"
            )
            connection.exec_driver_sql(
                "UPDATE raw_event SET next_try_at = received_at WHERE status = 'fetch'"
            )

    def cases(self, status: str = "open") -> list[CaseDetail]:
        """Oldest first."""
        rows = queue.listing(self.database, self.dewi, status=status, limit=500)
        found = [
            queue.detail(
                self.database, datetime.now(UTC), self.dewi, row.case.number or ""
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: one.case.id or 0)

    def case(self) -> CaseDetail:
        """The only one there is."""
        (found,) = self.cases()
        return found

    def answer(self, number: str | None, text: str) -> None:
        """Answered from the queue, and sent."""
        now = datetime.now(UTC)
        claims.claim(self.database, now, self.dewi, str(number), 120)
        replies.reply(
            self.database,
            now,
            self.dewi,
            str(number),
            replies.Answer(text),
            key=uuid.uuid4().hex,
        )
        self.once()
        self.server.settle()

    def raw(self, status: str) -> list[RawEvent]:
        return ingest.events(self.database, status=status)

    def account(self, address: str) -> Account:
        return registry.find(self.database, address)

    def gaps(self, address: str) -> list[Gap]:
        account = self.account(address)
        with self.database.reading() as session:
            return ledger.gaps_of(session, account.id or 0)

    def aside(self) -> list[str]:
        """Why mails were kept aside, oldest first."""
        found = ingest.events(self.database, status="ignored", limit=1000)
        return [event.reason or "" for event in reversed(found)]


def said(case: CaseDetail) -> list[str | None]:
    """What residents said in a case, oldest first."""
    return [one.message.text for one in case.messages if one.message.direction == "in"]
