"""Settings of one installation, from the environment and `.env`.

Every setting can also be given as the path of a file in `NAME_FILE` (for secrets of a
service manager); a file that is named but cannot be read stops the program.
"""

from __future__ import annotations

import os
import re
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

import connectors
from aggregator import PlainError
from aggregator.store import discretion
from connectors.base import Settings as ConnectorSettings

ROOT = Path(__file__).resolve().parents[2]
_INSTALLED = ROOT / "aggregator" / "config"
PROGRAMS_CONFIG = _INSTALLED if _INSTALLED.is_dir() else ROOT / "config"
"""The configuration that comes with the program: in the package where it is installed,
beside it in a checkout."""


class SettingsError(PlainError):
    """The environment is incomplete or wrong; the message names the variable and the
    remedy."""


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


class Settings(BaseSettings):
    """Field names are environment variables with the prefix SAHUT_, save
    DATABASE_URL."""

    model_config = SettingsConfigDict(
        env_prefix="SAHUT_",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    database_url: str = Field(
        default="sqlite:///var/sahut.db",
        validation_alias="DATABASE_URL",
        description="sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME",
    )
    data_dir: Path = Field(
        default=Path("var"), description="Photos and the secret key live here"
    )
    config_dir: Path | None = Field(
        default=None,
        description="Folder of agencies.yaml; default ./config, then the program's",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description=(
            "Keys that encrypt account settings, newest first, separated by commas; "
            "made at first start in DATA_DIR/secret.key when empty"
        ),
    )
    backup_recipient: str | None = Field(
        default=None,
        description=(
            "Public key (age1...) backups are encrypted for; empty: that of "
            "DATA_DIR/backup.key, which is made with the first backup"
        ),
    )
    host: str = Field(
        default="127.0.0.1", description="Address the web pages listen on"
    )
    port: int = Field(default=8080, description="Port the web pages listen on")
    public_url: str = Field(
        default="http://127.0.0.1:8080",
        description="Address residents and spokespersons use",
    )
    proxies: str = Field(
        default="",
        description=(
            "Networks of the proxies in front of the pages, separated by commas, such "
            "as 127.0.0.1/32; only they may say whom they ask for (X-Forwarded-For)"
        ),
    )
    security_contact: str = Field(
        default="",
        description=(
            "Where somebody who found a weakness writes, as mailto:ADDRESS or "
            "https://PAGE; told in /.well-known/security.txt"
        ),
    )
    monitor_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description=(
            "What a monitor sends as `Authorization: Bearer TOKEN` to be told by "
            "/healthz why it is red; without it only ok or red is said"
        ),
    )
    claim_minutes: int = Field(
        default=120, description="A claim that goes idle ends after this"
    )
    notify_telegram: str = Field(
        default="",
        description=(
            "Account that tells people of deadlines by Telegram, as channel:handle"
        ),
    )
    notify_email: str = Field(
        default="",
        description="Account that tells people of deadlines, as imap:address",
    )
    oidc_issuer: str = Field(
        default="",
        description=(
            "Provider of the city's own accounts (OpenID Connect), for signing in; "
            "needs the extra sahut[oidc]"
        ),
    )
    oidc_client_id: str = Field(default="", description="What the provider calls Sahut")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="The secret that the provider gave Sahut"
    )
    oidc_name: str = Field(
        default="Akun Kota", description="What the accounts are called on the page"
    )
    page_processes: int = Field(
        default=1,
        ge=1,
        description=(
            "Processes that make the web pages: one a core where a hundred people work"
        ),
    )
    pollers: int = Field(default=16, description="Accounts polled at the same moment")
    picture_mb: int = Field(
        default=20, ge=1, le=200, description="Largest picture that is kept, in MB"
    )
    audio_mb: int = Field(
        default=20, ge=1, le=200, description="Largest recording that is kept, in MB"
    )
    video_mb: int = Field(
        default=64, ge=1, le=500, description="Largest film that is kept, in MB"
    )
    document_mb: int = Field(
        default=30, ge=1, le=200, description="Largest document that is kept, in MB"
    )
    other_mb: int = Field(
        default=10,
        ge=1,
        le=200,
        description="Largest file of any other kind that is kept, in MB",
    )
    clamd: str = Field(
        default="",
        description=(
            "Where ClamAV's clamd listens, which searches files for viruses before "
            "anybody opens them: a path such as /run/clamav/clamd.ctl, or host:port"
        ),
    )

    _config_found: Path | None = PrivateAttr(None)

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for network in _listed(value):
            if ip_network(network).prefixlen == 0:
                raise ValueError(f"{network} is everybody; name the proxies alone")
        return value

    @field_validator("security_contact")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"(?:mailto:|https://)[!-~]+", value):
            raise ValueError("write it as mailto:ADDRESS or https://PAGE")
        return value

    @field_validator("clamd")
    @classmethod
    def _is_a_socket(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not value.startswith("/") and not (host and port.isdecimal()):
            raise ValueError(f"{value!r} is neither a path nor host:port")
        return value

    @property
    def proxy_networks(self) -> list[str]:
        """In CIDR notation."""
        return [str(ip_network(network)) for network in _listed(self.proxies)]

    def folder_of_config(self) -> Path:
        """The folder of config/*.yaml, looked for once. SettingsError lists what was
        tried."""
        if self._config_found is not None:
            return self._config_found
        tried = (
            [self.config_dir] if self.config_dir else [Path("config"), PROGRAMS_CONFIG]
        )
        for folder in tried:
            if (folder / "agencies.yaml").is_file():
                self._config_found = folder.resolve()
                return self._config_found
        places = ", ".join(str(folder.absolute()) for folder in tried)
        raise SettingsError(
            f"no agencies.yaml found; tried {places}. "
            "Set SAHUT_CONFIG_DIR to the folder that has it."
        )


def _read_environment() -> None:
    """Put the files that NAME_FILE variables name, and what `.env` says, into the
    environment of this process. What is set already stays; an empty line of `.env` says
    nothing."""
    _read_named_files()
    try:
        written = dotenv_values(".env")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env cannot be read ({error}); correct it.") from error
    for name, value in written.items():
        if value and _is_ours(name) and not os.environ.get(name):
            _set(name, value, ".env")
    _read_named_files()


def _read_named_files() -> None:
    for name, path in list(os.environ.items()):
        plain = name.removesuffix("_FILE")
        if plain == name or not _is_ours(plain):
            continue
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{name} names {path}, which cannot be read ({error}); "
                f"correct the path or remove {name}."
            ) from error
        if not os.environ.get(plain):
            _set(plain, value, path)


