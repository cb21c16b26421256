"""What holds for every answer and every request: security headers, caching, a limit on
bodies."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MEGABYTE = 1024 * 1024
_LARGEST_BODY = 5 * _MEGABYTE
_LARGEST_FORM = 64 * _MEGABYTE  # three photos of 20 MB each and the words around them
_WITH_PHOTOS = ("/lapor/", "/catat", "/aduan/")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FOREVER = "public, max-age=31536000, immutable"


class Headers:
    """A middleware that neither buffers nor delays, so that server-sent events pass
    through it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        cache = _cache(path, scope["query_string"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_HEADERS, **cache}.items():
                    headers.setdefault(name, value)
            await send(message)

        largest = _LARGEST_FORM if path.startswith(_WITH_PHOTOS) else _LARGEST_BODY
        await self._app(scope, _limited(receive, largest), send_with_headers)


def _cache(path: str, query: bytes) -> dict[str, str]:
    """Static files carry their digest in the address, and pages are never kept."""
    if path.startswith("/static/"):
        return {"Cache-Control": _FOREVER} if query else {}
    return {"Cache-Control": "no-store"}


def _limited(receive: Receive, largest: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > largest:
            raise HTTPException(413)
        return message

    return counted
