"""How a long-running process uses Python: memory that stays, threads that take
turns."""

from __future__ import annotations

import gc
import sys

import anyio.to_thread

from aggregator import city

_PAGES_AT_ONCE = 16
"""Threads that make pages. They share one interpreter, and forty would spend the time
on taking turns; but acts that wait for a slow disk must leave some for those who only
read."""
_TURN_SECONDS = 0.001
"""So long a thread may compute while another has its answer from the database: a page
of forty queries would wait forty times the usual 5 ms for its turn."""
_GARBAGE = 10_000
"""Objects made before the collector looks: a page or a message makes some thousands and
leaves few behind."""


def keep_what_is_read() -> None:
    """Read what everything needs (offices, places, procedures, words), and keep it.

    The collector of garbage does not look through it again, and comes less often than
    for a small program. SettingsError, CatalogError, ConfigError.
    """
    city.here().lexicon  # noqa: B018
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def take_turns() -> None:
    """For a process that makes pages; called in its event loop."""
    sys.setswitchinterval(_TURN_SECONDS)
    anyio.to_thread.current_default_thread_limiter().total_tokens = _PAGES_AT_ONCE
