"""Small things that platforms with REST paths and bearer tokens share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

Json = dict[str, Any]


def endpoint_of(
    method: str, path: str, endpoints: Iterable[str], prefix: str = ""
) -> str | None:
    """The documented endpoint ("GET /:media-id/replies") a request is for; `prefix` is
    ours."""
    if not path.startswith(prefix):
        return None
    parts = path.removeprefix(prefix).split("/")
    for endpoint in sorted(endpoints, key=lambda known: known.count(":")):
        verb, _, template = endpoint.partition(" ")
        wanted = template.split("/")
        if (
            verb == method
            and len(parts) == len(wanted)
            and all(
                w.startswith(":") or w == p for w, p in zip(wanted, parts, strict=True)
            )
        ):
            return endpoint
    return None


def bearer(scope: Scope) -> str | None:
    """The token of the Authorization header."""
    told = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    kind, _, token = told.partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def here(request: Request) -> str:
    return str(request.base_url).rstrip("/")
