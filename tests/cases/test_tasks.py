"""The tasks of several offices in one case: done, waived, "not ours", waiting, and the
outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from aggregator.answers import offers, outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import (
    bounces,
    casefile,
    claims,
    closing,
    deadlines,
    escalations,
    tasks,
    waiting,
)
from aggregator.people import notifications
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Assignment, Case, CasePause
from aggregator.store.tables.store import AuditEntry
from aggregator.store.vault import Vault

Post = Callable[..., Case | None]
HOUR = timedelta(hours=1)


@pytest.fixture
def account(register: Callable[..., Account]) -> Account:
    return register("dishub_x", "dishub")


@pytest.fixture
def case(account: Account, post: Post) -> Case:
    found = post(account, "Lampu jalan di Jl. Batutulis mati dua malam")
    assert found is not None
    return found


def states(database: Database, case: Case) -> dict[str, str]:
    with database.reading() as session:
        query = select(Assignment).where(Assignment.case_id == case.id)
        return {row.agency_code: row.status for row in session.exec(query)}


def test_each_office_has_its_own_clock(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    tasks.assign(
        database, now + 10 * HOUR, budi, case.number or "", "disperumkim", lead=False
    )
    with database.reading() as session:
        found = deadlines.of_case(
            session, now + 30 * HOUR, session.get_one(Case, case.id)
        )
    states = {
        one.agency: one.clock.state for one in found if one.clock.name == "respons_opd"
    }
    assert states == {"dishub": "breached", "disperumkim": "near"}


def test_passing_a_case_on_is_no_answer_of_the_office_that_must_act(
    database: Database,
    vault: Vault,
    now: datetime,
    case: Case,
    dewi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    number, lina = case.number or "", join("lina", "disperumkim")

    def answer(at: datetime, who: Viewer, text: str) -> None:
        claims.claim(database, at, who, number)
        reply = replies.reply(database, at, who, number, Answer(text), key=text)
        assert outbox.send(database, vault, Path(), at, reply.id or 0) == "sent"
        claims.release(database, at, who, number)

    def states(at: datetime) -> dict[str, str]:
        with database.reading() as session:
            found = deadlines.of_case(session, at, session.get_one(Case, case.id))
        return {
            one.agency: one.clock.state
            for one in found
            if one.clock.name == "respons_opd"
        }

    tasks.assign(database, now + HOUR, dewi, number, "disperumkim")
    answer(now + 2 * HOUR, dewi, "Kami teruskan ke Disperumkim.")
    assert states(now + 30 * HOUR) == {"dishub": "met", "disperumkim": "breached"}
    tasks.accept(database, now + 31 * HOUR, lina, number)
    answer(now + 32 * HOUR, dewi, "Kata Disperumkim: sudah dijadwalkan.")
    assert states(now + 33 * HOUR)["disperumkim"] == "met_late"


def test_an_office_takes_its_part_in_hand_while_another_holds_the_case(
    database: Database,
    now: datetime,
    case: Case,
    budi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    number, lina = case.number or "", join("lina", "disperumkim")
    tasks.assign(database, now, budi, number, "disperumkim", lead=False)
    claims.claim(database, now, budi, number)
    tasks.accept(database, now, lina, number)
    with pytest.raises(Refusal, match="another agency"):
        tasks.accept(database, now, lina, number, "dishub")
    deadlines.refresh_due(database, now + 35 * HOUR)
    assert escalations.run(database, now + 35 * HOUR) == 0


def test_a_task_is_waived_with_a_reason_and_only_by_its_office(
    database: Database,
    now: datetime,
    case: Case,
    budi: Viewer,
    rina: Viewer,
    dewi: Viewer,
) -> None:
    number = case.number or ""
    tasks.assign(database, now, dewi, number, "kel-tanah-sareal", lead=False)
    with pytest.raises(Refusal, match="another agency"):
        tasks.finish(database, now, rina, number, agency="dishub")
    tasks.finish(database, now, rina, number, waived="warga sudah memperbaiki")
    tasks.finish(database, now, dewi, number, agency="dishub")
    assert states(database, case) == {"dishub": "done", "kel-tanah-sareal": "waived"}
    with pytest.raises(Refusal, match="no open task"):
        tasks.finish(database, now, rina, number)
    assert closing.close(database, now, budi, number).status == "closed"


def test_closing_over_others_needs_a_reason_that_is_kept_and_told_to_them(
    database: Database,
    now: datetime,
    case: Case,
    budi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    number, lina = case.number or "", join("lina", "disperumkim")
    tasks.assign(database, now, budi, number, "disperumkim")
    with pytest.raises(Refusal) as refusal:
        closing.close(database, now, budi, number)
    assert (refusal.value.code, refusal.value.detail) == (
        "others_open",
        {"agencies": "disperumkim"},
    )
    with pytest.raises(Refusal, match="closes as one of"):
        closing.close(database, now, budi, number, outcome="hilang")
    closed = closing.close(
        database, now, budi, number, outcome="bukan_kewenangan", waive="lampu milik PLN"
    )
    assert closed.outcome == "bukan_kewenangan"
    with database.reading() as session:
        row = session.exec(
            select(Assignment).where(Assignment.agency_code == "disperumkim")
        ).one()
        assert (row.status, row.waived_reason) == ("waived", "lampu milik PLN")
        query = select(AuditEntry.detail).where(AuditEntry.action == "closed")
        assert session.exec(query).one() == {"outcome": "bukan_kewenangan"}
    (told,) = notifications.of_person(database, lina.id)
    assert (told.kind, told.data["reason"]) == ("waived", "lampu milik PLN")
    assert notifications.of_person(database, budi.id) == []


def test_an_office_that_never_looked_at_it_is_not_passed_over_in_silence(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    number = case.number or ""
    tasks.assign(database, now, budi, number, "kel-batu-tulis", lead=False)
    with pytest.raises(Refusal, match="kel-batu-tulis have open tasks"):
        closing.close(database, now, budi, number)


def test_not_ours_without_a_name_goes_to_who_verifies_and_can_come_back(
    database: Database, now: datetime, case: Case, budi: Viewer, dewi: Viewer
) -> None:
    number = case.number or ""
    tasks.bounce(database, now, budi, number, "Lampu taman")
    assert states(database, case) == {"dishub": "bounced", "diskominfo": "open"}
    with database.reading() as session:
        lead = select(Assignment.agency_code).where(Assignment.role == "lead")
        assert session.exec(lead).all() == ["diskominfo"]
    tasks.assign(database, now + HOUR, dewi, number, "dishub")
    assert states(database, case)["dishub"] == "open"
    with pytest.raises(Refusal, match="no agency 'dinas-angin'"):
        tasks.bounce(database, now, budi, number, "bukan kami", to="dinas-angin")
    assert states(database, case)["dishub"] == "open"


def test_bounces_say_what_to_change_in_the_table(
    database: Database, now: datetime, account: Account, post: Post, budi: Viewer
) -> None:
    for street in ("Batutulis", "Suryakencana", "Bondongan"):
        found = post(account, f"Lampu jalan di Jl. {street} mati", author_id=street)
        assert found is not None and found.kind == "pju_mati"
        tasks.bounce(
            database, now, budi, found.number or "", "Lampu taman", to="disperumkim"
        )
    rows = {one.agency: one for one in bounces.bounced(database, now)}
    assert (rows["dishub"].bounces, rows["dishub"].of) == (3, 3)
    assert rows["dishub"].change == "pju_mati: lead: disperumkim (was dishub)"


def test_one_bounce_proposes_nothing(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    tasks.bounce(database, now, budi, case.number or "", "Lampu taman")
    (row,) = bounces.bounced(database, now)
    assert (row.kind, row.agency, row.instead, row.change) == (
        "pju_mati",
        "dishub",
        None,
        None,
    )


def test_waiting_for_a_budget_ends_on_the_day_it_is_asked_for_again(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    number = case.number or ""
    after_midnight = datetime.fromisoformat(
        "2026-03-03T00:30+07:00"
    )  # still 2 March in UTC
    with pytest.raises(Refusal, match="on which day"):
        waiting.wait(
            database,
            after_midnight,
            budi,
            number,
            "menunggu_anggaran",
            recheck=date(2026, 3, 3),
        )
    waiting.wait(
        database, now, budi, number, "menunggu_anggaran", recheck=date(2026, 3, 20)
    )
    with pytest.raises(Refusal, match="waits already"):
        waiting.wait(database, now, budi, number, "menunggu_pelapor")
    assert deadlines.end_pauses_that_are_over(database, now + timedelta(days=16)) == 0
    assert deadlines.end_pauses_that_are_over(database, now + timedelta(days=18)) == 1
    with database.reading() as session:
        assert session.get_one(Case, case.id).waiting is None


def test_a_pause_is_kept_and_does_not_hide_a_breach(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    number = case.number or ""
    late = now + 50 * HOUR
    waiting.wait(database, late, budi, number, "menunggu_pelapor")
    with database.reading() as session:
        found = deadlines.of_case(session, late + HOUR, session.get_one(Case, case.id))
    follow_up = next(one.clock for one in found if one.clock.name == "tindak_lanjut")
    assert follow_up.state == "breached"
    waiting.go_on(database, late + HOUR, budi, number)
    with pytest.raises(Refusal, match="does not wait"):
        waiting.go_on(database, late + HOUR, budi, number)
    with database.reading() as session:
        pause = session.exec(select(CasePause)).one()
        assert (pause.started_at, pause.ended_at) == (late, late + HOUR)


def test_two_workers_end_a_pause_once(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    waiting.wait(database, now, budi, case.number or "", "menunggu_pelapor")
    over = now + timedelta(days=8)
    assert deadlines.end_pauses_that_are_over(database, over) == 1
    assert deadlines.end_pauses_that_are_over(database, over) == 0
    with database.reading() as session:
        query = select(AuditEntry.actor).where(col(AuditEntry.action) == "pause_ended")
        assert session.exec(query).all() == ["sahut"]


def test_the_answer_that_it_is_not_the_city_s_names_the_body(
    database: Database, now: datetime, account: Account, post: Post, dewi: Viewer
) -> None:
    dark = post(account, "Listrik padam di Jl. Batutulis dari sore, mohon info")
    assert dark is not None and dark.number is not None
    with casefile.reading(database, now, dewi, dark.number) as file:
        said = offers.referral(file.case)
        assert "PLN" in said and dark.number in said
        assert "Polresta" in offers.referral(file.case, "polresta")
        with pytest.raises(Refusal, match="no body 'nasa'"):
            offers.referral(file.case, "nasa")


def test_one_question_asks_for_what_is_missing(
    database: Database,
    now: datetime,
    account: Account,
    post: Post,
    dewi: Viewer,
    case: Case,
) -> None:
    vague = post(
        account, "Lampu jalan mati sudah dua malam min, gelap banget", author_id="tono"
    )
    assert vague is not None
    with casefile.reading(database, now, dewi, vague.number or "") as file:
        gap = offers.question(file)
    assert gap is not None and gap.fact == "place" and gap.question.count("?") == 1
    with casefile.reading(database, now, dewi, case.number or "") as file:
        assert offers.question(file) is None
