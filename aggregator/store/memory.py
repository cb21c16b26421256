"""What a process keeps in its memory of texts it has read or written, and lets go.

Rules and pages remember what they worked out of a text (`lru_cache`). Once a text is
erased nothing may be left of it there either.
"""

from __future__ import annotations

import sys
import threading
from functools import _lru_cache_wrapper
from typing import Any
from weakref import WeakSet

OFTEN_SECONDS = 6 * 3600
ALSO: WeakSet[_lru_cache_wrapper[Any]] = WeakSet()
"""Memories that no module names, such as those of an object."""


def forget() -> None:
    """Let go of whatever is remembered up to a number of times. What is remembered
    without end are settings and files of the configuration: it stays."""
    named = [
        value
        for name, module in list(sys.modules.items())
        if name.startswith("aggregator.")
        for value in list(vars(module).values())
        if isinstance(value, _lru_cache_wrapper)
    ]
    for memory in {*named, *ALSO}:
        if memory.cache_parameters()["maxsize"] is not None:
            memory.cache_clear()


def forget_often() -> None:
    """From now on, as long as the process runs: another one may have erased
    something."""

    def go_on() -> None:
        while True:
            threading.Event().wait(OFTEN_SECONDS)
            forget()

    threading.Thread(target=go_on, name="forget", daemon=True).start()
