"""A mailbox over IMAP4rev1: signing in, looking, fetching; imap-tools does the
protocol.

Folders are opened with EXAMINE and texts fetched with BODY.PEEK: reading here never
marks a mail as seen for the people who use the mailbox too.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from imap_tools import BaseMailBox
from imap_tools.errors import (
    ImapToolsError,
    MailboxFolderSelectError,
    MailboxLoginError,
    UnexpectedCommandStatusError,
)

from connectors._shared import http
from connectors._shared.deadline import CALL_SECONDS, Deadline
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater

LARGEST_MAIL = 25 * 1024 * 1024
CUT_AT = 256 * 1024
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_RECEIVED = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_CODE = re.compile(r"\[([A-Z-]+)")
_LATER = frozenset(
    {"LIMIT", "OVERQUOTA", "UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN"}
)
_BUSY = re.compile(
    r"too many|rate|throttl|try again|temporar|exceeded|simultaneous", re.I
)
_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


@dataclass(frozen=True, slots=True)
class Server:
    """`security`: ssl, starttls or none."""

    host: str
    port: int
    security: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """`cut`: larger than LARGEST_MAIL, so only the beginning was fetched."""

    uid: int
    received: datetime | None
    raw: bytes
    cut: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What is asked before a mail: its size in bytes, and its Date line where asked."""

    size: int
    date: bytes = b""


