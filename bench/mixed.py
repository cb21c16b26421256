"""100 accounts of ten channels polled until quiet, one request in twenty disturbed.

Counted at the end: what residents said and no case holds, and what is held twice.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from aggregator.accounts import registry
from aggregator.running.worker import Worker
from aggregator.store import settings, vault
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.intake import Message, RawEvent
from bench import _city
from sandbox.faults import Fault, FaultKind
from sandbox.meta import SCOPES
from sandbox.serve import Sandbox, running

OF_EACH, ROUNDS, SAID_A_ROUND, MOST_ROUNDS = 16, 4, 1, 40
SHARE = 0.05
KINDS: tuple[FaultKind, ...] = ("500", "429", "html", "charset", "cut")

Say = Callable[[str], Any]
Account = tuple[str, dict[str, Any], Say]
"""Channel, settings of the account, and a resident who says something to it."""


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, running() as sandbox:
        database = Database(f"sqlite:///{Path(folder) / 'sahut.db'}")
        _city.prepare(database)
        keys, clock = vault.load(None, Path(folder)), _Clock()
        talkers = _register(sandbox, database, keys)
        worker = Worker(database, keys, Path(folder), clock=clock)
        weather = _Weather()
        setattr(sandbox.world.core.faults, "take", weather)  # noqa: B010
        began = time.monotonic()
        said = _until_quiet(worker, clock, talkers, weather)
        _report(database, said, len(talkers), weather, time.monotonic() - began)
        worker.stop()
        database.close()


class _Clock:
    """The program's time: what has to wait does so without anybody waiting."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class _Weather:
    """Disturbs requests at random instead of as planned; the same ones in every run."""

    def __init__(self) -> None:
        self.asked, self.calm = 0, False
        self.disturbed: Counter[str] = Counter()
        self._chance = random.Random(7)

    def __call__(self, token: str | None, endpoint: str | None) -> Fault | None:
        self.asked += not self.calm
        if self.calm or self._chance.random() >= SHARE:
            return None
        kind = self._chance.choice(KINDS)
        self.disturbed[kind] += 1
        return Fault(kind, token, endpoint, 1, 1)


def _until_quiet(
    worker: Worker, clock: _Clock, talkers: list[tuple[str, Say]], weather: _Weather
) -> dict[int, str]:
    """Number of everything said, and on which channel. At the end the weather is
    calm."""
    said: dict[int, str] = {}
    numbers, quiet = itertools.count(1), 0
    for turn in range(MOST_ROUNDS):
        if turn < ROUNDS:
            for channel, say in talkers:
                for number in itertools.islice(numbers, SAID_A_ROUND):
                    say(f"laporan nomor {number} jalan rusak di gang {number % 97}")
                    said[number] = channel
        clock.ahead += timedelta(minutes=20)
        done = worker.once()
        quiet = 0 if done.new_events or turn < ROUNDS else quiet + 1
        if quiet >= 2 and weather.calm and not done.failed:
            break
        weather.calm = weather.calm or quiet >= 2
    return said


def _report(
    database: Database,
    said: dict[int, str],
    count: int,
    weather: _Weather,
    seconds: float,
) -> None:
    with database.reading() as session:
        texts = session.exec(
            select(Message.text).where(Message.direction == "in")
        ).all()
        aside = session.exec(
            select(RawEvent.id).where(RawEvent.status == "failed")
        ).all()
    held = Counter(
        int(n) for text in texts for n in re.findall(r"nomor (\d+)", text or "")[:1]
    )
    lost = Counter(said[number] for number in said.keys() - held.keys())
    twice = Counter(said[number] for number, times in held.items() if times > 1)
    print(
        f"  {count} accounts of {len(set(said.values()))} channels, {len(said)} things"
        " said"
    )
    kinds = ", ".join(
        f"{times} {kind}" for kind, times in sorted(weather.disturbed.items())
    )
    print(
        f"  {weather.asked} requests, {sum(weather.disturbed.values())} disturbed"
        f" ({kinds})"
    )
    print(f"  lost {sum(lost.values())} {dict(lost) or ''}")
    print(f"  held twice {sum(twice.values())} {dict(twice) or ''}")
    print(f"  set aside {len(aside)}; {seconds:.0f} s")


