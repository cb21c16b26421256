"""`sahut run` as a process of its own, and what the kernel says it used."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

_READY = re.compile(r"Queue: (\S+).*password: (\S+)")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """`url` of the pages of a running program; its figures are those of all its
    processes."""

    url: str
    pid: int

    def processor_seconds(self) -> float:
        return sum(map(_processor_seconds, self._processes()))

    def megabytes(self) -> float:
        return sum(map(_megabytes, self._processes()))

    def _processes(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [self.pid, *map(int, children.split())]


def _processor_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS


def _megabytes(pid: int) -> float:
    """Of its own: what processes share is counted once for each, as the kernel divides
    it."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    share = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(share.split()[1]) / 1024


@contextlib.contextmanager
def serve(log: Path) -> Iterator[Served]:
    """Started with the environment as it is; stopped in order. What it says goes to
    `log`."""
    port = _free_port()
    command = [str(Path(sys.executable).with_name("sahut")), "run"]
    environment = os.environ | {"SAHUT_PORT": str(port)}
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
    url = f"http://127.0.0.1:{port}"
    try:
        while not answers(url):
            if process.poll() is not None:
                raise SystemExit(
                    f"`sahut run` did not start: {log.read_text()[-2000:]}"
                )
            time.sleep(0.1)
        yield Served(url, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


@contextlib.contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """The address and the password of `sahut demo` in an empty folder, gone at the
    end."""
    sahut = str(Path(sys.executable).with_name("sahut"))
    with tempfile.TemporaryDirectory(
        prefix="sahut-demo-", ignore_cleanup_errors=True
    ) as folder:
        demo = subprocess.Popen(
            [sahut, "demo", "--port", str(_free_port())],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert demo.stdout is not None
            found = _READY.search(demo.stdout.readline())
            if found is None:
                raise SystemExit(
                    "the demonstration did not start; its message stands above"
                )
            yield found[1].rstrip("/"), found[2]
        finally:
            demo.terminate()
            demo.wait(30)


def _free_port() -> int:
    """Several measurements may run at once."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/masuk", timeout=5).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False
