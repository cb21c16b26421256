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
_NEVER_USED = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "display-capture"),
    *("encrypted-media", "gyroscope", "hid", "magnetometer", "microphone", "midi"),
    *("payment", "serial", "usb", "xr-spatial-tracking"),
)
"""What no page asks a browser for; a camera and the place are the form's."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _NEVER_USED),
}
_HTTPS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
_FOREVER = "public, max-age=31536000, immutable"


def of_every_answer(*, https: bool) -> dict[str, str]:
    """What an answer says to the browser that got it, also one about an accident."""
    return {**_HEADERS, **(_HTTPS_ALONE if https else {})}


class Headers:
    """A middleware that neither buffers nor delays, so that server-sent events pass
    through it."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._every = of_every_answer(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = _readable(scope)
        path: str = scope["path"]
        cache = _cache(path, scope["query_string"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**self._every, **cache}.items():
                    headers.setdefault(name, value)
            await send(message)

        largest = _LARGEST_FORM if path.startswith(_WITH_PHOTOS) else _LARGEST_BODY
        await self._app(scope, _limited(receive, largest), send_with_headers)


def _readable(scope: Scope) -> Scope:
    """A sign that no database keeps becomes one that stands for what nobody can
    read."""
    path, query = scope["path"], scope["query_string"]
    if "\x00" not in path and b"%00" not in query:
        return scope
    query = query.replace(b"%00", b"%EF%BF%BD")
    return {**scope, "path": path.replace("\x00", "\ufffd"), "query_string": query}


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
