"""Notification mails of platforms are what a resident said there; forged ones are
mails."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Message, RawItem
from connectors.imap import Imap, ImapAccount

SERVER = "mx.kota.example"
ACCOUNTS = [
    "facebook:Dishub Kota",
    "instagram:dishub_kota",
    "tiktok:dishub_kota",
    "x:dishub_kota",
    "youtube:Dishub Kota",
    "google_reviews:Puskesmas Empang",
]


def mail(
    sender: str, subject: str, text: str, *checks: str, markup: str = ""
) -> EmailMessage:
    """`checks`: headers of the servers on the way, the last one's on top."""
    made = EmailMessage()
    for check in checks:
        made["Authentication-Results"] = check
    made["From"] = sender
    made["To"] = "kabar@kota.example"
    made["Subject"] = subject
    made["Message-ID"] = "<1@platform.example>"
    made["Date"] = "Mon, 02 Mar 2026 06:00:00 +0000"
    made.set_content(text)
    if markup:
        made.add_alternative(markup, subtype="html")
    return made


def signed(domain: str) -> str:
    return f"{SERVER}; spf=pass smtp.mailfrom=x@{domain}; dkim=pass header.d={domain}"


def read(made: EmailMessage, accounts: list[str] | None = None) -> Message:
    payload: dict[str, Any] = {
        "raw": base64.b64encode(made.as_bytes()).decode(),
        "notices": ACCOUNTS if accounts is None else accounts,
        "notices_server": SERVER,
    }
    (message,) = Imap.normalise(RawItem("k", "mail", payload, "kabar@kota.example"))
    return message


@pytest.mark.parametrize(
    ("domain", "sender", "subject", "text", "expected"),
    [
        (
            "facebookmail.com",
            "Facebook <notification@facebookmail.com>",
            "Siti Contoh mengomentari kiriman Dishub Kota.",
            "Siti Contoh mengomentari kiriman Dishub Kota.\n\n"
            'Siti Contoh menulis: "Lampu di Jalan Sudirman mati"\n\n'
            "Lihat Komentar\n"
            "https://www.facebook.com/n/?u=https%3A%2F%2Fwww.facebook.com%2Fdishub"
            "%2Fposts%2F77%3Fcomment_id%3D88%26notif_t%3Dfeed_comment\n",
            (
                "facebook",
                "comment",
                "77_88",
                "Siti Contoh",
                "Lampu di Jalan Sudirman mati",
                "https://www.facebook.com/dishub/posts/77?comment_id=88",
            ),
        ),
        (
            "mail.instagram.com",
            "Instagram <no-reply@mail.instagram.com>",
            "siti.contoh mentioned you in a comment",
            "siti.contoh mentioned you in a comment:\n\n@dishub_kota got mampet\n\n"
            "View comment: https://www.instagram.com/p/Cab_1/c/17900/?utm_source=mail\n",
            (
                "instagram",
                "mention",
                "17900",
                "siti.contoh",
                "@dishub_kota got mampet",
                "https://www.instagram.com/p/Cab_1/c/17900",
            ),
        ),
        (
            "service.tiktok.com",
            "TikTok <noreply@service.tiktok.com>",
            "Siti commented on your video",
            "Siti commented on your video\n\nMacet tiap pagi, kak\n\nReply\n"
            "https://www.tiktok.com/@dishub_kota/video/7400000000000000001?cid=7411\n",
            (
                "tiktok",
                "comment",
                "7411",
                "Siti",
                "Macet tiap pagi, kak",
                "https://www.tiktok.com/@dishub_kota/video/7400000000000000001",
            ),
        ),
        (
            "x.com",
            "X <notify@x.com>",
            "Siti (@siti_bogor) replied to your post",
            "Siti (@siti_bogor) replied to your post\n\n"
            "Siti\n@siti_bogor\nLampu merah Empang mati\n\n"
            "View: https://x.com/i/redirect?url=https%3A%2F%2Ftwitter.com%2Fsiti_bogor"
            "%2Fstatus%2F2000000000000000005%3Fs%3D12\n",
            (
                "x",
                "reply",
                "2000000000000000005",
                "Siti",
                "Lampu merah Empang mati",
                "https://x.com/i/web/status/2000000000000000005",
            ),
        ),
        (
            "youtube.com",
            "YouTube <noreply@youtube.com>",
            'Siti commented on "Rekayasa lalu lintas"',
            'Siti commented on "Rekayasa lalu lintas"\n\nKapan selesai, Pak?\n\n'
            "Reply\nhttps://www.youtube.com/watch?v=dQabc123&lc=UgxAbc_1234567&feature=em\n",
            (
                "youtube",
                "comment",
                "UgxAbc_1234567",
                "Siti",
                "Kapan selesai, Pak?",
                "https://www.youtube.com/watch?v=dQabc123&lc=UgxAbc_1234567",
            ),
        ),
    ],
)
def test_a_notification_is_what_was_said_there(
    domain: str, sender: str, subject: str, text: str, expected: tuple[str, ...]
) -> None:
    said = read(mail(sender, subject, text, signed(domain)))
    found = (
        said.channel,
        said.kind,
        said.native_id,
        said.author_name,
        said.text,
        said.permalink,
    )
    assert found == expected
    assert said.account is not None and said.public
    assert said.reply_to is None and said.automatic is None
    assert said.created_at is not None and said.created_at.hour == 6


