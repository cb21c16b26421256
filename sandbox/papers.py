"""Letters as PDF and spoken messages, made on demand, so that no file has to be
shipped."""

from __future__ import annotations

import functools
import io
import math
import struct
import wave

from PIL import Image, ImageDraw

_RATE = 8_000
_SECONDS = 2


@functools.lru_cache(maxsize=32)
def pdf(title: str) -> bytes:
    """One sheet with its title and ruled lines."""
    sheet = Image.new("RGB", (595, 842), "white")
    draw = ImageDraw.Draw(sheet)
    draw.text((60, 60), title, fill="black")
    for line in range(12):
        top = 110 + 28 * line
        draw.line((60, top, 535 - 40 * (line % 3), top), fill=(120, 120, 120), width=2)
    out = io.BytesIO()
    sheet.save(out, format="PDF")
    return out.getvalue()


@functools.lru_cache(maxsize=32)
def recording(label: str) -> bytes:
    """WAV: a tone that rises and falls; its pitch differs between labels."""
    pitch = 180 + sum(label.encode()) % 120
    samples = (
        int(9_000 * math.sin(2 * math.pi * pitch * n / _RATE + 3 * math.sin(n / 900)))
        for n in range(_RATE * _SECONDS)
    )
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return out.getvalue()
