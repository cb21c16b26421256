"""Somebody on WhatsApp who takes a user name, gets a new number, or calls."""

from __future__ import annotations

from cityhall import Settle, said

WORDS = "Lampu jalan mati di Jalan Pajajaran sejak Senin"


def test_a_user_name_and_a_new_number_leave_the_conversation_one(
    settle: Settle,
) -> None:
    stage, city = settle("whatsapp")
    siti = stage.whatsapp.people.named("Siti")
    stage.write(WORDS)
    city.once()
    siti.username = "siti"
    stage.write("Sampai malam ini masih gelap")
    city.once()
    stage.whatsapp.move(stage.number, "Siti")
    stage.write("Sekarang dua lampu yang mati")
    city.once()
    assert len(said(city.case())) == 3
    city.answer("Petugas kami cek siang ini.")
    assert [reply.state for reply in city.case().replies] == ["sent"]


def test_an_answer_reaches_who_moved_and_has_not_written_since(settle: Settle) -> None:
    stage, city = settle("whatsapp")
    stage.write(WORDS)
    city.once()
    stage.whatsapp.move(stage.number, "Siti")
    city.once()
    city.answer("Petugas kami cek siang ini.")
    (arrived,) = stage.sandbox.sent("whatsapp")
    assert arrived.to == stage.whatsapp.people.named("Siti").phone


def test_an_answer_reaches_who_moved_with_a_user_name(settle: Settle) -> None:
    """Neither number is told, only the new id."""
    stage, city = settle("whatsapp")
    siti = stage.whatsapp.people.named("Siti")
    siti.username = "siti"
    stage.write(WORDS)
    city.once()
    stage.whatsapp.move(stage.number, "Siti")
    city.once()
    city.answer("Petugas kami cek siang ini.")
    (arrived,) = stage.sandbox.sent("whatsapp")
    assert arrived.to == siti.user_id


def test_a_missed_call_is_one_case_that_can_be_written_back_to(settle: Settle) -> None:
    stage, city = settle("whatsapp")
    stage.whatsapp.call(stage.number, "Siti")
    city.once()
    (missed,) = said(city.case())
    assert missed.message.extra["tried"] == "call"
    city.answer("Kami di sini, ada yang bisa dibantu?")
    assert len(stage.sandbox.sent("whatsapp")) == 1
