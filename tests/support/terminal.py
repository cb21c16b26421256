"""The program as a process of its own, without a terminal, in an empty environment.

Each command is forked from a server that has read the modules once: starting Python
anew for every command took longer than the commands.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aggregator.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]

_FORKED = multiprocessing.get_context("forkserver")
_COMMANDS = {f"aggregator.cli.{place.partition(':')[0]}" for _, place, _ in COMMANDS}
_OFTEN = {"aggregator.lab.training", "aggregator.running.upkeep"}
_FORKED.set_forkserver_preload(sorted(_COMMANDS | _OFTEN))


def terminal(folder: Path, database_url: str, **environment: str) -> Run:
    """`run("accounts", "list", given="typed")`; further keywords are environment
    variables."""
    always = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATABASE_URL": database_url,
        "SAHUT_DATA_DIR": str(folder / "var"),
        "SAHUT_CONFIG_DIR": str(ROOT / "config"),
        **environment,
    }

    def call(
        *words: str, given: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        ends = [folder / f".terminal-{name}" for name in ("in", "out", "err")]
        ends[0].write_text(given, encoding="utf-8")
        process = _FORKED.Process(
            target=_command, args=(words, always | more, str(folder), ends)
        )
        process.start()
        process.join()
        said = [end.read_text(encoding="utf-8") for end in ends[1:]]
        for end in ends:
            end.unlink()
        return subprocess.CompletedProcess(words, process.exitcode or 0, *said)

    return call


def _command(
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    ends: Sequence[Path],
) -> None:
    """In the new process: become the program."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, end in enumerate(ends):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(end, flags, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["sahut", *words]

    from aggregator import cli

    cli.main()
