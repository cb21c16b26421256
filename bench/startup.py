"""Cold start and memory of `sahut run`, against starting Python with the web framework
alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench._served import Served, answers

RUNS = 3


def run() -> None:
    starts, memory, bare = [], [], []
    for _ in range(RUNS):
        bare.append(_framework_alone())
        with tempfile.TemporaryDirectory() as folder:
            seconds, megabytes = _start(Path(folder))
        starts.append(seconds)
        memory.append(megabytes)
    ratio = sorted(starts)[RUNS // 2] / sorted(bare)[RUNS // 2]
    print(
        f"  first page after {sorted(starts)[RUNS // 2]:.2f} s, {ratio:.1f}x importing"
        " FastAPI and SQLModel alone; resident memory"
        f" {sorted(memory)[RUNS // 2]:.0f} MB"
    )


def _framework_alone() -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "import fastapi, sqlmodel, uvicorn"], check=True
    )
    return time.perf_counter() - began


def _start(folder: Path) -> tuple[float, float]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/sahut.db",
        "SAHUT_DATA_DIR": str(folder),
        "SAHUT_PORT": str(port),
    }
    command = [str(Path(sys.executable).with_name("sahut"))]
    subprocess.run(
        [*command, "db", "upgrade"], env=environment, check=True, capture_output=True
    )
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "run"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        served = Served(f"http://127.0.0.1:{port}", process.pid)
        while not answers(served.url):
            if process.poll() is not None or time.perf_counter() - began > 60:
                raise SystemExit("`sahut run` did not start, so nothing was measured")
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        return seconds, served.megabytes()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


if __name__ == "__main__":
    run()
