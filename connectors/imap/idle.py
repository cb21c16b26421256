"""Waiting for new mail over a connection that stays open: IDLE, RFC 2177."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from imap_tools import BaseMailBox

from connectors.errors import TryLater
from connectors.imap import box as mail_box

_LOOK_EVERY = 1.0
_BEGIN_ANEW = 9 * 60.0
"""Far below the half hour after which servers and the boxes between may hang up."""
_NEW = re.compile(rb"^\* \d+ (?:EXISTS|RECENT)\b", re.I)
_ENDED = re.compile(rb"^\* BYE\b", re.I)


def listen(
    box: BaseMailBox, heard: Callable[[], None], stopping: Callable[[], bool]
) -> None:
    """Of the folder that is open; as `connectors.base.Listens`."""
    idle: Any = box.idle
    with mail_box.within(box):
        _, told = box.client.capability()
    if b"IDLE" not in b" ".join(line for line in told if line).upper().split():
        return
    while not stopping():
        with mail_box.within(box):
            idle.start()
        heard()  # what came while nobody listened
        _wait(box, heard, stopping)
        with mail_box.within(box):
            idle.stop()


def _wait(
    box: BaseMailBox, heard: Callable[[], None], stopping: Callable[[], bool]
) -> None:
    until = time.monotonic() + _BEGIN_ANEW
    while not stopping() and time.monotonic() < until:
        began = time.monotonic()
        lines = box.idle.poll(timeout=_LOOK_EVERY)
        if any(_ENDED.match(line) for line in lines):
            raise TryLater("the mailbox ended the connection")
        if any(_NEW.match(line) for line in lines):
            heard()
        elif not lines and time.monotonic() - began < _LOOK_EVERY / 2:
            # imap-tools takes the end of a connection for silence
            raise TryLater("the mailbox broke the connection off")
