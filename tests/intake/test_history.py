"""What was said before the city read an account is kept, and late for nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, func, select

from aggregator.accounts import ledger
from aggregator.cases import clockwork, closing, deadlines
from aggregator.intake import import_history, ingest
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Assignment, Case, Escalation
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.tables.people import Notification

Register = Callable[..., Account]
Post = Callable[..., Case | None]
FIRE = "Kebakaran rumah di Jl. Sudirman, masih ada orang di dalam, tolong"


def cases(session: Session) -> list[Case]:
    return list(session.exec(select(Case).order_by(col(Case.id))))


def take_in(database: Database, now: datetime, account: Account) -> dict[str, int]:
    chosen = import_history.kept(database, account)
    return import_history.take_in(database, now, SYSTEM, account, chosen)


@pytest.fixture
def account(register: Register) -> Account:
    return register("dishub_x", "dishub")


@pytest.fixture
def long_ago(now: datetime) -> str:
    return (now - timedelta(days=8)).isoformat()


def test_what_is_older_than_the_first_days_is_kept_without_a_case(
    account: Account, post: Post, database: Database, now: datetime, long_ago: str
) -> None:
    assert post(account, FIRE, created_at=long_ago) is None
    yesterday = (now - timedelta(days=1)).isoformat()
    assert post(account, "Lampu mati di Gg. Kepatihan", created_at=yesterday)
    with database.reading() as session:
        assert ledger.history(session, account.id or 0) == 1
        assert session.exec(select(func.count()).select_from(Message)).one() == 1


def test_how_far_back_is_a_setting_of_the_account(
    register: Register, post: Post, long_ago: str
) -> None:
    account = register("dlh_x", "dlh", first_days=30)
    assert post(account, "Sampah menumpuk di Empang", created_at=long_ago)


@pytest.mark.parametrize("told", ["edited_at", "arrived_at"])
def test_what_was_said_anew_is_no_history_and_its_clocks_begin_then(
    told: str, account: Account, post: Post, now: datetime, long_ago: str
) -> None:
    an_hour_ago = now - timedelta(hours=1)
    again = {told: an_hour_ago.isoformat()}
    case = post(account, "Lampu mati", created_at=long_ago, **again)
    assert case is not None and case.opened_at == an_hour_ago and not case.late


def test_history_that_is_taken_in_is_closed_and_binds_and_rings_for_nobody(
    account: Account, post: Post, database: Database, now: datetime, long_ago: str
) -> None:
    for n in range(3):
        post(account, f"{FIRE} nomor {n}", created_at=long_ago, author_id=f"w{n}")
    assert take_in(database, now, account) == {"done": 3}
    clockwork.strike(database, now, {})
    with database.reading() as session:
        found = cases(session)
        assert {(case.status, case.outcome, case.history) for case in found} == {
            ("closed", "arsip", True)
        }
        assert not any(case.late or case.urgent for case in found)
        assert found[0].number and found[0].kind
        assert all(deadlines.of_case(session, now, case) == [] for case in found)
        assert set(session.exec(select(Assignment.status))) == {"done"}
        for table in (Escalation, Notification):
            assert session.exec(select(func.count()).select_from(table)).one() == 0


def test_only_what_was_written_since_a_day_is_chosen(
    account: Account, post: Post, database: Database, now: datetime
) -> None:
    for days in (400, 30, 9):
        at = now - timedelta(days=days)
        post(account, f"Lubang di jalan {days}", created_at=at.isoformat())
    chosen = import_history.kept(database, account, now - timedelta(days=40))
    assert len(chosen.ids) == 2
    assert chosen.oldest == now - timedelta(days=30)


def test_a_private_talk_of_before_is_one_case(
    account: Account, post: Post, database: Database, now: datetime, long_ago: str
) -> None:
    talk = {"kind": "dm", "conversation_id": "c1", "created_at": long_ago}
    post(account, "Lampu mati", public=False, **talk)
    post(account, "Di Gang Kepatihan", public=False, **talk)
    take_in(database, now, account)
    with database.reading() as session:
        (case,) = cases(session)
        assert case.message_count == 2


def test_an_answer_to_something_of_before_opens_a_case_of_its_own(
    account: Account, post: Post, database: Database, now: datetime, long_ago: str
) -> None:
    post(account, "Lampu mati di Gg. Kepatihan", native_id="1", created_at=long_ago)
    take_in(database, now, account)
    again = post(account, "Masih mati sampai sekarang", parent_id="1")
    with database.reading() as session:
        before, case = cases(session)
    assert again is not None and again.id == case.id
    assert (case.status, case.recurrence_of) == ("new", before.id)
    assert (before.status, before.message_count) == ("closed", 1)


def test_a_case_of_before_is_not_opened_again(
    account: Account,
    post: Post,
    database: Database,
    dewi: Viewer,
    now: datetime,
    long_ago: str,
) -> None:
    post(account, "Lampu mati di Gg. Kepatihan", created_at=long_ago)
    take_in(database, now, account)
    with database.reading() as session:
        (case,) = cases(session)
    with pytest.raises(Refusal) as refusal:
        closing.reopen(database, now, dewi, case.number or "")
    assert refusal.value.code == "history"


def test_what_we_answered_then_stands_in_the_case(
    account: Account, post: Post, database: Database, now: datetime, long_ago: str
) -> None:
    ours = {"author_id": account.external_id, "parent_id": "1"}
    post(account, "Sudah kami perbaiki", native_id="2", created_at=long_ago, **ours)
    post(account, "Lampu mati di Gg. Kepatihan", native_id="1", created_at=long_ago)
    take_in(database, now, account)
    with database.reading() as session:
        (case,) = cases(session)
        rows = session.exec(select(Message).where(Message.case_id == case.id))
        assert {row.direction for row in rows} == {"in", "out"}


def test_what_a_person_writes_down_is_never_of_before(
    account: Account, database: Database, now: datetime
) -> None:
    """`history_before` is empty where nothing is polled, so a letter of last month is a
    report."""
    with database.writing() as session:
        session.get_one(Account, account.id).history_before = None
    letter = {
        "kind": "mention",
        "native_id": "9",
        "text": "Surat bulan lalu",
        "created_at": (now - timedelta(days=40)).isoformat(),
    }
    item = ingest.RawItem("9", "fake", letter)
    received = ingest.receive(database, now, account.id or 0, [item])
    ingest.process(database, now, received.new_ids)
    with database.reading() as session:
        assert len(cases(session)) == 1
        assert session.exec(select(RawEvent.status)).one() == "done"
