"""Naskah (forms of answers with variables) and jawaban (facts with owner, source and
expiry).

An entry has texts by language (id, su, en). It belongs to an agency or to the whole
city. After its `valid_until` it is put into an answer only by somebody who was told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field
from sqlmodel import Session, col, or_, select

from aggregator import city
from aggregator.answers import outward
from aggregator.cases import casefile
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.text import retrieval
from aggregator.store import versions
from aggregator.store.audit import record
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import LibraryEntry
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.store import Setting
from aggregator.store.yamlfile import Problem

SORTS = ("naskah", "jawaban")
LANGUAGES = ("id", "su", "en")
VARIABLES = ("sapaan", "nama", "nomor", "kantor", "tempat", "tanggal", "petugas")
LONGEST = {"title": 120, "text": 4000, "source": 300, "greeting": 60}
_WRITES_FOR_THE_CITY = frozenset({"admin", "verifikator", "koordinator"})
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_SPOKEN = {"su": "su", "id-su": "su", "en": "en"}
_GREETING = {"id": "Halo", "su": "Wilujeng", "en": "Hello"}
_NOBODY = {"id": "Kak", "su": "Wargi", "en": "there"}
_THERE = {
    "id": "lokasi yang dilaporkan",
    "su": "tempat nu dilaporkeun",
    "en": "the place reported",
}
_LEAST_LIKE = 0.25
_SURE = 0.42
_KIND_COUNTS = 0.35
_SUGGESTED = 4


class Texts(Model):
    id: str = Field(min_length=1)
    su: str | None = None
    en: str | None = None


class Seed(Model):
    sort: Literal["naskah", "jawaban"]
    title: str = Field(min_length=1)
    texts: Texts
    agency: str | None = None
    kind: str | None = None
    klass: str | None = None
    source: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry for a case: its text in the resident's language, filled in. `sure`: it
    very likely answers what was asked, and is not out of date."""

    entry: LibraryEntry
    language: str
    text: str
    expired: bool
    sure: bool = False


_IN_USE = (
    select(LibraryEntry)
    .where(col(LibraryEntry.archived).is_(False))
    .order_by(col(LibraryEntry.title))
)


def load(folder: Path) -> list[Seed]:
    """config/library/*.yaml. ConfigError."""
    problems: list[Problem] = []
    found: list[Seed] = []
    here = city.load(folder.resolve()).catalog
    for path in sorted((folder / "library").glob("*.yaml")):
        file = File(path, ["entries"], problems)
        for entry, line in file.entries("entries", Seed, label="title"):
            if entry.agency is not None and entry.agency not in here.agencies:
                file.unknown(line, entry.title, "agency", entry.agency, here.agencies)
            for text in entry.texts.model_dump().values():
                for name in unknown_variables(text or ""):
                    file.wrong(
                        line, f"{entry.title!r}: there is no {{{name}}}", _known()
                    )
                for sort in outward.stopped(text or ""):
                    file.wrong(
                        line,
                        f"{entry.title!r} holds personal data ({sort})",
                        "take it out; the text is for everybody",
                    )
            found.append(entry)
    if problems:
        raise ConfigError(problems)
    return found


def _known() -> str:
    return "use " + ", ".join(f"{{{name}}}" for name in VARIABLES)


def seed(database: Database, now: datetime, entries: Sequence[Seed]) -> int:
    """Fill an empty library; how many entries went in."""
    with database.writing() as session:
        if session.exec(select(LibraryEntry.id)).first() is not None:
            return 0
        for entry in entries:
            session.add(
                LibraryEntry(
                    sort=entry.sort,
                    agency_code=entry.agency,
                    title=entry.title,
                    texts=entry.texts.model_dump(exclude_none=True),
                    kind=entry.kind,
                    klass=entry.klass,
                    source=entry.source,
                    valid_until=entry.valid_until,
                    updated_at=now,
                )
            )
        return len(entries)


