"""The lists of X and their ends: the 800 newest mentions, direct messages, edits, the
bill."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Message, Page, Reply
from connectors.errors import Refused
from connectors.x import X, XAccount, XApp
from connectors.x.reading import id_at
from sandbox.serve import Sandbox

Connect = Callable[..., X]
MENTIONS, SEARCH = "GET /2/users/:id/mentions", "GET /2/tweets/search/recent"


@pytest.fixture
def account(sandbox: Sandbox) -> Any:
    sandbox.x.search_lag = 0.0
    sandbox.x.add_user("dishub_x", "Dishub")
    for name in ("siti", "joko"):
        sandbox.x.add_user(name, name.title())
    return sandbox.x.add_account("dishub_x")


@pytest.fixture
def connect(sandbox: Sandbox, account: Any) -> Iterator[Connect]:
    opened: list[X] = []

    def make(**changes: Any) -> X:
        settings = {
            "access_token": account.key,
            "access_token_secret": account.secret,
            **changes,
        }
        app = XApp(base_url=sandbox.url, consumer_key="key", consumer_secret="secret")
        opened.append(X(app, XAccount(**settings), str(account.user.id)))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def read(
    x: X, cursor: dict[str, Any], stream: str = "main"
) -> tuple[list[Message], list[Page]]:
    """What a whole poll says on one stream, and all its pages."""
    pages = list(x.fetch(cursor))
    said = [
        message
        for page in pages
        if page.stream == stream
        for item in page.items
        for message in X.normalise(item)
    ]
    return said, pages


def ids(said: list[Message]) -> set[int]:
    return {int(message.native_id) for message in said}


# Mentions


def test_what_lies_behind_the_800_newest_mentions_is_searched_for(
    sandbox: Sandbox, connect: Connect
) -> None:
    first = sandbox.x.post("siti", "@dishub_x yang pertama")
    _, pages = read(connect(direct_messages=False), {})
    posts = {sandbox.x.post("joko", f"@dishub_x lubang {n}").id for n in range(950)}
    said, pages = read(connect(direct_messages=False), pages[-1].cursor)
    assert ids(said) == posts
    assert [page.gap for page in pages if page.gap] == []
    assert pages[-1].cursor["since"] == str(max(posts))
    assert first.id not in ids(said)


@pytest.mark.parametrize("broken_after", [5, 8, 9])
def test_a_break_while_searching_loses_nothing(
    sandbox: Sandbox, connect: Connect, broken_after: int
) -> None:
    known = sandbox.x.post("siti", "@dishub_x yang pertama")
    posts = {sandbox.x.post("joko", f"@dishub_x lubang {n}").id for n in range(950)}
    x, cursor, seen = connect(direct_messages=False), {"since": str(known.id)}, set()
    for number, page in enumerate(x.fetch(cursor)):
        if number == broken_after:
            break
        cursor = page.cursor
        seen |= {int(item.payload["data"]["id"]) for item in page.items}
    said, _ = read(x, cursor)
    assert seen | ids(said) == posts


def test_what_is_older_than_a_week_cannot_be_searched_and_is_a_known_gap(
    sandbox: Sandbox, connect: Connect
) -> None:
    posts = {sandbox.x.post("joko", f"@dishub_x lubang {n}").id for n in range(850)}
    long_ago = {"since": id_at(time.time() - 9 * 86_400)}
    said, pages = read(connect(direct_messages=False), long_ago)
    assert ids(said) == posts
    assert [page.gap for page in pages if page.gap] == ["window_800"]


def test_errors_instead_of_a_list_are_not_taken_for_an_empty_list(
    sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.x.suspended.add("dishub_x")
    with pytest.raises(Refused):
        read(connect(), {})


def test_people_are_asked_for_once_and_money_is_told(
    sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.x.post("siti", "@dishub_x lampu mati")
    said, pages = read(connect(), {})
    assert said[0].author_handle == "siti"
    assert pages[0].cost == 2
    assert pages[0].billed == {"post": 1, "user": 1}
    sandbox.x.post("siti", "@dishub_x masih mati")
    said, pages = read(connect(owns_app=True), pages[-1].cursor)
    assert said[0].author_handle == "siti"
    assert (pages[0].cost, pages[0].billed) == (1, {"own_post": 1})


def test_mentions_are_counted_for_reconciling(
    sandbox: Sandbox, connect: Connect
) -> None:
    for number in range(3):
        sandbox.x.post("siti", f"@dishub_x lubang {number}")
    sandbox.x.post("dishub_x", "kami @dishub_x")
    assert connect().count(datetime.now(UTC) - timedelta(days=30)) == 3


# Direct messages


def due(cursor: dict[str, Any]) -> dict[str, Any]:
    """As if the next moment for asking had come."""
    return {**cursor, "dms": {**cursor["dms"], "not_before": 0}}


def test_direct_messages_are_read_once_with_their_own_place(
    sandbox: Sandbox, connect: Connect
) -> None:
    first = [sandbox.x.message("siti", "dishub_x", f"kabar {n}").id for n in range(130)]
    said, pages = read(connect(), {}, "dms")
    assert ids(said) == set(first)
    assert all(message.kind == "dm" and not message.public for message in said)
    second = sandbox.x.message("siti", "dishub_x", "masih mati")
    said, pages = read(connect(), due(pages[-1].cursor), "dms")
    assert second.id in ids(said)
    assert [page.cost for page in pages if page.stream == "dms"] == [1], (
        "the others are paid for"
    )
    assert said[0].author_name == "Siti"


def test_direct_messages_are_not_asked_for_more_often_than_x_allows(
    sandbox: Sandbox, connect: Connect, account: Any
) -> None:
    cursor: dict[str, Any] = {}
    for _ in range(20):
        _, pages = read(connect(), cursor)
        cursor = pages[-1].cursor
    assert len(account.used["GET /2/dm_events"]) == 1


def test_our_own_direct_messages_are_recognised(
    sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.x.message("siti", "dishub_x", "lampu mati")
    sandbox.x.message("dishub_x", "siti", "sedang dicek")
    said, _ = read(connect(), {}, "dms")
    assert {(message.is_own, message.reply_to is None) for message in said} == {
        (True, True),
        (False, False),
    }


def test_no_permission_for_direct_messages_is_a_gap_and_mentions_go_on(
    sandbox: Sandbox, connect: Connect, account: Any
) -> None:
    account.may_read_messages = False
    post = sandbox.x.post("siti", "@dishub_x lampu mati")
    said, pages = read(connect(), {})
    assert ids(said) == {post.id}
    assert [page.gap for page in pages if page.stream == "dms"] == ["no_permission"]
    _, pages = read(connect(), pages[-1].cursor)
    assert [page for page in pages if page.stream == "dms"] == [], (
        "tried again tomorrow"
    )


def test_the_limit_of_direct_messages_does_not_hold_mentions_up(
    sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.x.limits["GET /2/dm_events"] = 0
    post = sandbox.x.post("siti", "@dishub_x lampu mati")
    said, _ = read(connect(), {})
    assert ids(said) == {post.id}


def test_a_direct_message_is_answered_and_found_again(
    sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.x.message("siti", "dishub_x", "lampu mati")
    said, _ = read(connect(), {}, "dms")
    draft = Reply("k", "Sedang kami cek", said[0].reply_to or {})
    assert not X.preview(draft).public
    sent = connect().send(draft)
    assert [entry.text for entry in sandbox.sent("x")] == ["Sedang kami cek"]
    found = connect().look_up(draft, datetime.now(UTC) - timedelta(minutes=5))
    assert found == sent


# Edits and deletions


def edits_over(cursor: dict[str, Any]) -> dict[str, Any]:
    """As if the hour in which the posts could be edited had passed."""
    return {**cursor, "edits": dict.fromkeys(cursor["edits"], 0)}


def test_an_edit_that_mentions_us_no_more_and_a_deletion_are_found(
    sandbox: Sandbox, connect: Connect
) -> None:
    edited = sandbox.x.post("siti", "@dishub_x lampu mati")
    deleted = sandbox.x.post("joko", "@dishub_x nomor rumah saya C9")
    kept = sandbox.x.post("joko", "@dishub_x got mampet")
    _, pages = read(connect(), {})
    sandbox.x.edit(edited.id, "lampu mati di Empang")
    sandbox.x.delete(deleted.id)
    said, pages = read(connect(), edits_over(pages[-1].cursor), "edits")
    found = {message.kind: message for message in said}
    assert found["edit"].edit_of == str(edited.id)
    assert found["edit"].text == "lampu mati di Empang"
    assert found["delete"].native_id == str(deleted.id)
    assert len(said) == 2 and str(kept.id) not in {
        message.native_id for message in said
    }
    assert "edits" not in pages[-1].cursor
    assert pages[-1].cost == 1, "the new version; the old ones are paid for today"
