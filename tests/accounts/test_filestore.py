"""Files are what their content is, within limits, each once on disk."""

from __future__ import annotations

import io
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from samplefiles import KINDS, archive, pdf, picture, sample

from aggregator.accounts import drawings, filekinds, filestore
from aggregator.accounts.clamd import Clamd, Unreachable
from aggregator.accounts.filekinds import kind_of, name_to_save
from aggregator.accounts.filestore import (
    FileRefused,
    FileStore,
    Infected,
    Kept,
    Limits,
    Unchecked,
)
from aggregator.store.settings import Settings


@pytest.mark.parametrize(("name", "code"), KINDS.items())
def test_a_file_is_what_its_content_is(name: str, code: str) -> None:
    kind = kind_of(sample(name))
    assert kind.code == code
    assert name_to_save(kind, name, 1).startswith(name)


@pytest.mark.parametrize(
    ("sent_as", "content", "saved_as"),
    [
        ("foto.jpg", sample("program.exe"), "foto.jpg.bin"),
        ("surat.pdf.exe", sample("program.exe"), "surat.pdf.exe.bin"),
        ("laporan.html", sample("halaman.html"), "laporan.html.txt"),
        ("laporan.pdf", sample("gambar.svg"), "laporan.pdf.txt"),
        ("catatan.bat", b"Lampu mati", "catatan.bat.txt"),
        ("../../etc/passwd", b"x", "_.._etc_passwd.txt"),
        ("a\u202efdp.exe", sample("surat.pdf"), "a_fdp.exe.pdf"),
        (None, sample("surat.pdf"), "berkas-1.pdf"),
        ("x" * 400 + ".pdf", sample("surat.pdf"), "x" * 120 + ".pdf"),
    ],
)
def test_a_name_promises_nothing_that_the_content_is_not(
    sent_as: str | None, content: bytes, saved_as: str
) -> None:
    assert name_to_save(kind_of(content), sent_as, 1) == saved_as


def test_any_bytes_are_of_some_kind() -> None:
    for name in KINDS:
        whole = sample(name)
        for cut in (0, 1, 2, 8, 20, len(whole) // 2, len(whole) - 1):
            assert kind_of(whole[:cut]).code in filekinds.KINDS
            assert kind_of(whole[cut:]).code in filekinds.KINDS


def test_a_picture_is_drawn_anew_and_says_no_more_where_it_was_taken(
    picture: bytes, tmp_path: Path
) -> None:
    kept = filestore.keep_photo(tmp_path, picture)
    assert kept.position == pytest.approx((-6.595, 106.7889), abs=1e-3)
    stored = filestore.path_of(tmp_path, kept.sha256).read_bytes()
    with Image.open(io.BytesIO(stored)) as image:
        assert not image.getexif()
    assert (kept.mime, kept.size) == ("image/jpeg", len(stored))
    assert filestore.keep_photo(tmp_path, picture) == kept


@pytest.mark.parametrize("name", ["foto.heic", "foto.tiff"])
def test_a_picture_that_browsers_do_not_show_becomes_one_they_do(
    name: str, tmp_path: Path
) -> None:
    kept = FileStore(tmp_path).keep(sample(name))
    assert isinstance(kept, Kept)
    assert kept.mime == "image/jpeg"
    with Image.open(filestore.path_of(tmp_path, kept.sha256)) as image:
        assert image.size == (96, 64)


def test_a_large_photo_is_made_smaller(tmp_path: Path) -> None:
    kept = filestore.keep_photo(tmp_path, picture("PNG", (5000, 100)))
    with Image.open(filestore.path_of(tmp_path, kept.sha256)) as stored:
        assert stored.size == (2048, 41)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_picture"),
        (sample("gambar.svg"), "not_a_picture"),
        (sample("surat.pdf"), "not_a_picture"),
        (b"\xff\xd8\xff", "broken"),
        (sample("foto.png")[:60], "broken"),
        (sample("foto.heic")[:200], "broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "broken"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_word_for_it(
    content: bytes, code: str, tmp_path: Path
) -> None:
    with pytest.raises(FileRefused) as refusal:
        filestore.keep_photo(tmp_path, content)
    assert refusal.value.code == code


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    bomb = bytearray(sample("foto.png"))
    bomb[16:24] = struct.pack("!II", 60_000, 60_000)
    bomb[29:33] = struct.pack("!I", zlib.crc32(bomb[12:29]))
    with pytest.raises(FileRefused) as refusal:
        filestore.keep_photo(tmp_path, bytes(bomb))
    assert refusal.value.code == "too_large"


def test_drawing_that_takes_too_long_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drawings, "_SECONDS", 0.01)
    with pytest.raises(drawings.NotDrawn) as refusal:
        drawings.draw(sample("foto.jpg"), kind_of(sample("foto.jpg")))
    assert refusal.value.code == "too_heavy"


