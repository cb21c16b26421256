"""Which agencies get a case: those that own the accounts addressed.

The first account a resident names leads, the others help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addressed:
    account_id: int
    agency_code: str
    handle: str


@dataclass(frozen=True, slots=True)
class Route:
    agency_code: str
    role: str
    reason: str


def route(addressed: Sequence[Addressed]) -> list[Route]:
    """One route an agency, in the order addressed."""
    routes: dict[str, Route] = {}
    for account in addressed:
        routes.setdefault(
            account.agency_code,
            Route(
                account.agency_code,
                "help" if routes else "lead",
                f"account:{account.handle}",
            ),
        )
    return list(routes.values())
