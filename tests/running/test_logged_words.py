"""What residents say stands in no log line: names, telephones and identity numbers are
told to a log by a failing reader, a failing database and a failing page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import fakechannel
import pytest
from sqlalchemy import text

from aggregator.running.worker import Worker
from aggregator.store import discretion
from aggregator.store.db import Database, DatabaseTrouble
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault
from connectors.errors import BadItem

NAME, PHONE, NIK = "Marwah Kenari", "0812-9988-7766", "3271014507900003"
SAID = f"Saya {NAME}, telepon {PHONE}, NIK {NIK}"
log = logging.getLogger("aggregator.try")


@pytest.fixture(autouse=True)
def guarded_logs() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    discretion.guard_logs()
    yield
    logging.setLogRecordFactory(before)


def tells(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [word for word in (NAME, PHONE, NIK) if word in caplog.text]


def parse(value: str) -> None:
    try:
        int(value)
    except ValueError as error:
        raise KeyError(value) from error


def together(value: str) -> None:
    raise ExceptionGroup(value, [ValueError(value), TypeError(value)])


@pytest.mark.threat("OUT-4")
@pytest.mark.parametrize("fails", [parse, together])
def test_a_traceback_tells_where_and_what_sort_but_not_the_words(
    caplog: pytest.LogCaptureFixture, fails: Callable[[str], None]
) -> None:
    try:
        fails(SAID)
    except Exception:
        log.exception("reading failed")
    assert not tells(caplog)
    assert fails.__name__ in caplog.text and "ValueError" in caplog.text


@pytest.mark.threat("OUT-4")
def test_numbers_of_a_person_are_masked_in_what_a_line_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log.error("cannot be read: %s", BadItem(f"no date beside {PHONE} and NIK {NIK}"))
    assert "cannot be read: no date beside [phone] and" in caplog.text
    assert not tells(caplog)


def test_what_is_wrong_with_a_machine_is_told_in_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        raise ConnectionRefusedError(111, "Connection refused")
    except OSError:
        log.exception("sending failed")
    assert "Connection refused" in caplog.text


@pytest.mark.threat("OUT-4")
def test_what_a_database_refuses_is_not_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    statement = text("INSERT INTO account (handle) VALUES (:said)")
    try:
        with database.writing() as session:
            session.execute(statement, {"said": SAID})
    except DatabaseTrouble as error:
        log.exception("the database does not answer")
        log.warning("the database: %s", error)
    assert "IntegrityError" in caplog.text and not tells(caplog)


@pytest.mark.threat("OUT-4")
def test_a_poll_that_meets_a_bug_does_not_tell_what_it_read(
    register: Callable[..., Account],
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    register("dishub_x", "dishub")
    platform.on_fetch = [LookupError(SAID)]
    worker = Worker(database, vault, tmp_path, clock=lambda: now)
    worker.once()
    worker.stop()
    assert "LookupError" in caplog.text and not tells(caplog)
