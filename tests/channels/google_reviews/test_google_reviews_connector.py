"""Google reviews: an order that moves, stars without words, answers that replace each
other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from stage_google_reviews import LOCATION, Stage

from connectors._google.business import GoogleReviewsApp
from connectors.base import Message, Reply
from connectors.errors import NeedsLogin, Untrusted
from connectors.google_reviews import GoogleReviews, GoogleReviewsAccount
from sandbox.serve import Sandbox


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def google(stage: Stage) -> Iterator[GoogleReviews]:
    connector = stage.connect()
    yield connector
    connector.close()


def read(
    google: GoogleReviews, cursor: dict[str, Any]
) -> tuple[list[Message], dict[str, Any]]:
    found: list[Message] = []
    for page in google.fetch(cursor):
        found += [m for item in page.items for m in google.normalise(item)]
        cursor = page.cursor
    return found, cursor


def keys(google: GoogleReviews, cursor: dict[str, Any]) -> set[str]:
    return {item.key for page in google.fetch(cursor) for item in page.items}


def test_stars_without_words_and_a_null_among_the_reviews(
    stage: Stage, google: GoogleReviews
) -> None:
    stage.google.act({"stars": 4, "place": LOCATION})
    stage.poison()
    (message,), _ = read(google, {})
    assert (message.text, message.anonymous, message.extra["rating"]) == (None, True, 4)


def test_an_empty_place_is_no_outage(google: GoogleReviews) -> None:
    assert read(google, {}) == ([], {})


def test_a_changed_review_is_an_edit_of_the_same_one(
    stage: Stage, google: GoogleReviews
) -> None:
    said = stage.say("antre lama")
    (first,), cursor = read(google, {})
    assert first.edit_of is None
    stage.edit(said, "antre lama, sekarang sudah ada nomor")
    (second,), _ = read(google, cursor)
    assert (second.native_id, second.edit_of) == (said, said)
    assert second.edited_at is not None and second.created_at == first.created_at


def test_what_has_not_changed_keeps_its_key_and_our_answer_makes_a_new_one(
    stage: Stage, google: GoogleReviews
) -> None:
    said = stage.say("antre lama")
    before = keys(google, {})
    assert keys(google, {}) == before
    google.send(Reply("k", "Terima kasih", {"review": said}))
    assert keys(google, {}) != before


def test_reading_stops_a_day_below_what_was_read(
    stage: Stage, sandbox: Sandbox, google: GoogleReviews
) -> None:
    sandbox.advance(-10 * 86_400)
    for number in range(120):
        stage.say(f"lama {number}")
    sandbox.advance(10 * 86_400)
    stage.say("baru")
    _, cursor = read(google, {})
    pages = list(google.fetch(cursor))
    assert len(pages) == 1, "the other two pages were read days ago"


def test_a_page_token_that_has_died_begins_the_run_again(
    stage: Stage, google: GoogleReviews
) -> None:
    said = {stage.say(f"antre {number}") for number in range(60)}
    found, _ = read(google, {"next": "page-dead", "top": "2026-01-01T00:00:00+00:00"})
    assert {m.native_id for m in found} == said


def test_an_answer_replaces_the_one_before_and_says_so(
    stage: Stage, google: GoogleReviews
) -> None:
    said = stage.say("loket tutup")
    since = datetime.now(UTC)
    reply = Reply(
        "k", "Mohon maaf, loket dibuka lagi.", {"review": said, "answered": False}
    )
    assert GoogleReviews.preview(reply).warnings == ()
    assert google.look_up(reply, since) is None
    sent = google.send(reply)
    found = google.look_up(reply, since)
    assert found is not None and found.external_id == sent.external_id
    (message,), _ = read(google, {})
    assert message.extra["own_reply"] == "Mohon maaf, loket dibuka lagi."
    second = Reply("k2", "Sudah dibuka.", message.reply_to or {})
    assert GoogleReviews.preview(second).warnings == ("replaces_answer",)


def test_length_is_counted_in_bytes() -> None:
    assert GoogleReviews.preview(Reply("k", "é" * 2049, {})).problem == "too_long"
    assert GoogleReviews.preview(Reply("k", "é" * 2048, {})).problem is None


def test_a_notification_is_fetched_and_a_removed_review_is_a_deletion(
    stage: Stage, google: GoogleReviews
) -> None:
    request = stage.delivery("Lampu parkir mati")
    (told,) = google.unpack(request)
    assert told.account == LOCATION
    (message,) = google.normalise(told)
    assert message.needs_fetch
    (whole,) = google.expand(told)
    assert [m.text for m in google.normalise(whole)] == ["Lampu parkir mati"]
    assert whole.key.startswith(told.key)
    stage.google.act({"delete": message.native_id})
    (gone,) = google.expand(told)
    (deletion,) = google.normalise(gone)
    assert (deletion.kind, deletion.native_id) == ("delete", message.native_id)


def test_without_a_token_for_deliveries_none_is_believed(stage: Stage) -> None:
    with pytest.raises(Untrusted):
        GoogleReviews.verify(GoogleReviewsApp(), None, stage.delivery("halo"))


def test_access_is_renewed_and_the_end_of_it_known(
    stage: Stage, google: GoogleReviews
) -> None:
    renewed = google.renew()
    assert isinstance(renewed, GoogleReviewsAccount)
    assert renewed.access_token is not None
    due = renewed.renew_at()
    assert due is not None and due > datetime.now(UTC) + timedelta(minutes=50)


def test_an_access_token_that_ended_needs_renewing(
    stage: Stage, sandbox: Sandbox
) -> None:
    first = stage.connect()
    account = first.renew()
    first.close()
    sandbox.advance(3700)
    assert isinstance(account, GoogleReviewsAccount)
    connector = GoogleReviews(stage.app(), account, LOCATION)
    with pytest.raises(NeedsLogin):
        read(connector, {})
    connector.close()


def test_who_no_longer_manages_the_place_is_told(
    stage: Stage, google: GoogleReviews
) -> None:
    stage.google.closed.add(LOCATION)
    with pytest.raises(NeedsLogin) as refusal:
        read(google, {})
    assert refusal.value.code == "forbidden"


def test_signing_in_lists_every_place_of_the_account(stage: Stage) -> None:
    app, redirect = stage.app(), "http://127.0.0.1:9/kembali"
    start = GoogleReviews.login_start(app, redirect, "s1")
    moved = requests.get(start.url, allow_redirects=False, timeout=60).headers[
        "location"
    ]
    code = parse_qs(urlsplit(moved).query)["code"][0]
    logins = list(GoogleReviews.login_finish(app, redirect, code, start.keep))
    assert [login.settings["location"] for login in logins] == [
        LOCATION,
        "accounts/101/locations/2002",
    ]
    connector = GoogleReviews(app, GoogleReviewsAccount(**logins[0].settings))
    identity = connector.check()
    connector.close()
    assert (identity.external_id, identity.display_name) == (
        LOCATION,
        "Puskesmas Bogor Timur (demo)",
    )


def test_deliveries_are_asked_for_and_the_rest_is_said(stage: Stage) -> None:
    topic = "projects/demo/topics/ulasan"
    account = stage.account().model_copy(update={"pubsub_topic": topic})
    connector = GoogleReviews(stage.app(), account, LOCATION)
    said = connector.subscribe("https://sahut.example/kait/google_reviews")
    connector.close()
    assert topic in said and "https://sahut.example/kait/google_reviews" in said
    assert stage.google.topics == {"accounts/101": topic}


def test_the_number_of_reviews_since_a_moment(
    stage: Stage, google: GoogleReviews
) -> None:
    for number in range(55):
        stage.say(f"antre {number}")
    assert google.count(datetime.now(UTC) - timedelta(hours=1)) == 55
    assert google.count(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_batch_over_several_places_is_read() -> None:
    payload = {
        "locationReviews": [
            {
                "name": LOCATION,
                "review": {"name": f"{LOCATION}/reviews/r", "starRating": "ONE"},
            }
        ]
    }
    (item,) = GoogleReviews.read_file(payload)
    (message,) = GoogleReviews.normalise(item)
    assert (message.extra["rating"], item.account) == (1, LOCATION)


def test_a_review_without_its_resource_name_is_read_and_cannot_be_answered() -> None:
    (item,) = GoogleReviews.read_file(
        {"reviews": [{"reviewId": "r7", "starRating": 2, "comment": "Antre"}]}
    )
    (message,) = GoogleReviews.normalise(item)
    assert (message.native_id, message.text, message.extra["rating"]) == (
        "r7",
        "Antre",
        2,
    )
    assert message.reply_to is None
