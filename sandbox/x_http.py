"""What every endpoint of X shares: who asks, the limits, problem documents, pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.x_auth import authenticate
from sandbox.x_errors import XError, invalid
from sandbox.x_state import X
from sandbox.x_types import LIMITS, Token

Json = dict[str, Any]
Handler = Callable[[Request, Token, Json], Json]


def route(x: X, endpoint: str, handler: Handler, status: int = 200) -> Route:
    """`endpoint` as documented ("GET /2/users/:id/mentions"); the handler gets the JSON
    body."""
    verb, _, template = endpoint.partition(" ")

    async def answer(request: Request) -> Response:
        return _answer(x, request, endpoint, handler, status, await request.body())

    path = "/".join(
        f"{{{part[1:]}}}" if part.startswith(":") else part
        for part in template.split("/")
    )
    return Route(path, answer, methods=[verb])


def _answer(
    x: X, request: Request, endpoint: str, handler: Handler, status: int, body: bytes
) -> Response:
    headers: dict[str, str] = {}
    try:
        token = authenticate(x, request)
        headers = x.spend(token, endpoint)
        given = _json(body)
        with x.core.lock:
            return JSONResponse(handler(request, token, given), status, headers=headers)
    except XError as error:
        return problem(error, headers)


def _json(body: bytes) -> Json:
    if not body:
        return {}
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise invalid("body", "", "is not a JSON object as documented")
    return given


def problem(error: XError, headers: dict[str, str]) -> JSONResponse:
    extra = dict(error.extra)
    told = extra.pop("headers", None)
    body = {
        "title": error.title,
        "detail": error.detail,
        "type": "about:blank",
        "status": error.status,
    } | extra
    return JSONResponse(
        body,
        error.status,
        headers=told if isinstance(told, dict) else headers,
        media_type="application/problem+json",
    )


def endpoint_of(method: str, path: str) -> str | None:
    """The documented endpoint a request is for."""
    parts = path.split("/")
    for endpoint in sorted(LIMITS, key=lambda known: known.count(":")):
        verb, _, template = endpoint.partition(" ")
        wanted = template.split("/")
        if (
            verb == method
            and len(parts) == len(wanted)
            and all(
                want.startswith(":") or want == part
                for want, part in zip(wanted, parts, strict=True)
            )
        ):
            return endpoint
    return None


def here(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def number(query: Any, name: str, default: int) -> int:
    told = query.get(name, str(default))
    if not told.isdecimal():
        raise invalid(name, told, "is not a number")
    return int(told)


def page_token(last_id: int) -> str:
    return base64.urlsafe_b64encode(f"before:{last_id}".encode()).decode().rstrip("=")


def below(token: str) -> int:
    """What a page token stands for: the page goes on below this id."""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return int(text.removeprefix("before:"))
    except (binascii.Error, ValueError) as error:
        raise invalid("pagination_token", token, "is not valid") from error
