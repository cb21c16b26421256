"""A software authenticator: what a phone does with a passkey, for tests of signing in.

It answers what a server asks the way browsers hand it on (WebAuthn 3, 5.1.8 and 5.1.9).
What it is told to say of the origin, the host or its counter it says, so that tests
forge with it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

_PRESENT, _VERIFIED, _HOLDS_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device with one passkey, of `host` and seen by the browser at `origin`."""

    origin: str
    host: str
    count: int = 0
    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    handle: str = ""

    def make(self, asked: str) -> str:
        """The answer to what the server gives for a new passkey."""
        options = json.loads(asked)
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        kept = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        data = self._data(_HOLDS_KEY) + kept
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options["challenge"]),
            attestationObject=encode_cbor(attestation),
        )

    def sign(self, asked: str) -> str:
        """The answer to what the server gives to ask for a passkey."""
        self.count += 1
        data = self._data(0)
        client = self._client("webauthn.get", json.loads(asked)["challenge"])
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(SHA256())),
            userHandle=base64url_to_bytes(self.handle),
        )

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        host = hashlib.sha256(self.host.encode()).digest()
        return host + struct.pack(">BI", flags, self.count)

    def _client(self, type: str, challenge: str) -> bytes:
        said = {"type": type, "challenge": challenge, "origin": self.origin}
        return json.dumps({**said, "crossOrigin": False}).encode()

    def _answer(self, **response: bytes) -> str:
        told: dict[str, Any] = {
            "id": bytes_to_base64url(self.id),
            "rawId": bytes_to_base64url(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
        }
        parts = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({**told, "response": parts})