def test_a_review_names_no_id_and_keeps_the_excerpt() -> None:
    text = (
        "You got a new 2-star review\n\nRead review\n<https://business.google.com/n/1"
        "/reviews>\n\nSiti Contoh\n\nAntrean dari subuh,\nloket cuma satu\n\n"
        "Reply to review\nhttps://business.google.com/n/1/reviews\n"
    )
    sender = "Google Business Profile <businessprofile-noreply@google.com>"
    subject = "Siti Contoh left a review for Puskesmas Empang"
    said = read(mail(sender, subject, text, signed("google.com")))
    assert (said.channel, said.kind) == ("google_reviews", "review")
    assert said.account == "Puskesmas Empang"
    assert said.text == "Antrean dari subuh,\nloket cuma satu"
    assert said.native_id.startswith("notice:")


def test_links_and_words_of_a_mail_in_html_are_found() -> None:
    markup = (
        "<table><tr><td>Siti membalas komentar Anda</td></tr><tr><td>Masih gelap"
        '</td></tr><tr><td><a href="https://www.instagram.com/p/Cab_1/c/17/r/19/">'
        "Lihat balasan</a></td></tr></table>"
    )
    made = mail(
        "Instagram <no-reply@mail.instagram.com>",
        "Siti membalas komentar Anda",
        "",
        signed("mail.instagram.com"),
        markup=markup,
    )
    said = read(made)
    assert (said.kind, said.native_id, said.text) == ("reply", "19", "Masih gelap")


SENDER = "Facebook <notification@facebookmail.com>"
GENUINE = "dkim=pass header.d=facebookmail.com"
SUBJECT = "Siti Contoh commented on your post"
TEXT = (
    "Siti Contoh commented on your post\n\nKlik ini\n\n"
    "https://www.facebook.com/dishub/posts/77?comment_id=88\n"
)


@pytest.mark.threat("DEL-1")
@pytest.mark.parametrize(
    "checks",
    [
        pytest.param((), id="nobody checked"),
        pytest.param((f"{SERVER}; dkim=none",), id="not signed"),
        pytest.param((f"{SERVER}; dkim=fail header.d=facebookmail.com",), id="changed"),
        pytest.param(
            (f"{SERVER}; dkim=pass header.d=evil.example",), id="own signature"
        ),
        pytest.param(
            (f"{SERVER}; dkim=pass header.d=notfacebookmail.com",), id="alike"
        ),
        pytest.param(
            ("mx.evil.example; dkim=pass header.d=facebookmail.com",), id="other"
        ),
        pytest.param((f"{SERVER}; dkim=none", signed("facebookmail.com")), id="below"),
        pytest.param(
            (f'{SERVER}; spf=none smtp.mailfrom="a; {GENUINE}"',),
            id="in a quoted string",
        ),
        pytest.param(
            (f"{SERVER}; dkim=none (; dkim=pass header.d=facebookmail.com ;)",),
            id="in a comment",
        ),
        pytest.param(
            (f'{SERVER}; spf=none smtp.mailfrom="a; {GENUINE}',),
            id="in a string without end",
        ),
    ],
)
def test_a_forged_notification_is_a_mail_like_others(checks: tuple[str, ...]) -> None:
    said = read(mail(SENDER, SUBJECT, TEXT, *checks))
    assert (said.channel, said.kind, said.permalink) == (None, "dm", None)
    assert "Klik ini" in (said.text or "")


def test_a_signature_of_the_platform_does_not_help_another_sender() -> None:
    made = mail("Facebook <a@evil.example>", SUBJECT, TEXT, signed("facebookmail.com"))
    assert read(made).channel is None
    two = mail(SENDER, SUBJECT, TEXT, signed("facebookmail.com")).as_bytes()
    payload = {
        "raw": base64.b64encode(b"From: a@evil.example\r\n" + two).decode(),
        "notices": ACCOUNTS,
        "notices_server": SERVER,
    }
    (said,) = Imap.normalise(RawItem("k", "mail", payload, "kabar@kota.example"))
    assert said.channel is None


@pytest.mark.parametrize(
    ("accounts", "subject", "text"),
    [
        pytest.param([], SUBJECT, TEXT, id="a mailbox without accounts"),
        pytest.param(
            ["facebook:A", "facebook:B"], SUBJECT, TEXT, id="of which account"
        ),
        pytest.param(None, "You have 4 new notifications", TEXT, id="a digest"),
        pytest.param(None, "New login to your account", TEXT, id="a security alert"),
        pytest.param(
            None, SUBJECT, TEXT.replace("www.facebook.com", "evil.example"), id="a link"
        ),
    ],
)
def test_what_does_not_fit_stays_a_mail(
    accounts: list[str] | None, subject: str, text: str
) -> None:
    made = mail(SENDER, subject, text, signed("facebookmail.com"))
    assert read(made, accounts).channel is None


def test_the_accounts_of_a_mailbox_are_written_as_channel_and_handle() -> None:
    with pytest.raises(ValidationError, match="CHANNEL:HANDLE"):
        ImapAccount(address="a@kota.example", password="p", notices="dishub_kota")
    chosen = ImapAccount(
        address="a@kota.example", password="p", notices="x:dishub, facebook:Dishub Kota"
    )
    assert chosen.facts()["notices"] == ["facebook", "x"]
