"""`sahut env-example`: the settings there are."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

import connectors
from aggregator.cli._common import out
from aggregator.store.settings import Settings


def env_example() -> None:
    """Print .env.example: every setting with its meaning and default."""
    out.print(env_text(), highlight=False, end="")


def env_text() -> str:
    lines = [
        "# Settings of Sahut. Copy to .env; empty lines keep the default.",
        "# NAME_FILE=path reads NAME from a file. Tokens of accounts are not here:",
        "# `sahut accounts add` keeps them encrypted in the database.",
        "",
    ]
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"SAHUT_{name.upper()}")
        lines += _entry(variable, field, field.description or "")
    for channel in sorted(connectors.BUILTIN):
        model = connectors.load(channel).App
        for name, field in model.model_fields.items():
            about = f"{connectors.load(channel).label}: {field.title or name}"
            lines += _entry(f"SAHUT_{channel.upper()}_{name.upper()}", field, about)
    return "\n".join(lines)


def _entry(variable: str, field: FieldInfo, about: str) -> list[str]:
    default: Any = field.default
    shown = "" if default is None or isinstance(default, SecretStr) else str(default)
    return [f"# {about}", f"{variable}={shown}" if shown else f"{variable}=", ""]
