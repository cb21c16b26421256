"""A Facebook page as an account: its token, whose it is, its webhooks, signing in for
it.

A page's token comes out of a person's sign-in (Facebook Login for Business) or of a
system user; it has no end of its own but dies with the person's password, role or 90
days of data access. Sources: developers.facebook.com, "Facebook Login: manual flow",
"Page access tokens", "subscribed_apps", "App subscriptions", "debug_token", read in
copies of 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from connectors._meta.graph import (
    Graph,
    MetaApp,
    Object,
    as_list,
    ident,
    moment,
    obj,
    rows,
    text,
)
from connectors.base import AccountSettings, Identity, Login, LoginStart
from connectors.errors import BadItem, ConnectorError, NeedsLogin, Refused

STILL_TO_DO = (
    "At developers.facebook.com: switch the app to Live mode, request Advanced Access"
    " for {scopes} (App Review, with business verification), and see that the"
    " certificate of this server is a public one."
)


class PageApp(MetaApp):
    login_config_id: str | None = Field(
        default=None,
        title="Configuration ID of Facebook Login for Business",
        description="Empty: the permissions are asked for one by one",
    )


class PageAccount(AccountSettings):
    access_token: SecretStr = Field(
        title="Page access token", description="Of the page itself, not of a person"
    )
    login_ends: datetime | None = Field(
        default=None,
        title="Sign in again before",
        description="End of the data access; filled in by signing in",
    )

    def login_ends_at(self) -> datetime | None:
        return self.login_ends


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a channel asks of a page.

    `fields`    webhook fields of object `page` that the page's own subscription needs
    `app_object`, `app_fields`   what the app subscribes to (Instagram: its own object)
    """

    platform: str
    scopes: tuple[str, ...]
    fields: tuple[str, ...]
    app_object: str
    app_fields: tuple[str, ...]


def page_graph(app: MetaApp, account: PageAccount, platform: str) -> Graph:
    return Graph(
        app.base_url,
        app.version,
        account.access_token,
        app.app_secret,
        platform=platform,
    )


def app_graph(app: MetaApp, platform: str) -> Graph:
    """Calls in the name of the app; its token is its id and secret. NeedsLogin without
    them."""
    if app.app_id is None or app.app_secret is None:
        raise NeedsLogin(
            f"{platform}: set the app's id and secret (app_id, app_secret) first",
            code="no_app",
        )
    token = SecretStr(f"{app.app_id}|{app.app_secret.get_secret_value()}")
    return Graph(app.base_url, app.version, token, platform=platform)


def the_page(
    graph: Graph, platform: str, fields: str = "id,name,username,category"
) -> Object:
    """The page of the token. NeedsLogin where it belongs to a person: people have no
    category."""
    try:
        page = graph.get("me", fields=fields)
    except Refused:
        raise NeedsLogin(
            f"{platform}: this is not the token of a page; sign in, or take the page's"
            " token from the answer of /me/accounts",
            code="needs_page_token",
        ) from None
    if ident(page.get("id")) is None:
        raise NeedsLogin(f"{platform} does not say whose token this is")
    return page


def identity(
    graph: Graph, app: MetaApp, purpose: Purpose, token: SecretStr
) -> Identity:
    page = the_page(graph, purpose.platform)
    page_id = str(page["id"])
    return Identity(
        page_id,
        text(page, "username") or page_id,
        text(page, "name") or page_id,
        tuple(warnings_of(graph, app, purpose, token)),
    )


def warnings_of(
    graph: Graph, app: MetaApp, purpose: Purpose, token: SecretStr
) -> Iterable[str]:
    if not _subscribed(graph, app, purpose):
        yield (
            "The page does not deliver to the app, so news come by polling alone;"
            f" subscribe it (fields {', '.join(purpose.fields)})."
        )
    if app.app_id is None or app.app_secret is None:
        yield "Without app_id and app_secret nobody can see when this token ends."
        return
    told = debug(app, purpose.platform, token)
    missing = [
        scope for scope in purpose.scopes if scope not in as_list(told.get("scopes"))
    ]
    if missing:
        yield (
            f"Permissions are missing: {', '.join(missing)}. Sign in again and grant"
            " them."
        )
    ends = ends_at(told)
    if ends is not None:
        yield f"A person must sign in again before {ends:%Y-%m-%d}."


def _subscribed(graph: Graph, app: MetaApp, purpose: Purpose) -> bool:
    try:
        apps = rows(graph.read_list("me/subscribed_apps"), "data")
    except (Refused, NeedsLogin):
        return False
    ours = [row for row in apps if app.app_id in (None, ident(row.get("id")))]
    return any(
        set(purpose.fields) <= set(as_list(row.get("subscribed_fields")))
        for row in ours
    )


def debug(app: MetaApp, platform: str, token: SecretStr) -> Object:
    """What the platform knows of a token: scopes, ends. Empty where it does not say."""
    graph = app_graph(app, platform)
    try:
        return obj(
            graph.get("debug_token", input_token=token.get_secret_value()), "data"
        )
    except ConnectorError:
        return {}
    finally:
        graph.close()


