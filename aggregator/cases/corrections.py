"""How often people had to correct the rules, and the texts that the rules can learn
from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import col, func, select

from aggregator.cases import privacy, sight
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case, Correction
from aggregator.store.tables.intake import Message

FIELDS = ("klass", "kind", "ward", "language", "urgent", "maybe_urgent", "authority")
_LEARNT = {
    "klass": "class",
    "language": "language",
    "urgent": "urgent",
    "maybe_urgent": "urgent",
}
_ONLY_WHERE_SET = frozenset({"maybe_urgent"})
"""Asked about only where the rules had a doubt, and then whether it was one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of `looked_at` cases that a person confirmed or corrected the rules were wrong in
    `wrong`. `usual`: the correction made most often, (before, after), and how often."""

    field: str
    looked_at: int
    wrong: int
    usual: tuple[str | None, str | None] | None
    times: int

    @property
    def right(self) -> float | None:
        return 1 - self.wrong / self.looked_at if self.looked_at else None


def measured(database: Database) -> list[Measured]:
    """Every field that people may correct, secret cases left out. What a correction
    took back again is no mistake."""
    with database.reading() as session:
        looked_at = session.exec(
            select(func.count()).where(col(Case.confirmed), sight.NO_SECRET)
        ).one()
        query = select(Correction).join(Case, col(Case.id) == col(Correction.case_id))
        rows = list(
            session.exec(query.where(sight.NO_SECRET).order_by(col(Correction.id)))
        )
    ends: dict[str, dict[int, tuple[str | None, str | None]]] = defaultdict(dict)
    for row in rows:
        first, _ = ends[row.field].get(row.case_id, (row.before, None))
        ends[row.field][row.case_id] = (first, row.after)
    found = []
    for field in FIELDS:
        wrong = [pair for pair in ends[field].values() if pair[0] != pair[1]]
        usual, times = next(iter(Counter(wrong).most_common(1)), (None, 0))
        asked = len(ends[field]) if field in _ONLY_WHERE_SET else looked_at
        found.append(Measured(field, max(asked, len(wrong)), len(wrong), usual, times))
    return found


def examples(database: Database) -> Iterator[dict[str, str]]:
    """Corrected texts as `sahut eval learn --corrections` reads them: `text` with
    `class`, `language` or `urgent` ("True", "False"). Personal data is masked; secret
    cases and what its writer deleted are left out."""
    query = (
        select(Correction.case_id, Correction.field, Correction.after, Message.text)
        .join(Case, col(Case.id) == col(Correction.case_id))
        .join(Message, col(Message.id) == col(Case.first_message_id))
        .where(
            col(Correction.field).in_(_LEARNT),
            sight.NO_SECRET,
            col(Message.deleted_at).is_(None),
            col(Message.text).is_not(None),
        )
    )
    told: dict[int, dict[str, str]] = {}
    with database.reading() as session:
        for case_id, field, after, text in session.exec(
            query.order_by(col(Correction.id))
        ):
            row = told.setdefault(case_id, {"text": privacy.masked(text or "")})
            row[_LEARNT[field]] = after or ""
    yield from told.values()
