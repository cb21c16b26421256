"""Whether a file holds a virus, as ClamAV's `clamd` says: its INSTREAM command over a
socket of the machine or of the network."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

_SECONDS = 60
_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096


class Unreachable(Exception):
    """No answer that can be relied on: the file waits until there is one."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """`address`: the path of a socket (`/run/clamav/clamd.ctl`) or `host:port`."""

    address: str

    def virus_in(self, content: bytes) -> str | None:
        """The name of what was found; None: nothing. Unreachable."""
        try:
            with self._connected() as connection:
                connection.sendall(b"zINSTREAM\0")
                for at in range(0, len(content), _PIECE):
                    piece = content[at : at + _PIECE]
                    connection.sendall(struct.pack("!I", len(piece)) + piece)
                connection.sendall(struct.pack("!I", 0))
                answer = _read(connection)
        except OSError as error:
            raise Unreachable(
                f"clamd at {self.address} does not answer"
                f" ({error.strerror or type(error).__name__})"
            ) from error
        return _meaning(answer)

    def _connected(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(_SECONDS)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), _SECONDS)


def _read(connection: socket.socket) -> str:
    answer = bytearray()
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        piece = connection.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return bytes(answer).partition(b"\0")[0].decode("utf-8", "replace").strip()


def _meaning(answer: str) -> str | None:
    """`stream: OK`, `stream: NAME FOUND`; anything else is no answer to rely on (a size
    limit of clamd's own is one)."""
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return None
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")[:120]
    raise Unreachable(f"clamd answers {answer[:120]!r}")
