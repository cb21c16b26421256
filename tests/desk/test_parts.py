"""What there is beside a case is known before its page asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aggregator.answers import drafts, help_requests
from aggregator.answers.drafts import Writing
from aggregator.cases import casefile, notes, waiting
from aggregator.desk import parts, queue
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.twins import joining


def there_is(
    database: Database, now: datetime, number: str, viewer: Viewer
) -> set[str]:
    with casefile.reading(database, now, viewer, number) as file:
        found = parts.of(file)
    return {name for name, there in found._asdict().items() if there is True}


def test_what_comes_beside_a_case_is_told_and_nothing_else(
    register: Callable[..., Account],
    post: Callable[..., Case],
    database: Database,
    now: datetime,
    budi: Viewer,
    dewi: Viewer,
) -> None:
    account = register("dishub_x", "dishub")
    one, two = (
        post(account, text, native_id=name, author_id=name).number or ""
        for name, text in (
            ("1", "Lampu mati di Gg. Kepatihan"),
            ("2", "Parkir liar di Empang"),
        )
    )
    assert (
        there_is(database, now, one, budi)
        == there_is(database, now, two, budi)
        == set()
    )
    notes.add_note(database, now, budi, one, "Petugas ke lokasi")
    waiting.wait(database, now, budi, one, "menunggu_pelapor")
    drafts.save(database, now, budi, one, Writing("Terima kasih"))
    help_requests.ask(database, now, budi, one, "Kapan jadwalnya?")
    assert there_is(database, now, one, budi) == {"notes", "pauses", "drafts", "helps"}
    assert there_is(database, now, two, budi) == set()
    post(
        account,
        "Parkir liar di depan Empang",
        native_id="2",
        author_id="2",
        kind="edit",
    )
    joining.join(database, now, dewi, two, one)
    assert {"parts", "links", "versions"} <= there_is(database, now, one, budi)
    detail = queue.detail(database, now, budi, one)
    assert [note.text for note in detail.notes] == ["Petugas ke lokasi"]
    assert len(detail.messages) == 2 and detail.replies == []
