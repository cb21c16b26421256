"""What an answer costs is known before it is sent, also where the first are free."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from aggregator.answers.replies import Outgoing
from aggregator.city import prices
from aggregator.city.prices import Price
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message


@pytest.mark.parametrize(("sent_days_ago", "expected"), [((), 0.0), ((0,), 0.5)])
def test_the_first_answers_of_a_month_are_free(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    sent_days_ago: tuple[int, ...],
    expected: float,
) -> None:
    """An answer of the month before counts for nothing."""
    known = Price(
        channel="fake",
        what="answer",
        since=now.date(),
        usd=0.5,
        free_monthly=1,
        source="docs",
        verified=True,
    )
    monkeypatch.setattr(prices, "load", lambda folder: (known,))
    case = post(register("dishub_x", "dishub"), "Lampu mati")
    assert case is not None
    with database.writing() as session:
        message = session.exec(select(Message)).one()
        account = session.exec(select(Account)).one()
        for days in (*sent_days_ago, 40):
            row = Reply(
                key=f"k{days}",
                case_id=case.id,
                message_id=message.id,
                account_id=account.id,
                person_id=budi.id,
                text="Sedang dicek",
                state="sent",
                created_at=now,
                sent_at=now - timedelta(days=days),
            )
            session.add(row)
        session.flush()
        draft = Outgoing(case, message, account, "Sudah")
        assert draft.outgoing(session, now).prices == {"answer": expected}
