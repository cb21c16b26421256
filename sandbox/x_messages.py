"""Direct messages of X: people write to each other, the API lists newest first.

Source: docs.x.com (X API v2, Direct Messages). There is no `since_id`; 30 days are
kept.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sandbox.x_errors import XError, forbidden, invalid
from sandbox.x_http import Json, below, number, page_token, route
from sandbox.x_render import Asked, iso
from sandbox.x_state import X
from sandbox.x_types import DirectMessage, Token, User

KEPT_SECONDS = 30 * 86_400
LONGEST = 10_000


def routes(x: X) -> list[Route]:
    api = _Messages(x)
    return [
        route(x, "GET /2/dm_events", api.all_events),
        route(
            x, "GET /2/dm_conversations/with/:participant_id/dm_events", api.events_with
        ),
        route(
            x,
            "POST /2/dm_conversations/with/:participant_id/messages",
            api.send_to,
            201,
        ),
        route(x, "POST /2/dm_conversations/:id/messages", api.send_into, 201),
    ]


class _Messages:
    def __init__(self, x: X) -> None:
        self.x = x

    def all_events(self, request: Request, token: Token, _: Json) -> Json:
        user = _user(token)
        return self._page(
            request, token, [dm for dm in self._kept() if user in dm.people]
        )

    def events_with(self, request: Request, token: Token, _: Json) -> Json:
        pair = {_user(token), self._known(request.path_params["participant_id"])}
        return self._page(
            request, token, [dm for dm in self._kept() if set(dm.people) == pair]
        )

    def send_to(self, request: Request, token: Token, given: Json) -> Json:
        user, other = _user(token), self._known(request.path_params["participant_id"])
        if not any(dm.sender == other and user in dm.people for dm in self.x.dms):
            raise forbidden("You cannot send messages to this user.")
        return self._send(user, given, (user, other), str(other.id))

    def send_into(self, request: Request, token: Token, given: Json) -> Json:
        user, conversation = _user(token), request.path_params["id"]
        people = next(
            (dm.people for dm in self.x.dms if dm.conversation_id == conversation), ()
        )
        if user not in people:
            raise forbidden("You are not a participant of this conversation.")
        return self._send(user, given, people, conversation)

    def _send(self, user: User, given: Json, people: tuple[User, ...], to: str) -> Json:
        text = str(given.get("text", ""))
        if not text.strip() or len(text) > LONGEST:
            raise invalid("text", len(text), "must have 1 to 10000 characters")
        made = self.x.write_message(user, people, text)
        self.x.core.record("x", user.username, to, text, str(made.id))
        return {
            "data": {
                "dm_conversation_id": made.conversation_id,
                "dm_event_id": str(made.id),
            }
        }

    def _kept(self) -> list[DirectMessage]:
        oldest = self.x.core.clock.now() - KEPT_SECONDS
        return [dm for dm in reversed(self.x.dms) if dm.created_at >= oldest]

    def _page(self, request: Request, token: Token, found: list[DirectMessage]) -> Json:
        query = request.query_params
        size = number(query, "max_results", 100)
        if not 1 <= size <= 100:
            raise invalid("max_results", size, "is not between 1 and 100")
        told = query.get("pagination_token")
        left = [dm for dm in found if not told or dm.id < below(told)]
        page = left[:size]
        self.x.bill(token, "dm", [str(dm.id) for dm in page])
        asked = frozenset(query.get("dm_event.fields", "").split(","))
        meta: Json = {"result_count": len(page)}
        if len(left) > size:
            meta["next_token"] = page_token(page[-1].id)
        rows = [_rendered(dm, asked) for dm in page]
        expanded = Asked.read(query).expansions
        people = {dm.sender for dm in page} if "sender_id" in expanded else set()
        self.x.bill(token, "user", [str(user.id) for user in people])
        users = [
            {"id": str(u.id), "name": u.name, "username": u.username} for u in people
        ]
        return {
            **({"data": rows} if rows else {}),
            **({"includes": {"users": users}} if users else {}),
            "meta": meta,
        }

    def _known(self, user_id: str) -> User:
        if user_id in self.x.users_by_id:
            return self.x.users_by_id[user_id]
        raise invalid("participant_id", user_id, "is not known")


def _user(token: Token) -> User:
    if token.user is None:
        raise XError(
            403,
            "Unsupported Authentication",
            "Use a user token for this endpoint.",
            type="https://api.twitter.com/2/problems/unsupported-authentication",
        )
    if not token.may_read_messages:
        raise XError(
            403,
            "Forbidden",
            "Your client app is not configured with the appropriate oauth1 app "
            "permissions for this endpoint.",
            type="https://api.twitter.com/2/problems/oauth1-permissions",
        )
    return token.user


def _rendered(dm: DirectMessage, asked: frozenset[str]) -> Json:
    optional: dict[str, Any] = {
        "created_at": iso(dm.created_at),
        "sender_id": str(dm.sender.id),
        "dm_conversation_id": dm.conversation_id,
    }
    body = {"id": str(dm.id), "event_type": "MessageCreate", "text": dm.text}
    return body | {name: value for name, value in optional.items() if name in asked}
