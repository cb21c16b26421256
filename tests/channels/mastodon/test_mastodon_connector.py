"""Mastodon: read forward without gaps, edits found again, answers no wider than the
question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from stage_mastodon import Stage

from connectors.base import Message, RawItem, Reply
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater
from connectors.mastodon import Mastodon, counted
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def mastodon(stage: Stage) -> Iterator[Mastodon]:
    connector = stage.connect()
    yield connector
    connector.close()


def read(
    mastodon: Mastodon, cursor: dict[str, Any]
) -> tuple[list[Message], dict[str, Any]]:
    found: list[Message] = []
    for page in mastodon.fetch(cursor):
        found += [m for item in page.items for m in mastodon.normalise(item)]
        cursor = page.cursor
    return found, cursor


def one(payload: Any) -> Message:
    (item,) = Mastodon.read_file(payload)
    (message,) = Mastodon.normalise(item)
    return message


STATUS = {
    "id": "115000000000000042",
    "created_at": "2026-03-02T06:00:00.250Z",
    "visibility": "unlisted",
    "url": "https://warga.example/@siti/115000000000000042",
    "account": {
        "id": "9",
        "username": "siti",
        "acct": "siti@warga.example",
        "display_name": "",
    },
    "content": "<p>Jalan rusak</p><p>baris satu<br />baris dua &amp; tiga</p>",
}


def test_html_becomes_text_with_its_paragraphs() -> None:
    message = one(STATUS)
    assert message.text == "Jalan rusak\n\nbaris satu\nbaris dua & tiga"
    assert (message.kind, message.author_name, message.author_handle) == (
        "post",
        "siti",
        "siti@warga.example",
    )


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"visibility": "direct"}, "dm"),
        ({"in_reply_to_id": "7"}, "reply"),
        ({"reblog": {"id": "8", "content": "<p>asal</p>"}}, "repost"),
        ({"edited_at": "2026-03-02T07:00:00.000Z"}, "post"),
    ],
)
def test_what_a_status_is(change: dict[str, Any], kind: str) -> None:
    assert one({**STATUS, **change}).kind == kind


@pytest.mark.parametrize(
    ("notice", "kind", "target"),
    [
        ({"type": "mention", "status": STATUS}, "mention", None),
        ({"type": "quote", "status": STATUS}, "quote", None),
        ({"type": "update", "status": STATUS}, "edit", STATUS["id"]),
        ({"type": "favourite", "status": STATUS}, "reaction", STATUS["id"]),
        ({"type": "reblog", "status": STATUS}, "repost", STATUS["id"]),
        ({"type": "follow"}, "system", None),
        ({"type": "a type of next year"}, "system", None),
    ],
)
def test_what_a_notification_says(
    notice: dict[str, Any], kind: str, target: str | None
) -> None:
    message = one({"id": "3", "account": STATUS["account"], **notice})
    assert (message.kind, message.target_id) == (kind, target)


def test_frames_of_the_stream_are_read_too() -> None:
    changed = {
        "stream": ["user"],
        "event": "status.update",
        "payload": json.dumps(STATUS),
    }
    gone = {"stream": ["user"], "event": "delete", "payload": STATUS["id"]}
    assert (one(changed).kind, one(changed).native_id) == ("edit", STATUS["id"])
    assert (one(gone).kind, one(gone).native_id) == ("delete", STATUS["id"])


def test_grouped_notifications_are_put_together_again() -> None:
    grouped = {
        "accounts": [STATUS["account"]],
        "statuses": [STATUS],
        "notification_groups": [
            {
                "group_key": "ungrouped-5",
                "type": "mention",
                "most_recent_notification_id": "5",
                "sample_account_ids": ["9"],
                "status_id": STATUS["id"],
            }
        ],
    }
    assert (one(grouped).kind, one(grouped).native_id) == ("mention", STATUS["id"])
    group = {
        "type": "favourite",
        "sample_account_ids": ["8"],
        "status_id": STATUS["id"],
    }
    liked = {
        "partial_accounts": [{"id": "8", "acct": "budi"}],
        "statuses": [STATUS],
        "notification_groups": [group],
    }
    assert (one(liked).kind, one(liked).author_handle) == ("reaction", "budi")


def test_an_edit_nobody_told_of_is_found(stage: Stage, mastodon: Mastodon) -> None:
    said = stage.say("sampah di Cibuluh")
    _, cursor = read(mastodon, {})
    same, cursor = read(mastodon, cursor)
    assert same == []
    stage.edit(said, "sampah di Cibuluh RW 08")
    (edited,), cursor = read(mastodon, cursor)
    assert (edited.kind, edited.native_id, edited.edited_at is not None) == (
        "edit",
        said,
        True,
    )
    assert read(mastodon, cursor)[0] == []


def test_a_deletion_is_told_once(stage: Stage, mastodon: Mastodon) -> None:
    said = stage.say("salah kirim")
    _, cursor = read(mastodon, {})
    stage.remove(said)
    (gone,), cursor = read(mastodon, cursor)
    assert (gone.kind, gone.native_id) == ("delete", said)
    assert read(mastodon, cursor)[0] == []


def test_who_blocks_us_has_deleted_nothing(stage: Stage, mastodon: Mastodon) -> None:
    stage.say("lampu mati di Cibuluh")
    _, cursor = read(mastodon, {})
    stage.server.state.by_name("siti").blocks.add(stage.office.id)
    assert read(mastodon, cursor)[0] == []


def test_a_rate_limit_written_as_a_date_is_understood(
    stage: Stage, mastodon: Mastodon
) -> None:
    for _ in range(300):
        requests.get(
            f"{stage.app().base_url}/api/v1/accounts/verify_credentials",
            timeout=60,
            headers={"Authorization": "Bearer demo-mastodon-dlh_demo"},
        )
    with pytest.raises(TryLater) as refusal:
        read(mastodon, {})
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= 300


def test_an_answer_keeps_visibility_and_names_its_reader(
    stage: Stage, mastodon: Mastodon
) -> None:
    stage.server.act(
        {
            "who": "siti",
            "visibility": "direct",
            "text": "@dlh_demo jangan sebut nama saya",
        }
    )
    ((message,), _) = read(mastodon, {})
    assert (message.kind, message.public) == ("dm", False)
    reply = Reply("k", "Baik, kami rahasiakan.", message.reply_to or {})
    assert Mastodon.preview(reply).public is False
    sent = mastodon.send(reply)
    made = stage.server.state.statuses[sent.external_id]
    assert (made.visibility, made.text) == ("direct", "@siti Baik, kami rahasiakan.")


def test_a_private_answer_to_a_public_status(stage: Stage, mastodon: Mastodon) -> None:
    reply = Reply("k", "Boleh kirim alamatnya?", stage.answerable(), private=True)
    sent = mastodon.send_private(reply)
    assert stage.server.state.statuses[sent.external_id].visibility == "direct"


@pytest.mark.parametrize("told", ["limited", None])
def test_an_unknown_visibility_is_never_answered_in_public(
    stage: Stage, mastodon: Mastodon, told: str | None
) -> None:
    reply = Reply("k", "halo", {**stage.answerable(), "visibility": told})
    assert not Mastodon.preview(reply).public
    sent = mastodon.send(reply)
    assert stage.server.state.statuses[sent.external_id].visibility == "direct"


def test_the_same_try_makes_one_status_and_is_looked_up(
    stage: Stage, mastodon: Mastodon
) -> None:
    reply = Reply("k", "Sedang dicek", stage.answerable())
    before = datetime.now(UTC) - timedelta(minutes=1)
    assert mastodon.look_up(reply, before) is None
    first, again = mastodon.send(reply), mastodon.send(reply)
    assert first.external_id == again.external_id
    found = mastodon.look_up(reply, before)
    assert found is not None and found.external_id == first.external_id


def test_length_counts_links_as_23_and_remote_handles_by_their_name() -> None:
    assert counted("lihat https://kotabogor.example/pengaduan/sampah/cibuluh") == 6 + 23
    assert counted("@siti@warga.example halo") == len("@siti halo")


def test_signing_in_registers_an_application_and_brings_a_token(
    stage: Stage, sandbox: Sandbox
) -> None:
    app, redirect = stage.app(), "urn:ietf:wg:oauth:2.0:oob"
    start = Mastodon.login_start(app, redirect, "s1")
    code = requests.get(start.url, timeout=60).text
    (login,) = Mastodon.login_finish(app, redirect, code, start.keep)
    connector = Mastodon(app, Mastodon.Account(**login.settings))
    assert connector.check().handle == "dlh_demo"
    connector.close()
    with pytest.raises(Refused):
        Mastodon.login_finish(app, redirect, code, start.keep)


def test_another_servers_token_is_not_quoted(stage: Stage) -> None:
    account = Mastodon.Account(access_token="salah-sekali")
    connector = Mastodon(stage.app(), account)
    with pytest.raises(NeedsLogin) as refusal:
        connector.check()
    connector.close()
    assert "salah-sekali" not in str(refusal.value)


def test_pictures_come_with_their_description(stage: Stage, mastodon: Mastodon) -> None:
    stage.server.act({"who": "siti", "text": "@dlh_demo ini", "photos": ["tps"]})
    ((message,), _) = read(mastodon, {})
    (picture,) = message.media
    assert picture.type == "image"
    assert mastodon.download(picture).content.startswith(b"\xff\xd8")


def test_own_statuses_are_marked() -> None:
    (item,) = Mastodon.read_file(STATUS)
    (message,) = Mastodon.normalise(RawItem(item.key, item.kind, item.payload, "9"))
    assert message.is_own


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "9", "acct": "siti", "username": "siti", "note": "<p>Warga</p>"},
        {"id": "5", "options": [{"title": "Utara"}]},
        {"id": "3", "type": "image", "preview_url": "https://files.example/3.png"},
        {"id": "c", "unread": False, "accounts": [], "last_status": None},
        [
            {
                "content": "<p>lama</p>",
                "created_at": "2026-03-02T05:40:00.000Z",
                "account": {},
            }
        ],
        {"error": "Record not found"},
    ],
)
def test_people_polls_files_and_older_versions_say_nothing(answer: Any) -> None:
    assert [
        m for item in Mastodon.read_file(answer) for m in Mastodon.normalise(item)
    ] == []


def test_what_cannot_be_told_apart_is_set_aside() -> None:
    for broken in (
        {"id": "1"},
        {"visibility": "public", "content": "<p>tanpa id</p>"},
        {},
    ):
        (item,) = Mastodon.read_file([broken])
        with pytest.raises(BadItem):
            Mastodon.normalise(item)


def test_private_mentions_of_strangers_are_read_though_the_policy_filters_them(
    stage: Stage, mastodon: Mastodon
) -> None:
    """Since 4.3 a server leaves them out of the list, and nobody is told."""
    assert stage.office.policy["for_private_mentions"] == "filter"
    written = {"who": "siti", "text": "@dlh_demo ada pungli", "visibility": "direct"}
    stage.server.act(written)
    found, _ = read(mastodon, {})
    assert [message.kind for message in found] == ["dm"]


def test_a_policy_that_throws_away_is_told_with_what_to_do(
    stage: Stage, mastodon: Mastodon
) -> None:
    assert mastodon.check().warnings == ()
    stage.office.policy["for_private_mentions"] = "drop"
    (warning,) = mastodon.check().warnings
    assert "in private" in warning and "Preferences > Notifications" in warning
