"""What a person has chosen for themselves: kept with the person, wherever they sign in.

`tour`: steps of the tour they have seen; `piket`: at night they are told of everything.
"""

from __future__ import annotations

from typing import Any

from aggregator.db import Database
from aggregator.models import Person


def of_person(database: Database, person_id: int) -> dict[str, Any]:
    with database.reading() as session:
        return dict(session.get_one(Person, person_id).preferences)


def choose(database: Database, person_id: int, **choices: Any) -> None:
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        person.preferences = {**person.preferences, **choices}
