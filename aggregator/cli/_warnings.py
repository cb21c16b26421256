"""What is worth a second look before an answer goes out, on standard error."""

from __future__ import annotations

from aggregator.answers import contradictions
from aggregator.cases import casefile
from aggregator.cli._common import Installation, err, now
from aggregator.people.viewers import Viewer


def contradicted(place: Installation, viewer: Viewer, number: str, text: str) -> None:
    """Answers of the city that this one contradicts, both texts below each other."""
    with casefile.reading(place.database, now(), viewer, number) as file:
        found = contradictions.find(file.session, file.now, file.case, text)
    for one in found:
        fields = ", ".join(difference.field for difference in one.differences)
        err.print(
            f"This contradicts an answer of {one.agency} to case {one.case.number}"
            f" ({fields}):\n  you:  {one.ours}\n  they: {one.theirs}",
            highlight=False,
        )
