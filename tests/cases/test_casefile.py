"""A case that somebody opens: sight, rights, version, the hold of who acts on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from aggregator.answers import drafts, replies
from aggregator.answers.drafts import Writing
from aggregator.answers.replies import Answer
from aggregator.cases import casefile, claims, notes, sight, tasks
from aggregator.cases.casefile import CaseFile, Seen
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.running import upkeep
from aggregator.store import versions
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

MINUTE = timedelta(minutes=1)


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    case = post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan RW 4")
    assert case is not None and case.number is not None
    return case.number


def held_until(
    database: Database, now: datetime, viewer: Viewer, number: str
) -> datetime | None:
    with casefile.reading(database, now, viewer, number) as file:
        return file.case.claim_expires_at


def answer(database: Database, at: datetime, viewer: Viewer, number: str) -> None:
    replies.reply(database, at, viewer, number, Answer("Tim ke lokasi"), key="k1")


def note(database: Database, at: datetime, viewer: Viewer, number: str) -> None:
    notes.add_note(database, at, viewer, number, "Sudah ditelepon")


def draft(database: Database, at: datetime, viewer: Viewer, number: str) -> None:
    drafts.save(database, at, viewer, number, Writing("Tim"))


@pytest.mark.parametrize("act", [answer, note, draft])
def test_a_hold_that_is_used_lasts_as_long_again(
    act: Callable[[Database, datetime, Viewer, str], None],
    database: Database,
    now: datetime,
    number: str,
    budi: Viewer,
    dewi: Viewer,
) -> None:
    claims.claim(database, now, budi, number, minutes=120)
    act(database, now + 110 * MINUTE, budi, number)
    assert upkeep.release_idle_claims(database, now + 121 * MINUTE) == 0
    note(database, now + 115 * MINUTE, dewi, number)
    assert held_until(database, now, budi, number) == now + 230 * MINUTE
    assert upkeep.release_idle_claims(database, now + 231 * MINUTE) == 1


def test_a_draft_kept_every_few_seconds_writes_the_hold_once_a_minute(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    claims.claim(database, now, budi, number, minutes=120)
    draft(database, now + MINUTE / 2, budi, number)
    assert held_until(database, now, budi, number) == now + 120 * MINUTE
    draft(database, now + MINUTE, budi, number)
    assert held_until(database, now, budi, number) == now + 121 * MINUTE


def test_a_hold_that_goes_on_makes_no_page_out_of_date(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    claims.claim(database, now, budi, number)
    with casefile.reading(database, now, dewi, number) as file:
        seen = Seen(file.case.version)
    draft(database, now + 60 * MINUTE, budi, number)
    with casefile.acting(database, now, dewi, number, seen) as file:
        assert file.case.claim_expires_at == now + 180 * MINUTE


def test_what_one_did_oneself_is_no_reason_to_look_again(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    with casefile.reading(database, now, budi, number) as file:
        seen = Seen(file.case.version, line=10_000)
    claims.claim(database, now, budi, number)
    with casefile.acting(database, now, budi, number, seen):
        pass
    with (
        pytest.raises(Refusal) as refused,
        casefile.acting(database, now, budi, number, Seen(seen.version)),
    ):
        pass
    assert refused.value.code == "changed"
    tasks.assign(database, now, dewi, number, "dpupr", lead=False)
    with (
        pytest.raises(Refusal) as refused,
        casefile.acting(database, now, budi, number, Seen(seen.version, line=0)),
    ):
        pass
    assert refused.value.code == "changed"


def test_nobody_opens_a_case_of_another_office_or_one_that_is_not_there(
    database: Database, now: datetime, number: str, rina: Viewer, dewi: Viewer
) -> None:
    nowhere = casenumbers.number_of(999_999)
    for way in (casefile.reading, casefile.acting):
        for typed, code in ((number, "not_yours"), (nowhere, "no_such_case")):
            with pytest.raises(Refusal) as refused, way(database, now, rina, typed):
                pass
            assert refused.value.code == code
        with way(database, now, dewi, number) as file:
            assert sight.sees(file.session, dewi, file.case)
            assert not sight.sees(file.session, rina, file.case)


def test_what_a_file_holds_is_the_viewers(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    claims.claim(database, now, budi, number)

    def held(file: CaseFile) -> tuple[bool, dict[int, str], str | None]:
        return file.is_mine, file.names, file.lead

    with casefile.reading(database, now, budi, number) as file:
        assert held(file) == (True, {budi.id: "Budi"}, "dishub")
        assert [said.accounts[0].handle for said in file.said] == ["dishub_x"]
    with casefile.reading(database, now, dewi, number) as file:
        assert held(file) == (False, {budi.id: "Budi"}, "dishub")


def test_two_who_change_a_case_at_one_moment_raise_its_version_twice(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    """As when an answer arrives while somebody acts: neither reads what the other
    writes."""
    with casefile.reading(database, now, budi, number) as file:
        before = file.case.version
    with database.reading() as old:
        stale = old.get_one(Case, file.id)
    with database.writing() as session:
        row = session.merge(stale, load=False)
        versions.grow(row)
        session.flush()
        assert row.version == before + 1
    with database.writing() as session:
        row = session.merge(stale, load=False)
        versions.grow(row)
    assert row.version == before + 2
