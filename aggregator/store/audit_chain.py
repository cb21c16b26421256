"""The audit trail as a chain: whoever changes a line of it, even in the database
itself, is found out.

Lines are written in the transactions of their acts (`audit.record`), several at a
moment, each with a proof that the program wrote it. A little later each gets its link:
the HMAC of the line and of the link before. The key is not in the database. `check`
walks the chain and finds lines that were changed, taken away, put in or dated back.
Lines cut off at the end are found by an anchor: place and digest of a link, printed or
mailed and kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from aggregator.store import audit
from aggregator.store.db import Database, lock_audit
from aggregator.store.tables.store import AuditEntry, AuditLink
from aggregator.store.vault import Vault

PURPOSE = b"audit"
LINKED_WITHIN = timedelta(minutes=10)
"""So old an entry has its link, wherever the program runs."""
LATEST = timedelta(hours=1)
"""So much earlier than a line before it a line may be dated: no act takes as long."""
_FIRST = "0" * 64
MOST = 1000
"""So many lines get their links in one transaction, and are read at once."""
_NEAR = 10_000
"""Ids are given out before a transaction ends, so a line may appear behind lines with
a link; further back than this only `check` looks."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link to be kept elsewhere: its place in the chain and its digest."""

    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`code`: changed, removed, added, back_dated, gap, cut_off, key_missing.
    `entry_id`: of the line, `seq`: of its link, where known."""

    code: str
    entry_id: int | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """`links`: how many were walked; `waiting`: lines too young to have one."""

    links: int
    waiting: int
    findings: tuple[Finding, ...]


def keys_of(vault: Vault) -> dict[str, bytes]:
    """The keys of the chain by their names, the one in use first."""
    keys = vault.every_derived(PURPOSE)
    return {hashlib.sha256(key).hexdigest()[:16]: key for key in keys}


def proving(database: Database, vault: Vault) -> Database:
    """The database, whose lines of the trail are proved from now on."""
    database.trail_key = vault.derived(PURPOSE)
    return database


def link(
    database: Database, keys: Mapping[str, bytes], now: datetime, most: int = MOST
) -> int:
    """Give their links to lines that have none yet; how many there were."""
    name, key = next(iter(keys.items()))
    with database.writing() as session:
        lock_audit(session)
        last = _newest(session)
        before, end = (last.digest, last.seq) if last else (_FIRST, 0)
        newest = session.exec(select(func.max(AuditLink.entry_id))).one() or 0
        waiting = session.exec(_unlinked(newest - _NEAR).limit(most)).all()
        for seq, entry in enumerate(waiting, start=end + 1):
            before = digest(key, before, entry, seq)
            session.add(
                AuditLink(
                    seq=seq, entry_id=entry.id, key=name, digest=before, linked_at=now
                )
            )
    return len(waiting)


def _newest(session: Session) -> AuditLink | None:
    query = select(AuditLink).order_by(col(AuditLink.seq).desc()).limit(1)
    return session.exec(query).first()


def _unlinked(after: int) -> Any:
    linked = select(AuditLink.seq).where(AuditLink.entry_id == AuditEntry.id)
    return (
        select(AuditEntry)
        .where(col(AuditEntry.id) > after, ~linked.exists())
        .order_by(col(AuditEntry.id))
    )


def digest(key: bytes, before: str, entry: AuditEntry, seq: int) -> str:
    """Of a line and all before it."""
    return audit.seal(key, seq, before, entry.id, entry.proof, audit.said(entry))


def _is_proved(keys: Mapping[str, bytes], entry: AuditEntry) -> bool:
    nonce = (entry.proof or "").partition(":")[0]
    return any(
        hmac.compare_digest(audit.prove(key, entry, nonce), entry.proof or "")
        for key in keys.values()
    )


def anchor(database: Database) -> Anchor | None:
    """The newest link; None while there is none."""
    with database.reading() as session:
        last = _newest(session)
    return Anchor(last.seq, last.digest) if last else None


def check(
    database: Database,
    keys: Mapping[str, bytes],
    now: datetime,
    *,
    anchors: tuple[Anchor, ...] = (),
    on_progress: Progress = lambda done, total: None,
) -> Checked:
    """Walk the whole chain. Every sign of tampering is a finding; none is left out."""
    with database.reading() as session:
        total = session.exec(select(func.count()).select_from(AuditLink)).one()
        found: list[Finding] = []
        before, expected, latest = _FIRST, 1, None
        digests: dict[int, str] = {}
        proofs: set[str] = set()
        wanted = {one.seq for one in anchors}
        for done, (linked, entry) in enumerate(_walk(session), start=1):
            found += _of_link(keys, before, expected, linked, entry)
            if entry is not None:
                if entry.proof in proofs or (
                    not _is_proved(keys, entry) and (proofs or entry.proof)
                ):
                    found.append(Finding("added", entry.id, linked.seq))
                if entry.proof:
                    proofs.add(entry.proof)
                if latest is not None and entry.at < latest - LATEST:
                    found.append(Finding("back_dated", entry.id, linked.seq))
                latest = max(latest or entry.at, entry.at)
            if linked.seq in wanted:
                digests[linked.seq] = linked.digest
            before, expected = linked.digest, linked.seq + 1
            if done % MOST == 0:
                on_progress(done, total)
        found += [
            Finding("cut_off", seq=one.seq)
            for one in anchors
            if digests.get(one.seq) != one.digest
        ]
        waiting = 0
        for entry in session.exec(_unlinked(0)):
            if now - entry.at <= LINKED_WITHIN:
                waiting += 1
            else:
                found.append(Finding("added", entry.id))
    on_progress(total, total)
    return Checked(total, waiting, tuple(found))


def _walk(session: Session) -> Iterator[tuple[AuditLink, AuditEntry | None]]:
    """Every link with its line, in the order of the chain, a thousand at a time."""
    last = -1
    while True:
        query = (
            select(AuditLink, AuditEntry)
            .join(
                AuditEntry, col(AuditEntry.id) == col(AuditLink.entry_id), isouter=True
            )
            .where(col(AuditLink.seq) > last)
            .order_by(col(AuditLink.seq))
            .limit(MOST)
        )
        rows = session.exec(query).all()
        yield from rows
        if len(rows) < MOST:
            return
        last = rows[-1][0].seq


def _of_link(
    keys: Mapping[str, bytes],
    before: str,
    expected: int,
    linked: AuditLink,
    entry: AuditEntry | None,
) -> Iterator[Finding]:
    if linked.seq != expected:
        yield Finding("gap", linked.entry_id, linked.seq)
    if entry is None:
        yield Finding("removed", linked.entry_id, linked.seq)
        return
    key = keys.get(linked.key)
    if key is None:
        yield Finding("key_missing", linked.entry_id, linked.seq)
    elif not hmac.compare_digest(digest(key, before, entry, linked.seq), linked.digest):
        yield Finding("changed", linked.entry_id, linked.seq)
