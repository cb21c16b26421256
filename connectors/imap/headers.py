"""Headers of a mail as a person reads them, whatever stands there."""

from __future__ import annotations

import email.header
import email.message
import email.utils
import re
from collections.abc import Iterator

from connectors.imap import parts

_ID = re.compile(r"<[^<>\s]+>")
_IN_BRACKETS = re.compile(r"<(?P<address>[^<>\s@]+@[^<>\s@]+)>")
_NO_PATH = "<>"
ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To")


def header(mail: email.message.EmailMessage, name: str) -> str | None:
    """In Unicode on one line; None where it is missing, empty or beyond reading."""
    try:
        value = mail[name]
        text = str(value) if value is not None else ""
    except parts.HEADER_ERRORS:
        found = [v for k, v in mail.raw_items() if k.lower() == name.lower()]
        text = str(found[0]) if found else ""
    if "\ufffd" in text:
        text = _guessed(as_sent(mail, name) or "") or text
    return parts.clean(re.sub(r"[\r\n]+\s*", " ", text))


def _guessed(sent: str) -> str:
    """A header in another alphabet than it declares, or in none it declares."""
    try:
        pieces = email.header.decode_header(sent)
    except parts.HEADER_ERRORS:
        return ""
    return "".join(
        piece if isinstance(piece, str) else _as_utf_8_or_latin(piece)
        for piece, _ in pieces
    )


def _as_utf_8_or_latin(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def as_sent(part: email.message.Message, name: str) -> str | None:
    """The first header of a name, not decoded."""
    values = [value for key, value in every(part) if key.lower() == name.lower()]
    return values[0].strip() if values else None


def every(part: email.message.Message) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in part.raw_items()]


def ids(value: str | None) -> list[str]:
    return list(dict.fromkeys(_ID.findall(value or "")))


def author(mail: email.message.EmailMessage) -> tuple[str | None, str | None]:
    """Name and address (lower case) of the first author."""
    try:
        addresses = mail["From"].addresses if mail["From"] is not None else ()
        for address in addresses:
            if (address.username or address.domain) and "<" not in address.username:
                name = parts.clean(address.display_name)
                return name, parts.clean(address.addr_spec.lower())
    except parts.HEADER_ERRORS:
        pass
    written = header(mail, "From") or ""
    found = _IN_BRACKETS.search(written)
    if found:
        return (
            parts.clean(written[: found.start()].strip('" ')),
            found["address"].lower(),
        )
    name, spec = email.utils.parseaddr(written)
    return parts.clean(name), parts.clean(spec.lower()) if "@" in spec else None


def addressed(mail: email.message.EmailMessage) -> Iterator[str]:
    """Everybody it is sent to, lower case, name+anything@ as name@."""
    fields = [header(mail, name) for name in ADDRESSED]
    for _, spec in email.utils.getaddresses([field for field in fields if field]):
        if "@" in spec:
            yield plain_address(spec)


def plain_address(spec: str) -> str:
    local, _, domain = spec.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def wants_no_answer(mail: email.message.EmailMessage) -> bool:
    """An empty sender on the envelope (RFC 5321 section 4.5.5): only programs send
    so."""
    return (header(mail, "Return-Path") or "").replace(" ", "") == _NO_PATH
