"""Mailboxes of the sandbox: folders with UIDVALIDITY and UIDs, and what is posted
between them."""

from __future__ import annotations

import email
import email.policy
import email.utils
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage

from sandbox import attached
from sandbox.state import Core


@dataclass(slots=True)
class Mail:
    """`ill`: "breaks", the connection ends when it is fetched; "silent", the server
    lists it and says nothing of it."""

    uid: int
    raw: bytes
    at: float
    flags: set[str] = field(default_factory=set)
    ill: str = ""


@dataclass(slots=True)
class Folder:
    validity: int
    next_uid: int = 1
    mails: list[Mail] = field(default_factory=list)


@dataclass(slots=True)
class Mailbox:
    """`token` is an OAuth access token (None: it has a password), `refresh` gets a new
    one.

    `keeps_sent`: what is sent over SMTP stands in its folder Sent, as with Gmail.
    """

    address: str
    password: str
    token: str | None = None
    refresh: str | None = None
    keeps_sent: bool = False
    folders: dict[str, Folder] = field(default_factory=dict)


class Post:
    """`refused` are addresses no mail is taken for, `bouncing` those whose mail comes
    back. `waiting`: what residents write back when the city answers them, by
    address."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.boxes: dict[str, Mailbox] = {}
        self.refused: set[str] = set()
        self.bouncing: set[str] = set()
        self.waiting: dict[str, list[str]] = {}
        self._count = 0

    def add(self, address: str, password: str = "", *, oauth: bool = False) -> Mailbox:
        box = Mailbox(address, password or secrets.token_hex(12))
        if oauth:
            box.token, box.refresh = secrets.token_hex(16), secrets.token_hex(16)
            box.keeps_sent = True
        for name in ("INBOX", "Sent"):
            box.folders[name] = Folder(self.core.random.randrange(1, 2**31))
        self.boxes[address] = box
        return box

    def may_enter(self, address: str, password: str) -> Mailbox | None:
        box = self.boxes.get(address)
        return (
            box
            if box and box.token is None and password and box.password == password
            else None
        )

    def bearer(self, address: str, token: str) -> Mailbox | None:
        box = self.boxes.get(address)
        return box if box and box.token is not None and box.token == token else None

    def put(
        self, box: Mailbox, folder: str, raw: bytes, flags: set[str] | None = None
    ) -> Mail:
        where = box.folders[folder]
        mail = Mail(where.next_uid, raw, self.core.clock.now(), flags or set())
        where.next_uid += 1
        where.mails.append(mail)
        return mail

    def renumber(self, address: str, folder: str = "INBOX") -> None:
        """What a restore from a backup does: new UIDs from one on, under a new
        UIDVALIDITY."""
        where = self.boxes[address].folders[folder]
        where.validity += 1
        for number, mail in enumerate(where.mails, start=1):
            mail.uid = number
        where.next_uid = len(where.mails) + 1

    def rename(self, address: str, old: str, new: str) -> None:
        """Somebody calls a folder something else in their mail program."""
        folders = self.boxes[address].folders
        folders[new] = folders.pop(old)

    def expunge(self, address: str, uid: int, folder: str = "INBOX") -> None:
        where = self.boxes[address].folders[folder]
        where.mails = [mail for mail in where.mails if mail.uid != uid]

    def write(
        self,
        to: str,
        text: str,
        *,
        who: str = "Siti Contoh",
        subject: str = "Laporan warga",
        markup: str | None = None,
        pictures: list[str] | None = None,
        files: Sequence[str] = (),
        answers: str | None = None,
        headers: dict[str, str] | None = None,
        then: Sequence[str] = (),
    ) -> str:
        """A resident writes; the Message-ID of the mail. `files`: names that end in
        .pdf or .wav."""
        mail = EmailMessage(policy=email.policy.SMTP)
        sender = who if "@" in who else f"{who.lower().replace(' ', '.')}@warga.example"
        if then:
            self.waiting[sender] = list(then)
        mail["From"] = email.utils.formataddr(("" if "@" in who else who, sender))
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = self._date()
        mail["Message-ID"] = self._new_id("warga.example")
        if answers:
            mail["In-Reply-To"] = answers
            mail["References"] = answers
        for name, value in (headers or {}).items():
            del mail[name]
            mail[name] = value
        mail.set_content(text)
        if markup:
            mail.add_alternative(markup, subtype="html")
        for name in (*(pictures or []), *files):
            file = attached.of(name)
            main, _, sort = file.mime.partition("/")
            mail.add_attachment(
                file.content, maintype=main, subtype=sort, filename=file.name
            )
        self.deliver(to, mail.as_bytes())
        return str(mail["Message-ID"])

    def deliver(self, to: str, raw: bytes) -> None:
        """Into the mailbox of an address; name+anything@ is name@."""
        local, _, domain = to.partition("@")
        box = self.boxes.get(to) or self.boxes.get(
            f"{local.partition('+')[0]}@{domain}"
        )
        if box is not None:
            self.put(box, "INBOX", raw)

    def sent_by(self, box: Mailbox, recipients: list[str], raw: bytes) -> None:
        """A mail of the city was taken over SMTP."""
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content().strip() if body is not None else ""
        if box.keeps_sent:
            self.put(box, "Sent", raw, {"\\Seen"})
        for to in recipients:
            if to == box.address:
                self.deliver(to, raw)
                continue
            self.core.record("imap", box.address, to, text, str(mail["Message-ID"]))
            self.deliver(to, raw)
            if to in self.bouncing:
                self.put(
                    box, "INBOX", self._bounce(box.address, to, str(mail["Message-ID"]))
                )
            elif self.waiting.get(to):
                self._write_back(to, box.address, mail, text)

    def _write_back(
        self, who: str, address: str, answer: EmailMessage, text: str
    ) -> None:
        """As a mail program answers: to Reply-To, in the thread, the answer quoted."""
        quoted = "\n".join(f"> {line}" for line in text.splitlines())
        asked_at = email.utils.parseaddr(str(answer["Reply-To"] or address))[1]
        earlier = str(answer["References"] or "")
        self.write(
            asked_at,
            f"{self.waiting[who].pop(0)}\n\n"
            f"On {self._date()}, <{address}> wrote:\n{quoted}\n",
            who=who,
            subject=f"Re: {str(answer['Subject']).removeprefix('Re: ')}",
            answers=str(answer["Message-ID"]),
            headers={"References": f"{earlier} {answer['Message-ID']}".strip()},
        )

    def _bounce(self, address: str, to: str, message_id: str) -> bytes:
        """A delivery report as RFC 3464 shapes it."""
        return (
            f"From: MAILER-DAEMON@{address.partition('@')[2]}\r\nTo:"
            f" {address}\r\nSubject: Undelivered Mail Returned to Sender\r\nDate:"
            f" {self._date()}\r\nMessage-ID:"
            f" {self._new_id('relay.example')}\r\nAuto-Submitted:"
            " auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report;"
            ' report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type:'
            " text/plain\r\n\r\nThe mail could not be"
            " delivered.\r\n--b\r\nContent-Type:"
            " message/delivery-status\r\n\r\nReporting-MTA: dns;"
            f" relay.example\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction:"
            " failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user"
            " unknown\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID:"
            f" {message_id}\r\n--b--\r\n"
        ).encode()

    def _date(self) -> str:
        return email.utils.format_datetime(
            datetime.fromtimestamp(self.core.clock.now(), UTC)
        )

    def _new_id(self, domain: str) -> str:
        self._count += 1
        return f"<{self._count:06d}.{self.core.random.randrange(16**8):08x}@{domain}>"
