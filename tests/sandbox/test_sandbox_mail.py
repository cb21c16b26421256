"""The mail servers of the sandbox, spoken to with the standard library."""

from __future__ import annotations

import email
import email.policy
import imaplib
import smtplib
from collections.abc import Iterator

import pytest

from sandbox.mail import MailWorld
from sandbox.serve import Sandbox, running

BOX = "kotak@kantor.example"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        yield started


@pytest.fixture
def mail(sandbox: Sandbox) -> MailWorld:
    world = sandbox.world.platform("imap")
    assert isinstance(world, MailWorld)
    world.post.add(BOX, "sandi")
    return world


@pytest.fixture
def imap(mail: MailWorld) -> Iterator[imaplib.IMAP4]:
    client = imaplib.IMAP4("127.0.0.1", mail.ports()[0], timeout=60)
    client.login(BOX, "sandi")
    yield client
    client.logout()


def test_the_last_mail_is_in_every_open_ended_range(
    mail: MailWorld, imap: imaplib.IMAP4
) -> None:
    for text in ("satu", "dua"):
        mail.post.write(BOX, text)
    imap.select("INBOX", readonly=True)
    assert imap.uid("SEARCH", "UID 1:*")[1] == [b"1 2"]
    assert imap.uid("SEARCH", "UID 9:*")[1] == [b"2"]


def test_reading_marks_as_seen_unless_it_peeks(
    mail: MailWorld, imap: imaplib.IMAP4
) -> None:
    mail.post.write(BOX, "satu")
    imap.select("INBOX")
    imap.uid("FETCH", "1", "(BODY.PEEK[])")
    assert imap.uid("SEARCH", "UNSEEN")[1] == [b"1"]
    imap.uid("FETCH", "1", "(BODY[])")
    assert imap.uid("SEARCH", "UNSEEN")[1] == [b""]


def test_a_letter_and_a_recording_go_with_a_mail(
    mail: MailWorld, imap: imaplib.IMAP4
) -> None:
    mail.act({"to": BOX, "text": "Terlampir", "files": ["surat.pdf", "suara.wav"]})
    imap.select("INBOX", readonly=True)
    ((_, raw), _) = imap.uid("FETCH", "1", "(BODY.PEEK[])")[1]
    parts = {
        part.get_filename(): (part.get_content_type(), part.get_content()[:4])
        for part in email.message_from_bytes(
            raw, policy=email.policy.default
        ).iter_attachments()
    }
    assert parts == {
        "surat.pdf": ("application/pdf", b"%PDF"),
        "suara.wav": ("audio/wav", b"RIFF"),
    }


def test_a_renumbered_folder_has_another_validity(
    mail: MailWorld, imap: imaplib.IMAP4
) -> None:
    imap.select("INBOX", readonly=True)
    before = imap.response("UIDVALIDITY")[1]
    mail.post.renumber(BOX)
    imap.select("INBOX", readonly=True)
    assert imap.response("UIDVALIDITY")[1] != before


def test_append_and_status(imap: imaplib.IMAP4) -> None:
    imap.append("Sent", "(\\Seen)", "", b"Subject: a\r\n\r\nb\r\n")
    assert b"MESSAGES 1" in imap.status("Sent", "(MESSAGES UIDNEXT)")[1][0]


def test_a_wrong_password(mail: MailWorld) -> None:
    with (
        imaplib.IMAP4("127.0.0.1", mail.ports()[0], timeout=60) as client,
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
    ):
        client.login(BOX, "bukan")


def test_a_mail_is_taken_recorded_and_delivered(
    sandbox: Sandbox, mail: MailWorld
) -> None:
    mail.post.add("siti@warga.example")
    with smtplib.SMTP("127.0.0.1", mail.ports()[1], timeout=60) as client:
        client.login(BOX, "sandi")
        client.sendmail(
            BOX, ["siti@warga.example"], b"Message-ID: <a@b>\r\n\r\nHalo\r\n.titik\r\n"
        )
    (sent,) = sandbox.sent("imap")
    assert (sent.account, sent.to, sent.id) == (BOX, "siti@warga.example", "<a@b>")
    assert (
        b"\r\n.titik"
        in mail.post.boxes["siti@warga.example"].folders["INBOX"].mails[0].raw
    )


