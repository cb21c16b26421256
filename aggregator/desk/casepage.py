"""One case as its page shows it: what happened in it (`queue.detail_in`), what stands
around it, what ties it to others, what is asked of colleagues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, literal, or_, union_all
from sqlalchemy import select as select_rows

from aggregator import city
from aggregator.answers import drafts, help_requests, library, offers
from aggregator.answers.drafts import Drafts
from aggregator.cases import deadlines, groups, ownership, privacy, reminders, sight
from aggregator.cases.casefile import CaseFile
from aggregator.cases.deadlines import AgencyClock
from aggregator.cases.ownership import Proposed
from aggregator.cases.privacy import Reader
from aggregator.desk import parts, queue, relations
from aggregator.desk.changes import State
from aggregator.desk.parts import Beside
from aggregator.desk.queue import CaseDetail
from aggregator.desk.relations import Relations
from aggregator.people import notifications, shifts
from aggregator.rules.reports.gaps import MissingFact
from aggregator.store.db import table
from aggregator.store.tables.answers import Draft, HelpRequest
from aggregator.store.tables.cases import Case, CasePause, Reminder
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


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a case's page shows, as the viewer may know it. `state`: how far the
    news of the city had come, see `changes`."""

    detail: CaseDetail
    around: Around
    ties: Relations
    helps: list[HelpRequest]
    state: State


def show(file: CaseFile, written: Drafts | None = None) -> Shown:
    """Everything for the page of a case that is open. `written`: its drafts, for
    whoever has just kept one."""
    has = parts.of(file)
    return Shown(
        queue.detail_in(file, has),
        around(file, has, written),
        relations.of_case(file, has),
        help_requests.of_case(file.session, file.case) if has.helps else [],
        has.state,
    )


def around(file: CaseFile, has: Beside, written: Drafts | None = None) -> Around:
    """What stands around the case."""
    messages = _from_residents(file)
    pauses = groups.own_pauses(file.session, file.id) if has.pauses else []
    pause = next((one for one in pauses if one.ended_at is None), None)
    owners = ownership.proposed(file.case, file.tasks)
    spot, author = _earlier(file, messages)
    if written is None:
        written = drafts.of_case(file) if has.drafts else Drafts()
    question, texts = _to_answer_with(file, messages)
    return Around(
        reader=file.reader,
        reporters=reporters(messages),
        clocks=_clocks(file, has, pauses),
        pause=pause,
        pause_ends=deadlines.latest_end(pause, file.case) if pause else None,
        pauses=pauses,
        owners=owners,
        referred=bool(owners) and owners[0].role == "responsible",
        speakers=_speakers(file),
        spot=spot,
        author=author,
        twins=_twins(file) if has.pairs or has.parts else [],
        whole=_whole(file),
        promised=reminders.of_case(file.session, file.id) if has.promises else [],
        draft=written.own,
        shared=written.shared,
        question=question,
        offers=texts,
    )


def _from_residents(file: CaseFile) -> list[Message]:
    """What they said and did not take back."""
    return [
        one for one in file.messages if one.direction == "in" and one.deleted_at is None
    ]


def reporters(messages: Sequence[Message]) -> list[Reporter]:
    """The people who reported it, in the order they came; every anonymous message is
    its own."""
    people: dict[Any, list[Message]] = defaultdict(list)
    for message in messages:
        alone = message.anonymous or message.author_id is None
        people[message.id if alone else (message.channel, message.author_id)].append(
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
        for rows in people.values()
    ]


def _clocks(file: CaseFile, has: Beside, pauses: list[CasePause]) -> list[AgencyClock]:
    stood_still = (
        groups.pauses_with(file.session, file.case, pauses, file.parts)
        if has.parts
        else pauses
    )
    return deadlines.clocks_of(
        file.now, file.case, file.tasks, stood_still, file.arrived, file.messages
    )


def _speakers(file: CaseFile) -> list[str] | None:
    """Names of people who can answer in the language; None where every office can."""
    if not notifications.needs_speaker(file.case):
        return None
    having = [row.agency_code for row in file.tasks]
    today = city.here().today(file.now)
    able = shifts.speakers(file.session, file.case.language or "", having, today)
    short = city.here().catalog.short_name
    return [f"{person.name} ({short(person.agency_code)})" for person in able[:_FEW]]


def _to_answer_with(
    file: CaseFile, messages: Sequence[Message]
) -> tuple[MissingFact | None, dict[str, list[library.Offer]]]:
    """The question to ask and the texts to use, for who may answer."""
    if not file.viewer.may_act:
        return None, {}
    said = "\n".join(message.text or "" for message in messages[:3])
    texts = library.offers(file.session, file.now, file.viewer, file.case, said)
    return offers.question(file), texts


