"""The sign-in of a platform from a terminal: a browser opens, the answer comes back
here.

Where the browser runs on another machine, the address it ends at (or the code in it) is
pasted.
"""

from __future__ import annotations

import secrets
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import typer

import connectors
from aggregator.cli._common import UsageError, err
from aggregator.store import settings
from connectors.base import Login, SignsIn

PORT = 8765
"""Registered on the platforms as http://127.0.0.1:8765/ (docs/channels)."""

_DONE = "Selesai; kembali ke terminal. / Done; go back to the terminal."


def sign_in(channel: str, *, paste: bool = False) -> dict[str, Any]:
    """Settings of the account somebody signed in to. UsageError where the channel has
    no sign-in, or the answer is not for this sign-in; ConnectorError where the platform
    refuses."""
    connector = connectors.load(channel)
    if not isinstance(connector, SignsIn):
        raise UsageError(
            f"{channel} has no sign-in of its own; give its settings instead"
        )
    app, state = settings.app_settings(channel), secrets.token_urlsafe(24)
    redirect = f"http://127.0.0.1:{PORT}/"
    start = connector.login_start(app, redirect, state)
    err.print("Open this address in a browser and allow access:")
    err.print(start.url, highlight=False)
    answer = _pasted() if paste else _redirected()
    code = _code_of(answer, state)
    return _choose(list(connector.login_finish(app, redirect, code, start.keep)))


def _code_of(answer: str, state: str) -> str:
    """The code in an address or pasted alone. An address must carry the state that was
    sent."""
    if "://" not in answer and "code=" not in answer:
        return answer.strip()
    query = parse_qs(urlsplit(answer).query)
    if "error" in query:
        raise UsageError(f"the platform says: {query['error'][0]}")
    if query.get("state", [""])[0] != state:
        raise UsageError("this answer belongs to another sign-in; begin again")
    if "code" not in query:
        raise UsageError("there is no code in this address; copy all of it")
    return query["code"][0]


def _pasted() -> str:
    return str(
        typer.prompt("Paste the address the browser ends at, or the code", err=True)
    )


def _redirected() -> str:
    """Wait for the browser to come back to this machine."""
    err.print(
        f"Waiting on 127.0.0.1:{PORT} (with --paste: no waiting, paste instead) ..."
    )
    came: list[str] = []
    arrived = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "code=" in self.path or "error=" in self.path:
                came.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write(_DONE.encode())
            if came:
                arrived.set()

        def log_message(self, *_: object) -> None:
            """The address holds a code, so it is not logged."""

    try:
        server = HTTPServer(("127.0.0.1", PORT), Handler)
    except OSError as error:
        raise UsageError(
            f"port {PORT} is taken ({error.strerror}); stop the other program or use"
            " --paste"
        ) from error
    with server:
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while not arrived.is_set():
            server.handle_request()
    return came[0]


def _choose(logins: list[Login]) -> dict[str, Any]:
    if not logins:
        raise UsageError("this sign-in manages no account that Sahut can use")
    if len(logins) == 1:
        return dict(logins[0].settings)
    for number, login in enumerate(logins, 1):
        err.print(f"  {number}. {login.name}")
    chosen = typer.prompt("Which one", type=int, err=True)
    if not 1 <= chosen <= len(logins):
        raise UsageError(f"choose a number from 1 to {len(logins)}")
    return dict(logins[chosen - 1].settings)
