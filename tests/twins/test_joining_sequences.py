"""Any sequence of joins, splits and moves loses nothing, and taking it back restores
everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, groups, notes, waiting
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case, Note, Reminder
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import CaseLink, Suggestion
from aggregator.store.vault import Vault
from aggregator.twins import joining, search

TEXTS = (
    "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari",
    "Jalan berlubang besar di Jl. Tentara Pelajar depan pasar",
    "Sampah menumpuk di Tegallega belum diangkut seminggu",
    "Angkot 03 ugal-ugalan di Jl. Juanda tadi pagi",
)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["join", "split", "move", "undo"]),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture
def filled(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    dewi: Viewer,
    vault: Vault,
    tmp_path: Path,
    now: datetime,
) -> Database:
    """Four cases of four offices with further messages, an answer, a promise, a note, a
    pause."""
    for number, (text, agency) in enumerate(
        zip(TEXTS, ("dishub", "dpupr", "dlh", "diskominfo"), strict=True)
    ):
        account = register(f"{agency}_x", agency)
        said = now - timedelta(hours=3 * number)
        case = post(
            account,
            text,
            native_id=f"{number}",
            author_id=f"p{number}",
            created_at=said.isoformat(),
        )
        assert case is not None
        for more in range(2):
            post(
                account,
                f"saya juga {more}",
                native_id=f"{number}-{more}",
                parent_id=str(number),
                author_id=f"q{more}",
            )
        notes.add_note(database, now, dewi, str(case.number), f"catatan {number}")
    claims.claim(database, now, dewi, "100014")
    answer = replies.reply(
        database, now, dewi, "100014", Answer("Besok kami cek"), key="k1"
    )
    outbox.send(database, vault, tmp_path, now, answer.id or 0)
    waiting.wait(database, now, dewi, "100023", "menunggu_pelapor")
    return database


def state(database: Database) -> dict[str, Any]:
    """Everything an act may touch, but for versions and for cases that acts have
    made."""
    with database.reading() as session:
        found: dict[str, Any] = {}
        for table in (Message, Reply, Note, Reminder):
            rows = session.exec(select(table)).all()  # type: ignore[var-annotated]
            found[table.__name__] = {row.id: row.case_id for row in rows}
        kept = set(Case.model_fields) - {"version"}
        found["case"] = {
            case.id: case.model_dump(include=kept)
            for case in session.exec(select(Case).where(col(Case.id) <= len(TEXTS)))
        }
        tasks = session.exec(
            select(Assignment).where(col(Assignment.case_id) <= len(TEXTS))
        )
        found["task"] = {row.id: row.model_dump() for row in tasks}
        pairs = session.exec(select(Suggestion))
        found["pair"] = {
            (row.case_id, row.other_id): row.state
            for row in pairs
            if row.case_id <= len(TEXTS)
        }
        return found


def act(
    database: Database, now: datetime, viewer: Viewer, kind: str, a: int, b: int
) -> None:
    """One act on what there is; refusals are part of the game."""
    with database.reading() as session:
        numbers = [
            row or ""
            for row in session.exec(select(Case.number).order_by(col(Case.id)))
        ]
        spoken = session.exec(select(Message).where(Message.direction == "in")).all()
        links = session.exec(select(CaseLink.id).order_by(col(CaseLink.id))).all()
        message = spoken[(a * 10 + b) % len(spoken)]
        home = session.get_one(Case, message.case_id).number or ""
    try:
        if kind == "join":
            joining.join(
                database,
                now,
                viewer,
                numbers[a % len(numbers)],
                numbers[b % len(numbers)],
            )
        elif kind == "split":
            joining.split(database, now, viewer, home, [message.id or 0])
        elif kind == "move":
            joining.move(
                database, now, viewer, [message.id or 0], numbers[b % len(numbers)]
            )
        elif links:
            joining.undo(database, now, viewer, links[a % len(links)] or 0)
    except Refusal:
        pass


def check(session: Session, before: dict[str, Any]) -> None:
    """Nothing is lost and every count is right."""
    everything = {case.id: case for case in session.exec(select(Case))}
    for table in (Message, Reply, Note, Reminder):
        rows = session.exec(select(table)).all()  # type: ignore[var-annotated]
        assert {row.id for row in rows} == set(before[table.__name__])
        assert all(everything[row.case_id].joined_into is None for row in rows)
    for reply in session.exec(select(Reply)):
        assert reply.case_id == session.get_one(Message, reply.message_id).case_id
    for case in everything.values():
        if case.joined_into is None:
            _check_whole(session, case)


def _check_whole(session: Session, case: Case) -> None:
    spoken = session.exec(
        select(Message).where(Message.case_id == case.id, Message.direction == "in")
    ).all()
    assert case.status in ("new", "answered") and spoken
    assert case.message_count == len(spoken)
    assert case.reporters == search.count_reporters(session, case.id or 0)
    assert case.first_message_id in {message.id for message in spoken}
    agencies = set(
        session.exec(
            select(Assignment.agency_code).where(Assignment.case_id == case.id)
        )
    )
    for part in groups.sources(session, case.id or 0):
        assert case.opened_at <= part.opened_at
        query = select(Assignment.agency_code).where(Assignment.case_id == part.id)
        assert set(session.exec(query)) <= agencies


def take_everything_back(database: Database, now: datetime, viewer: Viewer) -> None:
    with database.reading() as session:
        query = select(CaseLink.id).where(col(CaseLink.undone_at).is_(None))
        links = session.exec(query.order_by(col(CaseLink.id).desc())).all()
    for link in links:
        joining.undo(database, now, viewer, link or 0)


@pytest.mark.sqlite
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=ACTS)
def test_nothing_is_lost_and_everything_can_be_taken_back(
    filled: Database, dewi: Viewer, now: datetime, acts: list[tuple[str, int, int]]
) -> None:
    before = state(filled)
    for kind, a, b in acts:
        act(filled, now, dewi, kind, a, b)
        with filled.reading() as session:
            check(session, before)
    take_everything_back(filled, now, dewi)
    assert state(filled) == before


@pytest.mark.parametrize(
    "acts",
    [
        [("join", 0, 1), ("split", 0, 0), ("move", 0, 2), ("undo", 1, 0)],
        [("join", 1, 0), ("join", 0, 2), ("split", 0, 4), ("join", 4, 2)],
        [
            ("move", 0, 1),
            ("join", 2, 1),
            ("split", 1, 1),
            ("undo", 0, 0),
            ("join", 1, 3),
        ],
    ],
)
def test_sequences_on_both_databases(
    filled: Database, dewi: Viewer, now: datetime, acts: list[tuple[str, int, int]]
) -> None:
    before = state(filled)
    for kind, a, b in acts:
        act(filled, now, dewi, kind, a, b)
        with filled.reading() as session:
            check(session, before)
    take_everything_back(filled, now, dewi)
    assert state(filled) == before
