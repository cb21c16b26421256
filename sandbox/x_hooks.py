"""Endpoints of X for webhooks and activity subscriptions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.x_auth import authenticate
from sandbox.x_deliveries import Hook, Subscription
from sandbox.x_errors import XError, invalid
from sandbox.x_http import Json, problem, route
from sandbox.x_render import Asked, Renderer, iso
from sandbox.x_state import X
from sandbox.x_types import DirectMessage, Post, Token, User

PRIVATE = frozenset({"post.mention.create", "dm.received", "dm.sent", "chat.received"})
PUBLIC = frozenset(
    {
        "post.create",
        "post.delete",
        "post.reply.create",
        "post.quote.create",
        "post.repost.create",
        "oauth.revoke",
    }
)
MOST_SUBSCRIPTIONS = 1_500
_EVERYTHING = {
    "tweet.fields": (
        "created_at,author_id,conversation_id,referenced_tweets,entities,lang,"
        "edit_controls,edit_history_tweet_ids,in_reply_to_user_id"
    )
}


def routes(x: X) -> list[Route]:
    api = _Hooks(x)
    x.announce_post, x.announce_message = api.announce_post, api.announce_message
    x.announce_chat = api.announce_chat
    return [
        Route("/2/webhooks", api.create, methods=["POST"]),
        Route("/2/webhooks/{id}", api.validate, methods=["PUT"]),
        route(x, "GET /2/webhooks", api.list_hooks),
        route(x, "POST /2/webhooks/replay", api.replay),
        route(x, "GET /2/activity/subscriptions", api.list_subscriptions),
        route(x, "POST /2/activity/subscriptions", api.subscribe),
    ]


class _Hooks:
    def __init__(self, x: X) -> None:
        self.x, self.deliveries = x, x.deliveries

    async def create(self, request: Request) -> Response:
        given = await request.json()
        try:
            token = _app_only(authenticate(self.x, request))
            with self.x.core.lock:
                url = str(given.get("url", ""))
                if any(hook.url == url for hook in self.deliveries.hooks.values()):
                    raise XError(409, "Conflict", "A webhook with this address exists.")
                hook = Hook(
                    str(self.x.new_id()), url, token.app, self.x.core.clock.now()
                )
            if not await run_in_threadpool(self.deliveries.challenged, hook):
                raise XError(400, "Invalid Request", "CrcValidationFailed")
        except XError as error:
            return problem(error, {})
        self.deliveries.hooks[hook.id] = hook
        return JSONResponse({"data": _hook(hook)})

    async def validate(self, request: Request) -> Response:
        try:
            _app_only(authenticate(self.x, request))
            hook = self._known(request.path_params["id"])
            valid = await run_in_threadpool(self.deliveries.challenged, hook)
        except XError as error:
            return problem(error, {})
        return JSONResponse({"data": {"attempted": True, "valid": valid}})

    def list_hooks(self, _: Request, token: Token, __: Json) -> Json:
        _app_only(token)
        rows = [_hook(hook) for hook in self.deliveries.hooks.values()]
        return {**({"data": rows} if rows else {}), "meta": {"result_count": len(rows)}}

    def replay(self, _: Request, token: Token, given: Json) -> Json:
        _app_only(token)
        hook = self._known(str(given.get("webhook_id", "")))
        start, end = (_minute(given, name) for name in ("from_date", "to_date"))
        self.deliveries.replay(hook.id, start, end)
        now = self.x.core.clock.now()
        return {"created_at": iso(now), "job_id": str(self.x.new_id())}

    def list_subscriptions(self, _: Request, token: Token, __: Json) -> Json:
        rows = [_subscription(one) for one in self.deliveries.subscriptions]
        return {
            **({"data": rows} if rows else {}),
            "meta": {"total_subscriptions": len(rows)},
        }

    def subscribe(self, _: Request, token: Token, given: Json) -> Json:
        event, user_id = (
            str(given.get("event_type", "")),
            str(_filter(given).get("user_id", "")),
        )
        if event not in PRIVATE | PUBLIC:
            raise invalid("event_type", event, "is not known")
        if event in PRIVATE and (token.user is None or str(token.user.id) != user_id):
            raise XError(
                403,
                "Forbidden",
                "This event needs the consent of its user.",
                type="https://api.twitter.com/2/problems/not-authorized-for-resource",
            )
        if self.deliveries.wanted(event, user_id):
            raise XError(409, "Conflict", "This subscription exists.")
        if len(self.deliveries.subscriptions) >= MOST_SUBSCRIPTIONS:
            raise XError(403, "Forbidden", "The limit of subscriptions is reached.")
        hook = self._known(str(given.get("webhook_id", "")))
        made = Subscription(
            str(self.x.new_id()),
            event,
            user_id,
            hook.id,
            str(given.get("tag", "")),
            self.x.core.clock.now(),
        )
        self.deliveries.subscriptions.append(made)
        return {"data": _subscription(made)}

    def _known(self, hook_id: str) -> Hook:
        if hook_id in self.deliveries.hooks:
            return self.deliveries.hooks[hook_id]
        raise XError(
            404,
            "Not Found Error",
            "There is no such webhook.",
            type="https://api.twitter.com/2/problems/resource-not-found",
        )

    def announce_post(self, event_type: str, user: User, post: Post) -> None:
        renderer = Renderer(self.x, Asked.read(_EVERYTHING), "")
        if event_type == "post.delete":
            payload: Json = {"id": str(post.id), "author_id": str(post.author.id)}
        else:
            payload = renderer.post(post)
        people = {"users": [renderer.user(person) for person in {post.author, user}]}
        self.deliveries.tell(event_type, str(user.id), payload, people)

    def announce_message(self, event_type: str, user: User, dm: DirectMessage) -> None:
        receiver = next(person for person in dm.people if person != dm.sender)
        created = {
            "target": {"recipient_id": str(receiver.id)},
            "sender_id": str(dm.sender.id),
            "message_data": {"text": dm.text, "entities": {}},
        }
        event = {
            "type": "message_create",
            "id": str(dm.id),
            "created_timestamp": str(int(dm.created_at * 1000)),
            "message_create": created,
        }
        users = {
            str(person.id): {
                "data": {
                    "id": str(person.id),
                    "name": person.name,
                    "username": person.username,
                }
            }
            for person in dm.people
        }
        payload = {"direct_message_events": [event], "users": users}
        self.deliveries.tell(event_type, str(user.id), payload, {})

    def announce_chat(self, event_type: str, user: User, sender: User) -> None:
        """Ids, a time and ciphertext (docs.x.com, "Real-time X Chat Events", July
        2026)."""
        payload = {
            "id": str(uuid.uuid4()),
            "sender_id": str(sender.id),
            "conversation_id": f"{sender.id}:{user.id}",
            "created_at_msec": str(int(self.x.core.clock.now() * 1000)),
            "encoded_event": "CwABAAAA",
        }
        self.deliveries.tell(event_type, str(user.id), payload, {})


def _app_only(token: Token) -> Token:
    if token.user is not None:
        raise XError(
            403,
            "Unsupported Authentication",
            "Use the token of the app.",
            type="https://api.twitter.com/2/problems/unsupported-authentication",
        )
    return token


def _filter(given: Json) -> Json:
    told = given.get("filter")
    return told if isinstance(told, dict) else {}


def _minute(given: Json, name: str) -> float:
    told = str(given.get(name, ""))
    try:
        return datetime.strptime(told, "%Y%m%d%H%M").replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise invalid(name, told, "does not match ^[0-9]{12}$") from error


def _hook(hook: Hook) -> Json:
    return {
        "id": hook.id,
        "url": hook.url,
        "valid": hook.valid,
        "created_at": iso(hook.created_at),
    }


def _subscription(one: Subscription) -> dict[str, Any]:
    return {
        "subscription_id": one.id,
        "event_type": one.event_type,
        "filter": {"user_id": one.user_id},
        "created_at": iso(one.created_at),
        "updated_at": iso(one.created_at),
        "tag": one.tag,
        "webhook_id": one.hook_id,
    }
