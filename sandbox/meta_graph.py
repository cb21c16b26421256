"""The Graph API over HTTP: who asks and whether the token is good, signing in, an app's
own calls.

Source: developers.facebook.com, "Graph API overview", "Handling errors", "Rate limits",
"Manual login flow", "debug_token", "App subscriptions", read in copies of 2026.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import attached
from sandbox.meta_edges import Asked
from sandbox.meta_render import missing
from sandbox.meta_state import LONG_TOKEN, USER_TOKEN, MetaState
from sandbox.meta_types import GraphError, Json, Subscription, Token


def told_token(headers: dict[bytes, bytes], query: dict[str, str]) -> str | None:
    """The token a request names, good or not."""
    given = headers.get(b"authorization", b"").decode("latin-1")
    return given.removeprefix("Bearer ").strip() or query.get("access_token")


class GraphApi:
    """`answer` serves every path below `/{version}/`."""

    def __init__(self, state: MetaState) -> None:
        self.state = state

    async def answer(self, request: Request) -> Response:
        given = dict(request.query_params)
        body = await request.body()
        if body:
            given |= _fields_of(body)
        return await run_in_threadpool(self._answer, request, given)

    def _answer(self, request: Request, given: Json) -> Response:
        path = str(request.path_params["path"]).strip("/")
        headers = {"facebook-api-version": str(request.path_params["version"])}
        try:
            if path.startswith("cdn/"):
                file = attached.of(path.removeprefix("cdn/"))
                return Response(file.content, media_type=file.mime)
            handler, used = self._handler(request, path, given)
            if used is not None:
                usage = [
                    {
                        "type": "pages",
                        "call_count": int(used),
                        "total_time": 1,
                        "total_cputime": 1,
                        "estimated_time_to_regain_access": 0,
                    }
                ]
                headers["x-business-use-case-usage"] = json.dumps({"1": usage})
            return JSONResponse(handler(), headers=headers)
        except GraphError as error:
            return JSONResponse({"error": _told(error)}, error.status, headers=headers)

    def _handler(
        self, request: Request, path: str, given: Json
    ) -> tuple[Callable[[], Json], float | None]:
        """What does it, and the share of allowed calls used up (None: not counted)."""
        key = told_token(dict(request.scope["headers"]), given) or ""
        with self.state.core.lock:
            if path == "oauth/access_token":
                return lambda: self._oauth(given), None
            app, _, secret = key.partition("|")
            if secret and self.state.apps.get(app) == secret:
                return self._for_app(request.method, path, given, app), None
            token = self._token(key)
            self._prove(token, given)
            used = self.state.spend(token)
        here = f"{request.base_url}graph/{request.path_params['version']}"
        self.state.deliveries.cdn = f"{here}/cdn"
        asked = Asked(self.state, token, request.method, path, given, here)
        return asked.locked, used

    def _token(self, key: str) -> Token:
        token = self.state.tokens.get(key)
        now = self.state.core.clock.now()
        if token is None:
            raise GraphError(
                190, "Invalid OAuth access token - Cannot parse access token"
            )
        if token.expires and token.expires < now:
            token.trouble = 463
        if token.trouble:
            raise GraphError(190, "Error validating access token", token.trouble)
        return token

    def _prove(self, token: Token, given: Json) -> None:
        proof = given.get("appsecret_proof")
        if proof is None:
            return
        right = [
            hmac.new(secret.encode(), token.key.encode(), hashlib.sha256).hexdigest()
            for secret in self.state.apps.values()
        ]
        if proof not in right:
            raise GraphError(
                100,
                "Invalid appsecret_proof provided in the API argument",
                kind="GraphMethod",
            )

    # Signing in

    def _oauth(self, given: Json) -> Json:
        if self.state.apps.get(str(given.get("client_id"))) != given.get(
            "client_secret"
        ):
            raise GraphError(
                1, "Error validating client secret.", kind="OAuthException"
            )
        if given.get("grant_type") == "fb_exchange_token":
            short = self._token(str(given.get("fb_exchange_token")))
            long = self.state.add_token(
                "user", short.owner, short.scopes, lives=LONG_TOKEN
            )
            return {
                "access_token": long.key,
                "token_type": "bearer",
                "expires_in": 60 * 86400,
            }
        person = self.state.codes.pop(str(given.get("code")), None)
        if person is None:
            raise GraphError(100, "This authorization code has been used.", 36009)
        made = self.state.add_token(
            "user", person, ["pages_show_list"], lives=USER_TOKEN
        )
        return {"access_token": made.key, "token_type": "bearer", "expires_in": 3600}

    # In the name of an app

    def _for_app(
        self, method: str, path: str, given: Json, app: str
    ) -> Callable[[], Json]:
        if path == "debug_token":
            return lambda: self._debug(str(given.get("input_token")), app)
        if path == f"{app}/subscriptions":
            return lambda: (
                self._subscribe(given, app) if method == "POST" else self._wanted(app)
            )
        raise missing(path)

    def _debug(self, key: str, app: str) -> Json:
        token = self.state.tokens.get(key)
        if token is None:
            return {"data": {"is_valid": False, "scopes": []}}
        return {
            "data": {
                "app_id": app,
                "type": token.kind.upper(),
                "is_valid": not token.trouble,
                "issued_at": int(token.issued),
                "expires_at": int(token.expires),
                "data_access_expires_at": int(token.issued + 90 * 86400),
                "profile_id": token.owner,
                "scopes": token.scopes,
            }
        }

    def _wanted(self, app: str) -> Json:
        return {
            "data": [
                {
                    "object": one.object,
                    "callback_url": one.callback_url,
                    "active": True,
                    "fields": [
                        {"name": name, "version": "v25.0"} for name in one.fields
                    ],
                }
                for one in self.state.deliveries.subscriptions
                if one.app == app
            ]
        }

    def _subscribe(self, given: Json, app: str) -> Json:
        """The receiver is challenged before anything changes."""
        wanted = Subscription(
            app,
            str(given.get("object")),
            str(given.get("callback_url")),
            [name for name in str(given.get("fields", "")).split(",") if name],
            str(given.get("verify_token")),
        )
        if not self.state.deliveries.challenged(wanted):
            raise GraphError(
                2200, "Callback verification failed", kind="OAuthException"
            )
        with self.state.core.lock:
            rest = [
                one
                for one in self.state.deliveries.subscriptions
                if (one.app, one.object) != (app, wanted.object)
            ]
            self.state.deliveries.subscriptions[:] = [*rest, wanted]
        return {"success": True}


def _fields_of(body: bytes) -> Json:
    """JSON or a form."""
    try:
        given = json.loads(body)
    except ValueError:
        return dict(parse_qsl(body.decode()))
    return given if isinstance(given, dict) else {}


def _told(error: GraphError) -> Json:
    told: Json = {
        "message": error.message,
        "type": error.kind,
        "code": error.code,
        "fbtrace_id": "AbCdEfGh1234567890",
    }
    if error.subcode:
        told["error_subcode"] = error.subcode
    return told
