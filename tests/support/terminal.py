"""The program as its own process, without a terminal, in an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


def terminal(folder: Path, database_url: str, **environment: str) -> Run:
    """`run("accounts", "list", given="typed")`; further keywords are environment variables."""
    always = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATABASE_URL": database_url,
        "SAHUT_DATA_DIR": str(folder / "var"),
        "SAHUT_CONFIG_DIR": str(ROOT / "config"),
        **environment,
    }

    def call(*words: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("sahut")
        return subprocess.run(  # noqa: S603
            [program, *words], env=always | more, input=given, text=True, capture_output=True,
            cwd=folder, check=False,
        )  # fmt: skip

    return call
