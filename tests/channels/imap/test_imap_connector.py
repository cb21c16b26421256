"""Mail's own surprises: cursors that end, ids that repeat, dates and texts nobody could
mean."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from stage_imap import ADDRESS, Stage

from connectors.base import Message, RawItem, Reply, Upload
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater, Unknown
from connectors.imap import Imap, ImapAccount, ImapApp
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def imap(stage: Stage) -> Iterator[Imap]:
    made = stage.connect()
    yield made
    made.close()


def fetched(
    imap: Imap, cursor: dict[str, Any] | None = None
) -> tuple[list[RawItem], Any]:
    items: list[RawItem] = []
    for page in imap.fetch(cursor or {}):
        items += page.items
        cursor = page.cursor
    return items, cursor


def read(raw: str | bytes, **payload: Any) -> Message:
    content = raw.encode() if isinstance(raw, str) else raw
    said = {"raw": base64.b64encode(content).decode(), **payload}
    (message,) = Imap.normalise(RawItem("k", "mail", said, account=ADDRESS))
    return message


PLAIN = "From: Siti <Siti@Warga.example>\nTo: aduan@kantor.example\nSubject: Lampu\n"


class TestReading:
    def test_the_last_mail_is_not_read_again_when_nothing_is_newer(
        self, stage: Stage, imap: Imap
    ) -> None:
        stage.say("Lampu mati")
        _, cursor = fetched(imap)
        assert fetched(imap, cursor)[0] == []

    def test_renumbered_uids_are_read_again_and_recognised(
        self, stage: Stage, imap: Imap
    ) -> None:
        stage.say("Lampu mati")
        before, cursor = fetched(imap)
        stage.post.renumber(ADDRESS)
        stage.say("Got mampet")
        after, _ = fetched(imap, cursor)
        assert [item.key for item in before] == [after[0].key]
        assert len(after) == 2

    def test_mails_are_never_marked_as_read(self, stage: Stage, imap: Imap) -> None:
        stage.say("Lampu mati")
        fetched(imap)
        assert stage.box.folders["INBOX"].mails[0].flags == set()

    def test_a_mail_expunged_meanwhile_is_no_error(
        self, stage: Stage, imap: Imap
    ) -> None:
        for n in range(26):
            stage.say(f"Lubang {n}")
        pages = imap.fetch({})
        assert len(next(pages).items) == 25
        stage.post.expunge(ADDRESS, 26)
        assert [page.items for page in pages] == [()]

    def test_what_is_older_than_the_account_is_left_alone_even_after_renumbering(
        self, stage: Stage, imap: Imap, sandbox: Sandbox
    ) -> None:
        sandbox.advance(-40 * 24 * 3600)
        stage.say("Dari tahun lalu")
        sandbox.advance(40 * 24 * 3600)
        new = stage.say("Baru")
        items, cursor = fetched(imap)
        assert [m.native_id for item in items for m in imap.normalise(item)] == [new]
        stage.post.renumber(ADDRESS)
        assert len(fetched(imap, cursor)[0]) == 1

    def test_folders_are_streams(self, stage: Stage) -> None:
        account = stage.account().model_copy(update={"folders": "INBOX, Sent"})
        stage.post.put(
            stage.box, "Sent", b"From: aduan@kantor.example\r\n\r\nSudah kami cek\r\n"
        )
        stage.say("Lampu mati")
        pages = list(Imap(stage.app(), account, ADDRESS).fetch({}))
        assert [page.stream for page in pages] == ["INBOX", "Sent"]
        assert set(pages[-1].cursor["folders"]) == {"INBOX", "Sent"}

    def test_too_many_connections_is_not_a_wrong_password(
        self, imap: Imap, sandbox: Sandbox
    ) -> None:
        sandbox.fault("429", endpoint="IMAP LOGIN")
        with pytest.raises(TryLater):
            fetched(imap)

    def test_a_picture_is_taken_from_the_mail_also_after_renumbering(
        self, stage: Stage, imap: Imap
    ) -> None:
        stage.say("Yang lain")
        stage.post.write(ADDRESS, "Ini fotonya", pictures=["lubang"])
        item = fetched(imap)[0][1]
        (message,) = imap.normalise(item)
        (media,) = message.media
        assert media.description == "lubang.jpg"
        assert imap.download(media).content.startswith(b"\xff\xd8")
        stage.post.expunge(ADDRESS, 1)
        stage.post.renumber(ADDRESS)
        assert imap.download(media).content.startswith(b"\xff\xd8")
        stage.post.expunge(ADDRESS, 1)
        with pytest.raises(Refused, match="no longer"):
            imap.download(media)

    def test_the_platform_says_how_many_there_are(
        self, stage: Stage, imap: Imap
    ) -> None:
        stage.say("Satu")
        stage.say("Dua")
        assert imap.count(datetime.now(UTC)) == 2


class TestNormalise:
    def test_a_broken_date_is_the_time_of_receipt(self) -> None:
        raw = PLAIN + "Date: kemarin sore\n\nLampu mati\n"
        received = "2026-11-20T05:00:00+00:00"
        assert read(raw, received=received).created_at == datetime(
            2026, 11, 20, 5, tzinfo=UTC
        )
        assert read(raw).created_at is None

    @pytest.mark.parametrize(
        "date", ["Fri, 20 Nov 2026 12:00:00 WIB", "2026-11-20T12:00:00+07:00"]
    )
    def test_dates_as_programs_here_write_them(self, date: str) -> None:
        at = read(PLAIN + f"Date: {date}\n\nLampu mati\n").created_at
        assert at == datetime(2026, 11, 20, 5, tzinfo=UTC)

    @pytest.mark.parametrize("broken", ["\ufeff{}", "\n\n{}", "crcrlf"])
    def test_what_stands_before_or_between_headers_does_not_make_them_text(
        self, broken: str
    ) -> None:
        mail = PLAIN + "\nLampu mati\n"
        raw = broken.format(mail) if "{" in broken else mail.replace("\n", "\r\r\n")
        message = read(raw.encode())
        assert (message.author_id, message.text) == ("siti@warga.example", "Lampu mati")

    def test_words_between_pictures_are_all_read_and_an_invitation_is_a_file(
        self,
    ) -> None:
        parts = [
            "Content-Type: text/plain\n\nLampu mati di sini:",
            "Content-Type: image/png\n\nx",
            "Content-Type: text/plain; format=flowed\n\ndan di \nseberang.",
            "Content-Type: text/calendar\n\nBEGIN:VCALENDAR",
        ]
        body = "".join(f"--b\n{part}\n" for part in parts)
        message = read(
            PLAIN + f"Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n"
        )
        assert message.text == "Lampu mati di sini:\ndan di seberang."
        assert [media.type for media in message.media] == ["image/png", "text/calendar"]

    def test_a_date_in_the_future_is_not_believed(self) -> None:
        raw = PLAIN + "Date: Tue, 30 Jun 2093 10:00:00 +0700\n\nLampu mati\n"
        assert read(raw, received="2026-11-20T05:00:00+00:00").created_at == datetime(
            2026, 11, 20, 5, tzinfo=UTC
        )

    def test_two_mails_with_one_message_id_are_two(self) -> None:
        head = PLAIN + "Message-ID: <a@x.example>\n\n"
        one, two = read(head + "Lampu mati"), read(head + "Got mampet")
        assert one.native_id == two.native_id == "<a@x.example>"
        assert one.scope != two.scope
        assert read("Received: by b\n" + head + "Lampu mati").scope == one.scope

    def test_a_mail_without_message_id_keeps_one_id(self) -> None:
        one, two = read(PLAIN + "\nLampu mati"), read(PLAIN + "\nLampu mati")
        assert one.native_id == two.native_id and one.extra["made_up_id"]

    def test_the_thread_is_in_reply_to_then_references_from_the_right_then_our_token(
        self,
    ) -> None:
        raw = (
            "From: siti@warga.example\nTo:"
            " aduan+0123456789ab@kantor.example\nIn-Reply-To: <c@x> <b@x>\nReferences:"
            " <a@x> <b@x> <c@x>\n\nSudah, tapi mati lagi\n"
        )
        message = read(raw)
        assert message.parent_id == "<c@x> <b@x>"
        assert message.thread == (
            "<c@x>",
            "<b@x>",
            "<a@x>",
            "<sahut.0123456789ab@kantor.example>",
        )
        assert message.answer_keys == ("0123456789ab",)
        assert message.mentions == ("aduan@kantor.example",)

    @pytest.mark.parametrize(
        "quoted",
        [
            (
                "\n\nPada Rab, 25 Nov 2026 pukul 09.12 Dinas Contoh"
                " <aduan@kantor.example>\nmenulis:\n\n> Lampu yang mana?\n> Terima"
                " kasih\n"
            ),
            (
                "\n\nOn Wed, Nov 25, 2026 at 9:12 AM Dinas Contoh"
                " <aduan@kantor.example> wrote:\n> Lampu yang mana?\n"
            ),
            (
                "\n\n-----Pesan Asli-----\nDari: Dinas Contoh\nDikirim: Rabu\nKepada:"
                " Siti\nSubjek: Lampu\n\nLampu yang mana?\n"
            ),
            (
                "\n\n________________________________\nFrom: Dinas Contoh\nSent:"
                " Wednesday\nTo: Siti\nSubject: Lampu\n\nLampu yang mana?\n"
            ),
            (
                "\n\n---- On Wed, 25 Nov 2026 09:12:00 +0700 aduan@kantor.example wrote"
                " ----\n\nApa?\n"
            ),
            "\n-- \nSiti\nRT 02 RW 05\n",
            "\n\nDikirim dari iPhone saya\n",
            (
                "\n\nPada Rab, 25 Nov 2026 pada 9.12, Dinas<aduan@kantor.example>"
                " menulis:  Apa?\n"
            ),
            (
                "\n\n2026-11-25 9:12 GMT+07:00 Dinas <aduan@kantor.example>:\n\n> Yang"
                " mana?\n"
            ),
            (
                "\n\nDari: Dinas Contoh\nTerkirim: 25 November 2026 9:12\nKe:"
                " Siti\n\nYang mana?\n"
            ),
        ],
    )
    def test_quotes_and_signatures_go_and_the_whole_text_is_kept(
        self, quoted: str
    ) -> None:
        message = read(PLAIN + "\nYang di depan SD" + quoted)
        assert message.text == "Yang di depan SD"
        assert quoted.strip().splitlines()[-1] in (message.raw_text or "")

    @pytest.mark.parametrize(
        "letter",
        [
            (
                "Yth. Bapak Kadis\n\nDari: Warga RT 03\nKepada: Dishub\nTanggal: 25"
                " November 2026\n\nLampu mati"
            ),
            (
                "Nama: Siti\nDari: Bogor\nTanggal: 3/11/2026 jam 09.12\nHal:"
                " lampu\n\nLampu mati"
            ),
            (
                "Lampu mati\nPada hari Senin tanggal 3 petugas menulis:\nakan"
                " diganti\nbelum juga"
            ),
        ],
    )
    def test_what_people_write_themselves_is_not_taken_for_a_quotation(
        self, letter: str
    ) -> None:
        assert read(PLAIN + "\n" + letter).text == letter

    def test_a_delivery_report_about_another_mail_stays_whole(self) -> None:
        report = (
            "Gagal dikirim:\n\nFrom: a@x.example\nDate: 25 Nov 2026 09:12\nTo:"
            " b\n\nKotak penuh"
        )
        raw = f"From: MAILER-DAEMON@relay.example\nSubject: Gagal\n\n{report}"
        assert read(raw).text == report

    def test_answers_between_quoted_lines_stay(self) -> None:
        raw = (
            PLAIN + "\n> Lampu yang mana?\nYang depan SD\n> Sejak kapan?\nTiga malam\n"
        )
        assert read(raw).text == "Yang depan SD\nTiga malam"

    def test_a_forwarded_report_stays_whole(self) -> None:
        raw = (
            PLAIN.replace("Subject: Lampu", "Subject: Fwd: Lampu")
            + "\nMohon dibantu\n\n---------- Forwarded message ---------\nDari: Pak RT"
            " <rt@warga.example>\nDate: Rab, 25 Nov 2026\nSubject: Lampu\nTo:"
            " Siti\n\nLampu di gang mati semua\n"
        )
        text = read(raw).text or ""
        assert text.startswith("Mohon dibantu") and text.endswith(
            "Lampu di gang mati semua"
        )
        html = (
            PLAIN
            + 'Content-Type: text/html\n\nMohon dibantu<div class="gmail_quote"><div'
            ' class="gmail_attr">---------- Forwarded message ---------<br>Dari: Pak'
            " RT</div>Lampu mati"
        )
        assert "Lampu mati" in (read(html).text or "")

    def test_nothing_but_quotes_is_not_nothing(self) -> None:
        assert (
            read(PLAIN + "\n> Lampu mati sejak Senin\n").text
            == "> Lampu mati sejak Senin"
        )

    def test_html_alone_becomes_text_without_the_quoted_part(self) -> None:
        raw = (
            PLAIN + "Content-Type: text/html;"
            " charset=utf-8\n\n<html><head><style>p{color:red}</style></head><body><p>Air&nbsp;keruh<br>di"  # noqa: E501
            ' RT 03</p><div class="gmail_quote">Pada Rab'
            " menulis:<blockquote>lama</blockquote></div>"
        )
        assert read(raw).text == "Air keruh\ndi RT 03"

    @pytest.mark.parametrize(
        ("charset", "body"),
        [
            ("utf-8", "Nuhun pisan, poé ieu".encode()),
            ("us-ascii", "Nuhun pisan, poé ieu".encode()),
            ("x-tidak-ada", "Nuhun pisan, poé ieu".encode()),
            ("iso-8859-1", "Nuhun pisan, poé ieu".encode("latin-1")),
            ("x-tidak-ada", "Nuhun pisan, poé ieu".encode("latin-1")),
        ],
    )
    def test_charsets_that_lie(self, charset: str, body: bytes) -> None:
        head = PLAIN + f"Content-Type: text/plain; charset={charset}\n\n"
        assert read(head.encode() + body).text == "Nuhun pisan, poé ieu"

    @pytest.mark.parametrize(
        "header",
        [
            "Auto-Submitted: auto-replied",
            "Precedence: bulk",
            "List-Id: <warga.milis.example>",
            "X-Auto-Response-Suppress: All",
            "Return-Path: <>",
        ],
    )
    def test_automatic_mail_is_marked(self, header: str) -> None:
        assert read(PLAIN + header + "\n\nSaya sedang cuti\n").extra["auto_generated"]
        assert (
            "auto_generated" not in read(PLAIN + "Auto-Submitted: no\n\nLampu\n").extra
        )

    @pytest.mark.parametrize(
        "sender", ["mailer-daemon@relay.example", "no-reply@toko.example"]
    )
    def test_nobody_answers_a_machine(self, sender: str) -> None:
        assert read(f"From: {sender}\nSubject: x\n\nHalo\n").reply_to is None

    def test_our_own_mail_is_ours(self) -> None:
        message = read(
            f"From: Kantor <{ADDRESS.upper()}>\nTo: siti@warga.example\n\nSudah\n"
        )
        assert message.is_own and message.reply_to is None

    def test_an_empty_mail_is_set_aside(self) -> None:
        with pytest.raises(BadItem):
            read("\r\n")


class TestFiles:
    def test_a_raw_mail_and_an_mbox(self) -> None:
        (one,) = Imap.read_bytes((PLAIN + "\nLampu mati\n").encode(), "a.eml")
        (message,) = Imap.normalise(one)
        assert (
            message.author_id == "siti@warga.example" and message.author_name == "Siti"
        )
        entry = (
            "From siti@warga.example Wed Nov 25 09:12:00 2026\n"
            + PLAIN
            + "\nLampu mati\n\n"
        )
        assert len(list(Imap.read_bytes(2 * entry.encode(), "a.mbox"))) == 2

    def test_something_else_is_no_mail(self) -> None:
        with pytest.raises(BadItem, match=r"foto\.jpg"):
            list(Imap.read_bytes(b"\xff\xd8\xff\xe0 JFIF", "foto.jpg"))
        with pytest.raises(BadItem, match="save it as EML"):
            list(Imap.read_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "surat.msg"))

    def test_a_file_in_an_imported_mail_needs_no_mailbox(self, imap: Imap) -> None:
        mail = EmailMessage()
        mail["From"] = "siti@warga.example"
        mail.set_content("Ini fotonya")
        mail.add_attachment(
            b"GIF89a", maintype="image", subtype="gif", filename="a.gif"
        )
        (item,) = Imap.read_bytes(mail.as_bytes(), "a.eml")
        (message,) = Imap.normalise(item)
        assert imap.download(message.media[0]).content == b"GIF89a"


class TestAnswering:
    def test_an_answer_stands_in_the_thread_and_can_be_answered(
        self, stage: Stage, imap: Imap
    ) -> None:
        asked = stage.post.write(ADDRESS, "Lampu mati", subject="Lampu")
        items, cursor = fetched(imap)
        (message,) = imap.normalise(items[0])
        stage.post.add("siti.contoh@warga.example")
        assert message.reply_to
        reply = Reply(
            "0123456789ab", "Lampu yang mana?", message.reply_to, number="12345"
        )
        sent = imap.send(reply)
        raw = (
            stage.post.boxes["siti.contoh@warga.example"]
            .folders["INBOX"]
            .mails[0]
            .raw.decode()
        )
        assert sent.external_id == "<sahut.0123456789ab@kantor.example>"
        assert f"In-Reply-To: {asked}" in raw and f"References: {asked}" in raw
        assert "Subject: Re: Lampu [Aduan 12345]" in raw
        assert "Reply-To: aduan+0123456789ab@kantor.example" in raw
        assert "Auto-Submitted" not in raw
        stage.post.write(
            "aduan+0123456789ab@kantor.example", "Depan SD", who="Siti Contoh"
        )
        found = [m for item in fetched(imap, cursor)[0] for m in imap.normalise(item)]
        assert [m.text for m in found if not m.is_own] == ["Depan SD"]
        assert sent.external_id in found[-1].thread

    def test_every_try_has_the_same_message_id(self, stage: Stage, imap: Imap) -> None:
        reply = Reply("k-1", "Halo", stage.answerable())
        assert imap.send(reply) == imap.send(reply)

    def test_a_file_goes_out_with_the_answer(self, stage: Stage, imap: Imap) -> None:
        stage.post.add("siti.contoh@warga.example")
        file = Upload("surat.pdf", "application/pdf", b"%PDF-1.4")
        imap.send(Reply("k", "Terlampir", stage.answerable(), files=(file,)))
        raw = (
            stage.post.boxes["siti.contoh@warga.example"].folders["INBOX"].mails[0].raw
        )
        assert b'filename="surat.pdf"' in raw

    def test_headers_cannot_be_smuggled_in(self, stage: Stage, imap: Imap) -> None:
        stage.post.add("siti.contoh@warga.example")
        to = {**stage.answerable(), "subject": "Lampu\r\nBcc: lain@warga.example"}
        imap.send(Reply("k", "Halo", to))
        raw = (
            stage.post.boxes["siti.contoh@warga.example"].folders["INBOX"].mails[0].raw
        )
        assert b"\r\nBcc:" not in raw

    def test_a_mail_that_comes_back_is_told_of_the_answer(
        self, stage: Stage, imap: Imap
    ) -> None:
        to = stage.answerable()
        stage.post.bouncing.add(to["address"])
        sent = imap.send(Reply("0123456789ab", "Halo", to))
        found = [m for item in fetched(imap)[0] for m in imap.normalise(item)]
        (status,) = [m for m in found if m.kind == "status"]
        assert (
            status.target_id == sent.external_id and status.extra["state"] == "failed"
        )
        assert "user unknown" in status.extra["detail"]

    @pytest.mark.parametrize(
        ("endpoint", "fault", "raised"),
        [
            ("SMTP EHLO", "429", TryLater),
            ("SMTP RCPT", "500", TryLater),
            ("SMTP DATA", "429", TryLater),
            ("SMTP DATA", "cut", Unknown),
        ],
    )
    def test_what_a_failure_means_depends_on_when(
        self,
        stage: Stage,
        imap: Imap,
        sandbox: Sandbox,
        endpoint: str,
        fault: Any,
        raised: Any,
    ) -> None:
        to = stage.answerable()
        sandbox.fault(fault, endpoint=endpoint)
        with pytest.raises(raised):
            imap.send(Reply("k", "Halo", to))
        assert bool(stage.arrived()) == (raised is Unknown)

    def test_a_changed_password_is_told_for_sending_too(
        self, stage: Stage, imap: Imap
    ) -> None:
        to = stage.answerable()
        stage.lock_out()
        with pytest.raises(NeedsLogin):
            imap.send(Reply("k", "Halo", to))


class TestOAuth:
    @pytest.fixture
    def app(self, sandbox: Sandbox) -> ImapApp:
        return ImapApp(**sandbox.accounts("imap")[0]["app"])

    @pytest.fixture
    def account(self, sandbox: Sandbox) -> ImapAccount:
        (found,) = [
            a for a in sandbox.accounts("imap") if "access_token" in a["settings"]
        ]
        return ImapAccount(**found["settings"])

    def test_an_expired_token_is_renewed(
        self, app: ImapApp, account: ImapAccount, stage: Stage
    ) -> None:
        assert Imap(app, account).check().handle == account.address
        stage.mail.expire(account.address)
        with pytest.raises(NeedsLogin):
            Imap(app, account).check()
        renewed = Imap(app, account).renew()
        assert renewed.renew_at() is not None
        assert Imap(app, renewed).check().handle == account.address  # type: ignore[arg-type]

    def test_a_revoked_sign_in_needs_a_person(
        self, app: ImapApp, account: ImapAccount, sandbox: Sandbox
    ) -> None:
        assert account.access_token
        sandbox.revoke(account.access_token.get_secret_value())
        with pytest.raises(NeedsLogin, match="ended"):
            Imap(app, account).renew()

    def test_signing_in_gives_a_mailbox(self, app: ImapApp) -> None:
        back = "http://127.0.0.1:1/back"
        start = Imap.login_start(app, back, "keadaan")
        answer = requests.get(start.url, allow_redirects=False, timeout=5)
        told = parse_qs(urlsplit(answer.headers["location"]).query)
        assert told["state"] == ["keadaan"]
        (login,) = Imap.login_finish(app, back, told["code"][0], start.keep)
        assert Imap(app, ImapAccount(**login.settings)).check().handle == login.name
        with pytest.raises(NeedsLogin):
            list(Imap.login_finish(app, back, "lain", start.keep))

    def test_an_answer_is_found_among_the_sent_mails(
        self, app: ImapApp, account: ImapAccount, sandbox: Sandbox
    ) -> None:
        imap = Imap(app, account)
        reply = Reply("k", "Halo", {"address": "siti@warga.example"})
        assert imap.look_up(reply, datetime.now(UTC)) is None
        sandbox.fault("cut", endpoint="SMTP DATA")
        with pytest.raises(Unknown):
            imap.send(reply)
        assert imap.look_up(reply, datetime.now(UTC)) is not None


@pytest.mark.parametrize(
    "first",
    ["From siti@warga.example Mon Mar  2 13:00:00 2026\n", "From siti@warga.example\n"],
)
def test_an_mbox_is_taken_apart_whatever_its_first_line(first: str) -> None:
    mail = "From: Siti <siti@warga.example>\nSubject: Lampu\n\n"
    content = (
        f"{first}{mail}Lampu mati\nFrom 2026 on nothing was done\n\n"
        f"From asep@warga.example Tue Mar  3 09:00:00 2026\n{mail}Got mampet\n"
    ).encode()
    found = [
        m
        for item in Imap.read_bytes(content, "kotak.mbox")
        for m in Imap.normalise(item)
    ]
    assert [message.text for message in found] == [
        "Lampu mati\nFrom 2026 on nothing was done",
        "Got mampet",
    ]
