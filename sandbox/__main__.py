"""python -m sandbox --port 8799 [--script demo|none] [--form-url URL] [--pace SECONDS]
[--past]"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading

import sandbox
from sandbox.serve import running


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description=sandbox.__doc__
    )
    parser.add_argument("--port", type=int, default=8799, help="0 takes a free one")
    parser.add_argument("--script", choices=("demo", "none"), default="demo")
    parser.add_argument(
        "--form-url", help="page of the report form, for residents without an app"
    )
    parser.add_argument(
        "--pace", type=float, default=3.0, help="seconds between two residents"
    )
    parser.add_argument(
        "--past", action="store_true", help="residents have talked for three days"
    )
    parser.add_argument(
        "--attached", action="store_true", help="end when standard input ends"
    )
    given = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if given.attached:
        threading.Thread(target=_end_with_input, args=(stop,), daemon=True).start()
    try:
        with running(
            port=given.port,
            script=given.script,
            form_url=given.form_url,
            pace=given.pace,
            past=given.past,
        ) as served:
            sys.stdout.write(json.dumps({"url": served.url}) + "\n")
            sys.stdout.flush()
            stop.wait()
    except OSError as error:
        sys.stderr.write(
            f"Port {given.port} cannot be used: {error.strerror}. Try --port 0.\n"
        )
        return 1
    return 0


def _end_with_input(stop: threading.Event) -> None:
    """Whoever started this holds the other end: it closes however that process ends."""
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
