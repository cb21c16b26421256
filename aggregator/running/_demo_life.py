"""Three days of work before the demonstration opens: what offices did with what
residents said.

Nothing is written into tables from here: raw events are read from the sandbox and
processed in their order, and offices claim, answer, close and forget through the same
use cases as people do, each at its own moment.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import col, select

import connectors
from aggregator import city
from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, clockwork, closing, notes, tasks, waiting
from aggregator.intake import expansions, ingest, polling
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.running import upkeep
from aggregator.store import audit
from aggregator.store.db import Database, utcnow
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault
from aggregator.twins import incidents
from connectors.base import RawItem
from connectors.errors import BadItem

_ROUNDS = 5
_READ_AFTER = timedelta(seconds=75)
_TICK = timedelta(minutes=30)
_JUST_NOW = timedelta(minutes=25)

Act = Callable[[datetime], None]


@dataclass
class Office:
    """The people of the demonstration by agency, and how they are likely to act."""

    database: Database
    vault: Vault
    data_dir: Path
    staff: Mapping[str, Sequence[Viewer]]
    chance: random.Random = field(default_factory=lambda: random.Random(11))
    told: dict[str, Any] = field(default_factory=lambda: _told())

    def plan(self, case: Case, lead: str, text: str) -> list[tuple[timedelta, Act]]:
        """What will be done with a new case, and how long after it came."""
        staff = self.staff.get(lead)
        if not staff or case.number is None:
            return []
        who, number, chance = self.chance.choice(staff), case.number, self.chance
        fate = chance.random()
        if fate < 0.14:
            return []
        begins = timedelta(minutes=chance.choice((4, 6, 15, 40, 90, 200, 500, 900)))
        if fate < 0.22:
            return [(begins, lambda at: self._note(at, who, number))]
        if fate < 0.27:
            return [(begins, lambda at: self._bounce(at, who, number))]
        answer = self._answer(case, text)
        acts: list[tuple[timedelta, Act]] = [
            (begins, lambda at: self._respond(at, who, number, answer))
        ]
        if fate < 0.72:
            later = begins + timedelta(minutes=chance.choice((60, 240, 700, 1500)))
            acts.append((later, lambda at: self._close(at, who, number)))
        elif fate < 0.82:
            later = begins + timedelta(minutes=10)
            acts.append((later, lambda at: self._wait(at, who, number)))
        return acts

    def _answer(self, case: Case, text: str) -> str:
        for story in self.told["pertentangan"]:
            if story["kata"].lower() in text.lower():
                return str(story["jawaban"].pop(0)) if story["jawaban"] else ""
        known = self.told["jawaban"]
        return str(self.chance.choice(known.get(case.kind or "", known["umum"])))

    def _respond(self, at: datetime, who: Viewer, number: str, text: str) -> None:
        claims.claim(self.database, at, who, number, 45)
        reply = replies.reply(
            self.database, at, who, number, Answer(text), key=f"past-{number}"
        )
        outbox.send(self.database, self.vault, self.data_dir, at, reply.id)
        claims.release(self.database, at, who, number)

    def _note(self, at: datetime, who: Viewer, number: str) -> None:
        claims.claim(self.database, at, who, number, 45)
        notes.add_note(
            self.database, at, who, number, self.chance.choice(self.told["catatan"])
        )

    def _bounce(self, at: datetime, who: Viewer, number: str) -> None:
        tasks.bounce(
            self.database, at, who, number, "Bukan tugas kami, mohon dialihkan."
        )

    def _close(self, at: datetime, who: Viewer, number: str) -> None:
        closing.close(self.database, at, who, number, waive="Selesai di lapangan.")

    def _wait(self, at: datetime, who: Viewer, number: str) -> None:
        if self.chance.random() < 0.5:
            waiting.wait(self.database, at, who, number, "menunggu_pelapor")
        else:
            recheck = city.here().today(at) + timedelta(days=14)
            waiting.wait(
                self.database, at, who, number, "menunggu_anggaran", recheck=recheck
            )


def relive(office: Office, now: datetime, say: Callable[[str], None]) -> int:
    """Read everything the platforms have, then live it; how many cases there are."""
    database = office.database
    say("reading what residents said in the last three days")
    _read_everything(database, office.vault)
    events = _in_order(database)
    agenda: list[tuple[datetime, int, Act]] = []
    order = itertools.count()
    if events:
        tick = events[0][0] + _TICK
        while tick < now:
            heapq.heappush(
                agenda, (tick, next(order), lambda at: _clockwork(database, at))
            )
            tick += _TICK
    known = 0
    say(f"living through {len(events)} messages")
    for moment, event_id in events:
        at = min(moment + _READ_AFTER, now)
        _do(agenda, until=at)
        with audit.happening(at):
            ingest.process(database, at, [event_id])
            known = _plan_new(office, at, known, agenda, order)
    _do(agenda, until=now - _JUST_NOW)
    _clockwork(database, now)
    return known


def _read_everything(database: Database, vault: Vault) -> None:
    """Poll every account until nothing is new, and fetch what arrived as bare ids."""
    for _ in range(_ROUNDS):
        fresh = 0
        moment = utcnow()
        for entry in polling.due(database, moment, 1000):
            account = polling.claim(database, moment, entry.account_id, "demo")
            if account is not None:
                fresh += polling.poll(database, vault, account).new
        for event_id in expansions.due(database, moment):
            expansions.expand(database, vault, moment, event_id)
        if not fresh:
            return


def _in_order(database: Database) -> list[tuple[datetime, int]]:
    """Every unprocessed raw event with the moment it was said."""
    with database.reading() as session:
        rows = list(session.exec(select(RawEvent).where(RawEvent.status == "new")))
    return sorted((_said_at(row), row.id) for row in rows)


def _said_at(row: RawEvent) -> datetime:
    item = RawItem(row.key, row.kind, row.payload)
    try:
        said = list(connectors.load(row.channel).normalise(item))
    except BadItem:
        return row.received_at
    return min(
        (one.created_at for one in said if one.created_at), default=row.received_at
    )


def _plan_new(
    office: Office,
    at: datetime,
    known: int,
    agenda: list[tuple[datetime, int, Act]],
    order: itertools.count[int],
) -> int:
    with office.database.reading() as session:
        fresh = list(
            session.exec(
                select(Case).where(col(Case.id) > known).order_by(col(Case.id))
            )
        )
        for case in fresh:
            lead = session.exec(
                select(Assignment.agency_code).where(
                    Assignment.case_id == case.id, Assignment.role == "lead"
                )
            ).first()
            first = (
                session.get(Message, case.first_message_id)
                if case.first_message_id
                else None
            )
            text = (first.text if first else None) or ""
            for after, act in office.plan(case, lead or "", text):
                heapq.heappush(agenda, (at + after, next(order), act))
            known = max(known, case.id)
    return known


def _do(agenda: list[tuple[datetime, int, Act]], until: datetime) -> None:
    while agenda and agenda[0][0] <= until:
        at, _, act = heapq.heappop(agenda)
        with audit.happening(at):
            try:
                act(at)
            except Refusal:
                # somebody else's act made this one impossible, as it happens in an
                # office
                continue


def _clockwork(database: Database, at: datetime) -> None:
    """What the worker does beside polling."""
    upkeep.release_idle_claims(database, at)
    clockwork.strike(database, at)
    incidents.propose(database, at)
    incidents.tell_due(database, at)


def _told() -> dict[str, Any]:
    text = (
        resources.files("aggregator.running")
        .joinpath("demo_answers.yaml")
        .read_text(encoding="utf-8")
    )
    known: dict[str, Any] = yaml.safe_load(text)
    return known
