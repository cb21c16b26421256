"""One case: its messages, its history and everything a person does with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from aggregator import cases, queue
from aggregator.cases import CaseError
from aggregator.models import AuditEntry
from aggregator.people import Viewer
from aggregator.web.live import state_of
from aggregator.web.site import Posted, Site, number_in, see

_GONE = ("no_such_case", "bad_number", "not_yours", "read_only")


@dataclass(slots=True)
class Draft:
    """What a person had typed and seen when the form was sent. `seen`: the last line of history."""

    text: str = ""
    private: bool = False
    note: str = ""
    key: str = ""
    message_id: int | None = None
    account_id: int | None = None
    version: int | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class CasePages:
    """The case page and the acts on it; every act answers with the page or leads back to it."""

    site: Site

    def show(
        self, request: Request, viewer: Viewer, number: str, draft: Draft | None = None, *,
        status: int = 200, error: CaseError | None = None, preview: Any = None,
    ) -> HTMLResponse:  # fmt: skip
        state = state_of(self.site)
        detail = queue.detail(self.site.database, viewer, number)
        typed = draft or Draft()
        return self.site.page(
            request, "case.html", viewer=viewer, status=status, state=state, detail=detail,
            case=detail.case, draft=typed, error=error, preview=preview,
            targets=detail.targets, key=typed.key or uuid.uuid4().hex, seen=_last(detail),
            fresh=news(detail, viewer, typed.seen), offices=self.site.offices(),
            free=_is_free(detail, self.site),
        )  # fmt: skip

    def act(
        self, request: Request, number: str, form: FormData, do: Callable[[Viewer], Any],
        then: str = "",
    ) -> Response:  # fmt: skip
        """A refusal shows the case as it is now, with what was typed."""
        viewer = self.site.viewer(request)
        try:
            do(viewer)
        except CaseError as error:
            if error.code in _GONE:
                raise
            return self.show(request, viewer, number, draft_of(form), status=409, error=error)
        self.site.wake()
        return see(f"/aduan/{number}{then}")

    def version(self, viewer: Viewer, number: str, form: FormData) -> int | None:
        """The version an act is meant for.

        Where nothing has happened but the person's own acts and the sending of answers, the page
        is not out of date, and the version is today's.
        """
        draft = draft_of(form)
        detail = queue.detail(self.site.database, viewer, number)
        if draft.seen is None or news(detail, viewer, draft.seen):
            return draft.version
        return detail.case.version

    def preview(self, request: Request, number: str, draft: Draft) -> Response:
        viewer = self.site.viewer(request)
        try:
            seen = cases.preview_reply(
                self.site.database, self.site.clock(), viewer, number, _needed(draft.text),
                message_id=draft.message_id, account_id=draft.account_id, private=draft.private,
            )  # fmt: skip
        except CaseError as error:
            if error.code in _GONE:
                raise
            return self.show(request, viewer, number, draft, status=409, error=error)
        return self.show(request, viewer, number, draft, preview=seen)

    def reply(self, viewer: Viewer, number: str, form: FormData) -> None:
        draft = draft_of(form)
        cases.reply(
            self.site.database, self.site.clock(), viewer, number, draft.text, key=draft.key,
            message_id=draft.message_id, account_id=draft.account_id, private=draft.private,
            version=self.version(viewer, number, form),
        )  # fmt: skip

    def settle(self, viewer: Viewer, reply_id: int, what: object) -> None:
        database, now = self.site.database, self.site.clock()
        if what == "cancel":
            cases.cancel_reply(database, now, viewer, reply_id)
        elif what in ("arrived", "again"):
            cases.settle(database, now, viewer, reply_id, arrived=what == "arrived")


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/aduan/{number}")
    case = CasePages(site)
    _reading(pages, case)
    _holding(pages, case)
    _working(pages, case)
    _answering(pages, case)
    return pages


def _reading(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.get("")
    def show(request: Request, number: str) -> HTMLResponse:
        return case.show(request, site.viewer(request), number)

    @pages.get("/kabar")
    def what_is_new(request: Request, number: str, versi: int, sejak: int) -> Response:
        """For an open page: the answers as they are now, and what others did meanwhile."""
        viewer = site.viewer(request)
        detail = queue.detail(site.database, viewer, number)
        if detail.case.version == versi:
            return Response(status_code=204)
        return site.page(
            request, "_news.html", viewer=viewer, detail=detail, case=detail.case,
            seen=_last(detail), fresh=news(detail, viewer, sejak),
        )  # fmt: skip


def _holding(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/ambil")
    def claim(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            minutes = site.settings.claim_minutes
            cases.claim(site.database, site.clock(), viewer, number, minutes)

        return case.act(request, number, form, do, then="#text")

    @pages.post("/lepas")
    def release(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            cases.release(site.database, site.clock(), viewer, number)

        return case.act(request, number, form, do)


def _working(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/catatan")
    def note(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            cases.add_note(site.database, site.clock(), viewer, number, str(form.get("note", "")))

        return case.act(request, number, form, do, then="#catatan")

    @pages.post("/tugaskan")
    def assign(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            cases.assign(
                site.database, site.clock(), viewer, number, str(form.get("agency", "")),
                lead=form.get("role") == "lead", version=case.version(viewer, number, form),
            )  # fmt: skip

        return case.act(request, number, form, do)

    @pages.post("/selesai")
    def close(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            version = case.version(viewer, number, form)
            cases.close(site.database, site.clock(), viewer, number, version)

        return case.act(request, number, form, do)

    @pages.post("/buka")
    def reopen(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            cases.reopen(site.database, site.clock(), viewer, number)

        return case.act(request, number, form, do)


def _answering(pages: APIRouter, case: CasePages) -> None:
    @pages.post("/balas")
    def reply(request: Request, number: str, form: Posted) -> Response:
        step, draft = form.get("step"), draft_of(form)
        if step == "edit":
            return case.show(request, case.site.viewer(request), number, draft)
        if step == "send" and draft.key:
            return case.act(
                request, number, form, lambda viewer: case.reply(viewer, number, form),
                then="#jawaban",
            )  # fmt: skip
        return case.preview(request, number, draft)

    @pages.post("/jawaban/{reply_id}")
    def settle(request: Request, number: str, reply_id: int, form: Posted) -> Response:
        return case.act(
            request, number, form, lambda viewer: case.settle(viewer, reply_id, form.get("act")),
            then="#jawaban",
        )  # fmt: skip


def draft_of(form: FormData) -> Draft:
    """The answer as typed; `target` is message:account."""
    message, _, account = str(form.get("target", "")).partition(":")
    return Draft(
        text=str(form.get("text", "")).replace("\r\n", "\n"),
        private=form.get("private") == "1",
        note=str(form.get("note", "")),
        key=str(form.get("key", ""))[:64],
        message_id=int(message) if message.isdecimal() else None,
        account_id=int(account) if account.isdecimal() else None,
        version=number_in(form, "version"),
        seen=number_in(form, "seen"),
    )


def news(detail: queue.CaseDetail, viewer: Viewer, seen: int | None) -> list[AuditEntry]:
    """What happened after the line of history `seen`, save one's own acts and answers going out."""
    if seen is None:
        return []
    return [
        entry
        for entry in detail.audit
        if (entry.id or 0) > seen and entry.person_id != viewer.id and entry.action != "reply_sent"
    ]


def _needed(text: str) -> str:
    if not text.strip():
        raise CaseError("the answer is empty", "empty")
    return text.strip()


def _last(detail: queue.CaseDetail) -> int:
    return max((entry.id or 0 for entry in detail.audit), default=0)


def _is_free(detail: queue.CaseDetail, site: Site) -> bool:
    """Whether anybody may take the case: nobody holds it, or the hold has run out."""
    ends = detail.case.claim_expires_at
    return detail.case.claimed_by is None or (ends is not None and ends < site.clock())
