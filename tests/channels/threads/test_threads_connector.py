"""Threads: deliveries without `entry`, lists newest first, answers in two steps, token
ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from stage_threads import Stage

from connectors.base import Message, Reply
from connectors.errors import NeedsLogin, Refused, TryLater, Unknown
from connectors.threads import Threads, ThreadsAccount, weighted_length
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def threads(stage: Stage) -> Iterator[Threads]:
    connector = stage.connect()
    yield connector
    connector.close()


def polled(
    connector: Threads, cursor: dict[str, Any] | None = None
) -> tuple[list[Message], Any]:
    found, cursor = [], cursor or {}
    for page in connector.fetch(cursor):
        found += [
            message for item in page.items for message in connector.normalise(item)
        ]
        cursor = page.cursor
    return found, cursor


def delivered(value: dict[str, Any], field: str, **around: Any) -> list[Message]:
    body = {
        "app_id": "1",
        "topic": "moderate",
        "target_id": "9",
        "values": {"value": value, "field": field},
        **around,
    }
    return [m for item in Threads.read_file(body) for m in Threads.normalise(item)]


def test_a_delivery_has_no_entry_and_tells_no_author_id() -> None:
    value = {
        "id": "5",
        "username": "siti.r",
        "text": "Kapan?",
        "media_type": "TEXT_POST",
        "replied_to": {"id": "4"},
        "root_post": {"id": "3", "owner_id": "77"},
        "timestamp": "2026-03-02T06:00:00+0000",
    }
    (message,) = delivered(value, "replies")
    assert (message.kind, message.parent_id, message.conversation_id) == (
        "reply",
        "4",
        "3",
    )
    assert (message.author_id, message.author_handle) == (None, "siti.r")
    assert message.created_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def test_values_may_be_a_list_and_names_the_account_addressed() -> None:
    value = {"id": "5", "username": "siti.r", "text": "@Disdik_Kota halo"}
    body = {"target_id": "77", "values": [{"field": "mentions", "value": value}]}
    (item,) = Threads.read_file(body)
    (message,) = Threads.normalise(item)
    assert item.account == "77"
    assert (message.kind, message.mentions) == ("mention", ("disdik_kota",))


def test_what_we_publish_and_delete_ourselves_is_ours() -> None:
    published = {"id": "5", "username": "disdik_kota", "media_type": "TEXT_POST"}
    (post,) = delivered(published, "publish")
    assert post.is_own
    gone = {
        "id": "5",
        "owner": {"owner_id": "77"},
        "deleted_at": "2026-03-02T06:00:00+0000",
        "timestamp": "2026-03-01T06:00:00+0000",
    }
    (deletion,) = delivered(gone, "delete")
    assert (deletion.kind, deletion.native_id, deletion.is_own) == ("delete", "5", True)


def test_our_own_answer_in_our_thread_is_recognised_by_name_and_owner() -> None:
    value = {
        "id": "5",
        "username": "disdik_kota",
        "root_post": {"id": "3", "owner_id": "77", "username": "disdik_kota"},
    }
    (message,) = delivered(value, "replies")
    assert message.is_own
    (other,) = delivered({**value, "username": "siti.r"}, "replies")
    assert not other.is_own


def test_an_error_in_the_place_of_a_list_says_nothing() -> None:
    assert list(Threads.read_file({"error": {"code": 100, "error_subcode": 33}})) == []


def test_pictures_and_long_texts_are_read() -> None:
    post = {
        "id": "5",
        "text": "Lihat",
        "media_type": "CAROUSEL_ALBUM",
        "text_attachment": {"plaintext": "Cerita panjang"},
        "is_quote_post": True,
        "quoted_post": {"id": "2"},
        "children": {
            "data": [
                {"id": "6", "media_type": "IMAGE"},
                {"id": "7", "media_type": "VIDEO"},
            ]
        },
    }
    (item,) = Threads.read_file({"data": [post]})
    (message,) = Threads.normalise(item)
    assert message.text == "Lihat\n\nCerita panjang"
    assert [(file.type, file.native_id) for file in message.media] == [
        ("image", "6"),
        ("video", "7"),
    ]
    assert (message.kind, message.parent_id) == ("quote", "2")


def test_answers_to_our_posts_and_to_our_answers_are_found(
    stage: Stage, threads: Threads
) -> None:
    ours = stage.threads.post("disdik_kota", "Pendaftaran dibuka")
    deep = stage.threads.post("siti.r", "Berkasnya apa?", answers=ours.id)
    nested = stage.threads.post("joko", "Sama, mau tahu", answers=deep.id)
    foreign = stage.threads.post("joko", "Halo @disdik_kota")
    answer = stage.threads.post("disdik_kota", "Silakan", answers=foreign.id)
    back = stage.threads.post("joko", "Terima kasih", answers=answer.id)
    found, _ = polled(threads)
    kinds = {message.native_id: (message.kind, message.is_own) for message in found}
    assert kinds == {
        deep.id: ("reply", False),
        nested.id: ("reply", False),
        foreign.id: ("mention", False),
        back.id: ("reply", False),
    }


def test_the_next_poll_reads_an_hour_again_and_no_more(
    stage: Stage, threads: Threads
) -> None:
    old = stage.say("Lama sekali")
    stage.sandbox.advance(2 * 3600)
    recent = stage.say("Baru")
    _, cursor = polled(threads)
    found, _ = polled(threads, cursor)
    assert [message.native_id for message in found] == [recent]
    assert old != recent


def test_a_page_mark_that_has_died_starts_the_list_again(
    stage: Stage, threads: Threads
) -> None:
    said = {stage.say(f"Nomor {n}") for n in range(3)}
    found, _ = polled(threads, {"mentions": {"after": "YWZ0ZXI6MA"}, "runs": 1})
    assert {message.native_id for message in found} >= said


def test_a_post_deleted_between_two_lists_stops_nothing(
    stage: Stage, threads: Threads
) -> None:
    said = stage.say("Tolong")
    cursor = {
        "replies": {"todo": ["17/conversation"], "since": 1_700_000_000},
        "runs": 1,
    }
    found, cursor = polled(threads, cursor)
    assert found == []
    assert said in [message.native_id for message in polled(threads, cursor)[0]]


def test_an_answer_is_published_under_the_post(stage: Stage, threads: Threads) -> None:
    to = stage.answerable()
    sent = threads.send(Reply("k", "Dibuka hari Senin", to))
    (arrived,) = stage.sandbox.sent("threads")
    assert (arrived.id, arrived.to) == (sent.external_id, to["media_id"])
    assert sent.permalink and sent.external_id in sent.permalink


def test_a_lost_container_is_tried_later_and_a_lost_publication_is_looked_up(
    stage: Stage, threads: Threads
) -> None:
    reply = Reply("k", "Dibuka hari Senin", stage.answerable())
    stage.sandbox.fault("cut", endpoint="POST /:version/:id/threads")
    with pytest.raises(TryLater):
        threads.send(reply)
    stage.sandbox.fault("cut", endpoint="POST /:version/:id/threads_publish")
    with pytest.raises(Unknown):
        threads.send(reply)
    found = threads.look_up(reply, datetime.now(UTC) - timedelta(minutes=5))
    (arrived,) = stage.sandbox.sent("threads")
    assert found is not None and found.external_id == arrived.id


def test_emoji_count_their_bytes() -> None:
    assert weighted_length("halo") == 4
    assert weighted_length("👍") == 4
    assert (
        Threads.preview(Reply("k", "👍" * 126, {"media_id": "1"})).problem == "too_long"
    )
    assert Threads.preview(Reply("k", "é" * 500, {"media_id": "1"})).problem is None


def test_a_picture_is_asked_for_again_by_its_post(
    stage: Stage, threads: Threads
) -> None:
    stage.threads.post("siti.r", "@disdik_kota atap bocor", images=["atap"])
    (message,), _ = polled(threads)
    assert dict(message.media[0].ref) == {"media_id": message.native_id}
    assert threads.download(message.media[0]).mime == "image/jpeg"


def test_signing_in_gives_a_token_of_sixty_days(stage: Stage) -> None:
    redirect = "http://127.0.0.1:9/back"
    start = Threads.login_start(stage.app(), redirect, "state-1")
    page = requests.get(start.url, allow_redirects=False, timeout=60)
    back = parse_qs(urlsplit(page.headers["location"]).query)
    assert back["state"] == ["state-1"]
    (login,) = Threads.login_finish(
        stage.app(), redirect, back["code"][0] + "#_", start.keep
    )
    account = ThreadsAccount(**login.settings)
    assert login.name == "disdik_demo"
    ends = account.login_ends_at()
    assert ends is not None and timedelta(days=59) < ends - datetime.now(
        UTC
    ) < timedelta(days=61)
    with pytest.raises(NeedsLogin):
        Threads.login_finish(stage.app(), redirect, "used-up", {})


def test_a_token_is_renewed_after_a_week_and_not_after_its_end(
    stage: Stage, threads: Threads
) -> None:
    due = stage.account().renew_at()
    assert due is not None and due < datetime.now(UTC) + timedelta(days=8)
    with pytest.raises(NeedsLogin):
        threads.renew()  # younger than 24 hours
    stage.sandbox.advance(7 * 86_400)
    renewed = threads.renew()
    assert renewed.access_token != stage.account().access_token
    assert renewed.expires_at is not None
    stage.sandbox.advance(60 * 86_400)
    with pytest.raises(NeedsLogin) as refusal:
        threads.renew()
    assert stage.token.value not in str(refusal.value)


def test_a_token_without_an_end_is_not_renewed_and_check_says_so(stage: Stage) -> None:
    account = ThreadsAccount(access_token=stage.token.value)
    assert account.renew_at() is None
    connector = Threads(stage.app(), account, None)
    identity = connector.check()
    connector.close()
    assert (identity.external_id, identity.handle) == (stage.person.id, "disdik_kota")
    assert "expires_at" in identity.warnings[0]


def test_answers_carry_no_files(stage: Stage, threads: Threads) -> None:
    from connectors.base import Upload

    reply = Reply(
        "k", "Ini", stage.answerable(), files=(Upload("a.jpg", "image/jpeg", b"x"),)
    )
    with pytest.raises(Refused) as refusal:
        threads.send(reply)
    assert refusal.value.code == "no_files"


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "9", "status": "FINISHED"},
        {"id": "9", "username": "disdik_kota", "threads_biography": "Dinas Pendidikan"},
        {"data": [{"reply_quota_usage": 1, "reply_config": {"quota_total": 1000}}]},
    ],
)
def test_answers_that_say_nothing_of_anybody_are_no_posts(answer: Any) -> None:
    assert list(Threads.read_file(answer)) == []
