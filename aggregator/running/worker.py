"""The background work of one process: poll, process, send, fetch pictures, tidy up.

APScheduler only ticks. What is due stands in the rows, and claiming a row is a
conditional UPDATE, so any number of workers can run and any of them can be killed.
Polling has two lanes: an account that failed or was slow last time waits with its like,
never in front of the others.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from aggregator import city
from aggregator.accounts import attachments, carriers, registry, renewals
from aggregator.accounts.carriers import Carriers
from aggregator.accounts.filestore import FileStore
from aggregator.answers import outbox
from aggregator.cases import clockwork, escalations
from aggregator.intake import expansions, ingest, polling
from aggregator.people import sessions, shifts
from aggregator.privacy import breaches, erasure, retention
from aggregator.running import upkeep
from aggregator.running.listeners import Listeners
from aggregator.store import audit_chain, beats, brakes, discretion
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault
from aggregator.twins import incidents, photos
from connectors.errors import ConnectorError

log = logging.getLogger(__name__)

_SLOW_LANE = 8
_SENDERS = 64
_FETCHERS = 4
_PAUSE_SECONDS = 0.02


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Done:
    """What one pass of `once` did."""

    polled: int = 0
    failed: int = 0
    new_events: int = 0
    processed: int = 0
    sent: int = 0
    files: int = 0


class Worker:
    """Start and stop it, or call `once`. Safe to wake from any thread."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        data_dir: Path,
        *,
        pollers: int = 16,
        told_by: Carriers = carriers.NOBODY,
        files: FileStore | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._vault, self._data_dir = database, vault, data_dir
        self._clock, self._carriers = clock, told_by
        self._files = files or FileStore(data_dir)
        self._stopping = threading.Event()
        self._pulse = beats.Pulse(_name(), time.monotonic)
        self._looked: escalations.Looked = {}
        self._to_clean = False
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._lanes = {
            False: ThreadPoolExecutor(pollers, "poll"),
            True: ThreadPoolExecutor(_SLOW_LANE, "poll-slow"),
        }
        self._senders = ThreadPoolExecutor(_SENDERS, "send")
        self._fetchers = ThreadPoolExecutor(_FETCHERS, "file")
        self._room = {False: pollers, True: _SLOW_LANE}
        self._listeners = Listeners(database, vault, clock)
        self._sending: dict[int, Future[int]] = {}
        self._polling: dict[int, tuple[bool, Future[polling.Outcome | None]]] = {}

    @classmethod
    def of(cls, database: Database, vault: Vault, chosen: Settings) -> Worker:
        """That of an installation, however it is started. VaultError."""
        registry.require_keys(database, vault)
        return cls(
            database,
            vault,
            chosen.data_dir,
            pollers=chosen.pollers,
            told_by=carriers.from_settings(chosen),
            files=FileStore.of(chosen),
        )

    def start(self) -> None:
        discretion.guard_logs()
        self._to_clean = True  # a process before this one may have left something
        # A tick that is still running when the next is due is the normal case under
        # load.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        jobs: dict[str, tuple[Callable[[], object], float]] = {
            "beat": (self._beat, 10),
            "poll": (self._start_polls, 0.5),
            "listen": (self._listeners.tend, 5),
            "process": (self._process, 0.5),
            "send": (self._start_sends, 1),
            "files": (self._fetch_files, 1),
            "expand": (self._expand, 1),
            "look_up": (self._look_up, 15),
            "renew": (self._renew, 30),
            "tidy": (self._tidy, 30),
            "deadlines": (self._watch_deadlines, 60),
            "tell": (self._tell, 5),
            "incidents": (self._propose_incidents, 60),
            "audit": (self._link_audit, 5),
            "forget": (self._forget, 3600),
            "erase": (self._erase, 60),
            "clean": (self._clean, 6 * 3600),
        }
        for name, (job, seconds) in jobs.items():
            self._scheduler.add_job(
                job,
                "interval",
                seconds=seconds,
                id=name,
                coalesce=True,
                max_instances=1,
                next_run_time=self._clock(),
                misfire_grace_time=None,
            )
        self._scheduler.start()

    def wake(self) -> None:
        """Look at raw events and replies now instead of at the next tick."""
        if self._scheduler.running:
            for name in ("process", "send", "files"):
                self._scheduler.modify_job(name, next_run_time=self._clock())

    def stop(self) -> None:
        """Finish the running pages and sends, then return."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._listeners.stop()
        for pool in (*self._lanes.values(), self._senders, self._fetchers):
            pool.shutdown(wait=True, cancel_futures=True)

    def once(self) -> Done:
        """One pass over everything that is due, then return (for cron)."""
        self._beat()
        self._renew()
        self._look_up()
        self._tidy()
        self._forget()
        futures = self._start_polls(everything=True)
        wait(futures)
        outcomes = [
            outcome for future in futures if (outcome := future.result()) is not None
        ]
        processed = self._process()
        if self._expand():
            processed += self._process()
        self._watch_deadlines()
        self._propose_incidents()
        self._tell()
        done = Done(
            polled=len(outcomes),
            failed=sum(outcome.error is not None for outcome in outcomes),
            new_events=sum(outcome.new for outcome in outcomes),
            processed=processed,
            sent=sum(future.result() for future in self._start_sends()),
            files=self._fetch_files(),
        )
        self._erase()
        self._clean()
        self._link_audit()
        return done

    def _beat(self) -> None:
        if step := self._pulse.beat(self._database, self._clock()):
            log.warning("the clock of this machine jumped by %+.0f s", step)

    def _start_polls(
        self, *, everything: bool = False
    ) -> list[Future[polling.Outcome | None]]:
        self._polling = {
            key: run for key, run in self._polling.items() if not run[1].done()
        }
        started = []
        limit = 100_000 if everything else 500
        busy = dict.fromkeys(self._lanes, 0)
        for lane, _ in self._polling.values():
            busy[lane] += 1
        for entry in polling.due(self._database, self._clock(), limit):
            if self._stopping.is_set():
                break
            if entry.account_id in self._polling:
                continue
            if busy[entry.slow] >= self._room[entry.slow] and not everything:
                continue
            busy[entry.slow] += 1
            future = self._lanes[entry.slow].submit(self._poll, entry.account_id)
            self._polling[entry.account_id] = (entry.slow, future)
            started.append(future)
        return started

    def _poll(self, account_id: int) -> polling.Outcome | None:
        if self._stopping.is_set():
            return None
        account = polling.claim(self._database, self._clock(), account_id, _name())
        if account is None:
            return None
        outcome = polling.poll(
            self._database,
            self._vault,
            account,
            clock=self._clock,
            stopping=self._stopping.is_set,
        )
        if outcome.new:
            self.wake()
        return outcome

    def _process(self) -> int:
        done = 0
        while not self._stopping.is_set() and (ids := ingest.waiting(self._database)):
            done += ingest.process(self._database, self._clock(), ids)
            # another process that waits for SQLite's one place to write gets it now
            self._stopping.wait(_PAUSE_SECONDS)
        return done

    def _start_sends(self) -> list[Future[int]]:
        """Each account sends in a line of its own: who hangs holds up nobody else, and
        no tick waits for it."""
        self._sending = {
            key: run for key, run in self._sending.items() if not run.done()
        }
        started = []
        for account_id in outbox.accounts_due(self._database, self._clock()):
            if self._stopping.is_set():
                break
            if account_id not in self._sending:
                future = self._senders.submit(self._send_of, account_id)
                self._sending[account_id] = future
                started.append(future)
        return started

    def _send_of(self, account_id: int) -> int:
        sent, tried = 0, set[int]()
        while not self._stopping.is_set():
            ids = outbox.due(self._database, self._clock(), 1, account=account_id)
            if not ids or ids[0] in tried:
                break
            tried.add(ids[0])
            state = outbox.send(
                self._database, self._vault, self._data_dir, self._clock(), ids[0]
            )
            sent += state == "sent"
        return sent

    def _fetch_files(self) -> int:
        futures = [
            self._fetchers.submit(
                attachments.fetch,
                self._database,
                self._vault,
                self._files,
                self._clock(),
                attachment_id,
            )
            for attachment_id in attachments.due(self._database, self._clock())
            if not self._stopping.is_set()
        ]
        wait(futures)
        stored = sum(future.result() == "stored" for future in futures)
        for attachment_id in photos.due(self._database):
            if self._stopping.is_set():
                break
            photos.look(self._database, self._data_dir, self._clock(), attachment_id)
        return stored

    def _expand(self) -> int:
        ids = expansions.due(self._database, self._clock())
        for event_id in ids:
            if self._stopping.is_set():
                break
            expansions.expand(self._database, self._vault, self._clock(), event_id)
        return len(ids)

    def _look_up(self) -> None:
        for reply_id in outbox.to_look_up(self._database, self._clock()):
            if self._stopping.is_set():
                break
            outbox.look_up(self._database, self._vault, self._clock(), reply_id)

    def _renew(self) -> None:
        for account_id in renewals.due(self._database, self._clock()):
            if self._stopping.is_set():
                break
            try:
                renewals.renew(self._database, self._vault, self._clock(), account_id)
            except ConnectorError as error:
                log.warning(
                    "the login of account %s could not be renewed: %s",
                    account_id,
                    error,
                )
        renewals.warn(self._database, self._clock())

    def _link_audit(self) -> None:
        keys = audit_chain.keys_of(self._vault)
        while audit_chain.link(self._database, keys, self._clock()) >= audit_chain.MOST:
            if self._stopping.is_set():
                return

    def _tidy(self) -> None:
        outbox.find_lost(self._database, self._clock())
        upkeep.release_idle_claims(self._database, self._clock())
        shifts.release_claims_of_absent(self._database, self._clock())

    def _forget(self) -> None:
        sessions.forget_old(self._database, self._clock())
        brakes.forget_free(self._database, self._clock())
        breaches.remind(self._database, self._clock())
        self._end_what_is_old()

    def _end_what_is_old(self) -> None:
        classes = retention.load(city.here().folder)
        retention.warn(self._database, self._clock(), classes)
        ended = retention.sweep(
            self._database,
            self._data_dir,
            self._clock(),
            classes,
            self._stopping.is_set,
        )
        self._to_clean = self._to_clean or bool(ended)

    def _erase(self) -> None:
        done = erasure.sweep(
            self._database, self._data_dir, self._clock(), self._stopping.is_set
        )
        self._to_clean = self._to_clean or done.messages > 0

    def _clean(self) -> None:
        if self._to_clean:
            self._to_clean = False
            self._database.leave_no_trace()

    def _watch_deadlines(self) -> None:
        clockwork.strike(self._database, self._clock(), self._looked)

    def _propose_incidents(self) -> None:
        incidents.propose(self._database, self._clock())
        incidents.tell_due(self._database, self._clock())

    def _tell(self) -> None:
        for notification_id in carriers.due(self._database, self._clock()):
            if self._stopping.is_set():
                break
            carriers.carry(
                self._database,
                self._vault,
                self._carriers,
                self._clock(),
                notification_id,
            )
