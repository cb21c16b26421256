"""A submission server: RFC 5321, 4954 (AUTH PLAIN, LOGIN, XOAUTH2), 1870 (SIZE)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import ClassVar

from sandbox.mail_server import Gone, Session
from sandbox.mail_state import Mailbox

LARGEST = 25 * 1024 * 1024
_ADDRESS = re.compile(rb"<([^<>]*)>")


class Smtp(Session):
    protocol: ClassVar[str] = "SMTP"

    def answer(self) -> None:
        self.box: Mailbox | None = None
        self.recipients: list[str] = []
        self.say("220 sandbox ESMTP")
        while True:
            line = self.read_line()
            command = line.split(b" ")[0].upper().decode("ascii", "replace")
            self._disturbed(command)
            do = (
                getattr(self, f"_{command.lower()}", None)
                if command.isalpha()
                else None
            )
            if do is None:
                self.say("502 5.5.1 command not known")
            else:
                do(line)

    def say(self, text: str) -> None:
        self.write(text.encode() + b"\r\n")

    def _disturbed(self, command: str) -> None:
        """Faults before a command is looked at; those of DATA come after the mail."""
        if command == "DATA":
            return
        fault = self.fault(command, self.box.address if self.box else None)
        if fault is None:
            return
        if fault.kind == "500":
            self.say("421 4.3.0 closing, something broke")
        elif fault.kind == "429":
            self.say("421 4.7.0 too many connections, try again later")
        elif fault.kind in ("html", "charset", "huge"):
            self.nonsense(fault.kind)
        elif fault.kind in ("hang", "swallow"):
            self.wait_for_the_client_to_leave()
        raise Gone

    def _ehlo(self, line: bytes) -> None:
        self.say(
            f"250-sandbox\r\n250-SIZE {LARGEST}\r\n250-8BITMIME\r\n"
            "250 AUTH PLAIN LOGIN XOAUTH2"
        )

    def _helo(self, line: bytes) -> None:
        self.say("250 sandbox")

    def _noop(self, line: bytes) -> None:
        self.say("250 2.0.0 ok")

    def _rset(self, line: bytes) -> None:
        self.recipients = []
        self.say("250 2.0.0 ok")

    def _quit(self, line: bytes) -> None:
        self.say("221 2.0.0 bye")
        raise Gone

    def _auth(self, line: bytes) -> None:
        parts = line.split(b" ")
        mechanism = parts[1].upper() if len(parts) > 1 else b""
        given = parts[2] if len(parts) > 2 else None
        try:
            self.box = self._entered(mechanism, given)
        except (binascii.Error, ValueError):
            self.say("501 5.5.2 cannot decode")
            return
        if self.box is None:
            self.say("535 5.7.8 authentication credentials invalid")
        else:
            self.say("235 2.7.0 accepted")

    def _entered(self, mechanism: bytes, given: bytes | None) -> Mailbox | None:
        if mechanism == b"PLAIN":
            _, user, password = self._told(given, "").split(b"\0")
            return self._known(user, password)
        if mechanism == b"LOGIN":
            user = self._told(given, "VXNlcm5hbWU6")
            return self._known(user, self._told(None, "UGFzc3dvcmQ6"))
        if mechanism == b"XOAUTH2":
            said = dict(
                part.split(b"=", 1)
                for part in self._told(given, "").split(b"\x01")
                if b"=" in part
            )
            token = said.get(b"auth", b"").decode().removeprefix("Bearer ")
            with self.core.lock:
                box = self.post.bearer(said.get(b"user", b"").decode(), token)
            if box is None:
                error = {
                    "status": "400",
                    "schemes": "Bearer",
                    "scope": "https://mail.google.com/",
                }
                self.say("334 " + base64.b64encode(json.dumps(error).encode()).decode())
                self.read_line()
            return box
        raise ValueError("mechanism")

    def _told(self, given: bytes | None, challenge: str) -> bytes:
        if given is None:
            self.say(f"334 {challenge}")
            given = self.read_line()
        return base64.b64decode(given)

    def _known(self, user: bytes, password: bytes) -> Mailbox | None:
        with self.core.lock:
            return self.post.may_enter(user.decode(), password.decode())

    def _mail(self, line: bytes) -> None:
        self.recipients = []
        size = re.search(rb"SIZE=(\d+)", line, re.I)
        if self.box is None:
            self.say("530 5.7.0 authentication required")
        elif size and int(size[1]) > LARGEST:
            self.say("552 5.3.4 message too big")
        else:
            self.say("250 2.1.0 ok")

    def _rcpt(self, line: bytes) -> None:
        found = _ADDRESS.search(line)
        to = found[1].decode("utf-8", "replace") if found else ""
        with self.core.lock:
            refused = to in self.post.refused
        if self.box is None:
            self.say("530 5.7.0 authentication required")
        elif refused or "@" not in to:
            self.say("550 5.1.1 no such user here")
        else:
            self.recipients.append(to)
            self.say("250 2.1.5 ok")

    def _data(self, line: bytes) -> None:
        if self.box is None or not self.recipients:
            self.say("503 5.5.1 no valid recipients")
            return
        fault = self.fault("DATA", self.box.address)
        if fault is not None and fault.kind in ("html", "charset", "huge"):
            self.nonsense(fault.kind)
        self.say("354 go ahead")
        content = self._content()
        if fault is not None and fault.kind == "500":
            self.say("451 4.3.0 local error in processing")
            return
        if fault is not None and fault.kind == "429":
            self.say("452 4.3.1 too many mails, try again later")
            return
        if fault is None or fault.kind in ("cut", "swallow"):
            with self.core.lock:
                self.post.sent_by(self.box, self.recipients, content)
        if fault is not None and fault.kind in ("hang", "swallow"):
            self.wait_for_the_client_to_leave()
        if fault is not None:
            raise Gone
        self.recipients = []
        self.say("250 2.0.0 queued")

    def _content(self) -> bytes:
        lines = []
        while (line := self.read_line()) != b".":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"\r\n".join(lines) + b"\r\n"
