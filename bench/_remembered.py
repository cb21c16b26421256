"""A database filled with messages that are remembered for twins, as quickly as two
cores allow.

Texts are read in processes of their own; rows are written in bulk, and the row of a key
once at the end instead of once a message. What stands in the tables then is what the
usual way leaves there (tests/bench/test_filling.py).
"""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, text
from sqlmodel import Session, select

from aggregator import city
from aggregator.rules.reports import duplicates, traits
from aggregator.rules.text.canonical import SHORTEST
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import WordCount
from aggregator.twins import _keytable as keytable
from aggregator.twins import search
from bench import _city
from bench._repeats import Post, stream

_BATCH = 1_000
_TOLD = 100
_TRAITS = text(
    "INSERT INTO message_traits (message_id, traits) VALUES (:message_id, :traits)"
)


class Read(NamedTuple):
    """A post with what reading it costs time for. `traits`: as stored, None for too
    little text; `words`, `matters`: as `twins.numbers_of`."""

    post: Post
    words_key: str | None
    traits: str | None
    words: list[int]
    matters: list[int]


def read(post: Post) -> Read:
    lexicon = city.here().lexicon
    said = traits.traits(post.said, lexicon)
    if len(said.canonical.telling) < SHORTEST:
        return Read(post, None, None, [], [])
    stored = keytable.stored_form(said)
    key = duplicates.words_key(post.said, lexicon)
    return Read(post, key, stored, *search.numbers_of(said))


class _Keys(keytable.KeyTable):
    """The rows of the key table while a database is filled, so that each is written
    once."""

    def __init__(self, session: Session) -> None:
        found = session.exec(select(WordCount.key, WordCount.n, WordCount.recent))
        self._rows = {key: keytable.Known(n, recent or b"") for key, n, recent in found}

    def known(self, keys: Collection[int]) -> dict[int, keytable.Known]:
        rows = self._rows
        return {key: rows[key] for key in keys if key in rows}

    def note(self, message_id: int, keys: search.Keys) -> None:
        kept, known, never = set(keys.kept), keys.known, keytable.Known(0, b"")
        for key in kept.union(keys.words):
            n, recent = known.get(key, never)
            added = keytable.appended(recent, message_id) if key in kept else recent
            self._rows[key] = keytable.Known(n + 1, added)

    def write(self, session: Session) -> None:
        session.execute(delete(WordCount))
        rows = (
            {"key": key, "n": n, "recent": recent}
            for key, (n, recent) in self._rows.items()
        )
        while batch := list(itertools.islice(rows, _BATCH)):
            session.execute(insert(WordCount), batch)


def fill(url: str, account_id: int, start: int, stop: int) -> None:
    """Store messages of the stream with the rows that the pipeline would write for
    them.

    Runs in a process of its own: what it holds meanwhile is not counted as memory of
    the engine.
    """
    database = Database(url)
    with multiprocessing.Pool() as pool:
        posts = itertools.islice(stream(stop), start, None)
        store(database, account_id, start, pool.imap(read, posts, chunksize=_TOLD))
    database.close()


def store(
    database: Database, account_id: int, start: int, texts: Iterator[Read]
) -> None:
    with database.reading() as session:
        keys = _Keys(session)
        said = {key for key in session.exec(select(Message.words_key)) if key}
    for first in itertools.count(start, _BATCH):
        batch = list(itertools.islice(texts, _BATCH))
        with database.writing() as session:
            if not batch:
                keys.write(session)
                return
            _write(session, account_id, first, batch)
            session.execute(_TRAITS, list(_remembered(keys, said, first, batch)))
        if first and first % (_TOLD * _BATCH) == 0:
            print(f"    ({first:,} filled)", flush=True)


def _write(
    session: Session, account_id: int, first: int, batch: Iterable[Read]
) -> None:
    places = list(enumerate(batch, first))
    session.execute(
        insert(Case), [case(at) for at, one in places if one.post.twin == at]
    )
    rows = [row(account_id, at, one.post, one.words_key) for at, one in places]
    session.execute(insert(Message), rows)


def _remembered(
    keys: _Keys, said: set[str], first: int, batch: Iterable[Read]
) -> Iterator[dict[str, Any]]:
    """The traits of a batch, its keys noted. The very same words again are not
    remembered twice."""
    for message_id, one in enumerate(batch, first + 1):
        if one.traits is None or one.words_key in said:
            continue
        if one.words_key:
            said.add(one.words_key)
        keys.note(message_id, search.keys_of(keys, one.words, one.matters))
        yield {"message_id": message_id, "traits": one.traits}


def case(place: int) -> dict[str, Any]:
    return {
        "id": place + 1,
        "number": str(place),
        "status": "new",
        "channel": "x",
        "opened_at": _city.START,
        "last_message_at": _city.START,
    }


def row(
    account_id: int, place: int, post: Post, words_key: str | None
) -> dict[str, Any]:
    at = _city.START + timedelta(seconds=place)
    return {
        "id": place + 1,
        "case_id": post.twin + 1,
        "account_id": account_id,
        "channel": "x",
        "scope": "",
        "native_id": str(place),
        "kind": "mention",
        "direction": "in",
        "text": post.said,
        "words_key": words_key,
        "extra": {},
        "public": True,
        "anonymous": False,
        "author_id": f"w{place}",
        "created_at": at,
        "received_at": at,
    }
