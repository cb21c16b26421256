"""The judged commands: what a connector makes of files, as JSON lines; nothing is
stored.

Shapes and meanings: docs/design.md, "Judging surface".
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import connectors
from aggregator import PlainError
from aggregator.store import settings
from connectors.base import Connector, Message, RawItem, ReadsFiles, Receives, Request
from connectors.errors import BadItem, Untrusted

Row = dict[str, Any]
FIELDS = (
    "kind",
    "native_id",
    "parent_id",
    "conversation_id",
    "author_id",
    "author_name",
    "author_handle",
    "text",
    "media_count",
    "media_types",
    "created_at",
)


_MAIL_EXPECTED = 200
"""Characters of a mail's text in the list of expected values."""


class EvaluationError(PlainError):
    """An input cannot be read at all; the message names it."""


def normalise_file(channel: str, path: Path, kind: str | None = None) -> Iterator[Row]:
    """One row a message, in the order of the file; a bad item is a row with `error`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        items = list(_items(connectors.load(channel), path, content, kind))
    except BadItem as error:
        yield {"file": str(path), "error": error.code, "detail": str(error)}
        return
    for item in items:
        yield from rows(channel, str(path), item)


def _items(
    connector: type[Connector], path: Path, content: bytes, kind: str | None
) -> Iterable[RawItem]:
    """JSON as the platform's; anything else as a file, where the channel has files."""
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError) as error:
        if isinstance(connector, ReadsFiles):
            return connector.read_bytes(content, path.name)
        raise BadItem(f"not JSON: {error}") from error
    return connector.read_file(payload, kind or _hint(path))


def _hint(path: Path) -> str | None:
    """What the name of a recorded answer says of its endpoint, where content cannot."""
    name = path.stem.lower()
    words = {"mention": "mention", "tagged": "mention", "quote": "quote"}
    return next((kind for word, kind in words.items() if word in name), None)


def rows(channel: str, file: str, item: RawItem) -> Iterator[Row]:
    """What a connector makes of one item: a row a message, or one with `error`."""
    try:
        for message in connectors.load(channel).normalise(item):
            yield row_of(file, channel, message)
    except BadItem as error:
        yield {"file": file, "error": error.code, "detail": str(error)}


def row_of(file: str, channel: str, message: Message) -> Row:
    return {
        "file": file,
        "channel": channel,
        "kind": message.kind,
        "native_id": None if message.extra.get("made_up_id") else message.native_id,
        "parent_id": message.parent_id,
        "conversation_id": message.conversation_id,
        "author_id": message.author_id,
        "author_name": message.author_name,
        "author_handle": message.author_handle,
        "text": message.text,
        "raw_text": message.raw_text if message.raw_text is not None else message.text,
        "media_count": len(message.media),
        "media_types": [media.type for media in message.media],
        "created_at": _iso(message.created_at),
    }


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    exact = "seconds" if not moment.microsecond else "milliseconds"
    if moment.microsecond % 1000:
        exact = "microseconds"
    text = moment.astimezone(UTC).isoformat(timespec=exact)
    return text.removesuffix("+00:00") + "Z"


def verify_file(channel: str, secret: str, path: Path) -> Row:
    """Whether a recorded delivery is genuine under a secret; `answer`: reply to a
    challenge."""
    connector = connectors.load(channel)
    try:
        said = json.loads(path.read_bytes())
        body = base64.b64decode(said.get("body_base64") or "")
        headers, query = said.get("headers") or {}, said.get("query") or {}
        headers = {str(name).lower(): str(value) for name, value in headers.items()}
        query = {str(name): str(value) for name, value in query.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EvaluationError(f"{path}: not a recorded request ({error})") from error
    if not isinstance(connector, Receives):
        raise EvaluationError(f"channel {channel!r} receives no webhooks")
    app, account = _with_secret(connector, channel, secret)
    request = Request(
        method=str(said.get("method", "POST")).upper(),
        headers=headers,
        query=query,
        body=body,
        now=datetime.fromisoformat(said["now"])
        if isinstance(said.get("now"), str)
        else None,
    )
    try:
        answer = connector.verify(app, account, request)
    except Untrusted:
        return {"valid": False, "answer": None}
    return {"valid": True, "answer": answer}


_SECRET_FIELDS = ("consumer_secret", "app_secret", "webhook_secret", "client_secret")


def _with_secret(connector: Any, channel: str, secret: str) -> tuple[Any, Any]:
    """The connector's settings with the given secret in the field that signs
    deliveries."""
    app = settings.app_settings(channel)
    for name in _SECRET_FIELDS:
        if name in connector.App.model_fields:
            return connector.App(**{**app.model_dump(), name: secret}), None
        if name in connector.Account.model_fields:
            filled = {
                field_name: "-"
                for field_name, info in connector.Account.model_fields.items()
                if info.is_required()
            }
            return app, connector.Account(**{**filled, name: secret})
    raise EvaluationError(f"channel {channel!r} signs nothing")


@dataclass
class Score:
    """Of one channel: files, and expected values that were met or not, field by
    field."""

    files: int = 0
    right: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def score_payloads(folder: Path) -> dict[str, Score]:
    """Compare with MANIFEST.json of a folder of recorded payloads, for the channels
    there are."""
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    scores: dict[str, Score] = {}
    for entry in manifest:
        channel = "imap" if entry["channel"] == "email" else entry["channel"]
        if channel not in connectors.BUILTIN:
            continue
        score = scores.setdefault(channel, Score())
        score.files += 1
        found = list(normalise_file(channel, folder / entry["file"]))
        score.right += _compare(entry, found, score)
    return scores


def _compare(entry: Mapping[str, Any], found: list[Row], score: Score) -> bool:
    expected, same = entry["expected"], True
    if len(expected) != len(found):
        score.wrong["count"] += 1
        score.differences.append(
            f"{entry['file']}: {len(found)} rows, {len(expected)} expected"
        )
        same = False
    for wanted, row in zip(expected, found, strict=False):
        for name in FIELDS:
            if name not in wanted:
                continue
            score.fields[name] += 1
            given = _as_expected(name, row)
            if not _same(name, wanted[name], given):
                same = False
                score.wrong[name] += 1
                score.differences.append(
                    f"{entry['file']}: {name} is {given!r}, expected {wanted[name]!r}"
                )
    return same


def _as_expected(name: str, row: Row) -> Any:
    """Of mail the list holds the beginning of the text part, quotes and signature
    included."""
    if name == "text" and row.get("channel") == "imap":
        return str(row.get("raw_text") or "")[:_MAIL_EXPECTED]
    return row.get(name)


def _same(name: str, wanted: Any, given: Any) -> bool:
    """Times are compared as moments: 22:13:20Z and 22:13:20.000Z are one."""
    if name == "created_at" and isinstance(wanted, str) and isinstance(given, str):
        return datetime.fromisoformat(wanted) == datetime.fromisoformat(given)
    return bool(wanted == given)
