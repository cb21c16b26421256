"""The case a message belongs to, found in the database: part of T2, inside its transaction.

    look(message)      the same words in an open case      -> that case
                       the same, closed before             -> a new case that recurs
                       the same problem, other words       -> suggestions
    remember(message)  its keys and traits, for those that come after

Candidates come from one table of keys: the twelve rarest words of a text (as consonants), and its
kind together with each place it names. Of each key the newest messages are taken, so the time per
message does not grow with the table. Nothing is kept in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import asin, cos, log, radians, sin, sqrt
from typing import Any

from sqlalchemy import ColumnElement, TextClause, delete, false, or_, text
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from aggregator import cases, groups
from aggregator.models import Case, Message, MessageTraits, Suggestion, WordCount, WordKey
from aggregator.rules import duplicates, traits
from aggregator.rules.canonical import SHORTEST
from aggregator.rules.duplicates import Context, Decision, Reason
from aggregator.rules.traits import Traits

RECURS_WITHIN = timedelta(days=180)
"""A closed case at the same place counts as the earlier time of a new one."""
_SILENCE = timedelta(days=3)
"""So long a remark without a matter ("kapan min?") belongs to the only open case of its author."""
_RAREST = 12
_PER_KEY = 64
_RESCORED = 8
_MATTER = 0.25
_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """An earlier case, and what comparing said."""

    case: Case
    decision: Decision


@dataclass(frozen=True, slots=True)
class Found:
    """`joins`: the open case the message belongs to. `recurs`: a closed case at the same place.

    `is_copy`: the very same words are remembered already.
    """

    joins: Likeness | None = None
    recurs: Likeness | None = None
    suggested: tuple[Likeness, ...] = ()
    is_copy: bool = False


NOTHING = Found()


def traits_of(message: Message) -> Traits | None:
    """The traits of a message's text and of the place typed into a form; None without a text."""
    if not message.text or message.deleted_at is not None:
        return None
    said = traits.traits(message.text)
    if message.place:
        typed = traits.traits(message.place)
        said = replace(
            said,
            places=(*said.places, message.place),
            spots=said.spots | traits.spot_words([message.place]),
            numbers=said.numbers | typed.numbers,
        )
    return said


def look(session: Session, now: datetime, message: Message, said: Traits | None) -> Found:
    """Where a new message belongs. Anonymous and confidential ones are never joined."""
    if said is None or message.anonymous or message.extra.get("rahasia"):
        return NOTHING
    copied = _copied(session, now, message, said)
    if copied is not None:
        return copied
    own = _by_author(session, now, message)
    if len(said.canonical.telling) < SHORTEST:
        return Found(joins=_remark(session, now, message, own))
    likely = _candidates(session, message, said)
    return _choose(now, _judge(session, now, message, said, [*own, *likely]))


def _choose(now: datetime, judged: Sequence[Likeness]) -> Found:
    """The best open case to join; else a case it recurs; else the best suggestions."""
    open_ = [found for found in judged if found.case.status != "closed"]
    recurs = [found for found in judged if found.case.status == "closed"]
    open_.sort(key=lambda found: (found.decision.verdict != "join", -found.decision.score))
    best = _once(open_)
    if best and best[0].decision.verdict == "join":
        return Found(joins=best[0], suggested=_suggested(best[1:]))
    recurs.sort(key=lambda found: found.case.closed_at or now, reverse=True)
    return Found(recurs=recurs[0] if recurs else None, suggested=_suggested(best))


def _suggested(found: Sequence[Likeness]) -> tuple[Likeness, ...]:
    return tuple(found[:_SUGGESTED])


def _once(found: Iterable[Likeness]) -> list[Likeness]:
    first: dict[int, Likeness] = {}
    for likeness in found:
        first.setdefault(likeness.case.id or 0, likeness)
    return list(first.values())