def ends_at(told: Object) -> datetime | None:
    """The first end of a token, of itself or of its data access; 0 stands for never."""
    ends = [moment(told.get(name)) for name in ("expires_at", "data_access_expires_at")]
    return min((end for end in ends if end), default=None)


def subscribe(graph: Graph, app: MetaApp, purpose: Purpose, callback_url: str) -> str:
    """The page delivers to the app, and the app to us; fields that are subscribed stay
    so."""
    apps = rows(graph.read_list("me/subscribed_apps"), "data")
    ours = [row for row in apps if app.app_id in (None, ident(row.get("id")))]
    present = [
        f
        for row in ours
        for f in as_list(row.get("subscribed_fields"))
        if isinstance(f, str)
    ]
    fields = dict.fromkeys([*present, *purpose.fields])
    graph.post("me/subscribed_apps", subscribed_fields=",".join(fields))
    left = STILL_TO_DO.format(scopes=", ".join(purpose.scopes))
    if app.app_id is None or app.app_secret is None:
        return (
            f"Under Webhooks, object {purpose.app_object}, enter {callback_url} and the"
            f" verify token, and subscribe to {', '.join(purpose.app_fields)}. {left}"
        )
    _subscribe_app(app, purpose, callback_url)
    return left


def _subscribe_app(app: MetaApp, purpose: Purpose, callback_url: str) -> None:
    """One address for each object of an app: channels of one object keep each other's
    fields."""
    word = app.verify_word()
    graph = app_graph(app, purpose.platform)
    try:
        present = [
            text(field, "name") if isinstance(field, dict) else field
            for row in rows(graph.read_list(f"{app.app_id}/subscriptions"), "data")
            if row.get("object") == purpose.app_object
            for field in as_list(row.get("fields"))
        ]
        graph.post(
            f"{app.app_id}/subscriptions",
            object=purpose.app_object,
            callback_url=callback_url,
            fields=",".join(
                dict.fromkeys([*filter(None, present), *purpose.app_fields])
            ),
            verify_token=word,
        )
    finally:
        graph.close()


# Signing in


def login_start(
    app: PageApp, redirect_uri: str, state: str, purpose: Purpose
) -> LoginStart:
    """NeedsLogin while the app's id is not set."""
    if app.app_id is None:
        raise NeedsLogin(
            f"{purpose.platform}: set the app's id (app_id) first", code="no_app"
        )
    asked = (
        {"config_id": app.login_config_id}
        if app.login_config_id
        else {"scope": ",".join(purpose.scopes)}
    )
    query = urlencode(
        {
            "client_id": app.app_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "response_type": "code",
            **asked,
        }
    )
    root = app.dialog_url.rstrip("/")
    return LoginStart(f"{root}/{app.version}/dialog/oauth?{query}")


def pages_of_login(
    app: PageApp,
    redirect_uri: str,
    code: str,
    purpose: Purpose,
    fields: str = "id,name",
) -> list[tuple[Object, dict[str, Any]]]:
    """Every page the person manages, with the settings of its account.

    The person's token is exchanged for one of 60 days first: a page's token taken from
    that has no end of its own.
    """
    if app.app_id is None or app.app_secret is None:
        raise NeedsLogin(
            f"{purpose.platform}: set app_id and app_secret first", code="no_app"
        )
    keys = {"client_id": app.app_id, "client_secret": app.app_secret.get_secret_value()}
    graph = Graph(app.base_url, app.version, None, platform=purpose.platform)
    try:
        short = _token(
            graph.get(
                "oauth/access_token", **keys, redirect_uri=redirect_uri, code=code
            )
        )
        long = _token(
            graph.get(
                "oauth/access_token",
                **keys,
                grant_type="fb_exchange_token",
                fb_exchange_token=short.get_secret_value(),
            )
        )
    finally:
        graph.close()
    person = Graph(
        app.base_url, app.version, long, app.app_secret, platform=purpose.platform
    )
    try:
        found = rows(
            person.read_list("me/accounts", fields=f"{fields},access_token", limit=100),
            "data",
        )
    finally:
        person.close()
    return [
        (page, _settings(app, purpose, page))
        for page in found
        if text(page, "access_token")
    ]


def _token(answer: Mapping[str, Any]) -> SecretStr:
    token = text(answer, "access_token")
    if token is None:
        raise BadItem("the sign-in ended without a token")
    return SecretStr(token)


def _settings(app: PageApp, purpose: Purpose, page: Object) -> dict[str, Any]:
    token = SecretStr(str(page["access_token"]))
    ends = ends_at(debug(app, purpose.platform, token))
    return {
        "access_token": token.get_secret_value(),
        **({"login_ends": ends.isoformat()} if ends else {}),
    }


def login_of(page: Object, settings: Mapping[str, Any]) -> Login:
    return Login(text(page, "name") or str(page.get("id")), dict(settings))
