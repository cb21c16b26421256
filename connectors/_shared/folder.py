"""A watched folder as a stream: files that are new or changed, by name and content.

What writes into the folder should write under another name first (".x", "x.part",
"x.tmp") and rename; a file that is caught half written is read again when it has
changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from connectors.base import RawItem
from connectors.errors import BadItem, Refused, TryLater

LARGEST_FILE = 100 * 1024 * 1024
_UNFINISHED = (".part", ".tmp", ".crdownload", "~")


@dataclass(frozen=True, slots=True)
class Found:
    """`content` is None for a file that is too large."""

    name: str
    digest: str
    content: bytes | None


def new_files(
    folder: str, known: Mapping[str, Any], suffixes: tuple[str, ...]
) -> Iterator[Found]:
    """By name. `known` maps a name to the digest it was last read with."""
    for path in _listed(folder, suffixes):
        try:
            if path.stat().st_size > LARGEST_FILE:
                digest = f"size:{path.stat().st_size}"
                if known.get(path.name) != digest:
                    yield Found(path.name, digest, None)
                continue
            content = path.read_bytes()
        except FileNotFoundError:
            continue  # moved away since it was listed
        except OSError as error:
            raise TryLater(f"{path.name} cannot be read ({error.strerror})") from None
        digest = hashlib.sha256(content).hexdigest()[:24]
        if known.get(path.name) != digest:
            yield Found(path.name, digest, content)


def present(
    folder: str, known: Mapping[str, Any], suffixes: tuple[str, ...]
) -> dict[str, Any]:
    """What of `known` is still in the folder, so that a cursor does not grow for
    ever."""
    names = {path.name for path in _listed(folder, suffixes)}
    return {name: digest for name, digest in known.items() if name in names}


def _listed(folder: str, suffixes: tuple[str, ...]) -> list[Path]:
    try:
        paths = sorted(Path(folder).iterdir())
    except OSError as error:
        raise TryLater(
            f"the folder {folder} cannot be read ({error.strerror})"
        ) from None
    return [
        path
        for path in paths
        if path.suffix.lower() in suffixes
        and not path.name.startswith((".", "~"))
        and not path.name.endswith(_UNFINISHED)
        and path.is_file()
    ]


def require(folder: str, *, writable: bool) -> None:
    """Refused where a folder of the settings cannot be used."""
    path = Path(folder)
    if not path.is_dir():
        raise Refused(f"there is no folder {folder}; create it", code="no_folder")
    if not os.access(path, os.W_OK | os.X_OK if writable else os.R_OK | os.X_OK):
        raise Refused(
            f"the folder {folder} cannot be {'written to' if writable else 'read'};"
            " change its permissions",
            code="no_folder",
        )


def require_those_set(reads: str, writes: str) -> None:
    """`require` for the folders that are set; "" is none."""
    if reads:
        require(reads, writable=False)
    if writes:
        require(writes, writable=True)


def items_or_reason(
    found: Found,
    read: Callable[[bytes, str], Iterable[RawItem]],
    broken: str,
    too_large: str,
) -> list[RawItem]:
    """What `read` makes of a file; one item of kind `broken` that says why, where it
    cannot."""
    try:
        if found.content is None:
            raise BadItem(f"{found.name} is larger than 100 MB{too_large}")
        return list(read(found.content, found.name))
    except BadItem as error:
        payload = {"file": found.name, "error": str(error)}
        return [RawItem(f"{found.name}:{found.digest}", broken, payload)]


def raise_if_broken(item: RawItem, broken: str) -> None:
    """BadItem with the reason that `items_or_reason` wrote down."""
    if item.kind == broken:
        told = item.payload.get("error") if isinstance(item.payload, dict) else None
        raise BadItem(str(told or "a file that cannot be read"))


@contextmanager
def alone(folder: str) -> Iterator[None]:
    """One process at a time writes into a folder."""
    try:
        handle = os.open(Path(folder) / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise TryLater(
            f"the folder {folder} cannot be written to ({error.strerror})"
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise TryLater(f"{path.name} cannot be written ({error.strerror})") from None
