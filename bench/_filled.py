"""Many cases put straight into the tables, so that a hundred thousand take a minute,
not an hour.

Rows are as the pipeline leaves them, save what only the search for twins reads. Most
cases are closed, most of the open ones are of the last days, and a few offices have
most of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from aggregator.city import catalog
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.rules.reports.findings import Findings
from aggregator.rules.reports.kinds import Guess
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case, Note
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import Suggestion

_BATCH = 2_000
_BUSY = {
    "dishub": (
        "kemacetan",
        "parkir_liar",
        "angkutan_umum",
        "lampu_lalu_lintas",
        "pju_mati",
    ),
    "dpupr": ("jalan_berlubang", "saluran_mampet", "trotoar"),
    "dlh": ("kebersihan",),
    "tirtapakuan": ("air_minum",),
    "satpolpp": ("pkl", "ketertiban"),
    "disperumkim": ("taman", "pohon_tumbang"),
    "disdukcapil": ("adminduk",),
    "bpbd": ("banjir_longsor",),
}
_CLASSES = (
    ("pengaduan",) * 7 + ("permintaan_informasi",) * 2 + ("aspirasi", "apresiasi")
)
_LANGUAGES = ("id",) * 8 + ("su", "en", "id-su")
_DAYS = 400
_TABLES = (
    Case,
    Message,
    MessageAccount,
    Assignment,
    AuditEntry,
    Reply,
    Note,
    Suggestion,
)

Row = tuple[type[SQLModel], dict[str, Any]]


@cache
def _blank(table: type[SQLModel]) -> Mapping[str, Any]:
    """What a new row of a table has in the columns nobody names; the database gives the
    id."""
    now = datetime.now(UTC)
    times = {
        name: now for name in ("opened_at", "created_at") if name in table.model_fields
    }
    return {
        name: value
        for name, value in table(**times).model_dump().items()
        if name != "id"
    }


def _row(table: type[SQLModel], **values: Any) -> Row:
    """A row without the cost of an object."""
    return table, {**_blank(table), **values}


class City:
    """Draws cases of offices; the same ones for the same seed."""

    def __init__(
        self,
        known: catalog.Catalog,
        accounts: Sequence[Account],
        staff: Sequence[Viewer],
    ) -> None:
        self._chance = random.Random(5)
        self._wards = [
            code for code, one in known.agencies.items() if one.kind == "kelurahan"
        ]
        self._kinds = list(known.categories)
        self._accounts = {one.agency_code: one for one in accounts}
        self._quiet = sorted(self._accounts.keys() - _BUSY.keys())
        self._staff = {one.agency_code: one for one in staff}
        self.words = _words(self._chance, 4_000)

    def office(self) -> str:
        """Seven of ten cases are a busy office's."""
        busy = self._chance.random() < 0.7
        return self._chance.choice([*_BUSY] if busy else self._quiet)

    def said(self, ward: str) -> str:
        """A text of common and of rare words, as people write."""
        common, few = self.words[:400], self.words[400:]
        words = self._chance.choices(common, k=self._chance.randint(8, 40))
        words += self._chance.choices(few, k=self._chance.randint(1, 5))
        self._chance.shuffle(words)
        place = (
            f"Jalan {self._chance.choice(few).title()} RT {self._chance.randint(1, 12)}"
        )
        return f"{' '.join(words)} di {place} {ward}"

    def rows(self, number: int, now: datetime, open_share: float) -> Iterator[Row]:
        """Everything about the case with this id. Its only message has the same id."""
        chance, office = self._chance, self.office()
        account = self._accounts[office]
        is_open = chance.random() < open_share
        opened = now - timedelta(
            days=min(chance.expovariate(1 / 3), 60)
            if is_open
            else chance.uniform(1, _DAYS)
        )
        answered = not is_open or chance.random() < 0.3
        closed = None if is_open else opened + timedelta(hours=chance.uniform(1, 200))
        ward = chance.choice(self._wards)
        yield self._case(number, now, office, ward, opened, closed, answered=answered)
        yield self._message(number, account, ward, opened)
        yield _row(
            MessageAccount,
            message_id=number,
            account_id=account.id or 0,
            received_at=opened,
        )
        yield from self._tasks(number, office, ward, opened, closed)
        yield _line(number, opened, "case_opened")
        if answered and office in self._staff:
            yield from self._acts(number, office, opened, closed)

    def _case(
        self,
        number: int,
        now: datetime,
        office: str,
        ward: str,
        opened: datetime,
        closed: datetime | None,
        *,
        answered: bool,
    ) -> Row:
        chance = self._chance
        kind = chance.choice(_BUSY.get(office, self._kinds))
        status = "closed" if closed else "answered" if answered else "new"
        due = None if closed else opened + timedelta(days=5 if answered else 1)
        return _row(
            Case,
            id=number,
            number=casenumbers.number_of(number),
            status=status,
            channel="telegram",
            first_message_id=number,
            message_count=1,
            opened_at=opened,
            last_message_at=opened,
            closed_at=closed,
            outcome="selesai" if closed else None,
            confidential=chance.random() < 0.01,
            urgent=chance.random() < 0.004,
            reporters=1 if chance.random() < 0.9 else chance.randint(2, 30),
            place=f"Jl. {chance.choice(self.words).title()}"
            if chance.random() < 0.6
            else None,
            klass=chance.choice(_CLASSES),
            kind=kind,
            kinds=[kind],
            authority="kota",
            ward=ward,
            language=chance.choice(_LANGUAGES),
            version=2,
            understood=Findings(class_score=0.8, kinds=(Guess(kind, 0.9, ()),)),
            waiting="menunggu_pelapor"
            if not closed and chance.random() < 0.03
            else None,
            first_response_at=opened + timedelta(hours=2) if answered else None,
            next_due_at=due,
            late=due is not None and due < now,
        )

    def _message(
        self, number: int, account: Account, ward: str, opened: datetime
    ) -> Row:
        author = str(10_000_000 + self._chance.randint(1, 60_000))
        words = self.said(ward)
        return _row(
            Message,
            id=number,
            case_id=number,
            account_id=account.id or 0,
            channel="telegram",
            scope=account.external_id,
            native_id=f"{author}:{number}",
            kind="dm",
            text=words,
            author_id=author,
            author_name=f"Warga {author[-5:]}",
            author_handle=f"warga{author}",
            words_key=f"{hash(words) & (2**64 - 1):032x}",
            conversation_id=author,
            public=False,
            reply_to={"chat_id": author, "message_id": number, "public": False},
            extra={"chat_type": "private"},
            created_at=opened,
            received_at=opened,
        )

    def _tasks(
        self,
        number: int,
        office: str,
        ward: str,
        opened: datetime,
        closed: datetime | None,
    ) -> Iterator[Row]:
        # what is late has been told to everybody long ago, save here and there
        seen = opened + timedelta(hours=1) if self._chance.random() < 0.95 else None
        tasks = {office: "lead"}
        if self._chance.random() < 0.25:
            tasks.setdefault(ward, "help")
        for agency, role in tasks.items():
            yield _row(
                Assignment,
                case_id=number,
                agency_code=agency,
                role=role,
                reason="account",
                assigned_at=opened,
                status="done" if closed else "open",
                acknowledged_at=seen,
                done_at=closed,
            )

    def _acts(
        self, number: int, office: str, opened: datetime, closed: datetime | None
    ) -> Iterator[Row]:
        who, at = self._staff[office], opened + timedelta(hours=2)
        yield _line(number, at, "claimed", who)
        yield _row(
            Reply,
            key=f"filled-{number}",
            case_id=number,
            message_id=number,
            person_id=who.id,
            account_id=self._accounts[office].id or 0,
            text=self.said("Bogor"),
            state="sent",
            external_id=f"out{number}",
            created_at=at,
            sent_at=at,
        )
        yield _line(number, at, "reply_sent", who)
        if self._chance.random() < 0.3:
            yield _row(
                Note,
                case_id=number,
                person_id=who.id,
                text="Sudah dicek.",
                created_at=at,
            )
        if closed:
            yield _line(number, closed, "closed", who)
        elif number > 100 and self._chance.random() < 0.1:
            other = number - self._chance.randint(1, 99)
            yield _row(
                Suggestion, case_id=number, other_id=other, score=0.6, created_at=at
            )


