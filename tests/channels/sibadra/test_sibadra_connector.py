"""SiBadra over our own contract: signed both ways, schema and code agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stage_sibadra import Stage

from connectors.base import Media, Message, Reply
from connectors.errors import BadItem, NeedsLogin, Refused, Untrusted
from connectors.sibadra import Sibadra, SibadraAccount, SibadraApp, wire
from sandbox import sibadra as system
from sandbox.serve import Sandbox

SCHEMA = (
    Path(__file__).resolve().parents[3] / "docs" / "schemas" / "sibadra-report.json"
)
REPORT: dict[str, Any] = {
    "id": "SB-7",
    "updated_at": "2026-03-02T13:05:00+07:00",
    "text": "Lampu mati",
}


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def sibadra(stage: Stage) -> Iterator[Sibadra]:
    connector = stage.connect()
    yield connector
    connector.close()


def one(**said: Any) -> Message:
    (item,) = Sibadra.read_file({**REPORT, **said})
    (message,) = Sibadra.normalise(item)
    return message


def schema() -> dict[str, Any]:
    said: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    report: dict[str, Any] = said["$defs"]["report"]
    return report


# The schema and the code


def test_what_the_schema_requires_the_code_requires() -> None:
    for name in schema()["required"]:
        lacking = {key: value for key, value in REPORT.items() if key != name}
        with pytest.raises(BadItem):
            [m for item in Sibadra.read_file(lacking) for m in Sibadra.normalise(item)]
    assert one().text == "Lampu mati", "and nothing else is required"


def test_the_schema_has_the_codes_states_patterns_and_fields() -> None:
    fields = schema()["properties"]
    assert tuple(fields["status"]["enum"]) == wire.STATUSES
    assert fields["id"]["pattern"] == f"^{wire._ID.pattern}$"
    (given,) = Stage.shape["reports"]
    assert set(given) == set(fields), (
        "the example of the contract suite has every field"
    )
    assert set(given["reporter"]) == set(fields["reporter"]["properties"])


def test_every_field_of_the_schema_is_read() -> None:
    (item,) = Sibadra.read_file(Stage.shape)
    (message,) = Sibadra.normalise(item)
    assert (message.native_id, message.text, message.place) == (
        "SB-000001",
        "Lampu mati",
        "Gg. Masjid",
    )
    assert (message.author_name, message.contact) == ("Siti", "+6281200001111")
    assert message.created_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert message.geo is not None and message.geo.latitude == -6.59
    assert [media.ref["url"] for media in message.media] == [
        "https://sibadra.example/foto/1.jpg"
    ]
    assert message.extra == {
        "subject": "Lampu jalan",
        "source": "app",
        "agency": "dishub",
        "status": "new",
        "rahasia": True,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../x"},
        {"id": True},
        {"updated_at": "kemarin"},
        {"updated_at": "2026-03-02T13:05:00"},
    ],
)
def test_what_breaks_the_schema_is_set_aside(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadItem):
        one(**wrong)


def test_a_wrong_field_that_is_not_required_loses_no_report() -> None:
    message = one(photos="x", lat="utara", lon=None, reporter=[], status="aneh", opd=7)
    assert (message.text, message.media, message.geo) == ("Lampu mati", (), None)


def test_a_report_is_known_by_id_and_updated_at() -> None:
    (first,), (again,) = (
        Sibadra.read_file(REPORT),
        Sibadra.read_file({**REPORT, "topic": "x"}),
    )
    (later,) = Sibadra.read_file({**REPORT, "updated_at": "2026-03-02T14:00:00+07:00"})
    assert first.key == again.key != later.key


def test_an_anonymous_reporter_is_nobody_and_a_withdrawn_report_a_deletion() -> None:
    message = one(reporter={"name": "Siti", "phone": "081200001111", "anonymous": True})
    assert (message.author_name, message.contact, message.anonymous) == (
        None,
        None,
        True,
    )
    assert one(status="withdrawn").kind == "delete"


# Deliveries


def test_a_replayed_delivery_is_believed_for_five_minutes(stage: Stage) -> None:
    request = stage.delivery("Lampu mati")
    signed_at = datetime.fromtimestamp(int(request.headers["x-sahut-timestamp"]), UTC)
    for seconds in (-300, 0, 300):
        now = replace(request, now=signed_at + timedelta(seconds=seconds))
        assert Sibadra.verify(stage.app(), stage.account(), now) is None
    for seconds in (-301, 301):
        now = replace(request, now=signed_at + timedelta(seconds=seconds))
        with pytest.raises(Untrusted, match="five minutes"):
            Sibadra.verify(stage.app(), stage.account(), now)


def test_neither_body_nor_time_can_be_changed(stage: Stage) -> None:
    request = stage.delivery("Lampu mati")
    later = str(int(request.headers["x-sahut-timestamp"]) + 1)
    for forged in (
        replace(request, body=request.body + b" "),
        replace(request, headers={**request.headers, "x-sahut-timestamp": later}),
        replace(request, headers={**request.headers, "x-sahut-timestamp": "²"}),
    ):
        with pytest.raises(Untrusted):
            Sibadra.verify(stage.app(), stage.account(), forged)


def test_without_a_secret_nothing_is_believed(stage: Stage) -> None:
    open_account = SibadraAccount(handle="sibadra")
    with pytest.raises(Untrusted, match="no secret"):
        Sibadra.verify(stage.app(), open_account, stage.delivery("Lampu mati"))
    connector = Sibadra(SibadraApp(), open_account)
    assert any("32 characters" in warning for warning in connector.check().warnings)
    connector.close()


# Files


def test_a_dropped_file_is_read_once_and_again_when_it_changed(
    stage: Stage, sibadra: Sibadra
) -> None:
    stage.system.files.put("laporan.json", json.dumps(REPORT).encode())
    (page,) = sibadra.fetch({})
    assert [item.key for item in page.items] == ["SB-7:2026-03-02T13:05:00+07:00"]
    assert list(sibadra.fetch(page.cursor)) == []
    changed = {**REPORT, "updated_at": "2026-03-02T14:00:00+07:00"}
    stage.system.files.put("laporan.json", json.dumps(changed).encode())
    (page,) = sibadra.fetch(page.cursor)
    assert [item.key for item in page.items] == ["SB-7:2026-03-02T14:00:00+07:00"]


# Answers


def test_an_answer_is_taken_once_by_its_key(
    stage: Stage, sibadra: Sibadra, sandbox: Sandbox
) -> None:
    at = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    reply = Reply("k1", "Sedang dicek", stage.answerable(), "1008", at)
    assert sibadra.look_up(reply, at) is None
    assert sibadra.send(reply) == sibadra.send(reply) == sibadra.look_up(reply, at)
    assert stage.arrived() == ["Sedang dicek"]
    assert stage.system.answers["k1"] == {
        "id": reply.to["report_id"],
        "number": "1008",
        "answer_id": "k1",
        "text": "Sedang dicek",
        "status": "answered",
        "at": "2026-03-02T13:00:00+00:00",
    }


def test_an_answer_under_an_old_secret_needs_a_person(
    stage: Stage, sibadra: Sibadra
) -> None:
    stage.system.revoke(system.SECRET)
    with pytest.raises(NeedsLogin) as refusal:
        sibadra.send(Reply("k1", "Sedang dicek", {"report_id": "SB-1"}))
    assert system.SECRET not in str(refusal.value)


def test_instead_of_an_address_a_folder_takes_answers(tmp_path: Path) -> None:
    account = SibadraAccount(handle="sibadra", export_folder=str(tmp_path))
    sibadra = Sibadra(SibadraApp(), account)
    reply = Reply("2026/k:1", "Sedang dicek", {"report_id": "SB-7"}, "1008")
    assert sibadra.look_up(reply, datetime.now(UTC)) is None
    assert sibadra.send(reply) == sibadra.look_up(reply, datetime.now(UTC))
    assert (
        json.loads((tmp_path / "jawaban-2026-k-1.json").read_bytes())["text"]
        == "Sedang dicek"
    )
    sibadra.close()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x.jpg", "https://sibadra.example.evil/x.jpg"]
)
def test_photographs_come_from_agreed_hosts_only(url: str) -> None:
    account = SibadraAccount(
        handle="sibadra", photo_hosts="sibadra.example, foto.example"
    )
    sibadra = Sibadra(SibadraApp(), account)
    with pytest.raises(Refused) as refusal:
        sibadra.download(Media("photo", "1", {"url": url}))
    assert refusal.value.code == "host_not_allowed"
    sibadra.close()
