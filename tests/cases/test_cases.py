"""One person claims a case and answers it once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import fakechannel
import pytest
from sqlmodel import select

from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import casefile, claims, closing, notes, tasks
from aggregator.cases.casefile import Seen
from aggregator.desk import queue
from aggregator.people import invitations, passwords, sessions, staff
from aggregator.people.refusal import PeopleError, Refusal
from aggregator.people.sessions import Browser
from aggregator.people.viewers import Viewer
from aggregator.running import upkeep
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import AuditEntry

LAMP = "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari"
Register = Callable[..., Account]


@pytest.fixture
def number(register: Register, post: Callable[..., Case | None]) -> str:
    case = post(register("dishub_x", "dishub"), LAMP, native_id="1")
    assert case is not None and case.number is not None
    return case.number


def holder_of(
    database: Database, now: datetime, viewer: Viewer, number: str
) -> int | None:
    return queue.detail(database, now, viewer, number).case.claimed_by


def test_of_many_who_claim_at_once_exactly_one_wins_and_the_others_are_told_who(
    database: Database, number: str, join: Callable[..., Viewer], now: datetime
) -> None:
    crowd = [join(f"jubir{index}", "dishub") for index in range(12)]

    def attempt(viewer: Viewer) -> str:
        try:
            claims.claim(database, now, viewer, number)
        except Refusal as error:
            assert error.code == "claimed"
            return str(error.detail["holder"])
        return "won"

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(attempt, crowd))
    assert results.count("won") == 1
    winner = crowd[results.index("won")]
    assert {result for result in results if result != "won"} == {winner.name}
    assert holder_of(database, now, winner, number) == winner.id


def test_a_claim_can_be_given_back_and_taken_by_another(
    database: Database, number: str, budi: Viewer, dewi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    claims.release(database, now, budi, number)
    claims.claim(database, now, dewi, number)
    assert holder_of(database, now, dewi, number) == dewi.id


def test_an_idle_claim_ends_by_itself(
    database: Database, number: str, budi: Viewer, dewi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number, minutes=120)
    assert upkeep.release_idle_claims(database, now + timedelta(minutes=119)) == 0
    assert upkeep.release_idle_claims(database, now + timedelta(minutes=121)) == 1
    assert holder_of(database, now, dewi, number) is None


def test_an_expired_claim_can_be_taken_before_anybody_tidied_up(
    database: Database, number: str, budi: Viewer, dewi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number, minutes=10)
    claims.claim(database, now + timedelta(minutes=11), dewi, number)
    assert holder_of(database, now, dewi, number) == dewi.id


def test_only_agencies_that_have_the_case_see_it(
    database: Database, number: str, rina: Viewer, dewi: Viewer, now: datetime
) -> None:
    with pytest.raises(Refusal, match="another agency"):
        queue.detail(database, now, rina, number)
    assert queue.listing(database, rina) == []
    tasks.assign(database, now, dewi, number, "kel-tanah-sareal", lead=False)
    assert [row.agencies for row in queue.listing(database, rina)] == [
        ["dishub", "kel-tanah-sareal"]
    ]


def test_a_new_lead_makes_the_former_one_a_helper(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    tasks.assign(database, now, budi, number, "dpupr")
    rows = queue.detail(database, now, budi, number).assignments
    assert [(row.agency_code, row.role) for row in rows] == [
        ("dpupr", "lead"),
        ("dishub", "help"),
    ]


def test_nothing_is_assigned_to_an_agency_that_does_not_exist(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    with pytest.raises(Refusal, match="no agency 'dinas-angin'"):
        tasks.assign(database, now, budi, number, "dinas-angin")


def test_an_answer_needs_the_claim(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    with pytest.raises(Refusal, match="claim case"):
        replies.reply(database, now, budi, number, Answer("Sedang dicek"), key="k1")


def test_a_double_click_is_one_answer(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    first = replies.reply(database, now, budi, number, Answer("Sedang dicek"), key="k1")
    again = replies.reply(database, now, budi, number, Answer("Sedang dicek"), key="k1")
    assert first.id == again.id
    with database.reading() as session:
        assert len(session.exec(select(Reply)).all()) == 1


def test_two_tabs_say_the_same_once(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    answer = Answer("Sedang dicek")
    replies.reply(database, now, budi, number, answer, key="first tab")
    later = now + timedelta(minutes=4)
    with pytest.raises(Refusal, match="4 min ago") as refusal:
        replies.reply(database, later, budi, number, answer, key="second tab")
    assert refusal.value.code == "said_already"
    assert refusal.value.detail["text"] == "Sedang dicek"
    replies.reply(database, later, budi, number, Answer("Tim berangkat"), key="other")
    replies.reply(
        database, now + timedelta(minutes=11), budi, number, answer, key="later"
    )


def test_what_was_taken_back_may_be_said_again(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    answer = Answer("Sedang dicek")
    first = replies.reply(database, now, budi, number, answer, key="k1")
    replies.cancel_reply(database, now, budi, first.id)
    assert replies.reply(database, now, budi, number, answer, key="k2").id != first.id


def test_other_words_from_an_old_page_are_not_taken_for_sent(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    replies.reply(database, now, budi, number, Answer("Sedang dicek"), key="page")
    with pytest.raises(Refusal) as refusal:
        replies.reply(database, now, budi, number, Answer("Sudah beres"), key="page")
    assert refusal.value.code == "old_page"


def test_a_stale_page_changes_nothing(
    database: Database, number: str, budi: Viewer, dewi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    opened = queue.detail(database, now, budi, number).case.version
    tasks.assign(database, now, dewi, number, "dpupr", lead=False)
    with pytest.raises(Refusal, match="has changed") as refusal:
        replies.reply(
            database,
            now,
            budi,
            number,
            Answer("Sedang dicek"),
            key="k1",
            seen=Seen(opened),
        )
    assert refusal.value.code == "changed"
    with pytest.raises(Refusal, match="has changed"):
        closing.close(database, now, budi, number, seen=Seen(opened))


def test_what_the_platform_would_refuse_is_refused_before_it_is_queued(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    with casefile.reading(database, now, budi, number) as file:
        seen = replies.preview_reply(file, Answer("x" * 101))
    assert (seen.preview.problem, seen.preview.limit, seen.account.handle) == (
        "too_long",
        100,
        "dishub_x",
    )
    with pytest.raises(Refusal, match="too_long"):
        replies.reply(database, now, budi, number, Answer("x" * 101), key="k1")


def test_a_case_is_not_closed_over_an_answer_that_is_still_on_its_way(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    replies.reply(database, now, budi, number, Answer("Sedang dicek"), key="k1")
    with pytest.raises(Refusal, match="not arrived"):
        closing.close(database, now, budi, number)


def test_who_may_only_read_cannot_act(
    database: Database, number: str, join: Callable[..., Viewer], now: datetime
) -> None:
    head = join("kadis", "dishub", "pimpinan")
    assert len(queue.listing(database, head)) == 1
    for act in (
        lambda: claims.claim(database, now, head, number),
        lambda: notes.add_note(database, now, head, number, "segera"),
        lambda: closing.close(database, now, head, number),
    ):
        with pytest.raises(Refusal, match="not act"):
            act()


def test_a_wrong_digit_in_a_number_is_said_to_be_one(
    database: Database, number: str, dewi: Viewer, now: datetime
) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    with pytest.raises(Refusal, match="a digit is wrong"):
        queue.detail(database, now, dewi, wrong)


def test_every_act_leaves_a_line_that_says_who(
    database: Database,
    number: str,
    budi: Viewer,
    now: datetime,
    platform: fakechannel.Platform,
) -> None:
    claims.claim(database, now, budi, number)
    notes.add_note(database, now, budi, number, "tim PJU berangkat jam 8")
    replies.reply(database, now, budi, number, Answer("Sedang dicek"), key="k1")
    claims.release(database, now, budi, number)
    trail = queue.detail(database, now, budi, number).audit
    assert [(entry.actor, entry.action) for entry in trail] == [
        ("sahut", "case_opened"),
        ("budi", "claimed"),
        ("budi", "noted"),
        ("budi", "replied"),
        ("budi", "released"),
    ]


def test_disabling_a_person_gives_the_claims_back_and_ends_the_sessions(
    database: Database, number: str, budi: Viewer, dewi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    token, _ = sessions.begin(database, now, budi.id, 1, Browser("Chrome", "::1"))
    assert sessions.of_token(database, now, token) is not None
    staff.disable(database, now, SYSTEM, "budi")
    assert holder_of(database, now, dewi, number) is None
    assert passwords.sign_in(database, now, "budi", "kata sandi panjang") is None
    assert sessions.of_token(database, now, token) is None


def test_an_invitation_works_once_and_not_for_ever(
    database: Database, now: datetime
) -> None:
    _, token = staff.add(
        database, now, SYSTEM, login="siti", name="Siti", agency="dishub"
    )
    late = now + timedelta(days=8)
    with pytest.raises(PeopleError, match="too old"):
        invitations.accept(database, late, token, "kata sandi panjang")
    with pytest.raises(PeopleError, match="at least 10"):
        invitations.accept(database, now, token, "pendek")
    invitations.accept(database, now, token, "kata sandi panjang")
    with pytest.raises(PeopleError, match="used"):
        invitations.accept(database, now, token, "kata sandi lain")
    assert passwords.sign_in(database, now, "SITI ", "kata sandi panjang") is not None
    assert passwords.sign_in(database, now, "siti", "kata sandi salah") is None
    assert passwords.sign_in(database, now, "hantu", "kata sandi panjang") is None


def test_no_password_and_no_link_is_stored_readable(
    database: Database, now: datetime, budi: Viewer
) -> None:
    _, token = staff.add(
        database, now, SYSTEM, login="siti", name="Siti", agency="dishub"
    )
    with database.reading() as session:
        stored = " ".join(str(row) for row in session.exec(select(Person)))
        trail = " ".join(str(row) for row in session.exec(select(AuditEntry)))
    assert "kata sandi panjang" not in stored + trail
    assert token not in stored + trail
