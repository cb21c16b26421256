"""Mail for the contract suite: an office's mailbox, residents who write to it."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

from resident import Resident

from connectors.imap import Imap, ImapAccount, ImapApp
from sandbox.mail import MailWorld
from sandbox.serve import Sandbox

ADDRESS = "aduan@kantor.example"
PASSWORD = "sandi-kotak-surat"


class Stage(Resident):
    shape: ClassVar[Any] = {
        "raw": base64.b64encode(
            b"From: Siti <siti@warga.example>\r\n\r\nLampu mati\r\n"
        ).decode(),
        "folder": "INBOX",
        "uid": 7,
        "uidvalidity": 3,
        "received": "2026-03-02T06:00:00+00:00",
        "cut": False,
    }
    poll_endpoint: ClassVar[str | None] = "IMAP EXAMINE"
    send_endpoint: ClassVar[str | None] = "SMTP DATA"
    page_size: ClassVar[int] = 25
    unable: ClassVar[frozenset[str]] = frozenset({"delete", "edit"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        mail = sandbox.world.platform("imap")
        assert isinstance(mail, MailWorld)
        self.mail = mail
        self.post = mail.post
        self.box = self.post.add(ADDRESS, PASSWORD)

    def app(self) -> ImapApp:
        return ImapApp(**self.mail.app(self.sandbox.url))

    def account(self) -> ImapAccount:
        return ImapAccount(
            address=ADDRESS, password=self.box.password, display_name="Kantor"
        )

    def always(self) -> dict[str, Any]:
        return {"channel": "imap", "to": ADDRESS}

    def connect(self) -> Imap:
        return Imap(self.app(), self.account(), ADDRESS)

    def say(self, text: str) -> str:
        with self.sandbox.world.core.lock:
            return self.post.write(ADDRESS, text)

    def poison(self) -> None:
        with self.sandbox.world.core.lock:
            self.post.put(self.box, "INBOX", b"\r\n")

    def lock_out(self) -> None:
        self.post.boxes[ADDRESS].password = "sandi-lain"

    def say_ourselves(self, text: str) -> str:
        with self.sandbox.world.core.lock:
            return self.post.write(ADDRESS, text, who=ADDRESS)

    def answerable(self) -> dict[str, Any]:
        native_id = self.say("Lampu mati")
        return {
            "address": "siti.contoh@warga.example",
            "subject": "Laporan warga",
            "message_id": native_id,
        }

    def refuse(self, to: dict[str, Any]) -> None:
        self.post.refused.add(to["address"])

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("imap")]
