"""Passkeys: keys that a phone, a computer or a security key keeps for a person
(WebAuthn), which no false page can ask for.

The one who holds it proves to their device that it is them, by finger, face or number,
so that a passkey stands for password and second step together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from webauthn.authentication.verify_authentication_response import (
    VerifiedAuthentication,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_client_data_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from aggregator.people import challenges
from aggregator.people.challenges import Asking
from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import Signed
from aggregator.people.viewers import Viewer
from aggregator.store.audit import record
from aggregator.store.db import Database
from aggregator.store.tables.people import Passkey, Person

MOST = 20
LONGEST_NAME = 60
_LONGEST_ANSWER = 20_000
_MILLISECONDS = int(challenges.LASTS.total_seconds() * 1000)
_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Party:
    """For whom a passkey is made: the host of the public address, which browsers call
    the RP ID, and the origin they see."""

    id: str
    origin: str


def party(public_url: str) -> Party | None:
    """None where browsers keep no passkeys: without https, save on localhost, and for
    an address of numbers."""
    address = urlsplit(public_url)
    host = address.hostname or ""
    secure = address.scheme == "https" or host == "localhost"
    if not secure or _is_number(host):
        return None
    return Party(host, f"{address.scheme}://{address.netloc}".lower())


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return not host
    return True


def holder_of(signed: Signed) -> str:
    """Of what is asked in a session."""
    return f"session {signed.id}"


def offer(
    database: Database, now: datetime, of: Party, viewer: Viewer, holder: str
) -> str:
    """What a browser is given to make a passkey with, as JSON (WebAuthn 3, 5.1.8)."""
    known = of_person(database, viewer)
    options = webauthn.generate_registration_options(
        rp_id=of.id,
        rp_name="Sahut",
        user_id=_handle(viewer.id),
        user_name=viewer.login,
        user_display_name=viewer.name,
        challenge=challenges.begin(database, now, Asking("register", holder)),
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_described(known),
    )
    return webauthn.options_to_json(options)


def add(
    database: Database,
    now: datetime,
    of: Party,
    viewer: Viewer,
    holder: str,
    name: str,
    answer: str,
) -> None:
    """Keep the passkey a browser has made. PeopleError `passkey_refused`,
    `too_many_passkeys`."""
    said = _read(answer)
    _take(database, now, Asking("register", holder), said)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=said.challenge,
            expected_rp_id=of.id,
            expected_origin=of.origin,
            require_user_verification=True,
        )
    except Exception as error:  # bytes from outside: whatever the reader stumbles over
        raise _refused(f"it does not verify ({type(error).__name__})") from error
    row = Passkey(
        person_id=viewer.id,
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        name=name.strip()[:LONGEST_NAME],
        created_at=now,
    )
    if len(of_person(database, viewer)) >= MOST:
        raise PeopleError(f"{MOST} passkeys are enough", "too_many_passkeys")
    try:
        with database.writing() as session:
            session.add(row)
            record(
                session,
                viewer.actor,
                "passkey_added",
                "person",
                viewer.id,
                device=row.name,
            )
    except IntegrityError as error:
        raise _refused("it is kept already") from error


def of_person(database: Database, viewer: Viewer) -> list[Passkey]:
    """The viewer's, the oldest first."""
    query = select(Passkey).where(Passkey.person_id == viewer.id).order_by("id")
    with database.reading() as session:
        return list(session.exec(query))


def rename(database: Database, viewer: Viewer, passkey_id: int, name: str) -> None:
    """An empty name changes nothing. Somebody else's is left alone."""
    with database.writing() as session:
        row = _own(session, viewer, passkey_id)
        if row is not None and name.strip():
            row.name = name.strip()[:LONGEST_NAME]


def remove(database: Database, viewer: Viewer, passkey_id: int) -> None:
    """It opens nothing any more. Somebody else's is left alone."""
    with database.writing() as session:
        row = _own(session, viewer, passkey_id)
        if row is None:
            return
        session.delete(row)
        record(
            session,
            viewer.actor,
            "passkey_removed",
            "person",
            viewer.id,
            device=row.name,
        )


