"""A port for a program that a test starts."""

from __future__ import annotations

import itertools
import os
import socket
from contextlib import suppress

_FIRST, _LAST, _OF_A_PROCESS = 10_000, 30_000, 20
_begin = _FIRST + os.getpid() * _OF_A_PROCESS % (_LAST - _FIRST)
_ports = itertools.cycle((*range(_begin, _LAST), *range(_FIRST, _begin)))


def own_port() -> int:
    """A free port below those that the system hands out by itself: so nobody else is
    given it before the program has taken it. Each process of tests counts from a port
    of its own."""
    for port in _ports:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("unreachable: the ports go round")
