"""The second step of signing in: codes of an authenticator (RFC 6238), recovery codes,
devices.

A device that was remembered needs no code for some days. Secrets are sealed by the
vault; recovery codes and device tokens are kept as digests only.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from pydantic import SecretStr
from sqlmodel import Session, col, select

from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import forget_devices_in
from aggregator.people.tokens import digest
from aggregator.people.viewers import Viewer
from aggregator.store import options
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.people import Device, Person
from aggregator.store.vault import Vault
from connectors.base import Settings

STEP = 30
"""Seconds a code is shown for; the one before and the one after are taken too: clocks
differ."""
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 4
_LONGEST_NAME = 60


class _Sealed(Settings):
    """What the vault keeps of an authenticator."""

    secret: SecretStr


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that is not in use yet: `sealed` for the page that asks for its first
    code."""

    secret: str
    address: str
    sealed: str


def offer(vault: Vault, viewer: Viewer, sealed: str | None = None) -> Offer:
    """A new secret for an authenticator, or the one that was offered before.
    VaultError."""
    if sealed is None:
        secret = pyotp.random_base32()
        sealed = vault.seal(_Sealed(secret=SecretStr(secret)))
    else:
        secret = vault.open(sealed, _Sealed).secret.get_secret_value()
    address = pyotp.TOTP(secret).provisioning_uri(
        name=viewer.login, issuer_name="Sahut"
    )
    return Offer(secret, address, sealed)


def turn_on(
    database: Database,
    vault: Vault,
    now: datetime,
    viewer: Viewer,
    sealed: str,
    code: str,
) -> list[str]:
    """Use an offered secret from now on; the recovery codes, which nobody can see
    again.

    PeopleError `bad_code` where the authenticator does not show the same; `already_on`.
    """
    step = _step(vault.open(sealed, _Sealed), now, code)
    if step is None:
        raise PeopleError("the code does not fit", "bad_code")
    with database.writing() as session:
        person = _locked(session, viewer.id)
        if person.totp:
            raise PeopleError(
                f"{person.login} has an authenticator already", "already_on"
            )
        person.totp, person.totp_step = sealed, step
        record(session, viewer.actor, "second_step_on", "person", viewer.id)
        return _new_codes(person)


def turn_off(
    database: Database, vault: Vault, now: datetime, viewer: Viewer, code: str
) -> None:
    """Password alone from now on; devices are forgotten.

    PeopleError `bad_code`; `code_required` where the role must have a second step.
    """
    with database.writing() as session:
        person = _locked(session, viewer.id)
        if person.role in options.roles(session, options.CODE_ROLES):
            raise PeopleError(f"{person.role} must have a second step", "code_required")
        if not _takes(session, vault, now, person, code):
            raise PeopleError("the code does not fit", "bad_code")
        person.totp, person.totp_step, person.recovery_codes = None, None, []
        forget_devices_in(session, viewer.id)
        record(session, viewer.actor, "second_step_off", "person", viewer.id)


def renew_codes(
    database: Database, vault: Vault, now: datetime, viewer: Viewer, code: str
) -> list[str]:
    """New recovery codes; the old ones end. PeopleError `bad_code`."""
    with database.writing() as session:
        person = _locked(session, viewer.id)
        if not _takes(session, vault, now, person, code):
            raise PeopleError("the code does not fit", "bad_code")
        record(session, viewer.actor, "recovery_codes_renewed", "person", viewer.id)
        return _new_codes(person)


def passes(
    database: Database, vault: Vault, now: datetime, person_id: int, code: str
) -> bool:
    """Whether a code lets this person in. It is used up: the same one is refused the
    next time."""
    with database.writing() as session:
        return _takes(session, vault, now, _locked(session, person_id), code)


def is_required(database: Database, viewer: Viewer) -> bool:
    """Whether the viewer's role must have a second step."""
    with database.reading() as session:
        return viewer.role in options.roles(session, options.CODE_ROLES)


