"""What ends the sessions and the remembered devices of a person."""

from __future__ import annotations

from sqlmodel import Session, col, delete

from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.people import Device, Person


def sign_out_everywhere(database: Database, person_id: int) -> None:
    """Every session ends, and no device is remembered any more."""
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        person.epoch += 1
        actor = Actor(person.login, person_id)
        record(session, actor, "signed_out_everywhere", "person", person_id)
        forget_devices_in(session, person_id)


def forget_devices_in(session: Session, person_id: int) -> None:
    """Each of them needs a code again."""
    session.execute(delete(Device).where(col(Device.person_id) == person_id))
