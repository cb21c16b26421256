"""Many cases of one event: proposed by numbers, confirmed by a person, one owner, an
end.

    propose     (worker) reports of one kind and place come thick    -> proposed, or more members
    confirm     a person takes it                                    -> open
    update      holding statement and when there will be news
    tell_due    (worker) that time has come: its owner is told, once
    take        it is somebody else's from now on
    add, drop   a case belongs to it, or does not
    dismiss     it is none; the same place is not proposed for a day -> dismissed
    end         it is over                                           -> ended

Only its owner, and who sees every office, changes an incident that is open. Member
cases keep their numbers, offices and clocks. Confidential cases are never members.
"""  # noqa: E501

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from aggregator import city
from aggregator.cases import casefile, deadlines, sight
from aggregator.people import notifications, shifts
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports.incidents import Matter, Settings, proposed
from aggregator.rules.reports.traits import spot_words
from aggregator.store import versions
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import Database, lock_processing
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import Incident, IncidentCase, MessageTraits
from aggregator.twins import search

USUAL_OVER = timedelta(days=28)
QUIET_AFTER_DISMISSAL = timedelta(days=1)
LONGEST_STATEMENT = 2000
_ACTIVE = ("proposed", "open")
_NO_KIND = "umum"


# --- proposing
# -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """What speaks of one matter: who, in which cases, and what the place is called
    there."""

    reporters: set[object] = field(default_factory=set)
    cases: dict[int, datetime] = field(default_factory=dict)
    name: str = ""


def propose(database: Database, now: datetime) -> list[int]:
    """Propose incidents and add members to those there are; ids of the new ones. For
    the worker."""
    limits = city.here().incidents
    with database.writing() as session:
        lock_processing(session)
        recent = _recent(session, now, limits)
        counts = {matter: len(group.reporters) for matter, group in recent.items()}
        found = proposed(counts, {}, limits)
        usual = {matter: _usual(session, now, matter, limits) for matter in found}
        fresh: list[int] = []
        for matter in proposed({m: counts[m] for m in found}, usual, limits):
            incident = _note(session, now, matter, recent[matter])
            if incident is not None:
                fresh.append(incident.id)
        _grow(session, now, recent)
        return fresh


def _recent(session: Session, now: datetime, limits: Settings) -> dict[Matter, _Group]:
    """Reports of open cases inside the window of their kind, by matter."""
    longest = max(one.window for one in (limits.otherwise, *limits.kinds.values()))
    query = (
        select(Message, Case)
        .join(Case, col(Case.id) == col(Message.case_id))
        .where(
            Message.direction == "in",
            col(Message.created_at) > now - longest,
            col(Message.created_at) <= now,
            col(Message.deleted_at).is_(None),
            col(Case.status).in_(deadlines.OPEN),
            col(Case.confidential).is_(False),
            col(Case.kind).is_not(None),
            Case.kind != _NO_KIND,
        )
    )
    found: dict[Matter, _Group] = defaultdict(_Group)
    rows = session.exec(query).all()
    places = _places(session, [case.first_message_id for _, case in rows])
    for message, case in rows:
        kind = case.kind or ""
        if message.created_at <= now - limits.of(kind).window:
            continue
        for spot, name in places.get(case.first_message_id or 0, {}).items():
            group = found[Matter(kind, spot)]
            if message.kind != "repost":
                group.reporters.add(search.reporter(message))
            group.cases[case.id] = min(
                message.created_at, group.cases.get(case.id, message.created_at)
            )
            group.name = group.name or name
    return found


def _places(session: Session, ids: Iterable[int | None]) -> dict[int, dict[str, str]]:
    """The spots of messages with the name each is called by there."""
    wanted = {id_ for id_ in ids if id_ is not None}
    query = select(MessageTraits).where(col(MessageTraits.message_id).in_(wanted))
    lexicon = city.here().lexicon
    found: dict[int, dict[str, str]] = {}
    for row in session.exec(query):
        spots = found.setdefault(row.message_id, {})
        for name in row.traits["places"]:
            for spot in spot_words([name], lexicon):
                spots.setdefault(spot, name)
    return found


def _usual(session: Session, now: datetime, matter: Matter, limits: Settings) -> float:
    """How many reports of a matter come in such a window at this hour, by the last four
    weeks."""
    local = city.here().rules.calendar.local
    setting = limits.of(matter.kind)
    query = (
        select(Message.created_at, Case.first_message_id)
        .join(Case, col(Case.id) == col(Message.case_id))
        .where(
            Message.direction == "in",
            Case.kind == matter.kind,
            col(Message.created_at) > now - USUAL_OVER,
            col(Message.created_at) <= now - setting.window,
        )
    )
    hour = local(now).hour
    rows = [row for row in session.exec(query) if local(row[0]).hour == hour]
    places = _places(session, [first for _, first in rows])
    here = sum(matter.spot in places.get(first or 0, {}) for _, first in rows)
    return here / USUAL_OVER.days * setting.minutes / 60


def _note(
    session: Session, now: datetime, matter: Matter, group: _Group
) -> Incident | None:
    """A new incident, unless these cases belong to one or a person said that it is
    none."""
    members = (
        select(IncidentCase.case_id)
        .join(Incident)
        .where(col(Incident.state).in_(_ACTIVE), Incident.kind == matter.kind)
    )
    if set(session.exec(members)) & set(group.cases):
        return None
    query = select(Incident).where(
        Incident.kind == matter.kind, Incident.spot == matter.spot
    )
    for earlier in session.exec(query):
        quiet = earlier.state == "dismissed" and (
            (earlier.ended_at or now) > now - QUIET_AFTER_DISMISSAL
        )
        if quiet or earlier.state in _ACTIVE:
            return None
    incident = Incident(
        kind=matter.kind,
        spot=matter.spot,
        place=group.name,
        proposed_at=now,
        first_at=min(group.cases.values()),
    )
    session.add(incident)
    session.flush()
    _add(session, now, incident, group.cases, None)
    record(
        session,
        SYSTEM,
        "incident_proposed",
        "incident",
        incident.id,
        reporters=len(group.reporters),
        kind=matter.kind,
    )
    for person in notifications.watchers(session):
        notify(session, now, person, "incident_proposed", **_called(incident))
    return incident


def _called(incident: Incident) -> dict[str, Any]:
    """What a notification says of an incident: no resident's words but the name of the
    place."""
    kind = city.here().catalog.kind(incident.kind)
    return {"incident": incident.id, "what": f"{kind}, {incident.place}"}


def _grow(session: Session, now: datetime, found: dict[Matter, _Group]) -> None:
    """New cases of a matter join the incident that is going on there."""
    for incident in session.exec(
        select(Incident).where(col(Incident.state).in_(_ACTIVE))
    ).all():
        group = found.get(Matter(incident.kind, incident.spot))
        if group is not None:
            taken_out = _taken_out(session, incident)
            _add(
                session,
                now,
                incident,
                [one for one in group.cases if one not in taken_out],
                None,
            )


def _add(
    session: Session,
    now: datetime,
    incident: Incident,
    ids: Iterable[int],
    by: int | None,
) -> None:
    for case_id in ids:
        if session.get(IncidentCase, (incident.id, case_id)) is None:
            session.add(
                IncidentCase(
                    incident_id=incident.id, case_id=case_id, added_at=now, added_by=by
                )
            )
            record(
                session,
                SYSTEM,
                "in_incident",
                "case",
                case_id,
                incident=incident.id,
                by=by,
            )
    session.flush()


# --- the promised time of news
# -------------------------------------------------------------------


def tell_due(database: Database, now: datetime) -> int:
    """Tell owners (or their deputies) that they promised news for now; each time once;
    how many."""
    told = 0
    with database.writing() as session:
        query = select(Incident).where(
            Incident.state == "open", col(Incident.next_update_at) <= now
        )
        for incident in session.exec(query.with_for_update(skip_locked=True)).all():
            due = str(incident.next_update_at)
            owner = (
                session.get(Person, incident.owner_id) if incident.owner_id else None
            )
            if owner is None or due in _lines(
                session, incident, "incident_news_due", "due"
            ):
                continue
            record(
                session, SYSTEM, "incident_news_due", "incident", incident.id, due=due
            )
            person = shifts.present(session, owner, city.here().today(now)) or owner
            notify(session, now, person, "incident", **_called(incident))
            told += 1
    return told


def _lines(
    session: Session, incident: Incident, action: str, name: str
) -> list[object]:
    """One detail of the lines of history that an incident has of some act, the oldest
    first."""
    query = select(AuditEntry.detail).where(
        AuditEntry.subject == "incident",
        AuditEntry.subject_id == incident.id,
        AuditEntry.action == action,
    )
    return [row.get(name) for row in session.exec(query.order_by(col(AuditEntry.id)))]


# --- acts
# ----------------------------------------------------------------------------------------  # noqa: E501


def _acting(
    session: Session,
    viewer: Viewer,
    incident_id: int,
    states: tuple[str, ...],
    version: int | None,
    *,
    owned: bool = True,
) -> Incident:
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    incident = session.exec(
        select(Incident).where(Incident.id == incident_id).with_for_update()
    ).first()
    if incident is None or not _sees(session, viewer, incident):
        raise Refusal(
            f"there is no incident {incident_id} of yours", "no_such_incident"
        )
    if version is not None and incident.version != version:
        raise Refusal(
            "the incident has changed since you opened it; look again", "changed"
        )
    if incident.state not in states:
        raise Refusal(f"incident {incident_id} is {incident.state}", "wrong_state")
    if owned and incident.owner_id not in (None, viewer.id) and not viewer.sees_all:
        owner = session.get_one(Person, incident.owner_id).name
        raise Refusal(f"{owner} owns incident {incident_id}", "not_owner", owner=owner)
    versions.grow(incident)
    return incident


def acting(session: Session, viewer: Viewer, incident_id: int) -> Incident:
    """An open incident of the viewer's own, for an act in the caller's transaction.
    Refusal."""
    return _acting(session, viewer, incident_id, ("open",), None)


def _sees(session: Session, viewer: Viewer, incident: Incident) -> bool:
    """Somebody who may see one of its cases; whoever sees every agency sees one that
    has lost them all too."""
    if viewer.sees_all:
        return True
    query = (
        select(Case.id)
        .join(IncidentCase, col(IncidentCase.case_id) == col(Case.id))
        .where(IncidentCase.incident_id == incident.id, sight.seen_by(viewer))
    )
    return session.exec(query.limit(1)).first() is not None


def _say(
    incident: Incident, now: datetime, statement: str | None, news_at: datetime | None
) -> dict[str, Any]:
    """Write down what was said; that, for the history, where it is new."""
    before = incident.statement
    if statement is not None:
        if not statement.strip() or len(statement) > LONGEST_STATEMENT:
            raise Refusal(
                f"a statement has between 1 and {LONGEST_STATEMENT} characters",
                "bad_statement",
            )
        incident.statement = statement.strip()
    if news_at is not None and news_at <= now:
        raise Refusal("the time of the next news has passed already", "news_too_early")
    incident.next_update_at = news_at or incident.next_update_at
    fresh = incident.statement if incident.statement != before else None
    return {"statement": fresh, "at": now.isoformat()} if fresh else {}


def confirm(
    database: Database,
    now: datetime,
    viewer: Viewer,
    incident_id: int,
    *,
    statement: str | None = None,
    news_at: datetime | None = None,
    version: int | None = None,
) -> Incident:
    """Take a proposed incident: whoever confirms owns it. Refusal."""
    with database.writing() as session:
        incident = _acting(session, viewer, incident_id, ("proposed",), version)
        incident.state, incident.owner_id, incident.confirmed_at = (
            "open",
            viewer.id,
            now,
        )
        said = _say(incident, now, statement, news_at)
        record(
            session, viewer.actor, "incident_confirmed", "incident", incident_id, **said
        )
        return incident


def update(
    database: Database,
    now: datetime,
    viewer: Viewer,
    incident_id: int,
    *,
    statement: str | None = None,
    news_at: datetime | None = None,
    version: int | None = None,
) -> Incident:
    """What is said to all, and when there will be news. Refusal, also `not_owner`."""
    with database.writing() as session:
        incident = _acting(session, viewer, incident_id, ("open",), version)
        said = _say(incident, now, statement, news_at)
        record(
            session, viewer.actor, "incident_updated", "incident", incident_id, **said
        )
        return incident


def take(
    database: Database,
    now: datetime,
    viewer: Viewer,
    incident_id: int,
    version: int | None = None,
) -> Incident:
    """Own it from now on; who owned it is told. Refusal."""
    with database.writing() as session:
        incident = _acting(
            session, viewer, incident_id, ("open",), version, owned=False
        )
        former = session.get(Person, incident.owner_id) if incident.owner_id else None
        incident.owner_id = viewer.id
        if former is not None and former.id != viewer.id:
            notify(
                session,
                now,
                former,
                "incident_taken",
                who=viewer.name,
                **_called(incident),
            )
        record(session, viewer.actor, "incident_taken", "incident", incident_id)
        return incident


def add(
    database: Database, now: datetime, viewer: Viewer, incident_id: int, number: str
) -> Incident:
    """A case belongs to it that the program did not see. Refusal, also
    `confidential`."""
    with database.writing() as session:
        incident = _acting(session, viewer, incident_id, _ACTIVE, None)
        case = casefile.act_in(session, now, viewer, number).case
        if case.confidential:
            raise Refusal(f"case {case.number} is confidential", "confidential")
        _add(session, now, incident, [case.id], viewer.id)
        return incident


def drop(
    database: Database, now: datetime, viewer: Viewer, incident_id: int, number: str
) -> Incident:
    """A case does not belong to it; the program does not bring it back. Refusal."""
    with database.writing() as session:
        incident = _acting(session, viewer, incident_id, _ACTIVE, None)
        case = casefile.read_in(session, now, viewer, number).case
        member = session.get(IncidentCase, (incident.id, case.id))
        if member is not None:
            session.delete(member)
            record(
                session,
                viewer.actor,
                "out_of_incident",
                "case",
                case.id,
                incident=incident.id,
            )
        return incident


def _taken_out(session: Session, incident: Incident) -> set[int]:
    """Cases a person has taken out of it."""
    query = select(AuditEntry.subject_id, AuditEntry.detail).where(
        AuditEntry.subject == "case", AuditEntry.action == "out_of_incident"
    )
    rows = session.exec(query)
    return {
        int(case_id)
        for case_id, detail in rows
        if detail.get("incident") == incident.id
    }


def dismiss(
    database: Database,
    now: datetime,
    viewer: Viewer,
    incident_id: int,
    version: int | None = None,
) -> Incident:
    """It is no incident. Refusal."""
    return _finish(
        database, now, viewer, incident_id, "dismissed", ("proposed",), version
    )


def end(
    database: Database,
    now: datetime,
    viewer: Viewer,
    incident_id: int,
    version: int | None = None,
) -> Incident:
    """It is over; its cases stay as they are. Refusal, also `not_owner`."""
    return _finish(database, now, viewer, incident_id, "ended", ("open",), version)


def _finish(
    database: Database,
    now: datetime,
    viewer: Viewer,
    incident_id: int,
    state: str,
    states: tuple[str, ...],
    version: int | None,
) -> Incident:
    with database.writing() as session:
        incident = _acting(session, viewer, incident_id, states, version)
        incident.state, incident.ended_at, incident.next_update_at = state, now, None
        record(session, viewer.actor, f"incident_{state}", "incident", incident_id)
        return incident


# --- reading
# -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident with its member cases. `owner`: their name. `news_due`: the promised
    time of news has come. `said`: statements with the moment each was given, the oldest
    first."""

    incident: Incident
    cases: list[Case]
    owner: str | None
    reporters: int
    news_due: bool
    said: list[tuple[datetime, str]]


