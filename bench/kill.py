"""Kill the worker 50 times at random moments while 2,000 posts arrive and answers go
out.

    python -m bench.kill [--kills 50] [--posts 2000]

The worker is the real command as a process of its own, the platforms are the sandbox
over HTTP. Counted at the end: posts lost, posts doubled, answers that arrived twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, func, select

from aggregator.accounts import registry
from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims
from aggregator.city import catalog
from aggregator.people import invitations, staff, viewers
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.running import upkeep
from aggregator.store import settings, vault
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault
from sandbox.serve import Sandbox, running

ANSWERS = 150


def now() -> datetime:
    return datetime.now(UTC)


def prepare(sandbox: Sandbox, folder: Path) -> tuple[Database, Vault, Viewer]:
    sandbox.x.add_app("key", "secret")
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{folder}/sahut.db",
        "SAHUT_DATA_DIR": str(folder),
        "SAHUT_TELEGRAM_BASE_URL": sandbox.url,
        "SAHUT_X_BASE_URL": sandbox.url,
        "SAHUT_X_CONSUMER_KEY": "key",
        "SAHUT_X_CONSUMER_SECRET": "secret",
    }
    database = Database(os.environ["DATABASE_URL"])
    upkeep.upgrade(database)
    upkeep.sync_agencies(database, catalog.load(settings.load().folder_of_config()))
    keys = vault.load(None, folder)
    _, token = staff.add(
        database,
        now(),
        SYSTEM,
        login="dewi",
        name="Dewi",
        agency="diskominfo",
        role="koordinator",
    )
    return (
        database,
        keys,
        viewers.viewer(
            invitations.accept(database, now(), token, "taman kencana sore")
        ),
    )


def register(
    database: Database, keys: Vault, channel: str, values: dict[str, object]
) -> None:
    chosen = registry.parse_settings(channel, values)
    registry.register(
        database,
        keys,
        now(),
        SYSTEM,
        channel=channel,
        agency="dishub",
        account_settings=chosen,
        identity=registry.identify(channel, chosen),
        interval=1,
    )


def post_everything(
    sandbox: Sandbox, chats: list[int], handles: list[str], count: int
) -> None:
    for number in range(count):
        text = (
            f"laporan nomor {number} jalan rusak di gang {number % 97} belum diperbaiki"
        )
        if number % 3:
            sandbox.telegram.say(chats[number % len(chats)], text)
        else:
            sandbox.x.post(
                f"warga{number % 50}", f"@{handles[number % len(handles)]} {text}"
            )
        time.sleep(0.012)


def answer_some(database: Database, viewer: Viewer, stop: threading.Event) -> None:
    """A spokesperson who answers case after case while the worker dies around them."""
    answered: set[str] = set()
    while not stop.is_set() and len(answered) < ANSWERS:
        with database.reading() as session:
            query = (
                select(Case.number).where(Case.status == "new").order_by(func.random())
            )
            number = session.exec(query.limit(1)).first()
        if number and number not in answered:
            try:
                claims.claim(database, now(), viewer, number)
                replies.reply(
                    database,
                    now(),
                    viewer,
                    number,
                    Answer(f"Sedang dicek {number}"),
                    key=f"k{number}",
                )
                answered.add(number)
            except Refusal as error:
                print(f"  {number}: {error}", file=sys.stderr)
        time.sleep(0.05)


def kill_and_start(kills: int, log: Path) -> None:
    command = [str(Path(sys.executable).with_name("sahut")), "worker", "run"]
    with log.open("wb") as output:
        for number in range(kills + 1):
            process = subprocess.Popen(command, stdout=output, stderr=output)
            if number == kills:
                return_process.append(process)
                return
            time.sleep(random.uniform(0.6, 1.6))
            process.send_signal(signal.SIGKILL)
            process.wait()
            print(f"\r  killed {number + 1} of {kills}", end="", file=sys.stderr)


return_process: list[subprocess.Popen[bytes]] = []


def settle(database: Database, expected: int) -> None:
    """Wait until nothing moves any more; leases of killed pollers run out by time
    alone."""
    before, deadline = -1, 0.0
    while True:
        with database.reading() as session:
            stored = session.exec(
                select(func.count()).where(Message.direction == "in")
            ).one()
            busy = session.exec(
                select(func.count()).where(
                    col(Reply.state).in_(("queued", "sending", "try_later"))
                )
            ).one()
            raw = session.exec(
                select(func.count()).where(RawEvent.status == "new")
            ).one()
        if stored >= expected and not busy and not raw:
            return
        if stored != before:
            before, deadline = stored, time.monotonic() + 240
        if time.monotonic() > deadline:
            return
        time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--posts", type=int, default=2000)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="sahut-kill-") as name,
        running() as sandbox,
    ):
        database, keys, viewer = prepare(sandbox, Path(name))
        chats = []
        for index in range(4):
            bot = sandbox.telegram.add_bot(
                username=f"kota{index}_bot", name=f"Kota {index}"
            )
            register(database, keys, "telegram", {"token": bot.token})
            people_of = [f"Warga {index}-{number}" for number in range(40)]
            chats += [
                sandbox.telegram.private_chat(bot.token, who) for who in people_of
            ]
        handles = []
        for index in range(3):
            sandbox.x.add_user(f"kota{index}", f"Kota {index}")
            token = sandbox.x.add_account(f"kota{index}")
            handles.append(f"kota{index}")
            register(
                database,
                keys,
                "x",
                {
                    "access_token": token.key,
                    "access_token_secret": token.secret,
                    "daily_read_budget": 1_000_000,
                },
            )
        for index in range(50):
            sandbox.x.add_user(f"warga{index}", f"Warga {index}")
        for endpoint in ("GET /2/users/:id/mentions", "POST /2/tweets"):
            sandbox.x.limits[endpoint] = 1_000_000
        stop = threading.Event()
        threads = [
            threading.Thread(
                target=post_everything, args=(sandbox, chats, handles, chosen.posts)
            ),
            threading.Thread(target=answer_some, args=(database, viewer, stop)),
        ]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        kill_and_start(chosen.kills, Path(name) / "worker.log")
        threads[0].join()
        settle(database, chosen.posts)
        stop.set()
        threads[1].join()
        settle(database, chosen.posts)
        return_process[0].send_signal(signal.SIGTERM)
        return_process[0].wait(30)
        report(
            database, sandbox, chosen.posts, chosen.kills, time.monotonic() - started
        )


def report(
    database: Database, sandbox: Sandbox, posts: int, kills: int, seconds: float
) -> None:
    with database.reading() as session:
        stored = session.exec(
            select(Message.text).where(Message.direction == "in")
        ).all()
        states = dict(
            session.exec(select(Reply.state, func.count()).group_by(Reply.state)).all()
        )
        failed = session.exec(
            select(func.count()).where(RawEvent.status == "failed")
        ).one()
    numbers = Counter(
        (text or "").partition("nomor ")[2].split(" ")[0] for text in stored
    )
    twice = sum(count - 1 for count in numbers.values())
    arrived = Counter(entry.text for entry in sandbox.sent())
    print(f"\n{kills} kills, {posts} posts, {seconds:.0f} s")
    print(f"posts lost       {posts - len(numbers)}")
    print(f"posts twice      {twice}")
    print(f"events set aside {failed}")
    print(f"answers          {sum(states.values())}: {states}")
    print(
        f"arrived          {sum(arrived.values())}, twice: "
        f"{sum(count - 1 for count in arrived.values())}"
    )


if __name__ == "__main__":
    main()
