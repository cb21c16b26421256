"""What pictures look like: the same photo in two cases, and a photo that went round
before.

A perceptual hash (64 bits: the low frequencies of a 32 by 32 picture against their
median, as in Zauner 2010) survives scaling, recompressing and a changed brightness. Two
hashes of the same photo differ in few bits. They are looked for in SQL, alike on both
databases: the hash is cut into four bands of 16 bits; hashes at most eleven bits apart
agree in one band but for two bits, so every band is looked up as it is, and with any
one or two of its bits turned.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import combinations
from operator import mul
from pathlib import Path
from statistics import median, pstdev

from PIL import Image, UnidentifiedImageError
from sqlmodel import Session, col, select

from aggregator.accounts import filestore
from aggregator.cases import deadlines, groups
from aggregator.rules.reports import agreement, duplicates
from aggregator.rules.reports.agreement import Context
from aggregator.rules.reports.duplicates import Decision, Reason
from aggregator.store.db import Database, lock_processing, uncounted
from aggregator.store.tables.accounts import Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import PhotoBand, PhotoHash
from aggregator.twins import joining, search

log = logging.getLogger(__name__)

NEAREST = 10
"""Bits in which two hashes of one photo may differ; the bands find every pair up to
here."""
OLD_AFTER = timedelta(days=1)
"""From this age on a photo of somebody else went round before it was sent."""
_SCORE = 0.9
_SIDE, _LOW = 32, 8
_BANDS, _BITS = 4, 16
_FLATTEST = 4.0
_MOST = 200
_FAR_DEGREES = 0.003
"""About 330 m: photos that were taken so far apart show two places."""
_COMPLAINTS = ("pengaduan", "darurat")
_NO_KIND = "umum"
_TELLING_APART = frozenset({"question", "done", "confidential"})


def hash_of(path: Path) -> int | None:
    """64 bits, unsigned; None for a picture with nothing on it (one colour, a blank
    page)."""
    with Image.open(path) as image:
        small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    grey = list(small.tobytes())
    if pstdev(grey) < _FLATTEST:
        return None
    low = _low_frequencies(
        [grey[row * _SIDE : (row + 1) * _SIDE] for row in range(_SIDE)]
    )
    middle = median(low)
    return sum(1 << position for position, value in enumerate(low) if value > middle)


@lru_cache(maxsize=1)
def _waves() -> list[list[float]]:
    """The lowest cosines but for the constant one, which is brightness."""
    return [
        [math.cos(math.pi * (2 * x + 1) * n / (2 * _SIDE)) for x in range(_SIDE)]
        for n in range(1, _LOW + 1)
    ]


def _low_frequencies(rows: Sequence[Sequence[int]]) -> list[float]:
    across = [[_product(wave, row) for wave in _waves()] for row in rows]
    columns = list(zip(*across, strict=True))
    return [_product(wave, column) for wave in _waves() for column in columns]


def _product(a: Sequence[float], b: Sequence[float]) -> float:
    return float(sum(map(mul, a, b)))


def distance(a: int, b: int) -> int:
    """In how many bits two hashes differ."""
    return (a ^ b).bit_count()


def bands(value: int) -> list[int]:
    """The four quarters of a hash, each with its position."""
    return [
        position << _BITS | (value >> position * _BITS) & 0xFFFF
        for position in range(_BANDS)
    ]


@lru_cache(maxsize=1)
def _turns() -> tuple[int, ...]:
    one = [1 << n for n in range(_BITS)]
    return (0, *one, *(a | b for a, b in combinations(one, 2)))


def _near_bands(value: int) -> list[int]:
    return [band ^ turn for band in bands(value) for turn in _turns()]


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


@dataclass(frozen=True, slots=True)
class Alike:
    """A stored picture that looks the same. `bits`: the distance; `said_at`: its
    message's."""

    attachment_id: int
    message_id: int
    said_at: datetime
    bits: int


