"""Fields of what our own pages hand over: the report form and what a person writes
down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import Geo, Media, point


def text(said: Mapping[str, Any], name: str) -> str | None:
    """Without blanks around it; None where nothing is left."""
    value = said.get(name)
    return value.strip() or None if isinstance(value, str) else None


def geo(said: Mapping[str, Any]) -> Geo | None:
    return point(said.get("lat"), said.get("lon"))


def stored_media(said: Mapping[str, Any]) -> Iterable[Media]:
    """Files the page has stored already, by their content."""
    files = said.get("media")
    for file in files if isinstance(files, list) else []:
        if isinstance(file, dict) and isinstance(file.get("sha256"), str):
            mime = file.get("mime") if isinstance(file.get("mime"), str) else None
            yield Media("photo", file["sha256"], {"sha256": file["sha256"]}, mime)
