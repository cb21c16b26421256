"""Notifications to browsers by Web Push: RFC 8030, encrypted by RFC 8291, signed by RFC
8292.

The key that signs is derived from the vault's newest key. When that is rotated,
browsers are refused by their makers' services, their subscriptions are forgotten, and
they subscribe again when the page with the switch is opened.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import Session, col, delete, func, select

from aggregator import PlainError
from aggregator.people.sessions import forget_push_in
from aggregator.store.db import Database
from aggregator.store.tables.people import PushSubscription
from aggregator.store.vault import Vault
from connectors import posting

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_RECORD = 4096
_LASTS = 12 * 3600
_SECONDS = 10.0
_GONE = (401, 403, 404, 410)
_POINT = (Encoding.X962, PublicFormat.UncompressedPoint)
_MOST_DEVICES = 10


class PushError(PlainError):
    """A browser cannot be told; says why."""


class Gone(PushError):
    """The subscription has ended: forget it."""


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise PushError("a key of the subscription is not base64url") from error


def _signing_key(vault: Vault) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(vault.derived(b"web push"), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(vault: Vault) -> str:
    """What a browser subscribes with (applicationServerKey)."""
    return _plain(_signing_key(vault).public_key().public_bytes(*_POINT))


def subscribe(
    database: Database,
    now: datetime,
    person_id: int,
    endpoint: str,
    p256dh: str,
    auth: str,
) -> None:
    """Keep a browser's address; it belongs to whoever signed in there last.
    PushError."""
    host = urlsplit(endpoint).hostname or ""
    named = "." in host and not host.replace(".", "").isdecimal()
    if urlsplit(endpoint).scheme != "https" or not named or len(endpoint) > 1000:
        raise PushError(
            "the address of the subscription must be https: and name a public host"
        )
    _receiver(p256dh)
    if len(_bytes(auth)) != 16:
        raise PushError("the secret of the subscription has 16 bytes")
    with database.writing() as session:
        session.exec(
            delete(PushSubscription).where(col(PushSubscription.endpoint) == endpoint)
        )
        if _count(session, person_id) >= _MOST_DEVICES:
            raise PushError(f"at most {_MOST_DEVICES} browsers")
        session.add(
            PushSubscription(
                person_id=person_id,
                endpoint=endpoint,
                p256dh=p256dh,
                auth=auth,
                created_at=now,
            )
        )


def _receiver(p256dh: str) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), _bytes(p256dh)
        )
    except ValueError as error:
        raise PushError("the key of the subscription is no point of P-256") from error


def count(database: Database, person_id: int) -> int:
    with database.reading() as session:
        return _count(session, person_id)


def _count(session: Session, person_id: int) -> int:
    query = select(func.count()).where(PushSubscription.person_id == person_id)
    return int(session.exec(query).one())


def forget(database: Database, person_id: int) -> None:
    """All browsers of a person."""
    with database.writing() as session:
        forget_push_in(session, person_id)


def tell(
    database: Database,
    vault: Vault,
    person_id: int,
    message: dict[str, Any],
    contact: str,
    *,
    urgent: bool = False,
) -> int:
    """Tell every browser of a person; how many took it. PushError where all of them
    failed.

    `contact`: https: or mailto: address of the city, for the services of the browsers'
    makers.
    """
    with database.reading() as session:
        query = select(PushSubscription).where(PushSubscription.person_id == person_id)
        browsers = list(session.exec(query))
    reached, problems = 0, []
    for browser in browsers:
        try:
            send(vault, browser, message, contact, urgent=urgent)
            reached += 1
        except Gone:
            _remove(database, browser)
        except PushError as error:
            problems.append(str(error))
    if not reached and problems:
        raise PushError("; ".join(problems))
    return reached


def _remove(database: Database, browser: PushSubscription) -> None:
    with database.writing() as session:
        session.exec(
            delete(PushSubscription).where(col(PushSubscription.id) == browser.id)
        )


def send(
    vault: Vault,
    browser: PushSubscription,
    message: dict[str, Any],
    contact: str,
    *,
    urgent: bool = False,
) -> None:
    """Hand one message to the service of a browser's maker. PushError, Gone."""
    body = encrypt(
        json.dumps(message).encode(),
        browser.p256dh,
        browser.auth,
        ec.generate_private_key(ec.SECP256R1()),
        os.urandom(16),
    )
    host = urlsplit(browser.endpoint)
    token = _token(vault, f"{host.scheme}://{host.netloc}", contact)
    headers = {
        "Authorization": f"vapid t={token}, k={public_key(vault)}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(_LASTS),
        "Urgency": "high" if urgent else "normal",
    }
    try:
        status = posting.post(browser.endpoint, body, headers, seconds=_SECONDS)
    except posting.Unreachable as error:
        raise PushError(f"{host.netloc} {error}") from error
    if status in _GONE:
        raise Gone(f"{host.netloc} no longer knows this browser")
    if status >= 300:
        raise PushError(f"{host.netloc} answered {status}")


def _token(vault: Vault, audience: str, contact: str) -> str:
    """A JSON Web Token signed with ES256 (RFC 8292)."""
    claims = {"aud": audience, "exp": int(time.time()) + _LASTS, "sub": contact}
    parts = [
        _plain(json.dumps(one).encode())
        for one in ({"typ": "JWT", "alg": "ES256"}, claims)
    ]
    signed = ".".join(parts)
    signature = _signing_key(vault).sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(signature)
    return f"{signed}.{_plain(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def encrypt(
    plain: bytes,
    p256dh: str,
    auth: str,
    sender: ec.EllipticCurvePrivateKey,
    salt: bytes,
) -> bytes:
    """One record of aes128gcm as RFC 8291 section 3.4 makes it."""
    receiver = _receiver(p256dh)
    own = sender.public_key().public_bytes(*_POINT)
    theirs = receiver.public_bytes(*_POINT)
    shared = sender.exchange(ec.ECDH(), receiver)
    secret = _derived(shared, _bytes(auth), b"WebPush: info\0" + theirs + own, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, plain + b"\x02", None)
    return salt + _RECORD.to_bytes(4, "big") + bytes([len(own)]) + own + sealed


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=salt, info=info).derive(secret)
