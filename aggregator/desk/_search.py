"""Cases by the words of their messages, whatever their age; deleted words are not
found."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    Select,
    TextClause,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlmodel import Session, col

from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.rules.text import affixes
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.intake import Message

_WORD = re.compile(r"\w+", re.UNICODE)
_MOST_WORDS = 12
_TELLING = re.compile(r"\d{5,}")
"""So long a number is somebody's: a telephone, an identity, a customer."""
_READ_ALL = frozenset({"admin", "verifikator"})


def words_of(typed: str) -> list[str]:
    """What is looked for: every word must be there, in any of its forms, and the last
    letters may be missing."""
    return [word.casefold() for word in _WORD.findall(typed)][:_MOST_WORDS]


def number_of(typed: str) -> str | None:
    """The case number somebody typed, if it is one."""
    number = casenumbers.tidy(typed)
    return number if casenumbers.is_valid(number) else None


def restrict(session: Session, query: Any, viewer: Viewer, typed: str) -> Any:
    """`query` over cases, only those that say this or have this number."""
    number = number_of(typed)
    by_words = _by_words(session, viewer, typed)
    found = (
        []
        if by_words is None
        else [and_(col(Case.id).in_(by_words), _readable(viewer, typed))]
    )
    if number is not None:
        found.append(col(Case.number) == number)
    return query.where(or_(*found)) if found else query.where(literal_column("1 = 0"))


_MATCH = text(
    "SELECT message.case_id FROM message_search CROSS JOIN message "
    "ON message.id = message_search.rowid WHERE message_search MATCH :wanted"
)
"""On SQLite. CROSS JOIN keeps the order: from what was found to its messages."""


def _by_words(
    session: Session, viewer: Viewer, typed: str
) -> Select[Any] | TextClause | None:
    words = words_of(typed)
    if not words:
        return None
    if session.get_bind().dialect.name == "sqlite":
        wanted = " AND ".join(_any_of(word, " OR ", '"{}"*', '"{}"') for word in words)
        return _MATCH.bindparams(wanted=wanted)
    ids = select(col(Message.case_id)).where(col(Message.case_id).is_not(None))
    document = func.to_tsvector(
        literal_column("'simple'"),
        literal_column(
            "coalesce(message.text, '') || ' ' || coalesce(message.place, '')"
        ),
    )
    wanted = " & ".join(_any_of(word, " | ", "'{}':*", "'{}'") for word in words)
    query = func.to_tsquery(literal_column("'simple'"), wanted)
    return ids.where(col(Message.deleted_at).is_(None), document.op("@@")(query))


def _any_of(word: str, either: str, begins: str, whole: str) -> str:
    """A word in any of its forms, in the language of a database."""
    found = affixes.forms(word)
    parts = [begins.format(form) for form in sorted(found.begins)]
    parts += [whole.format(form) for form in sorted(found.whole)]
    return f"({either.join(parts)})"


def _readable(viewer: Viewer, typed: str) -> Any:
    """Words that a viewer may not read do not find a case for them either."""
    if viewer.role in _READ_ALL:
        return literal_column("1 = 1")
    # of secret cases the list has left those that the viewer reads
    secret = col(Case.confidential).is_(True)
    own = exists().where(
        col(Assignment.case_id) == col(Case.id),
        col(Assignment.agency_code) == viewer.agency_code,
        col(Assignment.status) != "bounced",
    )
    if _TELLING.search(typed.replace("-", "").replace(" ", "").replace(".", "")):
        return or_(own, secret)
    return literal_column("1 = 1")
