"""People: invited one by one, no default password, sessions that can be ended."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, delete, func, select

from aggregator.store import options
from aggregator.store.audit import SYSTEM, Actor, record
from aggregator.store.db import Database, table
from aggregator.store.options import ROLES as ROLES
from aggregator.store.tables.cases import Case
from aggregator.store.tables.city import Agency
from aggregator.store.tables.people import Device, Person
from aggregator.store.tables.store import Setting

SEES_EVERY_AGENCY = frozenset({"admin", "verifikator", "koordinator"})
ONLY_READS = frozenset({"pimpinan"})
LANGUAGES = ("id", "en")
SHORTEST_PASSWORD = 10
_BAD_INVITE = ("this link was used or is too old; ask for a new one", "bad_invite")

_hasher = PasswordHasher()


@cache
def _decoy() -> str:
    """What an unknown login is checked against, so that it takes as long as a known
    one."""
    return _hasher.hash(secrets.token_urlsafe(16))


class PeopleError(Exception):
    """Something about a person is wrong; says what and what to do. `code` is for
    screens."""

    def __init__(self, message: str, code: str = "people_error") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person as use cases see them. `theme`: light, dark, or empty for
    their system's. `preferences`: see choices.py, as they were when the page began.

    `owes_code`: their role must have a second step of signing in, and they have none
    yet.
    """

    id: int
    login: str
    name: str
    agency_code: str
    role: str
    language: str
    theme: str = ""
    owes_code: bool = False
    preferences: Mapping[str, Any] = field(
        default_factory=dict, hash=False, compare=False
    )

    @property
    def sees_all(self) -> bool:
        return self.role in SEES_EVERY_AGENCY

    @property
    def may_act(self) -> bool:
        return self.role not in ONLY_READS

    @property
    def actor(self) -> Actor:
        return Actor(self.login, self.id)


def viewer(person: Person) -> Viewer:
    return _viewer(person)


def _viewer(row: Any, *, owes_code: bool = False) -> Viewer:
    """Of a person, or of a row of their columns."""
    assert row.id is not None
    return Viewer(
        row.id,
        row.login,
        row.name,
        row.agency_code,
        row.role,
        row.language,
        theme=str(row.preferences.get("theme", "")),
        preferences=row.preferences,
        owes_code=owes_code,
    )


def digest(token: str) -> str:
    """What is kept of a token that is long enough not to be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _invite(session: Session, person: Person, now: datetime) -> str:
    token = secrets.token_urlsafe(24)
    person.invite_hash = digest(token)
    lasts = timedelta(days=options.number(session, options.INVITE_DAYS))
    person.invite_expires_at = now + lasts
    return token


def check_fields(
    session: Session, *, login: str, agency: str, role: str, language: str
) -> None:
    """PeopleError for the first field that cannot be saved."""
    if not login or login != login.strip().lower() or any(c.isspace() for c in login):
        raise PeopleError(
            f"login {login!r}: use lower-case letters without blanks", "bad_login"
        )
    if role not in ROLES:
        raise PeopleError(
            f"role {role!r} does not exist; choose one of {', '.join(ROLES)}"
        )
    if language not in LANGUAGES:
        raise PeopleError(f"language {language!r} does not exist; choose id or en")
    found = session.get(Agency, agency)
    if found is None or not found.active:
        raise PeopleError(
            f"agency {agency!r} is not in config/agencies.yaml; see `config show`",
            "no_such_agency",
        )


def add(
    database: Database,
    now: datetime,
    actor: Actor,
    *,
    login: str,
    name: str,
    agency: str,
    role: str = "juru_bicara",
    email: str | None = None,
    language: str = "id",
) -> tuple[Person, str]:
    """A new person and the one-time token of the invitation. PeopleError."""
    with database.writing() as session:
        return add_in(
            session,
            now,
            actor,
            login=login,
            name=name,
            agency=agency,
            role=role,
            email=email,
            language=language,
        )


def add_in(
    session: Session,
    now: datetime,
    actor: Actor,
    *,
    login: str,
    name: str,
    agency: str,
    role: str,
    email: str | None,
    language: str,
) -> tuple[Person, str]:
    """`add` inside a transaction of the caller's (an import of many)."""
    check_fields(session, login=login, agency=agency, role=role, language=language)
    if session.exec(select(Person).where(Person.login == login)).first():
        raise PeopleError(
            f"{login} exists already; `people reset {login}` makes a new link",
            "person_exists",
        )
    person = Person(
        login=login,
        name=name,
        agency_code=agency,
        role=role,
        email=email,
        language=language,
    )
    token = _invite(session, person, now)
    session.add(person)
    session.flush()
    assert person.id is not None
    record(session, actor, "invited", "person", person.id, role=role, agency=agency)
    return person, token


