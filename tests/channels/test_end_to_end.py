"""Every built-in channel from the resident to the case and back.

On the channel's stage and through `sahut worker once`, looking at what people of the
city see. What residents can do later and which files they can send is asked of the
connector, which is held to what it declares. A channel does not become built in without
this.
"""

from __future__ import annotations

import pytest
from cityhall import CityHall, Settle, running, said

import connectors
from aggregator.accounts import filekinds
from connectors import base
from connectors.base import FileKind
from sandbox import attached

CHANNELS = sorted(connectors.BUILTIN)
SENT: dict[FileKind, str] = {
    "picture": "lubang",
    "video": "jalan.mp4",
    "audio": "suara.ogg",
    "document": "surat.pdf",
}
SEEN_THERE = {("bluesky", "video"), ("facebook", "video")}
"""Given out as streams or not at all: the case says so and links to where it stands."""
CARRYING = [
    (name, kind)
    for name in CHANNELS
    for kind in SENT
    if kind in connectors.load(name).carries and (name, kind) not in SEEN_THERE
]
BOTH = ["facebook", "instagram", "messenger", "threads", "tiktok", "x"]
"""Channels that deliver while they are polled."""
DELIVERED_ALONE = {
    ("facebook", "delete"),
    ("messenger", "edit"),
    ("messenger", "delete"),
    ("tiktok", "delete"),
}
"""No list tells of these, so nothing brings them where a delivery was lost; Meta
repeats one for 36 hours (developers.facebook.com, "Webhooks: Getting started")."""
CHANGING = [
    name
    for name in CHANNELS
    if "poll" in base.abilities(connectors.load(name))
    and connectors.load(name).hears & {"edit", "delete"}
]


def test_each_channel_says_what_it_hears_and_carries() -> None:
    for channel in CHANNELS:
        kind = connectors.load(channel)
        assert kind.hears <= {"answer", "edit", "delete"}
        assert kind.carries <= {"picture", "video", "audio", "document"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_conversation_stays_one_case(channel: str, settle: Settle) -> None:
    stage, city = settle(channel)
    hears = connectors.load(channel).hears

    first = stage.write("Lampu jalan mati di Jalan Pajajaran sejak Senin")
    city.once()
    opened = city.case()
    assert "Lampu jalan mati di Jalan Pajajaran" in (said(opened)[0].message.text or "")
    clocks = running(city.clocks())
    assert clocks

    if "reply" in base.abilities(connectors.load(channel)):
        city.answer("Terima kasih, petugas kami cek siang ini.")
        assert any("petugas kami cek siang ini" in text for text in stage.reached())
    else:
        city.answered_there()
    assert city.case().case.status == "answered"
    assert [reply.state for reply in city.case().replies] == ["sent"]
    city.once()  # our own answer comes back on some channels
    assert len(said(city.case())) == 1
    assert set(clocks) <= set(running(city.clocks()))
    clocks = running(city.clocks())

    if "answer" not in stage.unable:
        stage.write("Sampai malam ini masih gelap, Pak", to=stage.answered())
        city.once()
        if "answer" in hears:
            assert [one.message.text or "" for one in said(city.case())][1:] == [
                one.message.text
                for one in said(city.case())
                if "masih gelap" in (one.message.text or "")
            ]
        assert ("answer" in hears) == (len(said(city.case())) == 2)

    if "edit" not in stage.unable:
        stage.rewrite(first, "Lampu jalan mati di Jalan Sudirman sejak Senin")
        city.once()
        changed = "Jalan Sudirman" in (said(city.case())[0].message.text or "")
        assert changed == ("edit" in hears)
        assert bool(said(city.case())[0].versions) == changed

    if "delete" not in stage.unable:
        stage.take_back(first)
        city.once()
        hidden = said(city.case())[0].message.deleted_at is not None
        assert hidden == ("delete" in hears)

    assert city.case().case.number == opened.case.number
    assert city.case().case.status == "answered"
    assert running(city.clocks()) == clocks


@pytest.mark.parametrize("channel", BOTH)
def test_what_is_told_and_asked_for_is_one_message(
    channel: str, settle: Settle
) -> None:
    stage, city = settle(channel)
    stage.write("Lampu jalan mati di Jalan Pajajaran")
    city.delivered()
    told = len(city.cases())
    city.once()
    city.once()
    assert told == len(said(city.case())) == 1


@pytest.mark.parametrize("channel", CHANGING)
def test_what_changed_while_nobody_read_is_heard_of_afterwards(
    channel: str, settle: Settle
) -> None:
    stage, city = settle(channel)
    heard = connectors.load(channel).hears
    changed = stage.write("Lampu jalan mati di Jalan Pajajaran")
    city.once()
    city.deaf = True
    if "edit" in heard:
        stage.rewrite(changed, "Lampu jalan mati di Jalan Sudirman")
    _nobody_reads_for_two_hours(city)
    (one,) = said(city.case())
    told = "edit" in heard and (channel, "edit") not in DELIVERED_ALONE
    assert ("Jalan Sudirman" in (one.message.text or "")) == told
    assert bool(one.versions) == told
    if "delete" in heard:
        stage.take_back(changed)
    _nobody_reads_for_two_hours(city)
    (one,) = said(city.case())
    told = "delete" in heard and (channel, "delete") not in DELIVERED_ALONE
    assert (one.message.deleted_at is not None) == told


def _nobody_reads_for_two_hours(city: CityHall) -> None:
    """Then the account is polled, and read back with the next poll."""
    city.later(hours=2)
    city.once()
    city.once()


@pytest.mark.parametrize(("channel", "kind"), CARRYING)
def test_each_kind_of_file_opens_in_its_case(
    channel: str, kind: FileKind, settle: Settle
) -> None:
    stage, city = settle(channel)
    stage.write("Lubang di Jalan Pajajaran seperti ini", photo=SENT[kind])
    city.once()
    (file,) = (file for one in said(city.case()) for file in one.attachments)
    content = city.opens(file)
    assert filekinds.kind_of(content).group == kind
    if kind != "picture":  # which may come in another size
        assert content == attached.of(SENT[kind]).content
