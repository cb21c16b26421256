"""What is kept for a time ends then, told before, a little at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from canaries import found_in
from sqlmodel import select

from aggregator.cases import claims, closing
from aggregator.people.viewers import Viewer
from aggregator.privacy import retention
from aggregator.privacy.retention import HELD, Class
from aggregator.store.configfile import ConfigError
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.tables.people import Notification

ROOT = Path(__file__).resolve().parents[2]
Register = Callable[..., Account]
Post = Callable[..., Case | None]
LATER = timedelta(days=100)
SAID = "Lampu di Gg. Kepatihan mati, kata kenari"


def kept_for(name: str, warn: int = 0) -> tuple[Class, ...]:
    return (Class(name=name, days=90, warn_days=warn, basis="a test"),)


@pytest.fixture
def number(
    register: Register, post: Post, budi: Viewer, database: Database, now: datetime
) -> str:
    """Of a case that was closed now."""
    case = post(register("dishub_x", "dishub"), SAID)
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    closing.close(database, now, budi, case.number)
    return case.number


@pytest.mark.threat("PRI-8")
def test_the_file_has_every_class_there_is() -> None:
    names = [one.name for one in retention.load(ROOT / "config")]
    assert sorted(names) == sorted(HELD)


def test_a_class_nobody_knows_is_refused_with_its_line(tmp_path: Path) -> None:
    wrong = "classes:\n  - {name: closed_case, days: 9, basis: a reason}\n"
    (tmp_path / "retention.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"yaml:2(.|\n)*closed_cases"):
        retention.load(tmp_path)


def test_a_city_without_the_file_keeps_everything(tmp_path: Path) -> None:
    assert retention.load(tmp_path) == ()


@pytest.mark.threat("PRI-8")
def test_what_was_said_in_a_case_ends_long_after_it_was_closed(
    number: str, database: Database, now: datetime, tmp_path: Path
) -> None:
    classes = kept_for("closed_cases")
    assert retention.sweep(database, tmp_path, now, classes) == {}
    ended = retention.sweep(database, tmp_path, now + LATER, classes)
    assert ended == {"closed_cases": 1}
    assert found_in(database, "kenari") == []
    with database.reading() as session:
        assert session.exec(select(Case.number)).one() == number


def test_what_arrived_ends_and_the_message_stays(
    number: str, database: Database, now: datetime, tmp_path: Path
) -> None:
    retention.sweep(database, tmp_path, now + LATER, kept_for("raw_events"))
    with database.reading() as session:
        assert session.exec(select(Message.text)).one() == SAID
        (event,) = session.exec(select(RawEvent)).all()
    assert (event.status, event.payload) == ("erased", {})


@pytest.mark.threat("PRI-8")
def test_nothing_goes_before_administrators_were_told(
    number: str,
    join: Callable[..., Viewer],
    database: Database,
    now: datetime,
    tmp_path: Path,
) -> None:
    join("ira", "diskominfo", "admin")
    classes = kept_for("closed_cases", warn=30)
    at = now + LATER
    assert retention.sweep(database, tmp_path, at, classes) == {}
    assert [one.waits for one in retention.due(database, at, classes)] == [True]
    assert retention.warn(database, at, classes) == ["closed_cases"]
    assert retention.warn(database, at + timedelta(days=1), classes) == []
    with database.reading() as session:
        kinds = select(Notification).where(Notification.kind == "retention")
        (told,) = session.exec(kinds).all()
    assert told.data == {"rows": 1, "days": 30}
    assert retention.sweep(database, tmp_path, at, classes) == {}


@pytest.mark.parametrize("name", sorted(set(HELD) - {retention.UNTOLD}))
def test_every_class_can_be_counted_and_ended(
    number: str, database: Database, now: datetime, tmp_path: Path, name: str
) -> None:
    classes = kept_for(name)
    (one,) = retention.due(database, now + LATER, classes)
    ended = retention.sweep(database, tmp_path, now + LATER, classes)
    assert ended.get(name, 0) == one.due
    assert retention.due(database, now + LATER, classes)[0].due == 0


@pytest.mark.threat("PRI-7")
def test_of_secret_cases_nobody_is_told_how_many_end(
    register: Register,
    post: Post,
    join: Callable[..., Viewer],
    database: Database,
    now: datetime,
    tmp_path: Path,
) -> None:
    join("ira", "diskominfo", "admin")
    secret = {"extra": {"rahasia": True}}
    post(register("dishub_x", "dishub"), "Pungli di loket, kenari", **secret)
    with database.writing() as session:
        case = session.exec(select(Case)).one()
        case.status, case.closed_at = "closed", now
    classes = kept_for(retention.UNTOLD)
    (one,) = retention.due(database, now + LATER, classes)
    assert (one.due, one.soon) == (None, None)
    assert retention.warn(database, now + LATER, classes) == []
    retention.sweep(database, tmp_path, now + LATER, classes)
    assert found_in(database, "kenari") == []