def device_days(database: Database) -> int:
    """How long a device needs no code; 0: none is remembered."""
    with database.reading() as session:
        return options.number(session, options.DEVICE_DAYS)


def remember(
    database: Database, now: datetime, person_id: int, name: str
) -> tuple[str, timedelta] | None:
    """The token of a device that needs no code from now on, and for how long; only its
    digest is kept. None where devices are not remembered."""
    token = secrets.token_urlsafe(32)
    with database.writing() as session:
        lasts = timedelta(days=options.number(session, options.DEVICE_DAYS))
        if not lasts:
            return None
        person = session.get_one(Person, person_id)
        device = Device(
            person_id=person_id,
            token_hash=digest(token),
            name=name[:_LONGEST_NAME],
            created_at=now,
            last_seen_at=now,
            expires_at=now + lasts,
        )
        session.add(device)
        actor = Actor(person.login, person_id)
        record(
            session, actor, "device_remembered", "person", person_id, device=device.name
        )
    return token, lasts


def is_remembered(
    database: Database, now: datetime, person_id: int, token: str
) -> bool:
    with database.writing() as session:
        query = select(Device).where(
            Device.token_hash == digest(token),
            Device.person_id == person_id,
            Device.expires_at > now,
        )
        device = session.exec(query).first()
        if device is not None:
            device.last_seen_at = now
        return device is not None


def devices(database: Database, now: datetime, viewer: Viewer) -> list[Device]:
    """The viewer's remembered devices, the last used first."""
    query = select(Device).where(Device.person_id == viewer.id, Device.expires_at > now)
    with database.reading() as session:
        return list(session.exec(query.order_by(col(Device.last_seen_at).desc())))


def forget(database: Database, viewer: Viewer, device_id: int) -> None:
    """The device needs a code the next time. Somebody else's is left alone."""
    with database.writing() as session:
        device = session.get(Device, device_id)
        if device is None or device.person_id != viewer.id:
            return
        record(
            session,
            viewer.actor,
            "device_forgotten",
            "person",
            viewer.id,
            device=device.name,
        )
        session.delete(device)


def _takes(
    session: Session, vault: Vault, now: datetime, person: Person, typed: str
) -> bool:
    """Use a code of the authenticator or a recovery code up."""
    if person.totp is None:
        return False
    step = _step(vault.open(person.totp, _Sealed), now, typed)
    if step is not None:
        if person.totp_step is not None and step <= person.totp_step:
            return False
        person.totp_step = step
        return True
    used = digest(_tidy(typed))
    if used not in person.recovery_codes:
        return False
    person.recovery_codes = [kept for kept in person.recovery_codes if kept != used]
    left = len(person.recovery_codes)
    actor = Actor(person.login, person.id)
    record(session, actor, "recovery_code_used", "person", person.id, left=left)
    return True


def _step(sealed: _Sealed, now: datetime, typed: str) -> int | None:
    """The time step a code belongs to, near enough to now."""
    code = re.sub(r"\s", "", typed)
    totp = pyotp.TOTP(sealed.secret.get_secret_value())
    this = int(now.timestamp()) // STEP
    fitting = (
        step for step in (this, this - 1, this + 1) if _same(totp.at(step * STEP), code)
    )
    return next(fitting, None)


def _same(expected: str, typed: str) -> bool:
    return secrets.compare_digest(expected.encode(), typed.encode())


def _new_codes(person: Person) -> list[str]:
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    person.recovery_codes = [digest(_tidy(code)) for code in codes]
    return codes


def _random_code() -> str:
    """Sixty bits nearly, in groups one can copy by hand, without letters that look
    alike."""
    groups = (
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def _tidy(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed).lower()


def _locked(session: Session, person_id: int) -> Person:
    query = select(Person).where(Person.id == person_id).with_for_update()
    return session.exec(query).one()
