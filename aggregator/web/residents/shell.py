"""What makes the pages an app on a phone: manifest, service worker, the page without a
network."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)

from aggregator.web.site import Site
from aggregator.web.site.fragments import static

_GOOD_FOR = timedelta(days=180)
_STATIC = Path(__file__).parents[1] / "static"


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/manifest.webmanifest")
    def manifest() -> JSONResponse:
        icon = {"type": "image/png", "purpose": "any maskable"}
        shown = {
            "name": "Sahut",
            "short_name": "Sahut",
            "lang": "id",
            "start_url": "/",
            "scope": "/",
            "id": "/",
            "display": "standalone",
            "background_color": "#f5f7f9",
            "theme_color": "#0b5cab",
            "icons": [
                {**icon, "src": static("icon-192.png"), "sizes": "192x192"},
                {**icon, "src": static("icon-512.png"), "sizes": "512x512"},
            ],
        }
        return JSONResponse(shown, media_type="application/manifest+json")

    @pages.get("/.well-known/security.txt", dependencies=[Depends(site.flood.count)])
    def who_to_tell() -> PlainTextResponse:
        """Where somebody who found a weakness writes (RFC 9116)."""
        contact, address = site.settings.security_contact, site.settings.public_url
        if not contact:
            raise HTTPException(404)
        ends = site.clock().replace(microsecond=0) + _GOOD_FOR
        return PlainTextResponse(
            f"Contact: {contact}\nExpires: {ends.isoformat()}\n"
            "Preferred-Languages: id, en\n"
            f"Canonical: {address.rstrip('/')}/.well-known/security.txt\n"
        )

    @pages.get("/sw.js")
    def worker() -> FileResponse:
        """From the root, because a service worker rules over the folder it came
        from."""
        return FileResponse(_STATIC / "sw.js", media_type="text/javascript")

    @pages.get("/luring", dependencies=[Depends(site.flood.count)])
    def offline(request: Request) -> HTMLResponse:
        return site.page(request, "residents/offline.html")

    @pages.get("/bantuan")
    def help_page(request: Request) -> Response:
        viewer = site.viewer(request)
        language = site.language(request, viewer)
        return site.page(request, f"residents/help_{language}.html", viewer=viewer)

    return pages
