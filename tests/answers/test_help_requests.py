"""Bantu jawab: one office asks, another proposes, the first sends, the helper is
told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from secret import make_secret

from aggregator.answers import drafts, help_requests, library
from aggregator.answers.drafts import Writing
from aggregator.answers.library import Typed
from aggregator.cases import claims
from aggregator.desk import queue
from aggregator.people import notifications
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

ASKED = "Mau tanya, loket KTP buka jam berapa? Saya Siti, 0812-3456-7890"


@pytest.fixture
def case(register: Callable[..., Account], post: Callable[..., Case | None]) -> Case:
    found = post(register("dishub_x", "dishub"), ASKED)
    assert found is not None
    return found


def _told(database: Database, viewer: Viewer) -> list[str]:
    return [one.kind for one in notifications.unread(database, viewer.id)]


def test_an_office_asks_another_proposes_and_the_first_sends_it_with_one_press(
    database: Database, now: datetime, case: Case, budi: Viewer, rina: Viewer
) -> None:
    number = case.number or ""
    help_requests.ask(
        database, now, budi, number, "Jam loket kecamatan?", agency=rina.agency_code
    )
    assert _told(database, rina) == ["help_asked"]
    (wanted,) = help_requests.wanted(database, now, rina)
    assert (wanted.is_asked, wanted.asked, wanted.by) == (
        True,
        "Jam loket kecamatan?",
        "disdukcapil",
    )
    assert "0812" not in wanted.text and "loket KTP" in wanted.text
    help_requests.ask(database, now, budi, number, "Ada yang tahu?")
    assert (
        help_requests.count_asked(database, rina),
        help_requests.count_asked(database, budi),
    ) == (1, 0)
    with pytest.raises(Refusal, match="another agency"):
        queue.detail(database, now, rina, number)

    proposal = help_requests.propose(
        database, now, rina, number, "Halo {nama}, loket buka 08.00–15.00."
    )
    assert "help_proposed" in _told(database, budi)
    used = help_requests.use(database, now, budi, number, proposal.id or 0, 60)
    assert (
        used.text == "Halo Siti, loket buka 08.00–15.00." and used.person_id == budi.id
    )
    assert _told(database, rina) == ["help_used", "help_asked"]
    assert help_requests.question(database, now, rina, number).asked == []


def test_what_one_has_written_oneself_stays_when_a_proposal_is_used(
    database: Database, now: datetime, case: Case, budi: Viewer, rina: Viewer
) -> None:
    number = case.number or ""
    claims.claim(database, now, budi, number)
    drafts.save(database, now, budi, number, Writing("Terima kasih sudah bertanya."))
    help_requests.ask(database, now, budi, number, "")
    proposal = help_requests.propose(database, now, rina, number, "Loket buka 08.00.")
    used = help_requests.use(database, now, budi, number, proposal.id or 0, 60)
    assert used.text == "Terima kasih sudah bertanya.\n\nLoket buka 08.00."


def test_a_question_nobody_answers_may_be_helped_with_unasked_and_facts_are_at_hand(
    database: Database, now: datetime, case: Case, rina: Viewer
) -> None:
    fact = Typed(
        "jawaban",
        "Jam buka loket KTP",
        {"id": "Loket KTP buka 08.00–15.00."},
        rina.agency_code,
        source="Papan pengumuman",
    )
    library.write(database, now, rina, fact)
    with database.writing() as session:
        session.get_one(Case, case.id).klass = help_requests.QUESTION
    later = now + timedelta(hours=1)
    (wanted,) = help_requests.wanted(database, later, rina)
    assert (wanted.is_asked, wanted.case.number) == (False, case.number)
    seen = help_requests.question(database, later, rina, case.number or "")
    assert [offer.text for offer in seen.facts] == ["Loket KTP buka 08.00–15.00."]


def test_nothing_confidential_and_no_plain_complaint_of_others_is_shown(
    database: Database, now: datetime, case: Case, budi: Viewer, rina: Viewer
) -> None:
    number = case.number or ""
    with database.writing() as session:
        session.get_one(Case, case.id).klass = "pengaduan"
    with pytest.raises(Refusal, match="another agency"):
        help_requests.propose(database, now, rina, number, "Jawaban")
    request = help_requests.ask(database, now, budi, number, "Siapa tahu?")
    help_requests.withdraw(database, now, budi, number, request.id or 0)
    assert help_requests.wanted(database, now, rina) == []
    make_secret(database, number, budi)
    with pytest.raises(Refusal, match="there is no case"):
        help_requests.propose(database, now, rina, number, "Jawaban")
    with pytest.raises(Refusal) as refused:
        help_requests.ask(database, now, budi, number, "Siapa tahu?")
    assert refused.value.code == "confidential"
