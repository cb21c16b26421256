"""Webhooks and activity subscriptions of X, which belong to the app.

Source: docs.x.com (V2 Webhooks API, X Activity API), 2026. Webhooks are managed with
the bearer token of the app; subscriptions to private events with the token of the
account they are about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import NeedsLogin, Refused
from connectors.x.api import Api

PUBLIC_EVENTS = (
    "post.reply.create",
    "post.quote.create",
    "post.repost.create",
    "post.delete",
    "oauth.revoke",
)
PRIVATE_EVENTS = ("post.mention.create", "dm.received", "chat.received")
_REPLAY_WITHIN = timedelta(hours=24)


@contextmanager
def managing(app: Api) -> Iterator[Api]:
    try:
        yield app
    finally:
        app.close()


def ensure_hook(app: Api, callback_url: str) -> str:
    """The id of the webhook with this address: registered, or challenged again where it
    failed."""
    for hook in _rows(app.ask("GET", "/2/webhooks")):
        if hook.get("url") == callback_url:
            if hook.get("valid") is False:
                app.ask("PUT", f"/2/webhooks/{hook['id']}")
            return str(hook["id"])
    try:
        made = app.ask("POST", "/2/webhooks", json={"url": callback_url}).get("data")
    except Refused as error:
        raise Refused(
            "X does not take this address for deliveries: it must be https, without a"
            f" port, reachable from outside and answer X's challenge ({error})",
            code="webhook_refused",
        ) from None
    if not isinstance(made, dict) or not made.get("id"):
        raise Refused("X registered the webhook without telling its number")
    return str(made["id"])


def ensure_subscriptions(
    app: Api, account: Api | None, user_id: str, hook_id: str
) -> list[str]:
    """Subscribe to what is missing; the events X refused. `account` None: not signed
    in."""
    there = {
        str(one.get("event_type"))
        for one in _rows(app.ask("GET", "/2/activity/subscriptions"))
        if _filter(one).get("user_id") == user_id and one.get("webhook_id") == hook_id
    }
    refused: list[str] = []
    for event in (*PUBLIC_EVENTS, *PRIVATE_EVENTS):
        if event in there:
            continue
        asking = account or (None if event in PRIVATE_EVENTS else app)
        wanted = {
            "event_type": event,
            "filter": {"user_id": user_id},
            "webhook_id": hook_id,
            "tag": f"sahut-{user_id}",
        }
        try:
            if asking is None:
                raise NeedsLogin("private events need the account's own sign-in")
            asking.ask("POST", "/2/activity/subscriptions", json=wanted)
        except (Refused, NeedsLogin):
            refused.append(event)
    return refused


def replay(app: Api, since: datetime, until: datetime) -> tuple[datetime, int]:
    """Ask for deliveries of at most a day again; from when on, and how many jobs that
    made."""
    begin = max(since, datetime.now(UTC) - _REPLAY_WITHIN + timedelta(minutes=1))
    jobs = 0
    for hook in _rows(app.ask("GET", "/2/webhooks")):
        app.ask(
            "POST",
            "/2/webhooks/replay",
            json={
                "webhook_id": str(hook.get("id")),
                "from_date": _minute(begin),
                "to_date": _minute(until + timedelta(minutes=1)),
            },
        )
        jobs += 1
    return begin, jobs


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M")


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = answer.get("data")
    return (
        [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    )


def _filter(subscription: Mapping[str, Any]) -> Mapping[str, Any]:
    told = subscription.get("filter")
    return told if isinstance(told, dict) else {}
