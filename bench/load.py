"""A hundred thousand cases, 156 people at work and messages arriving: how long each
page takes.

    python -m bench.load [--cases 100000] [--open 0.2] [--pace 3] [--seconds 240] [--pages 2]
                         [--postgres]

The product is the real command as a process of its own with its worker; the platform is
the sandbox. Every person has a page open that follows the news, and works `pace` times
as fast as in a busy hour (an act every 45 seconds), for so many seconds. Printed: times
by act, errors, memory over time, and what the server's processor time went for: on a
machine that others use too, requests a processor second are the figure to compare.
"""  # noqa: E501

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

from sqlmodel import col, func, select

from aggregator.accounts import registry
from aggregator.city import catalog
from aggregator.people import viewers
from aggregator.people.viewers import Viewer
from aggregator.store import settings, vault
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Notification, Person
from bench import _city, _filled
from bench._browsers import Browser, Seen
from bench._served import Served, serve
from sandbox import postgres
from sandbox.serve import Sandbox, running

ACTS_AN_HOUR = 80
ARRIVALS_AN_HOUR = 600
_DESK = {
    "koordinator": 4,
    "verifikator": 3,
    "admin": 2,
    "pimpinan": 4,
    "juru_bicara": 4,
}
"""Who works at the city's desk, beside one spokesperson of every office: 156 in all."""
FILTERS = (
    "tampilan=belum",
    "tampilan=tenggat",
    "tampilan=saya",
    "tampilan=semua&urut=terbaru",
    "tampilan=kantor&urut=usia",
    "tampilan=semua&jenis=jalan_berlubang",
    "tampilan=darurat",
    "tampilan=semua&status=selesai&urut=terbaru",
    "tampilan=semua&wilayah=kel-tegallega",
    "tampilan=bantuan",
    "tampilan=semua&pelapor=5&urut=pelapor",
    "tampilan=kembar",
)
_QUIET_SECONDS = 75
"""Deadlines are looked at once a minute."""
_AIM_MS = 200
_AIMED_AT = ("queue", "filter", "search", "case", "claim")


@dataclass
class Scene:
    """Who works where: logins, the texts of the city, and residents' chats with its
    bots."""

    served: Served
    logins: list[str]
    city: _filled.City
    sandbox: Sandbox
    chats: list[int]


@dataclass
class Measured:
    """What came of it. `memory`: megabytes of the server, over time. `stolen`: the
    share of this machine's processor time that its host gave to other machines
    meanwhile."""

    seen: Seen = field(default_factory=Seen)
    memory: list[float] = field(default_factory=list)
    said: int = 0
    processor: float = 0
    seconds: float = 0
    stolen: float = 0


def run() -> None:
    main([])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument(
        "--open", type=float, default=0.2, help="share of cases that are open"
    )
    parser.add_argument("--pace", type=float, default=3, help="times a busy hour")
    parser.add_argument("--seconds", type=int, default=240)
    parser.add_argument(
        "--pages", type=int, default=2, help="processes that make pages"
    )
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    chosen = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="sahut-load-") as folder,
        running() as sandbox,
        _database(Path(folder), postgres_too=chosen.postgres) as database,
    ):
        os.environ |= {
            "DATABASE_URL": database.url.render_as_string(hide_password=False),
            "SAHUT_DATA_DIR": folder,
            "SAHUT_TELEGRAM_BASE_URL": sandbox.url,
            "SAHUT_PAGE_PROCESSES": str(chosen.pages),
        }
        began = time.monotonic()
        city, logins, chats = _prepare(
            database, sandbox, Path(folder), chosen.cases, chosen.open
        )
        print(
            f"  {chosen.cases:,} cases in {time.monotonic() - began:.0f} s", flush=True
        )
        log = Path(folder) / "server.log"
        with serve(log) as served:
            _settle(database)
            scene = Scene(served, logins, city, sandbox, chats)
            found = asyncio.run(_hour(scene, chosen.pace, chosen.seconds))
            _report(database, found)
        if found.seen.errors:
            print(log.read_text()[-2000:])


@contextlib.contextmanager
def _database(folder: Path, *, postgres_too: bool) -> Iterator[Database]:
    with contextlib.ExitStack() as stack:
        url = f"sqlite:///{folder / 'sahut.db'}"
        if postgres_too:
            url = stack.enter_context(postgres.running())
        database = Database(url)
        _city.prepare(database)
        yield database
        database.close()