def named(session: Session, login: str) -> Person:
    """The person with this login. PeopleError."""
    person = session.exec(select(Person).where(Person.login == login)).first()
    if person is None:
        raise PeopleError(
            f"nobody has the login {login!r}; see `people list`", "no_such_person"
        )
    return person


def list_all(database: Database) -> list[Person]:
    with database.reading() as session:
        return list(
            session.exec(select(Person).order_by(Person.agency_code, Person.login))
        )


def get(database: Database, login: str) -> Person:
    with database.reading() as session:
        return named(session, login)


def disable(database: Database, now: datetime, actor: Actor, login: str) -> None:
    """End every session, refuse sign-in, give open claims back to the queue."""
    with database.writing() as session:
        person = named(session, login)
        _not_oneself(actor, person)
        disable_in(session, actor, person)


def change_role(database: Database, actor: Actor, login: str, role: str) -> None:
    """From the next page on. PeopleError; `own_access` for one's own role."""
    if role not in ROLES:
        raise PeopleError(
            f"role {role!r} does not exist; choose one of {', '.join(ROLES)}"
        )
    with database.writing() as session:
        person = named(session, login)
        _not_oneself(actor, person)
        if person.role == role:
            return
        record(
            session,
            actor,
            "role_changed",
            "person",
            person.id or 0,
            before=person.role,
            after=role,
        )
        person.role = role


def correct(
    database: Database, actor: Actor, login: str, name: str, agency: str
) -> None:
    """Another name or office, from the next page on. PeopleError."""
    if not name:
        raise PeopleError("the name is missing", "no_name")
    with database.writing() as session:
        person = named(session, login)
        check_fields(
            session,
            login=login,
            agency=agency,
            role=person.role,
            language=person.language,
        )
        if (person.name, person.agency_code) == (name, agency):
            return
        record(
            session,
            actor,
            "person_corrected",
            "person",
            person.id or 0,
            before=person.agency_code,
            after=agency,
        )
        person.name, person.agency_code = name, agency


def _not_oneself(actor: Actor, person: Person) -> None:
    """An administrator cannot lock the last administrator out by mistake."""
    if actor.person_id == person.id:
        raise PeopleError("nobody takes away their own access", "own_access")


def disable_in(session: Session, actor: Actor, person: Person) -> None:
    """`disable` inside a transaction of the caller's."""
    assert person.id is not None
    person.status, person.invite_hash = "disabled", None
    person.epoch += 1
    forget_devices_in(session, person.id)
    for case in session.exec(
        select(Case).where(Case.claimed_by == person.id, Case.status != "closed")
    ):
        case.claimed_by = case.claimed_at = case.claim_expires_at = None
        case.version += 1
        assert case.id is not None
        record(session, actor, "released", "case", case.id, because="person disabled")
    record(session, actor, "disabled", "person", person.id)


def reset(database: Database, now: datetime, actor: Actor, login: str) -> str:
    """A new one-time link; the old password, the second step and every session end at
    once.

    The token.
    """
    with database.writing() as session:
        person = named(session, login)
        assert person.id is not None
        person.status, person.password_hash = "invited", None
        person.totp, person.totp_step, person.recovery_codes = None, None, []
        person.epoch += 1
        forget_devices_in(session, person.id)
        token = _invite(session, person, now)
        record(session, actor, "reset", "person", person.id)
        return token


def invited(database: Database, now: datetime, token: str) -> Person | None:
    """Whom an invitation is for, while it is valid."""
    with database.reading() as session:
        person = session.exec(
            select(Person).where(Person.invite_hash == digest(token))
        ).first()
    if (
        person is None
        or person.invite_expires_at is None
        or person.invite_expires_at < now
    ):
        return None
    return person


def accept(database: Database, now: datetime, token: str, password: str) -> Person:
    """Use an invitation up and set the password. PeopleError."""
    known = invited(database, now, token)
    if known is None:
        raise PeopleError(*_BAD_INVITE)
    _check_password(known.login, password)
    hashed = _hasher.hash(password)
    with database.writing() as session:
        person = session.exec(
            select(Person).where(Person.invite_hash == digest(token)).with_for_update()
        ).first()
        if person is None:  # somebody used the same link meanwhile
            raise PeopleError(*_BAD_INVITE)
        person.password_hash, person.status = hashed, "active"
        person.invite_hash = person.invite_expires_at = None
        assert person.id is not None
        record(session, Actor(person.login, person.id), "joined", "person", person.id)
        return person


