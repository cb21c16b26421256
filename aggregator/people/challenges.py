"""What passkeys are asked to sign: random, known to this server, good once and for a
few minutes, for one purpose and one browser."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete
from webauthn.helpers import bytes_to_base64url

from aggregator.people.tokens import digest
from aggregator.store.db import Database
from aggregator.store.tables.people import PasskeyChallenge

LASTS = timedelta(minutes=5)
_id = col(PasskeyChallenge.id)


@dataclass(frozen=True, slots=True)
class Asking:
    """`purpose`: register, sign_in, prove. `holder`: the session, or the browser that
    has none yet, in which it is answered."""

    purpose: str
    holder: str


def begin(database: Database, now: datetime, asking: Asking) -> bytes:
    made = secrets.token_bytes(32)
    with database.writing(lasting=False) as session:
        over = col(PasskeyChallenge.expires_at) <= now
        session.execute(delete(PasskeyChallenge).where(over))
        session.add(
            PasskeyChallenge(
                challenge_hash=digest(bytes_to_base64url(made)),
                purpose=asking.purpose,
                holder=asking.holder,
                expires_at=now + LASTS,
            )
        )
    return made


def take(database: Database, now: datetime, asking: Asking, challenge: bytes) -> bool:
    """Whether this was asked there, for that, and not yet answered; whatever comes of
    the answer, it is used up."""
    with database.writing(lasting=False) as session:
        taken = delete(PasskeyChallenge).where(
            col(PasskeyChallenge.challenge_hash)
            == digest(bytes_to_base64url(challenge)),
            col(PasskeyChallenge.purpose) == asking.purpose,
            col(PasskeyChallenge.holder) == asking.holder,
            col(PasskeyChallenge.expires_at) > now,
        )
        return session.execute(taken.returning(_id)).first() is not None
