"""Registering many accounts or people from a CSV file: look at every row first, then
save at once.

Accepts what spreadsheets write: a byte order mark, semicolons, CRLF.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import select

import connectors
from aggregator import PlainError
from aggregator.accounts import registry
from aggregator.city.catalog import Catalog
from aggregator.people import staff
from aggregator.people.refusal import PeopleError
from aggregator.store.audit import Actor
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.people import Person
from aggregator.store.vault import Vault
from connectors.base import AccountSettings, Identity
from connectors.errors import ConnectorError

_AT_ONCE = 8
_HANDLE = re.compile(r"^@?[\w.-]{1,64}$")
_ACCOUNT_COLUMNS = {"channel", "handle", "agency"}
_PEOPLE_COLUMNS = {"login", "name", "agency"}
Progress = Callable[[int, int], None]


class ImportRefused(PlainError):
    """The file cannot be read, or has wrong rows and nothing was saved."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file. `outcome`: new, changed, same, wrong; `reason` for the
    last."""

    line: int
    values: dict[str, str]
    outcome: str = "new"
    reason: str = ""
    settings: AccountSettings | None = None
    identity: Identity | None = None

    def wrong(self, reason: str) -> Row:
        return replace(self, outcome="wrong", reason=reason)

    def shown(self) -> dict[str, Any]:
        kept = {
            key: value
            for key, value in self.values.items()
            if not key.startswith("set:")
        }
        return {
            "row": self.line,
            "outcome": self.outcome,
            **kept,
            "reason": self.reason,
        }


def read(path: Path, required: set[str]) -> list[Row]:
    """The rows of a CSV file. ImportRefused when a column is missing."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ImportRefused(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{path}: is not UTF-8; save it as CSV UTF-8") from error
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = ";" if first.count(";") > first.count(",") else ","
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    missing = required - {(name or "").strip() for name in table.fieldnames or []}
    if missing:
        raise ImportRefused(
            f"{path}: the column {', '.join(sorted(missing))} is missing"
        )
    rows = []
    for raw in table:
        extra = raw.pop(None, None)
        values = {
            key.strip(): (value or "").strip() for key, value in raw.items() if key
        }
        row = Row(table.line_num, values)
        rows.append(row.wrong("has more columns than the first line") if extra else row)
    return rows


def plan_accounts(
    database: Database,
    vault: Vault,
    catalog: Catalog,
    path: Path,
    on_progress: Progress = lambda done, total: None,
) -> list[Row]:
    """What an import would do, row by row; asks the platforms, changes nothing."""
    rows = [_check_account(row, catalog) for row in read(path, _ACCOUNT_COLUMNS)]
    rows = _refuse_twins(rows, ("channel", "handle"))
    done = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = []
        for row in pool.map(_ask, rows):
            done += 1
            on_progress(done, len(rows))
            asked.append(row)
    known = {(row.channel, row.external_id): row for row in registry.list_all(database)}
    return [_compare(row, known, vault) for row in asked]


def _check_account(row: Row, catalog: Catalog) -> Row:
    if row.outcome == "wrong":
        return row
    values = {**row.values, "handle": row.values["handle"].removeprefix("@")}
    row = replace(row, values=values)
    if values["channel"] not in connectors.names():
        return row.wrong(
            f"unknown channel {values['channel']!r}; see `accounts channels`"
        )
    if not _HANDLE.match(values["handle"]):
        return row.wrong(
            f"{values['handle']!r} is not a handle (no address, no blanks)"
        )
    problem = _agency_problem(values, catalog)
    if problem:
        return row.wrong(problem)
    if values.get("interval") and not values["interval"].isdigit():
        return row.wrong(f"interval {values['interval']!r} is not a number of seconds")
    return _with_settings(row)


def _agency_problem(values: dict[str, str], catalog: Catalog) -> str | None:
    code = values["agency"]
    if code not in catalog.agencies:
        near = catalog.nearest(code)
        return f"unknown agency {code!r}" + (
            f"; did you mean {near!r}?" if near else ""
        )
    district = values.get("kecamatan")
    if district:
        wanted = catalog.find(district) or catalog.find(f"Kecamatan {district}")
        actual = catalog.kecamatan_of(code)
        if wanted is None or wanted.code != actual:
            name = catalog.name(actual) if actual else "no district"
            return f"{code} lies in {name}, not in {district!r}"
    return None


def _with_settings(row: Row) -> Row:
    channel = row.values["channel"]
    fields = connectors.load(channel).Account.model_fields
    given: dict[str, str] = (
        {"handle": row.values["handle"]} if "handle" in fields else {}
    )
    for column, value in row.values.items():
        name = column.removeprefix("set:")
        if name == column or not value:
            continue
        if name not in fields:
            return row.wrong(f"{channel} has no setting {name!r}")
        secret = "SecretStr" in str(fields[name].annotation)
        if secret and not value.startswith(("@", "env:")):
            return row.wrong(f"{name} holds a secret; write env:VAR or @file instead")
        found = _resolve(value)
        if found is None:
            return row.wrong(f"{name}: {value} is not set or cannot be read")
        given[name] = found
    try:
        return replace(row, settings=registry.parse_settings(channel, given))
    except registry.AccountError as error:
        return row.wrong(str(error))


