"""A fixture out of a live account, without what it says about people.

Every text, name and number that a person could be found by is replaced by one of the same shape,
the same value always by the same other one, so that threads and edits still hang together.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import connectors
from aggregator import accounts, evaluate
from aggregator.models import Account
from aggregator.vault import Vault
from connectors.base import Polls, RawItem

MOST = 20
_KEPT = re.compile(
    r"^(?:type|kind|status|state|field|object|event|event_type|item|verb|lang|language|mime_type|"
    r"media_type|messaging_product|created_at|updated_at|timestamp|time|date|edit_date|created_time|"
    r"update_time|createTime|updateTime|publishedAt|updatedAt|indexedAt|starRating|visibility)$"
)
"""Fields that are the platform's own words, not a person's."""
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_SYLLABLES = ("ba", "ci", "da", "ga", "ku", "la", "ma", "ni", "pa", "ra", "sa", "ta", "wi", "yu")


def redact(value: Any, name: str = "") -> Any:
    """The same structure with made-up content; equal values stay equal."""
    if isinstance(value, dict):
        return {key: redact(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [redact(inner, name) for inner in value]
    if _KEPT.match(name) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _DIGITS.sub(_other_digits, _WORD.sub(_other_word, value))
    if isinstance(value, int) and abs(value) > 9999:
        return int(_DIGITS.sub(_other_digits, str(value)))
    return 0.0 if isinstance(value, float) else value


def _draw(text: str) -> Callable[[int], int]:
    digest = hashlib.sha256(text.lower().encode()).digest()
    return lambda position: digest[position % len(digest)]


def _other_word(found: re.Match[str]) -> str:
    word = found[0]
    draw = _draw(word)
    made = "".join(_SYLLABLES[draw(at) % len(_SYLLABLES)] for at in range(len(word) // 2 + 1))
    made = made[: len(word)]
    return made.capitalize() if word[0].isupper() else made


def _other_digits(found: re.Match[str]) -> str:
    digits = found[0]
    if len(digits) < 5:
        return digits
    draw = _draw(digits)
    return "".join(str(draw(at) % 9 + 1) for at in range(len(digits)))


def capture(vault: Vault, account: Account, folder: Path) -> list[Path]:
    """Write `NAME.json`, redacted items as they came, and `NAME.expected.jsonl`, what `normalise`
    makes of them. Looks at the first page only; nothing is stored or acknowledged."""
    with accounts.connected(account, vault) as connector:
        if not isinstance(connector, Polls):
            raise accounts.AccountError(f"{account.channel} cannot be polled, so nothing is there")
        page = next(iter(connector.fetch({})), None)
    items = [] if page is None else page.items[:MOST]
    if not items:
        raise accounts.AccountError(f"{account.channel}:{account.handle} has nothing to capture")
    folder.mkdir(parents=True, exist_ok=True)
    given, expected = (
        folder / f"{account.channel}_captured.{end}" for end in ("json", "expected.jsonl")
    )
    redacted = [RawItem(redact(item.key), item.kind, redact(item.payload)) for item in items]
    told = [{"kind": item.kind, "key": item.key, "payload": item.payload} for item in redacted]
    given.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    rows = [
        json.dumps(row, ensure_ascii=False)
        for item in redacted
        for row in evaluate.rows(account.channel, given.name, item)
    ]
    expected.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [given, expected]


def read(path: Path) -> list[RawItem]:
    """The items of a captured file, as `normalise` takes them."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return [RawItem(row["key"], row["kind"], row["payload"]) for row in told]


def agrees(path: Path) -> bool:
    """Whether today's `normalise` still makes of a captured file what it made then."""
    channel = path.name.removesuffix("_captured.json")
    connectors.load(channel)
    expected = path.with_name(f"{channel}_captured.expected.jsonl").read_text(encoding="utf-8")
    rows = [
        json.dumps(row, ensure_ascii=False)
        for item in read(path)
        for row in evaluate.rows(channel, path.name, item)
    ]
    return rows == expected.splitlines()
