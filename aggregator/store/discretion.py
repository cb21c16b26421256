"""What must not be said: secrets this process has in hand are left out of logs and of
errors that are kept or shown, and what residents say is left out of logs.

A library names in its errors what it tried, and that may be an address with a token in
it, or the words it could not read. Whatever opens or reads a secret notes it here;
`without` takes it out of a text. A traceback in a log tells where, and the sort of the
error; its words stand there where they speak of machines or are our own.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import SecretStr
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from aggregator import PlainError
from aggregator.rules.text import pii
from connectors.errors import ConnectorError

LEFT_OUT = "[secret]"
_SHORTEST = 6
"""A shorter one may be a word."""
_noted: set[str] = set()
_NO_NAMES = pii.People(frozenset(), (), frozenset())
_SAID_BY_MACHINES = (OSError, OperationalError, PlainError, ConnectorError)
_ALSO_OF_MACHINES = frozenset({"name", "plate", "address", "customer_number"})
"""Types that are found in what programs say of themselves, too."""
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
    """From now on nothing that is logged says a secret or what a resident said,
    tracebacks included."""
    logging.setLogRecordFactory(_record)


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _plain_record(*args, **kwargs)
    if isinstance(record.args, tuple):
        record.args = tuple(
            _told(one) if isinstance(one, BaseException) else one for one in record.args
        )
    try:
        said = record.getMessage()
    except (TypeError, ValueError):
        return record  # what is wrong with it is said where it is written
    if (clean := without(said)) != said:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[1] is not None:
        # formatters print this instead of the traceback where it is there already
        record.exc_text = without("\n".join(_traceback(record.exc_info[1], set())))
    return record


def _told(error: BaseException) -> str:
    """What a line says of an error: a database quotes the row that it refuses."""
    if isinstance(error, SQLAlchemyError) and not isinstance(error, OperationalError):
        return type(error).__name__
    return _masked(str(error))


def _traceback(error: BaseException, seen: set[int]) -> Iterator[str]:
    """Of an error and of those it came from, the first one first."""
    seen.add(id(error))
    before = error.__cause__ or (
        None if error.__suppress_context__ else error.__context__
    )
    inside = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for one in (before, *inside):
        if one is not None and id(one) not in seen:
            yield from _traceback(one, seen)
            yield "then"
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    words = _masked(str(error)) if isinstance(error, _SAID_BY_MACHINES) else "..."
    yield f"{type(error).__module__}.{type(error).__qualname__}: {words}"


def _masked(text: str) -> str:
    found = pii.personal_data(text, _NO_NAMES)
    return pii.mask_found(
        text, [one for one in found if one.type not in _ALSO_OF_MACHINES]
    )
