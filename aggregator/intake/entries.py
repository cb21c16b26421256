"""What somebody of the city writes down: a call to 112, a visitor, a pasted chat.

An entry goes the way of everything that arrives: a raw event of the office's own
account on the channel `manual`, then T2.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from aggregator.accounts import registry
from aggregator.cases import sight
from aggregator.intake import ingest
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.time.calendar import WIB, ZONE_NAME
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.vault import Vault
from connectors.base import RawItem

CHANNEL = "manual"
VIA = {
    "112": "call112",
    "phone": "phone",
    "visit": "visit",
    "whatsapp": "whatsapp",
    "letter": "letter",
    "radio": "radio",
    "other": "other",
}
"""How it came, as people choose it, and as the channel keeps it."""
_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    return uuid.uuid4().hex


@dataclass(slots=True)
class Entry:
    """`id` makes a repetition one case. `said_at` is local time without a zone, "" for
    now.

    `lines`   numbers (from 0) of a pasted chat's lines that are the report; None: what the first
              says who speaks
    `photos`  {"sha256", "mime"} of pictures that are stored already
    """  # noqa: E501

    id: str
    via: str
    text: str = ""
    pasted: str = ""
    lines: list[int] | None = None
    name: str = ""
    contact: str = ""
    anonymous: bool = False
    place: str = ""
    said_at: str = ""
    photos: list[dict[str, str]] = field(default_factory=list)
    position: tuple[float, float] | None = None


def check(now: datetime, viewer: Viewer, entry: Entry) -> None:
    """Refusal for the first thing that keeps an entry from being recorded."""
    if not viewer.may_act:
        raise Refusal("this role may read, not record", "read_only")
    if entry.via not in VIA:
        raise Refusal(f"{entry.via!r} is none of {', '.join(VIA)}", "no_such_way")
    if not _ID.fullmatch(entry.id):
        raise Refusal("the entry has no proper id", "failed")
    if not entry.text and not entry.pasted and not entry.photos:
        raise Refusal("there is no text", "empty")
    if entry.lines == [] and not entry.text and not entry.photos:
        raise Refusal("no line of the chat was chosen", "no_line")
    if entry.said_at and not _past(entry.said_at, now):
        raise Refusal(f"{entry.said_at!r} is no time that has passed", "bad_time")


def _past(typed: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=WIB) <= now
    except ValueError:
        return False


def record(
    database: Database,
    vault: Vault,
    now: datetime,
    viewer: Viewer,
    entry: Entry,
    agency: str | None = None,
) -> str | None:
    """The number of the case an entry is in; None where it is secret and others read
    it. `agency`: another office's, for who sees all.

    Refusal, where nothing was stored; `not_read`, where it waits as a raw event.
    """
    check(now, viewer, entry)
    office = agency or viewer.agency_code
    if office != viewer.agency_code and not viewer.sees_all:
        raise Refusal(f"{viewer.login} cannot record for {office}", "not_yours")
    account_id = _desk(database, vault, now, viewer, office)
    item = RawItem(f"entry:{entry.id}", "entry", _payload(now, viewer, entry))
    received = ingest.receive(database, now, account_id, [item], stream="form")
    ingest.process(database, now, received.new_ids)
    with database.reading() as session:
        case = session.exec(
            select(Case)
            .join(Message, col(Message.case_id) == col(Case.id))
            .where(Message.channel == CHANNEL, Message.native_id == entry.id)
        ).first()
        hidden = case is not None and sight.hides(session, viewer, case)
    if case is None:
        raise Refusal(
            "the entry is stored but was not read; `sahut raw list` says why",
            "not_read",
        )
    return None if hidden else case.number


def _payload(now: datetime, viewer: Viewer, entry: Entry) -> dict[str, object]:
    latitude, longitude = entry.position or (None, None)
    return {
        "entry_id": entry.id,
        "recorded_by": viewer.name,
        "source": VIA[entry.via],
        "text": entry.text,
        "pasted": entry.pasted,
        **({} if entry.lines is None else {"lines": entry.lines}),
        "name": "" if entry.anonymous else entry.name,
        "contact": "" if entry.anonymous else entry.contact,
        "anonymous": entry.anonymous,
        "place": entry.place,
        "lat": latitude,
        "lon": longitude,
        "said_at": entry.said_at,
        "created_at": now.isoformat(),
        "time_zone": ZONE_NAME,
        "media": entry.photos,
    }


def _desk(
    database: Database, vault: Vault, now: datetime, viewer: Viewer, agency: str
) -> int:
    """The account of an office's entries, made the first time."""
    handle = f"meja-{agency}"
    with database.reading() as session:
        known = session.exec(
            select(Account.id).where(
                Account.channel == CHANNEL,
                Account.external_id == handle,
                Account.status != "removed",
            )
        ).first()
    if known is not None:
        return known
    chosen = registry.parse_settings(CHANNEL, {"handle": handle})
    made = registry.register(
        database,
        vault,
        now,
        viewer.actor,
        channel=CHANNEL,
        agency=agency,
        account_settings=chosen,
        identity=registry.identify(CHANNEL, chosen),
    )
    return made.account.id
