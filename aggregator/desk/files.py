"""Files of a case as pages show them, and who may open one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from aggregator.accounts.filekinds import KINDS, FileKind, kind_of, name_to_save
from aggregator.cases import casefile
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message

How = Literal[
    "picture",
    "audio",
    "video",
    "paged",
    "given",
    "waiting",
    "unchecked",
    "infected",
    "refused",
]


@dataclass(frozen=True, slots=True)
class ShownFile:
    """`how` it is shown: by what it is where it is kept, else by what became of it.
    `ending` says in capitals what it is; `previews` counts the pages that are drawn.
    """

    id: int
    how: How
    name: str | None
    saved_as: str
    ending: str
    description: str | None
    size: int | None
    pages: int | None
    previews: int
    wary: bool
    code: str | None
    virus: str | None


def shown(row: Attachment) -> ShownFile:
    kind = _kind(row)
    return ShownFile(
        id=row.id,
        how=_how(row, kind),
        name=row.name,
        saved_as=name_to_save(kind, row.name, row.position + 1),
        ending=kind.endings[0].removeprefix(".").upper(),
        description=row.description,
        size=row.size,
        pages=row.pages,
        previews=len(row.previews or ()),
        wary=kind.wary,
        code=row.code,
        virus=row.reason if row.status == "infected" else None,
    )


def _kind(row: Attachment) -> FileKind:
    if row.kind in KINDS:
        return KINDS[row.kind]
    if (row.mime or "").startswith("image/"):  # from a form, or from before kinds
        return KINDS["jpeg"]
    return kind_of(b"")


def _how(row: Attachment, kind: FileKind) -> How:
    match row.status:
        case "waiting" | "unchecked" | "infected":
            return row.status
        case "stored":
            pass
        case _:
            return "refused"
    if kind.group == "picture":
        return "picture"
    if kind.shown == "played":
        return "audio" if kind.group == "audio" else "video"
    return "paged" if row.previews else "given"


@dataclass(frozen=True, slots=True)
class Openable:
    """A stored file that a viewer may open."""

    sha256: str
    mime: str
    kind: FileKind
    saved_as: str
    previews: tuple[str, ...]


def openable(
    database: Database, now: datetime, viewer: Viewer, attachment_id: int
) -> Openable | None:
    """A stored file, if the viewer may open it: as the words beside it."""
    with database.reading() as session:
        row = session.get(Attachment, attachment_id)
        if row is None or row.status != "stored" or row.sha256 is None:
            return None
        if not _may_open(session, now, viewer, row):
            return None
        kind = _kind(row)
        return Openable(
            row.sha256,
            (row.mime if kind.group == "picture" else None) or kind.mime,
            kind,
            name_to_save(kind, row.name, row.position + 1),
            tuple(row.previews or ()),
        )


def _may_open(session: Session, now: datetime, viewer: Viewer, row: Attachment) -> bool:
    said = session.exec(
        select(Message, Case.number)
        .join(Case, col(Case.id) == col(Message.case_id))
        .where(col(Message.id) == row.message_id)
    ).first()
    if said is None or said[0].deleted_at is not None:
        return False
    message, number = said
    try:
        reader = casefile.read_in(session, now, viewer, number or "").reader
    except Refusal:
        return False
    return reader.full or (reader.sight == "masked" and message.public)
