"""What a resident takes back is gone from everywhere: a canary in every column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from canaries import found_in
from sqlalchemy import JSON, Column, Date, LargeBinary, String, Table
from sqlmodel import AutoString, Session, SQLModel
from sqlmodel import select as select_model

from aggregator.accounts import attachments, filestore
from aggregator.accounts.filestore import FileStore
from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, notes, privacy
from aggregator.people.viewers import Viewer
from aggregator.privacy import columns, erasure
from aggregator.privacy.columns import RULES
from aggregator.rules.reports.findings import Findings, FoundPlace
from aggregator.rules.text.quotes import ERASED
from aggregator.store import memory
from aggregator.store.db import Database, Utc
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case, Note
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault

Register = Callable[..., Account]
Post = Callable[..., Case | None]
TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}
MODELS: dict[str, Any] = {
    str(mapper.local_table.name): mapper.class_  # type: ignore[attr-defined]
    for mapper in SQLModel._sa_registry.mappers
}
CANARY = "kenari"
SAID = f"Lampu di rumah {CANARY}teks mati, hubungi 0812-5550-1234"
KEPT = {columns.stays, columns.ours, columns.trail, columns.fades}


def kept_as(column: Column[Any]) -> Any:
    """The type of the database, also where a column has one of its own over it."""
    return getattr(column.type, "impl_instance", column.type)


def words_in(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if isinstance(kept_as(column), AutoString | String | JSON | LargeBinary)
    ]


@pytest.mark.threat("PRI-1")
@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_that_can_hold_words_says_what_becomes_of_it(name: str) -> None:
    assert sorted(RULES.get(name, {})) == sorted(
        column.name for column in words_in(TABLES[name])
    ), f"say in privacy/columns.py what becomes of each column of {name}"


def planted() -> Iterator[tuple[str, str]]:
    """Every column whose words have to go."""
    for name, rules in RULES.items():
        for column, rule in rules.items():
            if rule not in KEPT:
                yield name, column


def canary_for(table: str, column: str) -> Any:
    """Words about anything are cleaned of what points to the person alone."""
    rule = RULES[table][column]
    text = f"{CANARY}{table}{column}".replace("_", "")
    if rule in (columns.elsewhere, columns.asked):
        text = f"tanya @{CANARY}pengirim"
    shaped: dict[tuple[str, str], Any] = {
        ("case", "understood"): Findings(
            urgent=(text,), places=(FoundPlace(text, "road", None, False),)
        ),
        ("notification", "data"): {"number": "1", "words": text},
        ("suggestion", "reasons"): [{"code": "place", "value": text, "against": text}],
        ("case_link", "before"): {"status": "new", "had": {"place": text}},
        ("message", "extra"): {"subject": text},
        ("saved_view", "query"): f"q=%40{CANARY}pengirim&status=new",
        ("delivery", "external_id"): f"{CANARY}answer",
        ("reply", "external_id"): f"{CANARY}answer",
        ("reply", "files"): [{"sha256": text, "name": text, "mime": "image/png"}],
        ("draft", "files"): [{"sha256": text, "name": text, "mime": "image/png"}],
    }
    if (table, column) in shaped:
        return shaped[table, column]
    kind = kept_as(TABLES[table].columns[column])
    return {"text": text} if isinstance(kind, JSON) else text


class Planter:
    """Rows of every table around one message, a canary in each column that may hold
    one."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        message: Message,
        case: Case,
        person: Viewer,
    ) -> None:
        self._session, self._now = session, now
        self._ids: dict[str, Any] = {
            "message.id": message.id,
            "case.id": case.id,
            "person.id": person.id,
            "account.id": message.account_id,
            "raw_event.id": message.raw_event_id,
            "agency.code": "bpbd",
        }

    def plant(self) -> None:
        for table in SQLModel.metadata.sorted_tables:
            rules = RULES[table.name]
            if table.name == "message_traits":
                continue  # they are there: of the text
            if table.name == "incident_case" or not KEPT.issuperset(rules.values()):
                self._row(table)

    def _row(self, table: Table) -> None:
        known = {"message", "case", "raw_event"}
        if table.name in known:
            row = self._session.get_one(
                MODELS[table.name], self._ids[f"{table.name}.id"]
            )
        else:
            row = MODELS[table.name](**self._needed(table))
        for column, rule in RULES[table.name].items():
            if rule not in KEPT:
                setattr(row, column, canary_for(table.name, column))
        if table.name == "audit_entry":
            row.salts = {"text": "00"}
        self._session.add(row)
        self._session.flush()
        if "id" in table.columns:
            self._ids.setdefault(f"{table.name}.id", row.id)

    def _needed(self, table: Table) -> dict[str, Any]:
        return {
            column.name: self._value(column)
            for column in table.columns
            if column.name != "id" or not column.primary_key
        } | {"id": None}

    def _value(self, column: Column[Any]) -> Any:
        for key in column.foreign_keys:
            return self._ids.get(key.target_fullname)
        if isinstance(kept_as(column), JSON):
            return {}
        if column.name == "channel":
            return "fake"
        if isinstance(column.type, Utc):
            return self._now + timedelta(seconds=1)
        if isinstance(column.type, Date):
            return self._now.date()
        return "1" if isinstance(column.type, AutoString | String) else 1


