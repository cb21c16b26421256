"""A process of its own that draws one file: pictures anew, PDF page by page.

What residents send is written by anybody, and what reads pictures and PDF is large and
written in C. So it happens beside the program, in a process that has its own limits of
memory and time, no secret in its environment and nothing to write but a folder that is
thrown away. It may crash: the file is then refused.

    python -m aggregator.accounts._drawing FOLDER KIND

reads FOLDER/in, writes FOLDER/1, FOLDER/2, ... and one line of JSON: `mime`, `count`
and for photos that tell it `position`. Ends with 1 where the file cannot be drawn, with
3 where it has too many pixels.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2048
PAGE_SIDE = 1400
MOST_PAGES = 8
BROKEN, TOO_MANY_PIXELS = 1, 3
_MEMORY = 1536 * 1024 * 1024
_CPU_SECONDS = 20
_WRITTEN = 64 * 1024 * 1024
_KEPT_AS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "GIF"}


class TooManyPixels(Exception):
    """A picture that would fill the memory."""


def confine() -> None:
    """From here on this process can neither grow nor go on for long."""
    for name, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(name)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (least, least))


def picture(folder: Path, code: str) -> dict[str, object]:
    """Upright, at most 2048 px long, without metadata. What browsers do not show
    becomes JPEG."""
    from PIL import Image, ImageOps

    if code == "heic":
        import pi_heif

        pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # asked below
    with Image.open(folder / "in") as image:
        if image.width * image.height > MOST_PIXELS:
            raise TooManyPixels
        form = _KEPT_AS.get(image.format or "", "JPEG")
        place = position(image)
        if form == "JPEG":
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = _without_metadata(upright, form)
    with (folder / "1").open("wb") as out:
        plain.save(out, format=form)
    told: dict[str, object] = {"mime": f"image/{form.lower()}", "count": 1}
    return told | ({"position": place} if place else {})


def _without_metadata(image: Image.Image, form: str) -> Image.Image:
    from PIL import Image

    if form == "JPEG" and image.mode not in ("RGB", "L"):
        image = image.convert("RGB")
    plain = Image.new(image.mode, image.size)
    if image.mode == "P" and (palette := image.getpalette()):
        plain.putpalette(palette)
    plain.paste(image)
    return plain


def position(image: Image.Image) -> tuple[float, float] | None:
    """Latitude and longitude from a photo's EXIF block, where it has one."""
    from PIL import ExifTags

    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(
            gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "S"
        )
        longitude = _degrees(
            gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "W"
        )
    except Exception:  # whatever a block that is no block makes the reader raise
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return latitude, longitude


def _degrees(parts: tuple[float, float, float], reference: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if reference == negative else value


def pages(folder: Path) -> dict[str, object]:
    """The first pages of a PDF, as pictures that are good to read on a telephone;
    `pages`: how many there are."""
    import pypdfium2

    with pypdfium2.PdfDocument(folder / "in") as document:
        count = len(document)
        shown = min(count, MOST_PAGES)
        for number in range(shown):
            page = document[number]
            scale = PAGE_SIDE / max(page.get_size())
            drawn = page.render(scale=min(scale, 4)).to_pil().convert("RGB")
            with (folder / str(number + 1)).open("wb") as out:
                drawn.save(out, format="WEBP", quality=70, method=2)
    return {"mime": "image/webp", "count": shown, "pages": count}


def main(folder: Path, code: str) -> int:
    confine()
    warnings.simplefilter("ignore")  # a file's oddities are nobody's business
    try:
        told = pages(folder) if code == "pdf" else picture(folder, code)
    except TooManyPixels:
        return TOO_MANY_PIXELS
    except Exception as error:  # decoders raise anything on what is no picture
        sys.stderr.write(type(error).__name__)
        return BROKEN
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
