"""The case a message belongs to, found in the database: part of T2, inside its
transaction.

    look(message)      the same words in an open case      -> that case
                       the same, closed before             -> a new case that recurs
                       the same problem, other words       -> suggestions
    remember(message)  its keys and traits, for those that come after

Candidates come from one table of keys: the twelve rarest words of a text (as
consonants), and its kind together with each place it names. Of each key the newest
messages are kept, so the time per message does not grow with the table. Nothing is kept
in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Any

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import Session, col, select

from aggregator import city
from aggregator.cases import groups
from aggregator.rules.reports import agreement, duplicates, traits
from aggregator.rules.reports.agreement import Context
from aggregator.rules.reports.duplicates import Decision, Reason
from aggregator.rules.reports.traits import Traits
from aggregator.rules.text.canonical import SHORTEST
from aggregator.rules.text.lexicon import Lexicon
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import Suggestion
from aggregator.twins import suggestions
from aggregator.twins._keytable import Candidate, KeyTable, Known

RECURS_WITHIN = timedelta(days=180)
"""A closed case at the same place counts as the earlier time of a new one."""
_SILENCE = timedelta(days=3)
"""So long a remark without a matter ("kapan min?") belongs to the only open case of its
author."""
_KEPT = 12
_ASKED = 8
"""Fewer than are kept: fewer rows to read, and the same twins found."""
_MATTER = 0.25
_SUGGESTED = 3
_COMPARED = 3
_MAYBE_A_COPY = 0.6
"""From this share of words in common on a text is compared even when enough others
were."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """An earlier case, and what comparing said."""

    case_id: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Keys:
    """What a text is found by. `words`: all of its words; `kept`: those stored;
    `asked`: with how much a message that shares the key is like it; `known`: what is
    remembered of all of them."""

    words: tuple[int, ...]
    kept: tuple[int, ...]
    asked: dict[int, float]
    known: dict[int, Known]


@dataclass(frozen=True, slots=True)
class Found:
    """`joins`: the open case the message belongs to. `recurs`: a closed case at the
    same place.

    `is_copy`: the very same words are remembered already. `keys`: for `remember`.
    """

    joins: Likeness | None = None
    recurs: Likeness | None = None
    suggested: tuple[Likeness, ...] = ()
    is_copy: bool = False
    keys: Keys | None = None


NOTHING = Found()


def traits_of(message: Message) -> Traits | None:
    """The traits of a message's text and of the place typed into a form; None without a
    text."""
    if not message.text or message.deleted_at is not None:
        return None
    lexicon = city.here().lexicon
    said = traits.traits(message.text, lexicon)
    if message.place:
        typed = traits.traits(message.place, lexicon)
        said = replace(
            said,
            places=(*said.places, message.place),
            spots=said.spots | traits.spot_words([message.place], lexicon),
            numbers=said.numbers | typed.numbers,
        )
    return said


def look(
    session: Session, now: datetime, message: Message, said: Traits | None
) -> Found:
    """Where a new message belongs. Anonymous and confidential ones are never joined."""
    if said is None or message.anonymous or message.extra.get("rahasia"):
        return NOTHING
    table = KeyTable(session, said.lexicon)
    copied = _copied(table, now, message, said)
    if copied is not None:
        return copied
    own = table.by_author(message, now - duplicates.WINDOW)
    if len(said.canonical.telling) < SHORTEST:
        return Found(joins=_remark(now, own))
    keys = keys_of(table, *numbers_of(said))
    likely = table.near(message.id, keys.asked, keys.known)
    return replace(_choose(_judge(now, message, said, own, likely)), keys=keys)


@dataclass(frozen=True, slots=True)
class _Judged:
    other: Candidate
    decision: Decision

    @property
    def likeness(self) -> Likeness:
        return Likeness(self.other.case_id, self.decision)


def _choose(judged: Sequence[_Judged]) -> Found:
    """The best open case to join; else a case it recurs; else the best suggestions."""
    open_ = [found for found in judged if found.other.status != "closed"]
    open_.sort(
        key=lambda found: (found.decision.verdict != "join", -found.decision.score)
    )
    best = _once(found.likeness for found in open_)
    if best and best[0].decision.verdict == "join":
        return Found(joins=best[0], suggested=tuple(best[1 : 1 + _SUGGESTED]))
    closed = [
        (found.other.closed_at, found.likeness)
        for found in judged
        if found.other.closed_at is not None and found.other.status == "closed"
    ]
    latest = max(closed, key=lambda one: one[0], default=None)
    return Found(
        recurs=latest[1] if latest else None, suggested=tuple(best[:_SUGGESTED])
    )


def _once(found: Iterable[Likeness]) -> list[Likeness]:
    first: dict[int, Likeness] = {}
    for likeness in found:
        first.setdefault(likeness.case_id, likeness)
    return list(first.values())


def _copied(
    table: KeyTable, now: datetime, message: Message, said: Traits
) -> Found | None:
    """The very same words: no other candidates are needed."""
    recurs: Likeness | None = None
    for other in table.copies(message, now - RECURS_WITHIN):
        decision = duplicates.decide(said, said, _context(message, other, said.lexicon))
        # Equal words are not always one problem: two people who ask the same brief
        # question are both owed an answer, and a form's place may be another.
        if decision.verdict != "join":
            continue
        likeness = Likeness(other.case_id, decision)
        if other.status != "closed":
            return Found(joins=likeness, is_copy=True)
        recurs = recurs or likeness
    return Found(recurs=recurs) if recurs else None


def _remark(now: datetime, own: Sequence[Candidate]) -> Likeness | None:
    """Too little text for a matter of its own: to the author's only open case, if it is
    fresh."""
    fresh = {
        other.case_id: other.last_message_at
        for other in own
        if other.last_message_at >= now - _SILENCE and not other.confidential
    }
    if len(fresh) != 1:
        return None
    ((case_id, last),) = fresh.items()
    gap = str(int((now - last).total_seconds() // 60))
    reasons = (Reason("same_author"), Reason("gap", gap))
    return Likeness(case_id, Decision("join", 0.5, reasons))


def numbers_of(said: Traits) -> tuple[list[int], list[int]]:
    """What `keys_of` chooses from: all words, and every kind with every place."""
    words, matters = traits.search_keys(said)
    return list(map(number, words)), list(map(number, matters))


def keys_of(table: KeyTable, words: Sequence[int], matters: Sequence[int]) -> Keys:
    """The keys of a text. A rare word says more than a common one; kind and place
    together as much as a fairly rare word."""
    matter = dict.fromkeys(matters, _MATTER)
    known = table.known([*words, *matter])
    counts = {key: known[key].n for key in words if key in known}
    # Equally rare ones by their number: the same words keep the same keys, in whatever
    # order they stand.
    rarest = sorted(words, key=lambda key: (counts.get(key, 0), key))
    telling = [key for key in rarest if counts.get(key)][:_ASKED]
    # By rarity, not by how many keys are shared: an old twin would fall behind newer
    # texts that share many common words.
    asked = {**matter, **{key: 1 / sqrt(1 + counts[key]) for key in telling}}
    return Keys(tuple(words), (*rarest[:_KEPT], *matter), asked, known)


@lru_cache(maxsize=65536)
def number(key: str) -> int:
    """A key as the database stores it: 64 bits, signed."""
    # not hash(): that differs from one process to the next
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _judge(
    now: datetime,
    message: Message,
    said: Traits,
    own: Sequence[Candidate],
    likely: Sequence[Candidate],
) -> list[_Judged]:
    """What speaks for the cases of these messages, as far as anything does, the likest
    looks first.

    A copy in an open case ends the search: no other candidate can belong better. Of the
    others as many are compared as could be shown, but whatever may be a copy is.
    """
    judged: list[_Judged] = []
    first = [(1.0, one) for one in own]
    for place, (glance, other) in enumerate(first + _glanced(said, own, likely)):
        if other.traits is None or (
            place >= len(own) + _COMPARED and glance < _MAYBE_A_COPY
        ):
            continue
        context = _context(message, other, said.lexicon)
        is_open = other.status != "closed"
        asked = duplicates.decide_unless_apart if is_open else duplicates.decide
        decision = asked(said, other.traits, context)
        if decision is None or (is_open and decision.verdict == "separate"):
            continue
        if is_open or _recurs(now, other, decision, said):
            judged.append(_Judged(other, decision))
        if is_open and decision.verdict == "join" and not context.same_author:
            break
    return judged


def _glanced(
    said: Traits, own: Sequence[Candidate], likely: Sequence[Candidate]
) -> list[tuple[float, Candidate]]:
    seen = {other.id for other in own}
    glanced = [
        (duplicates.at_a_glance(said, other.traits), other)
        for other in likely
        if other.traits is not None and other.id not in seen
    ]
    glanced.sort(key=lambda one: -one[0])
    return [one for one in glanced if one[0]]


def _recurs(now: datetime, other: Candidate, decision: Decision, said: Traits) -> bool:
    if (
        other.closed_at is None
        or other.closed_at < now - RECURS_WITHIN
        or other.traits is None
    ):
        return False
    return decision.verdict == "join" or agreement.same_matter(said, other.traits)


def _context(message: Message, other: Candidate, lexicon: Lexicon) -> Context:
    return Context(
        gap=abs(message.created_at - other.created_at),
        same_author=(
            message.author_id is not None
            and message.channel == other.channel
            and message.author_id == other.author_id
        ),
        metres=_metres(message, other),
        other_spot=bool(message.place and other.place)
        and traits.spot_words([message.place or ""], lexicon)
        != traits.spot_words([other.place or ""], lexicon),
        confidential=other.confidential,
    )


def _metres(a: Message, b: Candidate) -> float | None:
    if (
        a.latitude is None
        or a.longitude is None
        or b.latitude is None
        or b.longitude is None
    ):
        return None
    north, south = radians(a.latitude), radians(b.latitude)
    part = (
        sin((south - north) / 2) ** 2
        + cos(north) * cos(south) * sin(radians(b.longitude - a.longitude) / 2) ** 2
    )
    return 2 * 6_371_000 * asin(sqrt(part))


def remember(
    session: Session, message: Message, said: Traits | None, keys: Keys | None = None
) -> None:
    """Keep what later messages are compared with. Copies of what is remembered need no
    keys.

    `keys`: as `look` found them; sought anew without.
    """
    if said is None or message.id is None or len(said.canonical.telling) < SHORTEST:
        return
    table = KeyTable(session, said.lexicon)
    keys = keys or keys_of(table, *numbers_of(said))
    table.keep(message.id, said, keys.words, keys.kept, keys.known)


def forget(session: Session, message_id: int) -> None:
    """A deleted message is compared with no more, and its words are kept nowhere
    here."""
    table = KeyTable(session, city.here().lexicon)
    said = table.stored(message_id)
    if said is not None:
        words, matters = traits.search_keys(said)
        table.drop(message_id, [number(key) for key in (*words, *matters)])


def another_matter(session: Session, case: Case, said: Traits | None) -> bool:
    """Whether somebody who has an open case now speaks of something else: other place
    or kind."""
    if said is None:
        return False
    before = KeyTable(session, said.lexicon).of_case(case.id)
    return bool(before) and all(agreement.other_matter(said, one) for one in before)


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
        # a case has one reporter from its start, also one that a repost opened
        return False
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
    unreachable = nameless & or_(
        col(Message.contact).is_(None), col(Message.contact) == ""
    )
    if message.words_key:
        return unreachable & (col(Message.words_key) == message.words_key)
    return false()


def suggest(
    session: Session,
    now: datetime,
    case: Case,
    found: Sequence[Likeness],
    *,
    fresh: bool = False,
) -> list[int]:
    """Write suggestions down for a case, but for pairs that were decided before.

    `fresh`: the case was opened in this transaction, so nobody has decided anything of
    it.
    """
    written = []
    for likeness in found:
        if likeness.case_id == case.id:
            continue
        if not fresh and groups.told_apart(session, case.id, likeness.case_id):
            continue
        # a pair has one row, whichever of the two found the other
        later, earlier = sorted((case.id, likeness.case_id), reverse=True)
        known = None if fresh else suggestions.of_pair(session, later, earlier)
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
        written.append(row)
    if written and not fresh:
        session.flush()
    return [row.id for row in written]


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
    """Who a message counts for: its author, else its contact, else whoever sent the
    same words."""
    if message.author_id:
        return message.channel, message.author_id
    return "", message.contact or message.words_key or message.id


def same_matter_as(session: Session, now: datetime, message: Message) -> list[Likeness]:
    """Cases, closed ones too, that ask or report what this message does, the likest
    first."""
    said = traits_of(message)
    if said is None:
        return []
    table = KeyTable(session, said.lexicon)
    keys = keys_of(table, *numbers_of(said))
    likely = table.near(message.id, keys.asked, keys.known)
    judged = _judge(now, message, said, [], likely)
    return _once(
        found.likeness
        for found in sorted(judged, key=lambda found: -found.decision.score)
    )
