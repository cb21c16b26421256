"""Small real files of every kind that residents send, by the name they are sent under.

Films and recordings were made with FFmpeg, the HEIC with libheif (`tests/data/files`,
`sandbox/files`); everything else is made here.
"""

from __future__ import annotations

import gzip
import io
import wave
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
from PIL import Image

_ROOT = Path(__file__).parents[2]
_FOLDERS = (_ROOT / "tests" / "data" / "files", _ROOT / "sandbox" / "files")

KINDS = {
    "foto.jpg": "jpeg",
    "foto.png": "png",
    "foto.webp": "webp",
    "foto.gif": "gif",
    "foto.heic": "heic",
    "foto.avif": "avif",
    "foto.tiff": "tiff",
    "foto.bmp": "bmp",
    "foto.jp2": "jpeg2000",
    "suara.ogg": "ogg",
    "suara.mp3": "mp3",
    "suara.m4a": "m4a",
    "suara.aac": "aac",
    "suara.flac": "flac",
    "suara.weba": "weba",
    "suara.wav": "wav",
    "suara.amr": "amr",
    "film.mp4": "mp4",
    "film.mov": "mov",
    "film.webm": "webm",
    "film.3gp": "3gp",
    "film.mkv": "mkv",
    "film.avi": "avi",
    "film.wmv": "asf",
    "film.flv": "flv",
    "film.mpg": "mpeg",
    "film.ts": "ts",
    "surat.pdf": "pdf",
    "surat.docx": "docx",
    "makro.docm": "macros",
    "paparan.pptx": "pptx",
    "tabel.xlsx": "xlsx",
    "surat.odt": "odt",
    "surat.rtf": "rtf",
    "lama.doc": "old_office",
    "catatan.txt": "text",
    "tabel.csv": "text",
    "undangan.ics": "calendar",
    "orang.vcf": "contact",
    "surat.eml": "mail",
    "arsip.zip": "zip",
    "arsip.gz": "gzip",
    "halaman.html": "html",
    "gambar.svg": "svg",
    "skrip.sh": "script",
    "program.exe": "program",
    "aplikasi.apk": "program",
    "acak.bin": "unknown",
}
"""Every sample, and what it is."""
_OFFICE = {"[Content_Types].xml": "<Types/>"}
_OPEN_TEXT = "application/vnd.oasis.opendocument.text"


@cache
def sample(name: str) -> bytes:
    for folder in _FOLDERS:
        if (folder / name).exists():
            return (folder / name).read_bytes()
    return _made(name)


def _made(name: str) -> bytes:
    stem, _, ending = name.rpartition(".")
    if stem == "foto":
        return picture({"jpg": "JPEG", "jp2": "JPEG2000"}.get(ending, ending.upper()))
    made = {
        "suara.wav": _recording,
        "surat.pdf": lambda: pdf(2),
        "tabel.xlsx": _table,
        "surat.docx": lambda: archive(_OFFICE | {"word/document.xml": "<w/>"}),
        "makro.docm": lambda: archive(
            _OFFICE | {"word/document.xml": "<w/>", "word/vbaProject.bin": "x"}
        ),
        "paparan.pptx": lambda: archive(_OFFICE | {"ppt/presentation.xml": "<p/>"}),
        "surat.odt": lambda: archive({"mimetype": _OPEN_TEXT, "content.xml": "<x/>"}),
        "arsip.zip": lambda: archive({"catatan.txt": "halo"}),
        "aplikasi.apk": lambda: archive({"AndroidManifest.xml": "x"}),
        "arsip.gz": lambda: gzip.compress(b"halo"),
    }
    return made[name]() if name in made else _WRITTEN[name]


_WRITTEN = {
    "surat.rtf": rb"{\rtf1\ansi halo}",
    "lama.doc": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
    "catatan.txt": b"Lampu mati di depan pasar, sudah dua malam.\n",
    "tabel.csv": b"tanggal;jumlah\n2026-11-01;3\n",
    "undangan.ics": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    "orang.vcf": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Contoh\r\nEND:VCARD\r\n",
    "surat.eml": b"From: a@example.org\r\nSubject: Contoh\r\nDate: x\r\n\r\nhalo\r\n",
    "halaman.html": b"<!doctype html><script>alert(1)</script>",
    "gambar.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "skrip.sh": b"#!/bin/sh\necho halo\n",
    "program.exe": b"MZ\x90\x00" + bytes(60) + b"PE\x00\x00",
    "acak.bin": bytes(range(256)),
}


def picture(form: str = "JPEG", size: tuple[int, int] = (96, 64)) -> bytes:
    image = Image.new("RGB", size, (40, 120, 200))
    image.paste((200, 60, 40), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, format=form)
    return out.getvalue()


def pdf(pages: int) -> bytes:
    """Every page another colour."""
    sheets = [Image.new("RGB", (210, 297), (250 - n, 250, 250)) for n in range(pages)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def archive(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return out.getvalue()


def _recording() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(bytes(1600))
    return out.getvalue()


def _table() -> bytes:
    book = openpyxl.Workbook()
    book["Sheet"]["A1"] = "halo"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
