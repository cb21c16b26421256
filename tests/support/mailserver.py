"""A real mail server for tests: Postfix takes mail, Dovecot holds it, on loopback.

Both are the distribution's programs with folders and ports of their own; nothing of
the machine's configuration is read. Mail for the mailboxes made with `add` goes into
their Maildirs, name+anything@ to name@; mail for GONE is taken and comes back; nothing
leaves the machine. Postfix starts as root only.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import imaplib
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

DOMAIN = "kota.example"
RESIDENTS = "warga.example"
PASSWORD = "sandi-kotak-surat"
GONE = f"hilang@{RESIDENTS}"
_MOST_BOXES = 200
_OWNER = "nobody"
_STARTS_WITHIN = 20


class NoMailServer(Exception):
    """The programs are missing or do not start; the message says what to do."""


@dataclass
class MailServer:
    """`home` holds the Maildirs, as HOME/DOMAIN/LOCAL."""

    home: Path
    imap_port: int
    smtp_port: int
    submission_port: int
    _made: dict[str, int] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What `sahut` must be told of the server."""
        return {
            "SAHUT_IMAP_IMAP_HOST": "127.0.0.1",
            "SAHUT_IMAP_IMAP_PORT": str(self.imap_port),
            "SAHUT_IMAP_IMAP_SECURITY": "none",
            "SAHUT_IMAP_SMTP_HOST": "127.0.0.1",
            "SAHUT_IMAP_SMTP_PORT": str(self.submission_port),
            "SAHUT_IMAP_SMTP_SECURITY": "none",
        }

    def box(self, address: str) -> Path:
        return self.home / "mail" / _folder(address)

    def add(self, domain: str = DOMAIN) -> str:
        """A new, empty mailbox; its address."""
        number = self._made[domain] = self._made.get(domain, 0) + 1
        address = _address(domain, number)
        for name in ("cur", "new", "tmp"):
            (self.box(address) / name).mkdir(parents=True)
        for path in (self.box(address), *self.box(address).iterdir()):
            shutil.chown(path, _OWNER)
        return address

    def deliver(
        self, raw: bytes, to: str, sender: str = f"siti@{RESIDENTS}", *more: bytes
    ) -> None:
        """Over SMTP, as a stranger's server brings it; waits until it is in its box."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as client:
            for mail in (raw, *more):
                client.sendmail(sender, [to], mail)
        self.settle()

    def settle(self) -> None:
        """Wait until no mail is under way any more."""
        spool = self.home / "postfix" / "spool"
        until = time.monotonic() + _STARTS_WITHIN
        while any(
            entry.is_file()
            for name in ("maildrop", "incoming", "active")
            for entry in (spool / name).rglob("*")
        ):
            if time.monotonic() > until:
                raise AssertionError("Postfix did not deliver in time")
            time.sleep(0.02)

    def put(
        self, address: str, raw: bytes, *, at: float | None = None, name: str = ""
    ) -> Path:
        """Straight into the Maildir, past Postfix, which would mend what is broken."""
        name = name or f"{time.monotonic_ns()}.put:2,"
        path = self.box(address) / "cur" / name
        path.write_bytes(raw)
        shutil.chown(path, _OWNER)
        if at is not None:
            os.utime(path, (at, at))
        return path

    def read(self, address: str) -> list[EmailMessage]:
        """What lies in a mailbox, oldest first."""
        box = self.box(address)
        found = [*(box / "cur").iterdir(), *(box / "new").iterdir()]
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)
        ]

    @contextlib.contextmanager
    def signed_in(self, address: str) -> Iterator[imaplib.IMAP4]:
        """The mailbox as its owner's mail program has it open."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=60) as client:
            client.login(address, PASSWORD)
            yield client

    def renumber(self, address: str) -> None:
        """The index is lost, as after a move: other UIDs, another UIDVALIDITY."""
        for path in self.box(address).glob("dovecot*"):
            path.unlink()


def _address(domain: str, number: int) -> str:
    return f"{'kantor' if domain == DOMAIN else 'warga'}{number:03d}@{domain}"