class _Plain(imaplib.IMAP4):
    def __init__(self, server: Server, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(server.host, server.port, timeout=http.READ_SECONDS)

    def open(self, host: str = "", port: Any = 143, timeout: Any = None) -> None:
        super().open(host, port, timeout)
        self._deadline.watch(self)


class _Tls(imaplib.IMAP4_SSL):
    def __init__(self, server: Server, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(
            server.host,
            server.port,
            ssl_context=ssl.create_default_context(),
            timeout=http.READ_SECONDS,
        )

    def open(self, host: str = "", port: Any = 993, timeout: Any = None) -> None:
        super().open(host, port, timeout)
        self._deadline.watch(self)


class _Box(BaseMailBox):
    def __init__(self, server: Server, deadline: Deadline) -> None:
        self._server, self._deadline = server, deadline
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        if self._server.security == "ssl":
            return _Tls(self._server, self._deadline)
        client = _Plain(self._server, self._deadline)
        if self._server.security == "starttls":
            client.starttls(ssl.create_default_context())
        return client


@contextmanager
def opened(
    server: Server, user: str, secret: str, *, is_token: bool
) -> Iterator[BaseMailBox]:
    """A mailbox signed in to; everything that goes wrong inside becomes a
    ConnectorError."""
    with translated():
        with Deadline() as deadline:
            box = _Box(server, deadline)
            try:
                _sign_in(box, user, secret, is_token)
            except BaseException:
                box.client.shutdown()
                raise
        try:
            yield box
        finally:
            _leave(box)


@contextmanager
def within(box: BaseMailBox, seconds: float = CALL_SECONDS) -> Iterator[None]:
    """What is asked of a mailbox inside the block ends in time, or with TryLater."""
    with Deadline(seconds) as deadline:
        deadline.watch(box.client)
        try:
            yield
        except (OSError, EOFError, imaplib.IMAP4.error):
            if deadline.passed:
                raise TryLater("the mailbox takes too long to answer") from None
            raise


def _sign_in(box: BaseMailBox, user: str, secret: str, is_token: bool) -> None:
    try:
        if is_token:
            box.xoauth2(user, secret, initial_folder=None)
        elif secret.isascii() and user.isascii():
            box.login(user, secret, initial_folder=None)
        else:
            box.login_utf8(user, secret, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        raise _login_refused(_said(error)) from None


def _leave(box: BaseMailBox) -> None:
    with Deadline(http.READ_SECONDS) as deadline:
        deadline.watch(box.client)
        try:
            box.client.logout()
        except (OSError, imaplib.IMAP4.error, ImapToolsError):
            box.client.shutdown()


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except MailboxFolderSelectError as error:
        raise _refused(
            _said(error), "the mailbox has no such folder", "no_folder"
        ) from None
    except imaplib.IMAP4.abort as error:
        raise TryLater(f"the mailbox broke off ({_short(str(error))})") from None
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        if str(error).startswith("got more than"):  # imaplib on a line without an end
            raise TryLater("the mailbox answered something that is no IMAP") from None
        raise _refused(_said(error), "the mailbox refuses") from None
    except (OSError, EOFError) as error:
        raise TryLater(
            f"the mailbox cannot be reached ({type(error).__name__})"
        ) from None


def _login_refused(said: str) -> ConnectorError:
    if _is_busy(said):
        return TryLater(
            f"the mailbox takes no sign-in now ({_short(said)})", code="throttled"
        )
    return NeedsLogin(
        "the mailbox does not accept the password or token; where two-step sign-in is"
        " on, an app password or OAuth is needed"
    )


def _refused(said: str, what: str, code: str | None = None) -> ConnectorError:
    if _is_busy(said):
        return TryLater(f"{what} for now ({_short(said)})", code="throttled")
    return Refused(f"{what} ({_short(said)})", code=code)


def _is_busy(said: str) -> bool:
    return bool(_LATER & set(_CODE.findall(said))) or bool(_BUSY.search(said))


def _said(error: Exception) -> str:
    if isinstance(error, UnexpectedCommandStatusError):
        lines = error.command_result[1] if len(error.command_result) > 1 else []
        return " ".join(
            line.decode("utf-8", "replace") if isinstance(line, bytes) else str(line)
            for line in lines or []
        )
    if error.args and isinstance(error.args[0], bytes):
        return error.args[0].decode("utf-8", "replace")
    return str(error)


def _short(said: str) -> str:
    return " ".join(said.split())[:160]


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder: its UIDVALIDITY (RFC 3501 section 2.3.1.1) and the UID of its newest
    mail, 0 where the server does not say."""

    validity: int
    newest: int


def examine(box: BaseMailBox, folder: str) -> Opened:
    """Open a folder for reading only."""
    box.folder.set(folder, readonly=True)
    return Opened(_number(box, "UIDVALIDITY"), max(0, _number(box, "UIDNEXT") - 1))


def _number(box: BaseMailBox, name: str) -> int:
    _, told = box.client.response(name)
    first = told[0] if told else None
    return int(first) if isinstance(first, bytes) and first.isdigit() else 0


def newer(box: BaseMailBox, after: int, since: date | None) -> list[int]:
    """UIDs above `after`, ascending. `UID n:*` always gives the last one, even when it
    is old."""
    criteria = f"UID {after + 1}:*" if after else "ALL"
    if since is not None and not after:
        criteria = f"SINCE {imap_date(since)}"
    found = (int(uid) for uid in box.uids(criteria, charset=None) if uid.isdigit())
    return sorted(uid for uid in found if uid > after)


def imap_date(day: date) -> str:
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def listed(box: BaseMailBox, uids: Sequence[int]) -> set[int]:
    """Which of these mails are still there; others were removed meanwhile."""
    box.client.noop()  # until then the server goes on naming what was removed
    found = box.uids(f"UID {_set(uids)}", charset=None)
    return {int(uid) for uid in found if uid.isdigit()} & set(uids)


def heads(box: BaseMailBox, uids: Sequence[int], *, dates: bool) -> dict[int, Head]:
    """Of those of the mails that the server answers for."""
    asked = "UID RFC822.SIZE"
    if dates:
        asked += " BODY.PEEK[HEADER.FIELDS (DATE)]"
    found: dict[int, Head] = {}
    for head, lines in _answers(box, _set(uids), f"({asked})"):
        uid, size = _UID.search(head), _SIZE.search(head)
        if uid:
            found[int(uid[1])] = Head(int(size[1]) if size else 0, lines or b"")
    return found


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def fetched(
    box: BaseMailBox, uids: Sequence[int], *, cut: bool = False
) -> list[Fetched]:
    """Without those that the server says nothing of."""
    if not uids:
        return []
    part = f"BODY.PEEK[]<0.{CUT_AT}>" if cut else "BODY.PEEK[]"
    mails = []
    for head, raw in _answers(box, _set(uids), f"(UID INTERNALDATE {part})"):
        found = _UID.search(head)
        if raw is not None and found:
            mails.append(Fetched(int(found[1]), _received(head), raw, cut))
    return mails


def _answers(
    box: BaseMailBox, uids: str, parts: str
) -> Iterator[tuple[bytes, bytes | None]]:
    """Each FETCH answer as what stands around its literal, and the literal."""
    status, data = box.client.uid("FETCH", uids, parts)
    if status != "OK":
        raise imaplib.IMAP4.error(b" ".join(d for d in data if isinstance(d, bytes)))
    position = 0
    while position < len(data):
        entry = data[position]
        position += 1
        if isinstance(entry, tuple):
            tail = data[position] if position < len(data) else b""
            if isinstance(tail, bytes):
                position += 1
            yield entry[0] + (tail if isinstance(tail, bytes) else b""), entry[1]
        elif isinstance(entry, bytes):
            yield entry, None


def _received(head: bytes) -> datetime | None:
    found = _RECEIVED.search(head)
    if not found:
        return None
    try:
        day, month, year, clock = re.split(rb"[- ]", found[1].strip(), maxsplit=3)
        text = f"{int(year):04d}-{_MONTHS.index(month.decode().title()) + 1:02d}-{int(day):02d}"  # noqa: E501
        moment = datetime.strptime(f"{text} {clock.decode()}", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
    return moment.astimezone(UTC)


def with_message_id(box: BaseMailBox, message_id: str) -> list[int]:
    """UIDs in the folder that is open; quotes in ids would end the search string."""
    wanted = message_id.replace("\\", "").replace('"', "")
    found = box.uids(f'HEADER Message-ID "{wanted}"', charset=None)
    return sorted(int(uid) for uid in found if uid.isdigit())
