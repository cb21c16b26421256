"""`sahut worker`, `sahut web` and both as `sahut run`."""

from __future__ import annotations

import signal
import threading

import typer

from aggregator.accounts import registry
from aggregator.cli._common import Installation, err, here, out
from aggregator.running import interpreter, service
from aggregator.running.worker import Worker

app = typer.Typer()


@app.command("run")
def run_worker() -> None:
    """Poll, process and send until told to stop (SIGTERM finishes the running page)."""
    place = here()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    interpreter.keep_what_is_read()
    worker = _worker(place)
    worker.start()
    err.print("The worker runs.")
    stop.wait()
    worker.stop()


@app.command()
def once() -> None:
    """One pass over everything that is due, then end (for cron)."""
    worker = _worker(here())
    done = worker.once()
    worker.stop()
    out.print(
        f"{done.polled} accounts polled ({done.failed} failed), {done.new_events} new, "
        f"{done.processed} processed, {done.sent} answers sent, {done.files} files"
    )
    if done.failed:
        raise typer.Exit(1)


def _worker(place: Installation) -> Worker:
    return Worker.of(place.database, place.vault, place.settings)


def run() -> None:
    """The pages and the background work in one process."""
    _serve(background=True)


def web() -> None:
    """The pages alone; the worker runs elsewhere."""
    _serve(background=False)


def _serve(*, background: bool) -> None:
    place = here()
    if not registry.list_all(place.database):
        err.print(
            "No account is registered yet. Next:\n"
            "  sahut people add LOGIN --name NAME --agency diskominfo --role admin\n"
            "  sahut accounts channels\n"
            "  sahut accounts add CHANNEL --agency CODE"
        )
    service.run(
        place.database,
        place.vault,
        place.settings,
        place.catalog,
        background=background,
        announce=lambda: out.print(f"Queue: {place.settings.public_url}/"),
    )