def _prepare(
    database: Database, sandbox: Sandbox, folder: Path, cases: int, open_share: float
) -> tuple[_filled.City, list[str], list[int]]:
    known = catalog.load(settings.Settings().folder_of_config())
    staff = _staff(database, known)
    registered, chats = _bots(database, sandbox, folder, known)
    city = _filled.City(
        known, registered, [one for one in staff if one.role == "juru_bicara"]
    )
    _filled.fill(database, city, datetime.now(UTC), cases, open_share)
    return city, [one.login for one in staff], chats


def _staff(database: Database, known: catalog.Catalog) -> list[Viewer]:
    """One password for all, hashed once."""
    first = _city.person(database, "desk", "diskominfo")
    posts = [(f"jubir-{code}", code, "juru_bicara") for code in known.agencies]
    for role, count in _DESK.items():
        posts += [(f"{role}{number}", "diskominfo", role) for number in range(count)]
    with database.writing() as session:
        password = session.get_one(Person, first.id).password_hash
        rows = [
            Person(
                login=login.replace("_", "-"),
                name=login.title(),
                agency_code=agency,
                role=role,
                status="active",
                password_hash=password,
                preferences={"tour": 5},
            )
            for login, agency, role in posts
        ]
        session.add_all(rows)
        session.flush()
        return [viewers.viewer(row) for row in rows]


def _bots(
    database: Database, sandbox: Sandbox, folder: Path, known: catalog.Catalog
) -> tuple[list[Account], list[int]]:
    """A bot of every office, polled once a minute, and residents who talk to each."""
    keys, registered, chats = vault.load(None, folder), [], []
    for code in known.agencies:
        bot = sandbox.telegram.add_bot(
            username=f"{code.replace('-', '_')}_bot", name=code
        )
        chosen = registry.parse_settings("telegram", {"token": bot.token})
        registered.append(
            registry.register(
                database,
                keys,
                datetime.now(UTC),
                SYSTEM,
                channel="telegram",
                agency=code,
                account_settings=chosen,
                identity=registry.identify("telegram", chosen),
                interval=60,
            ).account
        )
        chats.append(sandbox.telegram.private_chat(bot.token, f"Warga {code}"))
    return registered, chats


def _settle(database: Database) -> None:
    """Wait until nobody is told of anything any more: a hundred thousand cases that are
    all new to the ladder at once are no busy hour."""
    before = -1
    while before != (told := _number_told(database)):
        before = told
        time.sleep(_QUIET_SECONDS)
    print(f"  {told:,} notifications of steps that were late already", flush=True)


def _number_told(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count(col(Notification.id)))).one()


async def _hour(scene: Scene, pace: float, seconds: int) -> Measured:
    """Everybody signs in and opens the queue; then the hour begins."""
    found, warm = Measured(), Seen()
    browsers = [Browser(scene.served.url, login, warm) for login in scene.logins]
    for browser in browsers:
        await browser.sign_in()
        await browser.open("queue", "/")
    for browser in browsers:
        browser.seen = found.seen
    began, before = time.monotonic(), scene.served.processor_seconds()
    stolen, every = _processor_times()
    until, hour = began + seconds, 3600 / pace
    chance = random.Random(9)
    async with asyncio.TaskGroup() as everybody:
        for browser in browsers:
            worker = Spokesperson(
                browser, random.Random(chance.random()), scene.city.words
            )
            everybody.create_task(worker.work(hour / ACTS_AN_HOUR, until))
        everybody.create_task(_talk(scene, found, hour / ARRIVALS_AN_HOUR, until))
        everybody.create_task(_watch(scene, found, until))
    found.processor = scene.served.processor_seconds() - before
    found.seconds = time.monotonic() - began
    stolen_now, every_now = _processor_times()
    found.stolen = (stolen_now - stolen) / (every_now - every)
    for browser in browsers:
        await browser.close()
    return found


def _processor_times() -> tuple[int, int]:
    """Of all processors: what the host took away, and everything."""
    with Path("/proc/stat").open() as counted:
        times = [int(number) for number in counted.readline().split()[1:9]]
    return times[7], sum(times)


async def _talk(scene: Scene, found: Measured, pause: float, until: float) -> None:
    """Residents who write to the bots of the city."""
    chance = random.Random(3)
    while time.monotonic() < until:
        text = f"{scene.city.said('Tegallega')}, laporan {found.said}"
        await asyncio.to_thread(
            scene.sandbox.telegram.say, chance.choice(scene.chats), text
        )
        found.said += 1
        await asyncio.sleep(chance.expovariate(1 / pause))


