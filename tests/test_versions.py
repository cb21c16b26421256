"""Whatever changes what the page of a case shows makes the pages made before out of
date: the version of the case grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from sqlmodel import select

from aggregator.answers import deliveries, outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import casefile, claims, closing, tasks, triage, waiting
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from aggregator.twins import joining, suggestions
from connectors import base
from connectors.errors import ConnectorError, Refused, TryLater, Unknown

SAID = "Lampu jalan di Gg. Kepatihan RW 4 mati"


@dataclass(frozen=True, slots=True)
class Scene:
    """A case that came to Dishub, and who acts on it."""

    database: Database
    vault: Vault
    now: datetime
    platform: fakechannel.Platform
    account: Account
    post: Callable[..., Case | None]
    budi: Viewer
    dewi: Viewer
    number: str

    @property
    def by_budi(self) -> tuple[Database, datetime, Viewer, str]:
        return self.database, self.now, self.budi, self.number

    @property
    def by_dewi(self) -> tuple[Database, datetime, Viewer, str]:
        return self.database, self.now, self.dewi, self.number

    def version(self) -> int:
        with casefile.reading(self.database, self.now, self.dewi, self.number) as file:
            return file.case.version

    def reply(self) -> Reply:
        with self.database.reading() as session:
            return session.exec(select(Reply)).one()


@pytest.fixture
def scene(
    database: Database,
    vault: Vault,
    now: datetime,
    platform: fakechannel.Platform,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
    dewi: Viewer,
) -> Scene:
    account = register("dishub_x", "dishub")
    case = post(account, SAID, native_id="1")
    assert case is not None and case.number is not None
    return Scene(database, vault, now, platform, account, post, budi, dewi, case.number)


def claim(scene: Scene) -> None:
    claims.claim(*scene.by_budi)


def give_back(scene: Scene) -> None:
    claims.release(*scene.by_budi)


def take_over(scene: Scene) -> None:
    claims.take_over(*scene.by_dewi, "Budi sudah pulang")


def assign(scene: Scene) -> None:
    tasks.assign(*scene.by_dewi, "dpupr", lead=False)


def accept(scene: Scene) -> None:
    tasks.accept(*scene.by_budi)


def finish(scene: Scene) -> None:
    tasks.finish(*scene.by_budi)


def bounce(scene: Scene) -> None:
    tasks.bounce(*scene.by_budi, "Bukan jalan kota", to="dpupr")


def wait(scene: Scene) -> None:
    waiting.wait(*scene.by_budi, "menunggu_pelapor")


def go_on(scene: Scene) -> None:
    waiting.go_on(*scene.by_budi)


def classify(scene: Scene) -> None:
    triage.confirm(*scene.by_budi, klass="aspirasi")


def close(scene: Scene) -> None:
    closing.close(*scene.by_budi)


def reopen(scene: Scene) -> None:
    closing.reopen(*scene.by_budi)


def answer(scene: Scene) -> None:
    replies.reply(*scene.by_budi, Answer("Sedang dicek"), key="k1")


def cancel(scene: Scene) -> None:
    replies.cancel_reply(*scene.by_budi[:3], scene.reply().id or 0)


def send(scene: Scene, *failure: ConnectorError) -> None:
    scene.platform.on_send = [*failure]
    reply = scene.reply().id or 0
    outbox.send(scene.database, scene.vault, Path(), scene.now, reply)


def send_in_vain(scene: Scene) -> None:
    send(scene, Refused("the resident has blocked the account", code="blocked"))


def send_to_a_busy_platform(scene: Scene) -> None:
    send(scene, TryLater("too many requests"))


def send_without_an_answer(scene: Scene) -> None:
    send(scene, Unknown("no answer from the platform"))


def find_it_arrived(scene: Scene) -> None:
    replies.settle(*scene.by_budi[:3], scene.reply().id or 0, arrived=True)


def die_while_sending(scene: Scene) -> None:
    with scene.database.writing() as session:
        reply = session.get_one(Reply, scene.reply().id)
        reply.state, reply.sending_at = "sending", scene.now


def find_lost(scene: Scene) -> None:
    outbox.find_lost(scene.database, scene.now + timedelta(hours=1))


def hear_that_it_was_read(scene: Scene) -> None:
    read = base.Message(
        "status", "1:read", target_id=scene.reply().external_id, extra={"state": "read"}
    )
    with scene.database.writing() as session:
        deliveries.note(session, scene.now, "fake", read)


def answer_on_the_platform(scene: Scene) -> None:
    own = {"native_id": "9", "parent_id": "1", "author_id": scene.account.external_id}
    scene.post(scene.account, "Sedang dicek", **own)


def hear_more(scene: Scene) -> None:
    scene.post(scene.account, "Dekat pos RT", native_id="2", parent_id="1")


def hear_that_it_was_deleted(scene: Scene) -> None:
    scene.post(scene.account, native_id="1", kind="delete")


def other_case(scene: Scene) -> str:
    other = scene.post(scene.account, "Parkir liar di Empang", author_id="agus")
    assert other is not None and other.number is not None
    return other.number


def take_another_in(scene: Scene) -> None:
    joining.join(*scene.by_dewi[:3], other_case(scene), scene.number)


def tell_it_from_another(scene: Scene) -> None:
    suggestions.not_the_same(*scene.by_dewi, other_case(scene))


Act = Callable[[Scene], None]


@pytest.mark.parametrize(
    ("before", "act"),
    [
        ([], claim),
        ([claim], give_back),
        ([claim], take_over),
        ([], assign),
        ([], accept),
        ([assign], finish),
        ([], bounce),
        ([], wait),
        ([wait], go_on),
        ([], classify),
        ([claim], close),
        ([claim, close], reopen),
        ([claim], answer),
        ([claim, answer], cancel),
        ([claim, answer], send),
        ([claim, answer], send_in_vain),
        ([claim, answer], send_to_a_busy_platform),
        ([claim, answer], send_without_an_answer),
        ([claim, answer, send_without_an_answer], find_it_arrived),
        ([claim, answer, die_while_sending], find_lost),
        ([claim, answer, send], hear_that_it_was_read),
        ([], answer_on_the_platform),
        ([], hear_more),
        ([], hear_that_it_was_deleted),
        ([], take_another_in),
        ([], tell_it_from_another),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_pages_made_before_are_out_of_date(
    scene: Scene, before: list[Act], act: Act
) -> None:
    for earlier in before:
        earlier(scene)
    seen = scene.version()
    act(scene)
    assert scene.version() > seen
