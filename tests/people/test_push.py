"""Web Push: encrypted as RFC 8291 says, handed to the service of a browser's maker."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from aggregator.people import invitations, push, sessions, staff
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.people import PushSubscription
from aggregator.store.vault import Vault
from connectors._shared import outside

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
    timeout = 2
    """So long it waits for a client that takes nothing more: the test does not."""

    def do_POST(self) -> None:
        assert isinstance(self.server, Service)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((dict(self.headers), body))
        while self.server.answer == 100:
            try:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            except OSError:
                return
        self.send_response(self.server.answer)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(outside, "is_public", lambda address: True)
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
    assert b"Aduan" not in body
    signature = re.fullmatch(r"vapid t=(\S+), k=(\S+)", headers["Authorization"])
    assert signature is not None
    token, key = signature.groups()
    assert key == push.public_key(vault)
    claims = signed_by(key, token)
    assert claims["aud"] == f"http://127.0.0.1:{service.server_port}"
    assert claims["sub"] == "https://sahut.example"


def signed_by(key: str, token: str) -> dict[str, Any]:
    """What a JSON Web Token says, when the signature is by the owner of `key`."""
    said, _, signature = token.rpartition(".")
    r, s = plain(signature)[:32], plain(signature)[32:]
    whole = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(key))
    public.verify(whole, said.encode(), ec.ECDSA(hashes.SHA256()))
    head, claims = (json.loads(plain(part)) for part in said.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"}
    return dict(claims)


def test_a_browser_that_is_gone_is_forgotten_by_name(
    service: Service, vault: Vault
) -> None:
    service.answer = 410
    with pytest.raises(push.Gone):
        push.send(vault, browser(service), {}, "https://sahut.example")
    service.answer = 500
    with pytest.raises(push.PushError, match="answered 500"):
        push.send(vault, browser(service), {}, "https://sahut.example")


def test_a_service_that_never_comes_to_an_answer_is_given_up(
    service: Service, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every "100 Continue" would begin a time-out of the socket anew."""
    service.answer = 100
    monkeypatch.setattr(push, "_SECONDS", 0.5)
    with pytest.raises(push.PushError, match="too slow"):
        push.send(vault, browser(service), {}, "https://sahut.example")


def test_a_private_network_is_told_nothing(vault: Vault) -> None:
    inside = PushSubscription(
        person_id=1, endpoint="https://10.1.2.3/1", p256dh=RECEIVER, auth=AUTH
    )
    with pytest.raises(push.PushError, match="no public machine"):
        push.send(vault, inside, {}, "https://sahut.example")


def test_a_service_that_sends_elsewhere_is_not_followed(
    service: Service, vault: Vault
) -> None:
    service.answer = 307
    with pytest.raises(push.PushError, match="answered 307"):
        push.send(vault, browser(service), {}, "https://sahut.example")
    assert len(service.taken) == 1


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


@pytest.mark.threat("SES-5")
@pytest.mark.parametrize(
    "end",
    [
        lambda database, now, who: sessions.sign_out_everywhere(database, who.id),
        lambda database, now, who: staff.disable(database, now, SYSTEM, who.login),
        lambda database, now, who: invitations.reset(database, now, SYSTEM, who.login),
    ],
    ids=["signed out everywhere", "disabled", "reset"],
)
def test_a_browser_of_before_is_told_nothing_more(
    database: Database,
    now: datetime,
    budi: Viewer,
    end: Callable[[Database, datetime, Viewer], object],
) -> None:
    """Whoever stole a session may have had it told what its owner is told."""
    push.subscribe(database, now, budi.id, "https://push.example/1", RECEIVER, AUTH)
    assert push.count(database, budi.id) == 1
    end(database, now, budi)
    assert push.count(database, budi.id) == 0
