"""Notifications on their way to people: browsers, and Telegram and mail by accounts of
the city.

`SAHUT_NOTIFY_TELEGRAM` and `SAHUT_NOTIFY_EMAIL` name one account each.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from aggregator import city
from aggregator.accounts import connections, registry, renewals
from aggregator.accounts.registry import AccountError
from aggregator.city import procedures
from aggregator.people import notifications, preferences, push, readers
from aggregator.rules.time import ladder, schedule
from aggregator.store import discretion, options
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Notification, Person
from aggregator.store.vault import Vault, VaultError
from connectors import base
from connectors.errors import ConnectorError, Refused

_TRIES = 8
_LOOKED_AT = 1000
_LISTED = 30

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Carriers:
    """Names of the accounts that carry notifications; "" where none does."""

    telegram: str = ""
    email: str = ""
    public_url: str = ""


NOBODY = Carriers()


def from_settings(settings: Settings) -> Carriers:
    return Carriers(
        settings.notify_telegram, settings.notify_email, settings.public_url
    )


def due(database: Database, now: datetime, limit: int = 20) -> list[int]:
    """Notifications to carry now, urgent ones first; in quiet hours (those of the city,
    or the person's own) urgent ones alone."""
    rules = city.here().rules
    night = ladder.is_quiet(now, rules.ladder, rules.calendar)
    at = now.astimezone(rules.calendar.zone).time()
    with database.reading() as session:
        query = (
            select(Notification.id, Notification.urgent, Person.preferences)
            .join(Person, col(Person.id) == col(Notification.person_id))
            .where(
                col(Notification.sent_at).is_(None),
                Notification.attempts < _TRIES,
                or_(
                    col(Notification.next_try_at).is_(None),
                    col(Notification.next_try_at) <= now,
                ),
                readers.may_be_told(Person.id, Person.agency_code),
            )
            .order_by(col(Notification.urgent).desc(), col(Notification.id))
            .limit(_LOOKED_AT)
        )
        rows = session.exec(query).all()
    waiting = [
        one
        for one, urgent, chosen in rows
        if urgent or preferences.may_ring(chosen, at, night=night)
    ]
    return waiting[:limit]


def carry(
    database: Database,
    vault: Vault,
    carriers: Carriers,
    now: datetime,
    notification_id: int,
) -> str:
    """Send one notification; how it travelled: push, telegram, email, in_app, later,
    taken.

    The attempt is counted before anything is sent, so that a killed process repeats a
    notification at most as often as there are tries. Whoever cannot be reached keeps it
    in the pages.
    """
    with database.writing() as session:
        won = session.execute(
            update(Notification)
            .where(
                col(Notification.id) == notification_id,
                col(Notification.sent_at).is_(None),
                or_(
                    col(Notification.next_try_at).is_(None),
                    col(Notification.next_try_at) <= now,
                ),
            )
            .values(
                attempts=Notification.attempts + 1,
                next_try_at=schedule.next_try(now, 3),
            )
        )
        if won.rowcount != 1:  # type: ignore[attr-defined]
            return "taken"
        told = session.get_one(Notification, notification_id)
        person = session.get_one(Person, told.person_id)
        carriers = _chosen(session, carriers)
        case = session.get(Case, told.case_id) if told.case_id else None
        if case is not None and not readers.reads(session, person, case):
            told.via, told.sent_at = "in_app", now  # it has become secret meanwhile
            return told.via
    problem = _send(database, vault, carriers, now, told, person)
    with database.writing() as session:
        stored = session.get_one(Notification, notification_id)
        stored.error = None if problem is None else discretion.told(problem)
        if problem is None:
            stored.sent_at = now
        elif isinstance(problem, Refused | AccountError) or stored.attempts >= _TRIES:
            stored.via, stored.sent_at = "in_app", now
        else:
            stored.next_try_at = schedule.next_try(now, stored.attempts)
            return "later"
        return stored.via


def _chosen(session: Session, carriers: Carriers) -> Carriers:
    """The accounts that administrators have chosen; else those of the environment."""
    return replace(
        carriers,
        telegram=options.carrier(session, options.NOTIFY_TELEGRAM, carriers.telegram),
        email=options.carrier(session, options.NOTIFY_EMAIL, carriers.email),
    )


def _send(
    database: Database,
    vault: Vault,
    carriers: Carriers,
    now: datetime,
    told: Notification,
    person: Person,
) -> Exception | None:
    if told.via == "push":
        return _push(database, vault, carriers, told, person)
    name = carriers.telegram if told.via == "telegram" else carriers.email
    if not name:
        return Refused("no account carries notifications this way", code="no_carrier")
    try:
        account = registry.find(database, name)
        account = renewals.fresh(database, vault, now, account)
        to = address(told.via, person, account.handle)
        draft = base.Reply(
            f"notification-{told.id}", text_of(told, person, carriers), to, now=now
        )
        with connections.connected(account, vault) as connector:
            if not isinstance(connector, base.Replies):
                return Refused(f"{account.channel} cannot send", code="no_reply")
            connector.send(draft)
    except (ConnectorError, AccountError, VaultError) as error:
        log.warning("notification %s could not be carried: %s", told.id, error)
        return error
    return None


def _push(
    database: Database,
    vault: Vault,
    carriers: Carriers,
    told: Notification,
    person: Person,
) -> Exception | None:
    """To the browsers of a person; Refused where none is left."""
    number, incident = told.data.get("number"), told.data.get("incident")
    message = {
        "title": "Sahut",
        "body": text_of(told, person, Carriers()),
        "path": notifications.leads_to(told),
        "tag": f"{told.kind}-{number or incident or told.id}",
    }
    contact = carriers.public_url or "mailto:sahut@localhost"
    try:
        reached = push.tell(
            database, vault, person.id, message, contact, urgent=told.urgent
        )
    except push.PushError as error:
        log.warning("notification %s could not be pushed: %s", told.id, error)
        return error
    return (
        None if reached else Refused("no browser of theirs is left", code="no_carrier")
    )


def address(via: str, person: Person, handle: str) -> dict[str, Any]:
    if via == "telegram":
        return {"chat_id": person.telegram}
    return {"to": person.email, "subject": "Sahut", "from": handle}


def text_of(told: Notification, person: Person, carriers: Carriers) -> str:
    """One or a few lines in the person's language."""
    language = "en" if person.language == "en" else "id"
    words, data = _TEXTS[language], dict(told.data)
    if "step" in data:
        data["step"] = procedures.label(city.here().rules, data["step"], language)
    if "language" in data:
        data["language"] = _LANGUAGES[language].get(data["language"], data["language"])
    line = words.get(told.kind, words["other"]).format_map(_Known(data))
    numbers = told.data.get("numbers") or []
    lines = [line, *(f"- {one}" for one in numbers[:_LISTED])]
    lines += [f"+ {len(numbers) - _LISTED}"] if len(numbers) > _LISTED else []
    number = told.data.get("number")
    if carriers.public_url and number:
        page = "bantu-jawab" if told.kind.startswith("help_") else "aduan"
        lines.append(f"{carriers.public_url.rstrip('/')}/{page}/{number}")
    return "\n".join(lines)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


_LANGUAGES = {
    "id": {"en": "bahasa Inggris", "other": "bahasa asing"},
    "en": {"en": "English", "other": "a foreign language"},
}
"""Those a person is asked to answer in: every office speaks the others."""
_TEXTS = {
    "id": {
        "escalation": "Aduan {number} di {agency} lewat tenggat ({step}).",
        "digest": "Beberapa aduan di {agency} lewat tenggat:",
        "emergency": (
            "DARURAT: aduan {number} di {agency}. Hubungi 112 bila belum tertangani."
        ),
        "reader": "Anda pembaca aduan rahasia {number}.",
        "reader_added": "{who} kini juga membaca aduan rahasia {number}.",
        "reader_removed": "{who} tidak lagi membaca aduan rahasia {number}.",
        "glass_broken": "{who} membuka darurat aduan rahasia {number}: {reason}",
        "no_reader": (
            "Ada laporan rahasia yang menunggu dan belum ada pembacanya. Pengelola"
            " program perlu menunjuk pembaca."
        ),
        "claim": "{who} mengambil alih aduan {number}.",
        "waived": "{who} mengakhiri tugas kantor Anda di aduan {number}.",
        "mention": "{who} menyebut Anda di aduan {number}.",
        "reminder": "Janji jatuh tempo hari ini di aduan {number}: {words}.",
        "language": "Aduan {number} memerlukan jawaban dalam {language}.",
        "handover": "Serah terima piket {agency} dari {who}.",
        "succession": "Anda menggantikan {who}. Aduan berikut menunggu Anda:",
        "help_asked": "{who} meminta bantuan menjawab aduan {number}.",
        "help_proposed": "{who} mengusulkan jawaban untuk aduan {number}.",
        "help_used": "{who} memakai usulan jawaban Anda di aduan {number}.",
        "account": "Akun {account}: login berakhir dalam {days} hari.",
        "account_lost": "Akun {account} harus login lagi; pesan di sana tidak terbaca.",
        "reply_refused": "Balasan untuk aduan {number} tidak sampai.",
        "reply_unknown": "Belum pasti balasan untuk aduan {number} sampai.",
        "approval_asked": "{who} meminta persetujuan balasan aduan {number}.",
        "draft_approved": "{who} menyetujui balasan Anda untuk aduan {number}.",
        "draft_returned": "{who} mengembalikan balasan Anda untuk aduan {number}.",
        "incident": "Insiden {what}: sekarang waktunya kabar yang dijanjikan.",
        "incident_proposed": "Usulan insiden: {what}. Pastikan atau tolak.",
        "incident_taken": "{who} mengambil alih insiden {what}.",
        "breach": "Kebocoran data no. {breach}: beri tahu yang terdampak s.d. {due}.",
        "retention": "{rows} baris data pribadi dihapus dalam {days} hari.",
        "other": "Ada kabar di aduan {number}.",
    },
    "en": {
        "escalation": "Case {number} at {agency} is past its deadline ({step}).",
        "digest": "Several cases at {agency} are past their deadline:",
        "emergency": (
            "EMERGENCY: case {number} at {agency}. Call 112 if nobody is there yet."
        ),
        "reader": "You are a reader of the confidential case {number}.",
        "reader_added": "{who} reads the confidential case {number} too now.",
        "reader_removed": "{who} reads the confidential case {number} no more.",
        "glass_broken": "{who} opened confidential case {number}: {reason}",
        "no_reader": (
            "A confidential report waits, and nobody is named to read it. Whoever runs"
            " the program names readers."
        ),
        "claim": "{who} took over case {number}.",
        "waived": "{who} ended your office's part in case {number}.",
        "mention": "{who} mentioned you in case {number}.",
        "reminder": "A promise is due today in case {number}: {words}.",
        "language": "Case {number} needs an answer in {language}.",
        "handover": "Handover of the shift at {agency} from {who}.",
        "succession": "You take over from {who}. These cases wait for you:",
        "help_asked": "{who} asks for help with an answer to case {number}.",
        "help_proposed": "{who} proposes an answer to case {number}.",
        "help_used": "{who} used your proposal in case {number}.",
        "account": "Account {account}: the login ends in {days} days.",
        "account_lost": "Account {account} needs a new login; nothing is read there.",
        "reply_refused": "An answer to case {number} has not arrived.",
        "reply_unknown": "Nobody knows whether the answer to case {number} arrived.",
        "approval_asked": "{who} asks you to approve an answer to case {number}.",
        "draft_approved": "{who} approved your answer to case {number}.",
        "draft_returned": "{who} returned your answer to case {number}.",
        "incident": "Incident {what}: the promised time of news has come.",
        "incident_proposed": "Proposed incident: {what}. Confirm or dismiss it.",
        "incident_taken": "{who} took over the incident {what}.",
        "breach": "Data breach no. {breach}: tell those concerned by {due}.",
        "retention": "{rows} rows of personal data will go within {days} days.",
        "other": "Something happened in case {number}.",
    },
}
