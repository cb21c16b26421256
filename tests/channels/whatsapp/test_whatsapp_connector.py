"""WhatsApp through the Cloud API: every kind of message, the window, files, what errors
mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stage_whatsapp import BUSINESS_ID, NUMBER_ID, Stage

from connectors.base import Message, Reply, Request, Upload
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater, Unknown
from connectors.whatsapp import WhatsApp, WhatsAppAccount
from sandbox.serve import Sandbox
from sandbox.whatsapp_people import phone_of

TEMPLATE = {"template_name": "jawaban_aduan"}


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def whatsapp(stage: Stage) -> Iterator[WhatsApp]:
    connector = stage.connect(**TEMPLATE)
    yield connector
    connector.close()


def read(content: dict[str, Any], **value: Any) -> Message:
    """The one message of a delivery by Siti."""
    said = {"from": "628990001", "id": "wamid.A", "timestamp": "1772430000", **content}
    contacts = [{"profile": {"name": "Siti"}, "wa_id": "628990001"}]
    body = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": NUMBER_ID},
        "contacts": contacts,
        "messages": [said],
        **value,
    }
    (item,) = WhatsApp.read_file({"field": "messages", "value": body})
    assert item.account == NUMBER_ID
    (message,) = WhatsApp.normalise(item)
    return message


@pytest.mark.parametrize(
    ("content", "kind", "text", "media"),
    [
        ({"type": "text", "text": {"body": "Lampu mati"}}, "dm", "Lampu mati", []),
        (
            {"type": "image", "image": {"id": "1", "caption": "Lubang"}},
            "dm",
            "Lubang",
            ["image"],
        ),
        ({"type": "audio", "audio": {"id": "1", "voice": True}}, "dm", None, ["voice"]),
        (
            {"type": "audio", "audio": {"id": "1", "voice": False}},
            "dm",
            None,
            ["audio"],
        ),
        ({"type": "video", "video": {"id": "1"}}, "dm", None, ["video"]),
        (
            {"type": "document", "document": {"id": "1", "filename": "surat.pdf"}},
            "dm",
            None,
            ["document"],
        ),
        (
            {"type": "sticker", "sticker": {"id": "1", "animated": True}},
            "dm",
            None,
            ["sticker"],
        ),
        (
            {"type": "location", "location": {"latitude": -6.59, "longitude": 106.79}},
            "dm",
            None,
            [],
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "list_reply",
                    "list_reply": {"id": "1", "title": "Lapor"},
                },
            },
            "dm",
            "Lapor",
            [],
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "nfm_reply",
                    "nfm_reply": {"body": "Terkirim", "response_json": "{}"},
                },
            },
            "dm",
            "Terkirim",
            [],
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "button",
                    "body": {"text": "Benar?"},
                    "action": {"buttons": []},
                },
            },
            "dm",
            "Benar?",
            [],
        ),
        (
            {"type": "interactive", "interactive": {"nfm_reply": {"body": "Terkirim"}}},
            "dm",
            "Terkirim",
            [],
        ),
        ({"type": "button", "button": {"text": "Ya"}}, "dm", "Ya", []),
        ({"type": "order", "order": {"product_items": []}}, "dm", None, []),
        (
            {"type": "reaction", "reaction": {"message_id": "wamid.0", "emoji": "🙏"}},
            "reaction",
            "🙏",
            [],
        ),
        (
            {"type": "reaction", "reaction": {"message_id": "wamid.0"}},
            "reaction",
            None,
            [],
        ),
        ({"type": "request_welcome"}, "system", None, []),
        (
            {
                "type": "system",
                "system": {
                    "type": "user_changed_number",
                    "wa_id": "628990002",
                    "body": "x",
                },
            },
            "system",
            None,
            [],
        ),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, "dm", None, []),
    ],
)
def test_every_kind_of_message_is_read(
    content: dict[str, Any], kind: str, text: str | None, media: list[str]
) -> None:
    message = read(content)
    assert (message.kind, message.text) == (kind, text)
    assert [file.type for file in message.media] == media
    assert message.author_id == "628990001"
    assert message.created_at == datetime(2026, 3, 2, 5, 40, tzinfo=UTC)


def test_a_person_without_a_phone_number_is_known_and_answered_by_the_user_id() -> None:
    contacts = [
        {"profile": {"name": "Siti", "username": "@siti"}, "user_id": "ID.1001"}
    ]
    said = {
        "from": None,
        "from_user_id": "ID.1001",
        "type": "text",
        "text": {"body": "Halo"},
    }
    message = read(said, contacts=contacts)
    assert (message.author_id, message.author_handle) == ("ID.1001", "@siti")
    assert message.reply_to == {
        "message_id": "wamid.A",
        "user_id": "ID.1001",
        "said_at": "2026-03-02T05:40:00+00:00",
    }
    assert message.contact is None


def test_pictures_of_one_moment_are_one_album_and_other_pictures_are_not() -> None:
    def group(seconds: int) -> str | None:
        picture = {"type": "image", "image": {"id": str(seconds)}}
        return read({**picture, "timestamp": str(1_772_430_000 + seconds)}).group_id

    assert group(0) == group(2) is not None
    assert group(60) != group(0)
    assert read({"type": "text", "text": {"body": "Halo"}}).group_id is None


def test_edits_and_deletions_name_the_message_they_change() -> None:
    new = {"type": "text", "text": {"body": "Lampu mati total"}}
    edit = read(
        {"type": "edit", "edit": {"original_message_id": "wamid.0", "message": new}}
    )
    assert (edit.kind, edit.edit_of, edit.text) == (
        "edit",
        "wamid.0",
        "Lampu mati total",
    )
    gone = read({"type": "revoke", "revoke": {"original_message_id": "wamid.0"}})
    assert (gone.kind, gone.edit_of, gone.target_id) == ("delete", "wamid.0", "wamid.0")


def test_what_the_office_writes_on_its_own_phone_is_no_complaint() -> None:
    echo = {
        "from": "6281100000110",
        "to": "628990001",
        "id": "wamid.B",
        "timestamp": "1772430000",
        "type": "text",
        "text": {"body": "Siap, Bu"},
    }
    value = {"metadata": {"phone_number_id": NUMBER_ID}, "message_echoes": [echo]}
    (item,) = WhatsApp.read_file({"field": "smb_message_echoes", "value": value})
    (message,) = WhatsApp.normalise(item)
    assert message.is_own and message.conversation_id == "628990001"
    assert message.reply_to is None


def test_a_status_may_come_first_and_says_why_it_failed() -> None:
    error = {"code": 131026, "error_data": {"details": "Message undeliverable."}}
    failed = {
        "id": "wamid.S",
        "status": "failed",
        "timestamp": "1772430000",
        "recipient_id": "628990001",
        "errors": [error],
        "biz_opaque_callback_data": "answer-7",
    }
    played = {"id": "wamid.T", "status": "played", "recipient_id": "628990001"}
    first, second = (
        message
        for item in WhatsApp.read_file([failed, played])
        for message in WhatsApp.normalise(item)
    )
    assert (first.kind, first.target_id, first.text) == ("status", "wamid.S", "failed")
    assert first.extra["state"] == "failed" and first.extra["tracker"] == "answer-7"
    assert first.extra["detail"] == "Message undeliverable. (131026)"
    assert (second.text, second.extra["state"]) == ("played", "read")


def test_other_fields_say_nothing_and_errors_are_kept_unshown() -> None:
    update = {"field": "account_update", "value": {"event": "DISABLED_UPDATE"}}
    assert [list(WhatsApp.normalise(item)) for item in WhatsApp.read_file(update)] == [
        []
    ]
    broken = {
        "field": "messages",
        "value": {"errors": [{"code": 131000, "title": "Oops"}]},
    }
    (item,) = WhatsApp.read_file(broken)
    (message,) = WhatsApp.normalise(item)
    assert (message.kind, message.extra["errors"]) == ("system", [131000])


@pytest.mark.parametrize(
    "answer",
    [
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": "628990001"}],
            "messages": [{"id": "wamid.A"}],
        },
        {"error": {"code": 131047, "message": "Re-engagement message"}},
        {"success": True},
    ],
)
def test_an_answer_of_the_api_is_nothing_somebody_said(answer: dict[str, Any]) -> None:
    assert list(WhatsApp.read_file(answer)) == []


def test_one_unreadable_message_leaves_the_others() -> None:
    value = {
        "metadata": {},
        "messages": [{"type": "text"}, "x", {"id": "wamid.A", "type": "text"}],
    }
    items = list(WhatsApp.read_file({"field": "messages", "value": value}))
    for bad in items[:2]:
        with pytest.raises(BadItem):
            list(WhatsApp.normalise(bad))
    assert len(list(WhatsApp.normalise(items[2]))) == 1


def test_a_type_that_is_no_text_is_a_message_nobody_can_show() -> None:
    value = {
        "metadata": {},
        "messages": [{"id": "wamid.A", "from": "62811", "type": ["text"]}],
    }
    (item,) = WhatsApp.read_file({"field": "messages", "value": value})
    (message,) = WhatsApp.normalise(item)
    assert (message.kind, message.text, message.extra["unsupported"]) == (
        "dm",
        None,
        True,
    )


def test_a_delivery_that_is_repeated_has_the_same_keys(stage: Stage) -> None:
    request = stage.delivery("Lampu mati")
    assert [i.key for i in WhatsApp.unpack(request)] == [
        i.key for i in WhatsApp.unpack(request)
    ]


def test_check_tells_the_number_and_what_will_not_work(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    stage.number.templates["jawaban_aduan"] = "PAUSED"
    stage.number.quality = "RED"
    identity = whatsapp.check()
    assert (identity.external_id, identity.handle) == (NUMBER_ID, "6281100000110")
    told = " ".join(identity.warnings)
    assert "quality" in told and "No app is subscribed" in told and "is paused" in told


def test_a_revoked_token_needs_a_person(stage: Stage, whatsapp: WhatsApp) -> None:
    stage.sandbox.revoke(stage.number.token)
    with pytest.raises(NeedsLogin) as refusal:
        whatsapp.check()
    assert stage.number.token not in str(refusal.value)


def draft(stage: Stage, connector: WhatsApp, *, hours: float, **changes: Any) -> Reply:
    """An answer so many hours after Siti wrote."""
    to = stage.answerable()
    now = datetime.fromisoformat(to["said_at"]) + timedelta(hours=hours)
    facts = stage.account(**TEMPLATE).facts()
    prices = {"answer": 0.5, "template": 0.75}
    text = "Sudah kami cek.\nTerima kasih."
    reply = Reply("k", text, {**to, **facts}, "10085", now=now, prices=prices)
    return replace(reply, **changes)


def test_within_a_day_the_answer_is_free_text(stage: Stage, whatsapp: WhatsApp) -> None:
    reply = draft(stage, whatsapp, hours=23)
    preview = whatsapp.preview(reply)
    assert (preview.parts, preview.price, preview.problem) == ((reply.text,), 0.5, None)
    sent = whatsapp.send(reply)
    assert sent.external_id.startswith("wamid.")
    assert stage.arrived() == [reply.text]


def test_each_file_of_an_answer_is_billed_as_one_more(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    photo = Upload("foto.jpg", "image/jpeg", b"\xff\xd8")
    reply = draft(stage, whatsapp, hours=1, files=(photo, photo))
    assert whatsapp.preview(reply).price == pytest.approx(1.5)


def test_after_a_day_the_template_is_sent_as_it_was_shown(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    reply = draft(stage, whatsapp, hours=25)
    preview = whatsapp.preview(reply)
    shown = "Jawaban atas aduan nomor 10085: Sudah kami cek. Terima kasih."
    assert preview.parts == (shown,)
    assert (preview.warnings, preview.price) == (("sent_as_template",), 0.75)
    stage.sandbox.advance(25 * 3600)
    whatsapp.send(reply)
    assert stage.arrived() == [shown]


def test_without_a_template_a_closed_window_is_refused_before_sending(
    stage: Stage,
) -> None:
    connector = stage.connect()
    reply = replace(draft(stage, connector, hours=25), to=stage.answerable())
    with pytest.raises(Refused) as refusal:
        connector.send(reply)
    connector.close()
    assert refusal.value.code == "window_closed" and stage.arrived() == []


def test_the_platform_may_know_better_that_the_window_is_closed(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    reply = draft(stage, whatsapp, hours=1)
    stage.sandbox.advance(25 * 3600)
    with pytest.raises(Refused) as refusal:
        whatsapp.send(reply)
    assert refusal.value.code == "window_closed"


def test_a_template_that_was_withdrawn_is_named(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    stage.number.templates.clear()
    with pytest.raises(Refused) as refusal:
        whatsapp.send(draft(stage, whatsapp, hours=25))
    assert refusal.value.code == "template" and "132001" in str(refusal.value)


def test_files_follow_the_text(stage: Stage, whatsapp: WhatsApp) -> None:
    files = (
        Upload("bukti.jpg", "image/jpeg", b"jpeg"),
        Upload("surat.pdf", "application/pdf", b"p"),
    )
    whatsapp.send(draft(stage, whatsapp, hours=1, files=files))
    assert stage.arrived() == [
        "Sudah kami cek.\nTerima kasih.",
        "[image]",
        "[document]",
    ]


def test_a_file_that_fails_after_the_text_leaves_the_answer_unknown(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    reply = draft(
        stage, whatsapp, hours=1, files=(Upload("a.jpg", "image/jpeg", b"x"),)
    )
    send = stage.whatsapp._send

    def once(number: Any, given: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = send(number, given)
        stage.whatsapp.unreachable.add(phone_of("Siti"))
        return answer

    stage.whatsapp._send = once
    with pytest.raises(Unknown, match="not every file"):
        whatsapp.send(reply)


def test_a_file_too_large_is_told_before(stage: Stage, whatsapp: WhatsApp) -> None:
    large = Upload("foto.jpg", "image/jpeg", b"x" * (5 * 1024 * 1024 + 1))
    assert whatsapp.preview(
        draft(stage, whatsapp, hours=1, files=(large,))
    ).problem == ("file_too_large")
    assert (
        whatsapp.preview(draft(stage, whatsapp, hours=25, files=(large,))).problem
        == "no_files"
    )


def test_a_picture_is_fetched_with_the_token_and_compared(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    stage.whatsapp.say(stage.number, "Siti", "Lubang", photo="lubang")
    request = stage.request(stage.whatsapp.bodies[-1])
    (item,) = WhatsApp.unpack(request)
    (message,) = WhatsApp.normalise(item)
    file = whatsapp.download(message.media[0])
    assert file.mime == "image/jpeg" and file.content[:2] == b"\xff\xd8"
    changed = replace(
        message.media[0], ref={**message.media[0].ref, "digest": "A" * 43 + "="}
    )
    with pytest.raises(TryLater, match="damaged"):
        whatsapp.download(changed)


def test_a_file_that_is_gone_is_not_asked_for_again(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    message = read({"type": "image", "image": {"id": "404"}})
    with pytest.raises(Refused) as refusal:
        whatsapp.download(message.media[0])
    assert refusal.value.code == "gone"


def test_the_token_goes_to_no_foreign_host(stage: Stage, whatsapp: WhatsApp) -> None:
    stage.whatsapp._link = lambda media_id, url: {"url": "https://files.example/1"}
    message = read({"type": "image", "image": {"id": "404"}})
    with pytest.raises(Refused, match="MEDIA_HOSTS"):
        whatsapp.download(message.media[0])


@pytest.mark.parametrize(
    ("code", "kind", "named"),
    [
        (131047, Refused, "window_closed"),
        (131026, Refused, "unreachable"),
        (132012, Refused, "template"),
        (131062, Refused, "no_recipient"),
        (130429, TryLater, "try_later"),
        (80007, TryLater, "try_later"),
        (131016, TryLater, "try_later"),
        (131042, NeedsLogin, "whatsapp_131042"),
        (133010, NeedsLogin, "whatsapp_133010"),
        (190, NeedsLogin, "needs_login"),
        (131000, Unknown, "unknown"),
        (100, Refused, "refused"),
    ],
)
def test_what_the_codes_of_a_refused_answer_mean(
    stage: Stage, whatsapp: WhatsApp, code: int, kind: type[Exception], named: str
) -> None:
    from sandbox.whatsapp import GraphError

    def refuse(*_: Any) -> Any:
        raise GraphError(400, code, "no")

    stage.whatsapp._send = refuse
    with pytest.raises(kind) as refusal:
        whatsapp.send(draft(stage, whatsapp, hours=1))
    assert refusal.value.code == named  # type: ignore[attr-defined]


def test_subscribing_asks_the_callback_first(stage: Stage, whatsapp: WhatsApp) -> None:
    with pytest.raises(Refused):
        whatsapp.subscribe(f"{stage.sandbox.url}/nobody-here")
    assert BUSINESS_ID not in stage.whatsapp.subscribed


def test_a_template_text_without_a_place_for_the_answer_is_not_taken() -> None:
    with pytest.raises(ValueError, match="template_text needs"):
        WhatsAppAccount(phone_number_id="1", access_token="t", template_text="Halo")


def test_the_signature_covers_the_bytes_as_they_came(
    stage: Stage, whatsapp: WhatsApp
) -> None:
    genuine = stage.delivery("Jalan <rusak> di Jl. A/B & C")
    assert b"\\u003C" in genuine.body and b"\\/" in genuine.body
    assert WhatsApp.verify(stage.app(), None, genuine) is None
    again = Request(
        "POST", genuine.headers, {}, json.dumps(json.loads(genuine.body)).encode()
    )
    with pytest.raises(Exception, match="signature"):
        WhatsApp.verify(stage.app(), None, again)


def test_deliveries_passed_on_by_a_provider_are_read_without_envelope_and_types() -> (
    None
):
    said = {
        "from": "628990001",
        "id": "A",
        "timestamp": "1772430000",
        "text": {"body": "Banjir"},
    }
    place = {
        "from": "628990001",
        "id": "B",
        "location": {"latitude": "-6.59", "longitude": "106.7"},
    }
    people = [{"profile": {"name": "Siti"}, "wa_id": "628990001"}]
    items = WhatsApp.read_file({"contacts": people, "messages": [said, place]})
    text, where = (message for item in items for message in WhatsApp.normalise(item))
    assert (text.text, text.author_name, text.extra.get("unsupported")) == (
        "Banjir",
        "Siti",
        None,
    )
    assert where.geo is not None and where.geo.latitude == -6.59


def test_one_contact_of_a_strange_shape_does_not_hide_the_delivery() -> None:
    said = {"from": ["62811"], "id": "A", "text": {"body": "Banjir"}}
    people = [{"wa_id": ["62811"]}, {"wa_id": "62812", "profile": {"name": "Siti"}}]
    (item,) = WhatsApp.read_file({"contacts": people, "messages": [said]})
    (message,) = WhatsApp.normalise(item)
    assert (message.text, message.author_name) == ("Banjir", None)


def test_a_form_is_told_field_by_field() -> None:
    filled = '{"lokasi": "Jl. Sempur", "jumlah": 2, "flow_token": "x", "lain": [1]}'
    reply = {"type": "nfm_reply", "nfm_reply": {"response_json": filled}}
    message = {"id": "wamid.1", "from": "628111", "type": "interactive"}
    value = {"metadata": {}, "messages": [{**message, "interactive": reply}]}
    (item,) = WhatsApp.read_file(value)
    (said,) = WhatsApp.normalise(item)
    assert said.extra["filled_in"] == ["lokasi: Jl. Sempur", "jumlah: 2"]