_case, _said = table(Case).c, table(Message).c
_COLUMNS = (_case.number, _case.status, _case.kind, _case.opened_at, _case.closed_at)


def _others(how: str, *conditions: Any) -> Any:
    """The newest other cases that are found in a way; confidential ones are in no
    list."""
    return (
        select_rows(literal(how).label("how"), *_COLUMNS)
        .where(
            _case.id != bindparam("case"), _case.confidential.is_(False), *conditions
        )
        .order_by(_case.opened_at.desc())
        .limit(_LISTED)
    )


_BY_AUTHOR = _others(
    "author",
    _case.id.in_(
        select_rows(_said.case_id).where(
            _said.channel == bindparam("channel"),
            _said.author_id == bindparam("author"),
            _said.direction == "in",
            _said.anonymous.is_(False),
        )
    ),
)


@cache
def _at_spot(by_place: bool, by_kind: bool) -> Any:
    """At the same place, or of the same kind in the same ward, within a year."""
    here = [_case.place == bindparam("place")] if by_place else []
    if by_kind:
        here.append(
            (_case.ward == bindparam("ward")) & (_case.kind == bindparam("kind"))
        )
    recent = _case.opened_at > bindparam("since")
    return _others("spot", recent, or_(*here), _case.joined_into.is_(None))


@cache
def _both(*queries: Any) -> Any:
    """Asked at once: each is short, and asking takes longer."""
    return union_all(*(select_rows(query.subquery()) for query in queries))


def _earlier(
    file: CaseFile, messages: Sequence[Message]
) -> tuple[list[Earlier], list[Earlier]]:
    """Other cases that the viewer may open, the newest first: at the same spot, and of
    the first reporter."""
    case, first = file.case, messages[0] if messages else None
    by_kind = case.ward is not None and case.kind is not None
    queries = []
    here: dict[str, Any] = {"case": file.id, **sight.by(file.viewer)}
    if case.place is not None or by_kind:
        queries.append(_at_spot(case.place is not None, by_kind))
        here |= {"place": case.place, "ward": case.ward, "kind": case.kind}
        here["since"] = file.now - SPOT_WITHIN
    if first is not None and _is_known(file, first):
        queries.append(_BY_AUTHOR)
        here |= {"channel": first.channel, "author": first.author_id}
    if not queries:
        return [], []
    limited = [sight.among(query, file.viewer) for query in queries]
    rows = file.session.execute(_both(*limited), here).all()
    return _listed(case, rows, "spot"), _listed(case, rows, "author")


def _is_known(file: CaseFile, first: Message) -> bool:
    """Whether the viewer may know what else a reporter said: nothing of somebody
    anonymous, nothing from a confidential case."""
    named = not first.anonymous and first.author_id is not None
    return file.reader.full and named and not file.case.confidential


def _listed(case: Case, rows: Iterable[Any], how: str) -> list[Earlier]:
    found = [row for row in rows if row.how == how]
    found.sort(key=lambda row: row.opened_at, reverse=True)
    return [
        Earlier(
            row.number,
            row.status,
            row.kind,
            row.opened_at,
            row.closed_at,
            same_kind=row.kind is not None and row.kind == case.kind,
        )
        for row in found
    ]


def _twins(file: CaseFile) -> list[Twin]:
    """Cases that may be the same as this one or as a part of it, each once."""
    session, viewer = file.session, file.viewer
    group = file.ids
    found: list[Twin] = []
    seen: set[int | None] = set(group)
    for row in session.exec(suggestions.open_of(group)):
        there = session.get_one(
            Case, row.other_id if row.case_id in group else row.case_id
        )
        other = groups.whole(session, there)
        if other.id in seen or not sight.sees(session, viewer, other):
            continue
        seen.add(other.id)
        if groups.told_apart(session, file.id, other.id):
            continue
        if len(found) == _LISTED:
            break
        found.append(_twin(file, row, other))
    return found


def _twin(file: CaseFile, row: Suggestion, other: Case) -> Twin:
    first = (
        file.session.get(Message, other.first_message_id)
        if other.first_message_id
        else None
    )
    said = first.text if first and first.deleted_at is None else None
    reader = privacy.reader(file.session, file.now, file.viewer, other)
    return Twin(row, other, reader.text(said), reader.full)


def _whole(file: CaseFile) -> str | None:
    """The number of the case this one is part of."""
    into = file.case.joined_into
    target = file.session.get(Case, into) if into else None
    return target.number if target else None
