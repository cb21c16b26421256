"""Instagram's own ways: mentions of bare ids, tags without webhooks, stories that may
not stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from deliveries import callback
from metastage import ACCOUNT_ID
from stage_instagram import Stage

from connectors.base import Media, Message, Page, RawItem, Reply
from connectors.errors import BadItem, NeedsLogin, Refused, Unknown
from connectors.instagram import Instagram, InstagramAccount
from sandbox.serve import Sandbox

DAY = 86_400.0


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def instagram(stage: Stage) -> Iterator[Instagram]:
    made = stage.connect()
    yield made
    made.close()


def said(pages: list[Page]) -> dict[str, Message]:
    found = [
        m for page in pages for item in page.items for m in Instagram.normalise(item)
    ]
    return {message.native_id: message for message in found}


def delivered(stage: Stage, event: dict[str, Any]) -> Message:
    request = stage.signed("instagram", {"id": ACCOUNT_ID, "messaging": [event]})
    (message,) = [m for i in Instagram.unpack(request) for m in Instagram.normalise(i)]
    return message


def test_a_mention_holds_ids_only_and_is_fetched(
    stage: Stage, instagram: Instagram
) -> None:
    made = stage.state.name_in_comment(
        stage.instagram, stage.state.person("Siti Contoh"), "@dishub_kota macet"
    )
    assert made.above is not None
    value = {"media_id": made.above.id, "comment_id": made.id}
    (item,) = Instagram.unpack(stage._change("mentions", value))
    (bare,) = Instagram.normalise(item)
    assert bare.needs_fetch and bare.text is None and bare.native_id == made.id
    (whole,) = [m for full in instagram.expand(item) for m in Instagram.normalise(full)]
    assert (whole.kind, whole.native_id, whole.text) == (
        "mention",
        made.id,
        "@dishub_kota macet",
    )
    assert whole.author_handle == "siti_contoh" and not whole.needs_fetch
    stage.state.said.pop(made.id)
    with pytest.raises(Refused):
        instagram.expand(item)
    with pytest.raises(BadItem):
        instagram.expand(RawItem("k", "ig.event", {}))


def test_a_mention_is_answered_where_it_was_made(
    stage: Stage, instagram: Instagram
) -> None:
    made = stage.state.name_in_comment(
        stage.instagram, stage.state.person("Siti"), "@dishub_kota"
    )
    assert made.above is not None
    to = {
        "mention_media_id": made.above.id,
        "mention_comment_id": made.id,
        "account_id": ACCOUNT_ID,
    }
    sent = instagram.send(Reply("k", "Kami cek", to))
    assert stage.state.said[sent.external_id].above is made.above
    assert instagram.look_up(Reply("k", "Kami cek", to), datetime.now(UTC)) is None


def test_a_caption_that_names_us_is_fetched_too(
    stage: Stage, instagram: Instagram
) -> None:
    made = stage.state.tag(
        stage.instagram, stage.state.person("Siti Contoh"), "@dishub_kota lubang"
    )
    (item,) = Instagram.unpack(stage._change("mentions", {"media_id": made.id}))
    (whole,) = [m for full in instagram.expand(item) for m in Instagram.normalise(full)]
    assert (whole.kind, whole.text, len(whole.media)) == (
        "mention",
        "@dishub_kota lubang",
        1,
    )


def test_tags_and_private_messages_come_by_polling(
    stage: Stage, instagram: Instagram
) -> None:
    siti = stage.state.person("Siti Contoh")
    tagged = stage.state.tag(stage.instagram, siti, "Lubang di depan sekolah")
    written = stage.state.write("instagram", ACCOUNT_ID, siti, "Min, ini di Jl. Cemara")
    found = said(list(instagram.fetch({})))
    assert found[tagged.id].kind == "mention" and found[tagged.id].reply_to
    assert (
        found[written.id].kind == "dm" and found[written.id].conversation_id == siti.id
    )


def test_every_answer_below_a_comment_is_read(
    stage: Stage, instagram: Instagram
) -> None:
    top = stage.state.said[stage.say("Lampu mati")]
    below = [
        stage.state.remark(top, stage.state.person("Asep"), f"sini juga {n}")
        for n in range(5)
    ]
    found = said(list(instagram.fetch({})))
    assert {one.id for one in below} <= set(found)
    assert {found[one.id].parent_id for one in below} == {top.id}
    assert found[top.id].parent_id == stage.media.id


def test_media_without_new_comments_are_not_read_again(
    stage: Stage, instagram: Instagram
) -> None:
    stage.say("Lampu mati")
    cursor = list(instagram.fetch({}))[-1].cursor
    assert not [p for p in instagram.fetch(cursor) if p.stream == "comments"]


def test_a_token_without_messages_reads_the_rest(
    stage: Stage, instagram: Instagram
) -> None:
    stage.token.scopes.remove("pages_messaging")
    comment = stage.say("Lampu mati")
    pages = list(instagram.fetch({}))
    assert comment in said(pages)
    assert [p.gap for p in pages if p.stream == "conversations"] == ["no_permission"]


def test_a_story_is_not_kept(stage: Stage, instagram: Instagram) -> None:
    story = {
        "type": "story_mention",
        "payload": {"url": "https://cdn.example/story.jpg"},
    }
    message = delivered(stage, stage.event(ACCOUNT_ID, {"attachments": [story]}))
    (media,) = message.media
    assert media.type == "story_mention" and media.ref == {}
    with pytest.raises(Refused) as refusal:
        instagram.download(media)
    assert refusal.value.code == "not_kept"


def test_a_picture_is_fetched(stage: Stage, instagram: Instagram) -> None:
    tagged = stage.state.tag(stage.instagram, stage.state.person("Siti"), "Lubang")
    (media,) = said(list(instagram.fetch({})))[tagged.id].media
    assert isinstance(media, Media)
    assert instagram.download(media).content.startswith(b"\xff\xd8")


def test_the_time_of_a_comment_is_the_deliverys(stage: Stage) -> None:
    change = {"field": "comments", "value": {"id": "1", "text": "Lampu mati"}}
    entry = {"id": ACCOUNT_ID, "time": 1_772_456_400, "changes": [change]}
    (item,) = Instagram.unpack(stage.signed("instagram", entry))
    (message,) = Instagram.normalise(item)
    assert message.created_at == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert message.reply_to is not None and "private_until" in message.reply_to
    live = stage._change(
        "live_comments", {"id": "1", "text": "halo", "from": {"id": "5"}}
    )
    (message,) = [m for i in Instagram.unpack(live) for m in Instagram.normalise(i)]
    assert Instagram.preview(
        Reply("k", "a", message.reply_to or {}, private=True)
    ).problem


def test_seen_and_unsupported_are_told(stage: Stage) -> None:
    event = stage.event(ACCOUNT_ID, {"is_unsupported": True})
    message = delivered(stage, event)
    assert message.kind == "dm" and message.extra["unsupported"]
    del event["message"]
    seen = delivered(stage, {**event, "read": {"mid": "m_3"}})
    assert (seen.kind, seen.target_id, seen.extra["state"]) == ("status", "m_3", "read")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Terima kasih, petugas berangkat.", None),
        ("a" * 301, "too_long"),
        ("lihat https://a.example dan https://b.example", "too_many_links"),
        ("#satu #dua #tiga #empat #lima", "too_many_hashtags"),
        ("TERIMA KASIH", "all_capitals"),
    ],
)
def test_what_instagram_refuses_in_a_comment_is_told_before(
    stage: Stage, words: str, problem: str | None
) -> None:
    assert Instagram.preview(Reply("k", words, {"comment_id": "1"})).problem == problem


def test_private_messages_count_bytes_and_end_after_a_day(
    stage: Stage, instagram: Instagram, sandbox: Sandbox
) -> None:
    siti = stage.state.person("Siti Contoh")
    stage.state.write("instagram", ACCOUNT_ID, siti, "Halo")
    to = {
        "recipient_id": siti.id,
        "account_id": ACCOUNT_ID,
        "said_at": datetime.now(UTC).isoformat(),
    }
    assert Instagram.preview(Reply("k", "é" * 501, to)).problem == "too_long"
    reply = Reply("k", "Kami cek", to)
    sandbox.fault("cut", endpoint="POST /:id/messages")
    with pytest.raises(Unknown):
        instagram.send(reply)
    assert (
        instagram.look_up(reply, datetime.now(UTC) - timedelta(minutes=5)) is not None
    )
    sandbox.advance(1.1 * DAY)
    with pytest.raises(Refused) as refusal:
        instagram.send(reply)
    assert refusal.value.code == "window_closed"


def test_one_private_answer_to_a_comment(stage: Stage, instagram: Instagram) -> None:
    reply = Reply(
        "k", "Kami hubungi", {"comment_id": stage.say("Nomor saya 0812")}, private=True
    )
    instagram.send_private(reply)
    assert [entry.text for entry in stage.sandbox.sent("instagram")] == ["Kami hubungi"]
    with pytest.raises(Refused):
        instagram.send_private(reply)


def test_a_page_without_instagram_says_so(stage: Stage, instagram: Instagram) -> None:
    assert instagram.check().handle == "dishub_kota"
    stage.page.instagram = None
    with pytest.raises(NeedsLogin) as refusal:
        instagram.check()
    assert refusal.value.code == "not_linked"


def test_subscribing_brings_comments(
    stage: Stage, instagram: Instagram, sandbox: Sandbox
) -> None:
    with callback(Instagram, stage.app()) as receiver:
        instagram.subscribe(receiver.url)
        stage.say("Lampu jalan mati")
        sandbox.wait_for(lambda: len(receiver.said) > 0)
    assert receiver.said[0].text == "Lampu jalan mati"


def test_signing_in_gives_the_pages_with_instagram(stage: Stage) -> None:
    app, back = stage.app(), "http://127.0.0.1:1/masuk"
    start = Instagram.login_start(app, back, "s")
    answer = requests.get(start.url, allow_redirects=False, timeout=60)
    code = answer.headers["location"].partition("code=")[2].partition("&")[0]
    names = {
        login.name for login in Instagram.login_finish(app, back, code, start.keep)
    }
    assert names == {"dinkes_demo", "dishub_kota"}


def test_a_token_of_instagrams_own_sign_in_is_renewed_weekly(
    stage: Stage, sandbox: Sandbox
) -> None:
    token = stage.state.add_token(
        "instagram", ACCOUNT_ID, ["instagram_basic"], lives=60 * DAY
    )
    ends = datetime.now(UTC) + timedelta(days=60)
    account = InstagramAccount(
        access_token=token.key, access="instagram", login_ends=ends
    )  # type: ignore[arg-type]
    assert account.renew_at() == ends - timedelta(days=53)
    connector = Instagram(stage.app(), account, ACCOUNT_ID)
    assert connector.check().external_id == ACCOUNT_ID
    assert "verify token" in connector.subscribe(
        "https://contoh.example/kait/instagram"
    )
    with pytest.raises(Refused):
        connector.renew()  # younger than a day
    sandbox.advance(7 * DAY)
    renewed = connector.renew()
    assert isinstance(renewed, InstagramAccount)
    assert (
        renewed.access_token != account.access_token and renewed.login_ends is not None
    )
    sandbox.advance(61 * DAY)
    with pytest.raises(NeedsLogin, match="expired"):
        connector.renew()
    connector.close()


def test_a_pages_token_cannot_be_renewed(stage: Stage, instagram: Instagram) -> None:
    assert stage.account().renew_at() is None
    with pytest.raises(NeedsLogin):
        instagram.renew()
    lost = replace(Reply("k", "Halo", stage.answerable()), to={"object_id": "1"})
    assert Instagram.preview(lost).problem == "not_allowed"


def test_comments_inside_a_listing_of_media_are_read_with_where_they_stand() -> None:
    answer = {
        "id": "3",
        "text": "di sini juga",
        "timestamp": "2026-03-02T06:00:00+0000",
    }
    comment = {"id": "2", "text": "lampu mati", "replies": {"data": [answer]}}
    media = {
        "id": "1",
        "caption": "Kabar kota",
        "media_type": "IMAGE",
        "comments_count": 2,
        "permalink": "https://www.instagram.com/p/abc/",
        "comments": {"data": [comment]},
    }
    found = [
        m
        for i in Instagram.read_file({"data": [media]}, "post")
        for m in Instagram.normalise(i)
    ]
    assert [(m.kind, m.native_id, m.parent_id) for m in found] == [
        ("post", "1", None),
        ("comment", "2", "1"),
        ("comment", "3", "2"),
    ]
    assert {m.conversation_id for m in found} == {"1"}
    assert found[2].permalink == "https://www.instagram.com/p/abc/c/3/"


def test_a_shared_post_under_its_older_and_newer_type_is_one_thing(
    stage: Stage,
) -> None:
    post = {
        "ig_post_media_id": "181",
        "url": "https://cdn.example/181",
        "title": "Kabar kota",
    }
    shared = [{"type": "share", "payload": post}, {"type": "ig_post", "payload": post}]
    event = {"sender": {"id": "7"}, "message": {"mid": "m-1", "attachments": shared}}
    assert [media.type for media in delivered(stage, event).media] == ["ig_post"]