async def _watch(scene: Scene, found: Measured, until: float) -> None:
    while time.monotonic() < until:
        found.memory.append(scene.served.megabytes())
        await asyncio.sleep(2)


class Spokesperson:
    """Looks through the queue, searches, opens, claims, writes, answers, closes."""

    def __init__(
        self, browser: Browser, chance: random.Random, words: list[str]
    ) -> None:
        self._browser, self._chance, self._words = browser, chance, words

    async def work(self, pause: float, until: float) -> None:
        """Acts with pauses of `pause` seconds on average, until the clock says
        `until`."""
        await asyncio.sleep(self._chance.uniform(0, pause * 2))
        while True:
            async for _ in self._one_round():
                await asyncio.sleep(self._chance.expovariate(1 / pause))
                if time.monotonic() >= until:
                    return

    async def _one_round(self) -> AsyncIterator[None]:
        """From the queue to a case and through it; a pause at every `yield`."""
        browser, chance = self._browser, self._chance
        await browser.open("queue", "/")
        yield
        if chance.random() < 0.3:
            await browser.open("filter", f"/?{chance.choice(FILTERS)}")
            yield
        if chance.random() < 0.3:
            said = f"{chance.choice(self._words[:400])} {chance.choice(self._words)}"
            await browser.open("search", f"/?tampilan=semua&status=semua&cari={said}")
            yield
        found = browser.cases()
        if not found:
            return
        case = chance.choice(found[:20])
        await browser.open("case", case)
        yield
        offered = (
            f'"{case}/ambil"' in browser.page
        )  # leaders only read, and some have a holder
        if offered and await browser.send("claim", f"{case}/ambil"):
            yield
            async for _ in self._handle(case):
                yield

    async def _handle(self, case: str) -> AsyncIterator[None]:
        browser, chance = self._browser, self._chance
        if chance.random() < 0.4:
            await browser.send(
                "note", f"{case}/catatan", note="Petugas sudah kami hubungi."
            )
            yield
        if chance.random() < 0.6:
            text = "Terima kasih laporannya, petugas kami datang sore ini."
            if await browser.send(
                "preview", f"{case}/balas", step="preview", text=text
            ):
                yield
                target = browser.target()
                await browser.send(
                    "reply", f"{case}/balas", step="send", text=text, target=target
                )
                yield
        if chance.random() < 0.5:
            await browser.send("close", f"{case}/selesai")
            yield


def _report(database: Database, found: Measured) -> None:
    seen = found.seen
    print(
        f"  {'act':<8} {'times':>6} {'p50':>7} {'p95':>7} {'p99':>7}  ms; aim: p95 <"
        f" {_AIM_MS}"
    )
    for act, times in sorted(seen.seconds.items(), key=lambda item: -len(item[1])):
        if len(times) < 2:
            continue
        cuts = [1000 * value for value in quantiles(times, n=100)]
        missed = " *" if act in _AIMED_AT and cuts[94] >= _AIM_MS else ""
        print(
            f"  {act:<8} {len(times):>6} {cuts[49]:7.0f} {cuts[94]:7.0f}"
            f" {cuts[98]:7.0f}{missed}"
        )
    requests = sum(map(len, seen.seconds.values()))
    with database.reading() as session:
        arrived = session.exec(
            select(func.count()).where(col(Message.text).contains(", laporan "))
        ).one()
        sent = session.exec(
            select(func.count()).where(
                Reply.state == "sent", ~col(Reply.key).like("filled-%")
            )
        ).one()
    print(
        f"  errors {sum(seen.errors.values())} {dict(seen.errors) or ''}; refused"
        f" {seen.refused}"
    )
    print(
        f"  {requests} requests in {found.seconds:.0f} s,"
        f" {requests / found.seconds:.0f} a second;"
    )
    print(
        f"  {found.processor:.0f} processor seconds"
        f" ({found.processor / found.seconds:.2f} cores),"
        f" {requests / found.processor:.0f} requests a processor second;"
        f" {found.stolen:.0%} of the machine's time was taken by its host"
    )
    print(
        f"  {seen.events} news told on open pages; {arrived} of {found.said} messages"
        f" are cases, {sent} answers sent"
    )
    middle = found.memory[len(found.memory) // 2]
    print(
        f"  memory {found.memory[0]:.0f} MB, {middle:.0f} MB in the middle, "
        f"{found.memory[-1]:.0f} MB at the end"
    )


if __name__ == "__main__":
    main()
