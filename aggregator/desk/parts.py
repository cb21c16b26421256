"""What there is beside a case: asked at once, so that its page asks for nothing that is
not there.

Most cases have no joined parts, no pauses, no incident, no drafts: a query each finds
that out too, and a dozen of them take longer than the rest of the page.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select

from aggregator.cases.casefile import CaseFile
from aggregator.desk.changes import NEWEST, State
from aggregator.store.db import table
from aggregator.store.tables.accounts import Attachment
from aggregator.store.tables.answers import Draft, HelpRequest, Reply
from aggregator.store.tables.cases import Case, CasePause, Note, Reminder
from aggregator.store.tables.intake import Message, MessageVersion
from aggregator.store.tables.twins import CaseLink, IncidentCase, Suggestion


class Beside(NamedTuple):
    """Whether a case has any of these. `pictures`: of its messages; `parts`: cases
    joined into it; `links`: joins, splits and moves, undone ones too; `pairs`:
    suggestions, decided ones too; `incidents`: also those that are over; `later`: it
    came back as another case. `state`: of everything, see `changes`."""

    replies: bool
    notes: bool
    versions: bool
    pictures: bool
    pauses: bool
    parts: bool
    promises: bool
    drafts: bool
    links: bool
    pairs: bool
    incidents: bool
    helps: bool
    later: bool
    state: State


_HERE: Any = bindparam("case")
_said = table(Message).c


def _any(of: Any, *either: str) -> Any:
    columns = table(of).c
    return select(1).where(or_(*(columns[name] == _HERE for name in either))).exists()


def _any_of_messages(of: Any) -> Any:
    column = table(of).c.message_id
    return select(1).where(column == _said.id, _said.case_id == _HERE).exists()


_BESIDE = select(
    _any(Reply, "case_id"),
    _any(Note, "case_id"),
    _any_of_messages(MessageVersion),
    _any_of_messages(Attachment),
    _any(CasePause, "case_id"),
    _any(Case, "joined_into"),
    _any(Reminder, "case_id"),
    _any(Draft, "case_id"),
    _any(CaseLink, "source_id", "target_id"),
    _any(Suggestion, "case_id", "other_id"),
    _any(IncidentCase, "case_id"),
    _any(HelpRequest, "case_id"),
    _any(Case, "recurrence_of"),
    *NEWEST,
)


def of(file: CaseFile) -> Beside:
    *there, act, message = file.session.execute(_BESIDE, {"case": file.id}).one()
    return Beside._make([*map(bool, there), (act or 0, message or 0)])
