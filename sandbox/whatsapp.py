"""WhatsApp Business Platform: Cloud API over HTTP, deliveries to a callback, people
with phones.

Source: developers.facebook.com, "WhatsApp Business Platform" (2026): messages, media,
webhooks, error codes. Paths stand under /whatsapp, so that they are not mistaken for
other platforms of Meta.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox import attached
from sandbox.hub import Hub
from sandbox.platform import Event
from sandbox.rest import Json, bearer, endpoint_of, here
from sandbox.state import Core
from sandbox.whatsapp_people import People

APP_ID, APP_SECRET = "100000000000001", "demoWhatsAppSecretThatOpensNothing"
VERIFY_TOKEN = "demoWhatsAppVerifyToken"
PREFIX = "/whatsapp"
WINDOW_SECONDS = 86_400
LINK_SECONDS = 300
TEXT_LIMIT = 4_096
ENDPOINTS = (
    "GET /:version/:id",
    "GET /:version/:id/subscribed_apps",
    "POST /:version/:id/subscribed_apps",
    "GET /:version/:id/message_templates",
    "POST /:version/:id/messages",
    "POST /:version/:id/media",
    "POST /:version/:id/subscriptions",
    "GET /media/:id",
)
NUMBERS = {
    "dinkes": (
        "210000000000001",
        "310000000000001",
        "62 811-0000-0110",
        "Dinkes Bogor (demo)",
    ),
    "kel-babakan": (
        "210000000000002",
        "310000000000002",
        "62 811-0000-0120",
        "Babakan (demo)",
    ),
}
"""Agency to phone number id, business account id, number and shown name."""
FIELDS = frozenset(
    {
        "messages",
        "calls",
        "smb_message_echoes",
        "account_update",
        "message_template_status_update",
    }
)
"""What can be subscribed, of what matters here. `user_id_update` cannot
(developers.facebook.com, changelog of the WhatsApp Business Platform, 11 August
2026)."""


class GraphError(Exception):
    """Becomes Meta's error object."""

    def __init__(self, status: int, code: int, message: str, details: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.details = status, code, details


@dataclass(slots=True)
class Number:
    id: str
    business: str
    display: str
    name: str
    agency: str
    token: str
    quality: str = "GREEN"
    templates: dict[str, str] = field(default_factory=dict)
    last_heard: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Said:
    """A message of a person: what of it may be edited or taken back."""

    number: Number
    who: str
    kind: str


class WhatsApp:
    channels: ClassVar[tuple[str, ...]] = ("whatsapp",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.hub = Hub(core, APP_SECRET)
        self.numbers: dict[str, Number] = {}
        self.revoked: set[str] = set()
        self.unreachable: set[str] = set()
        self.subscribed: set[str] = set()
        self.people = People()
        self.said: dict[str, Said] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.links: dict[str, float] = {}
        self.bodies: list[Json] = []
        self._names: dict[str, str] = {}
        self._made = 0

    # what the demonstration and the tests do

    def populate(self) -> None:
        for agency, (number_id, business, display, name) in NUMBERS.items():
            self.add_number(number_id, business, display, name, agency)

    def add_number(
        self, number_id: str, business: str, display: str, name: str, agency: str
    ) -> Number:
        token = f"EAADemo{number_id}OpensNothing"
        made = Number(number_id, business, display, name, agency, token)
        made.templates["jawaban_aduan"] = "APPROVED"
        self.numbers[number_id] = made
        return made

    def accounts(self, here: str) -> list[dict[str, Any]]:
        app = {
            "base_url": f"{here}{PREFIX}",
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "verify_token": VERIFY_TOKEN,
        }
        return [
            {
                "channel": "whatsapp",
                "handle": _digits(number.display),
                "agency": number.agency,
                "app": app,
                "settings": {
                    "phone_number_id": number.id,
                    "access_token": number.token,
                    "business_account_id": number.business,
                    "template_name": "jawaban_aduan",
                },
            }
            for number in self.numbers.values()
        ]

    def act(self, event: Event) -> str:
        who = str(event.get("who", "Siti"))
        if "edit" in event or "delete" in event:
            return self._take_back(event)
        number = self._number(event)
        if "username" in event:
            self.people.named(who).username = str(event["username"])
            return ""
        if event.get("new_phone"):
            return self.move(number, who)
        if event.get("call"):
            return self.call(number, who)
        sent = ""
        files = event.get("photos", [])
        if event.get("text") and any(attached.of(one).sort == "audio" for one in files):
            files = [None, *files]  # a spoken message has no caption
        for label in files or [None]:
            sent = self.say(
                number, who, str(event.get("text", "")), photo=label, sent_with=sent
            )
        if "as" in event:
            self._names[event["as"]] = sent
        return sent

    def _number(self, event: Event) -> Number:
        for number in self.numbers.values():
            if "to" not in event or event["to"] in (
                number.agency,
                _digits(number.display),
            ):
                return number
        raise ValueError(f"there is no number {event.get('to')!r}")

    def _take_back(self, event: Event) -> str:
        reference = str(event.get("edit", event.get("delete")))
        told = self._names.get(reference, reference)
        if told not in self.said:
            raise ValueError(f"there is no message {reference!r}")
        return (
            self.edit(told, str(event["text"]))
            if "edit" in event
            else self.revoke_message(told)
        )

    def say(
        self,
        number: Number,
        who: str,
        text: str,
        *,
        photo: str | None = None,
        sent_with: str = "",
        answers: str | None = None,
        content: Json | None = None,
    ) -> str:
        """A person writes; pictures of one album are deliveries of their own, the text
        on one."""
        if content is None and photo is None:
            content = {"type": "text", "text": {"body": text}}
        elif content is None and photo is not None:
            sort, shown = self._sent_file(photo)
            content = {"type": sort, sort: shown}
            if text and not sent_with:
                shown["caption"] = text
        self._heard(number, who)
        return self._tell(number, who, {**(content or {}), **_context(answers)})

    def move(self, number: Number, who: str) -> str:
        """A person gets a new number. The notice names no contacts."""
        notice = self.people.named(who).moves()
        native_id = self._wamid()
        message = {"id": native_id, "timestamp": self._now(), **notice}
        self.deliver(number, {"messages": [message]})
        return native_id

    def call(self, number: Number, who: str) -> str:
        """A person calls, and nobody takes it. That opens the window too
        (developers.facebook.com: user-initiated calls, sending messages)."""
        self._heard(number, who)
        person = self.people.named(who)
        call_id = self._wamid().replace("wamid", "wacid")
        for event in ("connect", "terminate"):
            call = {
                **{"id": call_id, "event": event, "timestamp": self._now()},
                **{"direction": "USER_INITIATED", "to": _digits(number.display)},
                **({"status": "FAILED"} if event == "terminate" else {}),
                **person.sender(),
            }
            self.deliver(
                number, {"contacts": [person.contact()], "calls": [call]}, "calls"
            )
        return call_id

    def _heard(self, number: Number, who: str) -> None:
        name = self.people.named(who).name
        number.last_heard[name] = self.core.clock.now()

    def edit(self, native_id: str, text: str) -> str:
        old = self.said[native_id]
        words = {"type": "text", "text": {"body": text}}
        changed = {"original_message_id": native_id, "message": words}
        return self._tell(old.number, old.who, {"type": "edit", "edit": changed})

    def revoke_message(self, native_id: str) -> str:
        old, gone = self.said[native_id], {"original_message_id": native_id}
        return self._tell(old.number, old.who, {"type": "revoke", "revoke": gone})

    def _tell(self, number: Number, who: str, content: Json) -> str:
        native_id, person = self._wamid(), self.people.named(who)
        self.said[native_id] = Said(number, who, str(content.get("type")))
        message = {"id": native_id, "timestamp": self._now(), **content}
        message |= person.sender()
        contacts = [person.contact()]
        self.deliver(number, {"contacts": contacts, "messages": [message]})
        return native_id

    def deliver(self, number: Number, value: Json, field: str = "messages") -> Json:
        metadata = {
            "display_phone_number": _digits(number.display),
            "phone_number_id": number.id,
        }
        told = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        body = {
            "object": "whatsapp_business_account",
            "entry": [
                {"id": number.business, "changes": [{"value": told, "field": field}]}
            ],
        }
        self.bodies.append(body)
        self.hub.tell(body)
        return body

    def revoke(self, token: str) -> None:
        if token not in {number.token for number in self.numbers.values()}:
            raise KeyError(token)
        self.revoked.add(token)

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS, PREFIX)
        return (bearer(scope), endpoint) if endpoint else None

    # what the API answers

    def routes(self) -> list[Route]:
        version = f"{PREFIX}/{{version}}/{{id}}"
        return [
            Route(f"{PREFIX}/media/{{id}}", self._file, methods=["GET"]),
            Route(f"{version}/subscriptions", self._register, methods=["POST"]),
            Route(f"{version}/media", self._upload, methods=["POST"]),
            Route(f"{version}/{{edge}}", self._edge, methods=["GET", "POST"]),
            Route(version, self._node, methods=["GET"]),
        ]

    async def _node(self, request: Request) -> Response:
        def answer(_: Number, __: Json) -> Json:
            told = request.path_params["id"]
            if told in self.numbers:
                return self._shown(self.numbers[told])
            return self._link(told, here(request))

        return await self._answer(request, answer)

    async def _edge(self, request: Request) -> Response:
        told, edge = request.path_params["id"], request.path_params["edge"]

        def answer(number: Number, given: Json) -> Json:
            if edge == "messages" and request.method == "POST" and told == number.id:
                return self._send(number, given)
            if edge == "subscribed_apps" and told == number.business:
                return self._subscribed(request.method, told)
            if edge == "message_templates" and told == number.business:
                name = request.query_params.get("name", "")
                state = number.templates.get(name)
                rows = [{"name": name, "language": "id", "status": state, "id": "1"}]
                return {"data": rows if state else []}
            raise gone(told)

        return await self._answer(request, answer)

    async def _answer(self, request: Request, answer: Any) -> Response:
        body = await request.body()
        try:
            with self.core.lock:
                number = self._authenticated(bearer(request.scope))
                return JSONResponse(answer(number, json.loads(body or b"{}")))
        except GraphError as error:
            return refusal(error)

    def _authenticated(self, token: str | None) -> Number:
        for number in self.numbers.values():
            if number.token == token and token not in self.revoked:
                return number
        raise GraphError(
            401, 190, "Invalid OAuth access token - Cannot parse access token"
        )

    def _shown(self, number: Number) -> Json:
        return {
            "id": number.id,
            "display_phone_number": number.display,
            "status": "CONNECTED",
            "verified_name": number.name,
            "quality_rating": number.quality,
            "code_verification_status": "VERIFIED",
        }

    def _subscribed(self, method: str, business: str) -> Json:
        if method == "POST":
            self.subscribed.add(business)
            return {"success": True}
        app = {"whatsapp_business_api_data": {"id": APP_ID, "name": "Demo"}}
        return {"data": [app] if business in self.subscribed else []}

    def _send(self, number: Number, given: Json) -> Json:
        if given.get("messaging_product") != "whatsapp":
            raise GraphError(
                400, 100, "(#100) The parameter messaging_product is required."
            )
        to = _digits(str(given.get("to") or "")) or str(given.get("recipient") or "")
        text = self._checked(number, to, given)
        sent_id = self._wamid()
        self.core.record("whatsapp", _digits(number.display), to, text, sent_id)
        for state in ("sent", "delivered"):
            self.deliver(
                number, {"statuses": [self._status(sent_id, state, to, given)]}
            )
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to}],
            "messages": [{"id": sent_id}],
        }

    def _checked(self, number: Number, to: str, given: Json) -> str:
        """The text of what is sent, if it may be sent."""
        kind = given.get("type", "text")
        if not to:
            raise GraphError(400, 131008, "(#131008) Required parameter is missing")
        if to in self.unreachable or self.people.left(to):
            raise GraphError(400, 131026, "(#131026) Message undeliverable")
        person = self.people.reached_by(to)
        heard = number.last_heard.get(person.name) if person else None
        if kind == "template":
            return self._from_template(number, given.get("template") or {})
        if heard is None or self.core.clock.now() - heard > WINDOW_SECONDS:
            raise GraphError(
                400,
                131047,
                "(#131047) Re-engagement message",
                "More than 24 hours have passed since the customer last replied to this"
                " number.",
            )
        if kind == "text":
            text = str((given.get("text") or {}).get("body", ""))
            if not 0 < len(text) <= TEXT_LIMIT:
                raise GraphError(
                    400,
                    100,
                    "(#100) Param text['body'] must be at most 4096 characters long.",
                )
            return text
        media_id = str((given.get(kind) or {}).get("id", ""))
        if media_id not in self.media:
            raise GraphError(400, 131053, "(#131053) Media upload error")
        return f"[{kind}]"

    def _from_template(self, number: Number, template: Json) -> str:
        if number.templates.get(str(template.get("name"))) != "APPROVED":
            raise GraphError(
                404, 132001, "(#132001) Template name does not exist in the translation"
            )
        values = [
            str(parameter.get("text", ""))
            for part in template.get("components", [])
            for parameter in part.get("parameters", [])
        ]
        if (
            any(char in value for value in values for char in "\n\t")
            or len(values) != 2
        ):
            raise GraphError(
                400,
                132000,
                "(#132000) Number of parameters does not match the "
                "expected number of params",
            )
        return f"Jawaban atas aduan nomor {values[0]}: {values[1]}"

    def _status(self, sent_id: str, state: str, to: str, given: Json) -> Json:
        told = {
            "id": sent_id,
            "status": state,
            "timestamp": self._now(),
            "recipient_id": to,
        }
        tracker = given.get("biz_opaque_callback_data")
        return {**told, **({"biz_opaque_callback_data": tracker} if tracker else {})}

    async def _register(self, request: Request) -> Response:
        if bearer(request.scope) != f"{APP_ID}|{APP_SECRET}":
            return refusal(
                GraphError(401, 190, "Invalid OAuth access token signature.")
            )
        given = await request.json()
        unknown = set(str(given.get("fields", "")).split(",")) - FIELDS
        if unknown:
            names = ", ".join(sorted(unknown))
            return refusal(GraphError(400, 100, f"(#100) Unknown field: {names}"))
        url, token = str(given.get("callback_url")), str(given.get("verify_token"))
        if not await run_in_threadpool(self.hub.register, url, token):
            return refusal(
                GraphError(400, 2200, "(#2200) Callback verification failed")
            )
        return JSONResponse({"success": True})

    # media

    def _sent_file(self, label: str) -> tuple[str, Json]:
        """The type of a message, and what it shows of its file."""
        file = attached.of(label)
        media_id = str(int(hashlib.sha256(label.encode()).hexdigest()[:12], 16))
        mime = f"{file.mime}; codecs=opus" if file.sort == "audio" else file.mime
        self.media[media_id] = (mime, file.content)
        digest = b64encode(hashlib.sha256(file.content).digest()).decode()
        shown: Json = {"mime_type": mime, "sha256": digest, "id": media_id}
        if file.sort == "document":
            shown["filename"] = file.name
        if file.sort == "audio":
            shown["voice"] = True
        return "image" if file.sort == "picture" else file.sort, shown

    def _link(self, media_id: str, url: str) -> Json:
        if media_id not in self.media:
            raise gone(media_id)
        mime, content = self.media[media_id]
        self.links[media_id] = self.core.clock.now() + LINK_SECONDS
        return {
            "messaging_product": "whatsapp",
            "url": f"{url}{PREFIX}/media/{media_id}",
            "mime_type": mime,
            "sha256": hashlib.sha256(content).hexdigest(),
            "file_size": len(content),
            "id": media_id,
        }

    async def _file(self, request: Request) -> Response:
        media_id = request.path_params["id"]
        try:
            with self.core.lock:
                self._authenticated(bearer(request.scope))
                if self.links.get(media_id, 0.0) < self.core.clock.now():
                    raise gone(media_id)
                mime, content = self.media[media_id]
        except GraphError as error:
            return refusal(error)
        return Response(content, media_type=mime)

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert not isinstance(file, str)
            content, mime = await file.read(), file.content_type or ""
        try:
            with self.core.lock:
                self._authenticated(bearer(request.scope))
                media_id = str(900_000_000 + len(self.media))
                self.media[media_id] = (mime, content)
        except GraphError as error:
            return refusal(error)
        return JSONResponse({"id": media_id})

    def _wamid(self) -> str:
        self._made += 1
        return "wamid." + b64encode(f"demo-{self._made:012d}".encode()).decode()

    def _now(self) -> str:
        return str(int(self.core.clock.now()))


def gone(told: str) -> GraphError:
    return GraphError(
        400, 100, f"Unsupported request. Object with ID '{told}' does not exist", "33"
    )


def refusal(error: GraphError) -> JSONResponse:
    kind = "OAuthException"
    body: Json = {
        "message": str(error),
        "type": kind,
        "code": error.code,
        "fbtrace_id": "Ademo",
    }
    if error.details == "33":
        body["error_subcode"] = 33
    elif error.details:
        body["error_data"] = {"messaging_product": "whatsapp", "details": error.details}
    return JSONResponse({"error": body}, error.status)


def _digits(told: str) -> str:
    return "".join(char for char in told if char.isdigit())


def _context(answers: str | None) -> Json:
    return {"context": {"id": answers}} if answers else {}
