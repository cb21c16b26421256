"""Cases as lists show them: the few columns a line needs, in as few queries as a list
needs.

Asked of tables and not of models: of a case with its message a line shows a third.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import bindparam, exists, func, or_, select, union_all
from sqlmodel import Session

from aggregator.cases import privacy
from aggregator.cases.deadlines import OPEN
from aggregator.people.viewers import Viewer
from aggregator.store.db import table, uncounted
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.people import Person
from aggregator.store.tables.twins import Suggestion


class Listed(Protocol):
    """What of a case is in lists, and of its first message and its holder; see
    store/tables/cases.py."""

    id: int
    number: str
    status: str
    channel: str
    first_message_id: int | None
    message_count: int
    place: str | None
    confidential: bool
    opened_at: datetime
    first_response_at: datetime | None
    closed_at: datetime | None
    next_due_at: datetime | None
    claimed_by: int | None
    reporters: int
    recurrence: int
    klass: str | None
    kind: str | None
    ward: str | None
    urgent: bool
    maybe_urgent: bool
    told_112_at: datetime | None
    late: bool
    waiting: str | None
    said: str | None
    deleted_at: datetime | None
    holder: str | None


class QueueRow(NamedTuple):
    """One case in a list. `agencies`: codes, the lead first. `handles`: of the accounts
    that were addressed. `picture`: the first one that was kept, its id and what it
    shows.

    `text` and `place`: of the first message as the viewer may read them; `deleted`: its
    sender took it back. `twins`: how many cases may be the same. `missed`: an answer of
    ours that has not arrived, refused or unknown, with nothing sent in its stead.
    """

    case: Listed
    agencies: list[str]
    handles: list[str]
    picture: tuple[int, str | None] | None
    holder: str | None
    text: str | None
    place: str | None
    deleted: bool
    twins: int
    missed: str


class Alarm(NamedTuple):
    """An emergency as the banner shows it; `text` as in a row."""

    case: Listed
    text: str | None


_case, _message, _person = table(Case).c, table(Message).c, table(Person).c
_task, _account, _addressed = (
    table(Assignment).c,
    table(Account).c,
    table(MessageAccount).c,
)
_picture, _pair, _reply = table(Attachment).c, table(Suggestion).c, table(Reply).c
_IDS: Any = bindparam("ids", expanding=True)
# Queries are made once, for every page: making one takes longer than asking it.
_CASES = (
    select(
        _case.id,
        _case.number,
        _case.status,
        _case.channel,
        _case.first_message_id,
        _case.message_count,
        _case.place,
        _case.confidential,
        _case.opened_at,
        _case.first_response_at,
        _case.closed_at,
        _case.next_due_at,
        _case.claimed_by,
        _case.reporters,
        _case.recurrence,
        _case.klass,
        _case.kind,
        _case.ward,
        _case.urgent,
        _case.maybe_urgent,
        _case.told_112_at,
        _case.late,
        _case.waiting,
        _message.text.label("said"),
        _message.deleted_at,
        _person.name.label("holder"),
    )
    .select_from(table(Case))
    .outerjoin(table(Message), _message.id == _case.first_message_id)
    .outerjoin(table(Person), _person.id == _case.claimed_by)
    .where(_case.id.in_(_IDS))
)
_TASKS = (
    select(_task.case_id, _task.agency_code, _task.role, _task.status)
    .where(_task.case_id.in_(_IDS))
    .order_by(_task.id)
)
_HANDLES = (
    select(_message.case_id, _account.id, _account.handle)
    .select_from(table(Message))
    .join(table(MessageAccount), _addressed.message_id == _message.id)
    .join(table(Account), _account.id == _addressed.account_id)
    .where(_message.case_id.in_(_IDS))
    .order_by(_account.id)
)
_PICTURES = (
    select(_picture.message_id, _picture.id, _picture.description)
    .where(
        _picture.message_id.in_(_IDS),
        uncounted(_picture.status) == "stored",
        _picture.mime.startswith("image/"),
    )
    .order_by(_picture.position.desc(), _picture.id.desc())
)
_LATER = table(Reply).alias()
_MISSED = (
    select(_reply.case_id, _reply.state)
    .where(
        _reply.case_id.in_(_IDS),
        or_(_reply.state.in_(("refused", "unknown")), _reply.delivery == "failed"),
        ~exists().where(
            _LATER.c.case_id == _reply.case_id,
            _LATER.c.message_id == _reply.message_id,
            _LATER.c.id > _reply.id,
            _LATER.c.state != "cancelled",
            _LATER.c.beside_id.is_(None),
        ),
    )
    .order_by(_reply.id)
)
PAIR_SIDES = (_pair.case_id, _pair.other_id)
_OTHER = table(Case).alias()


def open_pairs(mine: Any, *columns: Any, state: Any = _pair.state) -> Any:
    """Open suggestions of the case in the column `mine` whose other case still
    waits."""
    theirs = PAIR_SIDES[1] if mine is PAIR_SIDES[0] else PAIR_SIDES[0]
    return (
        select(*columns)
        .select_from(table(Suggestion))
        .join(_OTHER, _OTHER.c.id == theirs)
        .where(
            state == "open", _OTHER.c.status.in_(OPEN), _OTHER.c.confidential.is_(False)
        )
    )


_TWINS = union_all(
    *(
        open_pairs(mine, mine, func.count(), state=uncounted(_pair.state))
        .where(mine.in_(_IDS))
        .group_by(mine)
        for mine in PAIR_SIDES
    )
)


def cases(session: Session, ids: Sequence[int]) -> list[Listed]:
    """In the order of the ids."""
    found = {row.id: row for row in session.execute(_CASES, {"ids": ids})}
    return cast("list[Listed]", [found[number] for number in ids])


def rows(
    session: Session, now: datetime, viewer: Viewer, ids: Sequence[int]
) -> list[QueueRow]:
    """Cases as the viewer may read them, in the order of the ids."""
    if not ids:
        return []
    found, here = cases(session, ids), {"ids": ids}
    tasks = session.execute(_TASKS, here).all()
    agencies = _agencies(tasks)
    full = privacy.full_cases(session, now, viewer, ids, tasks)
    handles = _handles(session.execute(_HANDLES, here).all())
    firsts = {"ids": [case.first_message_id or 0 for case in found]}
    pictures = {row[0]: (row[1], row[2]) for row in session.execute(_PICTURES, firsts)}
    twins: dict[int, int] = defaultdict(int)
    for number, count in session.execute(_TWINS, here):
        twins[number] += count
    missed = {
        row[0]: "unknown" if row[1] == "unknown" else "refused"
        for row in session.execute(_MISSED, here)
    }
    made = []
    for case in found:
        reader = privacy.reader_of(case.confidential, case.id in full)
        place = case.place
        made.append(
            QueueRow(
                case,
                agencies[case.id],
                list(handles[case.id].values()),
                pictures.get(case.first_message_id or 0),
                case.holder,
                reader.text(case.said),
                reader.text(place) if place else place,
                case.deleted_at is not None,
                twins.get(case.id, 0),
                missed.get(case.id, "") if case.status in OPEN else "",
            )
        )
    return made


def alarms(
    session: Session, now: datetime, viewer: Viewer, ids: Sequence[int]
) -> list[Alarm]:
    """Emergencies as the viewer may read them, in the order of the ids."""
    if not ids:
        return []
    full = privacy.full_cases(session, now, viewer, ids)
    made = []
    for case in cases(session, ids):
        reader = privacy.reader_of(case.confidential, case.id in full)
        said = case.said if case.deleted_at is None else None
        made.append(Alarm(case, reader.text(said)))
    return made


def _agencies(tasks: Iterable[Any]) -> dict[int, list[str]]:
    """Codes by case, the lead first."""
    found: dict[int, list[str]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: task.role != "lead"):
        found[task.case_id].append(task.agency_code)
    return found


def _handles(addressed: Iterable[Any]) -> dict[int, dict[int, str]]:
    """By case and account: several messages of a case may be addressed to one."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for case_id, account_id, handle in addressed:
        found[case_id][account_id] = handle
    return found
