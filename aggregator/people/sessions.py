"""Sessions: who is signed in with which browser, and what ends that.

A browser keeps a random token, the database its digest. A session ends when it is told
to, when nobody uses it, when it is too old, and with every other one of its person when
the person's `epoch` grows.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, bindparam, func, update
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, delete, select

from aggregator.people import readers, viewers
from aggregator.people.tokens import digest
from aggregator.people.viewers import Viewer
from aggregator.store import options
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database, Reads, Utc, table
from aggregator.store.options import Option
from aggregator.store.tables.people import (
    Device,
    Notification,
    Passkey,
    Person,
    PushSubscription,
    UserSession,
)
from aggregator.store.tables.store import Setting

_TIME_FOR_CODE = timedelta(minutes=10)
_PROOF_LASTS = timedelta(minutes=15)
_WRITTEN_EVERY = timedelta(minutes=5)
_REMEMBERED_AFTER_END = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Browser:
    """What a person knows a session by: "Chrome, Android", and where it came from."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A session that goes on. `waits_for_code`: the password was right, which lets
    nobody in yet. `proved_at`: when the viewer last showed who they are."""

    id: int
    viewer: Viewer
    epoch: int
    waits_for_code: bool
    last_seen_at: datetime
    proved_at: datetime

    def is_proved(self, now: datetime) -> bool:
        """Whether that was lately enough for acts that a copied cookie must not
        reach."""
        return now - self.proved_at < _PROOF_LASTS

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether the last use that was written down is long enough ago."""
        return now - self.last_seen_at >= _WRITTEN_EVERY


@dataclass(frozen=True, slots=True)
class Own:
    """A session as its person sees it. `idle_end`: when it ends if nobody uses it;
    `end`: when it ends in any case."""

    row: UserSession
    idle_end: datetime

    @property
    def end(self) -> datetime:
        return self.row.expires_at


def begin(
    database: Database,
    now: datetime,
    person_id: int,
    epoch: int,
    browser: Browser,
    *,
    waits_for_code: bool = False,
    instead_of: str | None = None,
) -> tuple[str, datetime]:
    """A new session: its token, and when it ends at the latest.

    `epoch`: the person's when they showed who they are, so that a reset which came in
    between ends this one too. `instead_of`: token of the session the browser had.
    """
    token = secrets.token_urlsafe(32)
    with database.writing() as session:
        lasts = (
            _TIME_FOR_CODE
            if waits_for_code
            else timedelta(days=options.number(session, options.SESSION_DAYS))
        )
        if instead_of:
            _end_in(session, now, UserSession.token_hash == digest(instead_of))
        session.add(
            UserSession(
                person_id=person_id,
                epoch=epoch,
                token_hash=digest(token),
                name=browser.name,
                source=browser.source,
                waits_for_code=waits_for_code,
                created_at=now,
                last_seen_at=now,
                proved_at=now,
                expires_at=now + lasts,
            )
        )
    return token, now + lasts


def prove(
    database: Database, now: datetime, signed: Signed, way: str
) -> tuple[str, datetime]:
    """The viewer has shown again who they are; the token that opens the session from
    now on, and when it ends at the latest. Whoever has a copy of the one before has
    nothing. `way`: password, code, passkey, provider."""
    token = secrets.token_urlsafe(32)
    with database.writing() as session:
        row = session.get_one(UserSession, signed.id)
        row.token_hash, row.proved_at = digest(token), now
        record(session, signed.viewer.actor, "proved", "person", row.person_id, way=way)
        return token, row.expires_at


_person, _session, _setting = table(Person).c, table(UserSession).c, table(Setting).c
_told = table(Notification).c
_UNREAD: ScalarSelect[Any] = (
    select_rows(func.count())
    .where(
        _told.person_id == _person.id,
        _told.read_at.is_(None),
        readers.may_be_told(_person.id, _person.agency_code),
    )
    .correlate(table(Person))
    .scalar_subquery()
)


def _chosen(option: Option, name: str) -> Any:
    value: ScalarSelect[Any] = (
        select_rows(_setting.value)
        .where(_setting.name == option.name)
        .scalar_subquery()
    )
    return value.label(name)


_OF_TOKEN: Select[Any] = (
    select_rows(
        _person.id,
        _person.login,
        _person.name,
        _person.agency_code,
        _person.role,
        _person.language,
        _person.preferences,
        _person.totp.is_(None).label("without_code"),
        _session.id.label("session_id"),
        _session.epoch,
        _session.waits_for_code,
        _session.last_seen_at,
        _session.proved_at,
        _chosen(options.CODE_ROLES, "code_roles"),
        _chosen(options.SESSION_IDLE_HOURS, "idle_hours"),
        _UNREAD.label("unread"),
        readers.READS_ANY.label("reads_secret"),
    )
    .join_from(
        table(UserSession),
        table(Person),
        (_person.id == _session.person_id) & (_person.epoch == _session.epoch),
    )
    .where(
        _session.token_hash == bindparam("digest"),
        _session.ended_at.is_(None),
        _session.expires_at > bindparam("now", type_=Utc()),
        _person.status == "active",
    )
)
"""What every page asks first, in one query."""


