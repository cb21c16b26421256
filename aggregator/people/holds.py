"""How a person's hold on a case ends: by themselves, with their access, in their
absence, with the case."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from aggregator.store.audit import Actor
from aggregator.store.tables.cases import Case
from aggregator.store.versions import changed


def let_go(case: Case) -> None:
    """Nobody has the case in hand any more. The act that ends the hold tells of it."""
    case.claimed_by = case.claimed_at = case.claim_expires_at = None


def give_back(
    session: Session, actor: Actor, case: Case, action: str = "released", **why: Any
) -> None:
    """The case goes back to the queue: an act of its own."""
    let_go(case)
    changed(session, actor, action, case, **why)
