"""Mails that programs write: of what sort, and what a delivery report says of an
answer.

Sources: RFC 3834 (automatic answers), 3464 (delivery reports), 8098 (read receipts),
2919 and 2369 (lists), 5546 (calendars), 5965 and 7489 (reports between servers). Many
programs follow none of them, so subjects in the languages that arrive here count too,
where they begin as programs begin them.
"""

from __future__ import annotations

import email.message
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.imap import calendar, headers, parts
from connectors.imap.headers import header

OURS = re.compile(r"<sahut\.(?P<key>[A-Za-z0-9-]+)@[^<>\s]+>")
NUMBER = re.compile(r"\[(?:aduan|report) (?P<number>[\d-]{2,20})\]", re.I)
_DAEMON = re.compile(r"^(?:mailer-daemon|mail-daemon|double-bounce)@", re.I)
_POSTMASTER = re.compile(r"^postmaster@", re.I)
_BOUNCED = re.compile(
    r"^\W*(?:undeliver(?:able|ed)\b|delivery status notification|delivery failure"
    r"|delivery (?:has )?failed|mail delivery (?:failed|failure|error|subsystem)"
    r"|message delivery fail|mail system error|returned mail\b|failure notice\b"
    r"|non-?delivery\b|nondeliverable\b|warning: (?:could not send|message delayed)"
    r"|delayed mail\b|(?:pesan|surat|e-?mail) (?:tidak terkirim|gagal dikirim)\s*:"
    r"|gagal mengirim\s*:|unzustellbar\b)",
    re.I,
)
_AWAY = re.compile(
    r"^\W*(?:automatic(?:al)? (?:reply|response)|auto(?:mated)?[ -]?(?:reply|response)"
    r"|out of (?:the )?office\b|ooo\s*:|i am (?:currently )?(?:away|out of)"
    r"|(?:balasan|jawaban|respon|pesan) otomatis|sedang cuti\s*:|tidak di kantor\s*:"
    r"|abwesenheitsnotiz|automatische antwort|réponse automatique"
    r"|respuesta automática)\b",
    re.I,
)
_RECEIPT = re.compile(
    r"^\W*(?:read|not read|dibaca|telah dibaca|tidak dibaca|gelesen"
    r"|return receipt(?: \(displayed\))?|read receipt)\s*[:(]",
    re.I,
)
_CALENDAR = re.compile(
    r"^\W*(?:accepted|declined|tentative(?:ly accepted)?|diterima|ditolak"
    r"|new time proposed)\s*:",
    re.I,
)
_CHALLENGE = re.compile(
    r"verification required|(?:confirm|verify) your (?:e-?mail|message|identity)"
    r"|(?:requires|needs) (?:your )?(?:confirmation|verification)"
    r"|sender (?:verification|confirmation|authentication)|challenge[- ]response"
    r"|awaiting (?:your )?(?:confirmation|approval)|menunggu konfirmasi pengirim"
    r"|konfirmasi (?:pesan|e-?mail) anda|antispam uol",
    re.I,
)
_SERVERS = re.compile(r"^report domain:\s*\S+\s+submitter:", re.I)
_OF_AN_ADDRESS = r"[^\s<>;:,\"()@]"
_RECIPIENT = re.compile(
    rf"<?(?<!{_OF_AN_ADDRESS})(?P<address>{_OF_AN_ADDRESS}++@{_OF_AN_ADDRESS}+\w)>?"
)
_AUTO_ANSWER_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoreply-From",
    "X-Auto-Reply",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_CHALLENGE_HEADERS = ("X-Delivery-Agent", "X-Spamarrest-Info", "X-Challenge-Response")
