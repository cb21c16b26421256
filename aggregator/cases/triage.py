"""What a new case is about, whose it is and how urgent: part of T2, and what people
correct of it.

The rules only propose. Whatever a person has confirmed stays; what the rules had said
before is kept as a correction, to measure and retrain them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from aggregator import city
from aggregator.cases import casefile, deadlines, secrecy
from aggregator.cases.casefile import Seen
from aggregator.people import notifications
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.places.finder import places_in
from aggregator.rules.places.gazetteer import Place
from aggregator.rules.reports import authority, classes, findings
from aggregator.rules.reports.authority import Addressed, Owner, Visibility
from aggregator.rules.reports.context import Context
from aggregator.rules.reports.understand import Understood, understand
from aggregator.rules.text import language as languages
from aggregator.store.db import Database
from aggregator.store.tables.cases import Assignment, Case, Correction
from aggregator.store.tables.intake import Message

_HIDDEN: Visibility = "rahasia"
_SOP_TYPES = {
    "permintaan_informasi": "permintaan_informasi",
    "wbs": "berkadar_pengawasan",
}
_NO_KIND = "umum"
_ROUTED_BY = frozenset({"klass", "kind", "ward", "urgent"})


def open_case(
    session: Session,
    now: datetime,
    case: Case,
    message: Message,
    addressed: Sequence[Addressed],
    *,
    just_said: bool = False,
) -> None:
    """Read the first message of a new case: class, kind, place, language, urgency,
    offices.

    `just_said`: nothing but this message has happened to it, so nothing else is looked
    up.
    """
    read = _read(now, message, addressed)
    _write(case, read)
    secret = case.confidential or _asks_secrecy(message, read)
    table = city.here().duties
    found = _owners(case, read, secret=secret)
    seen_by: Visibility = _HIDDEN if secret else read.visibility
    owners = authority.combine(addressed, found, seen_by, table)
    tasks = [_assign(session, now, case, owner) for owner in owners]
    if secret:
        # before anybody is told of it
        secrecy.begin(session, now, case, [owner.agency for owner in owners])
    if just_said:
        deadlines.begin(now, case, message, tasks)
    else:
        session.flush()
        deadlines.refresh(session, now, case)
    if case.urgent:
        notifications.emergency(session, now, case)
    if any(letter.isalpha() for letter in message.text or ""):
        _before_a_speaker(session, now, case)


def go_on(
    session: Session,
    now: datetime,
    case: Case,
    message: Message,
    addressed: Sequence[Addressed],
) -> None:
    """A further message: other offices addressed help; an emergency makes the case one,
    or asks for a look where a person has said what the case is; whoever waited for the
    reporter waits no more."""
    if case.waiting == "menunggu_pelapor" and message.direction == "in":
        deadlines.end_pause(session, now, case)
    read = _read(now, message, addressed)
    rings = bool(read.urgent) and not case.urgent and not case.confirmed
    if rings:
        case.urgent = True
        case.understood = replace(case.understood, urgent=read.urgent)
        case.maybe_urgent = False
    elif (read.urgent or read.maybe_urgent) and not case.urgent:
        case.maybe_urgent = case.maybe_urgent or message.direction == "in"
    if not case.confidential:
        _address(session, now, case, addressed)
    if case.kind in (None, _NO_KIND) and read.kinds and not case.confirmed:
        _write(case, read)
        if read.visibility == _HIDDEN and not case.confidential:
            _hide(session, now, case, read.owners)
    if case.confidential:
        secrecy.heard(session, now, case)
    elif message.extra.get("rahasia"):
        tasks = deadlines.tasks_of(session, case.id)
        secrecy.begin(session, now, case, [row.agency_code for row in tasks])
    if rings:
        notifications.emergency(session, now, case)
    case.ward = case.ward or _ward(read)
    session.flush()
    deadlines.refresh(session, now, case)


def file(
    case: Case, message: Message, addressed: Sequence[Addressed]
) -> list[Assignment]:
    """Read a message of before: whose case it would have been, done from the beginning.
    Nobody is told, and what was an emergency then is none now."""
    read = _read(message.created_at, message, addressed)
    _write(case, read)
    case.urgent = False
    case.confidential = case.confidential or _asks_secrecy(message, read)
    seen_by: Visibility = _HIDDEN if case.confidential else read.visibility
    found = _owners(case, read, secret=case.confidential)
    owners = authority.combine(addressed, found, seen_by, city.here().duties)
    return [_of_before(case, message, owner) for owner in owners]


def _of_before(case: Case, message: Message, owner: Owner) -> Assignment:
    return Assignment(
        case_id=case.id,
        agency_code=owner.agency,
        role="lead" if owner.role == "lead" else "help",
        reason=owner.reason,
        assigned_at=message.created_at,
        status="done",
        done_at=message.created_at,
    )


def forget(session: Session, message: Message) -> None:
    """The sender took a message back: what was decided stays, the words it was read
    from go."""
    case = session.get(Case, message.case_id) if message.case_id else None
    if case is None or case.first_message_id != message.id:
        return
    case.understood, case.place = case.understood.without_words(), None


def confirm(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    *,
    klass: str | None = None,
    kind: str | None = None,
    ward: str | None = None,
    language: str | None = None,
    urgent: bool | None = None,
    seen: Seen | None = None,
) -> Case:
    """A person agrees with the rules (nothing given) or corrects them. Refusal."""
    wanted: dict[str, Any] = {
        "klass": klass,
        "kind": kind,
        "ward": ward,
        "language": language,
        "urgent": urgent,
    }
    with casefile.acting(database, now, viewer, number, seen) as file:
        session, case = file.session, file.case
        _check(klass, kind, ward, language)
        changed = {
            name: value
            for name, value in wanted.items()
            if value is not None and value != getattr(case, name)
        }
        for name, value in changed.items():
            _keep(session, now, viewer, case, name, getattr(case, name), value)
            setattr(case, name, value)
        if "kind" in changed:
            case.kinds = [str(kind), *(code for code in case.kinds if code != kind)][:3]
        if urgent is not None:
            _leave_the_lane(session, now, viewer, case, urgent)
        case.sop_type = _SOP_TYPES.get(case.klass or "")
        case.confirmed = True
        _follow(session, now, case, changed)
        file.changed("classified", **changed)
        return case


def decide(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    *,
    urgent: bool,
    seen: Seen | None = None,
) -> Case:
    """A person says of what may be an emergency whether it is one; of nothing else.

    An emergency rings now. Where somebody has said so already nothing changes. Refusal.
    """
    with casefile.acting(database, now, viewer, number, seen) as file:
        session, case = file.session, file.case
        if case.urgent or not case.maybe_urgent:
            return case
        _leave_the_lane(session, now, viewer, case, urgent)
        if urgent:
            _keep(session, now, viewer, case, "urgent", False, True)
            case.urgent = True
            _follow(session, now, case, ("urgent",))
        file.changed("is_emergency" if urgent else "no_emergency")
        return case


def _leave_the_lane(
    session: Session, now: datetime, viewer: Viewer, case: Case, urgent: bool
) -> None:
    if case.maybe_urgent:
        _keep(session, now, viewer, case, "maybe_urgent", True, urgent)
        case.maybe_urgent = False


def denied(session: Session, case: Case) -> bool:
    """Whether a person has said that the case is no emergency."""
    said = select(Correction.after).where(
        Correction.case_id == case.id, Correction.field == "maybe_urgent"
    )
    return _plain(False) in session.exec(said)


def tell_112(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    seen: Seen | None = None,
) -> Case:
    """Somebody has made sure that 112 knows; who was first stands. Refusal."""
    with casefile.acting(database, now, viewer, number, seen) as file:
        if file.case.told_112_at is None:
            file.case.told_112_at = now
            file.changed("told_112")
        return file.case


def _keep(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    name: str,
    before: object,
    after: object,
) -> None:
    """What the rules had said and a person says instead, to measure and retrain
    them."""
    session.add(
        Correction(
            case_id=case.id,
            field=name,
            before=_plain(before),
            after=_plain(after),
            person_id=viewer.id,
            at=now,
        )
    )


def _follow(
    session: Session, now: datetime, case: Case, changed: Collection[str]
) -> None:
    """What a correction brings with it: other offices, other clocks, other people to
    tell."""
    if _ROUTED_BY & set(changed):
        _route_again(session, now, case, "ward" in changed)
    session.flush()
    deadlines.refresh(session, now, case)
    if "urgent" in changed and case.urgent:
        notifications.emergency(session, now, case)
    if "language" in changed:
        _before_a_speaker(session, now, case)


def not_ours(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    body: str | None = None,
) -> str:
    """A person says which body outside the city must act; without `body` the one the
    rules name. Its code. Refusal `no_body`."""
    with casefile.acting(database, now, viewer, number) as file:
        session, case = file.session, file.case
        table = city.here().duties
        owners = case.understood.owners
        code = body or next(
            (one.agency for one in owners if one.agency in table.bodies), ""
        )
        if code not in table.bodies:
            codes = ", ".join(sorted(table.bodies))
            raise Refusal(f"say which body is responsible: {codes}", "no_body")
        if owners and owners[0].agency == code and owners[0].role == "responsible":
            return code
        owner = table.owner(code, "responsible", f"said:{viewer.login}")
        others = (one for one in owners if one.agency != code)
        first = (owner, *others)[: authority.MOST]
        case.understood = replace(case.understood, owners=first)
        if case.authority != owner.level:
            _keep(session, now, viewer, case, "authority", case.authority, owner.level)
        case.authority = owner.level
        file.changed("referred", agency=code)
        return code


def _read(
    now: datetime, message: Message, addressed: Sequence[Addressed]
) -> Understood:
    here = city.here()
    first = next((one.agency_code for one in addressed), None)
    said = "\n".join(part for part in (message.text, message.place) if part)
    return understand(
        said,
        here.lexicon,
        gazetteer=here.places,
        duties=here.duties,
        context=Context(private=not message.public, account=first),
        on=here.today(now),
    )


def _write(case: Case, read: Understood) -> None:
    """The findings, with their reasons, into the case."""
    case.klass, case.language = read.klass, read.language
    case.kinds = [guess.code for guess in read.kinds]
    case.kind = next(iter(case.kinds), None)
    case.urgent = case.urgent or bool(read.urgent)
    case.maybe_urgent = not case.urgent and (case.maybe_urgent or read.maybe_urgent)
    case.authority = read.level
    case.ward = case.ward or _ward(read)
    case.sop_type = _SOP_TYPES.get(read.klass)
    case.understood = findings.of(read)


def _ward(read: Understood) -> str | None:
    """The code of the ward that the places of a text agree on."""
    names = {
        place.kelurahan
        for place in read.places
        if place.kelurahan and place.city and not place.ambiguous
    }
    codes = city.here().duties.ward_codes
    return codes.get(names.pop() or "") if len(names) == 1 else None


def _asks_secrecy(message: Message, read: Understood) -> bool:
    """Who reports asks for it, or what is reported does."""
    return bool(message.extra.get("rahasia")) or read.visibility == _HIDDEN


def _hide(session: Session, now: datetime, case: Case, found: Sequence[Owner]) -> None:
    """What was said since makes a case secret: from now on it is with its owners
    alone."""
    have = {row.agency_code for row in deadlines.tasks_of(session, case.id)}
    for owner in found:
        if not owner.outside and owner.agency not in have:
            _assign(session, now, case, owner)
    session.flush()
    secrecy.begin(session, now, case, authority.ours(found))


def _owners(case: Case, read: Understood, *, secret: bool) -> list[Owner]:
    """The offices that get the case by themselves: who leads; who helps only in an
    emergency.

    Others that the rules name are shown as proposals, for a queue that fills up with
    other people's cases is not read.
    """
    ours = [owner for owner in read.owners if not owner.outside]
    if secret or case.urgent:
        return ours
    return [owner for owner in ours if owner.role == "lead" and read.sure]


def _assign(session: Session, now: datetime, case: Case, owner: Owner) -> Assignment:
    row = Assignment(
        case_id=case.id,
        agency_code=owner.agency,
        role="lead" if owner.role == "lead" else "help",
        reason=owner.reason,
        assigned_at=now,
    )
    session.add(row)
    return row


def _address(
    session: Session, now: datetime, case: Case, addressed: Sequence[Addressed]
) -> None:
    query = select(Assignment.agency_code).where(Assignment.case_id == case.id)
    present = set(session.exec(query))
    for account in addressed:
        if account.agency_code not in present:
            present.add(account.agency_code)
            reason = f"account:{account.handle}"
            _assign(
                session,
                now,
                case,
                city.here().duties.owner(account.agency_code, "help", reason),
            )


def _before_a_speaker(session: Session, now: datetime, case: Case) -> None:
    """A question in a language its office may not speak; an office that does is brought
    in."""
    code = notifications.foreign(session, now, case)
    if code is not None:
        _assign(
            session,
            now,
            case,
            city.here().duties.owner(code, "help", f"language:{case.language}"),
        )


def _route_again(session: Session, now: datetime, case: Case, by_ward: bool) -> None:
    """After a correction: the office whose duty it is leads; nobody who has it loses
    it, but for what has become secret."""
    here = city.here()
    day = here.today(now)
    secret = (
        authority.visibility(case.kinds[:1], case.klass or "", here.duties, day)
        == _HIDDEN
    )
    owners = authority.owners(
        case.kinds[:1],
        _places(session, case, by_ward),
        case.klass or "pengaduan",
        here.duties,
        day,
    )
    case.authority = authority.authority(owners)
    case.understood = replace(case.understood, owners=tuple(owners))
    lead = next((one for one in owners if one.role == "lead" and not one.outside), None)
    if lead is None:
        return
    if secret and not case.confidential:
        _hide(session, now, case, owners)
    rows = deadlines.tasks_of(session, case.id)
    for row in rows:
        row.role = "lead" if row.agency_code == lead.agency else "help"
    if all(row.agency_code != lead.agency for row in rows):
        _assign(session, now, case, lead)


def _places(session: Session, case: Case, by_ward: bool) -> list[Place]:
    """Where the first message says it is; `by_ward`: in the ward that a person has
    named."""
    first = (
        session.get(Message, case.first_message_id) if case.first_message_id else None
    )
    said = "\n".join(
        part for part in (first and first.text, first and first.place) if part
    )
    found = places_in(said, city.here().places)
    if not by_ward:
        return found
    names = {code: name for name, code in city.here().duties.ward_codes.items()}
    name = names[case.ward or ""]
    district = city.here().places.districts.get(name)
    elsewhere = [replace(place, kelurahan=None, kecamatan=None) for place in found]
    return [
        *elsewhere,
        Place(name, "kelurahan", name, district, (0, 0), city=True, wards=(name,)),
    ]


def _check(
    klass: str | None, kind: str | None, ward: str | None, language: str | None
) -> None:
    here = city.here()
    if klass is not None and klass not in classes.CODES:
        raise Refusal(f"there is no class {klass!r}", "bad_class")
    if kind is not None and kind not in here.catalog.categories:
        raise Refusal(f"there is no kind {kind!r}", "bad_kind")
    if ward is not None and ward not in here.duties.ward_codes.values():
        raise Refusal(f"there is no ward {ward!r}", "bad_ward")
    if language is not None and language not in languages.LANGUAGES:
        raise Refusal(f"there is no language {language!r}", "bad_language")


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
