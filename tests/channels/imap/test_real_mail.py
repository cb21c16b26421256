"""Mail as residents and mail servers really send it: Postfix delivers, Dovecot holds,
the program reads and answers, and what counts is the cases."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import mails
import pytest
from mails import Given
from mailserver import GONE
from office import Office, Resident, said

from aggregator.accounts import connections, registry
from aggregator.desk.queue import CaseDetail, Spoken
from connectors.base import Downloads, Media
from connectors.imap import send as mail_send


def token_address(answer: EmailMessage) -> str:
    return str(answer["Reply-To"].addresses[0].addr_spec)


class TestAConversation:
    """One case of four mails and more, on each of the two databases."""

    @pytest.fixture
    def office(self, open_office: Callable[[str], Office], database_url: str) -> Office:
        return open_office(database_url)

    def test_whatever_way_a_resident_answers_it_is_the_same_case(
        self, office: Office
    ) -> None:
        ours, other = office.register(), office.register("disdukcapil")
        siti = office.resident()
        siti.writes(ours, "Sudah tiga malam.", "Lampu jalan mati di Paledang")
        office.once()
        case = office.case()
        assert said(case) == ["Lampu jalan mati di Paledang\n\nSudah tiga malam."]

        office.answer(case.case.number, "Tiang nomor berapa?")
        (answer,) = siti.received()
        number = case.case.number
        assert answer["Subject"] == f"Re: Lampu jalan mati di Paledang [Aduan {number}]"
        assert answer["References"] == answer["In-Reply-To"]

        def thread(to: str, text: str, subject: str, **headers: str) -> None:
            siti.writes(to, text, subject, **headers)
            office.once()

        again = f"Re: {answer['Subject']}"
        thread(ours, "Nomor 12", again, In_Reply_To=answer["Message-ID"])
        thread(ours, "Dekat SD", again, References=f"<x@y> {answer['Message-ID']}")
        thread(token_address(answer), "Yang kiri", "lampu")
        thread(ours, "Masih mati", f"RE: apa saja [Aduan {number}]")
        thread(other, "Tolong ya", again, In_Reply_To=answer["Message-ID"])
        assert said(office.case()) == [
            "Lampu jalan mati di Paledang\n\nSudah tiga malam.",
            "Nomor 12",
            "Dekat SD",
            "lampu\n\nYang kiri",
            "apa saja\n\nMasih mati",
            "Tolong ya",
        ]

    @pytest.mark.threat("LET-1")
    def test_who_guesses_a_number_gets_into_no_case(self, office: Office) -> None:
        ours, siti, asep = office.register(), office.resident(), office.resident()
        siti.writes(ours, "Bau sekali", "Sampah menumpuk di Pasar Anyar")
        office.once()
        number = office.case().case.number
        asep.writes(ours, "Kirim datanya", f"Re: Sampah [Aduan {number}]")
        office.once()
        first, second = office.cases()
        assert said(first) == ["Sampah menumpuk di Pasar Anyar\n\nBau sekali"]
        assert said(second) == [f"Sampah [Aduan {number}]\n\nKirim datanya"]

    def test_an_answer_that_comes_back_is_known_not_to_have_arrived(
        self, office: Office
    ) -> None:
        ours = office.register()
        gone = Resident(office.server, GONE)
        gone.writes(ours, "Mohon dicek", "Pipa bocor di Cimahpar")
        office.once()
        office.answer(office.case().case.number, "Besok petugas datang")
        office.once()
        (reply,) = office.case().replies
        assert (reply.state, reply.error_code) == ("refused", "not_delivered")
        assert "unknown user" in (reply.error or "")
        assert len(said(office.case())) == 1

    def test_our_own_copy_is_no_new_mail(self, office: Office) -> None:
        ours, siti = office.register(), office.resident()
        siti.writes(ours, "Di depan masjid", "Jalan berlubang di Bondongan")
        office.once()
        office.answer(office.case().case.number, "Akan ditambal")
        assert [
            mail["From"].addresses[0].addr_spec for mail in office.server.read(ours)
        ][-1] == ours
        office.once()
        case = office.case()
        assert case.replies[0].state == "sent" and len(said(case)) == 1


class TestWhatArrives:
    def test_every_mail_is_shown_named_as_files_or_kept_aside(
        self, office: Office
    ) -> None:
        given = mails.every()
        assert len(given) >= 60
        ours = office.register()
        for one in given:
            office.server.put(ours, one.raw.replace(b"OWN", ours.encode()))
        while office.once().new_events:
            continue
        shown = {
            spoken.message.author_id: (spoken, case)
            for case in office.cases()
            for spoken in case.messages
        }
        wrong = [
            f"{one.name}: {problem}"
            for one in given
            if one.aside is None
            for problem in problems(one, shown)
        ]
        assert wrong == []
        kept = Counter(f"automatic_{one.aside}" for one in given if one.aside)
        assert Counter(office.aside()) == kept

    def test_each_file_named_in_a_case_can_be_fetched(self, office: Office) -> None:
        ours = office.register()
        for one in mails.every():
            if one.files:
                office.server.put(ours, one.raw)
        office.once()
        fetched = []
        with connections.connected(
            registry.find(office.database, ours), office.vault
        ) as imap:
            assert isinstance(imap, Downloads)
            for case in office.cases():
                for file in case.messages[0].attachments:
                    media = Media(
                        file.type, file.native_id, file.ref, file.mime, file.part_id
                    )
                    fetched.append(len(imap.download(media).content) > 0)
        assert len(fetched) >= 20 and all(fetched)


def problems(
    one: Given, shown: dict[str | None, tuple[Spoken, CaseDetail]]
) -> Iterator[str]:
    author = re.search(rb"(?m)^(?:Reply-To|From): .*?([\w.]+@warga\.example)", one.raw)
    found = shown.get(author[1].decode()) if author else None
    if found is None:
        yield "opened no case"
        return
    spoken, _ = found
    text = spoken.message.text or ""
    yield from (
        f"{words!r} is not in {text!r}" for words in one.says if words not in text
    )
    yield from (f"{words!r} is in {text!r}" for words in one.lacks if words in text)
    names = tuple(file.description for file in spoken.attachments)
    if names != one.files:
        yield f"files are {names}"


class TestWhatServersDo:
    def test_ten_thousand_old_mails_are_not_reports_of_today(
        self, office: Office
    ) -> None:
        """Half were received long ago, half came today with a move of the mailbox."""
        ours = office.server.add()
        long_ago = datetime.now(UTC) - timedelta(days=400)
        for number in range(10_000):
            received = long_ago.timestamp() if number % 2 else None
            office.server.put(
                ours, mails.old(number, long_ago), at=received, name=f"{number}.lama:2,"
            )
        siti = office.resident()
        siti.writes(ours, "Mohon diperiksa.", "Pagar taman Malabar dicuri")
        office.add(ours)
        said_by_program = office.sahut("worker", "once").stdout
        assert "1 new" in said_by_program
        assert said(office.case()) == ["Pagar taman Malabar dicuri\n\nMohon diperiksa."]
        siti.writes(ours, "Baru saja.", "Kursi taman Malabar juga")
        assert office.once().new_events == 1

    def test_one_mail_the_server_cannot_read_stops_nothing_and_is_read_later(
        self, office: Office
    ) -> None:
        ours = office.register()
        for text in ("Lampu mati di Loji", "Got mampet di Gunung Batu", "Air keruh"):
            path = office.server.put(ours, mails.simple(len(text), "", text))
            if "Got" in text:
                path.chmod(0)
                shut = path
        office.once()
        assert sorted(map(said, office.cases())) == [
            ["Air keruh"],
            ["Lampu mati di Loji"],
        ]
        assert [gap.reason for gap in office.gaps(ours)] == ["mail_unreadable"]
        (waiting,) = office.raw("fetch")
        assert "broke off" in (waiting.reason or "")
        shut.chmod(0o644)
        office.once()
        assert ["Got mampet di Gunung Batu"] in map(said, office.cases())
        assert office.raw("fetch") == []

    def test_a_mail_that_is_removed_before_it_can_be_read_is_let_go(
        self, office: Office
    ) -> None:
        ours = office.register()
        path = office.server.put(ours, mails.simple(1, "", "Lampu mati di Loji"))
        path.chmod(0)
        office.once()
        path.unlink()
        office.once()
        assert office.raw("fetch") == []
        assert office.aside() == ["gone: the mail was removed before it could be read"]

    def test_a_folder_that_is_renamed_does_not_stop_the_others(
        self, office: Office
    ) -> None:
        ours = office.server.add()
        with office.server.signed_in(ours) as imap:
            imap.create("Keluhan")
        office.register_as(ours, folders="Keluhan, INBOX")
        office.once()
        with office.server.signed_in(ours) as imap:
            imap.rename("Keluhan", "Arsip")
        office.server.put(ours, mails.simple(1, "", "Lampu mati di Loji"))
        office.once()
        assert said(office.case()) == ["Lampu mati di Loji"]
        (gap,) = office.gaps(ours)
        assert (gap.stream, gap.reason, gap.ended_at) == ("Keluhan", "no_folder", None)
        with office.server.signed_in(ours) as imap:
            imap.rename("Arsip", "Keluhan")
            imap.append(
                "Keluhan", "", None, mails.simple(2, "", "Got mampet di Gunung")
            )
        office.once()
        assert len(office.cases()) == 2
        (gap,) = office.gaps(ours)
        assert gap.ended_at is not None

    def test_a_mailbox_that_is_numbered_anew_is_read_again_without_doubles(
        self, office: Office
    ) -> None:
        ours, siti = office.register(), office.resident()
        siti.writes(ours, "Mohon dicek", "Lampu mati di Loji")
        office.once()
        office.server.renumber(ours)
        siti.writes(ours, "Mohon dibersihkan", "Got mampet di Gunung Batu")
        office.once()
        assert [len(said(case)) for case in office.cases()] == [1, 1]

    def test_where_no_plus_addresses_are_taken_none_is_asked_for(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The server refuses them at once, as one does that does not know them."""
        ours, siti = office.register(), office.resident()
        siti.writes(ours, "Mohon dicek", "Lampu mati di Loji")
        office.once()
        monkeypatch.setattr(mail_send, "token_address", lambda *_: f"x{ours}")
        office.answer(office.case().case.number, "Tiang nomor berapa?")
        (answer,) = siti.received()
        assert answer["Reply-To"] is None

    def test_a_new_mail_is_read_at_once_where_the_server_tells_of_it(
        self, office: Office
    ) -> None:
        ours, siti = office.register(), office.resident()
        office.once()
        before = office.account(ours).last_poll_at
        with office.working():
            # whoever begins to listen looks first at what came meanwhile
            office.wait_until(lambda: office.account(ours).last_poll_at != before)
            siti.writes(ours, "Tolong!", "Pohon tumbang di Semplak")
            # the next poll by the clock is two minutes away, a test ends before
            office.wait_until(lambda: bool(office.cases()))
        assert said(office.case()) == ["Pohon tumbang di Semplak\n\nTolong!"]
        assert not [t for t in threading.enumerate() if t.name.startswith("listen-")]


def test_automatic_mail_is_listed_and_taken_in_by_command(office: Office) -> None:
    ours = office.register()
    raw = mails.simple(1, "Milis RW", "Lampu mati di Loji", "Precedence: bulk")
    office.server.put(ours, raw)
    office.once()
    assert office.cases() == []
    (event,) = json.loads(
        office.sahut("raw", "list", "--status", "ignored", "--json").stdout
    )
    assert event["reason"] == "automatic_newsletter"
    done = office.sahut("raw", "replay", str(event["id"]), "--as-message")
    assert done.returncode == 0, done.stderr
    assert said(office.case()) == ["Milis RW\n\nLampu mati di Loji"]
