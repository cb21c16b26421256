"""Mail in the sandbox: two offices' mailboxes, and the token endpoint of their sign-in
server."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox.mail_imap import Imap
from sandbox.mail_server import Listener
from sandbox.mail_smtp import Smtp
from sandbox.mail_state import Post
from sandbox.platform import Event
from sandbox.state import Core

CLIENT_ID = "demo-mail-client"
CLIENT_SECRET = "demo-mail-client-secret"
BOXES = {
    "aduan@dinkes.demo.example": ("dinkes", "Dinas Kesehatan (demo)", False),
    "lapor@dlh.demo.example": ("dlh", "Dinas Lingkungan Hidup (demo)", True),
}
"""Address to agency, shown name, and whether it wants OAuth instead of a password."""


class MailWorld:
    """`act` takes who, text, to (an address), subject, html, photos, files, reply_to,
    as, and then: what the resident writes back each time the city answers."""

    channels: ClassVar[tuple[str, ...]] = ("imap",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.post = Post(core)
        self._names: dict[str, str] = {}
        self._codes: dict[str, tuple[str, str]] = {}
        self._ports: tuple[int, int] | None = None

    def ports(self) -> tuple[int, int]:
        """Those of the IMAP and the SMTP server, which start when they are first asked
        for."""
        if self._ports is None:
            self._ports = (
                Listener(self.post, Imap).port,
                Listener(self.post, Smtp).port,
            )
        return self._ports

    def routes(self) -> list[Route]:
        return [
            Route("/mail/authorize", self._authorize, methods=["GET"]),
            Route("/mail/token", self._token, methods=["POST"]),
        ]

    def populate(self) -> None:
        for address, (_, _, oauth) in BOXES.items():
            self.post.add(address, f"demo-{address.partition('@')[0]}", oauth=oauth)

    def accounts(self, here: str) -> list[dict[str, Any]]:
        return [
            {
                "channel": "imap",
                "handle": address,
                "agency": agency,
                "settings": self.settings(address) | {"display_name": name},
                "app": self.app(here),
            }
            for address, (agency, name, _) in BOXES.items()
        ]

    def app(self, here: str) -> dict[str, Any]:
        imap, smtp = self.ports()
        return {
            "imap_host": "127.0.0.1",
            "imap_port": imap,
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp,
            "smtp_security": "none",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "authorize_url": f"{here}/mail/authorize",
            "token_url": f"{here}/mail/token",
        }

    def settings(self, address: str) -> dict[str, Any]:
        box = self.post.boxes[address]
        if box.token is None:
            return {"address": address, "password": box.password}
        return {
            "address": address,
            "access_token": box.token,
            "refresh_token": box.refresh,
            "keeps_sent": True,
        }

    def act(self, event: Event) -> str:
        to = str(event.get("to") or next(iter(BOXES)))
        if to not in self.post.boxes:
            raise ValueError(f"there is no mailbox {to!r}")
        earlier = event.get("reply_to")
        made = self.post.write(
            to,
            str(event.get("text", "")),
            who=str(event.get("who", "Siti Contoh")),
            subject=str(event.get("subject", "Laporan warga")),
            markup=event.get("html"),
            pictures=event.get("photos", []),
            files=event.get("files", []),
            answers=self._names.get(str(earlier), str(earlier)) if earlier else None,
            then=event.get("then", []),
        )
        if "as" in event:
            self._names[str(event["as"])] = made
        return made

    def revoke(self, token: str) -> None:
        """A password is changed, or an access token ends together with what renews
        it."""
        for box in self.post.boxes.values():
            if token in (box.password, box.token):
                box.password = secrets.token_hex(12)
                if box.token is not None:
                    box.token, box.refresh = (
                        secrets.token_hex(16),
                        secrets.token_hex(16),
                    )
                return
        raise KeyError("no mailbox has this password or token")

    def expire(self, address: str) -> None:
        """An access token ends; the refresh token gets a new one."""
        self.post.boxes[address].token = secrets.token_hex(16)

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        if scope["path"] == "/mail/token":
            return None, "POST /mail/token"
        return None

    async def _authorize(self, request: Request) -> Response:
        """RFC 6749 section 4.1.1 with PKCE: the owner of the mailbox agrees at once."""
        asked = request.query_params
        if (
            asked.get("client_id") != CLIENT_ID
            or asked.get("code_challenge_method") != "S256"
        ):
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self._codes[code] = (asked["code_challenge"], asked["redirect_uri"])
        query = urlencode({"code": code, "state": asked.get("state", "")})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    async def _token(self, request: Request) -> Response:
        """RFC 6749 sections 4.1.3 and 6: a code, or a refresh token, for an access
        token."""
        body = parse_qs((await request.body()).decode())
        form = {name: values[0] for name, values in body.items()}
        if (
            form.get("client_id") != CLIENT_ID
            or form.get("client_secret") != CLIENT_SECRET
        ):
            return JSONResponse({"error": "invalid_client"}, 401)
        with self.core.lock:
            if form.get("grant_type") == "authorization_code":
                return self._first_tokens(form)
            if form.get("grant_type") == "refresh_token":
                return self._renewed(form.get("refresh_token", ""))
        return JSONResponse({"error": "unsupported_grant_type"}, 400)

    def _first_tokens(self, form: dict[str, str]) -> Response:
        known = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if known != (challenge, form.get("redirect_uri")):
            return JSONResponse({"error": "invalid_grant"}, 400)
        box = next(box for box in self.post.boxes.values() if box.token is not None)
        claims = base64.urlsafe_b64encode(
            json.dumps({"email": box.address}).encode()
        ).decode()
        return JSONResponse(
            {
                "access_token": box.token,
                "refresh_token": box.refresh,
                "id_token": f"e30.{claims.rstrip('=')}.c2ln",
                "token_type": "Bearer",
                "expires_in": 3599,
            }
        )

    def _renewed(self, refresh: str) -> Response:
        for box in self.post.boxes.values():
            if box.refresh is not None and box.refresh == refresh:
                box.token = secrets.token_hex(16)
                return JSONResponse(
                    {
                        "access_token": box.token,
                        "token_type": "Bearer",
                        "expires_in": 3599,
                    }
                )
        return JSONResponse({"error": "invalid_grant"}, 400)