def remember(session: Session, attachment: Attachment, value: int) -> None:
    """Keep what a stored picture looks like; once."""
    if session.get(PhotoHash, attachment.id) is not None:
        return
    message = session.get_one(Message, attachment.message_id)
    session.add(
        PhotoHash(
            attachment_id=attachment.id,
            message_id=attachment.message_id,
            hash=_signed(value),
            said_at=message.created_at,
        )
    )
    session.add_all(
        [PhotoBand(band=band, attachment_id=attachment.id) for band in bands(value)]
    )
    session.flush()


def alike(session: Session, value: int, *, besides: int) -> list[Alike]:
    """Stored pictures that look like this hash, the nearest first, then the oldest."""
    near = (
        select(PhotoBand.attachment_id)
        .where(
            col(PhotoBand.band).in_(_near_bands(value)),
            PhotoBand.attachment_id != besides,
        )
        .distinct()
        .order_by(col(PhotoBand.attachment_id).desc())
        .limit(_MOST)
    )
    rows = session.exec(select(PhotoHash).where(col(PhotoHash.attachment_id).in_(near)))
    found = [
        Alike(
            row.attachment_id,
            row.message_id,
            row.said_at,
            distance(row.hash % 2**64, value),
        )
        for row in rows
    ]
    close = [one for one in found if one.bits <= NEAREST]
    return sorted(close, key=lambda one: (one.bits, one.said_at))


def found(
    session: Session, now: datetime, attachment: Attachment, value: int
) -> list[int]:
    """Remember a picture; join the case it came with to an open one that shows the
    same, or where anything speaks against it suggest that. Ids of suggestions.

    Part of the transaction that stores it. Anonymous reports and confidential cases are
    left alone.
    """
    remember(session, attachment, value)
    message = session.get_one(Message, attachment.message_id)
    case = session.get(Case, message.case_id) if message.case_id else None
    if (
        case is None
        or case.status not in deadlines.OPEN
        or case.confidential
        or message.anonymous
    ):
        return []
    likeness: dict[int, search.Likeness] = {}
    for one in alike(session, value, besides=attachment.id):
        other = session.get_one(Message, one.message_id)
        there = session.get(Case, other.case_id) if other.case_id else None
        if (
            there is None
            or there.id in (case.id, *likeness)
            or there.status not in deadlines.OPEN
        ):
            continue
        if there.confidential or other.anonymous or other.deleted_at is not None:
            continue
        decision = compare(message, case, other, there)
        later, earlier = (case, there) if case.id > (there.id) else (there, case)
        own = message if later is case else other
        is_one = decision.verdict == "join" and _untouched(later, own)
        if is_one and not groups.told_apart(session, later.id, earlier.id):
            joining.join_by_itself(
                session, now, later, earlier, search.as_rows(decision.reasons)
            )
            return []
        likeness[there.id] = search.Likeness(there.id, decision)
    return search.suggest(session, now, case, list(likeness.values()))


def _untouched(case: Case, message: Message) -> bool:
    """Whether nobody has taken the case in hand, and the picture came with its first
    message."""
    return (
        case.status == "new"
        and case.claimed_by is None
        and case.waiting is None
        and not case.confirmed
        and case.first_message_id == message.id
    )


def compare(message: Message, case: Case, other: Message, there: Case) -> Decision:
    """What two messages with the same picture are: one problem, unless something tells
    them apart.

    Numbers and places do, another kind or class, a question beside a complaint, more
    than 30 days.
    """
    gap = abs(message.created_at - other.created_at)
    mine, theirs = search.traits_of(message), search.traits_of(other)
    reasons: tuple[Reason, ...] = (Reason("same_photo"), _minutes(gap))
    apart = gap > duplicates.WINDOW or _other_place(message, case, other, there)
    if (
        mine is not None
        and theirs is not None
        and mine.canonical.words
        and theirs.canonical.words
    ):
        apart = apart or _other_class(case, there) or _other_kind(case, there)
        words = duplicates.decide(mine, theirs, Context(gap=gap)).reasons
        reasons = (*reasons, *(one for one in words if one.code != "gap"))
        apart = apart or (
            agreement.other_place(mine, theirs)
            or agreement.other_matter(mine, theirs)
            or mine.canonical.asks != theirs.canonical.asks
            or any(one.against and one.code in _TELLING_APART for one in reasons)
        )
    return Decision("suggest" if apart else "join", _SCORE, reasons)


