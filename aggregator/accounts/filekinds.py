"""What a file is, by its content: neither its name nor what a platform says of it
decides.

Pure. Libraries that were looked at (puremagic, filetype) tell neither a voice note from
a film in the same container, nor a document from one with macros, nor a program for
telephones from an archive; what may be shown and played hangs on just that.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Literal

Group = Literal["picture", "audio", "video", "document", "other"]
Shown = Literal["drawn", "played", "paged", "given"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """`shown`: drawn anew, played in the page, shown page by page, or given to be saved
    and nothing else. `endings`: how names of it may end, the first where they do not.
    `wary`: opening it may run what its sender wrote.
    """

    code: str
    group: Group
    mime: str
    endings: tuple[str, ...]
    shown: Shown = "given"
    wary: bool = False


_PICTURES = (
    FileKind("jpeg", "picture", "image/jpeg", (".jpg", ".jpeg"), "drawn"),
    FileKind("png", "picture", "image/png", (".png",), "drawn"),
    FileKind("webp", "picture", "image/webp", (".webp",), "drawn"),
    FileKind("gif", "picture", "image/gif", (".gif",), "drawn"),
    FileKind("heic", "picture", "image/heic", (".heic", ".heif"), "drawn"),
    FileKind("avif", "picture", "image/avif", (".avif",), "drawn"),
    FileKind("tiff", "picture", "image/tiff", (".tiff", ".tif"), "drawn"),
    FileKind("bmp", "picture", "image/bmp", (".bmp",), "drawn"),
    FileKind("jpeg2000", "picture", "image/jp2", (".jp2",), "drawn"),
)
_AUDIO = (
    FileKind("ogg", "audio", "audio/ogg", (".ogg", ".oga", ".opus"), "played"),
    FileKind("mp3", "audio", "audio/mpeg", (".mp3",), "played"),
    FileKind("m4a", "audio", "audio/mp4", (".m4a", ".mp4"), "played"),
    FileKind("aac", "audio", "audio/aac", (".aac",), "played"),
    FileKind("wav", "audio", "audio/wav", (".wav",), "played"),
    FileKind("flac", "audio", "audio/flac", (".flac",), "played"),
    FileKind("weba", "audio", "audio/webm", (".weba", ".webm"), "played"),
    FileKind("amr", "audio", "audio/amr", (".amr",)),
    FileKind("aiff", "audio", "audio/aiff", (".aiff", ".aif")),
    FileKind("midi", "audio", "audio/midi", (".mid",)),
)
_VIDEO = (
    FileKind("mp4", "video", "video/mp4", (".mp4", ".m4v"), "played"),
    FileKind("mov", "video", "video/mp4", (".mov", ".qt"), "played"),
    FileKind("3gp", "video", "video/3gpp", (".3gp", ".3g2"), "played"),
    FileKind("webm", "video", "video/webm", (".webm",), "played"),
    FileKind("ogv", "video", "video/ogg", (".ogv", ".ogg"), "played"),
    FileKind("mkv", "video", "video/x-matroska", (".mkv",), "played"),
    FileKind("avi", "video", "video/x-msvideo", (".avi",)),
    FileKind("asf", "video", "video/x-ms-asf", (".wmv", ".wma", ".asf")),
    FileKind("flv", "video", "video/x-flv", (".flv",)),
    FileKind("mpeg", "video", "video/mpeg", (".mpg", ".mpeg", ".vob")),
    FileKind("ts", "video", "video/mp2t", (".ts", ".m2ts")),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_DOCUMENTS = (
    FileKind("pdf", "document", "application/pdf", (".pdf",), "paged"),
    FileKind("docx", "document", _OFFICE + "wordprocessingml.document", (".docx",)),
    FileKind("xlsx", "document", _OFFICE + "spreadsheetml.sheet", (".xlsx",)),
    FileKind("pptx", "document", _OFFICE + "presentationml.presentation", (".pptx",)),
    FileKind("odt", "document", _OPEN + "text", (".odt",)),
    FileKind("ods", "document", _OPEN + "spreadsheet", (".ods",)),
    FileKind("odp", "document", _OPEN + "presentation", (".odp",)),
    FileKind("rtf", "document", "application/rtf", (".rtf", ".doc")),
    FileKind(
        "text",
        "document",
        "text/plain",
        (".txt", ".csv", ".tsv", ".log", ".md", ".json", ".ics", ".vcf", ".asc"),
    ),
    FileKind("calendar", "document", "text/calendar", (".ics",)),
    FileKind("contact", "document", "text/vcard", (".vcf",)),
    FileKind("mail", "document", "message/rfc822", (".eml",)),
    # what follows may hold macros
    FileKind(
        "old_office",
        "document",
        "application/x-ole-storage",
        (".doc", ".xls", ".ppt", ".msg"),
        wary=True,
    ),
    FileKind(
        "macros",
        "document",
        "application/octet-stream",
        (".docm", ".xlsm", ".pptm"),
        wary=True,
    ),
)
_BYTES = "application/octet-stream"
_OTHER = (
    FileKind("zip", "other", "application/zip", (".zip", ".kmz", ".epub"), wary=True),
    FileKind("gzip", "other", "application/gzip", (".gz", ".tgz"), wary=True),
    FileKind("7z", "other", "application/x-7z-compressed", (".7z",), wary=True),
    FileKind("rar", "other", "application/vnd.rar", (".rar",), wary=True),
    FileKind("signature", "other", "application/pkcs7-mime", (".p7s", ".p7m")),
    FileKind("winmail", "other", "application/ms-tnef", (".dat",), wary=True),
    # names of what a double press would run end as text or as nothing that is known
    FileKind("html", "other", _BYTES, (".txt",), wary=True),
    FileKind("svg", "other", _BYTES, (".txt",), wary=True),
    FileKind("script", "other", _BYTES, (".txt",), wary=True),
    FileKind("program", "other", _BYTES, (".bin",), wary=True),
    FileKind("unknown", "other", _BYTES, (".bin",), wary=True),
)
KINDS = {
    kind.code: kind for kind in (*_PICTURES, *_AUDIO, *_VIDEO, *_DOCUMENTS, *_OTHER)
}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"#!AMR", "amr"),
    (b"MThd", "midi"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x78\x9f\x3e\x22", "winmail"),
    (b"\x7fELF", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"dex\n", "program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "program"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_HEIF = re.compile(rb"(hei[cxms]|hev[cxms]|mif[12]|msf1)")
_MPEG_FRAME = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][^\xf0-\xff]")
_MARKUP = re.compile(
    rb"<(!doctype html|html|head|body|script|iframe|meta|table|div)[\s>]", re.I
)
_MAIL = re.compile(
    rb"(?:[!-9;-~]{1,76}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,50}){2,}"
)
_MAILS_OWN = re.compile(rb"^(from|received|return-path|message-id|date):", re.I | re.M)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_READ = 4096
_MOST_ENTRIES = 5_000


def kind_of(content: bytes) -> FileKind:
    """Of any bytes; `unknown` where nothing is recognised."""
    return KINDS[_code(content)]


def _code(content: bytes) -> str:
    for magic, code in _MAGIC:
        if content.startswith(magic):
            return code
    head = content[:_READ]
    return (
        _container(content, head)
        or _stream(content, head)
        or _text(content, head)
        or "unknown"
    )


def _container(content: bytes, head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] == b"OggS":
        return "ogv" if b"theora" in head else "ogg"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return _matroska(head)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return _boxes(content, head)
    if head[:2] == b"PK":
        return _archive(content)
    return None


def _matroska(head: bytes) -> str:
    if b"webm" not in head[:64]:
        return "mkv"
    return "weba" if b"A_" in head and b"V_" not in head else "webm"


def _boxes(content: bytes, head: bytes) -> str:
    """MPEG-4 and its kin: the brand, and whether there is a track of pictures."""
    size = int.from_bytes(head[:4], "big")
    brands = head[8 : min(max(size, 12), 256)] if head[4:8] == b"ftyp" else b"qt  "
    if b"avif" in brands or b"avis" in brands:
        return "avif"
    if _HEIF.search(brands):
        return "heic"
    if b"\x00\x00\x00\x00soun" in content and b"\x00\x00\x00\x00vide" not in content:
        return "m4a"
    if brands.startswith(b"qt"):
        return "mov"
    return "3gp" if brands.startswith(b"3g") else "mp4"


def _archive(content: bytes) -> str:
    """What stands in the list of an archive; nothing is unpacked but a word of 100
    letters."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()[:_MOST_ENTRIES]
            names = [one.filename for one in entries]
            told = _told_of_itself(archive, entries)
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError):
        return "zip"
    if "AndroidManifest.xml" in names or "META-INF/MANIFEST.MF" in names:
        return "program"
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return "macros"
    if "[Content_Types].xml" in names:
        for folder, code in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return code
    if told.startswith(_OPEN):
        if any(name.startswith(("Basic/", "Scripts/")) for name in names):
            return "macros"
        return {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}.get(
            told.removeprefix(_OPEN), "zip"
        )
    return "zip"


