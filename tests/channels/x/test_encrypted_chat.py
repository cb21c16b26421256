"""Somebody writes in X Chat, which no program can read."""

from __future__ import annotations

from cityhall import Settle, said


def test_who_writes_in_x_chat_and_then_directly_has_one_conversation(
    settle: Settle,
) -> None:
    stage, city = settle("x")
    stage.x.chat("siti", "dishub_x")
    city.once()
    (sealed,) = said(city.case())
    assert sealed.message.extra["tried"] == "sealed_chat"
    stage.x.message("siti", "dishub_x", "Lampu jalan mati di Jalan Pajajaran")
    city.later(minutes=3)
    city.once()
    assert [one.message.text for one in said(city.case())] == [
        None,
        "Lampu jalan mati di Jalan Pajajaran",
    ]
    city.answer("Petugas kami cek siang ini.")
    assert stage.arrived() == ["Petugas kami cek siang ini."]
