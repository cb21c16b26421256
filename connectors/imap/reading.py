"""Reading one folder from a place on: batch by batch, past what cannot be read.

Servers refuse a whole FETCH because of one mail, and some break the connection off
(Dovecot, where the file of a mail cannot be opened). So when a batch fails its mails
are asked for one by one, over a new connection where the last one ended, and those
that fail alone are named to the caller, who keeps them for another try. A mail the
server says nothing of is either gone, and then it is no longer listed, or unread too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import TypeVar

from imap_tools import BaseMailBox

from connectors.errors import ConnectorError, NeedsLogin, TryLater
from connectors.imap import box as mail_box
from connectors.imap import wire
from connectors.imap.box import LARGEST_MAIL, Fetched, Head

_MAILS_AT_ONCE = 25
_BYTES_AT_ONCE = 8 * 1024 * 1024
_HEADS_AT_ONCE = 200
_TOGETHER_SECONDS = 45.0
_ALONE_SECONDS = 30.0
_MOST_UNREAD = 20
"""Of one poll: more means that the server is ill, not its mails."""
_ANOTHER_DAY = timedelta(days=1)
"""Time zones: what was written on the day before the first is not left alone."""
Connect = Callable[[], AbstractContextManager[BaseMailBox]]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder is read. `old_to`: the newest mail there was when reading began;
    up to there, what was written before the first day is left alone."""

    validity: int = 0
    uid: int = 0
    old_to: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """`place`: how far the folder is read after this. `unread`: UIDs of mails that are
    there and could not be fetched."""

    place: Place
    mails: tuple[Fetched, ...] = ()
    unread: tuple[int, ...] = ()


class _Silent(Exception):
    """The server lists a mail and says nothing of it."""


class _Line:
    """A connection with one folder open, made anew when it has ended."""

    def __init__(self, connect: Connect, folder: str) -> None:
        self._connect, self._folder = connect, folder
        self._open = ExitStack()
        self._box: BaseMailBox | None = None

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def begin(self) -> mail_box.Opened:
        with mail_box.translated():
            box = self._open.enter_context(self._connect())
            with mail_box.within(box, _ALONE_SECONDS):
                opened = mail_box.examine(box, self._folder)
        self._box = box
        return opened

    def stand(self, validity: int) -> None:
        """Whatever failed before, the folder is open now. ConnectorError."""
        if self._box is None and self.begin().validity != validity:
            raise TryLater("the folder was renumbered while it was read")

    def ask(self, question: Callable[[BaseMailBox], Answer], seconds: float) -> Answer:
        """ConnectorError; the connection is given up then, since nobody knows what it
        would answer next."""
        assert self._box is not None
        try:
            with mail_box.translated(), mail_box.within(self._box, seconds):
                return question(self._box)
        except ConnectorError:
            self._drop()
            raise

    def _drop(self) -> None:
        self._box = None
        self._open.close()


def read(connect: Connect, folder: str, known: Place, start: date) -> Iterator[Batch]:
    """What is new in a folder, oldest first; at least one batch. ConnectorError."""
    with _Line(connect, folder) as line:
        opened = line.begin()
        place = known
        if opened.validity != known.validity:
            place = Place(opened.validity, 0, opened.newest)
        uids = line.ask(
            lambda box: mail_box.newer(box, place.uid, start), _TOGETHER_SECONDS
        )
        reader = _Reader(line, place, start)
        for chunk in _chunks(uids, _HEADS_AT_ONCE):
            yield from reader.batches(chunk)
        read_to = replace(reader.place, uid=max(reader.place.uid, place.old_to))
        if read_to != reader.place or not uids:
            yield Batch(read_to)