def _resolve(value: str) -> str | None:
    if value.startswith("env:"):
        return os.environ.get(value[4:])
    if value.startswith("@"):
        try:
            return Path(value[1:]).read_text(encoding="utf-8").strip()
        except OSError:
            return None
    return value


def _refuse_twins(rows: list[Row], columns: tuple[str, ...]) -> list[Row]:
    seen: dict[tuple[str, ...], int] = {}
    checked = []
    for row in rows:
        key = tuple(row.values.get(name, "").lower() for name in columns)
        if row.outcome != "wrong" and key in seen:
            row = row.wrong(f"{columns[-1]} {key[-1]!r} is in row {seen[key]} already")
        seen.setdefault(key, row.line)
        checked.append(row)
    return checked


def _ask(row: Row) -> Row:
    if row.outcome == "wrong" or row.settings is None:
        return row
    try:
        identity = registry.identify(row.values["channel"], row.settings)
    except ConnectorError as error:
        return row.wrong(str(error))
    if identity.handle.lower() != row.values["handle"].lower():
        return row.wrong(f"these credentials belong to @{identity.handle}")
    return replace(row, identity=identity)


def _compare(row: Row, known: dict[tuple[str, str], Account], vault: Vault) -> Row:
    if row.outcome == "wrong" or row.identity is None or row.settings is None:
        return row
    account = known.get((row.values["channel"], row.identity.external_id))
    if account is None:
        return row
    same = (
        account.agency_code == row.values["agency"]
        and bool(account.sealed)
        and vault.open(account.sealed, type(row.settings)) == row.settings
        and row.values.get("interval") in (None, "", str(account.interval))
    )
    return replace(row, outcome="same" if same else "changed")


def save_accounts(
    database: Database,
    vault: Vault,
    now: datetime,
    actor: Actor,
    plan: list[Row],
    *,
    partial: bool,
) -> int:
    """Register the good rows in one transaction; how many. ImportRefused."""
    _refuse_unless(plan, partial)
    good = [row for row in plan if row.outcome in ("new", "changed")]
    with database.writing() as session:
        for row in good:
            assert row.settings is not None and row.identity is not None
            interval = row.values.get("interval")
            registry.register_in(
                session,
                vault,
                now,
                actor,
                channel=row.values["channel"],
                agency=row.values["agency"],
                account_settings=row.settings,
                identity=row.identity,
                interval=int(interval) if interval else None,
            )
    return len(good)


def _refuse_unless(plan: list[Row], partial: bool) -> None:
    wrong = sum(row.outcome == "wrong" for row in plan)
    if wrong and not partial:
        raise ImportRefused(
            f"{wrong} of {len(plan)} rows are wrong, so nothing was saved; correct"
            " them, or use --partial to save the others"
        )


def plan_people(database: Database, catalog: Catalog, path: Path) -> list[Row]:
    """What an import of people would do, row by row."""
    rows = _refuse_twins(read(path, _PEOPLE_COLUMNS), ("login",))
    with database.reading() as session:
        known = {person.login for person in session.exec(select(Person))}
        return [_check_person(row, known, catalog, session) for row in rows]


def _check_person(row: Row, known: set[str], catalog: Catalog, session: Any) -> Row:
    if row.outcome == "wrong":
        return row
    values = row.values
    if values["login"] in known:
        return replace(row, outcome="same", reason="exists already")
    if not values["name"]:
        return row.wrong("the name is empty")
    problem = _agency_problem(values, catalog)
    if problem:
        return row.wrong(problem)
    try:
        staff.check_fields(
            session,
            login=values["login"],
            agency=values["agency"],
            role=values.get("role") or "juru_bicara",
            language=values.get("language") or "id",
        )
    except PeopleError as error:
        return row.wrong(str(error))
    return row


def save_people(
    database: Database, now: datetime, actor: Actor, plan: list[Row], *, partial: bool
) -> dict[str, str]:
    """Invite the new people in one transaction; their one-time tokens by login.
    ImportRefused."""
    _refuse_unless(plan, partial)
    tokens = {}
    with database.writing() as session:
        for row in (row for row in plan if row.outcome == "new"):
            values = row.values
            _, tokens[values["login"]] = staff.add_in(
                session,
                now,
                actor,
                login=values["login"],
                name=values["name"],
                agency=values["agency"],
                role=values.get("role") or "juru_bicara",
                email=values.get("email") or None,
                language=values.get("language") or "id",
            )
    return tokens
