"""Signing an account of X in by OAuth 2.0, and refresh tokens that can be used once."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pydantic import SecretStr

from connectors.errors import NeedsLogin, Refused
from connectors.x import X, XAccount, XApp
from sandbox.serve import Sandbox

BACK = "http://127.0.0.1:8765/masuk"


@pytest.fixture(params=["", "rahasia-klien"])
def app(sandbox: Sandbox, request: pytest.FixtureRequest) -> XApp:
    """A public client and one with a secret."""
    sandbox.x.add_user("dishub_x", "Dishub")
    sandbox.x.clients["klien"] = request.param
    sandbox.x.signed_in = "dishub_x"
    secret = SecretStr(request.param) if request.param else None
    return XApp(
        base_url=sandbox.url,
        client_id="klien",
        client_secret=secret,
        authorize_url=f"{sandbox.url}/i/oauth2/authorize",
    )


def sign_in(app: XApp) -> tuple[str, dict[str, Any]]:
    """The code the browser brings back, and what was kept."""
    begun = X.login_start(app, BACK, "keadaan")
    answer = requests.get(begun.url, allow_redirects=False, timeout=60)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["keadaan"]
    return back["code"][0], dict(begun.keep)


def signed_in(app: XApp) -> XAccount:
    code, keep = sign_in(app)
    (login,) = X.login_finish(app, BACK, code, keep)
    assert login.name == "@dishub_x"
    return XAccount.model_validate(login.settings)


def test_an_account_is_signed_in_in_a_browser(app: XApp) -> None:
    account = signed_in(app)
    x = X(app, account)
    assert x.check().handle == "dishub_x"
    x.close()
    assert account.renew_at() is not None


def test_a_code_without_its_verifier_opens_nothing(app: XApp) -> None:
    code, _ = sign_in(app)
    with pytest.raises(Refused):
        list(X.login_finish(app, BACK, code, {"verifier": "tebakan"}))


def test_renewing_gives_both_tokens_anew_and_the_old_ones_are_dead(app: XApp) -> None:
    before = signed_in(app)
    x = X(app, before)
    after = x.renew()
    assert after.user_token != before.user_token
    assert after.refresh_token != before.refresh_token
    with pytest.raises(NeedsLogin) as refusal:
        x.check()
    assert before.user_token and before.user_token.get_secret_value() not in str(
        refusal.value
    )
    with pytest.raises(NeedsLogin):
        x.renew()
    x.close()
    renewed = X(app, after)
    assert renewed.check().handle == "dishub_x"
    renewed.close()


def test_an_access_token_ends_after_two_hours(app: XApp, sandbox: Sandbox) -> None:
    x = X(app, signed_in(app), "1")
    sandbox.advance(2 * 3600 + 1)
    with pytest.raises(NeedsLogin):
        list(x.fetch({}))
    assert x.renew().user_token
    x.close()


def test_without_a_client_id_the_operator_is_told_what_is_missing() -> None:
    with pytest.raises(NeedsLogin, match="SAHUT_X_CLIENT_ID"):
        X.login_start(XApp(), BACK, "keadaan")
