"""Joining, splitting, moving: nothing is lost, everything can be taken back, no clock
is reset."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from secret import make_secret
from sqlmodel import col, select

from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, closing, deadlines, groups, notes, tasks, waiting
from aggregator.cases.casefile import Seen
from aggregator.desk import queue
from aggregator.desk.filters import Filter
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports.duplicates import Decision
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Draft, Reply
from aggregator.store.tables.cases import Assignment, Case, CasePause, Note, Reminder
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Notification
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import CaseLink
from aggregator.store.vault import Vault
from aggregator.twins import joining, search, suggestions

LAMP = "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari"
DARK = "Gelap gulita gang kepatihan, penerangan padam terus"
HOLE = "Jalan berlubang besar di Jl. Tentara Pelajar depan pasar"
Post = Callable[..., Case | None]
Register = Callable[..., Account]


@pytest.fixture
def dishub(register: Register) -> Account:
    return register("dishub_x", "dishub")


@pytest.fixture
def pair(post: Post, dishub: Account, register: Register) -> tuple[str, str]:
    """Two cases about one dark alley, told to two offices by two people."""
    one = post(dishub, LAMP, native_id="1", author_id="siti")
    two = post(register("kota_x", "diskominfo"), DARK, native_id="2", author_id="agus")
    assert one is not None and two is not None and one.id != two.id
    return str(one.number), str(two.number)


def case_of(database: Database, number: str) -> Case:
    with database.reading() as session:
        return session.exec(select(Case).where(Case.number == number)).one()


def texts(
    database: Database, now: datetime, viewer: Viewer, number: str
) -> list[str | None]:
    return [
        spoken.message.text
        for spoken in queue.detail(database, now, viewer, number).messages
    ]


def message_id(database: Database, native_id: str) -> int:
    with database.reading() as session:
        return (
            session.exec(select(Message).where(Message.native_id == native_id)).one().id
            or 0
        )


def test_the_joined_case_leads_to_the_whole_and_everything_is_there(
    database: Database, pair: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    lamp, dark = pair
    notes.add_note(database, now, dewi, dark, "Warga menelepon juga")
    joining.join(database, now, dewi, dark, lamp)
    detail = queue.detail(database, now, dewi, lamp)
    assert sorted(texts(database, now, dewi, lamp)) == sorted([LAMP, DARK])
    assert (detail.case.reporters, detail.case.message_count) == (2, 2)
    assert [note.text for note in detail.notes] == ["Warga menelepon juga"]
    assert {row.agency_code for row in detail.assignments} >= {"dishub", "diskominfo"}
    assert sum(row.role == "lead" for row in detail.assignments) == 1
    joined = case_of(database, dark)
    assert (joined.status, joined.joined_into) == ("joined", detail.case.id)
    with pytest.raises(Refusal, match=f"part of case {lamp}"):
        claims.claim(database, now, dewi, dark)


def test_an_answer_to_somebody_of_the_joined_case_is_still_sent_to_them(
    database: Database,
    vault: Vault,
    tmp_path: object,
    pair: tuple[str, str],
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    claims.claim(database, now, dewi, dark)
    replies.reply(database, now, dewi, dark, Answer("Petugas ke lokasi"), key="k1")
    joining.join(database, now, dewi, dark, lamp)
    answer = queue.detail(database, now, dewi, lamp).replies[0]
    assert outbox.send(database, vault, tmp_path, now, answer.id or 0) == "sent"  # type: ignore[arg-type]
    whole = case_of(database, lamp)
    assert (whole.status, whole.first_response_at) == ("answered", now)
    link = joining.links(database, now, dewi, dark)[0]
    joining.undo(database, now, dewi, link.id or 0)
    assert case_of(database, lamp).first_response_at is None
    apart = case_of(database, dark)
    assert (apart.status, apart.first_response_at) == ("answered", now)
    assert [row.text for row in queue.detail(database, now, dewi, dark).replies] == [
        "Petugas ke lokasi"
    ]


def test_who_is_told_by_the_platform_later_goes_back_with_their_message(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    link = joining.join(database, now, dewi, dark, lamp)
    post(dishub, "masih gelap kak", native_id="3", parent_id="1", author_id="siti")
    joining.undo(database, now, dewi, link.id or 0)
    assert texts(database, now, dewi, dark) == [DARK]
    assert texts(database, now, dewi, lamp) == [LAMP, "masih gelap kak"]


def test_no_join_moves_a_deadline_back(
    database: Database, post: Post, dishub: Account, dewi: Viewer, now: datetime
) -> None:
    early = (now - timedelta(days=2)).isoformat()
    old = post(dishub, LAMP, native_id="1", author_id="siti", created_at=early)
    new = post(dishub, HOLE, native_id="2", author_id="agus")
    assert old is not None and new is not None
    due = min(filter(None, (old.next_due_at, new.next_due_at)))
    link = joining.join(database, now, dewi, str(old.number), str(new.number))
    whole = case_of(database, str(new.number))
    assert whole.opened_at == now - timedelta(days=2)
    assert whole.late or (whole.next_due_at is not None and whole.next_due_at <= due)
    joining.undo(database, now, dewi, link.id or 0)
    apart = case_of(database, str(new.number))
    assert (apart.opened_at, apart.next_due_at) == (new.opened_at, new.next_due_at)


def test_clocks_stand_still_only_while_every_part_waited() -> None:
    start = datetime.fromisoformat("2026-03-02T00:00:00+00:00")

    def day(n: int) -> datetime:
        return start + timedelta(days=n)

    def pause(begin: int, end: int | None) -> CasePause:
        return CasePause(
            case_id=1,
            reason="menunggu_anggaran",
            started_at=day(begin),
            recheck=date(2026, 4, 1),
            ended_at=day(end) if end is not None else None,
        )

    part = groups.Span(day(0), day(10), (pause(1, 4), pause(6, None)))
    assert part.pause_at(day(1)) is not None
    assert part.pause_at(day(4)) is None  # work goes on at the moment it ends
    whole = groups.Span(
        day(3), datetime.max.replace(tzinfo=start.tzinfo), (pause(8, None),)
    )
    found = [
        (one.started_at, one.ended_at) for one in groups.common_pauses([whole, part])
    ]
    assert found == [(day(1), day(3)), (day(8), None)]


def test_a_pause_of_one_part_stops_no_clock_of_the_other(
    database: Database, pair: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    lamp, dark = pair
    waiting.wait(database, now, dewi, dark, "menunggu_pelapor")
    joining.join(database, now + timedelta(hours=2), dewi, dark, lamp)
    with database.reading() as session:
        whole = session.exec(select(Case).where(Case.number == lamp)).one()
        assert groups.pauses_of(session, whole) == []
        clocks = deadlines.of_case(session, now + timedelta(hours=3), whole)
        assert all(entry.clock.state != "paused" for entry in clocks)


def test_what_a_colleague_holds_is_not_joined_away_without_a_word(
    database: Database,
    pair: tuple[str, str],
    join: Callable[..., Viewer],
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    joko = join("joko", "diskominfo")
    claims.claim(database, now, joko, dark)
    with pytest.raises(Refusal, match="Joko holds case"):
        joining.join(database, now, dewi, dark, lamp)
    link = joining.join(database, now, dewi, dark, lamp, reason="gang yang sama")
    with database.reading() as session:
        told = session.exec(
            select(Notification).where(Notification.person_id == joko.id)
        ).all()
    assert [(row.kind, row.data["reason"]) for row in told] == [
        ("claim", "gang yang sama")
    ]
    joining.undo(database, now, dewi, link.id or 0)
    assert case_of(database, dark).claimed_by == joko.id


def test_confidential_closed_and_identical_cases_are_not_joined(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    hidden = post(dishub, "Ada pungli di loket", native_id="9", extra={"rahasia": True})
    assert hidden is not None and hidden.confidential
    with pytest.raises(Refusal, match="there is no case"):
        joining.join(database, now, dewi, lamp, str(hidden.number))
    with pytest.raises(Refusal, match="no such message"):
        joining.move(database, now, dewi, [message_id(database, "9")], lamp)
    make_secret(database, hidden.number, dewi)
    for into, code in ((lamp, "same_case"), (str(hidden.number), "confidential")):
        with pytest.raises(Refusal) as refusal:
            joining.join(database, now, dewi, lamp, into)
        assert refusal.value.code == code
    with pytest.raises(Refusal, match="confidential"):
        joining.move(database, now, dewi, [message_id(database, "9")], lamp)
    closing.close(database, now, dewi, dark, waive="uji")
    with pytest.raises(Refusal, match="is closed"):
        joining.join(database, now, dewi, lamp, dark)


def test_of_two_people_at_once_one_wins_and_the_other_is_told(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    join: Callable[..., Viewer],
    now: datetime,
) -> None:
    lamp, dark = pair
    hole = post(dishub, HOLE, native_id="5", author_id="tono")
    assert hole is not None
    crowd = [join(f"orang{n}", "diskominfo", "koordinator") for n in range(6)]
    targets = [lamp, str(hole.number)] * 3

    def attempt(index: int) -> str:
        try:
            joining.join(database, now, crowd[index], dark, targets[index])
        except Refusal as error:
            return error.code
        return "won"

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(attempt, range(6)))
    assert sorted(results) == ["joined"] * 5 + ["won"]
    joined = case_of(database, dark).joined_into
    with database.reading() as session:
        held = session.exec(
            select(Message.case_id).where(Message.native_id == "2")
        ).one()
    assert held == joined


def test_a_stale_page_joins_nothing(
    database: Database, pair: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    lamp, dark = pair
    opened = case_of(database, dark).version
    notes.add_note(database, now, dewi, dark, "catatan")
    tasks.assign(database, now, dewi, dark, "dpupr")
    with pytest.raises(Refusal) as refusal:
        joining.join(database, now, dewi, dark, lamp, seen=Seen(opened))
    assert refusal.value.code == "changed"


def test_a_message_of_another_matter_becomes_a_case_of_its_own_and_goes_back(
    database: Database,
    vault: Vault,
    tmp_path: object,
    post: Post,
    dishub: Account,
    budi: Viewer,
    now: datetime,
) -> None:
    case = post(dishub, LAMP, native_id="1", author_id="siti")
    post(dishub, HOLE, native_id="2", parent_id="1", author_id="agus")
    assert case is not None
    number = str(case.number)
    second = message_id(database, "2")
    claims.claim(database, now, budi, number)
    answer = replies.reply(
        database, now, budi, number, Answer("Kami perbaiki", message_id=second), key="k"
    )
    outbox.send(database, vault, tmp_path, now, answer.id or 0)  # type: ignore[arg-type]
    link = joining.split(database, now, budi, number, [second])
    with database.reading() as session:
        fresh = session.get_one(Case, link.target_id)
    assert texts(database, now, budi, number) == [LAMP]
    assert texts(database, now, budi, str(fresh.number)) == [HOLE]
    assert (fresh.kind, fresh.status, fresh.reporters) == (
        "jalan_berlubang",
        "answered",
        1,
    )
    left = case_of(database, number)
    assert (left.status, left.first_response_at, left.reporters) == ("new", None, 1)
    joining.undo(database, now, budi, link.id or 0)
    back = case_of(database, number)
    assert texts(database, now, budi, number) == [LAMP, HOLE]
    assert (back.status, back.first_response_at, back.reporters) == ("answered", now, 2)
    assert case_of(database, str(fresh.number)).joined_into == back.id


def test_the_last_message_of_a_case_is_neither_split_nor_moved(
    database: Database, pair: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    lamp, dark = pair
    own = message_id(database, "1")
    with pytest.raises(Refusal, match="left without a message"):
        joining.split(database, now, dewi, lamp, [own])
    with pytest.raises(Refusal, match="left without a message"):
        joining.move(database, now, dewi, [own], dark)
    with pytest.raises(Refusal, match="no such message: 99"):
        joining.split(database, now, dewi, lamp, [99])


def test_a_message_is_moved_to_the_case_it_belongs_to(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    post(dishub, "di sini juga padam", native_id="3", parent_id="1", author_id="rudi")
    link = joining.move(database, now, dewi, [message_id(database, "3")], dark)
    assert (case_of(database, lamp).reporters, case_of(database, dark).reporters) == (
        1,
        2,
    )
    joining.undo(database, now, dewi, link.id or 0)
    assert (case_of(database, lamp).reporters, case_of(database, dark).reporters) == (
        2,
        1,
    )


def test_some_messages_of_a_joined_case_go_back_to_it(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    post(
        dishub, "lampu dekat saya nyala", native_id="3", parent_id="2", author_id="rudi"
    )
    link = joining.join(database, now, dewi, dark, lamp)
    joining.undo(
        database, now, dewi, link.id or 0, messages=[message_id(database, "2")]
    )
    assert texts(database, now, dewi, dark) == [DARK]
    assert len(texts(database, now, dewi, lamp)) == 2


def test_a_join_inside_a_join_is_undone_from_the_outside(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    hole = post(dishub, HOLE, native_id="5", author_id="tono")
    assert hole is not None
    inner = joining.join(database, now, dewi, dark, lamp)
    outer = joining.join(database, now, dewi, lamp, str(hole.number))
    with pytest.raises(Refusal) as refusal:
        joining.undo(database, now, dewi, inner.id or 0)
    assert refusal.value.code == "joined_further"
    joining.undo(database, now, dewi, outer.id or 0)
    joining.undo(database, now, dewi, inner.id or 0)
    assert [texts(database, now, dewi, n) for n in pair] == [[LAMP], [DARK]]
    with pytest.raises(Refusal, match="undone already"):
        joining.undo(database, now, dewi, inner.id or 0)


def test_tasks_somebody_worked_on_stay_when_a_join_is_undone(
    database: Database,
    pair: tuple[str, str],
    join: Callable[..., Viewer],
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    tasks.assign(database, now, dewi, dark, "dpupr", lead=False)
    tasks.assign(database, now, dewi, dark, "dlh", lead=False)
    link = joining.join(database, now, dewi, dark, lamp)
    tasks.finish(database, now, join("tuti", "dpupr"), lamp)
    joining.undo(database, now, dewi, link.id or 0)
    agencies = {
        row.agency_code for row in queue.detail(database, now, dewi, lamp).assignments
    }
    assert "dpupr" in agencies and "dlh" not in agencies


def test_not_the_same_is_remembered_also_for_what_is_joined_later(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    hole = post(dishub, HOLE, native_id="5", author_id="tono")
    assert hole is not None
    suggestions.not_the_same(database, now, dewi, lamp, dark)
    joining.join(database, now, dewi, lamp, str(hole.number))
    one, two = case_of(database, str(hole.number)), case_of(database, dark)
    with database.writing() as session:
        likeness = search.Likeness(two.id or 0, Decision("suggest", 0.9, ()))
        assert search.suggest(session, now, one, [likeness]) == []
    assert suggestions.open_pairs(database, now, dewi) == []


def test_suggestions_are_shown_between_wholes_and_answered_by_joining(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    rina: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    hole = post(dishub, HOLE, native_id="5", author_id="tono")
    assert hole is not None
    one, two = case_of(database, lamp), case_of(database, dark)
    with database.writing() as session:
        search.suggest(
            session,
            now,
            two,
            [search.Likeness(one.id or 0, Decision("suggest", 0.9, ()))],
        )
    shown = suggestions.open_pairs(database, now, dewi)
    assert [(row.case.number, row.other.number) for row in shown] == [(dark, lamp)]
    assert suggestions.open_pairs(database, now, rina) == []
    joining.join(database, now, dewi, lamp, str(hole.number))
    shown = suggestions.open_pairs(database, now, dewi, dark)
    assert {shown[0].case.number, shown[0].other.number} == {dark, hole.number}
    link = joining.join(database, now, dewi, dark, str(hole.number))
    assert suggestions.open_pairs(database, now, dewi) == []
    joining.undo(database, now, dewi, link.id or 0)
    assert len(suggestions.open_pairs(database, now, dewi)) == 1


def test_a_case_is_among_those_that_may_be_the_same_only_while_the_other_waits(
    database: Database, pair: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    lamp, dark = pair
    one, two = case_of(database, lamp), case_of(database, dark)
    with database.writing() as session:
        search.suggest(
            session,
            now,
            two,
            [search.Likeness(one.id or 0, Decision("suggest", 0.9, ()))],
        )

    def listed() -> set[tuple[str | None, int]]:
        rows = queue.page(database, now, dewi, Filter("kembar", order="usia"))
        return {(row.case.number, row.twins) for row in rows}

    assert listed() == {(lamp, 1), (dark, 1)}
    closing.close(database, now, dewi, dark, waive="selesai")
    assert listed() == set()


def test_every_act_stands_in_the_history_of_both_cases(
    database: Database, pair: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    lamp, dark = pair
    link = joining.join(database, now, dewi, dark, lamp)
    joining.undo(database, now, dewi, link.id or 0)
    for number in pair:
        with database.reading() as session:
            case = session.exec(select(Case).where(Case.number == number)).one()
            lines = session.exec(
                select(AuditEntry).where(
                    AuditEntry.case_id == case.id, AuditEntry.actor == "dewi"
                )
            ).all()
        assert [line.action for line in lines] == ["cases_joined", "cases_undone"]


def test_promises_and_drafts_follow_the_case(
    database: Database,
    vault: Vault,
    tmp_path: object,
    pair: tuple[str, str],
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    claims.claim(database, now, dewi, dark)
    answer = replies.reply(database, now, dewi, dark, Answer("Besok dicek"), key="k1")
    outbox.send(database, vault, tmp_path, now, answer.id or 0)  # type: ignore[arg-type]
    with database.writing() as session:
        part = session.exec(select(Case).where(Case.number == dark)).one()
        session.add(Draft(case_id=part.id or 0, person_id=dewi.id, text="Sudah kami"))
    link = joining.join(database, now, dewi, dark, lamp)
    whole = case_of(database, lamp)

    def held() -> set[int]:
        with database.reading() as session:
            rows = [*session.exec(select(Reminder)), *session.exec(select(Draft))]
            return {row.case_id for row in rows}

    assert held() == {whole.id}
    joining.undo(database, now, dewi, link.id or 0)
    assert held() == {case_of(database, dark).id}


def test_the_number_a_resident_was_given_still_answers(
    database: Database, pair: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    lamp, dark = pair
    joining.join(database, now, dewi, dark, lamp)
    shown = queue.public_status(database, dark)
    assert shown is not None and shown.status == "new"
    closing.close(database, now, dewi, lamp, waive="selesai")
    shown = queue.public_status(database, dark)
    assert shown is not None and (shown.number, shown.status) == (dark, "closed")


def test_what_most_people_report_comes_first_after_emergencies(
    database: Database,
    pair: tuple[str, str],
    post: Post,
    dishub: Account,
    dewi: Viewer,
    now: datetime,
) -> None:
    lamp, dark = pair
    post(dishub, "di rumah saya juga", native_id="7", parent_id="1", author_id="tono")
    with database.writing() as session:
        for case in session.exec(select(Case)):
            case.urgent = case.maybe_urgent = case.late = False
            case.next_due_at = now + timedelta(days=2)
    with database.reading() as session:
        order = session.exec(
            select(Case.number).order_by(*groups.by_priority(now))
        ).all()
    assert order == [lamp, dark]
    with database.writing() as session:
        session.exec(select(Case).where(Case.number == dark)).one().next_due_at = now
    near = [row.case.number for row in queue.page(database, now, dewi, Filter("semua"))]
    assert near == [dark, lamp], "a deadline that is near is never pushed down"


def test_one_person_is_one_reporter_however_often_they_write(
    database: Database, post: Post, dishub: Account
) -> None:
    case = post(dishub, LAMP, native_id="1", author_id="siti")
    assert case is not None
    post(dishub, "kapan kak", native_id="2", parent_id="1", author_id="siti")
    post(dishub, LAMP, native_id="3", kind="repost", target_id="1", author_id="tono")
    post(dishub, "saya juga", native_id="4", parent_id="1", author_id="agus")
    post(dishub, "saya lagi", native_id="5", parent_id="1", author_id="agus")
    found = case_of(database, str(case.number))
    with database.reading() as session:
        assert found.reporters == search.count_reporters(session, found.id or 0) == 2
        assert session.exec(
            select(col(Message.id)).where(Message.case_id == found.id)
        ).all()
        assert (
            not session.exec(select(CaseLink)).all()
            and not session.exec(select(Note)).all()
        )
        assert (
            session.exec(select(Assignment)).all()
            and not session.exec(select(Reply)).all()
        )
