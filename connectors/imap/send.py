"""Answers as mails: composing them, and SMTP up to the point where their fate is known.

RFC 5322 section 3.6.4 for threads, RFC 3834 for what a person's answer must not claim,
RFC 5321 for reply codes. smtplib says nothing of what happened after DATA was begun, so
that is `Unknown`.
"""

from __future__ import annotations

import email.policy
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from connectors._shared import http
from connectors._shared.deadline import Deadline
from connectors.base import Reply
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown
from connectors.imap import wire

_OUR_NAME = (  # for EHLO; the machine's own name would be asked of DNS every time
    "[127.0.0.1]"
)
_LONGEST_LOCAL_PART = 64
LARGEST_MAIL = 20 * 1024 * 1024
_TOO_OFTEN = re.compile(r"too many|rate|quota|throttl|limit|try again", re.I)
_ANSWER = re.compile(r"^\s*(?:(?:re|bls|balas|aw|sv|antw)\s*:\s*)+", re.I)


@dataclass(frozen=True, slots=True)
class Sender:
    """`token` writes who is answered into Reply-To (lapor+TOKEN@...), where the server
    allows."""

    address: str
    name: str
    token: bool


@dataclass(frozen=True, slots=True)
class Server:
    """`security`: ssl, starttls or none."""

    host: str
    port: int
    security: str


