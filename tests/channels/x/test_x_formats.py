"""Every shape X writes posts and messages in: what people said is found, the rest is
left alone."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Message
from connectors.errors import BadItem
from connectors.x import X


def read(payload: Any, hint: str | None = None) -> list[Message]:
    return [m for item in X.read_file(payload, hint) for m in X.normalise(item)]


SITI = {"id": 2, "id_str": "2", "name": "Siti", "screen_name": "siti"}
LONG = {
    "id": 50,
    "id_str": "50",
    "text": "Jalan berlubang di dep…",
    "truncated": True,
    "user": SITI,
    "created_at": "Wed Aug 27 13:08:45 +0000 2025",
    "lang": "in",
    "coordinates": {"type": "Point", "coordinates": [106.79, -6.59]},
    "extended_tweet": {
        "full_text": "Jalan berlubang di depan pasar, tolong @dinas",
        "entities": {"user_mentions": [{"screen_name": "Dinas", "id_str": "1"}]},
        "extended_entities": {
            "media": [
                {
                    "id_str": "8",
                    "type": "photo",
                    "media_url_https": "https://pbs.example/8.jpg",
                },
                {
                    "id_str": "9",
                    "type": "video",
                    "media_url_https": "https://pbs.example/9.jpg",
                },
            ]
        },
    },
}


def test_a_cut_post_of_the_old_api_is_read_whole_with_its_place_and_files() -> None:
    (said,) = read({"for_user_id": "1", "tweet_create_events": [LONG]})
    assert (said.kind, said.text) == ("mention", LONG["extended_tweet"]["full_text"])  # type: ignore[index]
    assert [file.type for file in said.media] == ["photo", "video"]
    assert said.geo is not None and (said.geo.latitude, said.geo.longitude) == (
        -6.59,
        106.79,
    )
    assert said.mentions == ("dinas",)


@pytest.mark.parametrize(
    ("payload", "hint", "kind", "parent"),
    [
        ([LONG], None, "post", None),
        ({"statuses": [LONG]}, "mention", "mention", None),
        ({"for_user_id": "2", "tweet_create_events": [LONG]}, None, "post", None),
        (
            {**LONG, "is_quote_status": True, "quoted_status_id_str": "40"},
            None,
            "quote",
            "40",
        ),
        ({**LONG, "in_reply_to_status_id": 41}, None, "reply", "41"),
        ({**LONG, "id_str": "51", "retweeted_status": LONG}, None, "repost", "50"),
        (
            {**LONG, "edit_history": {"edit_tweet_ids": ["49", "50"]}},
            None,
            "edit",
            None,
        ),
    ],
)
def test_posts_of_the_old_api_outside_deliveries(
    payload: Any, hint: str | None, kind: str, parent: str | None
) -> None:
    (said,) = read(payload, hint)
    assert (said.kind, said.parent_id) == (kind, parent)
    assert said.is_own is (
        isinstance(payload, dict) and payload.get("for_user_id") == "2"
    )


def test_a_place_sent_privately_is_kept() -> None:
    place = {"coordinates": {"type": "Point", "coordinates": [106.79, -6.59]}}
    data = {
        "text": "di sini",
        "attachment": {
            "type": "location",
            "location": {"type": "shared_coordinate", "shared_coordinate": place},
        },
    }
    created = {"target": {"recipient_id": "1"}, "sender_id": "2", "message_data": data}
    event = {"type": "message_create", "id": "7", "message_create": created}
    (said,) = read(
        {"for_user_id": "1", "direct_message_events": [event], "users": {"2": SITI}}
    )
    (listed,) = read({"events": [event], "apps": {}})
    assert listed.text == "di sini"
    assert (said.kind, said.conversation_id, said.author_handle) == (
        "dm",
        "1-2",
        "siti",
    )
    assert said.geo is not None and said.geo.latitude == -6.59


def test_a_direct_message_is_known_by_its_conversation_where_no_more_was_asked_for() -> (  # noqa: E501
    None
):
    (said,) = read({"data": [{"id": "1", "text": "halo", "dm_conversation_id": "1-2"}]})
    assert (said.kind, said.public, said.conversation_id) == ("dm", False, "1-2")


@pytest.mark.parametrize(
    "gone",
    [
        {
            "data": {
                "delete": {
                    "tweet": {"id": "60", "author_id": "2"},
                    "event_at": "2026-01-02T03:04:05.678Z",
                }
            }
        },
        {
            "delete": {
                "status": {"id": 60, "id_str": "60", "user_id_str": "2"},
                "timestamp_ms": "1767323045678",
            }
        },
    ],
)
def test_deletions_of_compliance_streams_are_read_in_both_spellings(gone: Any) -> None:
    (said,) = read(gone)
    assert (said.kind, said.target_id, said.author_id) == ("delete", "60", "2")
    assert said.created_at is not None and said.created_at.isoformat().startswith(
        "2026-01-02T03"
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"id": "2", "name": "Siti", "username": "siti"}]},
        {"data": [{"start": "a", "end": "b", "tweet_count": 4}]},
        {"data": {"deleted": True}},
        {"data": {"dm_conversation_id": "1-2", "dm_event_id": "3"}},
        {
            "data": {
                "tweet_edit": {"tweet": {"id": "60"}, "edit_tweet_ids": ["60", "61"]}
            }
        },
        {"errors": [{"title": "Not Found Error"}]},
        {"meta": {"result_count": 0}},
    ],
)
def test_people_counts_and_answers_are_nothing_somebody_said(answer: Any) -> None:
    assert read(answer) == []


def test_broken_rows_are_named_and_their_neighbours_read() -> None:
    items = list(
        X.read_file({"data": [{"text": "tanpa id"}, 5, {"id": "1", "text": "utuh"}]})
    )
    assert len({item.key for item in items}) == 3
    for item in items[:2]:
        with pytest.raises(BadItem):
            X.normalise(item)
    (said,) = X.normalise(items[2])
    assert said.text == "utuh"
    ancient = {
        "data": [{"id": "1", "text": "a", "created_at": "0001-01-01T00:00:00+14:00"}]
    }
    assert read(ancient)[0].created_at is None


def test_a_repost_shows_the_films_of_what_it_repeats() -> None:
    original = {"id": "9", "text": "banjir", "attachments": {"media_keys": ["7_1"]}}
    row = {
        "id": "8",
        "text": "RT @a: ban…",
        "author_id": 2,
        "referenced_tweets": [{"type": "retweeted", "id": "9"}],
    }
    people = [{"id": "2", "name": "Siti", "username": "siti"}]
    (said,) = read({"data": [row], "includes": {"tweets": [original], "users": people}})
    assert (said.kind, said.text, said.author_name) == ("repost", "banjir", "Siti")
    assert [file.type for file in said.media] == ["video"]
