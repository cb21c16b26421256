"""The small part of X's search language a service desk needs."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.x_errors import invalid
from sandbox.x_state import X
from sandbox.x_types import Post

Matches = Callable[[Post], bool]


def matcher(x: X, query: str) -> Matches:
    """Terms are joined by AND, or by OR (which binds looser); a leading minus negates.

    Terms: `@handle`, `from:`, `to:`, `conversation_id:`, `is:reply|retweet|quote`,
    words, "phrases".
    """
    if "(" in query or ")" in query:
        raise invalid("query", query, "uses groups, which this stand-in does not know")
    either = [_all_of(x, part) for part in re.split(r"\s+OR\s+", query.strip())]
    return lambda post: any(matches(post) for matches in either)


def _all_of(x: X, part: str) -> Matches:
    terms = [_term(x, term) for term in re.findall(r'-?"[^"]+"|\S+', part)]
    return lambda post: all(matches(post) for matches in terms)


def _term(x: X, term: str) -> Matches:
    if term.startswith("-"):
        inner = _term(x, term[1:])
        return lambda post: not inner(post)
    name, _, value = term.partition(":")
    if name == "from":
        return lambda post: post.author.username.lower() == value.lower().lstrip("@")
    if name == "to":
        return lambda post: _answers(x, post, value.lower().lstrip("@"))
    if name == "conversation_id":
        return lambda post: str(post.conversation_id) == value
    if name == "is":
        return _is(value)
    if term.startswith("@"):
        return lambda post: _names(post, term[1:].lower())
    word = term.strip('"').lower()
    return lambda post: post.reposts is None and word in post.text.lower()


def _is(value: str) -> Matches:
    kinds: dict[str, Matches] = {
        "reply": lambda post: post.reply_to is not None,
        "retweet": lambda post: post.reposts is not None,
        "quote": lambda post: post.quotes is not None,
    }
    if value not in kinds:
        raise invalid("query", f"is:{value}", "is not known")
    return kinds[value]


def _answers(x: X, post: Post, username: str) -> bool:
    answered = x.posts.get(post.reply_to) if post.reply_to is not None else None
    return answered is not None and answered.author.username.lower() == username


def _names(post: Post, username: str) -> bool:
    return any(user.username.lower() == username for user in post.mentions)