def _minutes(gap: timedelta) -> Reason:
    return Reason("gap", str(int(gap.total_seconds() // 60)))


def _other_place(message: Message, case: Case, other: Message, there: Case) -> bool:
    if case.ward and there.ward and case.ward != there.ward:
        return True
    if message.latitude is None or message.longitude is None:
        return False
    if other.latitude is None or other.longitude is None:
        return False
    north, east = message.latitude - other.latitude, message.longitude - other.longitude
    return max(abs(north), abs(east)) > _FAR_DEGREES


def _other_class(case: Case, there: Case) -> bool:
    complaints = case.klass in _COMPLAINTS and there.klass in _COMPLAINTS
    return case.klass != there.klass and not complaints


def _other_kind(case: Case, there: Case) -> bool:
    mine, theirs = set(case.kinds) - {_NO_KIND}, set(there.kinds) - {_NO_KIND}
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def due(database: Database, limit: int = 50) -> list[int]:
    """Stored pictures that were not looked at yet."""
    with database.reading() as session:
        query = select(Attachment.id).where(
            col(Attachment.looked_at).is_(None),
            uncounted(col(Attachment.status)) == "stored",
            col(Attachment.sha256).is_not(None),
            col(Attachment.mime).startswith("image/"),
        )
        rows = session.exec(query.order_by(col(Attachment.id)).limit(limit))
        return list(rows)


def look(
    database: Database, data_dir: Path, now: datetime, attachment_id: int
) -> list[int]:
    """Look at one stored picture: `found`, once. The hash is computed outside the
    transaction; a file that is no picture is looked at once and never again."""
    with database.reading() as session:
        row = session.get_one(Attachment, attachment_id)
    try:
        value = hash_of(filestore.path_of(data_dir, row.sha256 or ""))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        log.info("attachment %s cannot be compared: %s", attachment_id, error)
        value = None
    with database.writing() as session:
        lock_processing(session)
        row = session.get_one(Attachment, attachment_id)
        row.looked_at = now
        return found(session, now, row, value) if value is not None else []


@dataclass(frozen=True, slots=True)
class Earlier:
    """ "Pernah beredar pada ...": `attachment_id` looks like one that somebody sent at
    `said_at`.

    `case_id` is the earlier one's case: whether a viewer may open it is not decided
    here.
    """

    attachment_id: int
    said_at: datetime
    case_id: int | None


def seen_before(session: Session, attachment_ids: Iterable[int]) -> dict[int, Earlier]:
    """Pictures that went round before: the oldest like them by other people, older by a
    day.

    What came with a confidential case is not told of.
    """
    told: dict[int, Earlier] = {}
    rows = session.exec(
        select(PhotoHash, Message)
        .join(Message, col(Message.id) == col(PhotoHash.message_id))
        .where(col(PhotoHash.attachment_id).in_(list(attachment_ids)))
    )
    for row, message in rows.all():
        older = [
            one
            for one in alike(session, row.hash % 2**64, besides=row.attachment_id)
            if one.said_at <= row.said_at - OLD_AFTER
        ]
        for one in sorted(older, key=lambda one: one.said_at):
            other = session.get_one(Message, one.message_id)
            same = (
                message.author_id is not None and message.author_id == other.author_id
            )
            if not same and other.deleted_at is None and not _is_secret(session, other):
                told[row.attachment_id] = Earlier(
                    row.attachment_id, one.said_at, other.case_id
                )
                break
    return told


def _is_secret(session: Session, message: Message) -> bool:
    case = session.get(Case, message.case_id) if message.case_id else None
    return case is not None and case.confidential
