"""What was answered on the platform itself counts as an answer, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from aggregator.answers import by_hand
from aggregator.answers.by_hand import answered_there
from aggregator.cases import claims
from aggregator.desk import queue
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

Post = Callable[..., Case | None]
THERE = "https://square.example/p/1"


@pytest.fixture
def dishub_x(register: Callable[..., Account]) -> Account:
    return register("dishub_x", "dishub")


def in_queue(post: Post, account: Account, **said: object) -> Case:
    case = post(account, "Lampu mati di Gg. Kepatihan", native_id="1", **said)
    assert case is not None
    return case


def test_a_press_stops_the_clocks_and_says_by_hand(
    database: Database, dishub_x: Account, post: Post, budi: Viewer, now: datetime
) -> None:
    case = in_queue(post, dishub_x, permalink=THERE, reply_to=None)
    number, message = str(case.number), case.first_message_id or 0
    later = now + timedelta(hours=1)
    answered_there(database, later, budi, number, message, key="k", text="Sudah dicek")
    answered_there(database, later, budi, number, message, key="k")  # pressed twice
    seen = queue.detail(database, later, budi, number)
    assert (seen.case.status, seen.case.first_response_at) == ("answered", later)
    (answer,) = seen.replies
    assert answer.state == "sent" and answer.key.startswith(by_hand.BY_HAND)
    assert [line.action for line in seen.audit][-1] == "answered_there"


def test_it_is_the_same_answer_when_the_platform_gives_it_back(
    database: Database, dishub_x: Account, post: Post, budi: Viewer, now: datetime
) -> None:
    case = in_queue(post, dishub_x, permalink=THERE)
    number, message = str(case.number), case.first_message_id or 0
    answered_there(database, now, budi, number, message, key="k")
    post(
        dishub_x,
        "Terima kasih, sedang dicek",
        native_id="9",
        kind="reply",
        parent_id="1",
        author_id=dishub_x.external_id,
        created_at=(now + timedelta(minutes=5)).isoformat(),
    )
    seen = queue.detail(database, now, budi, number)
    assert len(seen.replies) == 1
    (back,) = [one.message for one in seen.messages if one.message.direction == "out"]
    assert back.extra["reply_id"] == seen.replies[0].id


def test_what_stands_on_no_platform_was_not_answered_there(
    database: Database, dishub_x: Account, post: Post, budi: Viewer, now: datetime
) -> None:
    case = in_queue(post, dishub_x)
    with pytest.raises(Refusal) as refusal:
        answered_there(
            database, now, budi, str(case.number), case.first_message_id or 0, key="k"
        )
    assert refusal.value.code == "not_there"


def test_who_has_the_case_says_so(
    database: Database,
    dishub_x: Account,
    post: Post,
    budi: Viewer,
    dewi: Viewer,
    now: datetime,
) -> None:
    case = in_queue(post, dishub_x, permalink=THERE)
    number, message = str(case.number), case.first_message_id or 0
    claims.claim(database, now, dewi, number)
    with pytest.raises(Refusal) as refusal:
        answered_there(database, now, budi, number, message, key="k")
    assert refusal.value.code == "not_claimed"
    answered_there(database, now, dewi, number, message, key="k")
