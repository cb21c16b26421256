"""What must not be said: secrets this process has in hand are left out of logs and of
errors that are kept or shown.

A library names in its errors what it tried, and that may be an address with a token in
it. Whatever opens or reads a secret notes it here; `without` takes it out of a text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from pydantic import SecretStr

LEFT_OUT = "[secret]"
_SHORTEST = 6
"""A shorter one may be a word."""
_noted: set[str] = set()
_formatter = logging.Formatter()
_plain_record = logging.LogRecord


def note(values: Iterable[object]) -> None:
    """Secrets among these values are said nowhere from now on."""
    _noted.update(
        secret
        for value in values
        if isinstance(value, SecretStr)
        and len(secret := value.get_secret_value()) >= _SHORTEST
    )


def without(text: str) -> str:
    """The text without any noted secret."""
    for secret in tuple(_noted):
        if secret in text:
            text = text.replace(secret, LEFT_OUT)
    return text


def guard_logs() -> None:
    """From now on nothing that is logged says a secret, tracebacks included."""
    logging.setLogRecordFactory(_record)


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _plain_record(*args, **kwargs)
    try:
        said = record.getMessage()
    except (TypeError, ValueError):
        return record  # what is wrong with it is said where it is written
    if (clean := without(said)) != said:
        record.msg, record.args = clean, ()
    if record.exc_info:
        # formatters print this instead of the traceback where it is there already
        record.exc_text = without(_formatter.formatException(record.exc_info))
    return record
