"""The city's account that a resident addressed; `authority.combine` says who then leads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addressed:
    account_id: int
    agency_code: str
    handle: str
