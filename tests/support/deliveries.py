"""Where a platform of the sandbox delivers to: the web address of a program that
believes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.base import Message, Request
from connectors.errors import Untrusted


class Callback(HTTPServer):
    """Verifies deliveries as the program does and keeps what it believes, unless it is
    `down`."""

    def __init__(self, connector: Any, app: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.connector, self.app = connector, app
        self.down = False
        self.bodies: list[bytes] = []
        self.keys: list[str] = []
        self.said: list[Message] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/kait"


class _Handler(BaseHTTPRequestHandler):
    server: Callback

    def do_GET(self) -> None:
        self._take(b"")

    def do_POST(self) -> None:
        self._take(self.rfile.read(int(self.headers["Content-Length"])))

    def _take(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(urlsplit(self.path).query))
        request = Request(self.command, headers, query, body)
        try:
            answer = self.server.connector.verify(self.server.app, None, request)
        except Untrusted:
            self.send_response(403)
            self.end_headers()
            return
        if self.server.down:
            self.send_response(503)
            self.end_headers()
            return
        for item in self.server.connector.unpack(request) if body else ():
            self.server.bodies.append(body)
            self.server.keys.append(item.key)
            self.server.said += self.server.connector.normalise(item)
        self.send_response(200)
        self.end_headers()
        self.wfile.write((answer or "").encode())

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def callback(connector: Any, app: Any) -> Iterator[Callback]:
    """An address that can be registered, until the block is left."""
    served = Callback(connector, app)
    thread = threading.Thread(
        target=served.serve_forever, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    try:
        yield served
    finally:
        served.shutdown()
        thread.join()
        served.server_close()
