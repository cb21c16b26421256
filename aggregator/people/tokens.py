"""What is kept of the tokens that links and cookies carry."""

from __future__ import annotations

import hashlib


def digest(token: str) -> str:
    """What is kept of a token that is long enough not to be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
