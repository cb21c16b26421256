"""What the bench fills in bulk is what the product writes message by message."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session, select

from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import MessageTraits
from aggregator.twins import search
from bench import _city, _remembered
from bench._repeats import stream

COUNT = 220


class Undo(Exception):
    pass


def tables(session: Session) -> list[tuple[Any, ...]]:
    counts = text("SELECT key, n, recent FROM word_count ORDER BY key")
    stored = text(
        "SELECT message_id, CAST(traits AS text) FROM message_traits ORDER BY 1"
    )
    return [tuple(row) for query in (counts, stored) for row in session.execute(query)]


def as_the_product_does(database: Database, account_id: int) -> list[tuple[Any, ...]]:
    """What is in the tables after messages came one by one; nothing of it stays."""
    left: list[tuple[Any, ...]] = []
    with contextlib.suppress(Undo), database.writing() as session:
        for place, one in enumerate(map(_remembered.read, stream(COUNT))):
            row = _remembered.row(account_id, place, one.post, one.words_key)
            if one.post.twin == place:
                session.execute(insert(Case), _remembered.case(place))
            session.execute(insert(Message), row)
            message = Message(**row)
            said = search.traits_of(message)
            found = search.look(session, _city.START, message, said)
            if not found.is_copy:
                search.remember(session, message, said, found.keys)
        left = tables(session)
        raise Undo
    return left


def test_a_filled_database_remembers_what_the_product_would(database: Database) -> None:
    account_id = _city.account(database).id or 0
    usual = as_the_product_does(database, account_id)
    posts = map(_remembered.read, stream(COUNT))
    _remembered.store(database, account_id, 0, itertools.islice(posts, COUNT // 2))
    _remembered.store(database, account_id, COUNT // 2, posts)
    with database.reading() as session:
        assert tables(session) == usual
        remembered = len(session.exec(select(MessageTraits)).all())
    assert (
        COUNT / 2 < remembered < COUNT
    )  # the very same words again are not remembered twice
