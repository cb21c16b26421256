"""X through tweepy against an API v2 over HTTP: nothing missed, nothing paid twice
unseen."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Reply, Request
from connectors.errors import NeedsLogin, Refused, TryLater, Unknown, Untrusted
from connectors.x import X, XAccount, XApp, weighted_length
from sandbox.serve import Sandbox


@pytest.fixture
def account(sandbox: Sandbox) -> Any:
    sandbox.x.add_user("dishub_x", "Dishub")
    for name in ("siti", "joko"):
        sandbox.x.add_user(name, name.title())
    return sandbox.x.add_account("dishub_x")


OPENED: list[X] = []


@pytest.fixture(autouse=True)
def closed(sandbox: Sandbox) -> Iterator[None]:
    """Connections end before the platform does."""
    yield
    while OPENED:
        OPENED.pop().close()


def connect(sandbox: Sandbox, account: Any, **changes: Any) -> X:
    settings = {
        "access_token": account.key,
        "access_token_secret": account.secret,
        "direct_messages": False,
        **changes,
    }
    app = XApp(base_url=sandbox.url, consumer_key="key", consumer_secret="secret")
    OPENED.append(X(app, XAccount(**settings), str(account.user.id)))
    return OPENED[-1]


def ids(page: Any) -> list[int]:
    return [int(item.payload["data"]["id"]) for item in page.items]


def test_check_says_whose_token_it_is(sandbox: Sandbox, account: Any) -> None:
    identity = connect(sandbox, account).check()
    assert (identity.handle, identity.external_id) == ("dishub_x", str(account.user.id))


def test_a_wrong_secret_needs_a_new_login_and_is_not_printed(
    sandbox: Sandbox, account: Any
) -> None:
    with pytest.raises(NeedsLogin) as refusal:
        connect(sandbox, account, access_token_secret="salah-sekali").check()
    assert "salah-sekali" not in str(refusal.value)


def test_only_what_is_new_is_read_again(sandbox: Sandbox, account: Any) -> None:
    first = sandbox.x.post("siti", "@dishub_x lampu mati")
    x = connect(sandbox, account)
    (page,) = x.fetch({})
    assert ids(page) == [first.id]
    second = sandbox.x.post("joko", "@dishub_x angkot ngetem")
    (page,) = x.fetch(page.cursor)
    assert ids(page) == [second.id]
    (page,) = x.fetch(page.cursor)
    assert ids(page) == []
    assert page.cursor["since"] == str(second.id)


@pytest.mark.parametrize("broken_after", range(4))
def test_a_break_after_any_page_loses_nothing_and_the_cursor_moves_last(
    sandbox: Sandbox, account: Any, broken_after: int
) -> None:
    posts = {sandbox.x.post("siti", f"@dishub_x lubang {n}").id for n in range(350)}
    x, seen, cursor = connect(sandbox, account), set(), {}
    for number, page in enumerate(x.fetch({})):
        if number == broken_after:
            break  # the process dies before this page is stored
        seen |= set(ids(page))
        cursor = page.cursor
    late = sandbox.x.post("joko", "@dishub_x baru saja")
    for _ in range(2):
        for page in x.fetch(cursor):
            seen |= set(ids(page))
            cursor = page.cursor
    assert seen == posts | {late.id}


def test_a_page_token_that_has_died_starts_the_run_again(
    sandbox: Sandbox, account: Any
) -> None:
    posts = {sandbox.x.post("siti", f"@dishub_x lubang {n}").id for n in range(150)}
    seen: set[int] = set()
    for page in connect(sandbox, account).fetch({"next": "dead", "top": "1"}):
        seen |= set(ids(page))
    assert seen == posts


def test_every_read_that_is_billed_is_counted(sandbox: Sandbox, account: Any) -> None:
    for name in ("siti", "joko"):
        sandbox.x.post(name, "@dishub_x lampu mati")
    (page,) = connect(sandbox, account).fetch({})
    billed = sandbox.x.billed_reads(account.key)
    assert page.cost == sum(billed.values())


def test_a_rate_limit_says_until_when(sandbox: Sandbox, account: Any) -> None:
    endpoint = "GET /2/users/:id/mentions"
    sandbox.x.limits[endpoint] = 1
    x = connect(sandbox, account)
    list(x.fetch({}))
    with pytest.raises(TryLater) as refusal:
        list(x.fetch({}))
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= 15 * 60


def test_a_429_is_waited_for_whatever_its_headers_say(
    sandbox: Sandbox, account: Any
) -> None:
    sandbox.fault("429", token=account.key, retry_after=10**9)
    with pytest.raises(TryLater) as refusal:
        list(connect(sandbox, account).fetch({}))
    assert refusal.value.retry_after is None


@pytest.mark.parametrize("fault", ["500", "html", "cut"])
def test_outages_are_tried_later(sandbox: Sandbox, account: Any, fault: Any) -> None:
    sandbox.fault(fault, endpoint="GET /2/users/:id/mentions")
    with pytest.raises(TryLater):
        list(connect(sandbox, account).fetch({}))


@pytest.mark.parametrize("spelling", ["tweet", "post"])
def test_long_posts_reposts_and_edits_read_alike_in_both_spellings(
    sandbox: Sandbox, account: Any, spelling: Any
) -> None:
    long = "@dishub_x " + "jalan rusak parah " * 30
    original = sandbox.x.post("siti", long)
    sandbox.x.repost("joko", original.id)
    typo = sandbox.x.post("siti", "@dishub_x lapu mati")
    fixed = sandbox.x.edit(typo.id, "@dishub_x lampu mati")
    sandbox.x.spelling = spelling
    found = {}
    for page in connect(sandbox, account).fetch({}):
        for item in page.items:
            for message in X.normalise(item):
                found[message.native_id] = message
    assert (found[str(original.id)].text or "").strip() == long.strip()
    reposts = [message for message in found.values() if message.kind == "repost"]
    assert [message.target_id for message in reposts] == [str(original.id)]
    assert found[str(fixed.id)].edit_of == str(typo.id)
    assert found[str(fixed.id)].kind == "edit"


def answer_to(post: Any, *, summoned: bool = True) -> dict[str, Any]:
    return {
        "post_id": str(post.id),
        "summoned": ["dishub_x"] if summoned else [],
        "account_handle": "dishub_x",
    }


def test_an_answer_arrives_under_the_post(sandbox: Sandbox, account: Any) -> None:
    post = sandbox.x.post("siti", "@dishub_x lampu mati")
    sent = connect(sandbox, account).send(Reply("k", "Sedang dicek", answer_to(post)))
    (arrived,) = sandbox.sent("x")
    assert str(arrived.id) == sent.external_id
    assert arrived.to == str(post.id)


def test_who_did_not_mention_the_account_is_not_answered(
    sandbox: Sandbox, account: Any
) -> None:
    post = sandbox.x.post("siti", "lampu mati di sini")
    to = answer_to(post, summoned=False)
    assert X.preview(Reply("k", "Sedang dicek", to)).problem == "not_summoned"
    with pytest.raises(Refused) as refusal:
        connect(sandbox, account).send(Reply("k", "Sedang dicek", to))
    assert refusal.value.code == "not_allowed"


def test_an_answer_cut_off_is_unknown_because_it_is_there(
    sandbox: Sandbox, account: Any
) -> None:
    post = sandbox.x.post("siti", "@dishub_x lampu mati")
    sandbox.fault("cut", endpoint="POST /2/tweets")
    with pytest.raises(Unknown):
        connect(sandbox, account).send(Reply("k", "Sedang dicek", answer_to(post)))
    assert len(sandbox.sent("x")) == 1


def test_an_answer_of_unknown_fate_is_found_again(
    sandbox: Sandbox, account: Any
) -> None:
    post = sandbox.x.post("siti", "@dishub_x lampu mati")
    sandbox.x.post("dishub_x", "Lampu & trotoar sedang dicek", reply_to=post.id)
    draft = Reply("k", "Lampu & trotoar sedang dicek", answer_to(post))
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    found = connect(sandbox, account).look_up(draft, hour_ago)
    assert found is not None and found.external_id == str(max(sandbox.x.posts))
    other = Reply("k", "Sudah selesai", answer_to(post))
    assert connect(sandbox, account).look_up(other, hour_ago) is None


@pytest.mark.parametrize(
    ("text", "to", "billed"),
    [
        ("Sedang dicek", {"summoned": ["dishub_x"]}, "write_summoned"),
        ("https://kotabogor.example", {"summoned": ["dishub_x"]}, "write_with_link"),
        ("Lihat https://kotabogor.example", {"participant_id": "41"}, "write_dm"),
    ],
)
def test_the_price_of_an_answer_is_known_before(
    text: str, to: dict[str, Any], billed: str
) -> None:
    reply = Reply(
        "k", text, {**to, "account_handle": "dishub_x"}, prices={billed: 0.125}
    )
    assert X.preview(reply).price == 0.125


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("lampu", 5),
        ("lihat https://bogor.example/a/very/long/path", 29),
        ("😀", 2),
        ("日本", 4),
    ],
)
def test_length_counts_as_x_counts(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_a_link_is_warned_of_for_its_price() -> None:
    to = {"summoned": ["dishub_x"], "account_handle": "dishub_x"}
    seen = X.preview(Reply("k", "lihat https://kotabogor.example", to))
    assert (seen.problem, seen.warnings) == (None, ("link_costs_more",))


def signed(secret: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def test_a_challenge_is_answered_and_forgeries_are_not_believed() -> None:
    app = XApp(consumer_secret="secret")
    challenge = Request("GET", {}, {"crc_token": "abc"}, b"")
    answer = X.verify(app, None, challenge)
    assert json.loads(answer or "") == {"response_token": signed("secret", b"abc")}
    body = (
        b'{"for_user_id":"1","tweet_create_events":[{"id_str":"5","text":"\\u003c3"}]}'
    )
    good = {"x-twitter-webhooks-signature": signed("secret", body)}
    assert X.verify(app, None, Request("POST", good, {}, body)) is None
    for headers, content in (({}, body), (good, body + b" ")):
        with pytest.raises(Untrusted):
            X.verify(app, None, Request("POST", headers, {}, content))


def test_deliveries_signed_with_the_client_secret_are_believed_too() -> None:
    """X signs with the OAuth 2.0 client secret where the app has one, and answers
    challenges so."""
    app = XApp(consumer_secret="secret", client_secret="klien")
    body = b'{"data":{"event_type":"post.delete","payload":{"id":"5"}}}'
    headers = {"x-twitter-webhooks-signature-oauth2": signed("klien", body)}
    assert X.verify(app, None, Request("POST", headers, {}, body)) is None
    legacy = {"x-twitter-webhooks-signature": signed("secret", body)}
    assert X.verify(app, None, Request("POST", legacy, {}, body)) is None
    answer = X.verify(app, None, Request("GET", {}, {"crc_token": "abc"}, b""))
    assert json.loads(answer or "") == {"response_token": signed("klien", b"abc")}
    with pytest.raises(Untrusted):
        X.verify(app, None, Request("POST", {next(iter(headers)): "sha256="}, {}, body))
