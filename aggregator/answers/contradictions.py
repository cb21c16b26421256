"""Answers the city has given already that the one being written contradicts.

Compared with: answers of the same case and of what was joined into it, of cases
suggested as the same, and of cases that ask or report the same, within 30 days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as select_rows
from sqlalchemy import union_all
from sqlmodel import Session, col, or_, select

from aggregator import city
from aggregator.cases import groups
from aggregator.city.catalog import Catalog
from aggregator.rules.reports.contradiction import Difference, Said, differences
from aggregator.store.db import uncounted
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Person
from aggregator.store.tables.twins import Suggestion
from aggregator.twins import search

WITHIN = timedelta(days=30)
_COUNTS = ("queued", "sending", "sent", "try_later", "unknown")
_NAMED = ("opd", "bumd")
"""Kinds of agencies that a text names as offices; a ward in a text is mostly a
place."""
_MOST = 50


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Ours beside theirs. `agency`: of who wrote theirs; `case`: where it was given."""

    ours: str
    theirs: str
    said_at: datetime
    agency: str
    case: Case
    differences: tuple[Difference, ...]


def find(session: Session, now: datetime, case: Case, text: str) -> list[Contradiction]:
    """What `text`, as an answer to `case`, contradicts; the newest first. Writes
    nothing.

    Answers of a confidential case are compared within it only.
    """
    among = [col(Reply.case_id) == case.id]
    if not case.confidential:
        among.append(col(Reply.case_id).in_(_suggested(case)))
        alike = _alike(session, now, case)
        if alike:
            among.append(col(Reply.case_id).in_(alike))
    query = (
        select(Reply, Case, Person)
        .join(Case, col(Case.id) == col(Reply.case_id))
        .join(Person, col(Person.id) == col(Reply.person_id))
        .where(
            or_(*among),
            col(Reply.state).in_(_COUNTS),
            col(Reply.created_at) >= now - WITHIN,
            or_(col(Case.confidential).is_(False), col(Case.id) == case.id),
        )
        .order_by(col(Reply.created_at).desc(), col(Reply.id).desc())
        .limit(_MOST)
    )
    return list(_contradicted(now, text, session.exec(query)))


def _contradicted(
    now: datetime, text: str, rows: Iterable[tuple[Reply, Case, Person]]
) -> Iterable[Contradiction]:
    here = city.here()
    names, calendar = _names(here.catalog), here.rules.calendar
    ours = Said(text, now)
    told: set[str] = set()
    for reply, case, person in rows:
        if reply.text in told:
            continue
        told.add(reply.text)
        said_at = reply.sent_at or reply.created_at
        found = differences(ours, Said(reply.text, said_at), names, calendar)
        if found:
            yield Contradiction(
                text, reply.text, said_at, person.agency_code, case, tuple(found)
            )


def _suggested(case: Case) -> Any:
    """The query of the cases that may be the same as this one."""
    one, other = col(Suggestion.case_id), col(Suggestion.other_id)
    is_open = uncounted(col(Suggestion.state)) == "open"
    return union_all(
        select_rows(other).where(one == case.id, is_open),
        select_rows(one).where(other == case.id, is_open),
    )


def _alike(session: Session, now: datetime, case: Case) -> set[int]:
    first = (
        session.get(Message, case.first_message_id) if case.first_message_id else None
    )
    if first is None:
        return set()
    found = search.same_matter_as(session, now, first)
    return {
        likeness.case_id
        for likeness in found
        if not groups.told_apart(session, case.id, likeness.case_id)
    }


def _names(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """The names an office goes by in a text."""
    return {
        agency.code: tuple(
            name
            for name in (
                agency.name.id,
                agency.name.en,
                agency.abbrev,
                *(alias.name for alias in agency.aliases),
            )
            if name
        )
        for agency in catalog.agencies.values()
        if agency.kind in _NAMED
    }
