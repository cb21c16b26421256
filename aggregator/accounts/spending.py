"""What an account brought and cost."""

from __future__ import annotations

from datetime import date

from sqlmodel import col, func, select

from aggregator.store.db import Database
from aggregator.store.tables.accounts import Usage
from aggregator.store.tables.intake import Message, MessageAccount


def samples(database: Database, account_id: int, count: int = 3) -> list[Message]:
    """The newest messages an account has received."""
    with database.reading() as session:
        return list(
            session.exec(
                select(Message)
                .join(MessageAccount, col(MessageAccount.message_id) == col(Message.id))
                .where(
                    MessageAccount.account_id == account_id, Message.direction == "in"
                )
                .order_by(col(Message.created_at).desc())
                .limit(count)
            )
        )


def usage(database: Database, account_id: int, day: date) -> Usage:
    """Billed reads of an account on a UTC day and their price; zeros where nothing was
    read."""
    with database.reading() as session:
        found = session.get(Usage, (account_id, day))
        return found or Usage(account_id=account_id, day=day)


def money_since(database: Database, account_id: int, first: date) -> float:
    """US dollars of billed reads from a UTC day on."""
    with database.reading() as session:
        total = select(func.sum(Usage.money)).where(
            Usage.account_id == account_id, col(Usage.day) >= first
        )
        return float(session.exec(total).one() or 0.0)
