"""What a row of a judged file says beside its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregator.rules.reports.context import AUTHOR_KINDS, Context


def context_of(row: Mapping[str, Any]) -> Context:
    """What a row says beside its text: `private`, `account` (the code of the office
    whose account was addressed), `author_kind`; what it does not say is not known."""
    private, account, author = (
        row.get(name) for name in ("private", "account", "author_kind")
    )
    return Context(
        private=private if isinstance(private, bool) else None,
        account=account if isinstance(account, str) else None,
        author=author if author in AUTHOR_KINDS else None,
    )
