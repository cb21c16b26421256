"""Writing an answer: kept while it is written, looked at before it goes, taken back
within 10 s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from aggregator.accounts import attachments
from aggregator.accounts.attachments import AttachmentRefused
from aggregator.answers import (
    checks,
    contradictions,
    drafts,
    help_requests,
    library,
    offers,
    presence,
    replies,
)
from aggregator.answers.replies import Kept
from aggregator.cases import casefile, triage
from aggregator.desk import queue, relations
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Draft, Reply
from aggregator.store.tables.intake import Message
from aggregator.web.case.page import CasePages, Typed, stored_picture, typed_in, written
from aggregator.web.site import Posted, Site, number_in
from connectors import base
from connectors.base import Upload

_GONE = ("no_such_case", "bad_number", "not_yours", "read_only")


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/aduan/{number}")
    writing = Writing(CasePages(site))
    _answering(pages, writing)
    _drafts(pages, writing)
    return pages


class Writing:
    """The steps of the form of an answer; every one keeps what was typed."""

    def __init__(self, case: CasePages) -> None:
        self.case = case
        self.site = case.site
        self._steps: dict[str, Callable[[Viewer, str, FormData, Typed], Typed]] = {
            "insert": self._insert,
            "question": self._question,
            "statement": self._statement,
            "referral": self._referral,
            "save": self._save,
            "ask": self._ask,
            "detach": self._detach,
        }

    def step(self, request: Request, number: str, form: FormData) -> Response:
        name, _, _ = str(form.get("step", "")).partition(":")
        viewer = self.site.viewer(request)
        typed = typed_in(form) if "text" in form else self._written(viewer, number)
        try:
            self._keep_pictures(viewer, number, form)
            if name in self._steps:
                typed = self._steps[name](viewer, number, form, typed)
                self.keep(viewer, number, typed)
                return self.case.show(request, viewer, number, typed)
            if name == "edit":
                self.keep(viewer, number, typed)
                return self.case.show(request, viewer, number, typed)
            if name == "send" and typed.key:
                return self._send(request, viewer, number, form, typed)
            return self._preview(request, viewer, number, typed)
        except Refusal as error:
            if error.code in _GONE:
                raise
            asked = str(form.get("step", ""))
            return self.case.show(
                request, viewer, number, typed, status=409, error=error, asked=asked
            )

    def _written(self, viewer: Viewer, number: str) -> Typed:
        """One's own draft, for buttons that stand outside the form of the answer."""
        with self.site.database.reading() as session:
            return written(
                drafts.own(session, viewer, casefile.find_in(session, viewer, number))
            )

    def keep(self, viewer: Viewer, number: str, typed: Typed) -> Draft | None:
        return drafts.save(
            self.site.database,
            self.site.clock(),
            viewer,
            number,
            typed.text,
            message_id=typed.message_id,
            account_id=typed.account_id,
            private=typed.private,
            shared=typed.shared,
            seen=typed.draft,
        )

    def counted(self, viewer: Viewer, number: str, typed: Typed) -> base.Preview | None:
        """Length, price and window of what is typed; None where nothing can be
        answered."""
        try:
            seen, _, _ = self._seen(viewer, number, typed, ())
        except Refusal:
            return None
        return seen

    def files(self, viewer: Viewer, number: str) -> tuple[Kept, ...]:
        """The pictures of one's own draft."""
        with self.site.database.reading() as session:
            draft = drafts.own(
                session, viewer, casefile.find_in(session, viewer, number)
            )
        folder = self.site.settings.data_dir
        return tuple(
            Kept(
                file["sha256"],
                Upload(
                    file["name"],
                    file["mime"],
                    attachments.path_of(folder, file["sha256"]).read_bytes(),
                ),
            )
            for file in (draft.files if draft else [])
        )

    def files_for(self, viewer: Viewer, number: str, typed: Typed) -> tuple[Kept, ...]:
        """The pictures of one's own draft; they stay with the case where the channel
        takes none."""
        files = self.files(viewer, number)
        seen, _, _ = self._seen(viewer, number, typed, files)
        stay = seen.problem == "no_files"
        return tuple(replace(file, stays=stay) for file in files)

    def _seen(
        self, viewer: Viewer, number: str, typed: Typed, files: tuple[Kept, ...]
    ) -> tuple[base.Preview, Message, Account]:
        return replies.preview_reply(
            self.site.database,
            self.site.clock(),
            viewer,
            number,
            typed.text.strip(),
            message_id=typed.message_id,
            account_id=typed.account_id,
            private=typed.private,
            files=tuple(file.upload for file in files if not file.stays),
        )

    def _preview(
        self, request: Request, viewer: Viewer, number: str, typed: Typed
    ) -> HTMLResponse:
        """As it will look, with all that is worth a second look."""
        text = _needed(typed.text)
        self.keep(viewer, number, typed)
        files = self.files_for(viewer, number, typed)
        seen = self._seen(viewer, number, typed, files)
        message = seen[1]
        with self.site.database.reading() as session:
            case = casefile.find_in(session, viewer, number)
            public = message.public and not typed.private
            found = checks.cautions(
                session, self.site.clock(), case, message, text, public=public
            )
            against = contradictions.find(session, self.site.clock(), case, text)
            if typed.private and typed.publicly.strip():
                found += checks.cautions(
                    session,
                    self.site.clock(),
                    case,
                    message,
                    typed.publicly,
                    public=True,
                )
        return self.case.show(
            request,
            viewer,
            number,
            typed,
            preview=seen,
            cautions=found,
            against=against,
            photos_stay=any(file.stays for file in files),
        )

    def _send(
        self,
        request: Request,
        viewer: Viewer,
        number: str,
        form: FormData,
        typed: Typed,
    ) -> Response:
        _, ends, outcome = f"{form.get('step')}::".split(":")[:3]
        waive = str(form.get("waive", "")).strip() if ends == "close" else ""

        def do(viewer: Viewer) -> None:
            replies.reply(
                self.site.database,
                self.site.clock(),
                viewer,
                number,
                typed.text,
                key=typed.key,
                message_id=typed.message_id,
                account_id=typed.account_id,
                private=typed.private,
                version=self.case.version(viewer, number, form),
                files=self.files_for(viewer, number, typed),
                hold=replies.UNDO_WITHIN,
                publicly=(typed.publicly.strip() or None) if typed.private else None,
                closes=ends in ("close", "part"),
                outcome=outcome or "selesai",
                waive=waive or None,
                waits=ends == "wait",
            )
            drafts.end(self.site.database, viewer, number, typed.text)

        return self.case.act(request, number, form, do, then="#jawaban")

    def _insert(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        """insert:<entry>[:<language>[+<language>]], one language under the other.

        `although_expired` beside it where the person was told.
        """
        _, _, what = str(form.get("step")).partition(":")
        entry, _, languages = what.partition(":")
        for language in languages.split("+"):
            text = library.insert(
                self.site.database,
                self.site.clock(),
                viewer,
                number,
                int(entry) if entry.isdecimal() else 0,
                language=language or None,
                account_id=typed.account_id,
                although_expired=form.get("although_expired") == "1",
            )
            typed = _with(typed, text)
        return typed

    def _question(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        gap = offers.question_of(self.site.database, viewer, number)
        return _with(typed, gap.question) if gap else typed

    def _statement(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        """What the owner of the incident this case is part of tells everybody."""
        ties = relations.of_case(self.site.database, self.site.clock(), viewer, number)
        said = ties.incident.incident.statement if ties.incident else None
        return _with(typed, said) if said else typed

    def _referral(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        _, _, body = str(form.get("step")).partition(":")
        chosen = body or str(form.get("body", "")) or None
        code = triage.not_ours(
            self.site.database, self.site.clock(), viewer, number, chosen
        )
        return _with(
            typed, offers.referral_of(self.site.database, viewer, number, code)
        )

    def _save(self, viewer: Viewer, number: str, form: FormData, typed: Typed) -> Typed:
        return typed

    def _ask(self, viewer: Viewer, number: str, form: FormData, typed: Typed) -> Typed:
        self.keep(viewer, number, typed)
        drafts.ask(self.site.database, self.site.clock(), viewer, number)
        return replace(typed, shared=True)

    def _detach(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        _, _, sha256 = str(form.get("step")).partition(":")
        drafts.detach(self.site.database, viewer, number, sha256)
        return typed

    def _keep_pictures(self, viewer: Viewer, number: str, form: FormData) -> None:
        """Photos chosen in the form, cleaned of where they were taken, into the
        draft."""
        found = []
        for upload in form.getlist("photo"):
            if not isinstance(upload, UploadFile) or not upload.filename:
                continue
            try:
                kept = attachments.keep(self.site.settings.data_dir, upload.file.read())
            except AttachmentRefused as error:
                raise Refusal(str(error), error.code) from error
            name = f"foto-{kept.sha256[:8]}.{kept.mime.partition('/')[2]}"
            found.append({"sha256": kept.sha256, "name": name, "mime": kept.mime})
        if found:
            drafts.attach(self.site.database, self.site.clock(), viewer, number, found)

    def settle(self, viewer: Viewer, number: str, reply_id: int, what: object) -> None:
        database, now = self.site.database, self.site.clock()
        if what in ("cancel", "undo"):
            reply = replies.cancel_reply(database, now, viewer, reply_id)
            if what == "undo":
                self._write_again(viewer, number, reply)
        elif what in ("arrived", "again"):
            replies.settle(database, now, viewer, reply_id, arrived=what == "arrived")

    def _write_again(self, viewer: Viewer, number: str, reply: Reply) -> None:
        """What was taken back is a draft again, with its pictures; what was written
        since stays."""
        database, now = self.site.database, self.site.clock()
        since = self._written(viewer, number).text.strip()
        text = (
            f"{reply.text}\n\n{since}"
            if since and since not in reply.text
            else reply.text
        )
        drafts.save(
            database,
            now,
            viewer,
            number,
            text,
            message_id=reply.message_id,
            account_id=reply.account_id,
            private=reply.private,
        )
        if reply.files:
            drafts.attach(database, now, viewer, number, list(reply.files))


def _answering(pages: APIRouter, writing: Writing) -> None:
    @pages.post("/balas")
    def reply(request: Request, number: str, form: Posted) -> Response:
        return writing.step(request, number, form)

    @pages.post("/jawaban/{reply_id}")
    def settle(request: Request, number: str, reply_id: int, form: Posted) -> Response:
        what = form.get("act")
        return writing.case.act(
            request,
            number,
            form,
            lambda viewer: writing.settle(viewer, number, reply_id, what),
            then="#text" if what == "undo" else "#jawaban",
        )


def _drafts(pages: APIRouter, writing: Writing) -> None:
    site = writing.site

    @pages.post("/draf")
    def keep(request: Request, number: str, form: Posted) -> HTMLResponse:
        """For the open page: what is typed is kept, and when, and how it counts where
        it goes."""
        viewer, typed = site.viewer(request), typed_in(form)
        try:
            kept = writing.keep(viewer, number, typed)
        except Refusal as error:
            if error.code != "written_elsewhere":
                raise
            return site.page(request, "case/_kept.html", viewer=viewer, elsewhere=True)
        presence.look(
            site.database, site.clock(), viewer, number, writing=kept is not None
        )
        counted = writing.counted(viewer, number, typed) if kept else None
        return site.page(
            request,
            "case/_kept.html",
            viewer=viewer,
            elsewhere=False,
            kept=kept,
            counted=counted,
        )

    @pages.get("/draf/foto/{sha256}")
    def picture(request: Request, number: str, sha256: str) -> Response:
        viewer = site.viewer(request)
        detail = queue.detail(site.database, viewer, number)
        with site.database.reading() as session:
            mine = drafts.own(session, viewer, detail.case)
            shared = drafts.of_others(session, viewer, detail.case)
        every: list[dict[str, Any]] = [*(mine.files if mine else [])]
        for one in shared:
            every += one.draft.files
        for file in every:
            if file["sha256"] == sha256:
                return stored_picture(site, file)
        return site.message(request, "not_found", 404)

    @pages.post("/draf/{draft_id}")
    def decide(request: Request, number: str, draft_id: int, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            now = site.clock()
            if form.get("act") == "use":
                help_requests.use(
                    site.database, now, viewer, number, draft_id, site.claim_minutes
                )
            elif form.get("act") == "take":
                drafts.take(site.database, now, viewer, number, draft_id)
            else:
                drafts.decide(
                    site.database,
                    now,
                    viewer,
                    number,
                    draft_id,
                    approved=form.get("act") == "approve",
                    version=number_in(form, "draft_version") or 0,
                    remark=str(form.get("remark", "")),
                )

        return writing.case.act(request, number, form, do, then="#balas")


def _with(typed: Typed, text: str) -> Typed:
    """The text after what is there already."""
    before = typed.text.rstrip()
    return replace(typed, text=f"{before}\n\n{text}" if before else text)


def _needed(text: str) -> str:
    if not text.strip():
        raise Refusal("the answer is empty", "empty")
    return text.strip()
