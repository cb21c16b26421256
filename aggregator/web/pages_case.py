"""One case: its messages, its history and everything a person does with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

import connectors
from aggregator import cases, queue
from aggregator.cases import CaseError
from aggregator.people import Viewer
from aggregator.web.site import Site, number_in, see

Act = Callable[[Viewer, FormData], Any]


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    def show(
        request: Request,
        viewer: Viewer,
        number: str,
        *,
        status: int = 200,
        error: CaseError | None = None,
        draft: dict[str, Any] | None = None,
        preview: Any = None,
    ) -> HTMLResponse:
        detail = queue.detail(site.database, viewer, number)
        targets = [
            (message, account, account.id == (draft or {}).get("account_id")
             and message.id == (draft or {}).get("message_id"))
            for message, account in detail.targets
        ]  # fmt: skip
        return site.page(
            request, "case.html", viewer=viewer, status=status, detail=detail, case=detail.case,
            targets=targets, error=error, draft=draft or {}, preview=preview,
            key=(draft or {}).get("key") or uuid.uuid4().hex,
            limit=_limit(detail),
            offices=sorted(site.catalog.agencies.values(), key=lambda entry: entry.name.id),
        )  # fmt: skip

    @pages.get("/aduan/{number}")
    def case(request: Request, number: str) -> HTMLResponse:
        return show(request, site.viewer(request), number)

    async def act(request: Request, number: str, what: Act) -> Response:
        """Do it and look at the case again; a refusal shows the case with what was typed."""
        viewer, form = site.viewer(request), await request.form()
        try:
            what(viewer, form)
        except CaseError as error:
            if error.code in ("no_such_case", "bad_number", "not_yours"):
                raise
            return show(request, viewer, number, status=409, error=error, draft=_draft(form))
        site.wake()
        return see(f"/aduan/{number}")

    @pages.post("/aduan/{number}/ambil")
    async def claim(request: Request, number: str) -> Response:
        minutes = site.settings.claim_minutes
        return await act(
            request, number,
            lambda viewer, form: cases.claim(site.database, site.clock(), viewer, number, minutes),
        )  # fmt: skip

    @pages.post("/aduan/{number}/lepas")
    async def release(request: Request, number: str) -> Response:
        return await act(
            request, number,
            lambda viewer, form: cases.release(site.database, site.clock(), viewer, number),
        )  # fmt: skip

    @pages.post("/aduan/{number}/catatan")
    async def note(request: Request, number: str) -> Response:
        return await act(
            request, number,
            lambda viewer, form: cases.add_note(
                site.database, site.clock(), viewer, number, str(form.get("note", ""))
            ),
        )  # fmt: skip

    @pages.post("/aduan/{number}/tugaskan")
    async def assign(request: Request, number: str) -> Response:
        return await act(
            request, number,
            lambda viewer, form: cases.assign(
                site.database, site.clock(), viewer, number, str(form.get("agency", "")),
                lead=form.get("role") != "help", version=number_in(form, "version"),
            ),
        )  # fmt: skip

    @pages.post("/aduan/{number}/selesai")
    async def close(request: Request, number: str) -> Response:
        return await act(
            request, number,
            lambda viewer, form: cases.close(
                site.database, site.clock(), viewer, number, number_in(form, "version")
            ),
        )  # fmt: skip

    @pages.post("/aduan/{number}/buka")
    async def reopen(request: Request, number: str) -> Response:
        return await act(
            request, number,
            lambda viewer, form: cases.reopen(site.database, site.clock(), viewer, number),
        )  # fmt: skip

    @pages.post("/aduan/{number}/balas")
    async def reply(request: Request, number: str) -> Response:
        form = await request.form()
        draft = _draft(form)
        if form.get("step") == "send":
            return await act(request, number, lambda viewer, _: _reply(viewer, number, draft))
        viewer = site.viewer(request)
        if form.get("step") == "edit":
            return show(request, viewer, number, draft=draft)
        try:
            seen, message, account = cases.preview_reply(
                site.database, viewer, number, draft["text"].strip(),
                message_id=draft["message_id"], account_id=draft["account_id"],
            )  # fmt: skip
        except CaseError as error:
            return show(request, viewer, number, status=409, error=error, draft=draft)
        return show(request, viewer, number, draft=draft, preview=(seen, message, account))

    def _reply(viewer: Viewer, number: str, draft: dict[str, Any]) -> None:
        cases.reply(
            site.database, site.clock(), viewer, number, draft["text"], key=draft["key"],
            message_id=draft["message_id"], account_id=draft["account_id"],
            version=draft["version"],
        )  # fmt: skip

    @pages.post("/aduan/{number}/jawaban/{reply_id}")
    async def settle(request: Request, number: str, reply_id: int) -> Response:
        def decide(viewer: Viewer, form: FormData) -> None:
            if form.get("act") == "cancel":
                cases.cancel_reply(site.database, site.clock(), viewer, reply_id)
            else:
                cases.settle(
                    site.database, site.clock(), viewer, reply_id,
                    arrived=form.get("act") == "arrived",
                )  # fmt: skip

        return await act(request, number, decide)

    return pages


def _limit(detail: queue.CaseDetail) -> int:
    """The longest answer of the channel that is offered first."""
    return connectors.load(detail.targets[0][1].channel).text_limit if detail.targets else 0


def _draft(form: FormData) -> dict[str, Any]:
    """The answer as typed; `target` is message:account."""
    message, _, account = str(form.get("target", "")).partition(":")
    return {
        "text": str(form.get("text", "")),
        "note": str(form.get("note", "")),
        "key": str(form.get("key", "")) or uuid.uuid4().hex,
        "message_id": int(message) if message.isdigit() else None,
        "account_id": int(account) if account.isdigit() else None,
        "version": number_in(form, "version"),
    }
