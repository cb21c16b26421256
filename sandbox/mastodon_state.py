"""What a Mastodon server knows: accounts, statuses, who is told of what."""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox import attached
from sandbox.rest import Json
from sandbox.state import Core

CHARACTERS = 500
_MENTION = re.compile(r"(?<!\w)@(\w+)")
_LINK = re.compile(r"https?://\S+")


class Refusal(Exception):
    """Becomes `{"error": ...}` with a status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Notification:
    """`broken`: a row no client can read, in the place of the real one. `filtered`: the
    account's policy keeps it out of the usual list."""

    id: str
    type: str
    at: float
    account: str
    status_id: str | None
    broken: bool = False
    filtered: bool = False


POLICY = {
    "for_not_following": "accept",
    "for_not_followers": "accept",
    "for_new_accounts": "accept",
    "for_private_mentions": "filter",
    "for_limited_accounts": "filter",
}
"""Of an account that has changed nothing: private mentions of people it does not follow
are filtered (docs.joinmastodon.org, notifications#get-policy; since 4.3)."""


@dataclass(slots=True)
class Account:
    id: str
    username: str
    name: str
    policy: dict[str, str] = field(default_factory=lambda: dict(POLICY))
    blocks: set[str] = field(default_factory=set)
    notifications: list[Notification] = field(default_factory=list)

    def as_json(self, server: str) -> Json:
        return {
            "id": self.id,
            "username": self.username,
            "acct": self.username,
            "display_name": self.name,
            "url": f"{server}/@{self.username}",
            "bot": False,
            "locked": False,
            "note": "",
            "fields": [],
            "emojis": [],
        }


@dataclass(slots=True)
class Status:
    id: str
    author: str
    text: str
    at: float
    visibility: str
    answered: str | None
    photos: list[str]
    edited_at: float | None = None


class Mastodon:
    """Hold the core's lock while touching it."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, str] = {}
        self.statuses: dict[str, Status] = {}
        self._numbers = itertools.count(1)

    def add_account(
        self, username: str, name: str, token: str | None = None
    ) -> Account:
        account = Account(self._id(), username, name)
        self.accounts[account.id] = account
        if token:
            self.tokens[token] = account.id
        return account

    def by_name(self, username: str) -> Account:
        """KeyError: nobody of that name."""
        for account in self.accounts.values():
            if account.username.lower() == username.lower():
                return account
        raise KeyError(username)

    def resident(self, username: str) -> Account:
        try:
            return self.by_name(username)
        except KeyError:
            return self.add_account(username, username.replace("_", " ").title())

    def post(
        self,
        author: Account,
        text: str,
        *,
        answered: str | None = None,
        visibility: str = "public",
        photos: list[str] | None = None,
    ) -> Status:
        status = Status(
            self._id(),
            author.id,
            text,
            self.core.clock.now(),
            visibility,
            answered,
            photos or [],
        )
        self.statuses[status.id] = status
        for account in self.mentioned(text):
            if account.id != author.id:
                self._tell(account, "mention", status)
        return status

    def edit(self, status_id: str, text: str) -> str:
        """Nobody is told but who boosted it, and here nobody did."""
        status = self.statuses[status_id]
        status.text, status.edited_at = text, self.core.clock.now()
        return status_id

    def delete(self, status_id: str) -> str:
        del self.statuses[status_id]
        return status_id

    def poison(self, account: Account) -> None:
        """A row in the list of notifications that is not one."""
        notice = Notification(
            self._id(), "mention", self.core.clock.now(), account.id, None, True
        )
        account.notifications.append(notice)

    def mentioned(self, text: str) -> list[Account]:
        names = {found.lower() for found in _MENTION.findall(text)}
        return [
            account
            for account in self.accounts.values()
            if account.username.lower() in names
        ]

    def length(self, text: str) -> int:
        return len(_LINK.sub("x" * 23, text))

    def notification(self, notice: Notification, server: str) -> Json:
        if notice.broken:
            return {"id": notice.id, "type": "mention", "account": 7, "status": "rusak"}
        return {
            "id": notice.id,
            "type": notice.type,
            "created_at": _iso(notice.at),
            "group_key": f"ungrouped-{notice.id}",
            "account": self.accounts[notice.account].as_json(server),
            "status": self.status(self.statuses[str(notice.status_id)], server),
        }

    def status(self, status: Status, server: str) -> Json:
        author = self.accounts[status.author]
        answered = self.statuses.get(status.answered or "")
        return {
            "id": status.id,
            "created_at": _iso(status.at),
            "in_reply_to_id": status.answered,
            "in_reply_to_account_id": answered.author if answered else None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": status.visibility,
            "language": "id",
            "uri": f"{server}/users/{author.username}/statuses/{status.id}",
            "url": f"{server}/@{author.username}/{status.id}",
            "edited_at": _iso(status.edited_at) if status.edited_at else None,
            "content": self._html(status.text, server),
            "reblog": None,
            "account": author.as_json(server),
            "media_attachments": [_picture(name, server) for name in status.photos],
            "mentions": [
                {
                    "id": found.id,
                    "username": found.username,
                    "acct": found.username,
                    "url": f"{server}/@{found.username}",
                }
                for found in self.mentioned(status.text)
            ],
            "tags": [],
            "emojis": [],
            "quote": None,
            "card": None,
            "poll": None,
        }

    def _html(self, text: str, server: str) -> str:
        written = html.escape(text, quote=False)
        for account in self.mentioned(text):
            link = (
                '<span class="h-card" translate="no"><a'
                f' href="{server}/@{account.username}" class="u-url'
                f' mention">@<span>{account.username}</span></a></span>'
            )
            written = re.sub(
                rf"(?<![\w/])@{account.username}\b", link, written, flags=re.I
            )
        parts = [part.replace("\n", "<br />") for part in written.split("\n\n")]
        return "".join(f"<p>{part}</p>" for part in parts)

    def _tell(self, account: Account, kind: str, status: Status) -> None:
        private = account.policy["for_private_mentions"]
        what = private if status.visibility == "direct" else "accept"
        if what == "drop":
            return
        account.notifications.append(
            Notification(
                self._id(),
                kind,
                status.at,
                status.author,
                status.id,
                filtered=what == "filter",
            )
        )

    def _id(self) -> str:
        """The millisecond in the upper bits, as the server makes them; always
        rising."""
        return str((int(self.core.clock.now() * 1000) << 16) + next(self._numbers))


def _picture(label: str, server: str) -> dict[str, Any]:
    file = attached.of(label)
    return {
        "id": label,
        "type": "image" if file.sort == "picture" else file.sort,
        "url": f"{server}/media/{file.name}",
        "preview_url": f"{server}/media/{file.name}",
        "description": None,
    }


def _iso(moment: float) -> str:
    told = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")
