"""Addresses that come from outside lead to public machines only."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from connectors._shared import http, outside
from connectors.errors import Refused, TryLater


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "http://[::1]/x",
        "http://10.1.2.3/x",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1/",
        "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::1]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://2130706433/",
        "http://127.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
    ],
)
def test_a_file_in_a_private_network_is_not_fetched(url: str) -> None:
    with http.session() as client, pytest.raises(Refused) as refusal:
        http.download(client, url, platform="X")
    assert refusal.value.code == "private_address"
    assert url not in str(refusal.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_public_machines_are_public(address: str) -> None:
    assert outside.is_public(address)


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that leads to the public when it is checked and home afterwards."""
    answers = iter(["93.184.215.14", "127.0.0.1"])
    reached: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> list[object]:
        address = (next(answers), port)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(outside, "create_connection", connect)
    with http.session() as client, pytest.raises(TryLater):
        http.download(client, "https://rebind.example/x", platform="X")
    assert reached == ["93.184.215.14"]


class Dripping(BaseHTTPRequestHandler):
    """Gives a byte whenever it is asked for one, and never comes to an end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b".")
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""


def test_a_file_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DOWNLOAD_SECONDS", 0.2)
    with HTTPServer(("127.0.0.1", 0), Dripping) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        with http.session() as client, pytest.raises(TryLater, match="too slowly"):
            http.download(client, f"{url}/x", platform="X", home=url, largest=1 << 40)
        server.shutdown()
        thread.join()


def test_the_host_of_the_settings_may_be_anywhere() -> None:
    with http.session() as client, pytest.raises(Exception, match="cannot be reached"):
        http.download(
            client, "http://127.0.0.1:9/x", platform="X", home="http://127.0.0.1:9"
        )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "soon"},
        {"Retry-After": "-5"},
        {"Retry-After": "²"},
        {"Retry-After": "99999999999"},
        {"x-rate-limit-reset": "never"},
        {"x-rate-limit-reset": "1772430000000"},
    ],
)
def test_a_header_that_cannot_be_right_is_no_time_to_wait(
    headers: dict[str, str],
) -> None:
    assert http.retry_after(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "30"},
        {"x-rate-limit-reset": "1"},
        {"Retry-After": "Mon, 02 Mar 2026 06:00:00 GMT"},
    ],
)
def test_seconds_a_date_and_the_end_of_a_window_are_understood(
    headers: dict[str, str],
) -> None:
    waited = http.retry_after(headers)
    assert waited is not None
    assert 0 <= waited <= 30
