"""The X of the sandbox, seen through tweepy."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]
from PIL import Image

from sandbox.serve import Sandbox

Tweepy = Callable[..., tweepy.Client]
MENTIONS = "GET /2/users/:id/mentions"


def mentions(
    client: tweepy.Client, handle: str, sandbox: Sandbox, **asked: Any
) -> dict[str, Any]:
    user = sandbox.x.users[handle]
    answer: dict[str, Any] = client.get_users_mentions(user.id, user_auth=True, **asked)
    return answer


def ids(answer: dict[str, Any]) -> list[int]:
    return [int(item["id"]) for item in answer.get("data", [])]


def test_me_is_the_owner_of_the_token(client: Tweepy) -> None:
    assert (
        client("dishub_demo").get_me(user_auth=True)["data"]["username"]
        == "dishub_demo"
    )


@pytest.mark.parametrize(
    "wrong", ["access_token", "access_token_secret", "consumer_key", "consumer_secret"]
)
def test_one_wrong_credential_is_401(client: Tweepy, wrong: str) -> None:
    with pytest.raises(tweepy.Unauthorized):
        client("dishub_demo", **{wrong: "salah"}).get_me(user_auth=True)


def test_query_parameters_are_part_of_the_signature(
    client: Tweepy, sandbox: Sandbox
) -> None:
    answer = mentions(
        client("dishub_demo"), "dishub_demo", sandbox, tweet_fields=["created_at"]
    )
    assert answer == {"meta": {"result_count": 0}}


def test_a_bearer_token_is_enough_to_read(sandbox: Sandbox) -> None:
    token = sandbox.accounts("x")[0]["settings"]["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{sandbox.url}/2/users/me", headers=headers, timeout=60).ok


def test_a_revoked_token_is_401(client: Tweepy, sandbox: Sandbox) -> None:
    dishub = client("dishub_demo")
    sandbox.revoke(str(dishub.access_token))
    with pytest.raises(tweepy.Unauthorized):
        dishub.get_me(user_auth=True)


def test_pages_are_newest_first_and_since_id_is_exclusive(
    client: Tweepy, sandbox: Sandbox
) -> None:
    made = [sandbox.x.post("siti", f"@dishub_demo lampu {i}").id for i in range(12)]
    dishub = client("dishub_demo")
    first = mentions(dishub, "dishub_demo", sandbox, since_id=made[0], max_results=5)
    assert ids(first) == made[:-6:-1]
    assert first["meta"]["newest_id"] == str(made[-1])
    seen = ids(first)
    while token := first["meta"].get("next_token"):
        first = mentions(
            dishub,
            "dishub_demo",
            sandbox,
            since_id=made[0],
            max_results=5,
            pagination_token=token,
        )
        seen += ids(first)
    assert seen == made[:0:-1]
    assert all(len(str(post)) == 19 for post in seen)


def test_a_post_that_arrives_between_two_pages_disturbs_neither(
    client: Tweepy, sandbox: Sandbox
) -> None:
    made = [sandbox.x.post("siti", f"@dishub_demo lampu {i}").id for i in range(7)]
    dishub = client("dishub_demo")
    first = mentions(dishub, "dishub_demo", sandbox, max_results=5)
    sandbox.x.post("siti", "@dishub_demo satu lagi")
    token = first["meta"]["next_token"]
    second = mentions(
        dishub, "dishub_demo", sandbox, max_results=5, pagination_token=token
    )
    assert ids(first) + ids(second) == made[::-1]


def test_only_the_800_newest_are_told(client: Tweepy, sandbox: Sandbox) -> None:
    made = [sandbox.x.post("siti", f"@dishub_demo {i}").id for i in range(805)]
    dishub, seen, token = client("dishub_demo"), list[int](), None
    while True:
        page = mentions(
            dishub, "dishub_demo", sandbox, max_results=100, pagination_token=token
        )
        seen += ids(page)
        token = page["meta"].get("next_token")
        if token is None:
            break
    assert seen == made[:4:-1]


def test_too_small_a_page_is_refused(client: Tweepy, sandbox: Sandbox) -> None:
    with pytest.raises(tweepy.BadRequest, match="not between 5 and 100"):
        mentions(client("dishub_demo"), "dishub_demo", sandbox, max_results=4)


def test_the_limit_is_told_and_kept(client: Tweepy, sandbox: Sandbox) -> None:
    sandbox.x.limits[MENTIONS] = 2
    dishub = client("dishub_demo")
    mentions(dishub, "dishub_demo", sandbox)
    dishub.return_type = requests.Response
    headers = dishub.get_users_mentions(
        sandbox.x.users["dishub_demo"].id, user_auth=True
    ).headers
    assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == (
        "2",
        "0",
    )
    with pytest.raises(tweepy.TooManyRequests) as refused:
        dishub.get_users_mentions(sandbox.x.users["dishub_demo"].id, user_auth=True)
    assert (
        refused.value.response.headers["x-rate-limit-reset"]
        == headers["x-rate-limit-reset"]
    )
    assert mentions(client("pupr_demo"), "pupr_demo", sandbox)["meta"] == {
        "result_count": 0
    }
    sandbox.advance(900)
    assert dishub.get_users_mentions(
        sandbox.x.users["dishub_demo"].id, user_auth=True
    ).ok


def test_only_asked_fields_are_told(client: Tweepy, sandbox: Sandbox) -> None:
    sandbox.x.post(
        "siti", "@dishub_demo lampu mati", media=["lampu"], place="Tanah Sareal"
    )
    dishub = client("dishub_demo")
    plain = mentions(dishub, "dishub_demo", sandbox)
    assert set(plain) == {"data", "meta"}
    assert set(plain["data"][0]) == {"id", "text", "edit_history_tweet_ids"}
    asked = mentions(
        dishub,
        "dishub_demo",
        sandbox,
        tweet_fields=["created_at", "author_id", "entities"],
        expansions=["author_id", "attachments.media_keys", "geo.place_id"],
        media_fields=["url"],
    )
    assert asked["data"][0]["entities"]["mentions"][0]["username"] == "dishub_demo"
    assert asked["includes"]["users"][0]["username"] == "siti"
    assert asked["includes"]["places"][0]["full_name"] == "Tanah Sareal"
    picture = requests.get(asked["includes"]["media"][0]["url"], timeout=60)
    assert Image.open(io.BytesIO(picture.content)).format == "JPEG"


def test_one_post_reaches_all_it_tags(client: Tweepy, sandbox: Sandbox) -> None:
    post = sandbox.x.post("siti", "air mati @pemkot_demo @perumda_demo @pupr_demo")
    for handle in ("pemkot_demo", "perumda_demo", "pupr_demo"):
        assert ids(mentions(client(handle), handle, sandbox)) == [post.id]


def test_a_long_post_is_cut_and_told_in_full_beside(
    client: Tweepy, sandbox: Sandbox
) -> None:
    text = "@dishub_demo " + "panjang " * 60
    sandbox.x.post("siti", text)
    asked = mentions(
        client("dishub_demo"), "dishub_demo", sandbox, tweet_fields=["note_tweet"]
    )
    assert len(asked["data"][0]["text"]) == 280
    assert asked["data"][0]["note_tweet"]["text"] == text


def test_an_edit_has_a_new_id_and_a_history(client: Tweepy, sandbox: Sandbox) -> None:
    first = sandbox.x.post("siti", "@dishub_demo lampuu")
    second = sandbox.x.edit(first.id, "@dishub_demo lampu")
    asked = mentions(
        client("dishub_demo"), "dishub_demo", sandbox, tweet_fields=["edit_controls"]
    )
    (only,) = asked["data"]
    assert only["id"] == str(second.id)
    assert only["edit_history_tweet_ids"] == [str(first.id), str(second.id)]
    assert only["edit_controls"]["edits_remaining"] == 4


def test_a_repost_is_cut_and_names_what_it_repeats(
    client: Tweepy, sandbox: Sandbox
) -> None:
    original = sandbox.x.post("siti", "@dishub_demo " + "lampu mati " * 20)
    sandbox.x.repost("rani", original.id)
    asked = mentions(
        client("dishub_demo"),
        "dishub_demo",
        sandbox,
        tweet_fields=["referenced_tweets"],
        expansions=["referenced_tweets.id"],
    )
    repost = asked["data"][0]
    assert repost["text"].startswith("RT @siti: ")
    assert repost["text"].endswith("…")
    assert repost["referenced_tweets"] == [
        {"type": "retweeted", "id": str(original.id)}
    ]
    assert asked["includes"]["tweets"][0]["id"] == str(original.id)


def test_a_deleted_post_leaves_every_list(client: Tweepy, sandbox: Sandbox) -> None:
    post = sandbox.x.post("siti", "@dishub_demo salah kirim")
    answer = sandbox.x.post("rani", "@dishub_demo iya nih", reply_to=post.id)
    sandbox.x.delete(post.id)
    dishub = client("dishub_demo")
    listed = mentions(
        dishub, "dishub_demo", sandbox, expansions=["referenced_tweets.id"]
    )
    assert ids(listed) == [answer.id]
    assert listed["errors"][0]["type"].endswith("/resource-not-found")
    looked_up = dishub.get_tweets([post.id, answer.id], user_auth=True)
    assert ids(looked_up) == [answer.id]
    assert looked_up["errors"][0]["resource_id"] == str(post.id)
    assert "data" not in dishub.get_tweet(post.id, user_auth=True)


def test_the_renamed_spelling(client: Tweepy, sandbox: Sandbox) -> None:
    sandbox.x.spelling = "post"
    post = sandbox.x.post("siti", "@dishub_demo " + "panjang " * 60)
    asked = mentions(
        client("dishub_demo"), "dishub_demo", sandbox, tweet_fields=["note_tweet"]
    )
    assert asked["data"][0]["edit_history_post_ids"] == [str(post.id)]
    assert "note_post" in asked["data"][0]


def test_recent_search_lags_and_knows_conversations(
    client: Tweepy, sandbox: Sandbox
) -> None:
    post = sandbox.x.post("siti", "@dishub_demo lampu mati")
    answer = sandbox.x.post("rani", "sama di sini", reply_to=post.id)
    sandbox.x.post("rani", "kopi enak")
    dishub = client("dishub_demo")
    assert ids(dishub.search_recent_tweets("@dishub_demo", user_auth=True)) == []
    sandbox.advance(31)
    assert ids(dishub.search_recent_tweets("@dishub_demo", user_auth=True)) == [post.id]
    query = f"conversation_id:{post.id} is:reply"
    assert ids(dishub.search_recent_tweets(query, user_auth=True)) == [answer.id]


def test_a_reply_is_allowed_only_to_who_called_us(
    client: Tweepy, sandbox: Sandbox
) -> None:
    called = sandbox.x.post("siti", "@dishub_demo lampu mati")
    talk = sandbox.x.post("siti", "lampu mati di mana-mana")
    dishub = client("dishub_demo")
    sent = dishub.create_tweet(text="Kami cek ya", in_reply_to_tweet_id=called.id)
    with pytest.raises(tweepy.Forbidden, match="not been mentioned"):
        dishub.create_tweet(text="Kami cek ya", in_reply_to_tweet_id=talk.id)
    (arrived,) = sandbox.sent("x")
    assert (arrived.account, arrived.to) == ("dishub_demo", str(called.id))
    assert arrived.id == sent["data"]["id"]


def test_quoting_us_counts_as_calling_us(client: Tweepy, sandbox: Sandbox) -> None:
    ours = sandbox.x.post("dishub_demo", "Pengalihan arus malam ini")
    quote = sandbox.x.post("siti", "kok mendadak", quotes=ours.id)
    client("dishub_demo").create_tweet(text="Mohon maaf", in_reply_to_tweet_id=quote.id)


def test_a_bare_reply_to_us_can_be_made_to_count_for_nothing(
    client: Tweepy, sandbox: Sandbox
) -> None:
    ours = sandbox.x.post("dishub_demo", "Pengalihan arus malam ini")
    answer = sandbox.x.post("siti", "sampai jam berapa?", reply_to=ours.id)
    assert answer.text.startswith("@dishub_demo ")
    sandbox.x.strict_summons = True
    with pytest.raises(tweepy.Forbidden):
        client("dishub_demo").create_tweet(
            text="Jam 22", in_reply_to_tweet_id=answer.id
        )


def test_the_same_answer_twice_is_refused(client: Tweepy, sandbox: Sandbox) -> None:
    post = sandbox.x.post("siti", "@dishub_demo lampu mati")
    dishub = client("dishub_demo")
    dishub.create_tweet(text="Kami cek ya", in_reply_to_tweet_id=post.id)
    with pytest.raises(tweepy.Forbidden, match="duplicate content"):
        dishub.create_tweet(text="Kami cek ya", in_reply_to_tweet_id=post.id)
    assert len(sandbox.sent()) == 1


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 280, True),
        ("a" * 281, False),
        ("👍" * 140, True),
        ("👍" * 141, False),
        ("漢" * 141, False),
        ("a" * 256 + " https://contoh.id/" + "x" * 200, True),
    ],
)
def test_length_is_counted_as_x_counts(
    client: Tweepy, sandbox: Sandbox, text: str, fits: bool
) -> None:
    post = sandbox.x.post("siti", "@dishub_demo lampu mati")
    dishub = client("dishub_demo")
    if fits:
        dishub.create_tweet(text=text, in_reply_to_tweet_id=post.id)
    else:
        with pytest.raises(tweepy.Forbidden, match="too long"):
            dishub.create_tweet(text=text, in_reply_to_tweet_id=post.id)


def test_an_answer_that_names_another_office_reaches_it_too(
    client: Tweepy, sandbox: Sandbox
) -> None:
    post = sandbox.x.post("siti", "@dishub_demo pipa bocor")
    sent = client("dishub_demo").create_tweet(
        text="Kami teruskan ke @perumda_demo", in_reply_to_tweet_id=post.id
    )
    echo = mentions(
        client("perumda_demo"), "perumda_demo", sandbox, tweet_fields=["author_id"]
    )
    assert echo["data"][0]["id"] == sent["data"]["id"]
    assert echo["data"][0]["author_id"] == str(sandbox.x.users["dishub_demo"].id)


def test_the_same_post_is_billed_once_a_day(client: Tweepy, sandbox: Sandbox) -> None:
    sandbox.x.post("siti", "@dishub_demo lampu mati")
    dishub = client("dishub_demo")
    for _ in range(2):
        mentions(dishub, "dishub_demo", sandbox, expansions=["author_id"])
    assert sandbox.x.billed_reads(str(dishub.access_token)) == {"post": 1, "user": 1}
