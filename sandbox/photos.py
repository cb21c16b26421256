"""Pictures painted on demand, so that no photograph has to be shipped."""

from __future__ import annotations

import functools
import hashlib
import io

from PIL import Image, ImageDraw

Gps = tuple[float, float]


@functools.lru_cache(maxsize=256)
def jpeg(
    label: str, width: int = 800, height: int = 600, gps: Gps | None = None
) -> bytes:
    """A JPEG that is the same for the same label and size and differs between
    labels."""
    shade = hashlib.sha256(label.encode()).digest()
    picture = Image.new(
        "RGB", (width, height), (shade[0] // 2 + 60, shade[1] // 2 + 80, 150)
    )
    draw = ImageDraw.Draw(picture)
    ground = height * 2 // 3
    draw.rectangle((0, ground, width, height), fill=(shade[2] // 3 + 40, 90, 60))
    for i in range(6):
        left = int(width * shade[3 + i] / 255)
        top = int(ground * shade[10 + i] / 255)
        draw.rectangle(
            (left, top, left + width // 9, ground), fill=(shade[16 + i], 120, 110)
        )
    draw.text((8, height - 20), label[:60], fill="white")
    out = io.BytesIO()
    if gps is None:
        picture.save(out, "JPEG", quality=70)
    else:
        picture.save(out, "JPEG", quality=70, exif=_exif(*gps))
    return out.getvalue()


def _exif(latitude: float, longitude: float) -> Image.Exif:
    exif = Image.Exif()
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "S" if latitude < 0 else "N", _degrees(latitude)
    place[3], place[4] = "W" if longitude < 0 else "E", _degrees(longitude)
    return exif


def _degrees(angle: float) -> tuple[float, float, float]:
    angle = abs(angle)
    minutes = (angle - int(angle)) * 60
    return (
        float(int(angle)),
        float(int(minutes)),
        round((minutes - int(minutes)) * 60, 3),
    )
