"""What the environment and `.env` say, and what is said back where they are wrong."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from odd import few
from odd_settings import env_files

import connectors
from aggregator import PlainError
from aggregator.cli.env_example import env_text
from aggregator.store import settings
from aggregator.store.db import place_of
from aggregator.store.settings import PROGRAMS_CONFIG, Settings, SettingsError


@pytest.fixture
def environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Of a process that starts in an empty folder with nothing set."""
    monkeypatch.chdir(tmp_path)
    nothing = _Environment()
    monkeypatch.setattr(os, "environ", nothing)
    _forget()
    yield nothing
    _forget()


class _Environment(dict[str, str]):
    """Takes what the system's takes."""

    def __setitem__(self, name: str, value: str) -> None:
        if "\0" in name + value or "=" in name:
            raise ValueError("embedded null byte or illegal name")
        super().__setitem__(name, value)


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


def test_a_wrong_setting_of_a_channel_is_named_too(environment: dict[str, str]) -> None:
    environment |= {"SAHUT_IMAP_IMAP_PORT": "rahasia"}
    with pytest.raises(SettingsError, match=r"SAHUT_IMAP_IMAP_PORT: ") as refused:
        settings.app_settings("imap")
    assert "rahasia" not in str(refused.value)


def test_what_the_system_cannot_take_is_named(environment: dict[str, str]) -> None:
    Path(".env").write_bytes(b"SAHUT_PUBLIC_URL=a\0b\n")
    with pytest.raises(SettingsError, match=r"\.env has a NUL .* SAHUT_PUBLIC_URL"):
        settings.load()


def test_a_named_file_that_is_not_there_stops_the_program(
    environment: dict[str, str],
) -> None:
    environment |= {"SAHUT_SECRET_KEY_FILE": "/nowhere/key"}
    with pytest.raises(SettingsError, match=r"SAHUT_SECRET_KEY_FILE.*/nowhere/key"):
        settings.load()


NAMES = ["DATABASE_URL", *(f"SAHUT_{name.upper()}" for name in Settings.model_fields)]
OF_CHANNELS = [
    f"SAHUT_{channel.upper()}_{name.upper()}"
    for channel in connectors.BUILTIN
    for name in connectors.load(channel).App.model_fields
]


@pytest.mark.threat("FIL-3")
@few(60)
@given(written=env_files(NAMES + OF_CHANNELS))
def test_whatever_stands_in_env_is_read_or_told_as_wrong(
    environment: dict[str, str], written: bytes
) -> None:
    environment.clear()
    _forget()
    Path(".env").write_bytes(written)
    with contextlib.suppress(PlainError):
        found = settings.load()
        assert found.proxy_networks is not None
        place_of(found.database_url)
        for channel in connectors.BUILTIN:
            settings.app_settings(channel)
