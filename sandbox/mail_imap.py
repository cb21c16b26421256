"""An IMAP4rev1 server, RFC 3501 with IDLE (2177), UNSELECT (3691), SASL-IR (4959) and
the mark of the folder of sent mails (6154).

It does what trips clients up on purpose: `UID n:*` always holds the last mail, BODY[]
marks a mail as seen where the folder is not opened with EXAMINE, a renumbered folder
has a new UIDVALIDITY, and a mail whose file cannot be read ends the connection, as with
Dovecot 2.3.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, ClassVar

from sandbox.mail_server import Gone, Session
from sandbox.mail_state import Folder, Mail, Mailbox

CAPABILITY = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR IDLE UNSELECT SPECIAL-USE"
_LITERAL = re.compile(rb"\{(\d+)\+?\}$")
_TOKEN = re.compile(
    rb'\s*("(?:[^"\\]|\\.)*"|[()]|[^\s()"]*\[[^\]]*\](?:<[\d.]+>)?|[^\s()]+)'
)
_BODY = re.compile(
    r"BODY(?P<peek>\.PEEK)?"
    r"\[(?P<section>HEADER(?:\.FIELDS \((?P<fields>[^)]+)\))?|TEXT)?\]"
    r"(?:<(?P<start>\d+)\.(?P<count>\d+)>)?"
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
_HANGS_UP = b"* BYE FETCH failed: Internal error occurred.\r\n"
_ANYWHERE = frozenset({"CAPABILITY", "NOOP", "LOGOUT", "LOGIN", "AUTHENTICATE"})


class Bad(Exception):
    """The client broke the protocol."""


class No(Exception):
    """The command is understood and refused."""


class Ill(Exception):
    """The server cannot go on and hangs up."""


class Imap(Session):
    protocol: ClassVar[str] = "IMAP"

    def answer(self) -> None:
        self.box: Mailbox | None = None
        self.folder: Folder | None = None
        self.writable = False
        self.write(f"* OK [CAPABILITY {CAPABILITY}] ready\r\n".encode())
        while True:
            tag, words = self._command()
            if not words:
                self.write(tag + b" BAD no command\r\n")
                continue
            name = words[0].upper().decode("ascii", "replace")
            if name == "UID" and len(words) > 1:
                name = f"UID {words[1].upper().decode('ascii', 'replace')}"
            self._one(tag, name, words[2:] if name.startswith("UID ") else words[1:])

    def _command(self) -> tuple[bytes, list[bytes]]:
        """A tag and words; literals are asked for and read."""
        line = self.read_line()
        tag, _, rest = line.partition(b" ")
        words: list[bytes] = []
        while True:
            literal = _LITERAL.search(rest)
            words += _words(rest[: literal.start()] if literal else rest)
            if not literal:
                return tag, words
            if not literal[0].endswith(b"+}"):
                self.write(b"+ go on\r\n")
            words.append(self.read_exactly(int(literal[1])))
            rest = self.read_line()

    def _one(self, tag: bytes, name: str, words: list[bytes]) -> None:
        fault = self.fault(name, self.box.address if self.box else None)
        if fault is not None:
            self._disturbed(fault.kind, tag, name, words)
            return
        told = b"".join([*self._carried_out(tag, name, words)])
        self.write(told)
        if name == "LOGOUT" or told.endswith(_HANGS_UP):
            raise Gone

    def _disturbed(self, kind: str, tag: bytes, name: str, words: list[bytes]) -> None:
        if kind == "429":
            self.write(tag + b" NO [LIMIT] too many requests, try again later\r\n")
            return
        if kind == "500":
            self.write(b"* BYE [UNAVAILABLE] something broke\r\n")
            raise Gone
        if kind == "hang":
            self.wait_for_the_client_to_leave()
        if kind in ("html", "charset", "huge"):
            self.nonsense(kind)
        told = b"".join([*self._carried_out(tag, name, words)])
        if kind == "cut":
            self.write(told[: len(told) // 2])
            raise Gone
        self.wait_for_the_client_to_leave()

    def _carried_out(
        self, tag: bytes, name: str, words: list[bytes]
    ) -> Iterator[bytes]:
        do = getattr(self, "_do_" + name.lower().replace(" ", "_"), None)
        try:
            if do is None:
                raise Bad(f"{name} not known")
            if self.box is None and name not in _ANYWHERE:
                raise Bad("sign in first")
            # these wait for the client, and nobody else should wait with them
            waits = name in ("IDLE", "AUTHENTICATE")
            with nullcontext() if waits else self.core.lock:
                lines = list(do(words))
        except Bad as error:
            yield tag + f" BAD {error}\r\n".encode()
        except No as error:
            yield tag + f" NO {error}\r\n".encode()
        except Ill:
            yield _HANGS_UP
        else:
            yield from lines
            code = ""
            if name in ("SELECT", "EXAMINE"):
                code = "[READ-WRITE] " if self.writable else "[READ-ONLY] "
            yield tag + f" OK {code}{name} done\r\n".encode()

    def _do_capability(self, words: list[bytes]) -> Iterator[bytes]:
        yield f"* CAPABILITY {CAPABILITY}\r\n".encode()

    def _do_noop(self, words: list[bytes]) -> Iterator[bytes]:
        if self.folder is not None:
            yield f"* {len(self.folder.mails)} EXISTS\r\n".encode()

    def _do_logout(self, words: list[bytes]) -> Iterator[bytes]:
        yield b"* BYE see you\r\n"

    def _do_login(self, words: list[bytes]) -> Iterator[bytes]:
        if len(words) != 2:
            raise Bad("LOGIN wants a name and a password")
        self._enter(self.post.may_enter(words[0].decode(), words[1].decode()))
        yield from ()

    def _do_authenticate(self, words: list[bytes]) -> Iterator[bytes]:
        mechanism = words[0].upper() if words else b""
        if len(words) > 1:
            given = words[1]
        else:
            self.write(b"+ \r\n")
            given = self.read_line()
        try:
            said = base64.b64decode(given)
            if mechanism == b"PLAIN":
                _, user, password = said.split(b"\0")
                self._enter(self.post.may_enter(user.decode(), password.decode()))
            elif mechanism == b"XOAUTH2":
                self._bearer(said)
            else:
                raise No("[CANNOT] mechanism not offered")
        except (binascii.Error, ValueError) as error:
            raise Bad("cannot decode") from error
        yield from ()

    def _bearer(self, said: bytes) -> None:
        told = dict(part.split(b"=", 1) for part in said.split(b"\x01") if b"=" in part)
        token = told.get(b"auth", b"").decode().removeprefix("Bearer ")
        box = self.post.bearer(told.get(b"user", b"").decode(), token)
        if box is None:
            error = {
                "status": "400",
                "schemes": "Bearer",
                "scope": "https://mail.google.com/",
            }
            self.write(b"+ " + base64.b64encode(json.dumps(error).encode()) + b"\r\n")
            self.read_line()
        self._enter(box)

    def _enter(self, box: Mailbox | None) -> None:
        if box is None:
            raise No("[AUTHENTICATIONFAILED] invalid credentials")
        self.box = box

    def _do_select(self, words: list[bytes]) -> Iterator[bytes]:
        yield from self._open(words, writable=True)

    def _do_examine(self, words: list[bytes]) -> Iterator[bytes]:
        yield from self._open(words, writable=False)

    def _open(self, words: list[bytes], *, writable: bool) -> Iterator[bytes]:
        self.folder = self._named(words[0] if words else b"")
        self.writable = writable
        yield b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
        yield f"* {len(self.folder.mails)} EXISTS\r\n* 0 RECENT\r\n".encode()
        yield f"* OK [UIDVALIDITY {self.folder.validity}] valid\r\n".encode()
        yield f"* OK [UIDNEXT {self.folder.next_uid}] next\r\n".encode()

    def _named(self, name: bytes) -> Folder:
        assert self.box is not None
        wanted = name.decode("ascii", "replace")
        wanted = "INBOX" if wanted.upper() == "INBOX" else wanted
        if wanted not in self.box.folders:
            raise No("[NONEXISTENT] no such folder")
        return self.box.folders[wanted]

    def _do_unselect(self, words: list[bytes]) -> Iterator[bytes]:
        self.folder = None
        yield from ()

    _do_close = _do_unselect

    def _do_list(self, words: list[bytes]) -> Iterator[bytes]:
        assert self.box is not None
        pattern = words[1].decode() if len(words) > 1 else "*"
        wanted = re.escape(pattern).replace(r"\*", ".*").replace("%", "[^/]*")
        for name in self.box.folders:
            if re.fullmatch(wanted, name):
                use = " \\Sent" if name == "Sent" else ""
                yield f'* LIST (\\HasNoChildren{use}) "/" "{name}"\r\n'.encode()

    def _do_status(self, words: list[bytes]) -> Iterator[bytes]:
        folder = self._named(words[0] if words else b"")
        known = {
            "MESSAGES": len(folder.mails),
            "RECENT": 0,
            "UIDNEXT": folder.next_uid,
            "UIDVALIDITY": folder.validity,
            "UNSEEN": sum("\\Seen" not in mail.flags for mail in folder.mails),
        }
        asked = [
            word.decode().upper() for word in words[1:] if word not in (b"(", b")")
        ]
        told = " ".join(f"{name} {known[name]}" for name in asked if name in known)
        yield f'* STATUS "{words[0].decode()}" ({told})\r\n'.encode()

    def _do_append(self, words: list[bytes]) -> Iterator[bytes]:
        assert self.box is not None
        try:
            folder = self._named(words[0])
        except No as error:
            raise No("[TRYCREATE] no such folder") from error
        flags = {w.decode() for w in words[1:-1] if w.startswith(b"\\")}
        name = next(n for n, f in self.box.folders.items() if f is folder)
        self.post.put(self.box, name, words[-1], flags)
        yield from ()

    def _do_idle(self, words: list[bytes]) -> Iterator[bytes]:
        """Tells at once how many mails there are whenever that changes."""
        known = self._count()  # the client may act as soon as it is told to go on
        self.write(b"+ idling\r\n")
        while not self.waits_for_us():
            if self._count() != known:
                known = self._count()
                self.write(f"* {known} EXISTS\r\n".encode())
        if self.read_line().upper() != b"DONE":
            raise Bad("DONE was expected")
        yield from ()

    def _count(self) -> int:
        return len(self.folder.mails) if self.folder is not None else 0

    def _do_search(self, words: list[bytes]) -> Iterator[bytes]:
        numbers = [str(number) for number, _ in self._found(words)]
        yield f"* SEARCH {' '.join(numbers)}".rstrip().encode() + b"\r\n"

    def _do_uid_search(self, words: list[bytes]) -> Iterator[bytes]:
        uids = [str(mail.uid) for _, mail in self._found(words)]
        yield f"* SEARCH {' '.join(uids)}".rstrip().encode() + b"\r\n"

    def _found(self, words: list[bytes]) -> list[tuple[int, Mail]]:
        if words[:1] == [b"CHARSET"]:
            words = words[2:]
        keys = [word for word in words if word not in (b"(", b")")]
        mails = list(enumerate(self._selected().mails, start=1))
        while keys:
            name = keys.pop(0).upper().decode("ascii", "replace")
            if name == "ALL":
                continue
            if name == "UID":
                uids = _numbers(_next(keys), [mail.uid for _, mail in mails])
                mails = [(n, mail) for n, mail in mails if mail.uid in uids]
            elif name in ("SINCE", "BEFORE"):
                day = _date(_next(keys))
                mails = [
                    (n, mail)
                    for n, mail in mails
                    if (datetime.fromtimestamp(mail.at, UTC) >= day)
                    == (name == "SINCE")
                ]
            elif name == "HEADER":
                field, value = _next(keys).decode(), _next(keys).decode()
                mails = [
                    (n, m)
                    for n, m in mails
                    if value.lower() in _header(m, field).lower()
                ]
            elif name in ("SEEN", "UNSEEN"):
                mails = [
                    (n, m)
                    for n, m in mails
                    if ("\\Seen" in m.flags) == (name == "SEEN")
                ]
            else:
                raise Bad(f"search key {name} not known")
        return mails

    def _do_fetch(self, words: list[bytes]) -> Iterator[bytes]:
        numbered = dict(enumerate(self._selected().mails, start=1))
        for number in sorted(_numbers(words[0], list(numbered))):
            if number in numbered:
                yield self._told(number, numbered[number], words[1:])

    def _do_uid_fetch(self, words: list[bytes]) -> Iterator[bytes]:
        mails = self._selected().mails
        uids = _numbers(words[0], [mail.uid for mail in mails])
        for number, mail in enumerate(mails, start=1):
            if mail.uid in uids and mail.ill == "breaks":
                raise Ill
            if mail.uid in uids and mail.ill != "silent":
                asked = words[1:] if b"UID" in words[1:] else [b"UID", *words[1:]]
                yield self._told(number, mail, asked)

    def _told(self, number: int, mail: Mail, asked: list[bytes]) -> bytes:
        told: list[bytes] = []
        for word in asked:
            name = word.upper().decode("ascii", "replace")
            if name == "UID":
                told.append(f"UID {mail.uid}".encode())
            elif name == "FLAGS":
                told.append(f"FLAGS ({' '.join(sorted(mail.flags))})".encode())
            elif name == "RFC822.SIZE":
                told.append(f"RFC822.SIZE {len(mail.raw)}".encode())
            elif name == "INTERNALDATE":
                told.append(f'INTERNALDATE "{_internal(mail.at)}"'.encode())
            elif name.startswith("BODY"):
                told.append(self._body(mail, name))
            elif name not in ("(", ")"):
                raise Bad(f"fetch item {name} not known")
        return f"* {number} FETCH (".encode() + b" ".join(told) + b")\r\n"

    def _body(self, mail: Mail, name: str) -> bytes:
        found = _BODY.fullmatch(name)
        if not found:
            raise Bad(f"fetch item {name} not known")
        if not found["peek"] and self.writable:
            mail.flags.add("\\Seen")
        section = found["section"] or ""
        content = _section(mail.raw, section, (found["fields"] or "").split())
        label = f"BODY[{section}]"
        if found["start"]:
            start = int(found["start"])
            content = content[start : start + int(found["count"])]
            label += f"<{start}>"
        return f"{label} {{{len(content)}}}\r\n".encode() + content

    def _selected(self) -> Folder:
        if self.folder is None:
            raise Bad("open a folder first")
        return self.folder


def _section(raw: bytes, section: str, fields: list[str]) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    if section == "TEXT":
        return body
    if not section:
        return raw
    wanted = tuple(f"{name.lower()}:".encode() for name in fields)
    lines = re.split(rb"\r\n(?![ \t])", head)
    kept = [line for line in lines if not wanted or line.lower().startswith(wanted)]
    return b"".join(line + b"\r\n" for line in kept) + b"\r\n"


def _words(line: bytes) -> list[bytes]:
    words = []
    for found in _TOKEN.finditer(line):
        word = found[1]
        quoted = word.startswith(b'"') and len(word) > 1
        words.append(re.sub(rb"\\(.)", rb"\1", word[1:-1]) if quoted else word)
    return words


def _next(keys: list[bytes]) -> bytes:
    if not keys:
        raise Bad("a search key lacks its value")
    return keys.pop(0)


def _numbers(told: bytes, present: list[int]) -> set[int]:
    """A sequence set; `*` is the highest number there is, and a range may be written
    backwards."""
    top = max(present, default=0)

    def number(text: str) -> int:
        if text == "*":
            return top
        if not text.isdigit():
            raise Bad("not a sequence set")
        return int(text)

    found: set[int] = set()
    for part in told.decode("ascii", "replace").split(","):
        first, _, last = part.partition(":")
        low, high = sorted((number(first), number(last or first)))
        found |= {each for each in present if low <= each <= high}
    return found


def _date(told: bytes) -> datetime:
    found = re.fullmatch(rb"(\d{1,2})-([A-Za-z]{3})-(\d{4})", told)
    if not found or found[2].decode().title() not in _MONTHS:
        raise Bad("not a date")
    month = _MONTHS.index(found[2].decode().title()) + 1
    return datetime(int(found[3]), month, int(found[1]), tzinfo=UTC)


def _internal(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day:2d}-{_MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S} +0000"


def _header(mail: Mail, name: str) -> str:
    head: Any = email.message_from_bytes(mail.raw, policy=email.policy.compat32)
    return str(head[name] or "")
