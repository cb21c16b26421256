"""The ladder in the running program: once by two workers, mayor after two days, nothing
resets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from sqlmodel import col, select

from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, closing, deadlines, escalations, tasks
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Notification, Person
from aggregator.store.vault import Vault
from connectors.errors import Unknown

Post = Callable[..., Case | None]
Register = Callable[..., Account]
LAMP = "Lampu jalan di Jl. Batutulis mati dua malam"
HOUR = timedelta(hours=1)
MORNING = 36 * HOUR  # after NOW (20.00 WIB on a Monday): Wednesday 08.00
SECOND_MORNING = 60 * HOUR


@pytest.fixture
def account(register: Register) -> Account:
    return register("dishub_x", "dishub")


@pytest.fixture
def case(account: Account, post: Post) -> Case:
    found = post(account, LAMP)
    assert found is not None
    return found


@pytest.fixture
def holder(
    database: Database, join: Callable[..., Viewer]
) -> Callable[[str, str, str], Viewer]:
    """`holder("kepala", "dishub", "kepala_opd")`: somebody in a position."""

    def add(login: str, agency: str, position: str) -> Viewer:
        viewer = join(login, agency, "pimpinan")
        with database.writing() as session:
            session.get_one(Person, viewer.id).position = position
        return viewer

    return add


def told(database: Database, who: Viewer) -> list[Notification]:
    with database.reading() as session:
        query = select(Notification).where(Notification.person_id == who.id)
        return list(session.exec(query.order_by(col(Notification.id))))


def climb(database: Database, moment: datetime) -> int:
    deadlines.refresh_due(database, moment)
    return escalations.run(database, moment)


def test_of_two_workers_one_tells(
    database: Database, now: datetime, case: Case, holder: Callable[..., Viewer]
) -> None:
    head = holder("kepala", "dishub", "kepala_opd")
    deadlines.refresh_due(database, now + MORNING)
    with ThreadPoolExecutor(2) as pool:
        counts = list(
            pool.map(lambda _: escalations.run(database, now + MORNING), range(2))
        )
    assert sorted(counts) == [0, 1]
    assert [one.kind for one in told(database, head)] == ["escalation"]


def test_the_mayor_is_told_after_two_days_and_the_head_not_again(
    database: Database, now: datetime, case: Case, holder: Callable[..., Viewer]
) -> None:
    head = holder("kepala", "dishub", "kepala_opd")
    mayor = holder("walikota", "setda", "wali_kota")
    assert climb(database, now + MORNING) == 1
    assert (len(told(database, head)), len(told(database, mayor))) == (1, 0)
    assert climb(database, now + SECOND_MORNING) == 1
    assert (len(told(database, head)), len(told(database, mayor))) == (1, 1)
    (newest, first) = escalations.told(database, "dishub")
    assert (newest[0].role, first[0].role, first[1]) == (
        "wali_kota",
        "kepala_opd",
        case.number,
    )
    assert escalations.told(database, "dlh") == []


def test_a_case_with_nothing_to_tell_is_looked_at_again_when_its_next_step_is_due(
    database: Database, now: datetime, case: Case, holder: Callable[..., Viewer]
) -> None:
    head, mayor = (
        holder("kepala", "dishub", "kepala_opd"),
        holder("bima", "setda", "wali_kota"),
    )
    looked: escalations.Looked = {}
    deadlines.refresh_due(database, now + MORNING)
    assert escalations.run(database, now + MORNING, looked) == 1
    assert escalations.run(database, now + MORNING, looked) == 0
    ((_version, moment),) = looked.values()
    assert now + MORNING < moment <= now + MORNING + HOUR
    escalations.run(database, now + SECOND_MORNING, looked)
    assert (len(told(database, head)), len(told(database, mayor))) == (1, 1)
    with database.writing() as session:
        session.get_one(Case, case.id).status = "closed"
    escalations.run(database, now + SECOND_MORNING, looked)
    assert looked == {}


def test_where_nobody_holds_the_position_coordinators_are_told(
    database: Database, now: datetime, case: Case, dewi: Viewer
) -> None:
    assert climb(database, now + MORNING) == 1
    (notice,) = told(database, dewi)
    assert notice.data == {
        "number": case.number,
        "agency": "Dishub",
        "step": "respons_opd",
    }


def test_late_cases_of_many_offices_are_one_message_for_who_stands_in_for_all(
    database: Database,
    now: datetime,
    register: Register,
    post: Post,
    dewi: Viewer,
    holder: Callable[..., Viewer],
) -> None:
    mayor, numbers = holder("walikota", "setda", "wali_kota"), set()
    wrong = {
        "dishub": "Lampu jalan mati",
        "dlh": "Sampah menumpuk",
        "dpupr": "Jalan berlubang",
        "tirtapakuan": "Air PAM tidak mengalir",
        "dinsos": "Bansos belum diterima",
    }
    for office, text in wrong.items():
        account = register(f"{office}_x", office)
        for n in range(1, 3):
            name = f"{office}{n}"
            case = post(account, f"{text} di RW {n:02}", native_id=name, author_id=name)
            assert case is not None
            numbers.add(case.number)
    assert climb(database, now + SECOND_MORNING) >= 2 * len(numbers)
    for who in (dewi, mayor):
        (digest,) = told(database, who)
        assert (digest.kind, set(digest.data["numbers"])) == ("digest", numbers)
        assert digest.data["agency"].endswith("+2")


def test_an_answer_in_time_ends_the_ladder(
    database: Database,
    vault: Vault,
    now: datetime,
    case: Case,
    budi: Viewer,
    dewi: Viewer,
) -> None:
    number = case.number or ""
    claims.claim(database, now + HOUR, budi, number)
    reply = replies.reply(
        database, now + HOUR, budi, number, Answer("Sedang dicek"), key="k1"
    )
    assert outbox.send(database, vault, Path(), now + HOUR, reply.id or 0) == "sent"
    claims.release(database, now + HOUR, budi, number)
    assert climb(database, now + SECOND_MORNING) == 0


def test_an_answer_that_only_came_back_from_the_platform_counts_as_well(
    database: Database,
    vault: Vault,
    now: datetime,
    case: Case,
    budi: Viewer,
    account: Account,
    post: Post,
    platform: fakechannel.Platform,
) -> None:
    number = case.number or ""
    claims.claim(database, now, budi, number)
    reply = replies.reply(
        database, now, budi, number, Answer("Besok tim kami ke lokasi"), key="k1"
    )
    platform.on_send.append(Unknown("no answer in time"))
    assert outbox.send(database, vault, Path(), now, reply.id or 0) == "unknown"
    post(
        account,
        "Besok tim kami ke lokasi",
        kind="reply",
        parent_id="p1",
        native_id="ours",
        author_id=account.external_id,
    )
    with database.reading() as session:
        stored = session.get_one(Case, case.id)
        assert (stored.status, stored.first_response_at) == ("answered", now)


def test_at_night_only_emergencies_ring(
    database: Database,
    now: datetime,
    account: Account,
    post: Post,
    case: Case,
    dewi: Viewer,
) -> None:
    post(account, "TOLONG kebakaran di Gg. Kenanga, api membesar", native_id="api")
    before = len(told(database, dewi))
    night = now + 26 * HOUR  # 22.00 WIB
    assert climb(database, night) > 0
    fresh = told(database, dewi)[before:]
    assert fresh and all(one.urgent for one in fresh)
    assert climb(database, now + MORNING) > 0
    assert not told(database, dewi)[-1].urgent


def test_who_takes_a_case_in_hand_at_night_is_not_reported_in_the_morning(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    deadlines.refresh_due(database, now + 25 * HOUR)
    assert escalations.run(database, now + 25 * HOUR) == 0  # 21.00 WIB
    claims.claim(database, now + 30 * HOUR, budi, case.number or "")
    assert climb(database, now + MORNING) == 0


def test_another_office_in_charge_later_makes_the_first_forwarding_no_later(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    tasks.assign(database, now + 3 * HOUR, budi, case.number or "", "disperumkim")
    with database.reading() as session:
        found = deadlines.of_case(
            session, now + 4 * HOUR, session.get_one(Case, case.id)
        )
    assert [one.clock.state for one in found if one.clock.name == "terus_ke_opd"] == [
        "met"
    ]


@pytest.mark.parametrize("what", ["again", "copy", "edit", "closed and opened"])
def test_nothing_resets_a_clock(
    database: Database,
    now: datetime,
    case: Case,
    account: Account,
    post: Post,
    budi: Viewer,
    what: str,
) -> None:
    def due() -> dict[str, datetime | None]:
        with database.reading() as session:
            stored = session.get_one(Case, case.id)
            return {
                f"{one.agency}:{one.clock.name}": one.clock.due_at
                for one in deadlines.of_case(session, now + 30 * HOUR, stored)
                if not one.clock.closing
            }

    before = due()
    later = (now + 20 * HOUR).isoformat()
    if what == "again":
        post(account, LAMP, native_id="p1", key="again")
    elif what == "copy":
        copy = post(account, LAMP, native_id="p9", author_id="tono", created_at=later)
        assert copy is not None and copy.id == case.id
    elif what == "edit":
        post(account, LAMP + "!", kind="edit", native_id="p1", created_at=later)
    else:
        closing.close(database, now + HOUR, budi, case.number or "")
        closing.reopen(database, now + 20 * HOUR, budi, case.number or "")
    assert due() == before