def _copied(session: Session, now: datetime, message: Message, said: Traits) -> Found | None:
    """The very same words: no other candidates are needed."""
    if message.words_key is None:
        return None
    rows = session.exec(
        select(Case, Message)
        .join(Message, col(Message.case_id) == col(Case.id))
        .where(
            Message.words_key == message.words_key,
            Message.direction == "in",
            col(Message.id) != message.id,
            col(Message.deleted_at).is_(None),
            col(Message.anonymous).is_(False),
            col(Case.confidential).is_(False),
            or_(
                col(Case.status).in_(cases.OPEN),
                col(Case.closed_at) >= now - RECURS_WITHIN,
            ),
        )
        .order_by(col(Case.id).desc())
        .limit(_RESCORED)
    ).all()
    recurs: Likeness | None = None
    for case, other in rows:
        decision = duplicates.decide(
            said, said, _context(message, other, confidential=case.confidential)
        )
        if decision.verdict != "join":
            continue
        likeness = Likeness(case, decision)
        if case.status != "closed":
            return Found(joins=likeness, is_copy=True)
        recurs = recurs or likeness
    return Found(recurs=recurs) if recurs else None


def _by_author(session: Session, now: datetime, message: Message) -> list[int]:
    """Earlier messages of the same author in cases that are open, newest first."""
    if message.author_id is None:
        return []
    query = (
        select(Message.id)
        .join(Case, col(Case.id) == col(Message.case_id))
        .where(
            Message.channel == message.channel,
            Message.author_id == message.author_id,
            Message.direction == "in",
            col(Message.id) != message.id,
            col(Message.created_at) >= now - duplicates.WINDOW,
            col(Case.status).in_(cases.OPEN),
        )
        .order_by(col(Message.id).desc())
        .limit(_RESCORED)
    )
    return [found for found in session.exec(query) if found is not None]


