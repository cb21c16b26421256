"""Every connector, every promise of connectors/base.py.

What a channel needs for it is its stage (`stage_<channel>.py`, see
tests/support/stage.py): a new channel without one fails here.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError
from stage import Stage

import connectors
from aggregator.store.vault import Vault
from connectors import base
from connectors._meta import graph
from connectors._shared import fields
from connectors.errors import (
    BadItem,
    ConnectorError,
    NeedsLogin,
    Refused,
    TryLater,
    Unknown,
    Untrusted,
)
from sandbox.serve import Sandbox

HERE = Path(__file__).resolve().parent
CHANNELS = [
    name
    for name in sorted(connectors.BUILTIN)
    if (HERE / name / f"stage_{name}.py").is_file()
]
SIGNED_BY_A_WORD = {"telegram"}
"""The platform proves itself by a word agreed upon and signs no body."""
SENDS_FILES = {"telegram", "whatsapp", "imap"}
ANSWERED_BY_HAND = {"feed"}
"""Nothing can be sent there: whoever answers does it where it stands."""
SECRET = "hunter2-hunter2-hunter2"
any_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=6)
    ),
    max_leaves=20,
)


def stage_of(channel: str) -> type[Stage]:
    kind: type[Stage] = importlib.import_module(f"stage_{channel}").Stage
    return kind


def having(*needs: str) -> list[str]:
    """The channels that have all these abilities, or whose stage has these methods."""
    chosen = []
    for channel in CHANNELS:
        able = base.abilities(connectors.load(channel))
        stage = stage_of(channel)
        if all(need in able or callable(getattr(stage, need, None)) for need in needs):
            chosen.append(channel)
    return chosen


def over_http(*needs: str) -> list[str]:
    which = "send_endpoint" if "reply" in needs else "poll_endpoint"
    return [channel for channel in having(*needs) if getattr(stage_of(channel), which)]


ALSO_LISTED = [
    channel
    for channel in having("webhook", "delivery", "poll", "say")
    if channel not in {"messenger", "sibadra", "tiktok"}  # see test_end_to_end.py
]


@pytest.fixture
def play(sandbox: Sandbox) -> Iterator[Callable[[str], tuple[Any, Any]]]:
    """`play("x")`: the stage of a channel and the connector on it, closed at the
    end."""
    opened: list[base.Connector] = []

    def begin(channel: str) -> tuple[Any, Any]:
        stage: Any = stage_of(channel)(sandbox)
        opened.append(stage.connect())
        return stage, opened[-1]

    yield begin
    for connector in opened:
        connector.close()


def messages(connector: Any, items: Any) -> list[base.Message]:
    """Of items as they come; one that cannot be read is passed over, as the core
    does."""
    found: list[base.Message] = []
    for item in items:
        try:
            found.extend(connector.normalise(item))
        except BadItem:
            continue
    return found


def heard(
    connector: Any, cursor: base.Cursor | None = None
) -> tuple[list[str], base.Cursor]:
    """Native ids of what residents said on all pages from a cursor on, and the last
    cursor."""
    ids: list[str] = []
    cursor = cursor or {}
    for page in connector.fetch(dict(cursor)):
        json.dumps(page.cursor)
        ids += [
            m.native_id
            for m in messages(connector, page.items)
            if m.kind in base.SAYING
        ]
        cursor = page.cursor
    return ids, cursor


def filled(channel: str) -> base.Settings:
    """Account settings with every secret set to SECRET."""
    model = connectors.load(channel).Account
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if "SecretStr" in str(field.annotation):
            values[name] = SECRET
        elif field.is_required():
            values[name] = "kota"
    if "handle" in model.model_fields:
        values["handle"] = "kota"
    return model(**values)


def secrets_of(connector: Any, stage: Any) -> list[str]:
    settings = [stage.account()] if callable(getattr(stage, "account", None)) else []
    return [
        value.get_secret_value()
        for one in settings
        for _, value in one
        if isinstance(value, SecretStr) and len(value.get_secret_value()) > 3
    ]


# What is declared


def test_every_channel_has_a_stage() -> None:
    assert sorted(connectors.BUILTIN) == CHANNELS


def test_the_package_is_ours_and_every_module_is_registered() -> None:
    folder = Path(connectors.__file__).parent
    assert folder.parent == HERE.parents[1]
    modules = {path.parent.name for path in folder.glob("[a-z]*/__init__.py")}
    assert {
        target.split(":")[0].removeprefix("connectors.")
        for target in connectors.BUILTIN.values()
    } == modules


@pytest.mark.parametrize("channel", CHANNELS)
def test_facts_and_abilities_are_declared(channel: str) -> None:
    kind = connectors.load(channel)
    assert kind.label and kind.text_limit > 0 and kind.default_interval > 0
    able = base.abilities(kind)
    assert ("reply" in able) == (channel not in ANSWERED_BY_HAND)
    assert ("poll" in able) == hasattr(kind, "fetch")
    for field in (*kind.App.model_fields.values(), *kind.Account.model_fields.values()):
        assert field.title, "a title is the prompt of the command line"


@pytest.mark.parametrize("channel", CHANNELS)
def test_operators_are_told_what_to_do_on_the_platform(channel: str) -> None:
    page = HERE.parents[1] / "docs" / "channels" / f"{channel}.md"
    told = page.read_text(encoding="utf-8") if page.is_file() else ""
    assert len(told) > 300 and "## What works when (" in told


@pytest.mark.parametrize("channel", CHANNELS)
def test_settings_go_through_the_vault_and_leak_no_secret(channel: str) -> None:
    chosen = filled(channel)
    vault = Vault([Fernet.generate_key().decode()])
    sealed = vault.seal(chosen)
    told = (
        repr(chosen)
        + str(chosen)
        + chosen.model_dump_json()
        + json.dumps(chosen.facts())
    )
    assert SECRET not in sealed + told
    assert vault.open(sealed, type(chosen)) == chosen
    with pytest.raises(ValidationError) as refusal:
        type(chosen)(**{"nonsense": SECRET, "daily_read_budget": SECRET})
    assert SECRET not in str(refusal.value)


# normalise


@pytest.mark.parametrize("channel", CHANNELS)
@given(payload=any_json)
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_any_json_gives_messages_or_is_set_aside(channel: str, payload: Any) -> None:
    kind = connectors.load(channel)
    try:
        for item in kind.read_file(payload):
            json.dumps(item.payload)
            for message in kind.normalise(item):
                assert isinstance(message, base.Message)
    except BadItem:
        return


@pytest.mark.parametrize("channel", having("file"))
@given(content=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_any_file_gives_messages_or_is_set_aside(channel: str, content: bytes) -> None:
    kind: Any = connectors.load(channel)
    try:
        for item in kind.read_bytes(content, "berkas"):
            json.dumps(item.payload)
            for message in kind.normalise(item):
                assert isinstance(message, base.Message)
    except BadItem:
        return


def _names(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node) | {name for inner in node.values() for name in _names(inner)}
    if isinstance(node, list):
        return {name for inner in node for name in _names(inner)}
    return set()


def _replaced(node: Any, name: str, value: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: value if key == name else _replaced(inner, name, value)
            for key, inner in node.items()
        }
    if isinstance(node, list):
        return [_replaced(inner, name, value) for inner in node]
    return node


@pytest.mark.parametrize("channel", CHANNELS)
@given(data=st.data())
@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_a_field_of_the_wrong_kind_breaks_nothing(channel: str, data: Any) -> None:
    """A real shape with one value anywhere replaced by anything."""
    kind, shape = connectors.load(channel), stage_of(channel).shape
    name = data.draw(st.sampled_from(sorted(_names(shape))))
    try:
        for item in kind.read_file(_replaced(shape, name, data.draw(any_json))):
            try:
                list(kind.normalise(item))
            except BadItem:
                continue
    except BadItem:
        return


def test_letters_that_no_database_takes_do_not_cost_the_message() -> None:
    message = base.Message(
        "dm", "1", text="lampu \x00mati \ud83d", author_name="Siti \ud83d\ude00"
    )
    assert (message.text, message.author_name) == ("lampu mati \ufffd", "Siti 😀")

    media = base.Media("photo", name="foto \ud83d.jpg", mime="image/jpeg\x00")
    assert (media.name, media.mime) == ("foto \ufffd.jpg", "image/jpeg")


@pytest.mark.parametrize("year", [1, 1989, 2201, 9999])
def test_a_time_that_no_message_can_be_of_is_none(year: int) -> None:
    moment = datetime(year, 12, 31, 23, 59, tzinfo=UTC)
    assert base.Message("dm", "1", created_at=moment).created_at is None
    assert graph.moment(moment.isoformat()) is None
    assert fields.iso_time(f"{year:04}-12-31T23:59:59Z") is None


@pytest.mark.parametrize(
    "ids",
    [{"author_id": "\ud83d"}, {"parent_id": "1\x00"}, {"person_ids": ("\ud83d",)}],
)
def test_an_id_that_no_database_takes_is_told_as_such(ids: dict[str, Any]) -> None:
    with pytest.raises(BadItem, match="an id with a sign"):
        base.Message("dm", "1", **ids)


@pytest.mark.parametrize(
    ("lat", "lon"), [(True, 1.0), (91, 1.0), (1.0, float("inf")), ("-6", 1)]
)
def test_coordinates_that_are_not_on_the_earth_are_none(lat: Any, lon: Any) -> None:
    assert base.point(lat, lon) is None
    assert base.point(-6.59, 106.79) == base.Geo(-6.59, 106.79)


# Polling


@pytest.mark.parametrize("channel", having("poll"))
def test_check_says_whose_credentials_these_are(channel: str, play: Any) -> None:
    _, connector = play(channel)
    identity = connector.check()
    assert identity.external_id and identity.handle


@pytest.mark.parametrize("channel", having("poll", "say"))
def test_the_next_poll_brings_what_is_new_and_nothing_is_missed(
    channel: str, play: Any
) -> None:
    stage, connector = play(channel)
    first = [stage.say("Lampu jalan mati"), stage.say("Got mampet di depan pasar")]
    ids, cursor = heard(connector)
    assert sorted(ids) == sorted(first)
    later = stage.say("Pohon tumbang menutup jalan")
    ids, cursor = heard(connector, cursor)
    assert later in ids
    again, _ = heard(connector, cursor)
    assert set(again) <= {*first, later}, "a poll may repeat (an overlap), never invent"


@pytest.mark.parametrize("channel", having("poll", "say"))
def test_a_break_after_any_page_loses_nothing(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    cursor: base.Cursor = {}
    for broken_after in range(
        3
    ):  # what was read is not asked for again: Telegram forgets it
        wanted = {
            stage.say(f"Lubang nomor {n} di jalan")
            for n in range(2 * stage.page_size + 1)
        }
        seen: set[str] = set()
        pages = 0
        for page in connector.fetch(dict(cursor)):
            pages += 1
            if pages > broken_after:
                break  # the process dies before this page is stored
            seen |= {m.native_id for m in messages(connector, page.items)}
            cursor = page.cursor
        assert pages > broken_after, "the stage gave too little for several pages"
        for _ in range(2):
            ids, cursor = heard(connector, cursor)
            seen |= set(ids)
        assert wanted <= seen


@pytest.mark.parametrize("channel", having("poll", "say", "poison"))
def test_an_item_nobody_can_read_does_not_block_the_others(
    channel: str, play: Any
) -> None:
    stage, connector = play(channel)
    before = stage.say("Lampu jalan mati")
    stage.poison()
    after = stage.say("Got mampet")
    ids, _ = heard(connector)
    assert {before, after} <= set(ids)


@pytest.mark.parametrize("fault", ["500", "429", "html", "cut", "charset", "huge"])
@pytest.mark.parametrize("channel", over_http("poll", "say"))
def test_an_outage_is_tried_later_and_loses_nothing(
    channel: str, fault: Any, play: Any, sandbox: Sandbox
) -> None:
    stage, connector = play(channel)
    said = stage.say("Lampu jalan mati")
    sandbox.fault(fault, endpoint=stage.poll_endpoint, retry_after=7)
    with pytest.raises(TryLater) as refusal:
        heard(connector)
    for secret in secrets_of(connector, stage):
        assert secret not in str(refusal.value)
    sandbox.clear_faults()
    assert said in heard(connector)[0]


@pytest.mark.parametrize("channel", having("poll", "lock_out"))
def test_a_login_that_ended_needs_a_person_and_is_not_printed(
    channel: str, play: Any
) -> None:
    stage, connector = play(channel)
    hidden = secrets_of(connector, stage)
    stage.lock_out()
    with pytest.raises(NeedsLogin) as refusal:
        heard(connector)
    assert not any(secret in str(refusal.value) for secret in hidden)


@pytest.mark.parametrize("channel", having("poll", "say", "edit"))
def test_an_edit_arrives_as_an_edit_of_the_same_thing(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    said = stage.say("Lampu mati di jalan")
    _, cursor = heard(connector)
    stage.edit(said, "Lampu mati di Jalan Sudirman")
    found = [
        m for page in connector.fetch(cursor) for m in messages(connector, page.items)
    ]
    assert any(
        "Sudirman" in (m.text or "") and said in (m.native_id, m.edit_of) for m in found
    )


@pytest.mark.parametrize("channel", having("poll", "say", "remove"))
def test_a_deletion_names_what_was_deleted(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    said = stage.say("Salah kirim")
    _, cursor = heard(connector)
    stage.remove(said)
    found = [
        m for page in connector.fetch(cursor) for m in messages(connector, page.items)
    ]
    assert [m.native_id for m in found if m.kind == "delete"] == [said]


@pytest.mark.parametrize("channel", having("poll", "say_ourselves"))
def test_what_we_say_ourselves_is_recognised(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    ours = stage.say_ourselves("Terima kasih, sedang kami cek")
    found = [m for page in connector.fetch({}) for m in messages(connector, page.items)]
    mine = [m for m in found if m.native_id == ours]
    own_id = connector.check().external_id
    assert all(m.is_own or m.author_id == own_id for m in mine)


# Webhooks


@pytest.mark.parametrize("channel", ALSO_LISTED)
def test_what_is_delivered_and_asked_for_has_one_name(channel: str, play: Any) -> None:
    """So it is one message, whichever comes first."""
    stage, connector = play(channel)
    request = stage.delivery("Pohon tumbang di Jalan Pajajaran")
    delivered = [
        whole
        for item in connector.unpack(request)
        for whole in (connector.expand(item) if is_bare(connector, item) else [item])
    ]
    listed = [item for page in connector.fetch({}) for item in page.items]
    told, asked = (
        {
            (said.scope, said.native_id)
            for said in messages(connector, items)
            if "Pohon tumbang" in (said.text or "")
        }
        for items in (delivered, listed)
    )
    assert told == asked and len(told) == 1


def is_bare(connector: Any, item: base.RawItem) -> bool:
    """A delivery that names ids only."""
    return any(said.needs_fetch for said in connector.normalise(item))


@pytest.mark.parametrize("channel", having("webhook", "delivery"))
def test_a_genuine_delivery_is_believed_and_read(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    request = stage.delivery("Lampu jalan mati")
    assert connector.verify(stage.app(), stage.account(), request) is None
    items = list(connector.unpack(request))
    assert [item.key for item in items] == [
        item.key for item in connector.unpack(request)
    ]
    assert any(
        m.needs_fetch or "Lampu jalan mati" in (m.text or "")
        for m in messages(connector, items)
    )


@pytest.mark.threat("DEL-1")
@pytest.mark.parametrize("channel", having("webhook", "delivery"))
def test_forged_and_changed_deliveries_are_not_believed(
    channel: str, play: Any
) -> None:
    stage, connector = play(channel)
    genuine = stage.delivery("Lampu jalan mati")
    unsigned = {
        name: value
        for name, value in genuine.headers.items()
        if not any(
            word in name for word in ("signature", "secret", "token", "authorization")
        )
    }
    app, account = stage.app(), stage.account()
    with pytest.raises(Untrusted):
        connector.verify(app, account, replace(genuine, headers=unsigned, query={}))
    changed = {
        name: value[:-3] + ("abc" if not value.endswith("abc") else "xyz")
        for name, value in genuine.headers.items()
    }
    with pytest.raises(Untrusted):
        connector.verify(
            app,
            account,
            replace(
                genuine,
                headers=changed,
                query={k: v + "x" for k, v in genuine.query.items()},
            ),
        )


@pytest.mark.parametrize("channel", having("webhook", "sign"))
@pytest.mark.parametrize(
    "body", [b'{"a": "\\u003c\\/b\\u003e"}', '{"jalan": "é"}'.encode(), b""]
)
def test_what_sign_makes_verify_takes_for_this_body_and_no_other(
    channel: str, body: bytes, play: Any
) -> None:
    stage, connector = play(channel)
    app, account, now = stage.app(), stage.account(), datetime.now(UTC)
    headers = connector.sign(app, account, body, now)
    assert {name.lower() for name in headers} == set(headers)
    request = base.Request("POST", headers, {}, body, now)
    assert connector.verify(app, account, request) is None
    if channel not in SIGNED_BY_A_WORD:
        with pytest.raises(Untrusted):
            connector.verify(app, account, replace(request, body=body + b" "))


@pytest.mark.parametrize("channel", having("webhook", "stale_delivery"))
def test_a_delivery_signed_long_ago_is_not_believed(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    with pytest.raises(Untrusted):
        connector.verify(stage.app(), stage.account(), stage.stale_delivery())


@pytest.mark.parametrize("channel", having("webhook", "unknown_delivery"))
def test_a_kind_nobody_has_heard_of_is_taken_and_says_nothing(
    channel: str, play: Any
) -> None:
    stage, connector = play(channel)
    request = stage.unknown_delivery()
    assert connector.verify(stage.app(), stage.account(), request) is None
    said = messages(connector, connector.unpack(request))
    assert [m for m in said if m.kind in base.SAYING] == []


@pytest.mark.parametrize("channel", having("webhook", "challenge"))
def test_a_challenge_is_answered(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    request, answer = stage.challenge()
    assert connector.verify(stage.app(), stage.account(), request) == answer


ASKED = ("crc_token", "hub.challenge", "challenge", "token", "validationToken", "nonce")
"""Where a platform, or somebody who looks like one, may put what it asks us to sign."""
asked_for: st.SearchStrategy[str] = st.one_of(
    st.from_regex(r"[A-Za-z0-9_=-]{1,40}", fullmatch=True),
    st.integers().map(str),
    any_json.map(json.dumps),
    st.text(max_size=60),
)


@pytest.mark.threat("DEL-2")
@pytest.mark.parametrize("channel", having("webhook", "sign"))
@given(asked=asked_for)
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_answer_to_an_anonymous_request_is_a_valid_signature(
    channel: str, asked: str, play: Any
) -> None:
    """Whatever an anonymous caller gets back signs no delivery of theirs."""
    stage, connector = play(channel)
    app, account, now = stage.app(), stage.account(), datetime.now(UTC)
    signed = connector.sign(app, account, b"", now)
    for name in ASKED:
        query = {name: asked, "hub.mode": "subscribe"}
        try:
            answer = connector.verify(
                app, account, base.Request("GET", {}, query, b"", now)
            )
        except Untrusted:
            continue
        told = json.loads(answer) if answer and answer.startswith("{") else {}
        for word in {answer or "", *map(str, told.values())}:
            headers = dict.fromkeys(signed, word)
            forged = base.Request("POST", headers, {}, asked.encode(), now)
            with pytest.raises(Untrusted):
                connector.verify(app, account, forged)


@pytest.mark.parametrize("channel", having("webhook", "sign"))
def test_without_a_secret_nothing_is_believed_and_nothing_signed(
    channel: str, play: Any
) -> None:
    stage, connector = play(channel)
    blank = {
        name: SecretStr("") if isinstance(value, SecretStr) else value
        for name, value in stage.app()
    }
    app = stage.app().model_copy(update=blank)
    account = stage.account()
    if account is not None:
        account = account.model_copy(
            update={
                name: SecretStr("")
                for name, value in account
                if isinstance(value, SecretStr)
            }
        )
    now = datetime.now(UTC)
    headers = connector.sign(app, account, b"{}", now)
    for request in (
        base.Request("POST", headers, {}, b"{}", now),
        base.Request(
            "GET",
            {},
            {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"},
            b"",
            now,
        ),
        base.Request("GET", {}, {"crc_token": "abc"}, b"", now),
    ):
        with pytest.raises(Untrusted):
            connector.verify(app, account, request)


@pytest.mark.parametrize("channel", having("webhook"))
@given(body=st.binary(max_size=200))
@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_a_body_that_is_no_delivery_is_a_bad_item(channel: str, body: bytes) -> None:
    connector: Any = connectors.load(channel)
    try:
        list(connector.unpack(base.Request("POST", {}, {}, body)))
    except BadItem:
        return


# Answers


@pytest.mark.parametrize("channel", having("reply", "answerable", "arrived"))
def test_an_answer_arrives_once_as_previewed(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    reply = base.Reply(
        "k1", "Terima kasih, sedang kami cek.", stage.answerable(), "1008"
    )
    preview = connector.preview(reply)
    assert preview.problem is None
    sent = connector.send(reply)
    assert sent.external_id
    (arrived,) = stage.arrived()
    assert "".join(preview.parts) in arrived or reply.text in arrived


@pytest.mark.parametrize("channel", having("reply", "answerable"))
def test_an_answer_that_is_too_long_is_told_before_it_is_sent(
    channel: str, play: Any
) -> None:
    stage, connector = play(channel)
    limit = connector.preview(base.Reply("k", "a", stage.answerable())).limit
    long = base.Reply("k", "kata " * limit, stage.answerable())
    assert connector.preview(long).problem == "too_long"


@pytest.mark.parametrize("channel", having("reply", "answerable"))
def test_a_file_that_would_not_be_sent_is_told_before(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    photo = base.Upload("lampu.jpg", "image/jpeg", b"\xff\xd8\xff")
    draft = base.Reply("k", "Terima kasih", stage.answerable(), files=(photo,))
    expected = None if channel in SENDS_FILES else "no_files"
    assert connector.preview(draft).problem == expected


@pytest.mark.parametrize("channel", having("reply", "answerable", "late"))
def test_a_closed_window_is_told_before_it_is_sent(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    to = stage.answerable()
    late = stage.late(to)
    draft = base.Reply("k", "Terima kasih", to, now=late)
    assert connector.preview(draft).problem == "window_closed"
    in_time = replace(draft, now=late - timedelta(days=400))
    assert connector.preview(in_time).problem is None


@pytest.mark.parametrize("channel", having("reply", "answerable", "refuse"))
def test_a_refusal_is_for_good_and_says_so(channel: str, play: Any) -> None:
    stage, connector = play(channel)
    to = stage.answerable()
    stage.refuse(to)
    with pytest.raises(Refused):
        connector.send(base.Reply("k", "Terima kasih", to))


@pytest.mark.parametrize("fault", ["cut", "500"])
@pytest.mark.parametrize("channel", over_http("reply", "answerable", "arrived"))
def test_an_answer_without_confirmation_is_unknown_and_can_be_looked_up(
    channel: str, fault: Any, play: Any, sandbox: Sandbox
) -> None:
    stage, connector = play(channel)
    to = stage.answerable()
    sandbox.fault(fault, endpoint=stage.send_endpoint)
    reply = base.Reply("k", "Terima kasih, sedang kami cek.", to)
    with pytest.raises(ConnectorError) as refusal:
        connector.send(reply)
    there = bool(stage.arrived())
    if there:
        assert isinstance(refusal.value, Unknown), (
            "it is there, so trying again would repeat it"
        )
    sandbox.clear_faults()
    if "look_up" in base.abilities(connector):
        found = connector.look_up(reply, datetime.now(UTC) - timedelta(minutes=10))
        assert (found is not None) == there


@pytest.mark.parametrize("channel", over_http("reply", "answerable", "arrived"))
def test_an_answer_that_was_never_taken_is_tried_later(
    channel: str, play: Any, sandbox: Sandbox
) -> None:
    stage, connector = play(channel)
    to = stage.answerable()
    sandbox.fault("429", endpoint=stage.send_endpoint, retry_after=13)
    with pytest.raises(TryLater):
        connector.send(base.Reply("k", "Terima kasih", to))
    assert stage.arrived() == []
