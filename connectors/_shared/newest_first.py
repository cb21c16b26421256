"""Where a run stands in a list that a platform gives newest first, without a `since` of
its own.

What was read to the end moves only after the last page; until then everything stands in
the cursor, so a run that breaks off at any page goes on there and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass
class Place:
    """Times are epoch seconds.

    `since` what was read to the end by earlier runs `top` the newest seen in this run
    `after` the platform's mark of the next page (None: the first) `todo` lists still to
    be read in this run, where there are many (None: not looked up yet)
    """

    since: int = 0
    top: int = 0
    after: str | None = None
    todo: list[str] | None = None

    @classmethod
    def of(cls, kept: Any) -> Place:
        told = kept if isinstance(kept, Mapping) else {}
        names = ("since", "top", "after", "todo")
        return cls(**{name: told[name] for name in names if told.get(name) is not None})

    def kept(self) -> dict[str, Any]:
        found = {
            "since": self.since,
            "top": self.top,
            "after": self.after,
            "todo": self.todo,
        }
        return {name: value for name, value in found.items() if value not in (None, 0)}

    @property
    def begun(self) -> bool:
        return self.after is not None or self.todo is not None

    def see(self, at: datetime | None) -> int:
        """Note an item's time; in seconds, 0 where it has none."""
        seconds = int(at.timestamp()) if at else 0
        self.top = max(self.top, seconds)
        return seconds

    def reaches(self, times: list[int], floor: int) -> bool:
        """Whether a page with these times (0: none told) goes back as far as
        `floor`."""
        told = [seconds for seconds in times if seconds]
        return bool(told) and min(told) <= floor

    def finish(self) -> None:
        self.since, self.top, self.after, self.todo = (
            max(self.since, self.top),
            0,
            None,
            None,
        )
