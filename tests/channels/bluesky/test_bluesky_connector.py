"""Bluesky: one session kept and renewed, threads by reference, facets in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stage_bluesky import HANDLE, Stage

from connectors.base import Message, Reply
from connectors.bluesky import Bluesky, BlueskyAccount
from connectors.bluesky.text import graphemes, links
from connectors.errors import BadItem, NeedsLogin, TryLater
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def bluesky(stage: Stage) -> Iterator[Bluesky]:
    connector = stage.connect()
    yield connector
    connector.close()


def read(
    bluesky: Bluesky, cursor: dict[str, Any]
) -> tuple[list[Message], dict[str, Any]]:
    found: list[Message] = []
    for page in bluesky.fetch(cursor):
        found += [m for item in page.items for m in bluesky.normalise(item)]
        cursor = page.cursor
    return found, cursor


def renewed(stage: Stage, account: BlueskyAccount) -> BlueskyAccount:
    connector = Bluesky(stage.app(), account, stage.office.did)
    try:
        new = connector.renew()
    finally:
        connector.close()
    assert isinstance(new, BlueskyAccount)
    return new


def test_a_session_is_kept_and_renewed_before_it_ends(stage: Stage) -> None:
    first = stage.account()
    now = datetime.now(UTC)
    assert (first.renew_at() or now) < now, "without a session it is due at once"
    opened = renewed(stage, first)
    assert opened.renew_at() is not None
    assert timedelta(hours=1) < opened.renew_at() - now < timedelta(hours=2)  # type: ignore[operator]
    again = renewed(stage, opened)
    assert again.refresh_token != opened.refresh_token
    assert len(stage.office.opened) == 1, "a renewal opens no second session"


def test_an_ended_refresh_token_leads_to_a_new_session(
    stage: Stage, sandbox: Sandbox
) -> None:
    opened = renewed(stage, stage.account())
    sandbox.advance(61 * 86_400)
    assert renewed(stage, opened).access_token != opened.access_token


def test_an_expired_token_is_a_400_and_asks_for_renewal(
    stage: Stage, sandbox: Sandbox
) -> None:
    opened = renewed(stage, stage.account())
    sandbox.advance(3 * 3600)
    connector = Bluesky(stage.app(), opened, stage.office.did)
    with pytest.raises(NeedsLogin) as refusal:
        read(connector, {})
    connector.close()
    assert refusal.value.code == "ended"


def test_too_many_sessions_say_until_when(stage: Stage) -> None:
    with pytest.raises(TryLater) as refusal:
        for _ in range(31):
            renewed(stage, stage.account())
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= 301


def test_a_wrong_app_password_is_not_quoted(stage: Stage) -> None:
    account = BlueskyAccount(handle=HANDLE, app_password="salah-sekali")
    with pytest.raises(NeedsLogin) as refusal:
        renewed(stage, account)
    assert "salah-sekali" not in str(refusal.value)


def test_mentions_replies_and_quotes_are_told_apart(
    stage: Stage, bluesky: Bluesky
) -> None:
    ours = stage.service.state.say(stage.office, "Jadwal pemeriksaan hewan kurban").uri
    stage.service.act({"as": "a", "text": f"@{HANDLE} ayam liar"})
    stage.service.act({"as": "b", "text": "di kecamatan mana?", "reply_to": ours})
    stage.service.act({"text": "nih jadwalnya", "quotes": ours})
    found, _ = read(bluesky, {})
    assert [(m.kind, m.parent_id, m.conversation_id) for m in found] == [
        ("quote", ours, None),
        ("reply", ours, ours),
        ("mention", None, None),
    ]
    assert found[2].mentions == (stage.office.did,)


def test_a_deletion_nobody_told_of_is_found_once(
    stage: Stage, bluesky: Bluesky
) -> None:
    said = stage.say("salah kirim")
    _, cursor = read(bluesky, {})
    stage.remove(said)
    found, cursor = read(bluesky, cursor)
    assert [(m.kind, m.native_id) for m in found] == [("delete", said)]
    assert read(bluesky, cursor)[0] == []


def test_who_blocks_us_has_deleted_nothing(stage: Stage, bluesky: Bluesky) -> None:
    said = stage.say("lampu mati di Cibuluh")
    _, cursor = read(bluesky, {})
    author = said.removeprefix("at://").split("/")[0]
    stage.service.state.blocks.add((author, stage.office.did))
    assert "delete" not in {m.kind for m in read(bluesky, cursor)[0]}


def test_an_answer_hangs_on_its_parent_and_on_the_root(
    stage: Stage, bluesky: Bluesky
) -> None:
    root = stage.service.act({"as": "akar", "text": f"@{HANDLE} ayam liar"})
    deeper = stage.service.act({"text": f"sami @{HANDLE}", "reply_to": "akar"})
    found, _ = read(bluesky, {})
    message = next(m for m in found if m.native_id == deeper)
    text = (
        "Kami cek. Info: https://dkpp.example/ayam. cc @siti.warga.example,"
        " @tak.ada.example"
    )
    sent = bluesky.send(Reply("k", text, message.reply_to or {}))
    record = stage.service.state.posts[sent.external_id].record
    assert record["reply"]["root"]["uri"] == root
    assert record["reply"]["parent"]["uri"] == deeper
    marked = [
        (
            text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(),
            f["features"][0]["$type"].partition("#")[2],
        )
        for f in record["facets"]
    ]
    assert marked == [
        ("https://dkpp.example/ayam", "link"),
        ("@siti.warga.example", "mention"),
    ]
    assert sent.permalink == sent.external_id.replace(
        "at://", "https://bsky.app/profile/"
    ).replace("app.bsky.feed.post", "post")


def test_an_answer_is_looked_up_in_our_own_repository(
    stage: Stage, bluesky: Bluesky
) -> None:
    reply = Reply("k", "Sedang dicek", stage.answerable())
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert bluesky.look_up(reply, since) is None
    sent = bluesky.send(reply)
    found = bluesky.look_up(reply, since)
    assert found is not None and found.external_id == sent.external_id


def test_places_of_links_are_counted_in_bytes() -> None:
    (facet,) = links("sés 👍 https://a.example/x")
    assert facet["index"] == {"byteStart": 10, "byteEnd": 29}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("lampu", 5),
        ("é", 1),
        ("e\u0301", 1),
        ("👍🏽", 1),
        ("👩‍👩‍👧", 1),
        ("🇮🇩🇮🇩", 2),
        ("❤️", 1),
        ("aksara ᮞᮥᮔ᮪ᮓ", 10),
    ],
)
def test_length_counts_what_people_see(text: str, count: int) -> None:
    assert graphemes(text) >= count
    assert graphemes(text) <= count + 3


def test_a_time_from_the_future_is_not_believed() -> None:
    post = {
        "uri": "at://did:plc:a/app.bsky.feed.post/1",
        "cid": "c",
        "record": {"text": "halo", "createdAt": "2099-01-01T00:00:00Z"},
        "indexedAt": "2026-03-02T06:00:00Z",
    }
    (item,) = Bluesky.read_file(post)
    (message,) = Bluesky.normalise(item)
    assert message.created_at == datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("create", "post"), ("update", "edit"), ("delete", "delete")],
)
def test_changes_of_a_repository_are_read(operation: str, kind: str) -> None:
    event = {
        "did": "did:plc:a",
        "time_us": 1772431200000000,
        "kind": "commit",
        "commit": {
            "operation": operation,
            "collection": "app.bsky.feed.post",
            "rkey": "3l1",
            "rev": "r",
            "cid": "c",
            "record": {"text": "halo"},
        },
    }
    flat = {
        "seq": 5,
        "did": "did:plc:a",
        "time": "2026-03-02T06:00:00.000001Z",
        **event["commit"],
    }  # type: ignore[dict-item]
    for told in (event, flat):
        (item,) = Bluesky.read_file(told)
        (message,) = Bluesky.normalise(item)
        assert (message.kind, message.native_id) == (
            kind,
            "at://did:plc:a/app.bsky.feed.post/3l1",
        )


def test_pictures_are_fetched_by_their_content(stage: Stage, bluesky: Bluesky) -> None:
    stage.service.act({"text": f"@{HANDLE} ini fotonya", "photos": ["ayam"]})
    (message,), _ = read(bluesky, {})
    (picture,) = message.media
    assert (picture.type, picture.description) == ("image", "ayam")
    assert bluesky.download(picture).content.startswith(b"\xff\xd8")


def said_in(payload: Any) -> list[Message]:
    return [m for item in Bluesky.read_file(payload) for m in Bluesky.normalise(item)]


POST_OF_SITI = "at://did:plc:siti/app.bsky.feed.post/3k1"


def test_likes_and_rules_in_a_repository_are_no_posts() -> None:
    subject = {"uri": "at://did:plc:dinas/app.bsky.feed.post/3a", "cid": "c"}
    records = [
        {
            "uri": POST_OF_SITI,
            "cid": "c",
            "value": {"text": "Lampu mati", "createdAt": "2026-03-02T05:40:00.481951"},
        },
        {
            "uri": "at://did:plc:siti/app.bsky.feed.like/3",
            "value": {"subject": subject},
        },
        {
            "uri": "at://did:plc:siti/app.bsky.feed.threadgate/3",
            "value": {"post": POST_OF_SITI},
        },
    ]
    first, *_ = said_in({"records": records})  # old programs wrote times without a zone
    assert first.created_at == datetime(2026, 3, 2, 5, 40, 0, 481951, tzinfo=UTC)
    found = [(said.kind, said.target_id) for said in said_in({"records": records})]
    assert found == [("post", None), ("reaction", subject["uri"]), ("system", None)]
    with pytest.raises(BadItem):
        said_in({"uri": POST_OF_SITI})
    for embedded, kind in (
        (subject["uri"], "quote"),
        ("at://did:a/app.bsky.graph.list/1", "post"),
    ):
        record = {"text": "lihat", "embed": {"record": {"uri": embedded, "cid": "c"}}}
        assert said_in({"uri": POST_OF_SITI, "record": record})[0].kind == kind


def test_threads_conversations_and_reactions_are_read_and_people_say_nothing() -> None:
    post = {"uri": POST_OF_SITI, "cid": "c", "record": {"text": "Lampu mati"}}
    thread = [
        {"uri": POST_OF_SITI, "depth": 0, "value": {"post": post}},
        {"uri": "at://x", "depth": 1, "value": {"$type": "x#notFound"}},
    ]
    assert [said.text for said in said_in({"thread": thread})] == ["Lampu mati"]
    said = {
        "id": "m1",
        "text": "halo",
        "sender": {"did": "did:plc:siti"},
        "sentAt": "2026-03-02T05:40:00.000Z",
    }
    (last,) = said_in({"convos": [{"id": "c1", "members": [], "lastMessage": said}]})
    assert (last.kind, last.conversation_id, last.text) == ("dm", "c1", "halo")
    put = {
        "$type": "chat.bsky.convo.defs#logAddReaction",
        "convoId": "c1",
        "message": said,
        "reaction": {"value": "🙏", "sender": {"did": "did:plc:dinas"}},
    }
    begun = {"$type": "chat.bsky.convo.defs#logBeginConvo", "convoId": "c1", "rev": "1"}
    (reaction,) = said_in({"logs": [begun, put]})
    assert (reaction.kind, reaction.text, reaction.target_id) == (
        "reaction",
        "🙏",
        "m1",
    )
    for nothing in (
        {"did": "did:plc:siti", "handle": "siti.example"},
        {"error": "ExpiredToken"},
        {"did": "did:plc:siti", "kind": "identity", "identity": {}},
    ):
        assert said_in(nothing) == []
