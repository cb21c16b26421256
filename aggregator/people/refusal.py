"""An act that may not be done, or not now: the same answer on every way in."""

from __future__ import annotations

from typing import Any

from aggregator import PlainError


class Refusal(PlainError):
    """An act was refused; nothing was changed. `code` for screens, `detail` for their
    sentences."""

    def __init__(self, message: str, code: str, **detail: Any) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail


class PeopleError(PlainError):
    """Something about a person is wrong; says what and what to do. `code` is for
    screens."""

    def __init__(self, message: str, code: str = "people_error") -> None:
        super().__init__(message)
        self.code = code
