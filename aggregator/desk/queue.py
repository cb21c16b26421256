"""Reading the queue and a case, in as few queries as a page needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, nulls_last, or_, true
from sqlalchemy import case as case_when
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from aggregator.answers.replies import Target
from aggregator.answers.replies import targets as answerable
from aggregator.cases import casefile, groups, sight
from aggregator.cases.casefile import CaseFile
from aggregator.cases.deadlines import IS_OPEN
from aggregator.desk import _search as search
from aggregator.desk import files, parts, rows
from aggregator.desk.filters import VIEWS, Filter
from aggregator.desk.parts import Beside
from aggregator.desk.rows import Alarm, QueueRow
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database, Reads, table, utcnow
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case, Note
from aggregator.store.tables.intake import Message, MessageAccount, MessageVersion
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import Incident, IncidentCase

_FEW = ("saya", "darurat", "mungkin", "menunggu", "kembar", "insiden")
"""Views that hold few cases, even of an office that has very many."""
NEAR = timedelta(hours=3)
"""A deadline this close is near."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message with all that belongs to it."""

    message: Message
    accounts: list[Account]
    versions: list[MessageVersion]
    attachments: list[Attachment]

    @property
    def files(self) -> list[files.ShownFile]:
        """Of the message, as pages show them."""
        return [files.shown(row) for row in self.attachments]


@dataclass(frozen=True, slots=True)
class CaseDetail:
    case: Case
    messages: list[Spoken]
    replies: list[Reply]
    notes: list[Note]
    assignments: list[Assignment]
    audit: list[AuditEntry]
    targets: list[Target]
    names: dict[int, str] = field(default_factory=dict)

    @property
    def holder(self) -> str | None:
        return self.names.get(self.case.claimed_by) if self.case.claimed_by else None


