"""An installation of its own for one account on a platform of the sandbox: residents
act there, the worker makes its passes, deliveries reach its pages, a coordinator reads
cases and answers them.

Looks at what people of the city see, never at rows.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from browser import Served
from cryptography.fernet import Fernet
from pydantic import SecretStr
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.accounts import connections, filestore, registry
from aggregator.answers import by_hand, replies
from aggregator.cases import claims, deadlines
from aggregator.cases.deadlines import AgencyClock
from aggregator.city.catalog import Catalog
from aggregator.desk import queue
from aggregator.desk.queue import CaseDetail, Spoken
from aggregator.intake import ingest
from aggregator.people import invitations, staff, viewers
from aggregator.running.worker import Worker
from aggregator.store import settings
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.vault import Vault
from aggregator.web.app import create_app
from connectors.base import Settings
from sandbox.serve import Sandbox


class CityHall:
    """`dewi` coordinates and sees every case. Its clock runs with the sandbox's.
    `deaf`: what is delivered is lost, as in an outage longer than platforms repeat."""

    deaf = False

    def __init__(
        self, database: Database, catalog: Catalog, sandbox: Sandbox, folder: Path
    ) -> None:
        self.database, self.catalog, self.sandbox = database, catalog, sandbox
        self.data_dir = folder / "var"
        self.vault = Vault([Fernet.generate_key().decode()])
        self._ahead = timedelta()
        self._platform: Any = None
        _, token = staff.add(
            database,
            self.now(),
            SYSTEM,
            login="dewi",
            name="Dewi",
            agency="diskominfo",
            role="koordinator",
        )
        person = invitations.accept(database, self.now(), token, "kata sandi panjang")
        self.dewi = viewers.viewer(person)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def later(self, **time: float) -> None:
        """Time passes, here and on the platforms."""
        passed = timedelta(**time)
        self._ahead += passed
        self.sandbox.advance(passed.total_seconds())

    def register(self, channel: str, app: Settings, account: Settings) -> None:
        """As an administrator does it, with the settings of the installation in its
        environment."""
        for name, value in app:
            if value is not None:
                plain = (
                    value.get_secret_value() if isinstance(value, SecretStr) else value
                )
                os.environ[f"SAHUT_{channel.upper()}_{name.upper()}"] = str(plain)
        settings.app_settings.cache_clear()
        registry.register(
            self.database,
            self.vault,
            self.now(),
            SYSTEM,
            channel=channel,
            agency="dishub",
            account_settings=account,
            identity=registry.identify(channel, account),
        )

    def accounts(self) -> list[Account]:
        return registry.list_all(self.database)

    @contextmanager
    def open(self) -> Iterator[str]:
        """The pages are served until the block ends; the address for deliveries."""
        chosen = settings.Settings(data_dir=self.data_dir)
        app = create_app(
            self.database, self.vault, chosen, self.catalog, clock=self.now
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            served = Served(self._unless_deaf(app), listener)
            served.thread.start()
            try:
                yield served.address
            finally:
                served.stop()

    def _unless_deaf(self, app: ASGIApp) -> ASGIApp:
        async def listening(scope: Scope, receive: Receive, send: Send) -> None:
            await (Response() if self.deaf else app)(scope, receive, send)

        return listening

    def hear_from(self, stage: Any, address: str) -> None:
        """Deliveries of the stage's platform arrive at these pages from now on."""
        (account,) = self.accounts()
        callback = connections.callback_url(address, account)
        with connections.connected(account, self.vault) as connector:
            stage.deliver_to(connector, callback)
        self._platform = stage.deliveries

    def delivered(self) -> None:
        """What the platform delivers has arrived and is processed, and nothing is asked
        for."""
        self.sandbox.wait_for(self._platform.idle)
        while ids := ingest.waiting(self.database):
            ingest.process(self.database, self.now(), ids)

    def once(self) -> None:
        """A further pass of the worker, as `sahut worker once`, when all is due and
        what the platform delivers has arrived."""
        if self._platform is not None:
            self.sandbox.wait_for(self._platform.idle)
        due = [account.next_poll_at or self.now() for account in self.accounts()]
        self.later(seconds=1 + max((max(due) - self.now()).total_seconds(), 0))
        worker = Worker(self.database, self.vault, self.data_dir, clock=self.now)
        try:
            done = worker.once()
        finally:
            worker.stop()
        assert done.failed == 0, [account.last_error for account in self.accounts()]

    def cases(self) -> list[CaseDetail]:
        rows = queue.listing(self.database, self.dewi, status="all", limit=100)
        numbers = [row.case.number or "" for row in rows]
        return [
            queue.detail(self.database, self.now(), self.dewi, number)
            for number in numbers
        ]

    def case(self) -> CaseDetail:
        """The only one there is."""
        (found,) = self.cases()
        return found

    def answer(self, text: str) -> None:
        """The case is taken in hand, answered from the queue, and the answer sent."""
        number = str(self.case().case.number)
        claims.claim(self.database, self.now(), self.dewi, number, 600)
        answer = replies.Answer(text)
        replies.reply(
            self.database, self.now(), self.dewi, number, answer, key=uuid.uuid4().hex
        )
        self.once()

    def answered_there(self) -> None:
        """A person answered on the platform, by hand, and says so."""
        case = self.case()
        by_hand.answered_there(
            self.database,
            self.now(),
            self.dewi,
            str(case.case.number),
            said(case)[0].message.id or 0,
            key=uuid.uuid4().hex,
        )

    def clocks(self) -> list[AgencyClock]:
        """Of the procedures; a platform's own deadline moves with what is said."""
        with self.database.reading() as session:
            known = deadlines.of_case(session, self.now(), self.case().case)
        return [one for one in known if one.clock.name != "reply_window"]

    def opens(self, file: Attachment) -> bytes:
        """What the case page shows of a file."""
        assert file.sha256 is not None, f"{file.status}: {file.reason}"
        return filestore.path_of(self.data_dir, file.sha256).read_bytes()


Settle = Callable[[str], tuple[Any, CityHall]]
"""A channel's stage, and a city that has registered its account there."""


def said(case: CaseDetail) -> list[Spoken]:
    """What residents said in a case, oldest first."""
    return [one for one in case.messages if one.message.direction == "in"]


def running(known: list[AgencyClock]) -> list[tuple[Any, ...]]:
    """Of clocks that run or have ended, what does not move any more."""
    return [
        (one.agency, one.clock.name, one.clock.started_at, one.clock.first_due_at)
        for one in known
        if one.clock.started_at
    ]