def of_token(source: Reads, now: datetime, token: str) -> Signed | None:
    """The session a browser's token opens, while it goes on."""
    with source.reading() as session:
        row = session.execute(_OF_TOKEN, {"digest": digest(token), "now": now}).first()
    if row is None or now - row.last_seen_at >= _idle(row.idle_hours):
        return None
    needed = options.CODE_ROLES.default if row.code_roles is None else row.code_roles
    owes = bool(row.without_code) and row.role in needed
    return Signed(
        row.session_id,
        viewers.of_row(
            row, owes_code=owes, unread=row.unread, reads_secret=bool(row.reads_secret)
        ),
        row.epoch,
        row.waits_for_code,
        row.last_seen_at,
        row.proved_at,
    )


def _idle(hours: int | None) -> timedelta:
    return timedelta(
        hours=options.SESSION_IDLE_HOURS.default if hours is None else hours
    )


def note_use(database: Database, now: datetime, session_id: int) -> None:
    """Somebody works in this session now."""
    with database.writing(lasting=False) as session:
        used = update(UserSession).where(col(UserSession.id) == session_id)
        session.execute(used.values(last_seen_at=now))


def of_person(database: Database, now: datetime, viewer: Viewer) -> list[Own]:
    """The viewer's sessions that go on, the last used first."""
    with database.reading() as session:
        idle = timedelta(hours=options.number(session, options.SESSION_IDLE_HOURS))
        query = (
            select(UserSession)
            .join(Person, col(Person.id) == col(UserSession.person_id))
            .where(
                UserSession.person_id == viewer.id,
                UserSession.epoch == Person.epoch,
                col(UserSession.ended_at).is_(None),
                col(UserSession.waits_for_code).is_(False),
                UserSession.expires_at > now,
                UserSession.last_seen_at > now - idle,
            )
            .order_by(col(UserSession.last_seen_at).desc(), col(UserSession.id).desc())
        )
        return [Own(row, row.last_seen_at + idle) for row in session.exec(query)]


def end(database: Database, now: datetime, viewer: Viewer, session_id: int) -> None:
    """Sign out of one session. Somebody else's is left alone."""
    with database.writing() as session:
        row = session.get(UserSession, session_id)
        if row is None or row.person_id != viewer.id or row.ended_at is not None:
            return
        row.ended_at = now
        record(
            session, viewer.actor, "session_ended", "person", viewer.id, device=row.name
        )


def end_of_token(database: Database, now: datetime, token: str) -> None:
    """Sign out, whoever it was."""
    with database.writing() as session:
        _end_in(session, now, UserSession.token_hash == digest(token))


def end_others(database: Database, viewer: Viewer, session_id: int) -> None:
    """Every session of the viewer ends but this one."""
    with database.writing() as session:
        end_others_in(session, session.get_one(Person, viewer.id), session_id)
        record(session, viewer.actor, "other_sessions_ended", "person", viewer.id)


def end_others_in(session: Session, person: Person, going_on: int | None) -> None:
    """Inside a transaction of the caller's; `going_on`: the session that stays."""
    person.epoch += 1
    if going_on is not None:
        row = session.get_one(UserSession, going_on)
        assert row.person_id == person.id
        row.epoch = person.epoch


def sign_out_everywhere(database: Database, person_id: int) -> None:
    """Every session ends, no device is remembered and no browser told any more."""
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        end_others_in(session, person, None)
        actor = Actor(person.login, person_id)
        record(session, actor, "signed_out_everywhere", "person", person_id)
        forget_devices_in(session, person_id)
        forget_push_in(session, person_id)


def forget_devices_in(session: Session, person_id: int) -> None:
    """Each of them needs a code again."""
    session.execute(delete(Device).where(col(Device.person_id) == person_id))


def forget_push_in(session: Session, person_id: int) -> None:
    """No browser is told anything more, also one that somebody else subscribed."""
    theirs = col(PushSubscription.person_id) == person_id
    session.execute(delete(PushSubscription).where(theirs))


def forget_passkeys_in(session: Session, person_id: int) -> None:
    """They open nothing any more."""
    session.execute(delete(Passkey).where(col(Passkey.person_id) == person_id))


def forget_old(database: Database, now: datetime) -> None:
    """Sessions that ended a month ago; until then they tell from where somebody
    usually comes."""
    with database.writing(lasting=False) as session:
        old = col(UserSession.expires_at) < now - _REMEMBERED_AFTER_END
        session.execute(delete(UserSession).where(old))


def _end_in(session: Session, now: datetime, which: Any) -> None:
    ended = update(UserSession).where(which, col(UserSession.ended_at).is_(None))
    session.execute(ended.values(ended_at=now))
