"""What must not be said: secrets this process has in hand and what residents say are
left out of logs and of errors that are kept or shown.

A library names in its errors what it tried, and that may be an address with a token in
it, or the words it could not read. Whatever opens or reads a secret notes it here. Of
an error its words are told where they speak of machines or are our own, without secrets
and without numbers of people; of any other its sort and where it arose. Columns that
keep such words are of the type `Told`.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr
from sqlalchemy import Dialect, String
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeDecorator

from aggregator import PlainError
from aggregator.rules.text import pii
from aggregator.rules.text.pii import numbers
from connectors.errors import ConnectorError

LEFT_OUT = "[secret]"
_SHORTEST = 6
"""A shorter one may be a word."""
_noted: set[str] = set()
_NO_NAMES = pii.People(frozenset(), (), frozenset())
_SAID_BY_MACHINES = (OSError, OperationalError, PlainError, ConnectorError)
_ALSO_OF_MACHINES = frozenset({"name", "plate", "address", "customer_number"})
"""Types that are found in what programs say of themselves, too."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OURS = ("aggregator.", "connectors.")
_SHORTEST_ID = 15
_OF_A_PERSON = re.compile(
    r"(?:\b(?:nik|kk|nip|npwp|bpjs|e?-?ktp|sim)|\brek(?:ening)?|induk|keluarga|identitas)"
    r"\w{0,3}\W{0,3}$",
    re.IGNORECASE,
)
_OF_A_THING = re.compile(
    r"(?:account|chat|comment|conversation|event|group|id|item|media|message|object|page"
    r"|photo|post|review|story|thread|user|video|/|=|_)\W{0,3}$",
    re.IGNORECASE,
)
_plain_record = logging.LogRecord


class Told(TypeDecorator[str]):
    """A column of what went wrong, in words: none of them is a secret or a person's."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else said(value)


def note(values: Iterable[object]) -> None:
    """Secrets among these values are said nowhere from now on."""
    for value in values:
        if (
            isinstance(value, SecretStr)
            and len(secret := value.get_secret_value()) >= _SHORTEST
        ):
            _noted.update((secret, quote(secret, safe="")))  # as in an address, too


def without(text: str) -> str:
    """The text without any noted secret."""
    for secret in tuple(_noted):
        if secret in text:
            text = text.replace(secret, LEFT_OUT)
    return text


def said(text: str, people: pii.People = _NO_NAMES) -> str:
    """Words of a machine or our own, without secrets, numbers of people and their
    names, where `people` tells how they are found."""
    return _masked(without(text), people)


def told(error: BaseException) -> str:
    """What is kept and shown of an error. A database quotes the row that it refuses, a
    reader the words that it cannot read: of those the sort, and where."""
    if isinstance(error, _SAID_BY_MACHINES):
        return said(str(error)) or type(error).__name__
    return f"{type(error).__name__}: {_where(error.__traceback__)}"


def guard_logs() -> None:
    """From now on nothing that is logged says a secret or what a resident said,
    tracebacks included."""
    logging.setLogRecordFactory(_record)


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _plain_record(*args, **kwargs)
    if isinstance(record.args, tuple):
        record.args = tuple(_in_a_line(one) for one in record.args)
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


def _in_a_line(value: object) -> object:
    """What a line is told of, in words that begin no other line."""
    if isinstance(value, BaseException):
        value = told(value)
    if isinstance(value, str):
        return _BREAKS.sub(
            lambda found: found[0].encode("unicode_escape").decode(), value
        )
    return value


def _where(trace: TracebackType | None) -> str:
    """The innermost line of ours, or of anybody's."""
    frames = list(traceback.walk_tb(trace))
    named = [(frame.f_globals.get("__name__", "?"), line) for frame, line in frames]
    ours = [one for one in named if one[0].startswith(_OURS)]
    module, line = next(reversed(ours or named), ("?", 0))
    return f"{module}, line {line}"


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
    words = said(str(error)) if isinstance(error, _SAID_BY_MACHINES) else "..."
    yield f"{type(error).__module__}.{type(error).__qualname__}: {words}"


@lru_cache(maxsize=256)
def _masked(text: str, people: pii.People) -> str:
    left = _ALSO_OF_MACHINES if people is _NO_NAMES else _ALSO_OF_MACHINES - {"name"}
    found = [
        one
        for one in pii.personal_data(text, people)
        if one.type not in left and not _is_an_id(text, *one.span)
    ]
    return pii.mask_found(text, found)


def _is_an_id(text: str, begin: int, end: int) -> bool:
    """Whether a long number is what a platform calls something, not a person's: who
    operates the account looks for it there."""
    digits, before = text[begin:end], text[max(0, begin - 20) : begin]
    if not digits.isdecimal() or len(digits) < _SHORTEST_ID:
        return False
    if _OF_A_PERSON.search(before):
        return False
    return bool(_OF_A_THING.search(before)) or not numbers.is_nik(digits)
