"""When reports of one kind at one place come so thick that they are one event."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Setting:
    """`reports` people within `minutes`, and `times_usual` as many as usual at this
    hour."""

    reports: int
    minutes: int
    times_usual: float

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Settings:
    """By kind; `otherwise` for kinds without a line of their own."""

    otherwise: Setting
    kinds: Mapping[str, Setting]

    def of(self, kind: str) -> Setting:
        return self.kinds.get(kind, self.otherwise)


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind at a place (a key of its name, see `traits.spot_words`)."""

    kind: str
    spot: str


def needed(setting: Setting, usual: float) -> int:
    """How many reporters make an incident where `usual` come in such a window at this
    hour."""
    return max(setting.reports, math.ceil(usual * setting.times_usual))


def proposed(
    counts: Mapping[Matter, int], usual: Mapping[Matter, float], settings: Settings
) -> list[Matter]:
    """Matters with as many reporters as it takes, the most reported first."""
    found = [
        matter
        for matter, count in counts.items()
        if count >= needed(settings.of(matter.kind), usual.get(matter, 0.0))
    ]
    return sorted(found, key=lambda matter: (-counts[matter], matter.kind, matter.spot))
