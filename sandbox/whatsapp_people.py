"""People of WhatsApp and the ids they are known by.

Since April 2026 a delivery names an id of the business's own beside the telephone
number; who has taken a user name is named by that id alone. A new number means a new id
(developers.facebook.com: business-scoped user IDs, March 2026; system messages,
August 2026).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Person:
    """`former`: what they were reached by once and are not any more."""

    name: str
    phone: str
    user_id: str
    username: str | None = None
    former: set[str] = field(default_factory=set)

    def sender(self) -> Json:
        """As a message names who wrote it."""
        known = {"from_user_id": self.user_id}
        return known if self.username else {"from": self.phone, **known}

    def contact(self) -> Json:
        profile = {"name": self.name}
        if self.username:
            profile["username"] = f"@{self.username}"
            return {"profile": profile, "user_id": self.user_id}
        return {"profile": profile, "wa_id": self.phone, "user_id": self.user_id}

    def moves(self) -> Json:
        """A new number, and the notice of it. Of who has a user name the platform tells
        no number."""
        told: Json = {"from_user_id": self.user_id}
        notice: Json = {"previous_user_id": self.user_id}
        if not self.username:
            told["from"] = self.phone
        self.former |= {self.phone, self.user_id}
        self.phone, self.user_id = _ids(f"{self.name} {len(self.former)}")
        notice["user_id"] = self.user_id
        if self.username:
            notice["type"] = "user_changed_user_id"
        else:
            notice |= {"type": "user_changed_number", "wa_id": self.phone}
        return {**told, "type": "system", "system": notice}


class People:
    def __init__(self) -> None:
        self._known: dict[str, Person] = {}

    def named(self, name: str) -> Person:
        return self._known.setdefault(name.lower(), Person(name, *_ids(name)))

    def reached_by(self, told: str) -> Person | None:
        """By number or id."""
        for person in self._known.values():
            if told in (person.phone, person.user_id):
                return person
        return None

    def left(self, told: str) -> bool:
        return any(told in person.former for person in self._known.values())


def phone_of(who: str) -> str:
    """A made-up Indonesian number that is the same for the same name."""
    return _ids(who)[0]


def _ids(who: str) -> tuple[str, str]:
    digits = str(int(hashlib.sha256(who.lower().encode()).hexdigest()[:10], 16))
    return "62899" + digits[-8:], f"ID.{digits}"
