"""Facebook's own ways: authors that are missing, answers that hide, mentions made of
ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from deliveries import callback
from metastage import PAGE_ID
from pydantic import SecretStr
from stage_facebook import Stage

from connectors.base import Message, Page, RawItem, Reply
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater, Unknown, Untrusted
from connectors.facebook import Facebook
from sandbox.meta_hooks import feed_value
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def facebook(stage: Stage) -> Iterator[Facebook]:
    made = stage.connect()
    yield made
    made.close()


def said(pages: list[Page]) -> list[Message]:
    found: list[Message] = []
    for page in pages:
        for item in page.items:
            found += Facebook.normalise(item)
    return found


def delivered(
    stage: Stage, value: dict[str, Any], field: str = "feed"
) -> list[Message]:
    items = list(Facebook.unpack(stage._change(field, value)))
    return [message for item in items for message in Facebook.normalise(item)]


def test_a_comment_whose_author_facebook_hides_is_a_comment_that_can_be_answered(
    stage: Stage, facebook: Facebook
) -> None:
    stage.state.hides_authors = True
    stage.say("Lampu jalan mati")
    (comment,) = said(list(facebook.fetch({})))
    assert (comment.kind, comment.author_id, comment.is_own) == ("comment", None, False)
    assert comment.reply_to is not None


def test_a_visitors_post_without_author_is_not_taken_for_our_own(
    stage: Stage, facebook: Facebook
) -> None:
    stage.state.hides_authors = True
    stage.state.post(
        stage.page, stage.state.person("Siti Contoh"), "Lubang di Jl. Cemara"
    )
    (post,) = said(list(facebook.fetch({})))
    assert (post.kind, post.text, post.is_own) == (
        "post",
        "Lubang di Jl. Cemara",
        False,
    )


def test_answers_to_comments_are_found_and_keep_what_they_answer(
    stage: Stage, facebook: Facebook
) -> None:
    top = stage.state.said[stage.say("Lampu jalan mati")]
    below = stage.state.comment(top, stage.state.person("Asep Contoh"), "di sini juga")
    found = {m.native_id: m for m in said(list(facebook.fetch({})))}
    assert found[below.id].parent_id == top.id
    assert found[top.id].parent_id == stage.post.id == found[below.id].conversation_id


def test_only_posts_with_something_new_are_read_again(
    stage: Stage, facebook: Facebook
) -> None:
    stage.say("Lampu jalan mati")
    cursor = list(facebook.fetch({}))[-1].cursor
    assert [p for p in facebook.fetch(cursor) if p.stream == "comments"] == []
    later = stage.say("Sudah tiga malam")
    assert later in [m.native_id for m in said(list(facebook.fetch(cursor)))]


def test_tags_mentions_and_recommendations_come_in_by_polling(
    stage: Stage, facebook: Facebook
) -> None:
    siti = stage.state.person("Siti Contoh")
    tagged = stage.state.post(
        stage.page, siti, "Macet lagi @Dishub", wall="555", tags=[stage.page.id]
    )
    review = stage.state.review(stage.page, siti, "Antrean lama", positive=False)
    found = {m.native_id: m for m in said(list(facebook.fetch({})))}
    assert found[tagged.id].kind == "mention" and found[tagged.id].mentions == (
        PAGE_ID,
    )
    assert found[review.id].kind == "review" and found[review.id].text == "Antrean lama"


def test_a_list_without_permission_is_a_gap_and_the_others_are_read(
    stage: Stage, facebook: Facebook
) -> None:
    stage.token.scopes.remove("pages_read_user_content")
    stage.say("Lampu jalan mati")
    pages = list(facebook.fetch({}))
    assert {p.stream: p.gap for p in pages if p.gap} == {
        "tagged": "no_permission",
        "ratings": "no_permission",
    }
    assert [m.text for m in said(pages)] == ["Lampu jalan mati"]


def test_the_token_stands_in_no_cursor_and_no_raw_event(
    stage: Stage, facebook: Facebook
) -> None:
    for number in range(150):
        stage.say(f"Lubang {number}")
    pages = list(facebook.fetch({}))
    assert any(page.cursor.get("comments") for page in pages)
    kept = json.dumps(
        [[page.cursor, [item.payload for item in page.items]] for page in pages]
    )
    assert stage.token.key not in kept


@pytest.mark.parametrize(
    ("verb", "kind"), [("edited", "edit"), ("remove", "delete"), ("hide", "visibility")]
)
def test_changes_name_the_comment_they_change(
    stage: Stage, verb: str, kind: str
) -> None:
    comment = stage.state.said[stage.say("Lampu mati")]
    (change,) = delivered(stage, feed_value(comment, verb, False))
    assert (change.kind, change.native_id) == (kind, comment.id)
    assert (change.text is None) == (verb == "remove")


def test_our_own_comment_comes_back_as_our_own(stage: Stage) -> None:
    ours = stage.state.said[stage.say_ourselves("Sedang kami cek")]
    (back,) = delivered(stage, feed_value(ours, "add", False))
    assert back.is_own and back.reply_to is None


def test_a_like_of_the_page_and_messages_of_its_inbox_are_no_comments(
    stage: Stage,
) -> None:
    (liked,) = delivered(stage, {"item": "like", "verb": "add"})
    assert liked.kind == "system"
    assert delivered(stage, {"sender": {"id": "1"}}, "messages") == []


def test_a_mention_made_of_ids_is_fetched(stage: Stage, facebook: Facebook) -> None:
    made = stage.state.mention(
        stage.page, stage.state.person("Siti Contoh"), "@Dishub macet"
    )
    assert made.above is not None
    value = {
        "post_id": made.above.id,
        "comment_id": made.id,
        "item": "comment",
        "verb": "add",
    }
    (item,) = Facebook.unpack(stage._change("mention", value))
    (bare,) = Facebook.normalise(item)
    assert bare.needs_fetch and bare.text is None
    (whole,) = [m for full in facebook.expand(item) for m in Facebook.normalise(full)]
    assert (whole.kind, whole.native_id, whole.text) == (
        "mention",
        made.id,
        "@Dishub macet",
    )
    assert whole.author_name == "Siti Contoh" and not whole.needs_fetch


def test_a_mention_that_is_gone_is_refused(stage: Stage, facebook: Facebook) -> None:
    item = RawItem("k", "fb.change", {"changes": {"value": {"post_id": "1_2"}}})
    with pytest.raises(Refused) as refusal:
        facebook.expand(item)
    assert refusal.value.code == "gone"
    with pytest.raises(BadItem):
        facebook.expand(RawItem("k", "fb.change", {}))


def test_a_picture_is_fetched_from_where_the_platform_keeps_it(
    stage: Stage, facebook: Facebook
) -> None:
    stage.state.post(
        stage.page, stage.state.person("Siti"), "Lubang", photos=["lubang"]
    )
    (post,) = said(list(facebook.fetch({})))
    (media,) = post.media
    assert media.type == "photo"
    assert facebook.download(media).content.startswith(b"\xff\xd8")
    with pytest.raises(Refused):
        facebook.download(replace(media, ref={}))


def test_one_private_answer_and_no_second(stage: Stage, facebook: Facebook) -> None:
    comment = stage.say("Nomor saya 0812 0000 1111")
    to = {
        "object_id": comment,
        "post_id": stage.post.id,
        "is_comment": True,
        "private_until": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
    }
    reply = Reply("k", "Kami hubungi Bapak", to, private=True, now=datetime.now(UTC))
    assert (
        Facebook.preview(reply).problem is None and not Facebook.preview(reply).public
    )
    facebook.send_private(reply)
    (arrived,) = stage.sandbox.sent("messenger")
    assert (arrived.to, arrived.text) == (comment, "Kami hubungi Bapak")
    with pytest.raises(Refused):
        facebook.send_private(reply)
    late = replace(reply, now=datetime.now(UTC) + timedelta(days=8))
    assert Facebook.preview(late).problem == "window_closed"


def test_a_mention_elsewhere_takes_no_private_answer(stage: Stage) -> None:
    (mention,) = delivered(
        stage, {"post_id": "1_2", "message": "macet", "item": "post"}, "mention"
    )
    draft = Reply("k", "Halo", mention.reply_to or {}, private=True)
    assert Facebook.preview(draft).problem == "not_private"


def test_closed_comments_are_refused_and_the_account_goes_on(
    stage: Stage, facebook: Facebook
) -> None:
    to = stage.answerable()
    stage.state.said[to["object_id"]].closed = True
    with pytest.raises(Refused) as refusal:
        facebook.send(Reply("k", "Terima kasih", to))
    assert refusal.value.code == "not_allowed"


def test_an_answer_that_is_lost_is_unknown_and_found_again(
    stage: Stage, facebook: Facebook, sandbox: Sandbox
) -> None:
    reply = Reply("k", "Petugas berangkat", stage.answerable())
    sandbox.fault("cut", endpoint=stage.send_endpoint)
    with pytest.raises(Unknown):
        facebook.send(reply)
    found = facebook.look_up(reply, datetime.now(UTC) - timedelta(minutes=5))
    assert found is not None and found.external_id in stage.state.said
    assert facebook.look_up(reply, datetime.now(UTC) + timedelta(minutes=5)) is None


@pytest.mark.parametrize(
    ("subcode", "words"),
    [(458, "removed"), (460, "password"), (463, "expired"), (467, "withdrawn")],
)
def test_why_a_token_does_not_work_is_told_without_the_token(
    stage: Stage, facebook: Facebook, subcode: int, words: str
) -> None:
    stage.token.trouble = subcode
    with pytest.raises(NeedsLogin, match=words) as refusal:
        facebook.check()
    assert stage.token.key not in str(refusal.value)


def test_polling_slows_down_before_the_platform_refuses(
    stage: Stage, facebook: Facebook
) -> None:
    stage.state.calls_allowed = 2
    stage.say("Lampu jalan mati")
    with pytest.raises(TryLater) as pause:
        list(facebook.fetch({}))
    assert pause.value.code == "slowing_down" and pause.value.retry_after


def test_a_persons_token_is_not_a_pages(stage: Stage) -> None:
    token = stage.state.add_token("user", "600", ["pages_show_list"])
    account = stage.account().model_copy(update={"access_token": SecretStr(token.key)})
    person = Facebook(stage.app(), account)
    with pytest.raises(NeedsLogin) as refusal:
        person.check()
    person.close()
    assert refusal.value.code == "needs_page_token"


def test_check_warns_until_the_page_is_subscribed(
    stage: Stage, facebook: Facebook
) -> None:
    stage.token.scopes.remove("pages_messaging")
    told = "\n".join(facebook.check().warnings)
    assert (
        "does not deliver" in told
        and "pages_messaging" in told
        and "sign in again" in told
    )


def test_subscribing_brings_signed_deliveries(
    stage: Stage, facebook: Facebook, sandbox: Sandbox
) -> None:
    with callback(Facebook, stage.app()) as receiver:
        left = facebook.subscribe(receiver.url)
        assert "Live mode" in left
        stage.say("Lampu <mati> di Jl. Ahmad Yani/Sudirman & sekitarnya")
        sandbox.wait_for(lambda: len(receiver.said) > 0)
    (comment,) = receiver.said
    assert comment.text == "Lampu <mati> di Jl. Ahmad Yani/Sudirman & sekitarnya"
    assert b"\\u003cmati" in receiver.bodies[0], (
        "Meta escapes, so only the raw bytes verify"
    )
    assert not any(
        "does not deliver" in warning for warning in facebook.check().warnings
    )


def test_a_callback_that_does_not_answer_the_challenge_is_not_taken(
    stage: Stage, facebook: Facebook
) -> None:
    with pytest.raises(Refused):
        facebook.subscribe("http://127.0.0.1:9/kait")


def test_a_body_written_anew_does_not_verify(stage: Stage) -> None:
    request = stage.delivery("Lampu <mati>")
    again = json.dumps(json.loads(request.body), separators=(",", ":")).encode()
    assert again != request.body
    with pytest.raises(Untrusted):
        Facebook.verify(stage.app(), None, replace(request, body=again))
    assert Facebook.sign(stage.app(), None, request.body, datetime.now(UTC)) == {
        "content-type": "application/json",
        **request.headers,
    }


def test_the_challenge_needs_our_word(stage: Stage) -> None:
    request, _ = stage.challenge()
    wrong = replace(request, query={**request.query, "hub.verify_token": "tebakan"})
    with pytest.raises(Untrusted):
        Facebook.verify(stage.app(), None, wrong)


def test_signing_in_gives_every_page_its_own_account(stage: Stage) -> None:
    app, back = stage.app(), "http://127.0.0.1:1/masuk"
    start = Facebook.login_start(app, back, "st4te")
    answer = requests.get(start.url, allow_redirects=False, timeout=60)
    code = answer.headers["location"].partition("code=")[2].partition("&")[0]
    logins = {
        login.name: login
        for login in Facebook.login_finish(app, back, code, start.keep)
    }
    account = Facebook.Account(**logins["Dishub Kota"].settings)
    assert account.login_ends_at() is not None
    page = Facebook(app, account)  # type: ignore[arg-type]
    assert page.check().external_id == PAGE_ID
    page.close()


def from_file(payload: Any) -> list[tuple[str, str, str | None]]:
    """Kind, id and parent of everything a recorded answer holds."""
    found = [
        m for item in Facebook.read_file(payload) for m in Facebook.normalise(item)
    ]
    return [(m.kind, m.native_id, m.parent_id) for m in found]


def test_comments_inside_a_listing_of_posts_are_read_with_where_they_stand() -> None:
    answer = {"id": "10_77", "message": "Di sini juga", "from": {"id": "7"}}
    comment = {"id": "10_75", "message": "Lampu mati", "comments": {"data": [answer]}}
    post = {
        "id": "5_10",
        "message": "Kabar kota",
        "comments": {"data": [comment, "rusak"]},
    }
    items = list(
        Facebook.read_file({"data": [post, {"id": "5_11", "message": "Kabar lain"}]})
    )
    with pytest.raises(BadItem):
        list(Facebook.normalise(items.pop(3)))
    found = [m for item in items for m in Facebook.normalise(item)]
    assert [(m.kind, m.native_id, m.parent_id) for m in found] == [
        ("post", "5_10", None),
        ("comment", "10_75", "5_10"),
        ("comment", "10_77", "10_75"),
        ("post", "5_11", None),
    ]
    assert {m.conversation_id for m in found[:3]} == {"5_10"}
    page = {
        "id": "5",
        "name": "Kota",
        "posts": {"data": [{"id": "5_10", "message": "Kabar"}]},
    }
    assert from_file(page) == [("post", "5_10", None)]


def test_posts_of_strangers_on_the_wall_are_told_from_comments() -> None:
    by_type = [
        {"id": "5_10", "from": {"id": "8"}, "message": "Halo", "type": "status"},
        {"id": "5_11", "from": {"id": "9"}, "message": "Macet"},
    ]
    assert [kind for kind, *_ in from_file({"data": by_type})] == ["post", "post"]
    mapped = {"249859_249861": {"id": "249859_249861", "message": "Bagus"}}
    assert [kind for kind, *_ in from_file(mapped)] == ["comment"]
    assert from_file({"id": "5", "name": "Kota", "category": "Pemerintah"}) == []
    assert from_file({"id": "5_10"}) == [], (
        "the answer to a publication says nothing new"
    )
