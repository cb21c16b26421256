"""What the page of a case says of offices, bodies outside the city and clocks that
stood still."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregator import city
from aggregator.cases import ownership
from aggregator.city.catalog import Catalog
from aggregator.rules.reports import authority
from aggregator.rules.time.clocks import Clock
from aggregator.store.tables.cases import Assignment
from aggregator.web import words
from aggregator.web.words import Translate
from aggregator.web.words import case as words_case

_TALKED_OF = (
    "kind",
    "class",
    "place",
    "road",
    "school",
    "ward",
    "district",
    "health_centre",
    "at",
    "account",
    "person",
    "said",
    "language",
)


def context(translate: Translate, catalog: Catalog, language: str) -> dict[str, Any]:
    """Functions and tables for templates."""

    def why(reason: str) -> str:
        """A reason as a sentence; nothing for one that is no code of ours."""
        if reason.partition(":")[0] not in _TALKED_OF:
            return ""
        return authority.explain(
            reason, language, lambda kind: catalog.kind(kind, language)
        )

    def body_words(spoken: Mapping[str, str]) -> str:
        return spoken.get(language) or spoken.get("id") or ""

    def task_words(row: Assignment) -> str:
        untouched = row.status == "open" and row.acknowledged_at is None
        code = "waiting" if untouched else row.status
        return translate(words_case.TASK.get(code, row.status))

    def level_words(level: str) -> str:
        return translate(words_case.LEVEL.get(level, level))

    def position_words(role: str) -> str:
        return translate(words_case.POSITION.get(role, role))

    return {
        "why": why,
        "body_words": body_words,
        "task_words": task_words,
        "position_words": position_words,
        "level_words": level_words,
        "level_of": ownership.level_of,
        "bodies": city.here().duties.bodies,
        "paused_words": lambda clock: paused(translate, clock),
    }


def paused(translate: Translate, clock: Clock) -> str:
    """How long a deadline stood still."""
    hours = clock.paused_for.total_seconds() / 3600
    return translate("waited %s in between") % words.hours(translate, hours)
