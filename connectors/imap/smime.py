"""What an opaque signed mail (S/MIME, application/pkcs7-mime) holds: RFC 5652 and 8551.

The signature is not checked: whoever writes to a city need not be trusted to be heard.
No library that is kept up gives the content of such an envelope, and its first three
levels are all that must be read: ContentInfo, SignedData, EncapsulatedContentInfo.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

_SIGNED_DATA = (0x06, bytes.fromhex("2a864886f70d010702"))
_DATA = (0x06, bytes.fromhex("2a864886f70d010701"))
_SEQUENCE, _OCTETS, _FIRST_TAG = 0x30, 0x04, 0xA0
_CONSTRUCTED = 0x20
_DEEPEST = 20


def signed_content(envelope: bytes) -> bytes | None:
    """The mail that was signed; None where this is encrypted, or no such thing."""
    try:
        info = list(_inside(envelope, _SEQUENCE))
        if info[0] != _SIGNED_DATA:
            return None
        signed = list(_inside(info[1][1], _SEQUENCE))
        encapsulated = next(one for one in signed if one[0] == _SEQUENCE)
        told = list(_elements(encapsulated[1]))
        if told[0] != _DATA or told[1][0] != _FIRST_TAG:
            return None
        return b"".join(
            part for tag, body in _elements(told[1][1]) for part in _octets(tag, body)
        )
    except (IndexError, StopIteration, RecursionError):
        return None


def _inside(content: bytes, tag: int) -> Iterator[tuple[int, bytes]]:
    for found, body in islice(_elements(content), 1):
        if found == tag:
            yield from _elements(body)


def _octets(tag: int, body: bytes, depth: int = 0) -> Iterator[bytes]:
    """A string of octets, also one in pieces, as programs write long ones."""
    if tag == _OCTETS:
        yield body
    elif tag == _OCTETS | _CONSTRUCTED and depth < _DEEPEST:
        for inner, piece in _elements(body):
            yield from _octets(inner, piece, depth + 1)


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each element (BER, RFC 5652 section 2); tags of one octet."""
    position = 0
    while position < len(content) and content[position : position + 2] != b"\0\0":
        tag, start, length = _head(content, position)
        end = _end(content, start) if length is None else start + length
        if end > len(content):
            raise IndexError("cut off")
        yield tag, content[start:end]
        position = end + (2 if length is None else 0)


def _head(content: bytes, position: int) -> tuple[int, int, int | None]:
    """Tag, where the body begins, and its length; None: up to a mark."""
    tag, first = content[position], content[position + 1]
    if first == 0x80:
        return tag, position + 2, None
    if first < 0x80:
        return tag, position + 2, first
    count = first & 0x7F
    start = position + 2 + count
    return tag, start, int.from_bytes(content[position + 2 : start], "big")


def _end(content: bytes, start: int, depth: int = 0) -> int:
    """Where the mark of an element stands whose length is not told."""
    if depth > _DEEPEST:
        raise IndexError("too deep")
    position = start
    while content[position : position + 2] != b"\0\0":
        _, begin, length = _head(content, position)
        if length is None:
            position = _end(content, begin, depth + 1) + 2
        else:
            position = begin + length
        if position >= len(content):
            raise IndexError("cut off")
    return position
