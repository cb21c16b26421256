"""For residents: the form, its receipt, and the fate of a case by its number."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import anyio
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlmodel import col, select
from starlette.datastructures import FormData, UploadFile

from aggregator import attachments, ingest, queue
from aggregator.models import Account, Case, Message
from aggregator.rules import casenumbers
from aggregator.web.site import Site, see
from connectors.base import RawItem

_SUBMISSIONS = parse("10/hour")
_MOST_PHOTOS = 3
_LONGEST = {"text": 5000, "place": 300, "name": 100, "contact": 100}


class FormError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Submission:
    """What a resident sent; photos are stored already."""

    id: str
    fields: dict[str, str]
    anonymous: bool
    photos: list[dict[str, str]] = field(default_factory=list)
    position: tuple[float, float] | None = None


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def form_page(
        request: Request, account: Account, *, code: str = "", status: int = 200,
        typed: dict[str, str] | None = None, submission: str | None = None,
    ) -> HTMLResponse:  # fmt: skip
        return site.page(
            request, "report.html", status=status, account=account, code=code, typed=typed or {},
            submission=submission or uuid.uuid4().hex, longest=_LONGEST,
        )  # fmt: skip

    @pages.get("/lapor/{handle}")
    def show(request: Request, handle: str) -> HTMLResponse:
        return form_page(request, _account(site, handle))

    @pages.post("/lapor/{handle}")
    async def submit(request: Request, handle: str) -> Response:
        account = await anyio.to_thread.run_sync(_account, site, handle)
        data = await request.form()
        if data.get("website"):  # people do not see this field; programs fill it in
            return see("/lacak")
        typed = {name: str(data.get(name, "")).strip()[:most] for name, most in _LONGEST.items()}
        submission = Submission(
            str(data.get("submission", ""))[:64], typed, bool(data.get("anonymous"))
        )
        address = request.client.host if request.client else "?"
        try:
            if not typed["text"]:
                raise FormError("empty")
            if not limiter.hit(_SUBMISSIONS, address):
                raise FormError("too_many")
            await _add_photos(site, submission, data)
        except FormError as error:
            status = 429 if error.code == "too_many" else 422
            return form_page(
                request, account, code=error.code, status=status, typed=typed,
                submission=submission.id,
            )  # fmt: skip
        number = await anyio.to_thread.run_sync(_store, site, account, submission)
        site.wake()
        if number is None:
            return site.page(request, "received.html", receipt=submission.id[:8].upper())
        return see(f"/lacak/{number}?kode={submission.id}&baru=1")

    @pages.get("/lacak")
    def track_form(request: Request, nomor: str = "") -> Response:
        if nomor.strip():
            return see(f"/lacak/{casenumbers.tidy(nomor)}")
        return site.page(request, "track.html", status_of=None, code="", answers=None, new=False)

    @pages.get("/lacak/{number}")
    def track(request: Request, number: str, kode: str = "", baru: str = "") -> HTMLResponse:
        number = casenumbers.tidy(number)
        found = queue.public_status(site.database, number) if casenumbers.is_valid(number) else None
        code = "" if found else "no_such_case" if casenumbers.is_valid(number) else "bad_number"
        answers = queue.public_answers(site.database, number, kode) if found and kode else None
        return site.page(
            request, "track.html", status=200 if found else 404, status_of=found, code=code,
            answers=answers, new=bool(baru),
        )  # fmt: skip

    return pages


def _account(site: Site, handle: str) -> Account:
    with site.database.reading() as session:
        account = session.exec(
            select(Account).where(
                Account.channel == "webform", Account.handle == handle, Account.status == "active"
            )
        ).first()
    if account is None:
        raise HTTPException(404)
    return account


async def _add_photos(site: Site, submission: Submission, data: FormData) -> None:
    files = [f for f in data.getlist("photo") if isinstance(f, UploadFile) and f.size]
    if len(files) > _MOST_PHOTOS:
        raise FormError("too_many_files")
    for file in files:
        content = await file.read(attachments.LARGEST + 1)
        try:
            kept = await anyio.to_thread.run_sync(attachments.keep, site.settings.data_dir, content)
        except attachments.AttachmentRefused as error:
            raise FormError(error.code) from error
        submission.photos.append({"sha256": kept.sha256, "mime": kept.mime})
        submission.position = submission.position or attachments.position(content)


def _store(site: Site, account: Account, submission: Submission) -> str | None:
    """T1 and at once T2; the case number, or None where the submission waits to be read."""
    assert account.id is not None
    now = site.clock()
    lat, lon = submission.position or (None, None)
    payload = {
        "submission_id": submission.id,
        **submission.fields,
        "anonymous": submission.anonymous,
        "lat": lat,
        "lon": lon,
        "media": submission.photos,
        "created_at": now.isoformat(),
    }
    item = RawItem(f"submission:{submission.id}", "webform.submission", payload)
    received = ingest.receive(site.database, now, account.id, [item])
    ingest.process(site.database, now, received.new_ids)
    with site.database.reading() as session:
        return session.exec(
            select(Case.number)
            .join(Message, col(Message.case_id) == col(Case.id))
            .where(Message.channel == "webform", Message.native_id == submission.id)
        ).first()
