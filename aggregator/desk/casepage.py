"""What stands around one case on its page: reporters, clocks, the spot, earlier
reports, twins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session, or_

from aggregator import city
from aggregator.answers import drafts, library, offers
from aggregator.cases import casefile, deadlines, groups, ownership, privacy, reminders
from aggregator.cases.deadlines import AgencyClock
from aggregator.cases.ownership import Proposed
from aggregator.cases.privacy import Reader
from aggregator.desk import parts
from aggregator.people import notifications, shifts
from aggregator.people.viewers import Viewer
from aggregator.rules.reports.gaps import MissingFact
from aggregator.store.db import Database, table
from aggregator.store.tables.answers import Draft
from aggregator.store.tables.cases import Assignment, Case, CasePause, Reminder
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import Suggestion
from aggregator.twins import suggestions

SPOT_WITHIN = timedelta(days=365)
_LISTED = 8
_FEW = 3


@dataclass(frozen=True, slots=True)
class Reporter:
    """One person on one channel. `name`: None where they are anonymous or gave none."""

    channel: str
    name: str | None
    anonymous: bool
    messages: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another case, without its words. `same_kind`: about the same matter."""

    number: str
    status: str
    kind: str | None
    opened_at: datetime
    closed_at: datetime | None
    same_kind: bool


@dataclass(frozen=True, slots=True)
class Twin:
    """A case that may be the same problem. `text`: as the viewer may read it (`full`:
    unmasked)."""

    suggestion: Suggestion
    case: Case
    text: str | None
    full: bool


@dataclass(frozen=True, slots=True)
class Around:
    """`referred`: somebody outside the city must act. `speakers`: who can answer in the
    language of a message that an office may not speak."""

    reader: Reader
    reporters: list[Reporter]
    clocks: list[AgencyClock]
    pause: CasePause | None
    pause_ends: datetime | None
    pauses: list[CasePause]
    owners: list[Proposed]
    referred: bool
    speakers: list[str] | None
    spot: list[Earlier]
    author: list[Earlier]
    twins: list[Twin]
    whole: str | None
    promised: list[Reminder]
    draft: Draft | None
    shared: list[drafts.Shared]
    question: MissingFact | None
    offers: dict[str, list[library.Offer]]


def around(database: Database, now: datetime, viewer: Viewer, number: str) -> Around:
    """Everything around a case, as the viewer may know it. CaseError."""
    with database.reading() as session:
        case = casefile.find_in(session, viewer, number)
        reader = privacy.reader(session, now, viewer, case)
        said_here = groups.messages_of(session, case.id or 0)
        messages = [
            one for one in said_here if one.direction == "in" and one.deleted_at is None
        ]
        first = messages[0] if messages else None
        said = "\n".join(message.text or "" for message in messages[:3])
        has = parts.of(session, case.id or 0)
        pauses = groups.own_pauses(session, case.id or 0) if has.pauses else []
        pause = next((one for one in pauses if one.ended_at is None), None)
        tasks = deadlines.tasks_of(session, case.id or 0)
        owners = ownership.proposed(case, tasks)
        return Around(
            reader=reader,
            reporters=reporters(messages) if reader.sight != "hidden" else [],
            clocks=deadlines.of_case(
                session, now, case, stands_still=has.pauses or has.parts
            ),
            pause=pause,
            pause_ends=deadlines.latest_end(pause, case) if pause else None,
            pauses=pauses,
            owners=owners,
            referred=bool(owners) and owners[0].role == "responsible",
            speakers=_speakers(session, now, case, tasks),
            spot=spot(session, now, viewer, case),
            author=by_author(session, viewer, case, first) if reader.full else [],
            twins=_twins(session, now, viewer, case) if has.pairs or has.parts else [],
            whole=_whole(session, case),
            promised=reminders.of_case(session, case.id or 0) if has.promises else [],
            draft=drafts.own(session, viewer, case) if has.drafts else None,
            shared=drafts.of_others(session, viewer, case) if has.drafts else [],
            question=offers.question(session, case) if viewer.may_act else None,
            offers=(
                library.offers(session, now, viewer, case, said)
                if viewer.may_act
                else {}
            ),
        )


def reporters(messages: Sequence[Message]) -> list[Reporter]:
    """The people who reported it, in the order they came; every anonymous message is
    its own."""
    groups: dict[Any, list[Message]] = defaultdict(list)
    for message in messages:
        alone = message.anonymous or message.author_id is None
        groups[message.id if alone else (message.channel, message.author_id)].append(
            message
        )
    return [
        Reporter(
            rows[0].channel,
            None if rows[0].anonymous else rows[0].author_name or rows[0].author_handle,
            rows[0].anonymous,
            len(rows),
            rows[0].created_at,
        )
        for rows in groups.values()
    ]