def files_with(folder: Path, needle: str) -> list[str]:
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and needle.encode() in path.read_bytes()
    ]


@pytest.mark.threat("PRI-1")
def test_a_canary_in_every_column_is_gone_after_the_sender_deletes(
    register: Register,
    post: Post,
    dewi: Viewer,
    database: Database,
    database_url: str,
    now: datetime,
    tmp_path: Path,
) -> None:
    account = register("dishub_x", "dishub")
    sender = {"author_id": f"{CANARY}id", "author_name": f"{CANARY} Pengirim"}
    sender["author_handle"] = f"{CANARY}pengirim"
    case = post(account, SAID, native_id=f"{CANARY}1", **sender)
    assert case is not None
    with database.writing() as session:
        message = session.exec(select_model(Message)).one()
        planter = Planter(session, now, message, case, dewi)
        planter.plant()
        message.author_handle = f"{CANARY}pengirim"
        message.deleted_at = now
    before = found_in(database, CANARY)
    bare = [
        f"{table}.{column}"
        for table, column in planted()
        if RULES[table][column] is not columns.gone
        and not any(one.startswith(f"{table}.{column}:") for one in before)
    ]
    assert bare == []
    erasure.sweep(database, tmp_path, now)
    assert found_in(database, CANARY) == []
    database.leave_no_trace()
    if database.is_sqlite:
        folder = Path(str(database.url.database)).parent
        assert files_with(folder, CANARY) == []


def text_of(database: Database, table: Any) -> list[str | None]:
    with database.reading() as session:
        return [row.text for row in session.exec(select_model(table))]


@pytest.mark.threat("PRI-2")
def test_what_arrives_again_after_its_erasure_is_known_and_erased_again(
    register: Register, post: Post, database: Database, now: datetime, tmp_path: Path
) -> None:
    account = register("dishub_x", "dishub")
    post(account, SAID, native_id="1")
    post(account, None, native_id="1", kind="delete")
    erasure.sweep(database, tmp_path, now)
    post(account, SAID, native_id="1", key="by another route")
    post(account, f"{SAID} sekali", native_id="1", kind="edit", key="an edit")
    erasure.sweep(database, tmp_path, now)
    assert found_in(database, CANARY) == []
    with database.reading() as session:
        (case,) = session.exec(select_model(Case)).all()
        assert (case.number is not None, case.message_count) == (True, 1)
        events = session.exec(select_model(RawEvent)).all()
    assert all((one.status, one.payload) == ("erased", {}) for one in events)


@pytest.mark.threat("PRI-2")
def test_a_deletion_that_comes_before_its_message_erases_it_when_it_comes(
    register: Register, post: Post, database: Database, now: datetime, tmp_path: Path
) -> None:
    account = register("dishub_x", "dishub")
    post(account, None, native_id="1", kind="delete")
    erasure.sweep(database, tmp_path, now)
    post(account, SAID, native_id="1")
    erasure.sweep(database, tmp_path, now)
    assert found_in(database, CANARY) == []


@pytest.mark.threat("PRI-2")
def test_an_answer_to_what_was_erased_stays_in_its_case(
    register: Register, post: Post, database: Database, now: datetime, tmp_path: Path
) -> None:
    account = register("dishub_x", "dishub")
    first = post(account, SAID, native_id="1")
    post(account, None, native_id="1", kind="delete")
    erasure.sweep(database, tmp_path, now)
    again = post(account, "Saya juga", native_id="2", parent_id="1", author_id="ani")
    assert first is not None and again is not None and first.id == again.id