def _folder(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{domain}/{local}"


def _programs() -> None:
    missing = [
        package
        for package, program in (
            ("dovecot-imapd", "/usr/lib/dovecot/imap"),
            ("postfix", "/usr/sbin/postfix"),
        )
        if not Path(program).exists()
    ]
    if missing:
        raise NoMailServer(
            f"no mail server: install the Debian packages {' '.join(missing)}"
        )


def needs_root() -> bool:
    """Whether Postfix would refuse to start for who runs the tests."""
    return os.geteuid() != 0


def _ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        taken = [
            held.enter_context(socket.create_server(("127.0.0.1", 0)))
            for _ in range(count)
        ]
        return [one.getsockname()[1] for one in taken]


def _run(*command: str) -> None:
    # the servers keep what they are given as output, so a pipe would never end
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(  # noqa: S603
            command, stdout=said, stderr=said, check=False, timeout=60
        )
        said.seek(0)
        if done.returncode:
            raise NoMailServer(f"{command[0]}: {said.read().strip()[-800:]}")


@contextlib.contextmanager
def running() -> Iterator[MailServer]:
    """A server until the block ends. NoMailServer."""
    _programs()
    home = Path(tempfile.mkdtemp(prefix="sahut-mail-"))
    imap, smtp, submission = _ports(3)
    server = MailServer(home, imap, smtp, submission)
    try:
        home.chmod(0o755)
        for name in ("mail", "dovecot", "postfix", "postfix/spool", "postfix/data"):
            (home / name).mkdir()
        shutil.chown(home / "mail", _OWNER)
        shutil.chown(home / "postfix" / "data", "postfix")
        (home / "postfix" / "spool" / "private").mkdir(mode=0o700)
        shutil.chown(home / "postfix" / "spool" / "private", "postfix")
        _write_dovecot(server)
        _write_postfix(server)
        with _dovecot(home), _postfix(home):
            _wait_for(imap, smtp, submission)
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _dovecot(home: Path) -> Iterator[None]:
    config = str(home / "dovecot" / "dovecot.conf")
    _run("/usr/sbin/dovecot", "-c", config)
    try:
        yield
    finally:
        _run("/usr/sbin/dovecot", "-c", config, "stop")


@contextlib.contextmanager
def _postfix(home: Path) -> Iterator[None]:
    config = str(home / "postfix")
    _run("/usr/sbin/postfix", "-c", config, "start")
    try:
        yield
    finally:
        _run("/usr/sbin/postfix", "-c", config, "abort")


def _wait_for(*ports: int) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError as error:
                if time.monotonic() > until:
                    raise NoMailServer(
                        f"nothing answers on port {port} of the mail server"
                    ) from error
                time.sleep(0.05)


def _write_dovecot(server: MailServer) -> None:
    home = server.home
    owner = pwd.getpwnam(_OWNER)
    (home / "dovecot" / "dovecot.conf").write_text(
        f"""
protocols = imap
listen = 127.0.0.1
base_dir = {home}/dovecot/run
state_dir = {home}/dovecot/state
log_path = {home}/dovecot/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
last_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:~/
mailbox_list_index = no
mail_fsync = never
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = no
    special_use = \\Sent
  }}
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={home}/mail/%d/%n \
allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {server.imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener {home}/postfix/spool/private/auth {{
    mode = 0666
  }}
}}
"""
    )


def _write_postfix(server: MailServer) -> None:
    home = server.home / "postfix"
    owner = pwd.getpwnam(_OWNER)
    boxes = (
        _address(domain, number)
        for domain in (DOMAIN, RESIDENTS)
        for number in range(1, _MOST_BOXES + 1)
    )
    (home / "boxes").write_text("".join(f"{one} {_folder(one)}/\n" for one in boxes))
    (home / "aliases").write_text(f"{GONE} tidak.ada@{RESIDENTS}\n")
    (home / "main.cf").write_text(
        f"""
compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mx.{DOMAIN}
mydestination =
mynetworks = 127.0.0.0/8
recipient_delimiter = +
smtputf8_enable = no
disable_dns_lookups = yes
smtpd_peername_lookup = no
alias_maps =
local_recipient_maps =
default_transport = error:nothing leaves this machine
virtual_mailbox_domains = {DOMAIN}, {RESIDENTS}
virtual_mailbox_base = {server.home}/mail
virtual_mailbox_maps = texthash:{home}/boxes
virtual_alias_maps = texthash:{home}/aliases
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
broken_sasl_auth_clients = no
"""
    )
    (home / "master.cf").write_text(
        f"""
127.0.0.1:{server.smtp_port} inet n - n - - smtpd
127.0.0.1:{server.submission_port} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
    )