class _Reader:
    def __init__(self, line: _Line, place: Place, start: date) -> None:
        self.place = place
        self._line = line
        self._first_day = datetime.combine(start, time_of_day(), UTC) - _ANOTHER_DAY
        self._unread = 0

    def batches(self, uids: Sequence[int]) -> Iterator[Batch]:
        try:
            heads = self._ask(lambda box: self._heads(box, uids), _TOGETHER_SECONDS)
        except ConnectorError as error:
            _raise_what_concerns_all(error)
            yield from self._one_by_one(uids)
            return
        wanted = [uid for uid in uids if not self._is_old(uid, heads.get(uid))]
        for group in _groups(wanted, heads):
            try:
                batch = self._together(group, heads)
            except ConnectorError as error:
                _raise_what_concerns_all(error)
                yield from self._one_by_one(group)
                continue
            yield self._read_to(group[-1], batch.mails, batch.unread)

    def _together(self, uids: Sequence[int], heads: Mapping[int, Head]) -> Batch:
        mails = self._ask(lambda box: _fetched(box, uids, heads), _TOGETHER_SECONDS)
        silent = sorted(set(uids) - {mail.uid for mail in mails})
        unread = []
        for uid in silent:
            found = self._alone(uid)
            if isinstance(found, Fetched):
                mails.append(found)
            elif found is not None:
                unread.append(uid)
        mails.sort(key=lambda mail: mail.uid)
        return Batch(self.place, tuple(mails), tuple(unread))

    def _one_by_one(self, uids: Sequence[int]) -> Iterator[Batch]:
        """In batches that each end in time, so that what was read is kept."""
        mails: list[Fetched] = []
        unread: list[int] = []
        size, until = 0, time.monotonic() + _TOGETHER_SECONDS
        for uid in uids:
            found = self._alone(uid)
            if isinstance(found, Fetched):
                mails.append(found)
                size += len(found.raw)
            elif found is not None:
                unread.append(uid)
            ill = self._unread >= _MOST_UNREAD
            late = time.monotonic() > until
            if size > _BYTES_AT_ONCE or late or ill or uid == uids[-1]:
                yield self._read_to(uid, mails, unread)
                mails, unread, size = [], [], 0
                until = time.monotonic() + _TOGETHER_SECONDS
            if ill:
                raise TryLater("the mailbox refuses too many of its mails")

    def _alone(self, uid: int) -> Fetched | Exception | None:
        """A mail; None where it is gone or old; else why it cannot be read now."""
        problem: Exception = _Silent()
        for _ in range(2):  # the first time it may have been the connection
            self._line.stand(self.place.validity)
            try:
                return self._ask(lambda box: self._one(box, uid), _ALONE_SECONDS)
            except _Silent as error:
                problem = error
                break
            except ConnectorError as error:
                _raise_what_concerns_all(error)
                problem = error
        self._unread += 1
        return problem

    def _one(self, box: BaseMailBox, uid: int) -> Fetched | None:
        heads = self._heads(box, [uid])
        if self._is_old(uid, heads.get(uid)):
            return None
        for mail in _fetched(box, [uid], heads):
            return mail
        if uid in mail_box.listed(box, [uid]):
            raise _Silent
        return None

    def _heads(self, box: BaseMailBox, uids: Sequence[int]) -> dict[int, Head]:
        return mail_box.heads(box, uids, dates=uids[0] <= self.place.old_to)

    def _is_old(self, uid: int, head: Head | None) -> bool:
        """A mailbox that was moved may have received everything today."""
        if head is None or uid > self.place.old_to:
            return False
        written = wire.written(head.date)
        return written is not None and written < self._first_day

    def _read_to(
        self, uid: int, mails: Sequence[Fetched], unread: Sequence[int]
    ) -> Batch:
        self.place = replace(self.place, uid=uid)
        return Batch(self.place, tuple(mails), tuple(unread))

    def _ask(self, question: Callable[[BaseMailBox], Answer], seconds: float) -> Answer:
        self._line.stand(self.place.validity)
        return self._line.ask(question, seconds)


def _raise_what_concerns_all(error: ConnectorError) -> None:
    """A sign-in that ended and a server that asks to wait are not about one mail."""
    if isinstance(error, NeedsLogin) or error.code == "throttled":
        raise error


def _fetched(
    box: BaseMailBox, uids: Sequence[int], heads: Mapping[int, Head]
) -> list[Fetched]:
    large = [uid for uid in uids if uid in heads and heads[uid].size > LARGEST_MAIL]
    whole = [uid for uid in uids if uid not in large]
    return [*mail_box.fetched(box, whole), *mail_box.fetched(box, large, cut=True)]


def _groups(uids: Sequence[int], heads: Mapping[int, Head]) -> Iterator[list[int]]:
    """Mails to fetch at once: not too many, and not too much."""
    group: list[int] = []
    taken = 0
    for uid in uids:
        size = min(heads[uid].size if uid in heads else 0, LARGEST_MAIL)
        if group and (taken + size > _BYTES_AT_ONCE or len(group) == _MAILS_AT_ONCE):
            yield group
            group, taken = [], 0
        group.append(uid)
        taken += size
    if group:
        yield group


def _chunks(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]