def unknown_variables(text: str) -> list[str]:
    """Names in braces that nothing fills."""
    return [
        name for name in dict.fromkeys(_VARIABLE.findall(text)) if name not in VARIABLES
    ]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables; what is not known stays in braces, to be seen."""
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def expired(entry: LibraryEntry, today: date) -> bool:
    return entry.valid_until is not None and entry.valid_until < today


def language_of(case: Case) -> str:
    """In which of the library's languages the resident is answered."""
    return _SPOKEN.get(case.language or "", "id")


def values(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    language: str,
    account: Account | None = None,
) -> dict[str, str]:
    """What the variables stand for in an answer to this case. An anonymous reporter
    stays so."""
    here = city.here()
    first = (
        session.get(Message, case.first_message_id) if case.first_message_id else None
    )
    name = (first.author_name or "").strip() if first and not first.anonymous else ""
    today = here.today(now)
    return {
        "sapaan": greeting(session, account)
        if language == "id"
        else _GREETING[language],
        "nama": name.split(" ")[0] if name else _NOBODY[language],
        "nomor": case.number,
        "kantor": here.catalog.name(
            viewer.agency_code, "en" if language == "en" else "id"
        ),
        "tempat": case.place or _THERE[language],
        "tanggal": f"{today.day}-{today.month}-{today.year}",
        "petugas": _signature(viewer),
    }


def _signature(viewer: Viewer) -> str:
    """How a person signs their answers: as they chose, else by their first name."""
    return str(viewer.preferences.get("signature") or viewer.name.split(" ")[0])


def greeting(session: Session, account: Account | None) -> str:
    """How an account greets residents in Indonesian."""
    row = session.get(Setting, f"greeting.{account.id}") if account else None
    return str(row.value) if row and row.value else _GREETING["id"]


def greet(
    database: Database, now: datetime, viewer: Viewer, account_id: int, text: str
) -> None:
    """Set the greeting of an account of one's own office. Refusal."""
    said = text.strip()[: LONGEST["greeting"]]
    with database.writing() as session:
        account = session.get(Account, account_id)
        if account is None or not _may_write(viewer, account.agency_code):
            raise Refusal("the account belongs to another office", "not_yours")
        name = f"greeting.{account_id}"
        row = session.get(Setting, name) or Setting(name=name)
        row.value, row.person_id, row.changed_at = (
            said or _GREETING["id"],
            viewer.id,
            now,
        )
        session.add(row)
        record(session, viewer.actor, "greeting_changed", "account", account_id)


def _may_write(viewer: Viewer, agency: str | None) -> bool:
    if not viewer.may_act:
        return False
    return viewer.role in _WRITES_FOR_THE_CITY or viewer.agency_code == agency


def may_edit(viewer: Viewer, entry: LibraryEntry) -> bool:
    return _may_write(viewer, entry.agency_code)


def listing(
    database: Database,
    *,
    text: str = "",
    sort: str = "",
    agency: str = "",
    expired_on: date | None = None,
) -> list[LibraryEntry]:
    """Entries that are in use, by title; with `text` the most similar first.
    `expired_on`: only those expired on that day."""
    with database.reading() as session:
        query = select(LibraryEntry).where(col(LibraryEntry.archived).is_(False))
        if sort in SORTS:
            query = query.where(LibraryEntry.sort == sort)
        if agency:
            owner = col(LibraryEntry.agency_code)
            query = query.where(or_(owner == agency, owner.is_(None)))
        if expired_on is not None:
            query = query.where(col(LibraryEntry.valid_until) < expired_on)
        rows = list(session.exec(query.order_by(col(LibraryEntry.title))))
    if not text.strip():
        return rows
    ranked = list(zip(_likeness(text, rows), rows, strict=True))
    found = [
        pair
        for pair in ranked
        if pair[0] >= _LEAST_LIKE or text.lower() in pair[1].title.lower()
    ]
    return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])]


def _likeness(said: str, entries: Sequence[LibraryEntry]) -> list[float]:
    """For each entry from 0 to 1 how likely it answers what was said."""
    texts = [(entry.title, _body(entry)) for entry in entries]
    return retrieval.scores(said, texts, city.here().lexicon)


