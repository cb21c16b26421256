"""Reading a case in full for a while, with a reason that stands in the audit trail."""

from __future__ import annotations

import re
from datetime import datetime

from aggregator.cases import casefile, privacy
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database

SHORTEST_REASON = 5
LONGEST_REASON = 300
_SPACES = re.compile(r"\s+")


def reveal(
    database: Database, now: datetime, viewer: Viewer, number: str, reason: str
) -> None:
    """Read a case in full from now on, for a shift. Refusal without a reason."""
    said = privacy.masked(_SPACES.sub(" ", reason).strip())[:LONGEST_REASON]
    if len(said) < SHORTEST_REASON:
        raise Refusal("say why you need to read it", "reason_needed")
    with database.writing() as session:
        file = casefile.read_in(session, now, viewer, number)
        if file.reader.full:
            return
        file.record("revealed", reason=said)
