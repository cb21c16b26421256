"""X delivers to a callback: registered, challenged, signed, sent again after a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import deliveries
import pytest
from deliveries import Callback

from connectors.errors import NeedsLogin, Refused
from connectors.x import X, XAccount, XApp
from sandbox.serve import Sandbox


@pytest.fixture
def app(sandbox: Sandbox) -> XApp:
    for name in ("dishub_x", "siti"):
        sandbox.x.add_user(name, name.title())
    return XApp(base_url=sandbox.url, consumer_key="key", consumer_secret="secret")


@pytest.fixture
def callback(app: XApp) -> Iterator[Callback]:
    with deliveries.callback(X, app) as server:
        yield server


@pytest.fixture
def x(sandbox: Sandbox, app: XApp) -> Iterator[X]:
    """An account that was signed in by OAuth 2.0."""
    token = sandbox.x.add_account("dishub_x")
    assert token.user is not None
    connector = X(app, XAccount(user_token=token.key), str(token.user.id))
    yield connector
    connector.close()


def test_what_happens_is_delivered_and_read(
    sandbox: Sandbox, x: X, callback: Callback
) -> None:
    assert x.subscribe(callback.url) == ""
    ours = sandbox.x.post("dishub_x", "Pengalihan arus malam ini")
    mention = sandbox.x.post("siti", "@dishub_x lampu <mati> & gelap")
    reply = sandbox.x.post("siti", "sampai jam berapa?", reply_to=ours.id)
    quote = sandbox.x.post("siti", "kok mendadak", quotes=ours.id)
    repost = sandbox.x.repost("siti", ours.id)
    message = sandbox.x.message("siti", "dishub_x", "ini nomor saya")
    sandbox.x.delete(ours.id)
    sandbox.wait_for(lambda: len(callback.said) == 6)
    assert {(said.kind, said.native_id) for said in callback.said} == {
        ("mention", str(mention.id)),
        ("reply", str(reply.id)),
        ("quote", str(quote.id)),
        ("repost", str(repost.id)),
        ("dm", str(message.id)),
        ("delete", str(ours.id)),
    }
    told = next(said for said in callback.said if said.kind == "mention")
    assert (told.text, told.author_handle) == ("@dishub_x lampu <mati> & gelap", "siti")


def test_a_delivery_and_a_poll_of_one_post_have_one_id(
    sandbox: Sandbox, x: X, callback: Callback
) -> None:
    x.subscribe(callback.url)
    sandbox.x.post("siti", "@dishub_x lampu mati")
    sandbox.wait_for(lambda: bool(callback.said))
    polled = [
        m for page in x.fetch({}) for item in page.items for m in X.normalise(item)
    ]
    assert [m.native_id for m in polled] == [m.native_id for m in callback.said]
    assert polled[0].scope == callback.said[0].scope


def test_subscribing_twice_changes_nothing(
    sandbox: Sandbox, x: X, callback: Callback
) -> None:
    for _ in range(2):
        assert x.subscribe(callback.url) == ""
    assert len(sandbox.x.deliveries.hooks) == 1
    assert len(sandbox.x.deliveries.subscriptions) == 8


def test_a_webhook_that_x_gave_up_is_challenged_again(
    sandbox: Sandbox, x: X, callback: Callback
) -> None:
    x.subscribe(callback.url)
    (hook,) = sandbox.x.deliveries.hooks.values()
    hook.valid = False
    x.subscribe(callback.url)
    assert hook.valid


def test_what_was_missed_is_sent_again_with_the_same_keys(
    sandbox: Sandbox, x: X, callback: Callback
) -> None:
    x.subscribe(callback.url)
    sandbox.x.post("siti", "@dishub_x yang pertama")
    sandbox.wait_for(lambda: len(callback.said) == 1)
    callback.down = True
    missed = sandbox.x.post("siti", "@dishub_x yang terlewat")
    sandbox.wait_for(sandbox.x.deliveries.idle)
    callback.down = False
    now = datetime.now(UTC)
    assert "sends again" in x.replay(now - timedelta(days=3), now)
    sandbox.wait_for(lambda: len(callback.said) == 3)
    assert str(missed.id) in {said.native_id for said in callback.said}
    assert len(set(callback.keys)) == 2


def test_private_events_need_the_account_to_be_signed_in(
    sandbox: Sandbox, app: XApp, callback: Callback
) -> None:
    token = sandbox.x.add_account("dishub_x")
    assert token.user is not None
    settings = XAccount(access_token=token.key, access_token_secret=token.secret)
    connector = X(app, settings, str(token.user.id))
    left = connector.subscribe(callback.url)
    connector.close()
    assert "dm.received" in left and "OAuth 2.0" in left
    assert "post.reply.create" not in left


def test_an_address_that_answers_no_challenge_is_refused_with_a_reason(
    sandbox: Sandbox, x: X
) -> None:
    with pytest.raises(Refused, match="https, without a port"):
        x.subscribe(f"{sandbox.url}/control/sent")


def test_a_revoked_login_says_nothing_and_the_next_poll_stops_the_account(
    sandbox: Sandbox, x: X
) -> None:
    payload = {
        "event_type": "oauth.revoke",
        "event_uuid": "7",
        "filter": {},
        "payload": {"user_id": "42", "app_id": "1"},
    }
    (item,) = X.read_file({"data": payload})
    assert item.account == "42"
    assert list(X.normalise(item)) == []
    sandbox.revoke(
        next(
            key
            for key, token in sandbox.x.tokens.items()
            if token.user and token.user.username == "dishub_x"
        )
    )
    with pytest.raises(NeedsLogin):
        list(x.fetch({}))
