"""A fixture out of a live account, without what it says about people.

Every text, name and number that a person could be found by is replaced by one of the
same shape, the same value always by the same other one, so that threads and edits still
hang together.
"""

from __future__ import annotations

import json
from pathlib import Path

import connectors
from aggregator.accounts import connections, registry
from aggregator.lab import evaluate
from aggregator.store.redaction import redact
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault
from connectors.base import Polls, RawItem

MOST = 20


def capture(vault: Vault, account: Account, folder: Path) -> list[Path]:
    """Write `NAME.json`, redacted items as they came, and `NAME.expected.jsonl`, what
    `normalise` makes of them. Looks at the first page only; nothing is stored or
    acknowledged."""
    with connections.connected(account, vault) as connector:
        if not isinstance(connector, Polls):
            raise registry.AccountError(
                f"{account.channel} cannot be polled, so nothing is there"
            )
        page = next(iter(connector.fetch({})), None)
    items = [] if page is None else page.items[:MOST]
    if not items:
        raise registry.AccountError(
            f"{account.channel}:{account.handle} has nothing to capture"
        )
    folder.mkdir(parents=True, exist_ok=True)
    given, expected = (
        folder / f"{account.channel}_captured.{end}"
        for end in ("json", "expected.jsonl")
    )
    redacted = [
        RawItem(redact(item.key), item.kind, redact(item.payload)) for item in items
    ]
    told = [
        {"kind": item.kind, "key": item.key, "payload": item.payload}
        for item in redacted
    ]
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
    expected = path.with_name(f"{channel}_captured.expected.jsonl").read_text(
        encoding="utf-8"
    )
    rows = [
        json.dumps(row, ensure_ascii=False)
        for item in read(path)
        for row in evaluate.rows(channel, path.name, item)
    ]
    return rows == expected.splitlines()
