"""What people are told: by which way, when, and never a resident's words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from secret import make_secret
from sqlmodel import col, select

from aggregator.accounts import carriers, registry
from aggregator.accounts.carriers import Carriers
from aggregator.people import notifications, shifts, staff
from aggregator.people.viewers import Viewer
from aggregator.running.worker import Worker
from aggregator.store import settings
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.people import Notification, Person
from aggregator.store.vault import Vault
from connectors.errors import Refused, TryLater
from sandbox.serve import running

Post = Callable[..., Case | None]
Register = Callable[..., Account]
HOUR = timedelta(hours=1)
DAY = 12 * HOUR  # after NOW: 08.00 WIB
NIGHT = 2 * HOUR  # 22.00 WIB
BY_FAKE = Carriers(telegram="fake:kota", public_url="https://aduan.example")
FIRE = "TOLONG kebakaran di Gg. Kenanga, api membesar"


def reach(database: Database, who: Viewer, chat: str | None) -> Person:
    with database.writing() as session:
        person = session.get_one(Person, who.id)
        person.telegram = chat
        return person


def tell(
    database: Database, now: datetime, person: Person, *, urgent: bool = False
) -> int:
    with database.writing() as session:
        told = notifications.notify(
            session,
            now,
            person,
            "escalation",
            urgent=urgent,
            number="100014",
            agency="Dishub",
            step="respons_opd",
        )
        session.flush()
        return told.id or 0


def stored(database: Database, notification_id: int) -> Notification:
    with database.reading() as session:
        return session.get_one(Notification, notification_id)


def people_told(database: Database, kind: str) -> set[int]:
    with database.reading() as session:
        query = select(Notification.person_id).where(Notification.kind == kind)
        return set(session.exec(query))


@pytest.fixture
def carrier(register: Register) -> Account:
    return register("kota", "diskominfo")


def test_a_notice_travels_to_the_person_s_chat_over_telegram(
    database: Database,
    vault: Vault,
    now: datetime,
    budi: Viewer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running() as sandbox:
        monkeypatch.setenv("SAHUT_TELEGRAM_BASE_URL", sandbox.url)
        settings.app_settings.cache_clear()
        bot = sandbox.telegram.add_bot(username="kota_bot", name="Kota")
        chat = sandbox.telegram.private_chat(bot.token, "Budi")
        sandbox.telegram.say(chat, "/start")
        chosen = registry.parse_settings("telegram", {"token": bot.token})
        identity = registry.identify("telegram", chosen)
        registry.register(
            database,
            vault,
            now,
            SYSTEM,
            channel="telegram",
            agency="diskominfo",
            account_settings=chosen,
            identity=identity,
        )
        person = reach(database, budi, str(chat))
        told = tell(database, now, person)
        by = Carriers(telegram="telegram:kota_bot")
        assert carriers.carry(database, vault, by, now, told) == "telegram"
        (sent,) = sandbox.sent("telegram")
    assert (
        sent.text == "Aduan 100014 di Dishub lewat tenggat (Respons perangkat daerah)."
    )
    assert stored(database, told).sent_at == now


def test_at_night_only_what_is_urgent_leaves(
    database: Database, now: datetime, budi: Viewer
) -> None:
    person = reach(database, budi, "77")
    calm, urgent = tell(database, now, person), tell(database, now, person, urgent=True)
    assert carriers.due(database, now + NIGHT) == [urgent]
    assert carriers.due(database, now + DAY) == [urgent, calm]


def test_two_carriers_send_one_notice(
    database: Database,
    vault: Vault,
    now: datetime,
    budi: Viewer,
    carrier: Account,
    platform: fakechannel.Platform,
) -> None:
    told = tell(database, now, reach(database, budi, "77"))
    with ThreadPoolExecutor(2) as pool:
        ways = pool.map(
            lambda _: carriers.carry(database, vault, BY_FAKE, now, told), range(2)
        )
        assert sorted(ways) == ["taken", "telegram"]
    (arrived,) = platform.arrived
    assert arrived.to == {"chat_id": "77"}
    assert arrived.text.endswith("\nhttps://aduan.example/aduan/100014")


def test_what_fails_is_tried_again_and_what_is_refused_stays_under_the_bell(
    database: Database,
    vault: Vault,
    now: datetime,
    budi: Viewer,
    carrier: Account,
    platform: fakechannel.Platform,
) -> None:
    person = reach(database, budi, "77")
    told = tell(database, now, person)
    platform.on_send.append(TryLater("busy"))
    assert carriers.carry(database, vault, BY_FAKE, now, told) == "later"
    assert carriers.carry(database, vault, BY_FAKE, now + DAY, told) == "telegram"
    blocked = tell(database, now, person)
    platform.on_send.append(Refused("the chat is closed", code="gone"))
    assert carriers.carry(database, vault, BY_FAKE, now, blocked) == "in_app"
    assert stored(database, blocked).error == "the chat is closed"
    assert [one.id for one in notifications.unread(database, budi.id)] == [
        blocked,
        told,
    ]


def test_without_a_carrier_notices_are_read_on_the_pages(
    database: Database, vault: Vault, now: datetime, budi: Viewer
) -> None:
    told = tell(database, now, reach(database, budi, "77"))
    assert carriers.carry(database, vault, carriers.NOBODY, now, told) == "in_app"
    assert len(notifications.unread(database, budi.id)) == 1
    notifications.mark_read(database, now, budi.id)
    assert notifications.unread(database, budi.id) == []
    assert [one.id for one in notifications.of_person(database, budi.id)] == [told]


def test_an_emergency_rings_for_who_is_on_duty_and_for_the_deputy_of_who_is_away(
    database: Database,
    now: datetime,
    register: Register,
    post: Post,
    join: Callable[..., Viewer],
    dewi: Viewer,
) -> None:
    crew = {
        login: join(login, agency)
        for login, agency in (
            ("yoga", "disdamkarmat"),
            ("beni", "disdamkarmat"),
            ("cici", "disdamkarmat"),
            ("joko", "bpbd"),
            ("lala", "diskominfo"),
        )
    }
    for login in ("yoga", "joko"):
        person = staff.get(database, login)
        shifts.add_shift(database, SYSTEM, person, now - HOUR, now + 8 * HOUR)
    today = (now + 7 * HOUR).date()
    away, deputy = (staff.get(database, "yoga"), staff.get(database, "cici"))
    shifts.be_absent(database, now, SYSTEM, away, today, today, deputy)
    case = post(register("kota_x", "disdamkarmat"), FIRE)
    assert case is not None and case.urgent
    expected = {crew["cici"].id, crew["joko"].id, dewi.id}
    assert people_told(database, "emergency") == expected


def test_an_emergency_that_is_secret_rings_with_its_readers_alone(
    database: Database,
    now: datetime,
    join: Callable[..., Viewer],
    register: Register,
    post: Post,
) -> None:
    joko, rini = join("joko", "bpbd"), join("rini", "dp3a")
    shifts.add_shift(
        database, SYSTEM, staff.get(database, "joko"), now - HOUR, now + HOUR
    )
    case = post(register("dlh_x", "dlh"), "Ini kelanjutannya bagaimana min")
    assert case is not None
    make_secret(database, case.number, rini)
    with database.writing() as session:
        kept = session.get_one(Case, case.id)
        query = select(Assignment).where(Assignment.case_id == case.id)
        session.exec(query).one().agency_code = "dp3a"
        session.flush()
        notifications.emergency(session, now, kept)
    assert people_told(database, "emergency") == {rini.id}
    assert joko.id not in people_told(database, "emergency")


def test_a_question_in_english_goes_before_who_can_answer_it(
    database: Database,
    vault: Vault,
    now: datetime,
    register: Register,
    carrier: Account,
    post: Post,
    join: Callable[..., Viewer],
    budi: Viewer,
    platform: fakechannel.Platform,
) -> None:
    mira = join("mira", "disparbud")
    shifts.set_languages(database, SYSTEM, "mira", ["id", "en"])
    reach(database, mira, "77")
    case = post(
        register("kota_x", "diskominfo"),
        "Hello, could you please tell me what time the botanical garden opens on"
        " Sunday?",
    )
    assert case is not None and case.language == "en"
    assert people_told(database, "language") == {mira.id}
    (told,) = carriers.due(database, now + DAY)
    carriers.carry(database, vault, BY_FAKE, now + DAY, told)
    assert (
        f"Aduan {case.number} memerlukan jawaban dalam bahasa Inggris."
        in platform.arrived[0].text
    )
    post(register("dishub_x", "dishub"), "Lampu jalan di Jl. Batutulis mati dua malam")
    assert people_told(database, "language") == {mira.id}


def test_one_pass_of_the_worker_reads_an_emergency_and_tells(
    database: Database,
    vault: Vault,
    now: datetime,
    register: Register,
    carrier: Account,
    dewi: Viewer,
    platform: fakechannel.Platform,
    tmp_path: Path,
) -> None:
    reach(database, dewi, "77")
    register("damkar_x", "disdamkarmat")
    platform.posts.append(
        {
            "kind": "mention",
            "native_id": "1",
            "author_id": "siti",
            "text": FIRE,
            "created_at": now.isoformat(),
        }
    )
    night = now + NIGHT
    worker = Worker(database, vault, tmp_path, told_by=BY_FAKE, clock=lambda: night)
    worker.once()
    worker.stop()
    assert [sent.to for sent in platform.arrived] == [{"chat_id": "77"}]
    assert platform.arrived[0].text.startswith("DARURAT")


def test_notices_hold_no_words_of_residents(
    database: Database, register: Register, post: Post, dewi: Viewer
) -> None:
    post(register("kota_x", "disdamkarmat"), FIRE)
    with database.reading() as session:
        query = select(Notification).where(col(Notification.urgent))
        told = session.exec(query).one()
        person = session.get_one(Person, told.person_id)
    said = carriers.text_of(told, person, carriers.NOBODY)
    assert said.startswith("DARURAT: aduan") and "Kenanga" not in said
    assert "Kenanga" not in str(told.data)


def test_a_long_digest_fits_a_message(
    database: Database, now: datetime, budi: Viewer
) -> None:
    numbers = [str(number) for number in range(100000, 100500)]
    with database.writing() as session:
        person = session.get_one(Person, budi.id)
        digest = notifications.notify(
            session, now, person, "digest", agency="Dishub", numbers=numbers
        )
        said = carriers.text_of(digest, person, carriers.NOBODY)
    assert said.startswith("Beberapa aduan di Dishub") and said.endswith(
        "- 100029\n+ 470"
    )


@pytest.mark.threat("OUT-3")
def test_what_is_surely_personal_is_not_in_what_staff_are_told(
    database: Database, now: datetime, budi: Viewer
) -> None:
    """Pushes, mail and chats carry it over other people's servers."""
    with database.writing() as session:
        person = session.get_one(Person, budi.id)
        words = "besok, untuk NIK 3271046504930002"
        told = notifications.notify(session, now, person, "reminder", words=words)
        assert told.data["words"] == "besok, untuk NIK [nik]"
        line = carriers.text_of(told, person, carriers.Carriers())
    assert "[nik]" in line and "3271" not in line
