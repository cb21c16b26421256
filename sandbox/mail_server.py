"""What the IMAP and the SMTP server of the sandbox share: listening, lines, planned
faults."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from typing import ClassVar

from sandbox.faults import Fault
from sandbox.mail_state import Post

_MOMENT = 0.02


class Gone(Exception):
    """The client left, or the sandbox ends."""


class Session:
    """One connection. `answer` serves it line by line until `Gone`."""

    protocol: ClassVar[str]

    def __init__(self, post: Post, connection: socket.socket) -> None:
        self.post = post
        self.core = post.core
        self._connection = connection
        self._file = connection.makefile("rb")

    def serve(self) -> None:
        try:
            self.answer()
        except (Gone, OSError):
            return
        finally:
            self._file.close()

    def answer(self) -> None:
        raise NotImplementedError

    def read_line(self) -> bytes:
        line = self._file.readline(1_000_000)
        if not line:
            raise Gone
        return line.rstrip(b"\r\n")

    def read_exactly(self, count: int) -> bytes:
        content = self._file.read(count)
        if len(content) < count:
            raise Gone
        return content

    def waits_for_us(self) -> bool:
        """Whether the client has said something; False after a moment without."""
        ready, _, _ = select.select([self._connection], [], [], _MOMENT)
        return bool(ready)

    def write(self, content: bytes) -> None:
        self._connection.sendall(content)

    def fault(self, command: str, token: str | None) -> Fault | None:
        with self.core.lock:
            return self.core.faults.take(token, f"{self.protocol} {command}")

    def wait_for_the_client_to_leave(self) -> None:
        while self._file.read(1):
            continue
        raise Gone

    def nonsense(self, kind: str) -> None:
        """What no server of this protocol says; then the connection ends."""
        told = {
            "html": b"<html><body><h1>Sebentar ya</h1></body></html>\r\n",
            "charset": b"\xff\xfe\x00\xd8 \xc3\x28\r\n",
            "huge": b"x" * 5_000_000,
        }
        self.write(told[kind])
        raise Gone


class Listener:
    """Accepts on a port of its own until the sandbox ends, one thread a connection."""

    def __init__(self, post: Post, kind: type[Session]) -> None:
        self._post = post
        self._kind = kind
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._run(self._accept)
        self._run(self._close_at_the_end)

    def _run(self, work: Callable[[], None]) -> None:
        name = f"sandbox-{self._kind.protocol.lower()}"
        threading.Thread(target=work, name=name, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed at the end
            with self._lock:
                self._open.add(connection)
            self._run(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._kind(self._post, connection).serve()
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _close_at_the_end(self) -> None:
        self._post.core.stopping.wait()
        # a thread inside accept() is woken by shutdown, not by close
        for each in (self._socket, *self._connections()):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._socket.close()

    def _connections(self) -> list[socket.socket]:
        with self._lock:
            return list(self._open)
