"""Mail as residents and mail servers really send it: Postfix delivers, Dovecot holds,
the program reads and answers, and what counts is the cases."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from mailserver import GONE
from office import Office, Resident, said


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
