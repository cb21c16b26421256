"""Feeds: RSS, Atom, what is commonly wrong in them, and asking only for what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from cityhall import CityHall
from pydantic import ValidationError
from stage_feed import Stage

from aggregator.accounts import health
from aggregator.city.catalog import Catalog
from aggregator.store.db import Database
from connectors.base import Message, Page
from connectors.errors import BadItem, Refused, TryLater
from connectors.feed import Feed, FeedAccount, FeedApp, wire
from sandbox.serve import Sandbox

FEED = "https://kabar.example/feed"


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def feed(stage: Stage) -> Iterator[Feed]:
    connector = stage.connect()
    yield connector
    connector.close()


def at(stage: Stage, path: str) -> Feed:
    return Feed(stage.app(), FeedAccount(url=f"{stage.sandbox.url}/feed/{path}"))


def rss(*entries: str, about: str = "") -> bytes:
    return (
        f'<rss version="2.0" xmlns:dc="{wire._DC}" xmlns:content="{wire._CONTENT}">'
        f"<channel><title>Kabar</title>{about}{''.join(entries)}</channel></rss>"
    ).encode()


def read(content: bytes, address: str = FEED) -> list[Message]:
    known = wire.feed_of(content)
    assert known is not None and known.fault is None
    items = wire.raw_items(known, address, address)
    return [message for item in items for message in Feed.normalise(item)]


def polled(connector: Feed, cursor: dict[str, Any]) -> tuple[list[Page], Any]:
    pages = list(connector.fetch(cursor))
    return pages, pages[-1].cursor


def test_an_entry_of_rss_is_a_mention_with_its_title_and_link() -> None:
    (said,) = read(
        rss(
            "<item><title>Jalan &lt;b&gt;rusak&lt;/b&gt; &amp;amp; gelap</title>"
            "<link>https://kabar.example/1</link><guid>https://kabar.example/?p=1</guid>"
            "<author>siti@kabar.example (Siti Contoh)</author>"
            "<pubDate>Mon, 02 Mar 2026 13:00:00 WIB</pubDate>"
            "<description>&lt;p&gt;Ringkas&lt;/p&gt;</description>"
            "<content:encoded><![CDATA[<p>Lubang di Jl. Merdeka.</p>"
            "<script>x()</script><p>Warga&nbsp;resah.</p>]]></content:encoded></item>"
        )
    )
    assert (said.kind, said.subject) == ("mention", "Jalan rusak & gelap")
    assert said.text == "Lubang di Jl. Merdeka.\n\nWarga resah."
    assert (said.author_name, said.permalink) == (
        "Siti Contoh",
        "https://kabar.example/1",
    )
    assert said.created_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert (said.native_id, said.scope) == (
        "https://kabar.example/?p=1",
        "kabar.example",
    )
    assert said.public and said.reply_to is None


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 400 + "<p>Lampu mati</p>",
        "<table><tr><td colspan=99999 rowspan=99999>Lampu mati</td></tr></table>",
        "<div style='margin:-9e9em;padding:9999em'>Lampu mati</div>",
        "<p>Lampu mati</p>" + "<p>kata</p>" * 20_000,
    ],
    ids=["deep", "table", "style", "large"],
)
def test_markup_that_nobody_could_mean_is_read_as_its_words(markup: str) -> None:
    entry = f"<item><guid>a</guid><description>{escape(markup)}</description></item>"
    (said,) = read(rss(entry))
    assert (said.text or "").startswith("Lampu mati")
    assert len(said.text or "") <= wire.LONGEST + 1


def test_an_entry_of_atom_says_when_it_was_changed() -> None:
    (said,) = read(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>'
        b"<author><name>Budi</name></author><entry><id>tag:kabar.example,2026:1</id>"
        b'<title type="html">Got &amp;lt;mampet&amp;gt;</title>'
        b'<link rel="self" href="/a.xml"/><link href="/1"/>'
        b"<published>2026-03-02T13:00:00+07:00</published>"
        b"<updated>2026-03-02T14:00:00+07:00</updated>"
        b'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        b"<p>Got di RT 02</p></div></content></entry></feed>"
    )
    assert (said.subject, said.text) == ("Got <mampet>", "Got di RT 02")
    assert (said.author_name, said.permalink) == ("Budi", "https://kabar.example/1")
    assert said.created_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert said.edited_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


def test_rss_1_lists_its_entries_beside_the_channel() -> None:
    (said,) = read(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        b' xmlns="http://purl.org/rss/1.0/"'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b'<channel rdf:about="https://kabar.example/"><title>Kabar</title></channel>'
        b'<item rdf:about="https://kabar.example/9"><title>Banjir</title>'
        b"<link>https://kabar.example/9</link><dc:creator>Rani</dc:creator>"
        b"<dc:date>2026-03-02</dc:date></item></rdf:RDF>"
    )
    assert (said.native_id, said.author_name) == ("https://kabar.example/9", "Rani")
    assert said.created_at == datetime(2026, 3, 2, tzinfo=UTC)


def test_an_entry_without_an_id_is_known_by_its_link_else_by_title_and_time() -> None:
    bare = (
        "<item><title>Banjir</title><pubDate>{}</pubDate>"
        "<description>{}</description></item>"
    )
    linked, first, again, other = read(
        rss(
            "<item><title>Macet</title><link>/macet</link></item>",
            bare.format("Mon, 02 Mar 2026 13:00:00 GMT", "satu"),
            bare.format("Mon, 02 Mar 2026 13:00:00 GMT", "dua"),
            bare.format("Tue, 03 Mar 2026 13:00:00 GMT", "satu"),
        )
    )
    assert linked.native_id == linked.permalink == "https://kabar.example/macet"
    assert first.native_id == again.native_id != other.native_id


def test_an_id_of_one_feed_says_nothing_of_another() -> None:
    entry = rss('<item><guid isPermaLink="false">17</guid><title>A</title></item>')
    (here,), (there,) = read(entry), read(entry, "https://kabar.example/lain")
    assert here.native_id == there.native_id and here.scope != there.scope


def test_what_was_read_or_commented_more_often_is_no_other_entry() -> None:
    def key(about: str) -> str:
        entry = f"<item><guid>a</guid><title>Banjir</title>{about}</item>"
        known = wire.feed_of(rss(entry))
        assert known is not None
        (item,) = wire.raw_items(known, FEED, None)
        return item.key

    assert key("<comments>3</comments>") == key("<comments>4</comments>")
    assert key("<description>x</description>") != key("<description>y</description>")


@pytest.mark.parametrize(
    "wrong", ["Harga & janji", "Caf&eacute;", "Pukul\x0b 7", "a &nbsp; b", "x && y"]
)
def test_what_is_commonly_wrong_is_put_right(wrong: str) -> None:
    (said,) = read(rss(f"<item><guid>a</guid><title>{wrong}</title></item>"))
    assert said.subject and "&amp;" not in said.subject


def test_latin_letters_that_only_the_server_declares_are_read() -> None:
    entry = "<item><guid>a</guid><title>Café</title></item>"
    known = wire.feed_of(rss(entry).decode().encode("latin-1"), "iso-8859-1")
    assert known is not None and known.fault is None
    (item,) = wire.raw_items(known, FEED, None)
    (said,) = Feed.normalise(item)
    assert said.subject == "Café"


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_entities_of_the_document_are_not_expanded(bomb: str) -> None:
    entry = "<item><guid>a</guid><title>Satu &b; dua</title></item>"
    (said,) = read(bomb.encode() + rss(entry))
    assert "x" not in (said.subject or "") and len(said.subject or "") < 20


def test_an_unchanged_feed_is_not_sent_again(stage: Stage, feed: Feed) -> None:
    stage.say("Lampu mati")
    _, cursor = polled(feed, {})
    pages, again = polled(feed, cursor)
    assert stage.press.answers == [200, 304]
    assert [page.items for page in pages] == [()] and again == cursor
    del cursor["etag"], cursor["modified"]  # a server that knows neither
    pages, again = polled(feed, cursor)
    assert [page.items for page in pages] == [()] and again == cursor


def test_a_rewritten_entry_is_an_edit(stage: Stage) -> None:
    atom = at(stage, "atom.xml")
    said = stage.say("Lampu mati")
    (first,), cursor = polled(atom, {})
    stage.sandbox.advance(60)
    stage.edit(said, "Lampu mati di Jl. Merdeka")
    (second,), _ = polled(atom, cursor)
    atom.close()
    (message,) = Feed.normalise(second.items[0])
    assert first.items[0].key != second.items[0].key
    assert (message.native_id, message.edit_of) == (said, said)
    assert message.edited_at is not None


def test_a_feed_that_is_no_whole_xml_is_set_aside_and_read_as_far_as_it_goes(
    stage: Stage, feed: Feed
) -> None:
    stage.say("Lampu mati")
    stage.press.extra = "<item><title>Tidak <b>ditutup</title></item>"
    pages, cursor = polled(feed, {})
    *items, broken = (item for page in pages for item in page.items)
    told = [m.text for item in items for m in Feed.normalise(item) if m.text]
    assert told == ["Lampu mati"]
    assert pages[-1].trouble == "broken_feed" and cursor == {}
    with pytest.raises(BadItem, match="Tell its publisher") as refusal:
        Feed.normalise(broken)
    assert "validator" in str(refusal.value)
    mended = broken.payload["document"].replace("<b>", "")
    whole = replace(broken, payload={**broken.payload, "document": mended})
    assert "Lampu mati" in [m.text for m in Feed.normalise(whole)]


def test_a_broken_feed_is_said_of_its_account_until_it_is_mended(
    stage: Stage,
    sqlite_database: Database,
    catalog: Catalog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SAHUT_FEED_BASE_URL", stage.sandbox.url)
    city = CityHall(sqlite_database, catalog, stage.sandbox, tmp_path)
    city.register("feed", stage.app(), stage.account())
    stage.say("Lampu jalan mati di Jalan Pajajaran")
    stage.press.extra = "<item><title>Tidak <b>ditutup</title></item>"

    def troubles() -> list[str]:
        city.once()
        (one,) = health.of_accounts(city.database, city.now())
        return [gap.reason for gap in one.troubles]

    assert troubles() == ["broken_feed"]
    stage.press.extra = ""
    assert troubles() == []


def test_a_web_page_is_no_feed_and_names_the_one_it_has(stage: Stage) -> None:
    page = at(stage, "")
    with pytest.raises(Refused, match=r"names this feed .*/feed/rss\.xml"):
        page.check()
    with pytest.raises(TryLater):
        polled(page, {})
    page.close()


def test_a_feed_in_a_private_network_is_not_read(stage: Stage) -> None:
    stranger = Feed(FeedApp(), stage.account())
    with pytest.raises(Refused) as refusal:
        stranger.check()
    stranger.close()
    assert refusal.value.code == "private_address"


def test_a_feed_that_is_too_large_is_not_read(
    stage: Stage, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.feed.LARGEST", 500)
    stage.say("Lampu mati " * 100)
    with pytest.raises(Refused) as refusal:
        polled(feed, {})
    assert refusal.value.code == "too_large"


@pytest.mark.parametrize(
    "url", ["ftp://kabar.example/feed", "https://budi:rahasia@kabar.example/feed", "/"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        FeedAccount(url=url)
    assert "rahasia" not in str(refusal.value)


def test_an_address_needs_nothing_else() -> None:
    assert FeedAccount(url="kabar.example/feed#atas").url == FEED
