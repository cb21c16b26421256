"""Options: settings of the city that administrators change on the pages.

What nobody has chosen follows the environment, or else the program. Secrets and
addresses are no options: they stay in the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from aggregator import PlainError
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database, table
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import Setting

ROLES = ("admin", "verifikator", "koordinator", "juru_bicara", "pimpinan")


class OptionError(PlainError):
    """A value that an option cannot have. `code` is for screens, `detail` what it
    speaks of."""

    def __init__(self, message: str, code: str, **detail: object) -> None:
        super().__init__(message)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `least` to `most`."""

    name: str
    default: int
    least: int
    most: int

    def read(self, typed: list[str]) -> int:
        text = typed[0].strip() if typed else ""
        if (
            not text.isdecimal()
            or len(text) > 9
            or not self.least <= int(text) <= self.most
        ):
            raise OptionError(
                f"{self.name} is a number from {self.least} to {self.most}",
                "not_in_range",
                least=self.least,
                most=self.most,
            )
        return int(text)


@dataclass(frozen=True, slots=True)
class Roles:
    """Some of the roles, or none."""

    name: str
    default: tuple[str, ...] = ()

    def read(self, typed: list[str]) -> list[str]:
        return [role for role in ROLES if role in typed]


@dataclass(frozen=True, slots=True)
class Carrier:
    """An account of a channel that carries notifications, as channel:handle, or
    none."""

    name: str
    channel: str
    default: str = ""

    def read(self, typed: list[str]) -> str:
        text = typed[0].strip() if typed else ""
        if text and not text.startswith(f"{self.channel}:"):
            raise OptionError(
                f"{text!r} is no account of {self.channel}", "no_such_account"
            )
        return text


Option = Number | Roles | Carrier

CLAIM_MINUTES = Number("claim_minutes", 120, 15, 1440)
SILENT_HOURS = Number("silent_hours", 12, 1, 72)
CODE_ROLES = Roles("code_roles")
DEVICE_DAYS = Number("device_days", 30, 0, 90)
SESSION_DAYS = Number("session_days", 7, 1, 30)
SESSION_IDLE_HOURS = Number("session_idle_hours", 12, 1, 168)
INVITE_DAYS = Number("invite_days", 7, 1, 30)
NOTIFY_TELEGRAM = Carrier("notify_telegram", "telegram")
NOTIFY_EMAIL = Carrier("notify_email", "imap")

EVERY: Mapping[str, Option] = {
    one.name: one
    for one in (
        CLAIM_MINUTES,
        SILENT_HOURS,
        NOTIFY_TELEGRAM,
        NOTIFY_EMAIL,
        CODE_ROLES,
        SESSION_DAYS,
        SESSION_IDLE_HOURS,
        DEVICE_DAYS,
        INVITE_DAYS,
    )
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """An option as it is: `by` and `at` say who chose its value; empty while it is the
    default."""

    option: Option
    value: Any
    default: Any
    by: str | None = None
    at: datetime | None = None


_setting = table(Setting).c
_VALUE = select_rows(_setting.value).where(_setting.name == bindparam("name"))


def number(session: Session, option: Number, default: int | None = None) -> int:
    """`default`: what the environment says."""
    row = session.execute(_VALUE, {"name": option.name}).first()
    return int(row.value) if row else option.default if default is None else default


def roles(session: Session, option: Roles) -> frozenset[str]:
    row = session.get(Setting, option.name)
    return frozenset(row.value if row else option.default)


def carrier(session: Session, option: Carrier, default: str) -> str:
    """`default`: what the environment says."""
    row = session.get(Setting, option.name)
    return str(row.value) if row else default


def listing(database: Database, environment: Mapping[str, Any]) -> list[Chosen]:
    """Every option. `environment`: defaults by name that win over the program's."""
    with database.reading() as session:
        query = (
            select(Setting, Person.name)
            .join(Person, col(Person.id) == col(Setting.person_id), isouter=True)
            .where(col(Setting.name).in_(list(EVERY)))
        )
        rows = {row.name: (row, who) for row, who in session.exec(query)}
    found = []
    for name, option in EVERY.items():
        default = environment.get(name, option.default)
        if name in rows:
            row, who = rows[name]
            found.append(Chosen(option, row.value, default, who or "", row.changed_at))
        else:
            found.append(Chosen(option, default, default))
    return found


def choose(
    database: Database, now: datetime, actor: Actor, name: str, typed: list[str]
) -> None:
    """Use another value from now on. OptionError."""
    option = _named(name)
    value = option.read(typed)
    with database.writing() as session:
        row = session.get(Setting, name)
        before = row.value if row else None
        if row and before == value:
            return
        row = row or Setting(name=name)
        row.value, row.person_id, row.changed_at = value, actor.person_id, now
        session.add(row)
        record(
            session,
            actor,
            "setting_changed",
            "setting",
            0,
            name=name,
            before=before,
            after=value,
        )


def forget(database: Database, actor: Actor, name: str) -> None:
    """Follow the default again. OptionError."""
    _named(name)
    with database.writing() as session:
        row = session.get(Setting, name)
        if row is None:
            return
        record(
            session,
            actor,
            "setting_forgotten",
            "setting",
            0,
            name=name,
            before=row.value,
        )
        session.delete(row)


def _named(name: str) -> Option:
    if name not in EVERY:
        raise OptionError(f"there is no setting {name!r}", "no_such_setting")
    return EVERY[name]
