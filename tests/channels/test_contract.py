"""Every connector, every promise of connectors/base.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

import connectors
from aggregator.vault import Vault
from connectors import base
from connectors.errors import BadItem

CHANNELS = sorted(connectors.BUILTIN)
SECRET = "hunter2-hunter2-hunter2"
any_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=20,
)


def filled(channel: str) -> base.Settings:
    """Account settings with every secret set to SECRET."""
    model = connectors.load(channel).Account
    values = {
        name: SECRET
        for name, field in model.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    if "handle" in model.model_fields:
        values["handle"] = "kota"
    return model(**values)


def test_the_package_is_ours_and_every_module_is_registered() -> None:
    folder = Path(connectors.__file__).parent
    assert folder.parent == Path(__file__).resolve().parents[2]
    modules = {path.stem for path in folder.glob("[a-z]*.py")} - {"base", "errors"}
    assert {target.split(":")[0].removeprefix("connectors.") for target in
            connectors.BUILTIN.values()} == modules  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
def test_facts_and_abilities_are_declared(channel: str) -> None:
    kind = connectors.load(channel)
    assert kind.label and kind.text_limit > 0 and kind.default_interval > 0
    able = base.abilities(kind)
    assert "reply" in able
    assert ("poll" in able) == hasattr(kind, "fetch")
    for field in (*kind.App.model_fields.values(), *kind.Account.model_fields.values()):
        assert field.title, "a title is the prompt of the command line"


@pytest.mark.parametrize("channel", CHANNELS)
def test_settings_go_through_the_vault_and_leak_no_secret(channel: str) -> None:
    chosen = filled(channel)
    vault = Vault([__import__("cryptography.fernet", fromlist=["Fernet"]).Fernet.generate_key()
                   .decode()])  # fmt: skip
    sealed = vault.seal(chosen)
    assert SECRET not in sealed + repr(chosen) + str(chosen) + chosen.model_dump_json()
    assert vault.open(sealed, type(chosen)) == chosen
    with pytest.raises(ValidationError) as refusal:
        type(chosen)(**{"nonsense": SECRET, "daily_read_budget": SECRET})
    assert SECRET not in str(refusal.value)
    assert any(isinstance(value, SecretStr) for _, value in chosen)


@pytest.mark.parametrize("channel", CHANNELS)
@given(payload=any_json)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_json_gives_messages_or_is_set_aside(channel: str, payload: Any) -> None:
    kind = connectors.load(channel)
    try:
        for item in kind.read_file(payload):
            json.dumps(item.payload)
            for message in kind.normalise(item):
                assert isinstance(message, base.Message)
    except BadItem:
        return


SHAPES = {
    "telegram": {"update_id": 7, "message": {"message_id": 1, "chat": {"id": 5}, "date": 9}},
    "x": {"data": [{"id": "5", "text": "halo"}], "includes": {}},
    "webform": {"submission_id": "s", "text": "halo"},
}


@pytest.mark.parametrize("channel", CHANNELS)
@given(data=st.data())
@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_field_of_the_wrong_kind_breaks_nothing(channel: str, data: Any) -> None:
    """Real shapes with one value anywhere replaced by anything."""
    shape = json.loads(json.dumps(SHAPES[channel]))
    names = ["from", "chat", "text", "photo", "entities", "includes", "date", "data", "id",
             "media", "created_at", "message", "referenced_tweets", "note_tweet", "author_id",
             "submission_id", "users", "location", "attachments"]  # fmt: skip
    name, value = data.draw(st.sampled_from(names)), data.draw(any_json)

    def replace(node: Any) -> None:
        if isinstance(node, dict):
            node[name] = value
            for key, inner in node.items():
                if key != name:
                    replace(inner)
        elif isinstance(node, list):
            for inner in node:
                replace(inner)

    for key in list(shape):
        replace(shape[key])
    kind = connectors.load(channel)
    for item in kind.read_file(shape):
        try:
            list(kind.normalise(item))
        except BadItem:
            continue