def _told_of_itself(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    """OpenDocument begins with its own type, which is not compressed."""
    first = entries[0] if entries else None
    if first is None or first.filename != "mimetype":
        return ""
    if first.compress_type != zipfile.ZIP_STORED or first.file_size > 100:
        return ""
    return archive.read(first).decode("ascii", "replace").strip()


def _stream(content: bytes, head: bytes) -> str | None:
    """Formats that are known by little: asked for after those that are known well."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head[:2] == b"MZ":
        return "program"
    if head[:2] == b"BM" and len(content) > 26 and content[6:10] == b"\0\0\0\0":
        return "bmp"
    if head[:1] == b"\x47" and content[188:189] == b"\x47" == content[376:377]:
        return "ts"
    if head[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return "aac"
    if _MPEG_FRAME.match(head):
        return "mp3"
    if head[:2] == b"\x30\x82" and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07" in head[:40]:
        return "signature"
    return None


def _text(content: bytes, head: bytes) -> str | None:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text"
    if not content or _CONTROL.search(content[: 64 * 1024]):
        return None
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    upper = begins[:16].upper()
    if b"<svg" in head:
        return "svg"
    if _MARKUP.search(head) and begins.startswith(b"<"):
        return "html"
    if begins.startswith(b"#!") or upper.startswith(b"@ECHO"):
        return "script"
    if upper.startswith(b"BEGIN:VCALENDAR"):
        return "calendar"
    if upper.startswith(b"BEGIN:VCARD"):
        return "contact"
    if _MAIL.match(begins) and _MAILS_OWN.search(begins):
        return "mail"
    return "text"


_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]'
)
_LONGEST_NAME = 120


def name_to_save(kind: FileKind, name: str | None, number: int) -> str:
    """How a file is called when it is saved: as its sender called it, but for signs
    that are no part of a name and for an ending that belongs to something else.

    `number`: of the file, for those without a name.
    """
    plain = _UNSAFE.sub("_", name or "").strip(" .") or f"berkas-{number}"
    stem, dot, ending = plain.rpartition(".")
    if dot and f".{ending.lower()}" in kind.endings:
        return f"{stem[:_LONGEST_NAME]}.{ending}"
    return plain[:_LONGEST_NAME] + kind.endings[0]