def _set(name: str, value: str, file: str) -> None:
    if "\0" in value:
        raise SettingsError(
            f"{file} has a NUL byte in the value of {name}; write the file anew as"
            " plain text."
        )
    os.environ[name] = value


def _is_ours(variable: str) -> bool:
    return re.fullmatch(r"SAHUT_\w+|DATABASE_URL", variable, re.ASCII) is not None


@cache
def load() -> Settings:
    """The settings of this process, read once. SettingsError."""
    _read_environment()
    try:
        found = Settings()
    except ValidationError as error:
        raise _wrong(error, "SAHUT_") from None
    discretion.note(value for _, value in found)
    return found


def _wrong(error: ValidationError, prefix: str) -> SettingsError:
    """Every variable that is wrong, without its value."""
    wrong = "; ".join(
        f"{_variable(str(item['loc'][0]), prefix)}: {item['msg']}"
        for item in error.errors(include_input=False, include_url=False)
    )
    return SettingsError(
        f"{wrong}. `sahut env-example` prints what each setting means."
    )


def _variable(name: str, prefix: str) -> str:
    """What a setting is called in the environment."""
    return name if name == "DATABASE_URL" else f"{prefix}{name.upper()}"


@cache
def app_settings(channel: str) -> ConnectorSettings:
    """A connector's settings for the whole installation: SAHUT_<CHANNEL>_<FIELD>.
    SettingsError."""
    _read_environment()
    model = connectors.load(channel).App
    prefix = f"SAHUT_{channel.upper()}_"
    values: dict[str, Any] = {
        field: os.environ[prefix + field.upper()]
        for field in model.model_fields
        if os.environ.get(prefix + field.upper())
    }
    try:
        found = model(**values)
    except ValidationError as error:
        raise _wrong(error, prefix) from None
    discretion.note(value for _, value in found)
    return found
