"""What is known of a message beside its words: where, to whom and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AuthorKind = Literal["resident", "office", "press", "shop", "bot", "visitor"]
AUTHOR_KINDS: tuple[AuthorKind, ...] = AuthorKind.__args__  # type: ignore[attr-defined]
NOT_RESIDENTS: frozenset[AuthorKind] = frozenset(("office", "press", "bot"))
"""Who tells what happens, and waits for no answer."""


@dataclass(frozen=True, slots=True)
class Context:
    """Empty is what is not known. `private`: written to the city alone, as a chat, a
    mail or a form is. `account`: the code of the agency whose account was addressed."""

    private: bool | None = None
    account: str | None = None
    author: AuthorKind | None = None


UNKNOWN = Context()