def _body(entry: LibraryEntry) -> str:
    return _VARIABLE.sub(" ", " ".join(str(text) for text in entry.texts.values()))


def offers(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    said: str,
    account: Account | None = None,
) -> dict[str, list[Offer]]:
    """What the library has for a case, by sort: every naskah of the office, those used
    most first, and the jawaban most like it.

    Facts of all offices are offered, so that one office can answer what another one
    knows.
    """
    rows = list(session.exec(_IN_USE))
    ours = [
        entry
        for entry in rows
        if entry.sort == "naskah" and entry.agency_code in (None, viewer.agency_code)
    ]
    facts = [entry for entry in rows if entry.sort == "jawaban"]
    likely = _likely(said, facts, case.kind)[:_SUGGESTED]
    language = language_of(case)
    today = city.here().today(now)
    known = _values_by_language(session, now, viewer, case, language, account)
    found: dict[str, list[Offer]] = {}
    ours.sort(key=lambda entry: -entry.uses)
    for sort, entries in (
        ("naskah", [(0.0, entry) for entry in ours]),
        ("jawaban", likely),
    ):
        found[sort] = [
            _offer(entry, language, today, known, score) for score, entry in entries
        ]
    return found


def facts(session: Session, now: datetime, said: str, case: Case) -> list[Offer]:
    """The jawaban most like what was said, for who helps with the question of another
    office.

    Variables stay in braces: the office that answers fills in names.
    """
    query = select(LibraryEntry).where(
        col(LibraryEntry.archived).is_(False), LibraryEntry.sort == "jawaban"
    )
    likely = _likely(said, list(session.exec(query)), case.kind)[:_SUGGESTED]
    language, today = language_of(case), city.here().today(now)
    return [_offer(entry, language, today, {}, score) for score, entry in likely]


def _likely(
    said: str, facts: Sequence[LibraryEntry], kind: str | None
) -> list[tuple[float, LibraryEntry]]:
    """Facts that may answer what was said, or are about the same kind; the likeliest
    first."""
    found = []
    for score, entry in zip(_likeness(said, facts), facts, strict=True):
        about = _KIND_COUNTS if entry.kind is not None and entry.kind == kind else 0.0
        if score + about >= _LEAST_LIKE:
            found.append((score + about, score, entry))
    return [
        (score, entry) for _, score, entry in sorted(found, key=lambda one: -one[0])
    ]


def _values_by_language(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    language: str,
    account: Account | None,
) -> dict[str, dict[str, str]]:
    """What the variables stand for, in a language and in the one every entry has."""
    spoken = dict.fromkeys((language, "id"))
    return {one: values(session, now, viewer, case, one, account) for one in spoken}


def _offer(
    entry: LibraryEntry,
    language: str,
    today: date,
    known: Mapping[str, Mapping[str, str]],
    score: float,
) -> Offer:
    """`known`: by language, what the variables stand for."""
    spoken = language if entry.texts.get(language) else "id"
    text, over = (
        fill(str(entry.texts[spoken]), known.get(spoken, {})),
        expired(entry, today),
    )
    return Offer(entry, spoken, text, over, sure=score >= _SURE and not over)


def insert(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    entry_id: int,
    *,
    language: str | None = None,
    account_id: int | None = None,
    although_expired: bool = False,
) -> str:
    """The text of an entry for an answer. Refusal `expired_entry` unless told to go
    on."""
    with database.writing() as session:
        case = casefile.read_in(session, now, viewer, number).case
        entry = session.get(LibraryEntry, entry_id)
        if entry is None or entry.archived:
            raise Refusal("there is no such entry", "no_such_entry")
        today = city.here().today(now)
        account = session.get(Account, account_id) if account_id else None
        spoken = language if language in LANGUAGES else language_of(case)
        known = _values_by_language(session, now, viewer, case, spoken, account)
        offer = _offer(entry, spoken, today, known, 0.0)
        if offer.expired and not although_expired:
            raise Refusal(
                f"{entry.title!r} was valid until {entry.valid_until}",
                "expired_entry",
                title=entry.title,
                until=str(entry.valid_until),
                entry=entry_id,
            )
        entry.uses += 1
        return offer.text


