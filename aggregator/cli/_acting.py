"""Who acts: a person named on the command line, or the operator of the machine."""

from __future__ import annotations

import os

from aggregator.cli._common import Installation, here
from aggregator.people import staff, viewers
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store.audit import Actor

OPERATOR = Actor(login=f"operator:{os.environ.get('USER', 'sahut')}"[:60])


def acting(login: str) -> tuple[Installation, Viewer]:
    """The installation and the person who acts in it. PeopleError."""
    place = here()
    person = staff.get(place.database, login)
    if person.status == "disabled":
        raise PeopleError(f"{login} is disabled")
    return place, viewers.viewer(person)