def token_of(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", key)[:64]


def id_of(key: str, sender: Sender) -> str:
    """The Message-ID of an answer: known before it is sent, the same at every try."""
    return wire.message_id(token_of(key), sender.address.rpartition("@")[2].lower())


def token_address(key: str, sender: Sender) -> str:
    """Where an answer to an answer goes: nobody but its recipient knows the key."""
    local, _, domain = sender.address.rpartition("@")
    return f"{local}+{token_of(key)}@{domain}"


def takes(client: smtplib.SMTP, sender: str, address: str) -> bool:
    """Whether the server knows an address of its own; nothing is sent."""
    if len(address.rpartition("@")[0]) > _LONGEST_LOCAL_PART:
        return False
    try:
        client.mail(sender)
        code, _ = client.rcpt(address)
        client.rset()
    except (OSError, smtplib.SMTPException) as error:
        raise _unreached(error) from None
    return 200 <= code < 300


def composed(reply: Reply, sender: Sender, now: datetime | None = None) -> EmailMessage:
    """Refused where there is nobody to write to."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = _address(sender.name, sender.address)
    mail["To"] = _address(
        str(reply.to.get("name") or ""), str(reply.to.get("address") or "")
    )
    mail["Subject"] = subject_of(reply)
    mail["Date"] = format_datetime(now or reply.now or datetime.now(UTC))
    mail["Message-ID"] = id_of(reply.key, sender)
    if sender.token:
        mail["Reply-To"] = token_address(reply.key, sender)
    answered = _one_line(reply.to.get("message_id"))
    if answered:
        earlier = [_one_line(each) for each in reply.to.get("references") or []]
        mail["In-Reply-To"] = answered
        mail["References"] = " ".join(dict.fromkeys([*filter(None, earlier), answered]))
    mail.set_content(reply.text + "\n", cte="quoted-printable")
    for file in reply.files:
        main, _, sub = file.mime.partition("/")
        mail.add_attachment(
            file.content,
            maintype=main,
            subtype=sub or "octet-stream",
            filename=file.name,
        )
    return mail


def subject_of(reply: Reply) -> str:
    """ "Re: " and what was written, with the number of the case once."""
    written = _ANSWER.sub("", _one_line(reply.to.get("subject"))).strip()
    subject = f"Re: {written}" if written else wire.OUR_SUBJECT
    if reply.number and reply.number not in subject:
        subject = f"{subject[:160]} [Aduan {reply.number}]"
    return subject


def _address(name: str, spec: str) -> Address:
    spec = _one_line(spec)
    try:
        return Address(display_name=_one_line(name), addr_spec=spec)
    except (ValueError, IndexError) as error:
        raise Refused("there is no mail address an answer could go to") from error


def _one_line(value: object) -> str:
    return (
        re.sub(r"[\r\n\x00]+\s*", " ", value).strip() if isinstance(value, str) else ""
    )


class _Plain(smtplib.SMTP):
    def __init__(self, server: Server, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(server.host, server.port, _OUR_NAME, timeout=http.READ_SECONDS)

    def connect(
        self, host: str = "", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        self._deadline.watch(self)
        return super().connect(host, port, source_address)


class _Tls(smtplib.SMTP_SSL):
    def __init__(self, server: Server, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(
            server.host,
            server.port,
            _OUR_NAME,
            timeout=http.READ_SECONDS,
            context=ssl.create_default_context(),
        )

    def connect(
        self, host: str = "", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        self._deadline.watch(self)
        return super().connect(host, port, source_address)


@contextmanager
def connected(server: Server, login: tuple[str, str, bool]) -> Iterator[smtplib.SMTP]:
    """Signed in, and over in time. `login`: user, secret, and whether the secret is an
    OAuth access token."""
    with Deadline() as deadline:
        try:
            client = _greeted(server, deadline)
        except (OSError, smtplib.SMTPException) as error:
            raise _unreached(error) from None
        try:
            _sign_in(client, *login)
            yield client
        finally:
            try:
                client.quit()
            except (smtplib.SMTPException, OSError):
                client.close()


def _greeted(server: Server, deadline: Deadline) -> smtplib.SMTP:
    client: smtplib.SMTP
    if server.security == "ssl":
        client = _Tls(server, deadline)
    else:
        client = _Plain(server, deadline)
    try:
        client.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            client.starttls(context=ssl.create_default_context())
            client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def _sign_in(client: smtplib.SMTP, user: str, secret: str, is_token: bool) -> None:
    try:
        if is_token:
            client.auth("XOAUTH2", _Bearer(user, secret))
        else:
            client.login(user, secret)
    except smtplib.SMTPNotSupportedError:
        raise Refused(
            "the mail server offers no sign-in over this connection; set smtp_security"
            " to starttls or ssl",
            code="no_login_offered",
        ) from None
    except smtplib.SMTPResponseException as error:
        if 400 <= error.smtp_code < 500:
            raise TryLater(
                f"the mail server takes no sign-in now ({_said(error)})"
            ) from None
        raise NeedsLogin(
            "the mail server does not accept the password or token for sending"
            f" ({error.smtp_code})"
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise _unreached(error) from None


class _Bearer:
    """SASL XOAUTH2: the token first; to the error the server explains itself with,
    nothing."""

    def __init__(self, user: str, token: str) -> None:
        self._first = f"user={user}\x01auth=Bearer {token}\x01\x01"

    def __call__(self, challenge: bytes | None = None) -> str:
        return self._first if challenge is None else ""


def post(
    client: smtplib.SMTP,
    mail: EmailMessage,
    sender: str,
    to: str,
    copy_to: str | None = None,
) -> None:
    """Hand one mail over. TryLater and Refused only while it surely was not taken.

    `copy_to` gets the same mail in the same transaction: where the copy is, the mail
    went out.
    """
    content = mail.as_bytes(policy=email.policy.SMTP)
    limit = int(client.esmtp_features.get("size") or 0)
    if limit and len(content) > limit:
        raise Refused(
            "the mail is larger than the mail server takes", code="file_too_large"
        )
    try:
        for code, answer in (client.mail(sender), client.rcpt(to)):
            if code >= 400:
                client.rset()
                raise _turned_down(code, answer)
        if copy_to:
            client.rcpt(
                copy_to
            )  # a server that takes no copy takes the answer all the same
    except (OSError, smtplib.SMTPException) as error:
        raise _unreached(error) from None
    try:
        code, answer = client.data(content)
    except smtplib.SMTPDataError as error:
        raise _turned_down(error.smtp_code, error.smtp_error) from None
    except (OSError, smtplib.SMTPException):
        raise Unknown(
            "the mail server broke off before it confirmed the mail; look in the sent"
            " folder"
        ) from None
    if not 200 <= code < 600:
        raise Unknown(
            "the mail server answered something that is no SMTP after the mail"
        )
    if code >= 400:
        raise _turned_down(code, answer)


def _unreached(error: Exception) -> ConnectorError:
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500:
        return Refused(f"the mail server refuses us ({_said(error)})")
    return TryLater(
        f"the mail server for sending cannot be reached ({type(error).__name__})"
    )


def _turned_down(code: int, answer: bytes | str) -> ConnectorError:
    said = _words(answer)
    if code < 500:
        return TryLater(
            f"the mail server asks to wait ({code} {said})",
            code="throttled" if _TOO_OFTEN.search(said) else None,
        )
    if code in (530, 534, 535):
        return NeedsLogin(f"the mail server wants a new sign-in ({code})")
    if code == 552 or "too large" in said.lower():
        return Refused(
            f"the mail server holds the mail too large ({code})", code="file_too_large"
        )
    return Refused(
        f"the mail server refuses the mail ({code} {said})", code="mail_refused"
    )


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_words(error.smtp_error)}"


def _words(answer: bytes | str) -> str:
    text = (
        answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    )
    return " ".join(text.split())[:160]