def _speakers(
    session: Session, now: datetime, case: Case, tasks: Sequence[Assignment]
) -> list[str] | None:
    """Names of people who can answer in the language; None where every office can."""
    if not notifications.needs_speaker(case):
        return None
    having = [row.agency_code for row in tasks]
    able = shifts.speakers(session, case.language or "", having, city.here().today(now))
    short = city.here().catalog.short_name
    return [f"{person.name} ({short(person.agency_code)})" for person in able[:_FEW]]


_case, _said = table(Case).c, table(Message).c
_OTHERS = (
    select_rows(
        _case.number, _case.status, _case.kind, _case.opened_at, _case.closed_at
    )
    .where(_case.id != bindparam("case"), _case.confidential.is_(False))
    .order_by(_case.opened_at.desc())
    .limit(_LISTED)
)
"""Other cases; confidential ones are in no list."""
_BY_AUTHOR = _OTHERS.where(
    _case.id.in_(
        select_rows(_said.case_id).where(
            _said.channel == bindparam("channel"),
            _said.author_id == bindparam("author"),
            _said.direction == "in",
            _said.anonymous.is_(False),
        )
    )
)


@cache
def _at_spot(by_place: bool, by_kind: bool) -> Any:
    here = [_case.place == bindparam("place")] if by_place else []
    if by_kind:
        here.append(
            (_case.ward == bindparam("ward")) & (_case.kind == bindparam("kind"))
        )
    recent = _case.opened_at > bindparam("since")
    return _OTHERS.where(recent, or_(*here), _case.joined_into.is_(None))


@cache
def _ours(query: Any) -> Any:
    """Only those that an agency has, or had."""
    return query.where(casefile.is_of(bindparam("agency")))


def spot(session: Session, now: datetime, viewer: Viewer, case: Case) -> list[Earlier]:
    """Cases at the same place, or of the same kind in the same ward, within a year."""
    if case.place is None and (case.ward is None or case.kind is None):
        return []
    query = _at_spot(
        case.place is not None, case.ward is not None and case.kind is not None
    )
    here = {
        "since": now - SPOT_WITHIN,
        "place": case.place,
        "ward": case.ward,
        "kind": case.kind,
    }
    return _earlier(session, query, viewer, case, here)


def by_author(
    session: Session, viewer: Viewer, case: Case, first: Message | None
) -> list[Earlier]:
    """Other cases of the first reporter; none of somebody anonymous or of a
    confidential case."""
    if first is None or first.anonymous or first.author_id is None or case.confidential:
        return []
    here = {"channel": first.channel, "author": first.author_id}
    return _earlier(session, _BY_AUTHOR, viewer, case, here)


def _earlier(
    session: Session, query: Any, viewer: Viewer, case: Case, here: dict[str, Any]
) -> list[Earlier]:
    """The newest that the viewer may open."""
    here["case"] = case.id
    if not viewer.sees_all:
        query, here["agency"] = _ours(query), viewer.agency_code
    return [
        Earlier(
            row.number,
            row.status,
            row.kind,
            row.opened_at,
            row.closed_at,
            same_kind=row.kind is not None and row.kind == case.kind,
        )
        for row in session.execute(query, here)
    ]


def _twins(session: Session, now: datetime, viewer: Viewer, case: Case) -> list[Twin]:
    """Cases that may be the same as this one or as a part of it, each once."""
    group = groups.ids(session, case.id or 0)
    found: list[Twin] = []
    seen = set(group)
    for row in session.exec(suggestions.open_of(group)):
        there = session.get_one(
            Case, row.other_id if row.case_id in group else row.case_id
        )
        other = groups.whole(session, there)
        if other.id in seen or not casefile.sees(session, viewer, other):
            continue
        seen.add(other.id or 0)
        if groups.told_apart(session, case.id or 0, other.id or 0):
            continue
        if len(found) == _LISTED:
            break
        first = (
            session.get(Message, other.first_message_id)
            if other.first_message_id
            else None
        )
        said = first.text if first and first.deleted_at is None else None
        reader = privacy.reader(session, now, viewer, other)
        found.append(Twin(row, other, reader.text(said), reader.full))
    return found


def _whole(session: Session, case: Case) -> str | None:
    """The number of the case this one is part of."""
    target = session.get(Case, case.joined_into) if case.joined_into else None
    return target.number if target else None
