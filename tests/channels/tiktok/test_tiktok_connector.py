"""TikTok: content parsed twice, refusals with status 200, comments without a
`since`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from stage_tiktok import Stage

from connectors.base import Message, RawItem, Reply, Request
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater, Untrusted
from connectors.tiktok import TikTok, TikTokAccount
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def tiktok(stage: Stage) -> Iterator[TikTok]:
    connector = stage.connect()
    yield connector
    connector.close()


def read(
    tiktok: TikTok, cursor: dict[str, Any]
) -> tuple[list[Message], dict[str, Any]]:
    found: list[Message] = []
    for page in tiktok.fetch(cursor):
        found += [m for item in page.items for m in tiktok.normalise(item)]
        cursor = page.cursor
    return found, cursor


def told(event: str, content: Any) -> list[Message]:
    body = {
        "client_key": "k",
        "event": event,
        "create_time": 1772431200,
        "user_openid": "office",
        "content": json.dumps(content),
    }
    return [m for item in TikTok.read_file(body) for m in TikTok.normalise(item)]


DIRECT = {
    "message_id": "m1",
    "conversation_id": "conv==",
    "timestamp": 1772431200250,
    "from": "siti_bogor",
    "from_user": {"id": "siti", "role": "personal_account"},
    "to": "disdik_demo",
    "to_user": {"id": "office", "role": "business_account"},
    "type": "text",
    "text": {"body": "min PPDB gimana"},
}


def test_the_content_is_json_inside_json() -> None:
    (message,) = told("im_receive_msg", DIRECT)
    assert (message.kind, message.text, message.public) == (
        "dm",
        "min PPDB gimana",
        False,
    )
    assert message.created_at == datetime(2026, 3, 2, 6, 0, 0, 250_000, tzinfo=UTC)
    assert message.reply_until == message.created_at + timedelta(hours=48)


def test_content_that_is_not_json_is_set_aside() -> None:
    (item,) = TikTok.read_file({"event": "im_receive_msg", "content": "{rusak"})
    with pytest.raises(BadItem):
        list(TikTok.normalise(item))


@pytest.mark.parametrize(
    ("change", "media", "extra"),
    [
        ({"type": "image", "image": {"media_id": "i"}}, ["image"], {}),
        ({"type": "video", "video": {"media_id": "v"}}, ["video"], {}),
        ({"type": "sticker"}, [], {"unsupported": True}),
        (
            {"type": "sticker", "sticker": {"url": "https://p.example/s"}},
            ["sticker"],
            {},
        ),
        (
            {"type": "share_post", "share_post": {"embed_url": "https://t.example/e"}},
            [],
            {"shared_url": "https://t.example/e"},
        ),
        ({"type": "template", "template": {"elements": []}}, [], {"unsupported": True}),
    ],
)
def test_forms_of_a_message(
    change: Any, media: list[str], extra: dict[str, Any]
) -> None:
    (message,) = told("im_receive_msg", {**DIRECT, "text": None, **change})
    assert [each.type for each in message.media] == media
    assert extra.items() <= dict(message.extra).items()
    assert message.text is None


def test_our_own_messages_and_answers_to_others_are_known() -> None:
    sent = {
        **DIRECT,
        "from_user": {"id": "office"},
        "message_tag": {"source": "APP"},
        "referenced_message_info": {"referenced_message_id": "m0"},
    }
    (message,) = told("im_send_msg", sent)
    assert (message.is_own, message.parent_id, message.reply_to) == (True, "m0", None)


def test_reactions_name_what_they_are_about() -> None:
    content = {
        **DIRECT,
        "type": "reaction",
        "reaction": [
            {
                "operation": "ADD",
                "type": "EMOJI",
                "emoji": "👍",
                "original_msg_id": "m0",
            },
            {
                "operation": "REMOVE",
                "type": "EMOJI",
                "emoji": "👍",
                "original_msg_id": "m0",
            },
        ],
    }
    added, removed = told("im_receive_msg", content)
    assert (added.kind, added.text, added.target_id) == ("reaction", "👍", "m0")
    assert (removed.text, removed.extra["removed"]) == (None, True)


@pytest.mark.parametrize(
    ("event", "content", "kind"),
    [
        (
            "im_mark_read_msg",
            {"conversation_id": "c", "read": {"last_read_timestamp": 1}},
            "status",
        ),
        ("im_receive_msg_eu", {"to": "disdik_demo", "timestamp": 1772431200}, "system"),
        ("im_referral_msg", {"conversation_id": "c"}, "system"),
        ("authorization.removed", {"reason": 1}, "system"),
        ("post.publish.complete", {"publish_id": "p"}, "system"),
        (
            "comment.update",
            {
                "comment_id": 11,
                "video_id": 9,
                "comment_action": "insert",
                "text": "atap bocor",
            },
            "comment",
        ),
        (
            "comment.update",
            {"comment_id": 11, "video_id": 9, "comment_action": "delete"},
            "delete",
        ),
        (
            "comment.update",
            {"comment_id": 11, "video_id": 9, "comment_action": "set_to_hidden"},
            "visibility",
        ),
    ],
)
def test_kinds_of_deliveries(event: str, content: Any, kind: str) -> None:
    (message,) = told(event, content)
    assert message.kind == kind
    if event == "comment.update":
        assert (message.native_id, message.conversation_id) == ("11", "9")


def test_polled_and_delivered_comments_are_the_same(
    stage: Stage, tiktok: TikTok
) -> None:
    said = stage.say("atap bocor")
    (polled,), _ = read(tiktok, {})
    number = {
        "comment_id": int(said),
        "video_id": int(str(polled.conversation_id)),
        "comment_action": "insert",
        "parent_comment_id": 0,
        "text": "atap bocor",
    }
    (delivered,) = told("comment.update", number)
    assert (delivered.native_id, delivered.parent_id) == (
        polled.native_id,
        polled.parent_id,
    )


def test_a_video_is_read_again_when_its_count_has_changed(
    stage: Stage, tiktok: TikTok
) -> None:
    stage.say("atap bocor")
    _, cursor = read(tiktok, {})
    assert len(list(tiktok.fetch(cursor))) == 1, (
        "nothing new: only the videos are listed"
    )
    later = stage.say("sudah diperbaiki?")
    found, _ = read(tiktok, cursor)
    assert later in {m.native_id for m in found}


def test_answers_beyond_those_inside_are_fetched(stage: Stage, tiktok: TikTok) -> None:
    above = stage.say("atap bocor")
    below = {
        stage.tiktok.act({"text": f"sami {n}", "reply_to": above}) for n in range(40)
    }
    found, _ = read(tiktok, {})
    assert below <= {m.native_id for m in found}
    assert {m.parent_id for m in found if m.native_id in below} == {above}


def test_an_answer_to_an_old_comment_is_found_within_a_day(
    stage: Stage, tiktok: TikTok, sandbox: Sandbox
) -> None:
    sandbox.advance(-20 * 86_400)
    old = stage.say("atap bocor")
    for number in range(35):
        stage.say(f"iya {number}")
    sandbox.advance(20 * 86_400)
    stage.say("gimana kabarnya")
    _, cursor = read(tiktok, {})
    late = stage.tiktok.act({"text": "masih bocor", "reply_to": old})
    found, cursor = read(tiktok, cursor)
    again, _ = read(tiktok, {**cursor, "deep_at": cursor["deep_at"] - 86_400})
    assert late in {m.native_id for m in [*found, *again]}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (40105, NeedsLogin),
        (40001, NeedsLogin),
        (40100, TryLater),
        (51065, TryLater),
        (40002, Refused),
        (40007, Refused),
    ],
)
def test_codes_say_what_happens_next(
    stage: Stage, tiktok: TikTok, code: int, error: type[Exception]
) -> None:
    stage.tiktok.refusing = code
    with pytest.raises(error):
        read(tiktok, {})


def test_a_permission_that_is_missing_for_one_answer_stops_no_account(
    stage: Stage, tiktok: TikTok
) -> None:
    to = stage.answerable()
    stage.tiktok.refusing = 40001
    with pytest.raises(Refused):
        tiktok.send(Reply("k", "Sedang kami cek", to))


def test_too_many_requests_are_told_with_a_code(stage: Stage, tiktok: TikTok) -> None:
    stage.say("atap bocor")
    stage.tiktok.limit = 1
    with pytest.raises(TryLater):
        read(tiktok, {})


def test_a_message_is_answered_in_its_window_only(
    stage: Stage, tiktok: TikTok, sandbox: Sandbox
) -> None:
    (item,) = tiktok.unpack(stage.delivery("min PPDB gimana"))
    (message,) = tiktok.normalise(item)
    to = {**(message.reply_to or {}), **stage.account().facts()}
    assert tiktok.preview(Reply("k", "Silakan baca juknis", to)).problem is None
    assert tiktok.preview(Reply("k", "Silakan baca juknis", to)).limit == 6000
    assert tiktok.send(Reply("k", "Silakan baca juknis", to)).external_id
    late = Reply(
        "k", "Maaf baru balas", to, now=datetime.now(UTC) + timedelta(hours=49)
    )
    assert tiktok.preview(late).problem == "window_closed"
    with pytest.raises(Refused) as refusal:
        tiktok.send(late)
    assert refusal.value.code == "window_closed"
    sandbox.advance(49 * 3600)
    with pytest.raises(Refused):
        tiktok.send(Reply("k", "Maaf baru balas", to))


def test_an_answer_to_an_answer_stands_under_the_same_comment(
    stage: Stage, tiktok: TikTok
) -> None:
    above = stage.say("atap bocor")
    stage.tiktok.act({"text": "sami", "reply_to": above})
    found, _ = read(tiktok, {})
    second = next(m for m in found if m.text == "sami")
    assert (second.reply_to or {})["comment_id"] == above


def test_an_answer_is_looked_up_under_the_comment(stage: Stage, tiktok: TikTok) -> None:
    reply = Reply("k", "Sedang kami cek", stage.answerable())
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert tiktok.look_up(reply, since) is None
    sent = tiktok.send(reply)
    found = tiktok.look_up(reply, since)
    assert found is not None and found.external_id == sent.external_id


def test_pictures_need_a_link_first(stage: Stage, tiktok: TikTok) -> None:
    content = stage.tiktok.state.write(stage.office, "siti_bogor", "", ["atap"])
    body = stage.tiktok.delivery(stage.office, "im_receive_msg", content)
    (item,) = tiktok.unpack(Request("POST", {}, {}, body))
    ((picture,),) = [m.media for m in tiktok.normalise(item)]
    assert tiktok.download(picture).content.startswith(b"\xff\xd8")


@pytest.mark.parametrize("order", ["t={t},s={s}", "s={s}, t={t}"])
def test_parts_of_the_signature_are_known_by_name(stage: Stage, order: str) -> None:
    genuine = stage.delivery("halo")
    parts = dict(
        part.split("=") for part in genuine.headers["tiktok-signature"].split(",")
    )
    request = Request(
        "POST", {"tiktok-signature": order.format(**parts)}, {}, genuine.body
    )
    assert TikTok.verify(stage.app(), None, request) is None


@pytest.mark.parametrize("header", ["", "t=1", "s=abc", "t=,s=", "nonsense", "t=x,s=y"])
def test_half_a_signature_is_none(stage: Stage, header: str) -> None:
    request = Request(
        "POST", {"tiktok-signature": header}, {}, stage.delivery("halo").body
    )
    with pytest.raises(Untrusted):
        TikTok.verify(stage.app(), None, request)


def test_tokens_are_renewed_together_and_the_year_is_known(
    stage: Stage, tiktok: TikTok
) -> None:
    renewed = tiktok.renew()
    assert isinstance(renewed, TikTokAccount)
    now = datetime.now(UTC)
    assert renewed.refresh_token != stage.account().refresh_token
    due, ends = renewed.renew_at(), renewed.login_ends_at()
    assert due is not None and timedelta(hours=22) < due - now < timedelta(hours=24)
    assert ends is not None and ends - now > timedelta(days=364)
    with pytest.raises(NeedsLogin):
        tiktok.renew()  # the old refresh token is used up


def test_signing_in_brings_an_account(stage: Stage) -> None:
    app, redirect = stage.app(), "https://sahut.example/kembali"
    start = TikTok.login_start(app, redirect, "s1")
    moved = requests.get(start.url, allow_redirects=False, timeout=60).headers[
        "location"
    ]
    answer = parse_qs(urlsplit(moved).query)
    assert answer["state"] == ["s1"]
    (login,) = TikTok.login_finish(app, redirect, answer["code"][0], start.keep)
    connector = TikTok(app, TikTokAccount(**login.settings))
    assert connector.check().handle == "disdik_demo"
    connector.close()


def test_deliveries_are_asked_for_once_for_the_app(
    stage: Stage, tiktok: TikTok
) -> None:
    assert tiktok.subscribe("http://127.0.0.1:9/kait/tiktok") == ""
    assert stage.tiktok.postman.callback == "http://127.0.0.1:9/kait/tiktok"


TABLE = (
    "﻿comment_id;video_url;username;text;created_at\r\n"
    "7400000000000000021;https://www.tiktok.com/@disdik_demo/video/7400000000000000001;"
    '@siti_bogor;"atap bocor; dari ""tahun"" kemarin";2026-03-02 13:00\r\n'
    ";https://www.tiktok.com/@disdik_demo/video/7400000000000000001;ujang;sami;\r\n"
)


def test_a_table_of_comments_is_read_until_the_app_is_approved() -> None:
    items = list(TikTok.read_bytes(TABLE.encode(), "komentar.csv"))
    first, second = (m for item in items for m in TikTok.normalise(item))
    assert (first.native_id, first.author_handle) == (
        "7400000000000000021",
        "siti_bogor",
    )
    assert first.text == 'atap bocor; dari "tahun" kemarin'
    assert first.created_at == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert first.conversation_id == "7400000000000000001"
    assert (first.reply_to or {})["video_id"] == "7400000000000000001"
    assert second.reply_to is None, "without an id nothing can be answered"
    again = list(TikTok.read_bytes(TABLE.encode(), "lain.csv"))
    assert [item.key for item in again] == [item.key for item in items]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_another_file_is_not_taken_for_a_table(content: bytes) -> None:
    with pytest.raises(BadItem):
        list(TikTok.read_bytes(content, "x.csv"))


def test_an_account_for_imports_alone_fetches_nothing() -> None:
    connector = TikTok(TikTok.App(), TikTokAccount(handle="@disdik_demo"), None)
    identity = connector.check()
    assert (identity.handle, list(connector.fetch({}))) == ("disdik_demo", [])
    assert identity.warnings
    connector.close()


def test_own_comments_are_marked(stage: Stage) -> None:
    row = {
        "comment_id": "1",
        "video_id": "2",
        "unique_identifier": "office",
        "text": "halo",
    }
    (message,) = TikTok.normalise(RawItem("k", "comment", row, "office"))
    assert message.is_own and message.reply_to is None
