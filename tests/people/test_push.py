"""Web Push: encrypted as RFC 8291 says, handed to the service of a browser's maker."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from aggregator.people import push
from aggregator.store.db import Database
from aggregator.store.tables.people import PushSubscription
from aggregator.store.vault import Vault

# Appendix A of RFC 8291.
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"  # noqa: E501
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
ENCRYPTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6"
    "TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy"
    "4a-fN"
)


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_example_of_the_standard_is_encrypted_the_same() -> None:
    sender = ec.derive_private_key(int.from_bytes(plain(SENDER), "big"), ec.SECP256R1())
    said = b"When I grow up, I want to be a watermelon"
    assert push.encrypt(said, RECEIVER, AUTH, sender, plain(SALT)) == plain(ENCRYPTED)


class Service(HTTPServer):
    """Takes pushes as the service of a browser's maker does."""

    answer = 201
    taken: list[tuple[dict[str, str], bytes]]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Service)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((dict(self.headers), body))
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(("127.0.0.1", 0), Handler) as server:
        server.taken = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def browser(service: Service) -> PushSubscription:
    endpoint = f"http://127.0.0.1:{service.server_port}/tujuan"
    return PushSubscription(person_id=1, endpoint=endpoint, p256dh=RECEIVER, auth=AUTH)


def test_what_is_told_arrives_sealed_and_signed(service: Service, vault: Vault) -> None:
    push.send(
        vault, browser(service), {"body": "Aduan"}, "https://sahut.example", urgent=True
    )
    ((headers, body),) = service.taken
    assert headers["Content-Encoding"] == "aes128gcm" and headers["Urgency"] == "high"
    assert headers["Authorization"].endswith(f"k={push.public_key(vault)}")
    assert b"Aduan" not in body


def test_a_browser_that_is_gone_is_forgotten_by_name(
    service: Service, vault: Vault
) -> None:
    service.answer = 410
    with pytest.raises(push.Gone):
        push.send(vault, browser(service), {}, "https://sahut.example")
    service.answer = 500
    with pytest.raises(push.PushError, match="answered 500"):
        push.send(vault, browser(service), {}, "https://sahut.example")


def test_only_real_subscriptions_are_kept(
    sqlite_database: Database, now: datetime
) -> None:
    for endpoint in (
        "http://push.example/1",
        "https://127.0.0.1/1",
        "https://localhost/1",
    ):
        with pytest.raises(push.PushError):
            push.subscribe(sqlite_database, now, 1, endpoint, RECEIVER, AUTH)
    with pytest.raises(push.PushError, match="16 bytes"):
        push.subscribe(
            sqlite_database, now, 1, "https://push.example/1", RECEIVER, "AAAA"
        )