def _words(chance: random.Random, count: int) -> list[str]:
    parts = [one + vowel for one in "bcdgjklmnprstw" for vowel in "aiueo"]
    made = {
        "".join(chance.choices(parts, k=chance.randint(2, 4))) for _ in range(count * 2)
    }
    return sorted(made, key=lambda _: chance.random())[:count]


def _line(number: int, at: datetime, action: str, who: Viewer | None = None) -> Row:
    return _row(
        AuditEntry,
        at=at,
        actor=who.login if who else "sahut",
        person_id=who.id if who else None,
        action=action,
        subject="case",
        subject_id=number,
        case_id=number,
    )


def fill(
    database: Database, city: City, now: datetime, count: int, open_share: float
) -> None:
    """`count` cases in an empty database."""
    for begin in range(1, count + 1, _BATCH):
        rows: dict[type[SQLModel], list[dict[str, Any]]] = {
            table: [] for table in _TABLES
        }
        for number in range(begin, min(begin + _BATCH, count + 1)):
            for table, values in city.rows(number, now, open_share):
                rows[table].append(values)
        with database.writing() as session:
            for table in _TABLES:
                if rows[table]:
                    session.execute(table.__table__.insert(), rows[table])  # type: ignore[attr-defined]
    _go_on_counting(database)


def _go_on_counting(database: Database) -> None:
    """PostgreSQL counts by itself only what it has numbered."""
    if database.is_sqlite:
        return
    with database.writing() as session:
        for name in ("case", "message"):
            session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), "  # noqa: S608
                    f'(SELECT max(id) FROM "{name}"))'
                )
            )
        session.execute(text("ANALYZE"))