def test_a_document_is_kept_as_it_came_with_pictures_of_its_first_pages(
    tmp_path: Path,
) -> None:
    content = pdf(10)
    kept = FileStore(tmp_path).keep(content)
    assert isinstance(kept, Kept)
    assert (len(kept.previews), kept.pages) == (8, 10)
    assert filestore.path_of(tmp_path, kept.sha256).read_bytes() == content
    with Image.open(filestore.path_of(tmp_path, kept.previews[0])) as page:
        assert (page.format, page.height) == ("WEBP", 1188)


def test_a_document_that_cannot_be_drawn_is_kept_without_pictures(
    tmp_path: Path,
) -> None:
    kept = FileStore(tmp_path).keep(b"%PDF-1.7 and nothing more")
    assert isinstance(kept, Kept)
    assert (kept.kind, kept.previews, kept.pages) == ("pdf", (), None)


def test_a_file_is_on_disk_once(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    assert store.keep(sample("suara.ogg")) == store.keep(sample("suara.ogg"))
    files = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600]


@pytest.mark.parametrize("group", ["picture", "audio", "video", "document", "other"])
def test_each_kind_has_a_limit_of_its_own(group: str, tmp_path: Path) -> None:
    names = {
        "picture": "foto.jpg",
        "audio": "suara.ogg",
        "video": "film.mp4",
        "document": "surat.pdf",
        "other": "arsip.zip",
    }
    settings = Settings.model_construct(**{f"{group}_mb": 0})
    store = FileStore(tmp_path, Limits.of(settings))
    with pytest.raises(FileRefused) as refusal:
        store.keep(sample(names[group]))
    assert (refusal.value.code, refusal.value.size) == (
        "too_large",
        len(sample(names[group])),
    )
    for other, name in names.items():
        if other != group:
            store.limits.check(kind_of(sample(name)), len(sample(name)))


# viruses


@contextmanager
def clamd(answer: Callable[[bytes], bytes]) -> Iterator[Clamd]:
    """What speaks as clamd does: `answer` to the content that was streamed."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\x00"
                content = b""
                while size := struct.unpack("!I", stream.read(4))[0]:
                    content += stream.read(size)
                connection.sendall(answer(content))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Clamd(f"127.0.0.1:{listener.getsockname()[1]}")
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _says(content: bytes) -> bytes:
    bad = b"EICAR" in content
    return b"stream: Eicar-Signature FOUND\0" if bad else b"stream: OK\0"


def test_a_file_with_a_virus_is_set_aside_under_its_name(tmp_path: Path) -> None:
    bad = archive({"EICAR.txt": "x"})
    with clamd(_says) as scanner:
        store = FileStore(tmp_path, clamd=scanner)
        found = store.keep(bad)
        assert isinstance(store.keep(sample("arsip.zip")), Kept)
    assert isinstance(found, Infected)
    assert found.virus == "Eicar-Signature"
    assert filestore.quarantine_path(tmp_path, found.sha256).read_bytes() == bad
    assert not filestore.path_of(tmp_path, found.sha256).exists()


def test_a_file_waits_in_quarantine_while_nobody_searches_it(tmp_path: Path) -> None:
    with clamd(lambda _: b"INSTREAM size limit exceeded. ERROR\0") as silent:
        store = FileStore(tmp_path, clamd=silent)
        waiting = store.keep(sample("surat.pdf"))
    assert isinstance(waiting, Unchecked)
    assert "size limit" in waiting.why
    assert isinstance(store.keep_quarantined(waiting.sha256), Unchecked)
    with clamd(_says) as scanner:
        kept = replace(store, clamd=scanner).keep_quarantined(waiting.sha256)
    assert isinstance(kept, Kept)
    assert list((tmp_path / "quarantine").iterdir()) == []


def test_a_socket_of_the_machine_is_named_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"clamd\.ctl does not answer"):
        Clamd(str(tmp_path / "clamd.ctl")).virus_in(b"x")
