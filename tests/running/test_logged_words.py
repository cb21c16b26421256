"""What residents say stands in no log line and in no reason that is kept: names,
telephones and identity numbers are told by a failing reader, a failing database and a
failing platform."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import fakechannel
import pytest
from sqlalchemy import text
from sqlmodel import select

from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims
from aggregator.intake import ingest, set_aside
from aggregator.people.viewers import Viewer
from aggregator.running.worker import Worker
from aggregator.store import discretion
from aggregator.store.db import Database, DatabaseTrouble
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Notification
from aggregator.store.vault import Vault
from connectors.base import Message, RawItem
from connectors.errors import BadItem, Refused, TryLater

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


@pytest.mark.threat("OUT-6")
def test_who_asks_for_an_odd_address_writes_no_line_of_their_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = "/lacak\r\nERROR root all accounts were disabled\u202e\x1b[2J"
    log.error("%s %s failed", "GET", path)
    (line,) = caplog.messages
    assert line.startswith(r"GET /lacak\r\nERROR root")
    assert line.isprintable()


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


def kept_reasons(database: Database, now: datetime, account: Account) -> list[str]:
    """Of a bug, of an item that cannot be read, and of a delivery that cannot."""
    said = [LookupError(SAID), BadItem(f"no date beside {SAID}")]

    def fails(item: RawItem) -> list[Message]:
        raise said[int(item.key)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fakechannel.Fake, "normalise", staticmethod(fails))
        items = [RawItem(str(n), "fake", {}) for n in range(len(said))]
        new = ingest.receive(database, now, account.id, items).new_ids
        ingest.process(database, now, new)
    ingest.keep_unreadable(database, now, account.id, b"{", f"not JSON: {SAID}")
    found = ingest.events(database, status="failed")
    return [str(one.reason) for one in reversed(found)]


@pytest.mark.sqlite
@pytest.mark.threat("OUT-4")
def test_why_something_was_set_aside_holds_no_word_of_a_person(
    register: Callable[..., Account], database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    bug, *read = kept_reasons(database, now, account)
    assert bug.startswith("LookupError: aggregator.")
    for reason in (bug, *read):
        assert PHONE not in reason and NIK not in reason
    shown = set_aside.listing(database, set_aside.Wanted(), 10)
    assert not [one.reason for one in shown if NAME in one.reason]


@pytest.mark.sqlite
@pytest.mark.threat("OUT-4")
@pytest.mark.parametrize(
    ("where", "failed"),
    [
        ("poll", TryLater(f"the mailbox is busy with {PHONE}, {NIK}")),
        ("poll", KeyError(SAID)),
        ("send", Refused(f"{PHONE} has blocked us, NIK {NIK}")),
        ("send", ValueError(SAID)),
    ],
)
def test_how_accounts_and_answers_fare_holds_no_word_of_a_person(
    register: Callable[..., Account],
    post: Callable[..., Case],
    platform: fakechannel.Platform,
    budi: Viewer,
    database: Database,
    vault: Vault,
    now: datetime,
    tmp_path: Path,
    where: str,
    failed: Exception,
) -> None:
    account = register("dishub_x", "dishub")
    number = str(post(account, "Lampu mati di Gg. Kepatihan").number)
    claims.claim(database, now, budi, number)
    replies.reply(database, now, budi, number, Answer("Kami periksa"), key="k")
    (platform.on_fetch if where == "poll" else platform.on_send).append(failed)
    worker = Worker(database, vault, tmp_path, clock=lambda: now)
    worker.once()
    worker.stop()
    with database.reading() as session:
        row = session.get_one(Account, account.id)
        answer = session.exec(select(Reply)).one()
        told = [one.error for one in session.exec(select(Notification)) if one.error]
    kept = row.last_error if where == "poll" else answer.error
    assert kept
    for word in (PHONE, NIK, NAME):
        assert word not in f"{kept}{told}"


@pytest.mark.parametrize(
    "said",
    [
        "the page 1023456789012345 does not answer",
        "account 17841405793187218 is not known",
        "post 123456789012345_9876543210987654 is gone",
        "https://graph.facebook.com/v25.0/3271014507900003/feed answers 500",
        "object 3271014507900003: gone",
        "phone number id 106540352242922 is not registered",
    ],
)
def test_what_a_platform_calls_something_stays_readable(said: str) -> None:
    """Also where it could be somebody's identity number by its form."""
    assert discretion.said(said) == said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"no date beside {NIK}", "no date beside [nik]"),
        ("KTP 1023456789012345 is no number", "KTP [nik] is no number"),
        ("no KK 3271010101010001", "no KK [kk]"),
        (f"user {PHONE} blocked", "user [phone] blocked"),
        ("<siti@surat.example>: mailbox full", "<[email]>: mailbox full"),
    ],
)
def test_a_number_that_may_be_a_persons_does_not(said: str, told: str) -> None:
    assert discretion.said(said) == told