def _remark(
    session: Session, now: datetime, message: Message, own: Sequence[int]
) -> Likeness | None:
    """Too little text for a matter of its own: to the author's only open case, if it is fresh."""
    if not own:
        return None
    theirs = select(Message.case_id).where(col(Message.id).in_(own))
    query = select(Case).where(
        col(Case.id).in_(theirs),
        col(Case.last_message_at) >= now - _SILENCE,
        col(Case.confidential).is_(False),
    )
    cases = session.exec(query).all()
    if len(cases) != 1:
        return None
    gap = str(int((now - cases[0].last_message_at).total_seconds() // 60))
    reasons = (Reason("same_author"), Reason("gap", gap))
    return Likeness(cases[0], Decision("join", 0.5, reasons))


def _candidates(session: Session, message: Message, said: Traits) -> list[int]:
    """Messages that share rare words, or the kind and a place, the most telling first."""
    keys = _weighed(session, said)
    if not keys:
        return []
    found = session.execute(
        _lookup(len(keys)),
        {
            **{f"k{position}": key for position, key in enumerate(keys)},
            **{f"w{position}": weight for position, weight in enumerate(keys.values())},
            "own": message.id or 0,
            "most": _RESCORED,
        },
    )
    return [int(row[0]) for row in found]


@lru_cache(maxsize=64)
def _lookup(keys: int) -> TextClause:
    parts = " UNION ALL ".join(
        f"SELECT message_id, CAST(:w{position} AS FLOAT) AS weight FROM"  # noqa: S608
        f" (SELECT message_id FROM word_key WHERE key = :k{position}"
        f" ORDER BY message_id DESC LIMIT {_PER_KEY}) AS s{position}"
        for position in range(keys)
    )
    return text(
        f"SELECT message_id FROM ({parts}) AS found WHERE message_id <> :own"  # noqa: S608
        " GROUP BY message_id ORDER BY sum(weight) DESC, message_id DESC LIMIT :most"
    )


def _weighed(session: Session, said: Traits) -> dict[int, float]:
    """The keys of a text, each with how much a message that shares it is like it.

    A rare word says more than a common one; kind and place together as much as a fairly rare word.
    """
    words, matters = traits.search_keys(said)
    keys = [number(word) for word in words]
    query = select(WordCount.key, WordCount.n).where(col(WordCount.key).in_(keys))
    counts = dict(session.exec(query).all())
    keys.sort(key=lambda key: (counts.get(key, 0), key))
    found = {key: 1 / (1 + log(1 + counts.get(key, 0))) for key in keys[:_RAREST]}
    return {**{number(matter): _MATTER for matter in matters}, **found}


def number(key: str) -> int:
    """A key as the database stores it: 64 bits, signed."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_CANDIDATE: Any = (
    columns(
        col(Message.id), col(Message.channel), col(Message.author_id), col(Message.created_at),
        col(Message.place), col(Message.latitude), col(Message.longitude),
        col(Case.id).label("case_id"), col(Case.status), col(Case.closed_at),
        col(Case.confidential), col(MessageTraits.traits),
    )
    .join(Case, col(Case.id) == col(Message.case_id))
    .join(MessageTraits, col(MessageTraits.message_id) == col(Message.id))
    .where(
        col(Message.direction) == "in",
        col(Message.deleted_at).is_(None),
        col(Message.anonymous).is_(False),
        col(Case.status) != "joined",
    )
)  # fmt: skip


def _judge(
    session: Session, now: datetime, message: Message, said: Traits, ids: Sequence[int]
) -> list[Likeness]:
    """What speaks for the cases of these messages, in their order, as far as anything does.

    A copy in an open case ends the search: no other candidate can belong better.
    """
    wanted = {id_: place for place, id_ in reversed(list(enumerate(ids)))}
    if not wanted:
        return []
    rows = session.execute(_CANDIDATE.where(col(Message.id).in_(wanted))).all()
    judged = []
    for row in sorted(rows, key=lambda row: wanted[row.id]):
        compared = traits.from_json(row.traits)
        context = _context(message, row, confidential=row.confidential)
        if not (context.same_author or duplicates.worth_comparing(said, compared)):
            continue
        decision = duplicates.decide(said, compared, context)
        is_open = row.status != "closed"
        if is_open and decision.verdict == "separate":
            continue
        if is_open or _recurs(now, row.closed_at, decision, said, compared):
            judged.append(Likeness(session.get_one(Case, row.case_id), decision))
        if is_open and decision.verdict == "join" and not context.same_author:
            break
    return judged


def _recurs(
    now: datetime, closed_at: datetime | None, decision: Decision, said: Traits, other: Traits
) -> bool:
    if closed_at is None or closed_at < now - RECURS_WITHIN:
        return False
    return decision.verdict == "join" or duplicates.same_matter(said, other)


def _context(message: Message, other: Any, *, confidential: bool) -> Context:
    """`other`: a message, or the row of one with the same columns."""
    return Context(
        gap=abs(message.created_at - other.created_at),
        same_author=(
            message.author_id is not None
            and message.channel == other.channel
            and message.author_id == other.author_id
        ),
        metres=_metres(message, other),
        other_spot=bool(message.place and other.place)
        and traits.spot_words([message.place or ""]) != traits.spot_words([other.place or ""]),
        confidential=confidential,
    )


def _metres(a: Message, b: Any) -> float | None:
    if a.latitude is None or a.longitude is None or b.latitude is None or b.longitude is None:
        return None
    north, south = radians(a.latitude), radians(b.latitude)
    part = (
        sin((south - north) / 2) ** 2
        + cos(north) * cos(south) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    )
    return 2 * 6_371_000 * asin(sqrt(part))


def remember(session: Session, message: Message, said: Traits | None) -> None:
    """Keep what later messages are compared with. Copies of what is remembered need no keys."""
    if said is None or message.id is None or len(said.canonical.telling) < SHORTEST:
        return
    words, _ = traits.search_keys(said)
    session.execute(_COUNT, [{"key": number(word)} for word in words])
    keys = _weighed(session, said)
    session.execute(_KEEP, [{"key": key, "message": message.id} for key in keys])
    session.add(MessageTraits(message_id=message.id, traits=said.to_json()))


_COUNT = text(
    "INSERT INTO word_count (key, n) VALUES (:key, 1)"
    " ON CONFLICT (key) DO UPDATE SET n = word_count.n + 1"
)
_KEEP = text(
    "INSERT INTO word_key (key, message_id) VALUES (:key, :message) ON CONFLICT DO NOTHING"
)


def forget(session: Session, message_id: int) -> None:
    """A deleted message is compared with no more, and its words are kept nowhere here."""
    kept = session.get(MessageTraits, message_id)
    if kept is None:
        return
    words, matters = traits.search_keys(traits.from_json(kept.traits))
    session.execute(
        delete(WordKey).where(
            col(WordKey.key).in_([number(key) for key in (*words, *matters)]),
            col(WordKey.message_id) == message_id,
        )
    )
    session.delete(kept)


def another_matter(session: Session, case: Case, said: Traits | None) -> bool:
    """Whether somebody who has an open case now speaks of something else: other place or kind."""
    if said is None:
        return False
    query = (
        select(MessageTraits.traits)
        .join(Message, col(Message.id) == col(MessageTraits.message_id))
        .where(Message.case_id == case.id)
        .order_by(col(Message.id).desc())
        .limit(_RESCORED)
    )
    before = [traits.from_json(stored) for stored in session.exec(query)]
    return bool(before) and all(duplicates.other_matter(said, one) for one in before)


def is_new_reporter(session: Session, message: Message) -> bool:
    """Whether nobody with this message's author has spoken in its case yet."""
    if message.kind == "repost":
        return False
    others = select(Message.id).where(
        Message.case_id == message.case_id,
        Message.direction == "in",
        Message.kind != "repost",
        col(Message.id) != message.id,
    )
    if session.exec(others.limit(1)).first() is None:
        return False  # a case has one reporter from its start, also one that a repost opened
    return session.exec(others.where(_same_reporter(message)).limit(1)).first() is None


def _same_reporter(message: Message) -> ColumnElement[bool]:
    """Whose message another is: by author, else by contact, else by the same words."""
    if message.author_id:
        return (col(Message.channel) == message.channel) & (
            col(Message.author_id) == message.author_id
        )
    nameless = or_(col(Message.author_id).is_(None), col(Message.author_id) == "")
    if message.contact:
        return nameless & (col(Message.contact) == message.contact)
    unreachable = nameless & or_(col(Message.contact).is_(None), col(Message.contact) == "")
    if message.words_key:
        return unreachable & (col(Message.words_key) == message.words_key)
    return false()


def suggest(session: Session, now: datetime, case: Case, found: Sequence[Likeness]) -> list[int]:
    """Write suggestions down for a case, but for pairs that were decided before."""
    written = []
    for likeness in found:
        if likeness.case.id == case.id or refused(session, case.id or 0, likeness.case.id or 0):
            continue
        later, earlier = sorted((case.id or 0, likeness.case.id or 0), reverse=True)
        known = session.exec(
            select(Suggestion).where(Suggestion.case_id == later, Suggestion.other_id == earlier)
        ).first()
        if known is not None:
            if known.state == "open" and likeness.decision.score > known.score:
                known.score = likeness.decision.score
                known.reasons = as_rows(likeness.decision.reasons)
            continue
        row = Suggestion(
            case_id=later,
            other_id=earlier,
            score=likeness.decision.score,
            reasons=as_rows(likeness.decision.reasons),
            created_at=now,
        )
        session.add(row)
        session.flush()
        written.append(row.id or 0)
    return written


def refused(session: Session, case_id: int, other_id: int) -> bool:
    """Whether a person has said that these two are not the same, or of cases joined into them."""
    one = [case_id, *(part.id or 0 for part in groups.parts(session, case_id))]
    two = [other_id, *(part.id or 0 for part in groups.parts(session, other_id))]
    query = select(Suggestion.id).where(
        Suggestion.state == "refused",
        or_(
            col(Suggestion.case_id).in_(one) & col(Suggestion.other_id).in_(two),
            col(Suggestion.case_id).in_(two) & col(Suggestion.other_id).in_(one),
        ),
    )
    return session.exec(query.limit(1)).first() is not None


def as_rows(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [
        {"code": reason.code, "value": reason.value, "against": reason.against}
        for reason in reasons
    ]


def count_reporters(session: Session, case_id: int) -> int:
    """Distinct people who reported a case; passing a post on is no report of one's own.

    Messages without an author count one each, but for copies with the same words.
    """
    rows = session.exec(
        select(Message).where(
            Message.case_id == case_id,
            Message.direction == "in",
            Message.kind != "repost",
        )
    )
    return max(1, len({reporter(row) for row in rows}))


def reporter(message: Message) -> tuple[str, object]:
    """Who a message counts for: its author, else its contact, else whoever sent the same words."""
    if message.author_id:
        return message.channel, message.author_id
    return "", message.contact or message.words_key or message.id


def same_matter_as(session: Session, now: datetime, message: Message) -> list[Likeness]:
    """Cases, closed ones too, that ask or report what this message does, the likest first."""
    said = traits_of(message)
    if said is None:
        return []
    judged = _judge(session, now, message, said, _candidates(session, message, said))
    return _once(sorted(judged, key=lambda found: -found.decision.score))
