"""What makes the pages an app on a phone: manifest, service worker, the page without a
network."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from aggregator.web.site import Site
from aggregator.web.site.fragments import static

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
