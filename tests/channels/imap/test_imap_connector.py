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
from connectors.imap import Imap, ImapAccount, ImapApp, reading
from connectors.imap import box as mail_box
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

    def test_a_mail_the_server_says_nothing_of_is_asked_for_again(
        self, stage: Stage, imap: Imap
    ) -> None:
        for text in ("Satu", "Dua", "Tiga"):
            stage.say(text)
        ill = stage.box.folders["INBOX"].mails[1]
        ill.ill = "silent"
        pages = list(imap.fetch({}))
        read, waiting = pages[0].items[:2], pages[0].items[2]
        assert [m.text for item in read for m in imap.normalise(item)] == [
            "Satu",
            "Tiga",
        ]
        assert pages[0].gap == "mail_unreadable"
        assert [m.needs_fetch for m in imap.normalise(waiting)] == [True]
        with pytest.raises(TryLater, match="says nothing"):
            imap.expand(waiting)
        ill.ill = ""
        (item,) = imap.expand(waiting)
        assert [m.text for m in imap.normalise(item)] == ["Dua"]
        stage.post.expunge(ADDRESS, ill.uid)
        with pytest.raises(Refused, match="removed"):
            imap.expand(waiting)

    def test_mails_that_end_the_connection_are_passed_by(
        self, stage: Stage, imap: Imap
    ) -> None:
        for text in ("Satu", "Dua", "Tiga", "Empat"):
            stage.say(text)
        for number in (0, 2):
            stage.box.folders["INBOX"].mails[number].ill = "breaks"
        items, cursor = fetched(imap)
        kinds = [item.kind for item in items]
        assert kinds == ["mail", "mail", "unread", "unread"]
        assert fetched(imap, cursor)[0] == []

    def test_a_server_that_gives_no_mail_at_all_is_ill_itself(
        self, stage: Stage, imap: Imap
    ) -> None:
        for number in range(30):
            stage.say(f"Surat {number}")
        for mail in stage.box.folders["INBOX"].mails:
            mail.ill = "breaks"
        with pytest.raises(TryLater, match="too many"):
            fetched(imap)

    @pytest.mark.threat("LET-2")
    def test_a_server_that_drips_is_given_up(
        self, stage: Stage, imap: Imap, sandbox: Sandbox
    ) -> None:
        sandbox.fault("hang", endpoint="IMAP NOOP")
        with imap._box() as box, pytest.raises(TryLater, match="too long"):  # noqa: SIM117
            with mail_box.within(box, 0.05):
                box.client.noop()

    def test_whoever_listens_hears_of_a_new_mail_and_stops_when_told(
        self, stage: Stage, imap: Imap
    ) -> None:
        heard: list[int] = []

        def hears() -> None:
            heard.append(len(stage.box.folders["INBOX"].mails))
            if heard == [0]:
                stage.say("Lampu mati")

        imap.listen(hears, lambda: len(heard) == 2)
        assert heard == [0, 1]

    def test_a_connection_that_ends_while_listening_is_no_silence(
        self, stage: Stage, imap: Imap, sandbox: Sandbox
    ) -> None:
        def hears() -> None:
            sandbox.world.core.stopping.set()

        with pytest.raises(TryLater):
            imap.listen(hears, lambda: False)

    def test_a_folder_that_is_gone_is_told_beside_the_others(
        self, stage: Stage
    ) -> None:
        account = stage.account().model_copy(update={"folders": "Sent, INBOX"})
        stage.post.rename(ADDRESS, "Sent", "Terkirim")
        stage.say("Lampu mati")
        pages = list(Imap(stage.app(), account, ADDRESS).fetch({}))
        assert [(page.stream, page.trouble) for page in pages] == [
            ("INBOX", None),
            ("Sent", "no_folder"),
        ]
        assert len(pages[0].items) == 1

    def test_of_a_mail_that_is_too_large_the_whole_is_a_file(
        self, stage: Stage, imap: Imap, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail_box, "LARGEST_MAIL", 100)
        monkeypatch.setattr(reading, "LARGEST_MAIL", 100)
        monkeypatch.setattr(mail_box, "CUT_AT", 300)
        stage.post.write(ADDRESS, "Lampu mati.\n" * 100)
        (item,), _ = fetched(imap)
        (message,) = imap.normalise(item)
        (media,) = message.media
        assert (media.description, message.extra["cut"]) == ("surat.eml", True)
        assert imap.download(media).content.count(b"Lampu mati.") == 100

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

    @pytest.mark.parametrize(
        "report",
        [
            (
                "From: postmaster@exchange.example\nSubject: Undeliverable: Re: Lampu\n"
                "\nYour message did not reach siti@warga.example.\n\nMessage-ID:"
                " <sahut.0123456789ab@kantor.example>\n"
            ),
            (
                "From: MAILER-DAEMON@qmail.example\nSubject: failure notice\n\nHi. This"
                " is the qmail-send program.\n<siti@warga.example>:\nno mailbox\n\n"
                "--- Below this line is a copy of the message.\n\nReturn-Path: <x>\n"
                "Message-ID: <sahut.0123456789ab@kantor.example>\n"
            ),
            (
                "From: Mail Delivery System <MAILER-DAEMON@exim.example>\nSubject: Mail"
                " delivery failed: returning message to sender\nX-Failed-Recipients:"
                " siti@warga.example\nReferences:"
                " <sahut.0123456789ab@kantor.example>\n\nunrouteable\n"
            ),
        ],
    )
    def test_a_report_without_form_is_told_of_the_answer(self, report: str) -> None:
        status = read(report)
        assert (status.kind, status.extra["state"]) == ("status", "failed")
        assert status.target_id == "<sahut.0123456789ab@kantor.example>"
        assert "siti@warga.example" in status.extra["recipients"]

    def test_a_report_without_an_id_names_case_and_recipient(self) -> None:
        status = read(
            "From: mailer-daemon@relay.example\nSubject: Undeliverable: Re: Lampu"
            " [Aduan 100017]\n\nThe mail to <siti@warga.example> did not arrive\n"
        )
        assert (status.kind, status.target_id) == ("status", None)
        assert status.case_number == "100017"
        assert status.extra["recipients"] == ["siti@warga.example"]

    def test_a_copy_to_ourselves_that_comes_back_says_nothing_of_the_answer(
        self,
    ) -> None:
        fields = f"Final-Recipient: rfc822; {ADDRESS}\nAction: failed\nStatus: 5.2.2\n"
        report = (
            "From: MAILER-DAEMON@kantor.example\nSubject: Undelivered\nContent-Type:"
            ' multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
            f"{fields}\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID:"
            " <sahut.0123456789ab@kantor.example>\n--b--\n"
        )
        message = read(report)
        assert (message.kind, message.automatic) == ("dm", "bounce")

    def test_a_receipt_says_that_the_answer_was_read(self) -> None:
        receipt = (
            "From: siti@warga.example\nSubject: Read: Lampu\nContent-Type:"
            ' multipart/report; report-type=disposition-notification; boundary="b"\n\n'
            "--b\nContent-Type: message/disposition-notification\n\n"
            "Original-Message-ID: <sahut.0123456789ab@kantor.example>\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
        )
        assert read(receipt).extra["state"] == "read"

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
        answer = requests.get(start.url, allow_redirects=False, timeout=60)
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
