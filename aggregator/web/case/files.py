"""Files of residents: pictures and pages shown, sound and film played, everything
saved."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, Response

from aggregator.accounts import filestore
from aggregator.desk import files
from aggregator.desk.files import Openable
from aggregator.web.site import Id, Site

_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
_APART = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Download-Options": "noopen",
}
"""A file is somebody else's: whatever opens it in this browser gives it nothing of
ours."""


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/media/{attachment_id}")

    def opened(request: Request, attachment_id: Id) -> Openable:
        found = files.openable(
            site.database, site.clock(), site.viewer(request), attachment_id
        )
        if found is None:
            raise HTTPException(404)
        return found

    def on_disk(sha256: str) -> Path:
        path = filestore.path_of(site.settings.data_dir, sha256)
        if not path.exists():
            raise HTTPException(404)
        return path

    @pages.get("")
    def show(request: Request, attachment_id: Id, kecil: str | None = None) -> Response:
        """A picture, or what can be played, from any second on (range requests).
        `kecil`: a picture as small as lists show it, for a slow network."""
        found = opened(request, attachment_id)
        path = on_disk(found.sha256)
        if found.kind.shown == "played":
            return FileResponse(path, media_type=found.mime, headers=_APART | _KEPT)
        if found.kind.group != "picture":
            raise HTTPException(404)
        return _picture(path, found.mime, small=kecil is not None)

    @pages.get("/halaman/{sheet}")
    def page(
        request: Request, attachment_id: Id, sheet: Id, kecil: str | None = None
    ) -> Response:
        """A page of a document, as a picture."""
        found = opened(request, attachment_id)
        if not 1 <= sheet <= len(found.previews):
            raise HTTPException(404)
        path = on_disk(found.previews[sheet - 1])
        return _picture(path, "image/webp", small=kecil is not None)

    @pages.get("/unduh")
    def save(request: Request, attachment_id: Id) -> Response:
        found = opened(request, attachment_id)
        return FileResponse(
            on_disk(found.sha256),
            media_type=found.mime,
            filename=found.saved_as,
            headers=_APART,
        )

    return pages


def _picture(path: Path, mime: str, *, small: bool) -> Response:
    if small:
        return Response(filestore.small(path), media_type="image/webp", headers=_KEPT)
    return FileResponse(path, media_type=mime, headers=_APART | _KEPT)
