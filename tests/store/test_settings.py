"""What the environment and `.env` say, and what is said back where they are wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.cli.env_example import env_text
from aggregator.store import settings
from aggregator.store.settings import PROGRAMS_CONFIG, Settings, SettingsError


@pytest.fixture
def environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Of a process that starts in an empty folder with nothing set."""
    monkeypatch.chdir(tmp_path)
    nothing: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", nothing)
    _forget()
    yield nothing
    _forget()


def _forget() -> None:
    settings.load.cache_clear()
    settings.app_settings.cache_clear()


def test_the_example_copied_to_env_changes_nothing(environment: dict[str, str]) -> None:
    Path(".env").write_text(env_text(), encoding="utf-8")
    found = settings.load()
    for name, field in Settings.model_fields.items():
        assert getattr(found, name) == field.default, name
    assert found.folder_of_config() == PROGRAMS_CONFIG


def test_settings_of_a_channel_stand_in_env_too(environment: dict[str, str]) -> None:
    Path(".env").write_text("SAHUT_X_CONSUMER_KEY=kunci\n", encoding="utf-8")
    assert settings.app_settings("x").consumer_key.get_secret_value() == "kunci"


def test_the_environment_is_believed_before_env(
    environment: dict[str, str], tmp_path: Path
) -> None:
    environment |= {"SAHUT_PORT": "81", "SAHUT_SECRET_KEY_FILE": str(tmp_path / "key")}
    (tmp_path / "key").write_text("of the file\n", encoding="utf-8")
    Path(".env").write_text("SAHUT_PORT=80\nSAHUT_SECRET_KEY=old\n", encoding="utf-8")
    found = settings.load()
    assert found.port == 81
    assert found.secret_key is not None
    assert found.secret_key.get_secret_value() == "of the file"


def test_env_may_name_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("of the file\n", encoding="utf-8")
    Path(".env").write_text(
        "SAHUT_SECRET_KEY=\nSAHUT_SECRET_KEY_FILE=key\n", encoding="utf-8"
    )
    found = settings.load()
    assert found.secret_key is not None
    assert found.secret_key.get_secret_value() == "of the file"


def test_a_wrong_value_is_named_but_not_shown(environment: dict[str, str]) -> None:
    environment |= {"SAHUT_PORT": "rahasia"}
    with pytest.raises(SettingsError, match=r"SAHUT_PORT: .*integer") as refused:
        settings.load()
    assert "rahasia" not in str(refused.value)


def test_a_named_file_that_is_not_there_stops_the_program(
    environment: dict[str, str],
) -> None:
    environment |= {"SAHUT_SECRET_KEY_FILE": "/nowhere/key"}
    with pytest.raises(SettingsError, match=r"SAHUT_SECRET_KEY_FILE.*/nowhere/key"):
        settings.load()