def _register(
    sandbox: Sandbox, database: Database, keys: vault.Vault
) -> list[tuple[str, Say]]:
    for entry in sandbox.accounts():
        for name, value in entry.get("app", {}).items():
            os.environ[f"SAHUT_{entry['channel'].upper()}_{name.upper()}"] = str(value)
    settings.app_settings.cache_clear()
    talkers = []
    for channel, values, say in (*_many(sandbox), *_single(sandbox)):
        chosen = registry.parse_settings(channel, values)
        registry.register(
            database,
            keys,
            datetime.now(UTC),
            SYSTEM,
            channel=channel,
            agency="dishub",
            account_settings=chosen,
            identity=registry.identify(channel, chosen),
            interval=60,
        )
        talkers.append((channel, say))
    return talkers


def _many(sandbox: Sandbox) -> Iterator[Account]:
    """Channels on which the sandbox opens as many accounts as one likes."""
    sandbox.x.add_user("warga", "Warga")
    sandbox.x.limits["GET /2/users/:id/mentions"] = 1_000_000
    meta: Any = sandbox.world.platform("facebook")
    youtube: Any = sandbox.world.platform("youtube")
    threads: Any = sandbox.world.platform("threads")
    writer = youtube.youtube.add_channel("warga", "Warga")
    for number in range(OF_EACH):
        handle = f"kantor{number}"
        bot = sandbox.telegram.add_bot(username=f"{handle}_bot", name=handle)
        chat = sandbox.telegram.private_chat(bot.token, f"Warga {number}")
        yield (
            "telegram",
            {"token": bot.token},
            lambda text, c=chat: sandbox.telegram.say(c, text),
        )
        sandbox.x.add_user(handle, handle)
        key = sandbox.x.add_account(handle)
        yield (
            "x",
            {
                "access_token": key.key,
                "access_token_secret": key.secret,
                "direct_messages": False,
                "daily_read_budget": 1_000_000,
            },
            lambda text, h=handle: sandbox.x.post("warga", f"@{h} {text}"),
        )
        refresh = f"1//bench{number:020d}"
        video = youtube.youtube.add_video(
            youtube.youtube.add_channel(handle, handle, refresh), "Kabar kota"
        )
        yield (
            "youtube",
            {"refresh_token": refresh},
            lambda text, v=video: youtube.youtube.comment(v, writer, text),
        )
        person = threads.threads.add_person(handle, handle)
        token = threads.threads.add_token(person)
        ends = datetime.fromtimestamp(token.ends, UTC).isoformat()
        yield (
            "threads",
            {"access_token": token.value, "expires_at": ends},
            lambda text, h=handle: threads.say("siti.r", f"@{h} {text}"),
        )
        yield from _of_meta(meta.state, number, handle)


def _of_meta(state: Any, number: int, handle: str) -> Iterator[Account]:
    page = state.add_page(str(130_000_000_000 + number), handle, handle)
    gallery = state.add_instagram(
        page, str(17_842_000_000_000 + number), handle, handle
    )
    token = state.add_token("page", page.id, SCOPES)
    post = state.post(page, page, "Kabar kota")
    picture = state.publish(gallery, "Kabar kota")
    resident = state.person("Siti Contoh")
    yield (
        "facebook",
        {"access_token": token.key},
        lambda text: state.comment(post, resident, text),
    )
    yield (
        "instagram",
        {"access_token": token.key},
        lambda text: state.remark(picture, resident, text),
    )


def _single(sandbox: Sandbox) -> Iterator[Account]:
    """Channels of which the sandbox has accounts of its own."""
    mastodon: Any = sandbox.world.platform("mastodon")
    bluesky: Any = sandbox.world.platform("bluesky")
    google: Any = sandbox.world.platform("google_reviews")
    tiktok: Any = sandbox.world.platform("tiktok")
    for channel, event in (
        (mastodon, {"who": "siti"}),
        (bluesky, {}),
        (google, {"stars": 2}),
        (tiktok, {"who": "siti_bogor"}),
    ):
        for entry in sandbox.accounts(channel.channels[0])[:1]:
            yield entry["channel"], entry["settings"], _Resident(channel, event, entry)


class _Resident:
    """Speaks through the platform's own acts; where it takes one, under a name of their
    own."""

    def __init__(
        self, platform: Any, event: dict[str, Any], entry: dict[str, Any]
    ) -> None:
        self._platform, self._event, self._entry = platform, event, entry
        self._names = itertools.count(1)

    def __call__(self, text: str) -> None:
        channel, handle = self._entry["channel"], self._entry["handle"]
        event = {**self._event, "text": text}
        if channel in ("mastodon", "bluesky"):
            event["text"] = f"@{handle} {text}"
        if channel == "google_reviews":
            event["who"] = f"Warga {next(self._names)}"
            event["place"] = self._entry["settings"]["location"]
        self._platform.act(event)


if __name__ == "__main__":
    run()
