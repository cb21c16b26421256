"""Secret cases of tests: made secret by hand, with readers."""

from __future__ import annotations

from sqlmodel import select

from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case, CaseReader


def make_secret(database: Database, number: str | None, *readers: Viewer) -> None:
    """The case of a number is secret, and read by these people."""
    with database.writing() as session:
        case = session.exec(select(Case).where(Case.number == number)).one()
        case.confidential = True
        session.add_all(
            CaseReader(
                case_id=case.id or 0, person_id=reader.id, reason="Menangani laporan"
            )
            for reader in readers
        )
