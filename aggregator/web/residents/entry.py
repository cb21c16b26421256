"""Catat laporan: what came by telephone, at the desk or as a forwarded chat becomes a
case."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.datastructures import FormData, UploadFile

from aggregator.accounts import filestore
from aggregator.intake import entries
from aggregator.intake.entries import Entry
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.web.site import Posted, Site, numbers_in, see
from connectors.manual import pasted_lines

_LONGEST = {"text": 5000, "pasted": 100_000, "place": 300, "name": 100, "contact": 100}
_MOST_PHOTOS = 3


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    keys = site.vault.every_derived(b"photos of an entry")
    kept = URLSafeSerializer([key.hex() for key in reversed(keys)])

    @pages.get("/catat")
    def show(request: Request) -> HTMLResponse:
        """`tersimpan`: what was written down last is secret; others read it."""
        viewer = _writer(site, request)
        fresh = Entry(entries.new_id(), "112")
        secret = "tersimpan" in request.query_params
        return _page(site, kept, request, viewer, fresh, secret=secret)

    @pages.post("/catat")
    def submit(request: Request, data: Posted) -> Response:
        """The first time a pasted chat is shown line by line, to choose from."""
        viewer = _writer(site, request)
        entry = _entry(data)
        asks = bool(pasted_lines(entry.pasted)) and not data.get("chosen")
        try:
            _add_photos(site, kept, entry, data)
            entries.check(site.clock(), viewer, entry)
            if asks or data.get("step") == "edit":
                return _page(site, kept, request, viewer, entry, choose=asks)
            number = entries.record(
                site.database, site.vault, site.clock(), viewer, entry
            )
        except Refusal as error:
            chose = bool(data.get("chosen"))
            return _page(site, kept, request, viewer, entry, choose=chose, error=error)
        site.wake()
        return see(f"/aduan/{number}" if number else "/catat?tersimpan=1")

    return pages


def _writer(site: Site, request: Request) -> Viewer:
    viewer = site.viewer(request)
    if not viewer.may_act:
        raise Refusal("this role may read, not record", "read_only")
    return viewer


def _page(
    site: Site,
    kept: URLSafeSerializer,
    request: Request,
    viewer: Viewer,
    entry: Entry,
    *,
    choose: bool = False,
    secret: bool = False,
    error: Refusal | None = None,
) -> HTMLResponse:
    lines = pasted_lines(entry.pasted) if choose else []
    first = lines[0].who if lines else None
    ticked = entry.lines
    if ticked is None:
        ticked = [number for number, line in enumerate(lines) if line.who == first]
    return site.page(
        request,
        "residents/entry.html",
        viewer=viewer,
        status=422 if error else 200,
        entry=entry,
        secret=secret,
        error=error,
        lines=lines,
        ticked=ticked,
        longest=_LONGEST,
        via=list(entries.VIA),
        kept=kept.dumps([entry.photos, entry.position]),
    )


def _entry(data: FormData) -> Entry:
    """The form as sent; its hidden id makes a double click one case."""
    typed = {
        name: str(data.get(name, "")).strip()[:most] for name, most in _LONGEST.items()
    }
    return Entry(
        id=str(data.get("entry", "")),
        via=str(data.get("via", "")),
        lines=numbers_in(data, "line") if data.get("chosen") else None,
        anonymous=bool(data.get("anonymous")),
        said_at=str(data.get("said_at", "")).strip(),
        text=typed["text"],
        pasted=typed["pasted"],
        place=typed["place"],
        name=typed["name"],
        contact=typed["contact"],
    )


def _add_photos(
    site: Site, kept: URLSafeSerializer, entry: Entry, data: FormData
) -> None:
    """Those stored by an earlier step (the page carries them, signed) and new ones."""
    try:
        photos, position = kept.loads(str(data.get("kept", "")))
        entry.photos, entry.position = photos, tuple(position) if position else None
    except BadSignature:
        entry.photos = []
    files = [
        file
        for file in data.getlist("photo")
        if isinstance(file, UploadFile) and file.size
    ]
    if len(entry.photos) + len(files) > _MOST_PHOTOS:
        raise Refusal("too many photos", "too_many_files")
    for file in files:
        content: Any = file.file.read(filestore.LARGEST_PHOTO + 1)
        try:
            stored = filestore.keep_photo(site.settings.data_dir, content)
        except filestore.FileRefused as error:
            raise Refusal(str(error), error.code) from error
        entry.photos.append({"sha256": stored.sha256, "mime": stored.mime})
        entry.position = entry.position or stored.position
