"""What to look at before an answer goes out. What stops one is decided by `outward`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from aggregator import city
from aggregator.answers import outward
from aggregator.answers.library import unknown_variables
from aggregator.rules.text import words
from aggregator.rules.time import promises
from aggregator.store.db import uncounted
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message

_ALIKE = 92
_ALIKE_WITHIN = timedelta(hours=24)
_MOST_COMPARED = 200
_SHORTEST_COMPARED = 40


@dataclass(frozen=True, slots=True)
class Caution:
    """`code`: personal_data_stopped, personal_data, names_reporter, insult, promise,
    alike, open_variable.

    `words`: the types, words or passages it is about. `day`: of a promise. `count`: of
    answers that are nearly the same.
    """

    code: str
    words: tuple[str, ...] = ()
    day: date | None = None
    count: int = 0


def cautions(
    session: Session,
    now: datetime,
    case: Case,
    message: Message,
    text: str,
    *,
    public: bool,
) -> list[Caution]:
    """Everything worth a second look in an answer to a message, the gravest first."""
    return [
        *_personal(text, public=public),
        *_names_reporter(message, text),
        *_insults(text),
        *_open_variables(text),
        *(_alike(session, now, case, text, message.channel) if public else ()),
        *_promised(now, text),
    ]


def _personal(text: str, *, public: bool) -> Iterator[Caution]:
    """What stops an answer, whoever reads it; and what else everybody would read."""
    stopped = outward.stopped(text)
    if stopped:
        yield Caution("personal_data_stopped", stopped)
    others = tuple(name for name in outward.types(text) if name not in stopped)
    if public and others:
        yield Caution("personal_data", others)


def _names_reporter(message: Message, text: str) -> Iterator[Caution]:
    """The name of somebody who asked not to be named."""
    names = [name for name in (message.author_name, message.author_handle) if name]
    said = text.casefold()
    if message.anonymous and any(name.casefold() in said for name in names):
        yield Caution("names_reporter")


def _insults(text: str) -> Iterator[Caution]:
    said = f" {' '.join(words.spoken(text))} "
    found = tuple(word for word in city.here().lexicon.insults if f" {word} " in said)
    if found:
        yield Caution("insult", found)


def _open_variables(text: str) -> Iterator[Caution]:
    found = unknown_variables(text)
    if found:
        yield Caution("open_variable", tuple(found))


def _alike(
    session: Session, now: datetime, case: Case, text: str, channel: str
) -> Iterator[Caution]:
    """Platforms take many nearly equal public answers for spam, whichever account gives
    them."""
    if len(text) < _SHORTEST_COMPARED:
        return
    query = (
        select(Reply.text)
        .join(Account, col(Account.id) == col(Reply.account_id))
        .where(
            uncounted(col(Account.channel)) == channel,
            Reply.case_id != case.id,
            col(Reply.private).is_(False),
            Reply.created_at > now - _ALIKE_WITHIN,
            col(Reply.state).not_in(("cancelled", "refused")),
        )
        .order_by(col(Reply.created_at).desc())
        .limit(_MOST_COMPARED)
    )
    count = sum(fuzz.ratio(text, other) >= _ALIKE for other in session.exec(query))
    if count:
        yield Caution("alike", count=count)


def _promised(now: datetime, text: str) -> Iterator[Caution]:
    for one in promises.promises(text, now, city.here().rules.calendar):
        yield Caution("promise", (one.said,), one.due)
