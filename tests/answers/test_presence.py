"""Who has a case open, who writes; and who is told when a note says their name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import select

from aggregator.answers import presence
from aggregator.cases import claims, notes
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Notification


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    case = post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan")
    assert case is not None
    return case.number or ""


def test_colleagues_see_each_other_until_a_page_is_silent(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    assert presence.look(database, now, budi, number) == []
    (seen,) = presence.look(database, now, dewi, number, writing=True)
    assert (seen.name, seen.writing) == ("Budi", False)
    (seen,) = presence.look(database, now, budi, number)
    assert (seen.name, seen.agency_code, seen.writing) == ("Dewi", "diskominfo", True)
    assert presence.look(database, now + presence.LASTS * 2, budi, number) == []


def test_whoever_may_not_see_a_case_is_not_seen_in_it(
    database: Database, now: datetime, number: str, rina: Viewer
) -> None:
    with pytest.raises(Refusal) as refused:
        presence.look(database, now, rina, number)
    assert refused.value.code == "not_yours"


def told(database: Database, kind: str) -> list[Notification]:
    with database.reading() as session:
        return list(session.exec(select(Notification).where(Notification.kind == kind)))


def test_a_note_tells_those_it_names_who_may_see_the_case_and_nothing_of_its_text(
    database: Database,
    now: datetime,
    number: str,
    budi: Viewer,
    dewi: Viewer,
    rina: Viewer,
) -> None:
    text = "@dewi dan @rina, @budi tanya: hp 08123456789 benar? surat@dewi.example"
    notes.write(database, now, budi, number, text)
    (mention,) = told(database, "mention")
    assert mention.person_id == dewi.id
    assert mention.data == {"who": "Budi", "number": number}


def test_taking_over_needs_a_reason_and_tells_the_former_holder(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    claims.claim(database, now, budi, number)
    with pytest.raises(Refusal) as refused:
        claims.take_over(database, now, dewi, number, " ")
    assert refused.value.code == "reason_needed"
    assert (
        claims.take_over(database, now, dewi, number, "Budi pulang").claimed_by
        == dewi.id
    )
    (notice,) = [one for one in told(database, "claim") if one.person_id == budi.id]
    assert (notice.data["who"], notice.data["reason"]) == ("Dewi", "Budi pulang")
