"""YouTube: threads newest first, answers beyond the inline ones, edits, quota, Google's
sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from stage_youtube import Stage

from connectors.base import Message, Reply
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater, Unknown
from connectors.youtube import YouTube, YouTubeAccount
from connectors.youtube.api import until_midnight
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def youtube(stage: Stage) -> Iterator[YouTube]:
    connector = stage.connect()
    yield connector
    connector.close()


def polled(
    connector: YouTube, cursor: dict[str, Any] | None = None
) -> tuple[list[Message], Any]:
    found, cursor = [], cursor or {}
    for page in connector.fetch(cursor):
        found += [
            message for item in page.items for message in connector.normalise(item)
        ]
        cursor = page.cursor
    return found, cursor


def test_a_thread_gives_its_comment_and_its_answers() -> None:
    top, answer = (
        m for item in YouTube.read_file(Stage.shape) for m in YouTube.normalise(item)
    )
    assert top.text == "TPS penuh & bau\ntolong"
    assert (top.parent_id, top.conversation_id, top.author_handle) == (
        "v1",
        "v1",
        "siti",
    )
    assert (
        top.edited_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
        and top.edit_of == "Ugx1"
    )
    assert [file.type for file in top.media] == ["image"]
    assert top.permalink == "https://www.youtube.com/watch?v=v1&lc=Ugx1"
    assert (answer.native_id, answer.parent_id, answer.conversation_id) == (
        "Ugx1.a",
        "Ugx1",
        "v1",
    )
    assert answer.reply_to == {"parent_id": "Ugx1", "video_id": "v1"}


def test_plain_text_that_looks_like_markup_stays(
    stage: Stage, youtube: YouTube
) -> None:
    stage.say("pakai <b> dan &amp; ya")
    (message,), _ = polled(youtube)
    assert message.text == "pakai <b> dan &amp; ya"


def test_all_answers_are_read_once_and_new_ones_when_their_number_changes(
    stage: Stage, youtube: YouTube
) -> None:
    top = stage.say("TPS penuh")
    answers = {
        stage.youtube.comment(stage.video, stage.siti, f"betul {n}", top=top).id
        for n in range(12)
    }
    found, cursor = polled(youtube)
    assert {message.native_id for message in found} == {top, *answers}
    before = stage.youtube.spent
    polled(youtube, cursor)
    assert stage.youtube.spent - before == 2, "nothing new: one call a list"
    late = stage.youtube.comment(stage.video, stage.siti, "masih", top=top).id
    found, _ = polled(youtube, cursor)
    assert late in {message.native_id for message in found}


def test_comments_held_for_review_are_read_and_marked(
    stage: Stage, youtube: YouTube
) -> None:
    held = stage.youtube.comment(
        stage.video, stage.siti, "kasar", moderation="heldForReview"
    )
    (message,), _ = polled(youtube)
    assert (message.native_id, message.extra["moderation"]) == (
        held.id,
        "heldForReview",
    )
    reply = Reply("k", "Terima kasih", message.reply_to or {})
    assert YouTube.preview(reply).warnings == ("held_for_review",)
    with pytest.raises(Refused) as refusal:
        youtube.send(reply)
    assert refusal.value.code == "not_public"


def test_an_old_thread_is_read_again_on_a_deep_run(
    stage: Stage, youtube: YouTube
) -> None:
    old = stage.say("Sampah menumpuk")
    for days in (3, 1):
        stage.sandbox.advance(days * 86_400)
        for n in range(60):
            stage.say(f"Nomor {n}")
    _, cursor = polled(youtube)
    late = stage.youtube.comment(stage.video, stage.siti, "Masih ada", top=old).id
    found, cursor = polled(youtube, cursor)
    assert late not in {message.native_id for message in found}, "not on the first page"
    found, _ = polled(youtube, {**cursor, "runs": 23})
    assert late in {message.native_id for message in found}


def test_an_edit_is_a_new_item_of_the_same_comment(
    stage: Stage, youtube: YouTube
) -> None:
    said = stage.say("TPS penuh")
    (first,) = next(iter(youtube.fetch({}))).items
    stage.youtube.edit(said, "TPS penuh di Jl. Merdeka")
    (second,) = next(iter(youtube.fetch({}))).items
    (message,) = YouTube.normalise(second)
    assert first.key != second.key
    assert (message.native_id, message.edit_of) == (said, said)


def test_an_answer_goes_under_the_top_level_comment(
    stage: Stage, youtube: YouTube
) -> None:
    top = stage.say("TPS penuh")
    stage.youtube.comment(stage.video, stage.siti, "betul", top=top)
    found, _ = polled(youtube)
    answered = next(message for message in found if message.parent_id == top)
    sent = youtube.send(Reply("k", "Kami angkut sore ini", answered.reply_to or {}))
    (arrived,) = stage.sandbox.sent("youtube")
    assert (arrived.to, arrived.id) == (top, sent.external_id)
    assert (
        sent.permalink
        == f"https://www.youtube.com/watch?v={stage.video}&lc={sent.external_id}"
    )


def test_a_lost_answer_is_found_in_the_thread(stage: Stage, youtube: YouTube) -> None:
    reply = Reply("k", "Kami angkut sore ini", stage.answerable())
    stage.sandbox.fault("cut", endpoint="POST /youtube/v3/comments")
    with pytest.raises(Unknown):
        youtube.send(reply)
    found = youtube.look_up(reply, datetime.now(UTC) - timedelta(minutes=5))
    assert found is not None
    assert youtube.look_up(reply, datetime.now(UTC) + timedelta(minutes=5)) is None


def test_a_used_up_quota_waits_for_midnight_in_california(
    stage: Stage, youtube: YouTube
) -> None:
    stage.youtube.quota = 0
    with pytest.raises(TryLater) as refusal:
        polled(youtube)
    assert refusal.value.code == "quota"
    assert (
        refusal.value.retry_after is not None
        and 0 < refusal.value.retry_after <= 90_000
    )
    assert until_midnight(datetime(2026, 3, 2, 7, 0, tzinfo=UTC)) == 3600
    assert until_midnight(datetime(2026, 7, 2, 6, 0, tzinfo=UTC)) == 3600


def test_units_of_the_quota_are_counted(stage: Stage, youtube: YouTube) -> None:
    top = stage.say("TPS penuh")
    for n in range(7):
        stage.youtube.comment(stage.video, stage.siti, f"betul {n}", top=top)
    cost = sum(page.cost for page in youtube.fetch({}))
    assert cost == stage.youtube.spent == 3


@pytest.mark.parametrize(
    ("reason", "status", "kind", "code"),
    [
        ("commentsDisabled", 403, Refused, "comments_disabled"),
        ("videoNotFound", 404, Refused, "gone"),
        ("insufficientPermissions", 403, NeedsLogin, "insufficientPermissions"),
        ("accessNotConfigured", 403, NeedsLogin, "accessNotConfigured"),
        ("userRateLimitExceeded", 403, TryLater, "try_later"),
        ("processingFailure", 400, Unknown, "unknown"),
        ("forbidden", 403, Refused, "forbidden"),
        ("backendError", 503, Unknown, "unknown"),
    ],
)
def test_the_reason_decides_what_a_refusal_means(
    stage: Stage,
    youtube: YouTube,
    reason: str,
    status: int,
    kind: type[Exception],
    code: str,
) -> None:
    from sandbox.youtube_state import YouTubeError

    to = stage.answerable()

    def refuse(*_: Any, **__: Any) -> Any:
        raise YouTubeError(status, reason)

    stage.youtube.comment = refuse
    with pytest.raises(kind) as refusal:
        youtube.send(Reply("k", "Terima kasih", to))
    assert refusal.value.code == code  # type: ignore[attr-defined]


def test_a_thread_that_is_gone_meanwhile_stops_nothing(
    stage: Stage, youtube: YouTube
) -> None:
    top = stage.say("TPS penuh")
    for n in range(7):
        stage.youtube.comment(stage.video, stage.siti, f"betul {n}", top=top)
    pages = youtube.fetch({})
    next(pages)
    stage.youtube.delete(top)
    assert [page.items for page in pages] == [(), ()]


def test_signing_in_with_google_and_renewing(stage: Stage) -> None:
    redirect = "http://127.0.0.1:9/back"
    start = YouTube.login_start(stage.app(), redirect, "state-1")
    asked = parse_qs(urlsplit(start.url).query)
    assert (asked["access_type"], asked["prompt"]) == (["offline"], ["consent"])
    page = requests.get(start.url, allow_redirects=False, timeout=60)
    code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
    (login,) = YouTube.login_finish(stage.app(), redirect, code, start.keep)
    account = YouTubeAccount(**login.settings)
    assert login.name == "DLH Bogor (demo)"
    assert account.renew_at() is not None and account.renew_at() > datetime.now(UTC)
    connector = YouTube(stage.app(), account, None)
    renewed = connector.renew()
    assert renewed.access_token != account.access_token
    assert renewed.refresh_token == account.refresh_token
    assert connector.check().handle == "dlh_demo"
    connector.close()


def test_a_sign_in_with_a_foreign_verifier_is_refused(stage: Stage) -> None:
    start = YouTube.login_start(stage.app(), "http://127.0.0.1:9/back", "s")
    page = requests.get(start.url, allow_redirects=False, timeout=60)
    code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
    with pytest.raises(NeedsLogin) as refusal:
        YouTube.login_finish(
            stage.app(), "http://127.0.0.1:9/back", code, {"verifier": "other"}
        )
    assert refusal.value.code == "invalid_grant"


def test_a_withdrawn_sign_in_needs_a_person(stage: Stage, youtube: YouTube) -> None:
    stage.lock_out()
    with pytest.raises(NeedsLogin) as refusal:
        youtube.check()
    assert refusal.value.code == "invalid_grant"
    assert stage.refresh_token not in str(refusal.value)


def test_an_access_token_that_is_still_good_is_used(stage: Stage) -> None:
    token = stage.youtube.token_for(stage.refresh_token)
    soon = datetime.now(UTC) + timedelta(minutes=30)
    connector = stage.connect(access_token=token, expires_at=soon)
    before = len(stage.youtube.access)
    connector.check()
    connector.close()
    assert len(stage.youtube.access) == before


def test_a_consent_screen_in_testing_is_warned_of(stage: Stage) -> None:
    connector = stage.connect(login_ends=datetime.now(UTC) + timedelta(days=6))
    assert "in testing" in connector.check().warnings[0]
    connector.close()


def test_a_picture_in_a_comment_is_fetched(stage: Stage, youtube: YouTube) -> None:
    stage.youtube.comment(stage.video, stage.siti, "lihat ini", image="tps")
    (message,), _ = polled(youtube)
    assert youtube.download(message.media[0]).mime == "image/jpeg"


def test_a_broken_thread_leaves_its_neighbours_and_other_resources_say_nothing() -> (
    None
):
    def read(payload: Any) -> list[Any]:
        found: list[Any] = []
        for item in YouTube.read_file(payload):
            try:
                found += [message.text for message in YouTube.normalise(item)]
            except BadItem:
                found.append(BadItem)
        return found

    said = {"authorChannelId": "UC1", "textDisplay": '<img alt="🙏" src="x"> tolong'}
    whole = {"kind": "youtube#comment", "id": "Ugx9", "snippet": said}
    assert read({"items": [None, {"kind": "youtube#commentThread"}, whole]}) == [
        BadItem,
        BadItem,
        "🙏 tolong",
    ]
    video = {"kind": "youtube#video", "id": "v1", "snippet": {"title": "Rapat"}}
    assert read({"kind": "youtube#videoListResponse", "items": [video]}) == []