def ask(
    database: Database,
    now: datetime,
    of: Party,
    asking: Asking,
    viewer: Viewer | None = None,
) -> str:
    """What a browser is given to ask for a passkey with, as JSON (WebAuthn 3, 5.1.9):
    for one of the viewer's, or for any of this site that it finds."""
    options = webauthn.generate_authentication_options(
        rp_id=of.id,
        challenge=challenges.begin(database, now, asking),
        timeout=_MILLISECONDS,
        allow_credentials=_described(of_person(database, viewer)) if viewer else [],
        user_verification=_VERIFIED,
    )
    return webauthn.options_to_json(options)


def sign_in(
    database: Database, now: datetime, of: Party, holder: str, answer: str
) -> Person:
    """Whose passkey it is. PeopleError `passkey_refused`."""
    person_id = _used(database, now, of, Asking("sign_in", holder), answer)
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        if person.status != "active":
            raise _refused("its person is not active")
        person.last_seen_at = now
        return person


def is_of(
    database: Database,
    now: datetime,
    of: Party,
    viewer: Viewer,
    holder: str,
    answer: str,
) -> bool:
    """Whether the answer shows that it is the viewer."""
    try:
        found = _used(database, now, of, Asking("prove", holder), answer, viewer.id)
    except PeopleError:
        return False
    return found == viewer.id


def _used(
    database: Database,
    now: datetime,
    of: Party,
    asking: Asking,
    answer: str,
    person_id: int | None = None,
) -> int:
    """Whose passkey signed the answer. PeopleError."""
    said = _read(answer)
    _take(database, now, asking, said)
    with database.reading() as session:
        query = select(Passkey).where(Passkey.credential_id == said.credential_id)
        row = session.exec(query).first()
    if row is None or person_id not in (None, row.person_id):
        raise _refused("nobody here, or somebody else, has this passkey")
    verified = _verified(of, said, row)
    if said.handle not in (None, _handle(row.person_id)):
        raise _refused("it names another person")
    used = (
        update(Passkey)
        # two that are answered at one moment with the same count are not both right
        .where(col(Passkey.id) == row.id, col(Passkey.sign_count) == row.sign_count)
        .values(sign_count=verified.new_sign_count, last_used_at=now)
    )
    with database.writing() as session:
        if session.execute(used.returning(col(Passkey.id))).first() is None:
            raise _refused("it was used at the same moment")
    return row.person_id


def _verified(of: Party, said: _Said, row: Passkey) -> VerifiedAuthentication:
    try:
        return webauthn.verify_authentication_response(
            credential=said.answer,
            expected_challenge=said.challenge,
            expected_rp_id=of.id,
            expected_origin=of.origin,
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # bytes from outside: whatever the reader stumbles over
        raise _refused(f"it does not verify ({type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class _Said:
    """What an answer says, before anything of it is believed."""

    answer: str
    challenge: bytes
    credential_id: str
    handle: bytes | None


def _read(answer: str) -> _Said:
    """PeopleError."""
    try:
        said: Any = json.loads(answer[:_LONGEST_ANSWER])
        told = said["response"]
        handle = told.get("userHandle")
        return _Said(
            answer,
            parse_client_data_json(
                base64url_to_bytes(told["clientDataJSON"])
            ).challenge,
            bytes_to_base64url(base64url_to_bytes(said["id"])),
            base64url_to_bytes(handle) if handle else None,
        )
    except Exception as error:  # bytes from outside: whatever the reader stumbles over
        raise _refused(f"it cannot be read ({type(error).__name__})") from error


def _take(database: Database, now: datetime, asking: Asking, said: _Said) -> None:
    """It was asked there and then, and is answered once. PeopleError."""
    if not challenges.take(database, now, asking, said.challenge):
        raise _refused("it was not asked here, or a while ago")


def _handle(person_id: int) -> bytes:
    """What a passkey knows a person by, which names nobody."""
    return f"person {person_id}".encode()


def _described(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id))
        for one in known
    ]


def _own(session: Session, viewer: Viewer, passkey_id: int) -> Passkey | None:
    row = session.get(Passkey, passkey_id)
    return row if row is not None and row.person_id == viewer.id else None


def _refused(why: str) -> PeopleError:
    return PeopleError(f"the passkey was not accepted: {why}", "passkey_refused")
