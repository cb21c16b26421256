"""Pages made by several processes: what they tell their parent, and what if one
dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet
from ports import own_port

from aggregator.running import page_processes

SECRET, KEY = "kenari-rahasia", Fernet.generate_key().decode()


@pytest.fixture
def address(
    sqlite_url: str, tmp_path: Path
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`sahut web` with two processes of pages, and the program that looks after
    them."""
    port = str(own_port())
    told = {
        "DATABASE_URL": sqlite_url,
        "SAHUT_DATA_DIR": str(tmp_path),
        "SAHUT_PORT": port,
        "SAHUT_PAGE_PROCESSES": "2",
        "SAHUT_OIDC_CLIENT_SECRET": SECRET,
        "SAHUT_SECRET_KEY": KEY,
    }
    sahut = str(Path(sys.executable).with_name("sahut"))
    with subprocess.Popen(  # noqa: S603
        [sahut, "web"],
        env={**os.environ, **told},
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline().startswith("Queue: ")
        yield f"http://127.0.0.1:{port}/masuk", program
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)


def makers(program: subprocess.Popen[str]) -> list[int]:
    """The processes that make pages."""
    listed = (
        Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
    )
    return [
        int(pid)
        for pid in listed
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def wait_until(holds: Callable[[], bool]) -> None:
    """The condition, asked again until the test's own time is over."""
    while not holds():
        threading.Event().wait(0.05)


def is_served(address: str) -> bool:
    try:
        return requests.get(address, timeout=60).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.mark.timeout(300)  # three programs start, one after another
def test_a_maker_of_pages_that_dies_is_replaced_and_none_outlives_its_parent(
    address: tuple[str, subprocess.Popen[str]],
) -> None:
    url, program = address
    wait_until(lambda: len(makers(program)) == 2)
    assert is_served(url)
    seen = "".join(
        Path(f"/proc/{pid}/cmdline").read_text()
        for pid in (program.pid, *makers(program))
    )
    assert "spawn_main" in seen and SECRET not in seen and KEY not in seen
    first, second = makers(program)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(set(makers(program)) - {first, second}) == 1)
    assert is_served(url)
    program.kill()
    wait_until(lambda: not is_served(url))


def test_the_parent_hears_when_pages_can_be_opened_and_when_there_is_work() -> None:
    heard, said = multiprocessing.Pipe(duplex=False)
    told: list[str] = []
    for word in (b"r", b"w", b"r", b"w"):
        said.send_bytes(word)
    said.close()
    page_processes.listen(
        heard, lambda: told.append("wake"), lambda: told.append("announce")
    )
    assert told == ["announce", "wake", "wake"]