_LIST_HEADERS = ("List-Id", "List-Post", "Mailing-List")
_STATES = {
    "delayed": "sent",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail. `target`: its Message-ID where that is one of ours;
    `recipients`: who it was for, without ourselves; `state` as of a platform."""

    state: str
    target: str | None
    recipients: tuple[str, ...]
    detail: str | None


def marked(mail: email.message.EmailMessage) -> bool:
    """Whether no program may answer it (RFC 3834); people may."""
    _, author = headers.author(mail)
    return (
        _submitted(mail) != "no"
        or _precedence(mail) in ("bulk", "list", "junk", "auto_reply")
        or _has(
            mail,
            "List-Id",
            "List-Unsubscribe",
            "X-Auto-Response-Suppress",
            "X-Failed-Recipients",
            *_AUTO_ANSWER_HEADERS,
        )
        or headers.wants_no_answer(mail)
        or bool(author and (_DAEMON.match(author) or _POSTMASTER.match(author)))
        or mail.get_content_type() == "multipart/report"
    )


def sort_of(mail: email.message.EmailMessage, account: str | None = None) -> str | None:
    """Of what sort a mail is that a program wrote; None: somebody may have written it.

    bounce, receipt, server_report, calendar_reply, challenge, auto_reply, list,
    newsletter, generated.
    """
    subject = header(mail, "Subject") or ""
    report = _report_type(mail)
    if report == "disposition-notification":
        return "receipt"
    if _RECEIPT.match(subject) and _is_about_something(mail, subject):
        return "receipt"
    if report == "delivery-status" or is_bounce(mail):
        return "bounce"
    if report or _SERVERS.match(subject):
        return "server_report"
    if _answers_an_invitation(mail):
        return "calendar_reply"
    if _challenges(mail, subject):
        return "challenge"
    return _marked_as(mail, subject, account)


def _marked_as(
    mail: email.message.EmailMessage, subject: str, account: str | None
) -> str | None:
    submitted, precedence = _submitted(mail), _precedence(mail)
    if (
        submitted.startswith("auto-replied")
        or precedence == "auto_reply"
        or _has(mail, *_AUTO_ANSWER_HEADERS)
        or _says_away(mail, subject)
    ):
        return "auto_reply"
    if submitted != "no" or headers.wants_no_answer(mail):
        return "auto_reply" if _answers_something(mail) else "generated"
    if _answers_us(mail) or _is_our_list(mail, account):
        return None
    if _has(mail, *_LIST_HEADERS) or precedence == "list":
        return "list"
    if _has(mail, "List-Unsubscribe") or precedence in ("bulk", "junk"):
        return "newsletter"
    return None


def is_bounce(mail: email.message.EmailMessage) -> bool:
    """Also those that look like no delivery report."""
    _, author = headers.author(mail)
    if _has(mail, "X-Failed-Recipients") or (author and _DAEMON.match(author)):
        return True
    return bool(_BOUNCED.match(header(mail, "Subject") or ""))


def report_of(
    mail: email.message.EmailMessage, account: str | None = None
) -> Report | None:
    """What a delivery report or a read receipt says; None where it is neither.

    Our copy of an answer may come back too, which says nothing of the answer.
    """
    sort = sort_of(mail, account)
    if sort == "receipt":
        return _read_by_its_recipient(mail)
    if sort != "bounce":
        return None
    own = headers.plain_address(account) if account else ""
    told = list(_told_by_the_server(mail))
    others = [one for one in told if own not in one.recipients]
    if told and not others:
        return None
    failed = [one for one in others if one.state == "failed"]
    chosen = (failed or others or [Report("failed", None, (), None)])[0]
    recipients = chosen.recipients or tuple(_named_in_text(mail, own))
    return Report(chosen.state, _answer_of_ours(mail), recipients, chosen.detail)


def _told_by_the_server(mail: email.message.EmailMessage) -> Iterator[Report]:
    """Of each recipient, as RFC 3464 shapes it."""
    for part in _parts(mail):
        action = headers.as_sent(part, "Action")
        known = [headers.as_sent(part, f"{name}-Recipient") for name in _WHOSE]
        if action is None and not any(known):
            continue
        people = [_spec(one) for one in known if one]
        detail = headers.as_sent(part, "Diagnostic-Code")
        yield Report(
            _STATES.get((action or "").lower(), "failed"),
            None,
            tuple(headers.plain_address(one) for one in people if one),
            detail or headers.as_sent(part, "Status"),
        )


_WHOSE = ("Original", "Final")


def _spec(value: str) -> str:
    found = _RECIPIENT.search(value.rpartition(";")[2])
    return found["address"] if found else ""


def _named_in_text(mail: email.message.EmailMessage, own: str) -> Iterator[str]:
    """Whom a report without form names; it is read from the top."""
    failed = header(mail, "X-Failed-Recipients")
    text = failed or "\n".join(
        parts.decoded(part)[:4000]
        for part in parts.leaves(mail, into_mails=False)
        if part.get_content_type() == "text/plain"
    )
    for found in _RECIPIENT.finditer(text):
        spec = headers.plain_address(found["address"])
        if spec != own and not _DAEMON.match(spec):
            yield spec


def _answer_of_ours(mail: email.message.EmailMessage) -> str | None:
    """Our Message-ID, wherever it stands: in the headers of the report, in those of
    the mail that comes back, or in the words."""
    for text in _everything(mail):
        found = OURS.search(text)
        if found:
            return found[0]
    return None


def _everything(mail: email.message.EmailMessage) -> Iterator[str]:
    for part in _parts(mail):
        yield "\n".join(f"{name}: {value}" for name, value in headers.every(part))
    for part in parts.leaves(mail):
        if part.get_content_maintype() == "text":
            yield parts.decoded(part)


def _read_by_its_recipient(mail: email.message.EmailMessage) -> Report | None:
    for part in _parts(mail):
        disposition = headers.as_sent(part, "Disposition") or ""
        told = OURS.search(headers.as_sent(part, "Original-Message-ID") or "")
        if told and "displayed" in disposition.lower():
            return Report("read", told[0], (), None)
    return None


def _parts(mail: email.message.Message) -> Iterator[email.message.Message]:
    return mail.walk()


def _report_type(mail: email.message.EmailMessage) -> str:
    if mail.get_content_type() != "multipart/report":
        return ""
    told = str(mail.get_param("report-type") or "").strip().lower()
    if told:
        return told
    kinds = {part.get_content_type() for part in mail.walk()}
    read = "message/disposition-notification" in kinds
    return "disposition-notification" if read else "delivery-status"


def _answers_an_invitation(mail: email.message.EmailMessage) -> bool:
    found = [
        part
        for part in parts.leaves(mail, into_mails=False)
        if part.get_content_type() == "text/calendar"
    ]
    if any(calendar.answers(parts.decoded(part)) for part in found):
        return True
    return bool(found and _CALENDAR.match(header(mail, "Subject") or ""))


def _challenges(mail: email.message.EmailMessage, subject: str) -> bool:
    if "tmda" in (header(mail, "X-Delivery-Agent") or "").lower():
        return True
    if _has(mail, *_CHALLENGE_HEADERS[1:]):
        return True
    return bool(_CHALLENGE.search(subject)) and _is_about_something(mail, subject)


def _says_away(mail: email.message.EmailMessage, subject: str) -> bool:
    """People complain of automatic answers, too; programs put a colon or nothing."""
    found = _AWAY.match(subject)
    if not found:
        return False
    after = subject[found.end() :].lstrip()
    return after[:1] in ("", ":", "-") or _is_about_something(mail, subject)


def _is_about_something(mail: email.message.EmailMessage, subject: str) -> bool:
    """What a subject alone does not prove: it answers a mail, or is marked."""
    return _answers_something(mail) or bool(NUMBER.search(subject)) or marked(mail)


def _is_our_list(mail: email.message.EmailMessage, account: str | None) -> bool:
    """Whether the list is the way to this mailbox: a group address of the city, which
    hands on what people write to it."""
    named = (header(mail, "List-Id") or "").rpartition("<")[2].rstrip("> ").lower()
    domain = (account or "").rpartition("@")[2].lower()
    return bool(domain) and (named == domain or named.endswith(f".{domain}"))


def _answers_something(mail: email.message.EmailMessage) -> bool:
    return bool(header(mail, "In-Reply-To") or header(mail, "References"))


def _answers_us(mail: email.message.EmailMessage) -> bool:
    threads = (header(mail, name) or "" for name in ("In-Reply-To", "References"))
    return any(OURS.search(thread) for thread in threads)


def _submitted(mail: email.message.EmailMessage) -> str:
    said = header(mail, "Auto-Submitted") or "no"
    return said.partition(";")[0].strip().lower()


def _precedence(mail: email.message.EmailMessage) -> str:
    return (header(mail, "Precedence") or "").strip().lower()


def _has(mail: email.message.EmailMessage, *names: str) -> bool:
    return any(header(mail, name) is not None for name in names)


def is_a_machine(address: str) -> bool:
    """Whether nobody reads what is sent to an address."""
    return bool(_DAEMON.match(address) or _POSTMASTER.match(address))


def keys(thread: Iterable[str]) -> tuple[str, ...]:
    """Keys of our answers among Message-IDs."""
    found = (OURS.fullmatch(one) for one in thread)
    return tuple(dict.fromkeys(one["key"] for one in found if one))