def listing(
    database: Database, now: datetime, viewer: Viewer, *, everything: bool = False
) -> list[Shown]:
    """Incidents the viewer sees, the newest first; without `everything` those going
    on."""
    with database.reading() as session:
        query = select(Incident).order_by(col(Incident.id).desc())
        if not everything:
            query = query.where(col(Incident.state).in_(_ACTIVE))
        return [
            _shown(session, now, incident)
            for incident in session.exec(query).all()
            if _sees(session, viewer, incident)
        ]


def find(session: Session, now: datetime, viewer: Viewer, incident_id: int) -> Shown:
    """One incident the viewer sees. Refusal."""
    incident = session.get(Incident, incident_id)
    if incident is None or not _sees(session, viewer, incident):
        raise Refusal(
            f"there is no incident {incident_id} of yours", "no_such_incident"
        )
    return _shown(session, now, incident)


def of_cases(
    session: Session, now: datetime, viewer: Viewer, ids: Sequence[int]
) -> Shown | None:
    """The incident going on that one of these, a case and its parts, belongs to."""
    query = (
        select(Incident)
        .join(IncidentCase)
        .where(col(IncidentCase.case_id).in_(ids), col(Incident.state).in_(_ACTIVE))
    )
    incident = session.exec(query.order_by(col(Incident.id).desc())).first()
    if incident is None or not _sees(session, viewer, incident):
        return None
    return _shown(session, now, incident)


def _shown(session: Session, now: datetime, incident: Incident) -> Shown:
    query = (
        select(Case)
        .join(IncidentCase, col(IncidentCase.case_id) == col(Case.id))
        .where(IncidentCase.incident_id == incident.id)
        .order_by(col(Case.id))
    )
    members = list(session.exec(query))
    due = incident.next_update_at
    owner = session.get(Person, incident.owner_id) if incident.owner_id else None
    return Shown(
        incident,
        members,
        owner.name if owner else None,
        reporters=sum(case.reporters for case in members if case.joined_into is None),
        news_due=due is not None and due <= now,
        said=_said(session, incident),
    )


def _said(session: Session, incident: Incident) -> list[tuple[datetime, str]]:
    query = select(AuditEntry.detail).where(
        AuditEntry.subject == "incident",
        AuditEntry.subject_id == incident.id,
        col(AuditEntry.action).in_(("incident_confirmed", "incident_updated")),
    )
    rows = session.exec(query.order_by(col(AuditEntry.id)))
    return [
        (datetime.fromisoformat(row["at"]), row["statement"])
        for row in rows
        if "statement" in row
    ]