def listing(
    source: Reads,
    viewer: Viewer,
    *,
    agency: str | None = None,
    status: str = "open",
    mine: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[QueueRow]:
    """Cases by age, oldest first. `status`: open, new, answered, closed, all."""
    chosen = Filter(
        view="saya" if mine else "semua",
        agency=agency or "",
        status=_STATUS_NAMES.get(status, "semua"),
        order="usia",
    )
    return page(source, utcnow(), viewer, chosen, limit=limit, offset=offset)


def page(
    source: Reads,
    now: datetime,
    viewer: Viewer,
    chosen: Filter,
    *,
    limit: int = 50,
    offset: int = 0,
) -> list[QueueRow]:
    """The cases of a filter in its order, as the viewer may read them."""
    with source.reading() as session:
        query = matching(session, now, viewer, chosen, select(Case.id))
        query = _ordered(query, chosen.order, now).limit(limit).offset(offset)
        return rows.rows(session, now, viewer, list(session.exec(query)))


def _among(column: Any) -> Any:
    """Which of the `ids` a query is asked for; such queries are made once, for every
    page: making one takes longer than asking it."""
    return col(column).in_(bindparam("ids", expanding=True))


_ATTACHMENTS = (
    select(Attachment)
    .where(_among(Attachment.message_id))
    .order_by(col(Attachment.position), col(Attachment.id))
)
_VERSIONS = (
    select(MessageVersion)
    .where(_among(MessageVersion.message_id))
    .order_by(col(MessageVersion.n))
)
_NOTES = (
    select(Note, Person.name)
    .join(Person, col(Person.id) == col(Note.person_id))
    .where(col(Note.case_id) == bindparam("case"))
    .order_by(col(Note.id))
)
_HISTORY = (
    select(AuditEntry)
    .where(col(AuditEntry.case_id) == bindparam("case"))
    .order_by(col(AuditEntry.id))
)


def standing(
    source: Reads, now: datetime, viewer: Viewer, chosen: Filter, limit: int
) -> list[tuple[str, int | None]]:
    """Numbers of the cases of a filter in its order, each with who else holds it."""
    with source.reading() as session:
        columns = select(Case.number, Case.claimed_by, Case.claim_expires_at)
        query = matching(session, now, viewer, chosen, columns)
        return [
            (number, holder if holder != viewer.id and until and until >= now else None)
            for number, holder, until in session.exec(
                _ordered(query, chosen.order, now).limit(limit)
            )
            if number
        ]


def matching(
    session: Session, now: datetime, viewer: Viewer, chosen: Filter, query: Any
) -> Any:
    """`query` over cases, only those of the filter that the viewer may open."""
    query = _of_status(query, chosen.status)
    scope, ordinary = _scope(viewer, chosen), true()
    if scope is not None and not _names_its_tasks(viewer, chosen):
        by = sight.is_of if chosen.view in _FEW else _assigned
        ordinary = by(scope, col(Assignment.status) != "bounced")
    # what somebody reads of another office is listed with their own
    query = query.where(sight.seen_by(viewer, ordinary))
    if viewer.sees_all and scope is not None:
        query = query.where(ordinary)
    for condition in _view(now, viewer, chosen):
        query = query.where(condition)
    wanted = {
        Case.channel: chosen.channel,
        Case.kind: chosen.kind,
        Case.klass: chosen.klass,
        Case.ward: chosen.ward,
        Case.language: chosen.language,
    }
    for column, value in wanted.items():
        if value:
            query = query.where(column == value)
    if chosen.reporters:
        query = query.where(col(Case.reporters) >= chosen.reporters)
    if chosen.account:
        addressed = (
            select(Message.case_id)
            .join(MessageAccount, col(MessageAccount.message_id) == col(Message.id))
            .where(MessageAccount.account_id == chosen.account)
        )
        query = query.where(col(Case.id).in_(addressed))
    return (
        search.restrict(session, query, viewer, chosen.words) if chosen.words else query
    )


_STATUS_NAMES = {
    "open": "terbuka",
    "new": "baru",
    "answered": "dijawab",
    "closed": "selesai",
}
_CODES = {"baru": "new", "dijawab": "answered", "selesai": "closed"}


def _of_status(query: Any, status: str) -> Any:
    if status == "terbuka":
        return query.where(IS_OPEN)
    if status == "semua":
        return query.where(Case.status != "joined")
    return query.where(Case.status == _CODES[status])


def _scope(viewer: Viewer, chosen: Filter) -> str | None:
    """The agency whose cases are listed; None for the whole city."""
    return (chosen.agency or None) if viewer.sees_all else viewer.agency_code


def _names_its_tasks(viewer: Viewer, chosen: Filter) -> bool:
    """Whether the view itself asks for open tasks of the agency in scope: they are
    fewer."""
    own = chosen.agency or viewer.agency_code
    asked = chosen.view == "bantuan" or (
        chosen.view == "kantor" and chosen.status == "terbuka"
    )
    return asked and own == _scope(viewer, chosen)


def _assigned(agency: str, *more: Any) -> Any:
    tasks = select(Assignment.case_id).where(Assignment.agency_code == agency, *more)
    return col(Case.id).in_(tasks)


def _view(now: datetime, viewer: Viewer, chosen: Filter) -> list[Any]:
    office = chosen.agency or viewer.agency_code
    is_open = col(Assignment.status) == "open"
    if chosen.view == "saya":
        return [col(Case.claimed_by) == viewer.id]
    if chosen.view == "kantor":
        return (
            [_assigned(office, is_open)]
            if chosen.status == "terbuka"
            else [_assigned(office)]
        )
    if chosen.view == "bantuan":
        return [_assigned(office, is_open, col(Assignment.role) == "help")]
    if chosen.view == "kembar":
        return [_suggested()]
    if chosen.view == "insiden":
        return [_in_incident()]
    plain = _plain_views(now)
    return [plain[chosen.view]] if chosen.view in plain else []


def _plain_views(now: datetime) -> dict[str, Any]:
    """Views that a look at the case alone decides."""
    return {
        "belum": casefile.unheld(now),
        "tenggat": or_(col(Case.next_due_at) <= now + NEAR, col(Case.late).is_(True)),
        "darurat": col(Case.urgent).is_(True),
        "mungkin": col(Case.maybe_urgent).is_(True),
        "menunggu": col(Case.waiting).is_not(None),
    }


def _suggested() -> Any:
    mine = rows.PAIR_SIDES
    return or_(*(col(Case.id).in_(rows.open_pairs(side, side)) for side in mine))


def _in_incident() -> Any:
    active = select(Incident.id).where(col(Incident.state).in_(("proposed", "open")))
    inside = select(IncidentCase.case_id).where(
        col(IncidentCase.incident_id).in_(active)
    )
    return col(Case.id).in_(inside)


def _ordered(query: Any, order: str, now: datetime) -> Any:
    age = (col(Case.opened_at), col(Case.id))
    if order == "prioritas":
        return query.order_by(*groups.by_priority(now + NEAR))
    if order == "usia":
        return query.order_by(*age)
    if order == "terbaru":
        return query.order_by(col(Case.opened_at).desc(), col(Case.id).desc())
    if order == "pelapor":
        return query.order_by(col(Case.reporters).desc(), *age)
    return query.order_by(nulls_last(col(Case.next_due_at)), *age)


def count(
    source: Reads, now: datetime, viewer: Viewer, office: str = ""
) -> dict[str, int]:
    """How many open cases are in each view of the viewer's."""
    found = count_shared(source, now, viewer, office)
    return {**found, "saya": count_own(source, viewer, office)}


def count_own(source: Reads, viewer: Viewer, office: str = "") -> int:
    """How many open cases the viewer holds."""
    agency = _scope(viewer, Filter(agency=office))
    query = sight.among(_HELD_OURS if agency else _HELD, viewer)
    here = {"holder": viewer.id, **({"agency": agency} if agency else {})}
    with source.reading() as session:
        return int(session.execute(query, {**here, **sight.by(viewer)}).scalar_one())


def _number_in(session: Session, now: datetime, viewer: Viewer, chosen: Filter) -> int:
    query = matching(session, now, viewer, chosen, select(func.count(col(Case.id))))
    return int(session.exec(query).one())


def count_shared(
    source: Reads, now: datetime, viewer: Viewer, office: str = ""
) -> dict[str, int]:
    """The counts that are the same for all of an office who see as much; one's own is
    0."""
    base = Filter(agency=office)
    plain = _plain_views(now)
    sums = [
        func.count(),
        *(func.sum(case_when((view, 1), else_=0)) for view in plain.values()),
    ]
    with source.reading() as session:
        totals = session.exec(
            matching(session, now, viewer, replace(base, view="semua"), select(*sums))
        ).one()
        found = {
            name: int(number or 0)
            for name, number in zip(("semua", *plain), totals, strict=True)
        }
        for view in ("kantor", "bantuan", "kembar", "insiden"):
            found[view] = _number_in(session, now, viewer, replace(base, view=view))
    return {view: found.get(view, 0) for view in VIEWS}


_case = table(Case).c
_OURS = sight.is_of(bindparam("agency"), table(Assignment).c.status != "bounced")
_HELD = select_rows(func.count(_case.id)).where(
    IS_OPEN, _case.claimed_by == bindparam("holder")
)
_ALARMS = (
    select_rows(_case.id)
    .where(IS_OPEN, _case.urgent.is_(True), casefile.unheld(bindparam("now")))
    .order_by(_case.opened_at.desc(), _case.id.desc())
    .limit(bindparam("most"))
)
_DOUBTS = (
    select_rows(_case.id)
    .where(IS_OPEN, _case.maybe_urgent.is_(True))
    .order_by(_case.opened_at.desc(), _case.id.desc())
    .limit(bindparam("most"))
)
_HELD_OURS = _HELD.where(_OURS)


def unclaimed_emergencies(
    source: Reads, now: datetime, viewer: Viewer, limit: int = 3
) -> list[Alarm]:
    """Urgent open cases that nobody holds, of the viewer's offices, the newest
    first."""
    query = sight.among(_ALARMS, viewer)
    here = {"now": now, "most": limit, **sight.by(viewer)}
    with source.reading() as session:
        ids = session.execute(query, here).scalars()
        return rows.alarms(session, now, viewer, list(ids))


def perhaps_emergencies(
    source: Reads, now: datetime, viewer: Viewer, limit: int = 5
) -> list[Alarm]:
    """Open cases of which nobody has said yet whether they are an emergency, held or
    not, of the viewer's offices, the newest first."""
    query = sight.among(_DOUBTS, viewer)
    here = {"most": limit, **sight.by(viewer)}
    with source.reading() as session:
        ids = session.execute(query, here).scalars()
        return rows.alarms(session, now, viewer, list(ids))


def detail(
    database: Database, now: datetime, viewer: Viewer, number: str
) -> CaseDetail:
    """Everything about one case. Refusal."""
    with casefile.reading(database, now, viewer, number) as file:
        return detail_in(file, parts.of(file))


def detail_in(file: CaseFile, has: Beside) -> CaseDetail:
    """The same of a case that is open; `has`: what there is beside it."""
    given = file.given if has.replies else []
    notes = _notes(file) if has.notes else []
    writers = {one.reply.person_id: one.writer for one in given}
    return CaseDetail(
        case=file.case,
        messages=_spoken(file, has),
        replies=[one.reply for one in given],
        notes=[note for note, _ in notes],
        assignments=sorted(file.tasks, key=lambda row: row.role != "lead"),
        audit=list(file.session.exec(_HISTORY, params={"case": file.id})),
        targets=answerable(file.session, file.viewer, file.said),
        names={
            **file.names,
            **writers,
            **{note.person_id: writer for note, writer in notes},
        },
    )


def _notes(file: CaseFile) -> list[tuple[Note, str]]:
    """With the names of who wrote them."""
    return list(file.session.exec(_NOTES, params={"case": file.id}).all())


def _spoken(file: CaseFile, has: Beside) -> list[Spoken]:
    here = {"ids": [message.id for message in file.messages]}
    versions: dict[int | None, list[MessageVersion]] = defaultdict(list)
    if has.versions:
        for version in file.session.exec(_VERSIONS, params=here):
            versions[version.message_id].append(version)
    pictures: dict[int | None, list[Attachment]] = defaultdict(list)
    if has.pictures:
        for picture in file.session.exec(_ATTACHMENTS, params=here):
            pictures[picture.message_id].append(picture)
    return [
        Spoken(
            said.message,
            said.accounts,
            versions[said.message.id],
            pictures[said.message.id],
        )
        for said in file.said
    ]


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """What anybody may know of a case by its number: no text, no person."""

    number: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    lead_agency: str | None
    answered_at: datetime | None


def public_status(database: Database, number: str) -> PublicStatus | None:
    with database.reading() as session:
        case = session.exec(select(Case).where(Case.number == number)).first()
        if case is None:
            return None
        case = groups.whole(session, case)
        lead = casefile.lead(session, case)
        answered = session.exec(
            select(func.max(Reply.sent_at)).where(
                Reply.case_id == case.id, Reply.state == "sent"
            )
        ).one()
        return PublicStatus(
            number, case.status, case.opened_at, case.closed_at, lead, answered
        )


def public_answers(
    database: Database, number: str, submission: str
) -> list[Reply] | None:
    """The answers to one submission of the web form, or to what was written down for
    somebody, for whoever holds its secret id."""
    with database.reading() as session:
        case = session.exec(select(Case).where(Case.number == number)).first()
        message = session.exec(
            select(Message).where(
                col(Message.channel).in_(("webform", "manual")),
                Message.native_id == submission,
            )
        ).first()
        if case is None or message is None or message.case_id is None:
            return None
        if groups.whole(session, case).id != message.case_id:
            return None
        return list(
            session.exec(
                select(Reply)
                .where(Reply.message_id == message.id, Reply.state == "sent")
                .order_by(col(Reply.id))
            )
        )