def test_nobody_sends_without_signing_in(mail: MailWorld) -> None:
    with (
        smtplib.SMTP("127.0.0.1", mail.ports()[1], timeout=60) as client,
        pytest.raises(smtplib.SMTPSenderRefused, match="530"),
    ):
        client.sendmail(BOX, ["siti@warga.example"], b"\r\n\r\nHalo\r\n")


def test_residents_of_the_script_write_and_answer(
    sandbox: Sandbox, mail: MailWorld
) -> None:
    first = mail.act({"who": "Bu Contoh", "text": "Sampah menumpuk", "as": "sampah"})
    mail.act({"who": "Bu Contoh", "text": "Masih ada", "reply_to": "sampah"})
    answered = (
        mail.post.boxes["aduan@dinkes.demo.example"].folders["INBOX"].mails[1].raw
    )
    assert f"In-Reply-To: {first}".encode() in answered
    assert len(sandbox.accounts("imap")) == 2


def test_whoever_idles_is_told_at_once(mail: MailWorld, imap: imaplib.IMAP4) -> None:
    imap.select("INBOX", readonly=True)
    imap.send(b"a1 IDLE\r\n")
    assert imap.readline() == b"+ idling\r\n"
    mail.post.write(BOX, "satu")
    assert imap.readline() == b"* 1 EXISTS\r\n"
    imap.send(b"DONE\r\n")
    assert imap.readline().startswith(b"a1 OK")


def test_of_a_mail_that_is_ill_nothing_is_said_or_the_connection_ends(
    mail: MailWorld,
) -> None:
    for text in ("satu", "dua"):
        mail.post.write(BOX, text)
    ill = mail.post.boxes[BOX].folders["INBOX"].mails[0]
    imap = imaplib.IMAP4("127.0.0.1", mail.ports()[0], timeout=10)
    imap.login(BOX, "sandi")
    imap.select("INBOX", readonly=True)
    ill.ill = "silent"
    assert imap.uid("FETCH", "1:2", "(UID RFC822.SIZE)")[1][0].startswith(b"2 (UID 2")
    assert imap.uid("SEARCH", "ALL")[1] == [b"1 2"]
    ill.ill = "breaks"
    with pytest.raises(imaplib.IMAP4.abort, match="Internal error"):
        imap.uid("FETCH", "1:2", "(UID)")
    imap.shutdown()


def test_some_headers_are_given_without_the_others(
    mail: MailWorld, imap: imaplib.IMAP4
) -> None:
    mail.post.write(BOX, "satu", subject="Lampu")
    imap.select("INBOX", readonly=True)
    told = imap.uid("FETCH", "1", "(BODY.PEEK[HEADER.FIELDS (DATE)])")[1][0]
    assert told[1].startswith(b"Date: ") and told[1].count(b"\r\n") == 2


def test_a_folder_that_is_renamed_is_gone(mail: MailWorld, imap: imaplib.IMAP4) -> None:
    mail.post.rename(BOX, "Sent", "Terkirim")
    assert imap.select("Sent", readonly=True)[0] == "NO"


def test_a_resident_writes_back_when_the_city_answers(
    mail: MailWorld, sandbox: Sandbox
) -> None:
    mail.act({"who": "Siti Contoh", "to": BOX, "text": "Lampu mati", "then": ["Ya"]})
    box = mail.post.boxes[BOX]
    answer = (
        b"From: " + BOX.encode() + b"\r\nTo: siti.contoh@warga.example\r\n"
        b"Reply-To: kotak+tanda@kantor.example\r\nMessage-ID: <j@kantor.example>\r\n"
        b"Subject: Re: Lampu [Aduan 1]\r\n\r\nDi mana?\r\n"
    )
    for _ in range(2):
        mail.post.sent_by(box, ["siti.contoh@warga.example"], answer)
    (_, back) = box.folders["INBOX"].mails
    assert b"In-Reply-To: <j@kantor.example>" in back.raw
    assert b"\r\nYa\r\n" in back.raw and b"> Di mana?" in back.raw