def change_password(database: Database, person_id: int, old: str, new: str) -> int:
    """Every other session ends; the epoch that this one goes on with.

    PeopleError `wrong_password`, `password_too_short`, `password_has_login`.
    """
    with database.reading() as session:
        known = session.get_one(Person, person_id)
    if not _is_password_of(known, old):
        raise PeopleError("the old password is wrong", "wrong_password")
    _check_password(known.login, new)
    hashed = _hasher.hash(new)
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        person.password_hash = hashed
        person.epoch += 1
        actor = Actor(person.login, person_id)
        record(session, actor, "password_changed", "person", person_id)
        return person.epoch


def _check_password(login: str, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise PeopleError(
            f"the password needs at least {SHORTEST_PASSWORD} characters",
            "password_too_short",
        )
    if login in password.lower():
        raise PeopleError(
            "the password must not contain the login", "password_has_login"
        )


def _is_password_of(person: Person | None, password: str) -> bool:
    """Takes as long for nobody, and for somebody without a password."""
    hashed = (person.password_hash if person else None) or _decoy()
    try:
        _hasher.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return person is not None and person.password_hash is not None


def sign_in(
    database: Database, now: datetime, login: str, password: str
) -> Person | None:
    """The person, or None; takes as long for a login that does not exist."""
    with database.reading() as session:
        person = session.exec(
            select(Person).where(Person.login == login.strip().lower())
        ).first()
    if (
        not _is_password_of(person, password)
        or person is None
        or person.status != "active"
    ):
        return None
    with database.writing() as session:
        stored = session.get_one(Person, person.id)
        stored.last_seen_at = now
        return stored


def sign_in_as(database: Database, now: datetime, address: str) -> Person:
    """The one person with this mail address, which somebody else has proved to be
    theirs; who was invited joins by it. PeopleError `no_such_address`."""
    with database.writing() as session:
        query = select(Person).where(
            func.lower(Person.email) == address.strip().lower(),
            col(Person.status).in_(("active", "invited")),
        )
        found = list(session.exec(query))
        if len(found) != 1:
            raise PeopleError(
                f"{len(found)} people have the address; an administrator can"
                " correct it",
                "no_such_address",
            )
        person = found[0]
        if person.status == "invited":
            person.status, person.invite_hash, person.invite_expires_at = (
                "active",
                None,
                None,
            )
            record(
                session,
                Actor(person.login, person.id),
                "joined",
                "person",
                person.id or 0,
            )
        person.last_seen_at = now
        return person


def note_locked_out(database: Database, login: str) -> None:
    """Somebody tried too often to sign in with this login; a login of nobody leaves no
    line."""
    with database.writing() as session:
        person = session.exec(select(Person).where(Person.login == login)).first()
        if person is not None:
            record(session, SYSTEM, "locked_out", "person", person.id or 0, login=login)


_person, _setting = table(Person).c, table(Setting).c
_OF_SESSION = select_rows(
    _person.id,
    _person.login,
    _person.name,
    _person.agency_code,
    _person.role,
    _person.language,
    _person.preferences,
    _person.totp.is_(None).label("without_code"),
    select_rows(_setting.value)
    .where(_setting.name == options.CODE_ROLES.name)
    .scalar_subquery()
    .label("code_roles"),
).where(
    _person.id == bindparam("person"),
    _person.epoch == bindparam("epoch"),
    _person.status == "active",
)
"""What every page asks first, in one query."""


def of_session(database: Database, person_id: int, epoch: int) -> Viewer | None:
    """Who a session belongs to, while it has not been ended."""
    with database.reading() as session:
        row = session.execute(
            _OF_SESSION, {"person": person_id, "epoch": epoch}
        ).first()
    if row is None:
        return None
    needed = options.CODE_ROLES.default if row.code_roles is None else row.code_roles
    return _viewer(row, owes_code=bool(row.without_code) and row.role in needed)


def sign_out_everywhere(database: Database, person_id: int) -> None:
    """Every session ends, and no device is remembered any more."""
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        person.epoch += 1
        actor = Actor(person.login, person_id)
        record(session, actor, "signed_out_everywhere", "person", person_id)
        forget_devices_in(session, person_id)


def forget_devices_in(session: Session, person_id: int) -> None:
    """Each of them needs a code again."""
    session.execute(delete(Device).where(col(Device.person_id) == person_id))


def set_language(database: Database, person_id: int, language: str) -> None:
    if language not in LANGUAGES:
        raise PeopleError(f"language {language!r} does not exist")
    with database.writing() as session:
        session.get_one(Person, person_id).language = language


def names(database: Database, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    with database.reading() as session:
        rows = session.exec(
            select(Person.id, Person.name).where(col(Person.id).in_(ids))
        )
        return {int(row[0] or 0): row[1] for row in rows}
