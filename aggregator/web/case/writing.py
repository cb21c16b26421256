"""Writing an answer: kept while it is written, looked at before it goes, taken back
within 10 s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from aggregator.accounts import filestore
from aggregator.accounts.filestore import FileRefused
from aggregator.answers import (
    by_hand,
    drafts,
    help_requests,
    library,
    offers,
    outward,
    presence,
    replies,
    sending,
)
from aggregator.answers.drafts import Drafts
from aggregator.answers.replies import Answer
from aggregator.cases import triage
from aggregator.cases.casefile import CaseFile
from aggregator.desk import relations
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.tables.answers import Reply
from aggregator.web.case.page import (
    CasePages,
    Typed,
    seen_in,
    stored_picture,
    typed_before,
    typed_in,
)
from aggregator.web.site import Id, Posted, Site, number_in, whole_number
from connectors import base

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
        typed = typed_in(form) if "text" in form else self._before(viewer, number)
        try:
            self._keep_pictures(viewer, number, form)
            if name in self._steps:
                typed = self._steps[name](viewer, number, form, typed)
                kept = self.keep(viewer, number, typed)
                return self.case.show(request, viewer, number, typed, written=kept)
            if name == "edit":
                kept = self.keep(viewer, number, typed)
                return self.case.show(request, viewer, number, typed, written=kept)
            if name == "mask":
                typed = _masked(typed)
            if name == "send" and typed.key:
                return self._send(request, viewer, number, form, typed)
            return self._preview(request, viewer, number, typed)
        except Refusal as error:
            if error.code in _GONE:
                raise
            if error.code == outward.STOPPED:
                return self._preview(request, viewer, number, typed, error)
            asked = str(form.get("step", ""))
            return self.case.show(
                request, viewer, number, typed, status=409, error=error, asked=asked
            )

    def _before(self, viewer: Viewer, number: str) -> Typed:
        """One's own draft, for buttons that stand outside the form of the answer."""
        with self.case.open(self.site.database, viewer, number) as file:
            return typed_before(drafts.of_case(file).own)

    def keep(self, viewer: Viewer, number: str, typed: Typed) -> Drafts:
        return drafts.save(
            self.site.database,
            self.site.clock(),
            viewer,
            number,
            drafts.Writing(
                typed.text,
                typed.message_id,
                typed.account_id,
                private=typed.private,
                shared=typed.shared,
                seen=typed.draft,
            ),
        )

    def counted(self, file: CaseFile, typed: Typed) -> base.Preview | None:
        """Length, price and window of what is typed; None where nothing can be
        answered."""
        try:
            return replies.preview_reply(file, _answer(typed)).preview
        except Refusal:
            return None

    def _preview(
        self,
        request: Request,
        viewer: Viewer,
        number: str,
        typed: Typed,
        error: Refusal | None = None,
    ) -> HTMLResponse:
        """As it will look, with all that is worth a second look; `error` is why it was
        not sent."""
        _needed(typed.text)
        folder = self.site.settings.data_dir
        written = self.keep(viewer, number, typed)
        with (
            self.site.database.look() as look,
            self.case.open(look, viewer, number) as file,
        ):
            looked = sending.look(file, folder, _answer(typed), written.own)
            return self.case.page(
                request,
                file,
                typed,
                written=written,
                preview=looked.seen,
                cautions=looked.cautions,
                against=looked.against,
                photos_stay=any(one.stays for one in looked.answer.files),
                error=error,
                status=409 if error else 200,
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
        answer = replace(
            _answer(typed),
            closes=ends in ("close", "part"),
            outcome=outcome or "selesai",
            waive=waive or None,
            waits=ends == "wait",
        )

        if not answer.although:
            _stopped(answer)

        def do(viewer: Viewer) -> None:
            sending.send(
                self.site.database,
                self.site.settings.data_dir,
                self.site.clock(),
                viewer,
                number,
                answer,
                key=typed.key,
                seen=seen_in(form),
                hold=replies.UNDO_WITHIN,
            )

        return self.case.act_as(viewer, request, number, form, do, then="#jawaban")

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
                whole_number(entry) or 0,
                language=language or None,
                account_id=typed.account_id,
                although_expired=form.get("although_expired") == "1",
            )
            typed = _with(typed, text)
        return typed

    def _question(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        with self.case.open(self.site.database, viewer, number) as file:
            gap = offers.question(file)
        return _with(typed, gap.question) if gap else typed

    def _statement(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        """What the owner of the incident this case is part of tells everybody."""
        with self.case.open(self.site.database, viewer, number) as file:
            incident = relations.incident_of(file)
        said = incident.incident.statement if incident else None
        return _with(typed, said) if said else typed

    def _referral(
        self, viewer: Viewer, number: str, form: FormData, typed: Typed
    ) -> Typed:
        _, _, body = str(form.get("step")).partition(":")
        chosen = body or str(form.get("body", "")) or None
        code = triage.not_ours(
            self.site.database, self.site.clock(), viewer, number, chosen
        )
        with self.case.open(self.site.database, viewer, number) as file:
            return _with(typed, offers.referral(file.case, code))

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
        drafts.detach(self.site.database, self.site.clock(), viewer, number, sha256)
        return typed

    def _keep_pictures(self, viewer: Viewer, number: str, form: FormData) -> None:
        """Photos chosen in the form, cleaned of where they were taken, into the
        draft."""
        found = []
        for upload in form.getlist("photo"):
            if not isinstance(upload, UploadFile) or not upload.filename:
                continue
            try:
                kept = filestore.keep_photo(
                    self.site.settings.data_dir, upload.file.read()
                )
            except FileRefused as error:
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
        since = self._before(viewer, number).text.strip()
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
            drafts.Writing(
                text, reply.message_id, reply.account_id, private=reply.private
            ),
        )
        if reply.files:
            drafts.attach(database, now, viewer, number, list(reply.files))


def _answering(pages: APIRouter, writing: Writing) -> None:
    @pages.post("/balas")
    def reply(request: Request, number: str, form: Posted) -> Response:
        return writing.step(request, number, form)

    @pages.post("/dijawab-di-sana")
    def answered_there(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            site = writing.site
            by_hand.answered_there(
                site.database,
                site.clock(),
                viewer,
                number,
                number_in(form, "message") or 0,
                key=str(form.get("key", ""))[:80],
                text=str(form.get("said", "")).replace("\r\n", "\n")[:5000],
                seen=seen_in(form),
            )

        return writing.case.act(request, number, form, do, then="#jawaban")

    @pages.post("/jawaban/{reply_id}")
    def settle(request: Request, number: str, reply_id: Id, form: Posted) -> Response:
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
            kept = writing.keep(viewer, number, typed).own
        except Refusal as error:
            if error.code != "written_elsewhere":
                raise
            return site.page(request, "case/_kept.html", viewer=viewer, elsewhere=True)
        with writing.case.open(site.database, viewer, number) as file:
            case_id = file.id
            counted = writing.counted(file, typed) if kept else None
        presence.told(
            site.database, site.clock(), viewer, case_id, writing=kept is not None
        )
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
        with writing.case.open(site.database, viewer, number) as file:
            found = drafts.of_case(file)
        every: list[dict[str, Any]] = [*(found.own.files if found.own else [])]
        for one in found.shared:
            every += one.draft.files
        for kept in every:
            if kept["sha256"] == sha256:
                return stored_picture(site, kept)
        return site.message(request, "not_found", 404)

    @pages.post("/draf/{draft_id}")
    def decide(request: Request, number: str, draft_id: Id, form: Posted) -> Response:
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


def _answer(typed: Typed) -> Answer:
    """What is typed, as it would be sent."""
    return Answer(
        typed.text.strip(),
        typed.message_id,
        typed.account_id,
        private=typed.private,
        publicly=(typed.publicly.strip() or None) if typed.private else None,
        although=typed.although.strip() or None,
    )


def _stopped(answer: Answer) -> None:
    """What would stop it is said with the preview, before anything is done."""
    for text in (answer.text, answer.publicly):
        outward.clear(text or "")


def _masked(typed: Typed) -> Typed:
    return replace(
        typed, text=outward.masked(typed.text), publicly=outward.masked(typed.publicly)
    )


def _with(typed: Typed, text: str) -> Typed:
    """The text after what is there already."""
    before = typed.text.rstrip()
    return replace(typed, text=f"{before}\n\n{text}" if before else text)


def _needed(text: str) -> None:
    if not text.strip():
        raise Refusal("the answer is empty", "empty")
