"""The words and the files of a rich message (Bot API 10.1): a tree of blocks instead of
a text.

Source: core.telegram.org/bots/api, RichMessage, RichBlock and RichText (Bot API 10.3).
A kind of block that comes later is read by the names its parts have today.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors._shared.fields import Json, as_list, as_object, objects, sub

_MOST_NESTED = 40
"""Telegram nests less; a tree without end is made by nobody who wants to be read."""
_INLINE = ("text", "summary", "credit", "expression")
_INSIDE = ("blocks", "items", "buttons")


def words(message: Json) -> str | None:
    """The text, a block a line."""
    blocks = objects(sub(message, "rich_message").get("blocks"))
    return "\n".join(line for block in blocks for line in _lines(block, 0)) or None


def files(message: Json) -> Iterator[Json]:
    """The blocks that carry a file, each like a message that carries it."""
    yield from _with_files(objects(sub(message, "rich_message").get("blocks")), 0)


def _lines(block: Json, depth: int) -> Iterator[str]:
    if depth > _MOST_NESTED:
        return
    for name in _INLINE:
        if line := _inline(block.get(name), depth).strip():
            yield line
    for row in as_list(block.get("cells")):
        cells = [_inline(cell.get("text"), depth).strip() for cell in objects(row)]
        if any(cells):
            yield " | ".join(cells)
    for name in _INSIDE:
        for part in objects(block.get(name)):
            label = part.get("label")
            inner = list(_lines(part, depth + 1))
            if inner and isinstance(label, str) and label:
                inner[0] = f"{label} {inner[0]}"
            yield from inner
    caption = block.get("caption")
    if isinstance(caption, dict):
        yield from _lines(caption, depth + 1)
    elif line := _inline(caption, depth).strip():
        yield line


def _inline(text: Any, depth: int) -> str:
    """A string, a list of such texts, or an object around one."""
    if isinstance(text, str):
        return text
    if depth > _MOST_NESTED:
        return ""
    if isinstance(text, list):
        return "".join(_inline(part, depth + 1) for part in text)
    said = as_object(text)
    return (
        _inline(said.get("text") or said.get("expression"), depth + 1) if said else ""
    )


def _with_files(blocks: list[Json], depth: int) -> Iterator[Json]:
    if depth > _MOST_NESTED:
        return
    for block in blocks:
        if block.get("type") == "voice_note":
            yield {"voice": block.get("voice_note")}
        else:
            yield block
        for name in _INSIDE:
            yield from _with_files(objects(block.get(name)), depth + 1)