@dataclass(frozen=True, slots=True)
class Typed:
    """An entry as typed into its form."""

    sort: str
    title: str
    texts: dict[str, str]
    agency: str | None = None
    kind: str | None = None
    source: str = ""
    valid_until: date | None = None


def write(
    database: Database,
    now: datetime,
    viewer: Viewer,
    typed: Typed,
    *,
    entry_id: int | None = None,
    version: int | None = None,
) -> LibraryEntry:
    """Make an entry, or change one as it was read (`version`). Refusal."""
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    texts = _checked(typed)
    with database.writing() as session:
        entry = session.get(LibraryEntry, entry_id) if entry_id else None
        if entry_id and entry is None:
            raise Refusal("there is no such entry", "no_such_entry")
        owner = typed.agency or None
        if (entry and not may_edit(viewer, entry)) or not _may_write(viewer, owner):
            raise Refusal("the entry belongs to another office", "not_your_entry")
        if entry and version is not None and entry.version != version:
            raise Refusal("somebody changed the entry meanwhile", "entry_changed")
        row = entry or LibraryEntry(sort=typed.sort, title="")
        row.sort, row.title, row.texts = typed.sort, typed.title.strip(), dict(texts)
        row.agency_code, row.kind = owner, typed.kind or None
        row.source, row.valid_until = typed.source.strip() or None, typed.valid_until
        row.person_id, row.updated_at = viewer.id, now
        versions.grow(row)
        session.add(row)
        session.flush()
        act = "entry_changed" if entry else "entry_made"
        record(session, viewer.actor, act, "library_entry", row.id)
        return row


def _checked(typed: Typed) -> dict[str, str]:
    texts = {name: text.strip() for name, text in typed.texts.items() if text.strip()}
    if typed.sort not in SORTS or not typed.title.strip() or "id" not in texts:
        raise Refusal(
            "an entry needs a title and an Indonesian text", "entry_incomplete"
        )
    if typed.sort == "jawaban" and not typed.source.strip():
        raise Refusal("a fact needs its source", "source_needed")
    if len(typed.title) > LONGEST["title"] or any(
        len(text) > LONGEST["text"] for text in texts.values()
    ):
        raise Refusal("the entry is too long", "too_long")
    unknown = [name for text in texts.values() for name in unknown_variables(text)]
    if unknown:
        raise Refusal(
            f"nothing fills {{{unknown[0]}}}", "unknown_variable", name=unknown[0]
        )
    if stopping := outward.stopped("\n\n".join((typed.title, *texts.values()))):
        raise Refusal(
            f"the entry holds personal data ({', '.join(stopping)}): take it out",
            "personal_data_kept",
        )
    return texts


def archive(database: Database, now: datetime, viewer: Viewer, entry_id: int) -> None:
    """Take an entry out of use; answers that used it stay as they are. Refusal."""
    with database.writing() as session:
        entry = session.get(LibraryEntry, entry_id)
        if entry is None:
            raise Refusal("there is no such entry", "no_such_entry")
        if not may_edit(viewer, entry):
            raise Refusal("the entry belongs to another office", "not_your_entry")
        entry.archived, entry.updated_at, entry.person_id = True, now, viewer.id
        record(session, viewer.actor, "entry_archived", "library_entry", entry_id)


def get(database: Database, entry_id: int) -> LibraryEntry:
    """Refusal where there is none."""
    with database.reading() as session:
        entry = session.get(LibraryEntry, entry_id)
        if entry is None:
            raise Refusal("there is no such entry", "no_such_entry")
        return entry


def greetings(database: Database, viewer: Viewer) -> list[tuple[Account, str]]:
    """Of every account the viewer may answer through; none for who only reads."""
    if not viewer.may_act:
        return []
    query = select(Account).where(col(Account.status).in_(("active", "paused")))
    if not viewer.sees_all:
        query = query.where(Account.agency_code == viewer.agency_code)
    with database.reading() as session:
        accounts = list(session.exec(query.order_by(col(Account.handle))))
        return [(account, greeting(session, account)) for account in accounts]
