"""Naskah: the texts to answer with, their owners, sources and expiry."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from aggregator.answers import library
from aggregator.answers.library import Typed
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.tables.answers import LibraryEntry
from aggregator.web import words
from aggregator.web.site import Id, Posted, Site, number_in, see
from aggregator.web.words import case as words_case


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/naskah")
    _reading(pages, site)
    _writing(pages, site)
    return pages


def _reading(pages: APIRouter, site: Site) -> None:
    @pages.get("")
    def show(
        request: Request,
        q: str = "",
        jenis: str = "",
        kantor: str = "",
        habis: str = "",
    ) -> HTMLResponse:
        return _list(
            site, request, site.viewer(request), q, jenis, kantor, habis == "1"
        )

    @pages.get("/baru")
    def new(request: Request, jenis: str = "naskah") -> HTMLResponse:
        viewer = _writer(site, request)
        sort = jenis if jenis in library.SORTS else "naskah"
        return _form(site, request, viewer, Typed(sort, "", {}, viewer.agency_code))

    @pages.get("/{entry_id}")
    def edit(request: Request, entry_id: Id) -> HTMLResponse:
        viewer = site.viewer(request)
        try:
            entry = library.get(site.database, entry_id)
        except Refusal:
            return site.message(request, "not_found", 404)
        return _form(site, request, viewer, _typed_of(entry), entry)


def _writing(pages: APIRouter, site: Site) -> None:
    @pages.post("/sapaan/{account_id}")
    def greet(request: Request, account_id: Id, form: Posted) -> Response:
        viewer = site.viewer(request)
        said = str(form.get("greeting", ""))
        library.greet(site.database, site.clock(), viewer, account_id, said)
        return see("/naskah#sapaan")

    @pages.post("/baru")
    def make(request: Request, form: Posted) -> Response:
        return _save(site, request, form, None)

    @pages.post("/{entry_id}")
    def change(request: Request, entry_id: Id, form: Posted) -> Response:
        viewer = _writer(site, request)
        if form.get("act") == "archive":
            library.archive(site.database, site.clock(), viewer, entry_id)
            return see("/naskah")
        return _save(site, request, form, library.get(site.database, entry_id))


def _writer(site: Site, request: Request) -> Viewer:
    viewer = site.viewer(request)
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    return viewer


def _save(
    site: Site, request: Request, form: FormData, entry: LibraryEntry | None
) -> Response:
    viewer, typed = _writer(site, request), _typed_in(form)
    try:
        library.write(
            site.database,
            site.clock(),
            viewer,
            typed,
            entry_id=entry.id if entry else None,
            version=number_in(form, "version"),
        )
    except Refusal as error:
        return _form(site, request, viewer, typed, entry, error=error, status=409)
    return see("/naskah")


def _list(
    site: Site,
    request: Request,
    viewer: Viewer,
    text: str,
    sort: str,
    agency: str,
    over: bool,
) -> HTMLResponse:
    today = site.clock().astimezone(words.WIB).date()
    found = library.listing(
        site.database,
        text=text,
        sort=sort,
        agency=agency,
        expired_on=today if over else None,
    )
    greetings = library.greetings(site.database, viewer)
    return site.page(
        request,
        "case/library.html",
        viewer=viewer,
        entries=found,
        q=text,
        sort=sort,
        office=agency,
        over=over,
        offices=site.offices(),
        today=today,
        said=words_case,
        accounts=[account for account, _ in greetings],
        greetings={account.id: text for account, text in greetings},
        expired=library.expired,
    )


def _form(
    site: Site,
    request: Request,
    viewer: Viewer,
    typed: Typed,
    entry: LibraryEntry | None = None,
    *,
    error: Refusal | None = None,
    status: int = 200,
) -> HTMLResponse:
    may = library.may_edit(viewer, entry) if entry else viewer.may_act
    return site.page(
        request,
        "case/library_entry.html",
        viewer=viewer,
        status=status,
        typed=typed,
        entry=entry,
        error=error,
        may=may,
        offices=site.offices(),
        said=words_case,
        categories=site.catalog.categories,
        variables=library.VARIABLES,
        languages=library.LANGUAGES,
    )


def _typed_of(entry: LibraryEntry) -> Typed:
    texts = {name: str(text) for name, text in entry.texts.items()}
    return Typed(
        entry.sort,
        entry.title,
        texts,
        entry.agency_code,
        entry.kind,
        entry.source or "",
        entry.valid_until,
    )


def _typed_in(form: FormData) -> Typed:
    def text(name: str) -> str:
        return str(form.get(name, "")).replace("\r\n", "\n")

    return Typed(
        sort=text("sort"),
        title=text("title"),
        texts={name: text(f"text_{name}") for name in library.LANGUAGES},
        agency=text("agency") or None,
        kind=text("kind") or None,
        source=text("source"),
        valid_until=_day(text("valid_until")),
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