@pytest.mark.threat("PRI-3")
def test_what_others_said_in_the_case_stays_and_notes_lose_what_they_quote(
    register: Register,
    post: Post,
    budi: Viewer,
    database: Database,
    now: datetime,
    tmp_path: Path,
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, f"Lampu {CANARY} mati di rumah saya", native_id="1")
    also = "Lampu mati juga di depan balai warga"
    post(account, also, native_id="2", parent_id="1", author_id="ani")
    assert case is not None and case.number is not None
    said = f"Petugas berangkat jam 9. Kata Siti: lampu {CANARY} mati di rumah saya."
    notes.add_note(database, now, budi, case.number, said)
    post(account, None, native_id="1", kind="delete")
    erasure.sweep(database, tmp_path, now)
    assert sorted(text_of(database, Message), key=str) == [also, None]
    assert text_of(database, Note) == ["Petugas berangkat jam 9. Kata [dihapus]."]


@pytest.mark.threat("PRI-4")
def test_a_photo_leaves_the_disk_unless_another_message_has_the_same(
    register: Register,
    post: Post,
    database: Database,
    now: datetime,
    tmp_path: Path,
    picture: bytes,
) -> None:
    account = register("dishub_x", "dishub")
    kept = filestore.keep_photo(tmp_path, picture)
    path = filestore.path_of(tmp_path, kept.sha256)
    media = [{"type": "photo", "ref": {"sha256": kept.sha256}}]
    post(account, "Lubang di Jalan Pemuda", native_id="1", media=media)
    post(account, "Ini lubangnya", native_id="2", media=media, author_id="ani")
    post(account, None, native_id="1", kind="delete")
    erasure.sweep(database, tmp_path, now)
    assert path.exists()
    post(account, None, native_id="2", kind="delete")
    erasure.sweep(database, tmp_path, now)
    assert not path.exists()


@pytest.mark.threat("PRI-4")
def test_a_photo_that_comes_while_its_message_is_erased_is_not_kept(
    register: Register,
    post: Post,
    database: Database,
    vault: Vault,
    platform: fakechannel.Platform,
    now: datetime,
    tmp_path: Path,
    picture: bytes,
) -> None:
    class Slow(dict[str, bytes]):
        """Meanwhile the message is erased."""

        def __getitem__(self, path: str) -> bytes:
            erasure.erase(database, tmp_path, now, [1])
            return picture

    platform.files = Slow()
    media = [{"type": "photo", "native_id": "f1", "ref": {"path": "a.jpg"}}]
    post(register("dishub_x", "dishub"), SAID, native_id="1", media=media)
    (waiting,) = attachments.due(database, now)
    assert (
        attachments.fetch(database, vault, FileStore(tmp_path), now, waiting)
        == "erased"
    )
    assert [one for one in tmp_path.rglob("media/*/*") if one.is_file()] == []


@pytest.mark.threat("PRI-4")
def test_what_was_set_aside_unread_is_erased_with_its_message(
    register: Register, post: Post, database: Database, now: datetime, tmp_path: Path
) -> None:
    account = register("dishub_x", "dishub")
    post(account, SAID, native_id="fake-000001", broken=True)
    post(account, SAID, native_id="fake-000002", broken=True)
    post(account, None, native_id="fake-000001", kind="delete")
    erasure.sweep(database, tmp_path, now)
    with database.reading() as session:
        left = session.exec(
            select_model(RawEvent).where(RawEvent.status == "failed")
        ).all()
    assert [one.payload["native_id"] for one in left] == ["fake-000002"]


@pytest.mark.threat("PRI-2")
def test_nothing_is_sent_to_who_took_their_report_back(
    register: Register,
    post: Post,
    budi: Viewer,
    database: Database,
    now: datetime,
    tmp_path: Path,
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, SAID, native_id="1")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    answer = Answer("Segera kami perbaiki, Bu Siti", None, None)
    replies.reply(database, now, budi, case.number, answer, key="k1")
    post(account, None, native_id="1", kind="delete")
    erasure.sweep(database, tmp_path, now)
    with database.reading() as session:
        (row,) = session.exec(select_model(Reply)).all()
    assert (row.state, row.text) == ("cancelled", ERASED)


def test_pages_remember_nothing_of_what_was_erased() -> None:
    privacy.masked(SAID)
    memory.forget()
    assert privacy.masked.cache_info().currsize == 0
