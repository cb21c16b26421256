"""For residents: the form, its receipt, and the fate of a case by its number."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

import connectors
from aggregator.accounts import filestore, registry
from aggregator.cases import secrecy
from aggregator.desk import queue
from aggregator.intake import ingest
from aggregator.rules.reports import casenumbers
from aggregator.store.tables.accounts import Account
from aggregator.web import words
from aggregator.web.site import Posted, Site, see
from aggregator.web.site.brakes import LOOKUPS, REPORTS, WRONG, source_of, take
from connectors.base import RawItem

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_PHOTOS = 3
_LONGEST = {"text": 5000, "place": 300, "name": 100, "contact": 100}


class FormError(Exception):
    def __init__(self, code: str, **detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(slots=True)
class Submission:
    """What a resident sent; photos are stored already."""

    id: str
    fields: dict[str, str]
    anonymous: bool
    photos: list[dict[str, str]] = field(default_factory=list)
    position: tuple[float, float] | None = None


def router(site: Site) -> APIRouter:
    pages = APIRouter(dependencies=[Depends(site.flood.count)])
    _reporting(pages, site)
    _tracking(pages, site)
    return pages


def _reporting(pages: APIRouter, site: Site) -> None:
    @pages.get("/lapor/{handle}")
    def show(request: Request, handle: str) -> HTMLResponse:
        return _form_page(
            site, request, _account(site, handle), Submission(_new_id(), {}, False)
        )

    @pages.post("/lapor/{handle}")
    def submit(request: Request, handle: str, data: Posted) -> Response:
        account = _account(site, handle)
        if data.get("website"):  # people do not see this field; programs fill it in
            return see("/lacak")
        submission = _submission(data)
        try:
            _check(site, request, submission)
            _add_photos(site, submission, data)
        except FormError as error:
            return _form_page(site, request, account, submission, error)
        number = _store(site, account, submission)
        site.wake()
        if number is None:
            return site.page(
                request, "residents/received.html", receipt=submission.id[:8].upper()
            )
        return see(f"/lacak/{number}?kode={submission.id}&baru=1")


def _tracking(pages: APIRouter, site: Site) -> None:
    @pages.get("/lacak")
    def track_form(request: Request, nomor: str = "") -> Response:
        number = casenumbers.tidy(nomor)
        if number:
            return see(f"/lacak/{quote(number, safe='')}")
        return site.page(
            request,
            "residents/track.html",
            status_of=None,
            code="",
            answers=None,
            new=False,
        )

    @pages.get("/lacak/{number}")
    def track(
        request: Request, number: str, kode: str = "", baru: str = ""
    ) -> HTMLResponse:
        now = site.clock()
        for brake in (LOOKUPS, WRONG):
            take(brake, site.database, now, request)
        number = casenumbers.tidy(number)
        found = (
            queue.public_status(site.database, number)
            if casenumbers.is_valid(number)
            else None
        )
        code = (
            ""
            if found
            else "no_such_case"
            if casenumbers.is_valid(number)
            else "bad_number"
        )
        answers = (
            queue.public_answers(site.database, number, kode)
            if found and kode
            else None
        )
        if found and answers is None and secrecy.is_secret(site.database, number):
            found, code = None, "no_such_case"
        if found and (answers is not None or not kode):
            WRONG.give_back(site.database, source_of(request))
        return site.page(
            request,
            "residents/track.html",
            status=200 if found else 404,
            status_of=found,
            code=code,
            answers=answers,
            new=bool(baru) and answers is not None,
        )


def _form_page(
    site: Site,
    request: Request,
    account: Account,
    submission: Submission,
    error: FormError | None = None,
) -> HTMLResponse:
    chosen = site.vault.open(account.sealed, connectors.load(account.channel).Account)
    status = 429 if error and error.code == "locked" else 422 if error else 200
    return site.page(
        request,
        "residents/report.html",
        status=status,
        account=account,
        error=error,
        intro=getattr(chosen, "intro", ""),
        submission=submission,
        longest=_LONGEST,
    )


def _new_id() -> str:
    return uuid.uuid4().hex


def _submission(data: FormData) -> Submission:
    """The form as sent; its hidden id makes a double click one report."""
    given = str(data.get("submission", ""))
    typed = {
        name: str(data.get(name, "")).strip()[:most] for name, most in _LONGEST.items()
    }
    return Submission(
        given if _ID.fullmatch(given) else _new_id(), typed, bool(data.get("anonymous"))
    )


def _check(site: Site, request: Request, submission: Submission) -> None:
    if not submission.fields["text"]:
        raise FormError("empty")
    now, source = site.clock(), source_of(request)
    if not REPORTS.take(site.database, now, source):
        until = REPORTS.until(site.database, now, source) or now
        raise FormError("locked", until=words.clock_time(until))


def _account(site: Site, handle: str) -> Account:
    account = registry.active(site.database, "webform", handle)
    if account is None:
        raise HTTPException(404)
    return account


def _add_photos(site: Site, submission: Submission, data: FormData) -> None:
    files = [
        file
        for file in data.getlist("photo")
        if isinstance(file, UploadFile) and file.size
    ]
    if len(files) > _MOST_PHOTOS:
        raise FormError("too_many_files")
    for file in files:
        content = file.file.read(filestore.LARGEST_PHOTO + 1)
        try:
            kept = filestore.keep_photo(site.settings.data_dir, content)
        except filestore.FileRefused as error:
            raise FormError(error.code) from error
        submission.photos.append({"sha256": kept.sha256, "mime": kept.mime})
        submission.position = submission.position or kept.position


def _store(site: Site, account: Account, submission: Submission) -> str | None:
    """T1 and at once T2; the case number, or None where the submission waits to be
    read."""
    now = site.clock()
    lat, lon = submission.position or (None, None)
    withheld = {"name": "", "contact": ""} if submission.anonymous else {}
    payload = {
        "submission_id": submission.id,
        **submission.fields,
        **withheld,
        "anonymous": submission.anonymous,
        "lat": lat,
        "lon": lon,
        "media": submission.photos,
        "created_at": now.isoformat(),
    }
    item = RawItem(f"submission:{submission.id}", "webform.submission", payload)
    received = ingest.receive(site.database, now, account.id, [item], stream="form")
    ingest.process(site.database, now, received.new_ids)
    return ingest.case_number_of(site.database, "webform", submission.id)
