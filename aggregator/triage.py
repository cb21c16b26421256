"""What a new case is about, whose it is and how urgent: part of T2, and what people correct of it.

The rules only propose. Whatever a person has confirmed stays; what the rules had said before is
kept as a correction, to measure and retrain them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from aggregator import cases, city, deadlines, notifications
from aggregator.audit import record
from aggregator.cases import CaseError
from aggregator.db import Database
from aggregator.models import Assignment, Case, Correction, Message
from aggregator.people import Viewer
from aggregator.rules import authority, classes
from aggregator.rules.authority import Owner, Visibility
from aggregator.rules.routing import Addressed
from aggregator.rules.understand import Understood, understand

SURE = 0.5
"""From this score of a kind on, its office leads; below it the one addressed does."""
_HIDDEN: Visibility = "rahasia"
_SOP_TYPES = {"permintaan_informasi": "permintaan_informasi", "wbs": "berkadar_pengawasan"}
_NO_KIND = "umum"


def open_case(
    session: Session, now: datetime, case: Case, message: Message, addressed: Sequence[Addressed]
) -> None:
    """Read the first message of a new case: class, kind, place, language, urgency, offices."""
    read = _read(now, message)
    _write(case, read)
    table = city.here().duties
    found = _owners(case, read)
    seen_by: Visibility = _HIDDEN if case.confidential else read.visibility
    for owner in authority.combine(addressed, found, seen_by, table):
        _assign(session, now, case, owner)
    session.flush()
    deadlines.refresh(session, now, case)
    if case.urgent:
        notifications.emergency(session, now, case)
    if any(letter.isalpha() for letter in message.text or ""):
        notifications.foreign(session, now, case)


def go_on(
    session: Session, now: datetime, case: Case, message: Message, addressed: Sequence[Addressed]
) -> None:
    """A further message: other offices addressed help; an emergency makes the case one; whoever
    waited for the reporter waits no more."""
    if case.waiting == "menunggu_pelapor" and message.direction == "in":
        deadlines.end_pause(session, now, case)
    read = _read(now, message)
    if read.urgent and not case.urgent and not case.confirmed:
        case.urgent = True
        case.understood = {**case.understood, "urgent": list(read.urgent)}
        notifications.emergency(session, now, case)
    if not case.confidential:
        _address(session, now, case, addressed)
    if case.kind in (None, _NO_KIND) and read.kinds and not case.confirmed:
        _write(case, read)
    case.ward = case.ward or _ward(read)
    session.flush()
    deadlines.refresh(session, now, case)


def confirm(
    database: Database, now: datetime, viewer: Viewer, number: str, *,
    klass: str | None = None, kind: str | None = None, ward: str | None = None,
    urgent: bool | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """A person agrees with the rules (nothing given) or corrects them. CaseError."""
    with database.writing() as session:
        case = cases.acting(session, viewer, number, version)
        _check(klass, kind, ward)
        wanted: dict[str, Any] = {"klass": klass, "kind": kind, "ward": ward, "urgent": urgent}
        changed = {
            name: value
            for name, value in wanted.items()
            if value is not None and value != getattr(case, name)
        }
        for name, value in changed.items():
            before = getattr(case, name)
            session.add(
                Correction(
                    case_id=case.id or 0, field=name, before=_plain(before), after=_plain(value),
                    person_id=viewer.id, at=now,
                )
            )  # fmt: skip
            setattr(case, name, value)
        if "kind" in changed:
            case.kinds = [str(kind), *(code for code in case.kinds if code != kind)][:3]
        case.sop_type = _SOP_TYPES.get(case.klass or "")
        case.confirmed = True
        case.version += 1
        if changed:
            _route_again(session, now, case)
        session.flush()
        deadlines.refresh(session, now, case)
        record(session, viewer.actor, "classified", "case", case.id or 0, **changed)
        return case


def _read(now: datetime, message: Message) -> Understood:
    here = city.here()
    said = "\n".join(part for part in (message.text, message.place) if part)
    return understand(said, gazetteer=here.places, duties=here.duties, on=here.today(now))


def _write(case: Case, read: Understood) -> None:
    """The findings, with their reasons, into the case."""
    case.klass, case.language = read.klass, read.language
    case.kinds = [guess.code for guess in read.kinds]
    case.kind = next(iter(case.kinds), None)
    case.urgent = case.urgent or bool(read.urgent)
    case.authority = read.level
    case.ward = case.ward or _ward(read)
    case.sop_type = _SOP_TYPES.get(read.klass)
    case.confidential = case.confidential or read.visibility == _HIDDEN
    case.understood = {
        "class_score": round(read.class_score, 2),
        "class_reasons": list(read.class_reasons),
        "office": read.office,
        "kinds": [
            {"code": one.code, "score": round(one.score, 2), "reasons": list(one.reasons)}
            for one in read.kinds
        ],
        "places": [
            {"name": one.name, "type": one.type, "ward": one.kelurahan, "ambiguous": one.ambiguous}
            for one in read.places
        ],
        "owners": [
            {"agency": one.agency, "level": one.level, "reason": one.reason, "role": one.role,
             "outside": one.outside}
            for one in read.owners
        ],
        "visibility": read.visibility,
        "urgent": list(read.urgent),
        "gaps": list(read.gaps),
    }  # fmt: skip


def _ward(read: Understood) -> str | None:
    """The code of the ward that the places of a text agree on."""
    names = {
        place.kelurahan
        for place in read.places
        if place.kelurahan and place.city and not place.ambiguous
    }
    codes = city.here().duties.ward_codes
    return codes.get(names.pop() or "") if len(names) == 1 else None


def _owners(case: Case, read: Understood) -> list[Owner]:
    """The offices that get the case by themselves: who leads; who helps only in an emergency.

    Others that the rules name are shown as proposals, for a queue that fills up with other
    people's cases is not read.
    """
    ours = [owner for owner in read.owners if not owner.outside]
    if case.confidential or case.urgent:
        return ours
    top = next(iter(read.kinds), None)
    if top is None or top.code == _NO_KIND or top.score < SURE:
        return []
    return [owner for owner in ours if owner.role == "lead"]


def _assign(session: Session, now: datetime, case: Case, owner: Owner) -> None:
    session.add(
        Assignment(
            case_id=case.id or 0, agency_code=owner.agency,
            role="lead" if owner.role == "lead" else "help", reason=owner.reason, assigned_at=now,
        )
    )  # fmt: skip


def _address(session: Session, now: datetime, case: Case, addressed: Sequence[Addressed]) -> None:
    query = select(Assignment.agency_code).where(Assignment.case_id == case.id)
    present = set(session.exec(query))
    for account in addressed:
        if account.agency_code not in present:
            present.add(account.agency_code)
            reason = f"account:{account.handle}"
            _assign(
                session, now, case,
                city.here().duties.owner(account.agency_code, "help", reason),
            )  # fmt: skip


def _route_again(session: Session, now: datetime, case: Case) -> None:
    """After a correction: the office whose duty it is leads; nobody who has it loses it."""
    here = city.here()
    secret = authority.visibility(
        case.kinds[:1], case.klass or "", here.duties, here.today(now)
    ) == _HIDDEN  # fmt: skip
    case.confidential = case.confidential or secret
    owners = authority.owners(
        case.kinds[:1], [], case.klass or "pengaduan", here.duties, here.today(now)
    )
    case.authority = authority.authority(owners)
    lead = next((one for one in owners if one.role == "lead" and not one.outside), None)
    if lead is None:
        return
    rows = list(session.exec(select(Assignment).where(Assignment.case_id == case.id)))
    for row in rows:
        row.role = "lead" if row.agency_code == lead.agency else "help"
    if all(row.agency_code != lead.agency for row in rows):
        _assign(session, now, case, lead)


def _check(klass: str | None, kind: str | None, ward: str | None) -> None:
    here = city.here()
    if klass is not None and klass not in classes.CODES:
        raise CaseError(f"there is no class {klass!r}", "bad_class")
    if kind is not None and kind not in here.catalog.categories:
        raise CaseError(f"there is no kind {kind!r}", "bad_kind")
    if ward is not None and ward not in here.duties.ward_codes.values():
        raise CaseError(f"there is no ward {ward!r}", "bad_ward")


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
