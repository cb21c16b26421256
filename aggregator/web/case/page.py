"""One case: its messages, its history and everything a person does with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.datastructures import FormData

from aggregator import city
from aggregator.accounts import filestore
from aggregator.answers import by_hand, drafts, presence
from aggregator.answers.drafts import Drafts
from aggregator.cases import casefile, claims, readership, revealing
from aggregator.cases.casefile import CaseFile, Seen
from aggregator.city import geography, procedures, stations
from aggregator.desk import casepage, parts, queue
from aggregator.desk.casepage import Around
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Reads
from aggregator.store.tables.answers import Draft
from aggregator.store.tables.intake import Message
from aggregator.store.tables.store import AuditEntry
from aggregator.web.case._ward_map import Plan, plan
from aggregator.web.site import (
    Id,
    Posted,
    Site,
    live,
    number_in,
    see,
    tour,
    whole_number,
)
from aggregator.web.words import case as words_case
from aggregator.web.words.i18n import translations

_GONE = ("no_such_case", "bad_number", "not_yours", "read_only")
_PLAIN: dict[str, Any] = {
    "preview": None,
    "cautions": [],
    "against": [],
    "asked": "",
    "photos_stay": False,
}
"""What only a step of the answer shows. `asked`: the step that was refused."""
_FOLDED = 900
_FIRST_PHOTOS = 6


@dataclass(slots=True)
class Typed:
    """What a person had typed and seen when the form was sent. `seen`: the last line of
    history.

    `publicly`: what is said in public beside a private answer. `draft`: the version of
    the draft that is gone on with. `although`: why what stops the text must go out.
    """

    text: str = ""
    private: bool = False
    publicly: str = ""
    shared: bool = False
    although: str = ""
    note: str = ""
    key: str = ""
    message_id: int | None = None
    account_id: int | None = None
    seen: int | None = None
    draft: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What one reporter says on one channel."""

    message: Message
    spoken: list[queue.Spoken]


@dataclass(frozen=True, slots=True)
class CasePages:
    """The case page and the acts on it; every act answers with the page or leads back
    to it."""

    site: Site

    def show(
        self,
        request: Request,
        viewer: Viewer,
        number: str,
        typed: Typed | None = None,
        *,
        status: int = 200,
        error: Refusal | None = None,
        written: Drafts | None = None,
        **shown: Any,
    ) -> HTMLResponse:
        """The page as it is now. `written`: the drafts of the case, for whoever has
        just kept one."""
        with self.site.database.look() as look, self.open(look, viewer, number) as file:
            return self.page(
                request,
                file,
                typed,
                status=status,
                error=error,
                written=written,
                **shown,
            )

    def open(
        self, source: Reads, viewer: Viewer, number: str
    ) -> AbstractContextManager[CaseFile]:
        """The case to look at. Refusal."""
        return casefile.reading(source, self.site.clock(), viewer, number)

    def page(
        self,
        request: Request,
        file: CaseFile,
        typed: Typed | None = None,
        *,
        status: int = 200,
        error: Refusal | None = None,
        written: Drafts | None = None,
        **shown: Any,
    ) -> HTMLResponse:
        """The page of a case that is open in a look."""
        viewer, found = file.viewer, casepage.show(file, written)
        detail, around = found.detail, found.around
        writing = typed or typed_before(around.draft)
        return self.site.page(
            request,
            "case/page.html",
            viewer=viewer,
            status=status,
            state=live.written(found.state),
            detail=detail,
            case=detail.case,
            draft=writing,
            posted=typed is not None,
            error=error,
            around=around,
            targets=detail.targets,
            key=writing.key or uuid.uuid4().hex,
            seen=_last(detail),
            fresh=news(detail, viewer, writing.seen),
            offices=self.site.offices(),
            free=_is_free(detail, self.site),
            is_there=by_hand.is_there,
            groups=_groups(detail.messages),
            undo=_undo(detail, self.site),
            tour=tour.step(viewer),
            ties=found.ties,
            helps=found.helps,
            reading=readership.of_case(file) if file.case.confidential else [],
            concerns=readership.concerns_of(file) if file.case.confidential else [],
            **self._words(request, viewer, detail, around),
            **{**_PLAIN, **shown},
        )

    def _words(
        self, request: Request, viewer: Viewer, detail: queue.CaseDetail, around: Around
    ) -> dict[str, Any]:
        """What templates of this page say beside what all templates say."""
        language = self.site.language(request, viewer)
        translate, now = translations(language).gettext, self.site.clock()
        return {
            "agency_then": self._agency_then(language, detail.case.opened_at),
            "reader": around.reader,
            "clock_words": lambda one: words_case.clock(translate, one, now, language),
            "clock_label": lambda one: words_case.label(translate, one, language),
            "due": words_case.first_due(around.clocks),
            "doubts": procedures.doubts(
                city.here().rules,
                detail.case.opened_at,
                [one.clock.due_at for one in around.clocks if one.clock.due_at],
            ),
            "why_came": lambda codes: words_case.why_came(translate, codes),
            "why_joined": lambda act: words_case.why_alike(
                translate, act.reasons, full=around.reader.full
            ),
            "why_alike": lambda twin: words_case.why_alike(
                translate,
                twin.suggestion.reasons,
                full=twin.full and around.reader.full,
            ),
            "map": _plan(self.site, detail) if around.reader.full else None,
            "folded": _FOLDED,
            "first_photos": _FIRST_PHOTOS,
            "groups_of_kinds": self.site.catalog.groups,
            "approves": viewer.role in drafts.APPROVES,
            **_of_answers(detail),
            **_of_emergency(detail),
        }

    def _agency_then(self, language: str, opened_at: datetime) -> Callable[[str], str]:
        """Offices are called what they were when the case came."""
        day = city.here().today(opened_at)
        return lambda code: self.site.catalog.name(code, language, day)

    def act(
        self,
        request: Request,
        number: str,
        form: FormData,
        do: Callable[[Viewer], Any],
        then: str = "",
    ) -> Response:
        """A refusal shows the case as it is now, with what was typed."""
        return self.act_as(self.site.viewer(request), request, number, form, do, then)

    def act_as(
        self,
        viewer: Viewer,
        request: Request,
        number: str,
        form: FormData,
        do: Callable[[Viewer], Any],
        then: str = "",
    ) -> Response:
        """The same, where it is known who acts."""
        try:
            do(viewer)
        except Refusal as error:
            if error.code in _GONE:
                raise
            typed = typed_in(form)
            if error.code == "old_page":  # sent from the page that follows, if at all
                typed = replace(typed, key="")
            return self.show(request, viewer, number, typed, status=409, error=error)
        self.site.wake()
        return see(f"/aduan/{number}{then}")


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/aduan/{number}")
    case = CasePages(site)
    _reading(pages, case)
    _holding(pages, case)
    return pages


def _reading(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.get("")
    def show(request: Request, number: str) -> HTMLResponse:
        with site.database.look() as look:
            viewer = site.viewer(request, look)
            with case.open(look, viewer, number) as file:
                return case.page(request, file)

    @pages.get("/kabar")
    def what_is_new(request: Request, number: str, versi: Id, sejak: Id) -> Response:
        """For an open page: the answers as they are now, and what others did
        meanwhile."""
        with site.database.look() as look:
            viewer = site.viewer(request, look)
            with case.open(look, viewer, number) as file:
                if file.case.version == versi:
                    return Response(status_code=204)
                detail, reader = queue.detail_in(file, parts.of(file)), file.reader
        return site.page(
            request,
            "case/_news.html",
            viewer=viewer,
            detail=detail,
            case=detail.case,
            reader=reader,
            seen=_last(detail),
            fresh=news(detail, viewer, sejak),
            undo=_undo(detail, site),
            **_of_answers(detail),
            **_of_emergency(detail),
        )

    @pages.get("/hadir")
    def who_is_here(request: Request, number: str) -> HTMLResponse:
        viewer = site.viewer(request)
        others = presence.look(site.database, site.clock(), viewer, number)
        return site.page(request, "case/_presence.html", viewer=viewer, others=others)

    @pages.get("/jawaban/{reply_id}/foto/{at}")
    def picture(request: Request, number: str, reply_id: Id, at: Id) -> Response:
        with case.open(site.database, site.viewer(request), number) as file:
            files = [one.reply.files for one in file.given if one.reply.id == reply_id]
        if not files or not 0 <= at < len(files[0]):
            return site.message(request, "not_found", 404)
        return stored_picture(site, files[0][at])

    @pages.post("/tampilkan")
    def reveal(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            reason = str(form.get("reason", ""))
            revealing.reveal(site.database, site.clock(), viewer, number, reason)

        return case.act(request, number, form, do, then="#said")


def stored_picture(site: Site, file: dict[str, Any]) -> Response:
    """A picture of an answer, from where it is kept."""
    path = filestore.path_of(site.settings.data_dir, file["sha256"])
    return FileResponse(path, media_type=file["mime"])


def _holding(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/ambil")
    def claim(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            minutes = site.claim_minutes
            claims.claim(site.database, site.clock(), viewer, number, minutes)

        return case.act(request, number, form, do, then="#text")

    @pages.post("/ambil-alih")
    def take_over(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            claims.take_over(
                site.database,
                site.clock(),
                viewer,
                number,
                str(form.get("reason", "")),
                site.claim_minutes,
            )

        return case.act(request, number, form, do, then="#text")

    @pages.post("/lepas")
    def release(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            claims.release(site.database, site.clock(), viewer, number)

        return case.act(request, number, form, do)


def typed_in(form: FormData) -> Typed:
    """The answer as typed; `target` is message:account."""
    message, _, account = str(form.get("target", "")).partition(":")
    return Typed(
        text=str(form.get("text", "")).replace("\r\n", "\n"),
        private=form.get("private") == "1",
        publicly=str(form.get("publicly", "")).replace("\r\n", "\n"),
        shared=form.get("shared") == "1",
        although=str(form.get("although", "")),
        note=str(form.get("note", "")),
        key=str(form.get("key", ""))[:48],
        message_id=whole_number(message),
        account_id=whole_number(account),
        seen=number_in(form, "seen"),
        draft=number_in(form, "draft"),
    )


def seen_in(form: FormData) -> Seen | None:
    """What an act was decided on; None where the form does not say."""
    version = number_in(form, "version")
    return None if version is None else Seen(version, number_in(form, "seen"))


def typed_before(draft: Draft | None) -> Typed:
    """What the person had written before, wherever that was."""
    if draft is None:
        return Typed()
    return Typed(
        text=draft.text,
        private=draft.private,
        shared=draft.shared,
        message_id=draft.message_id,
        account_id=draft.account_id,
    )


def news(
    detail: queue.CaseDetail, viewer: Viewer, seen: int | None
) -> list[AuditEntry]:
    """What happened after the line of history `seen`, save one's own acts and answers
    going out."""
    if seen is None:
        return []
    return [
        entry
        for entry in detail.audit
        if entry.id > seen and casefile.is_news(entry, viewer)
    ]


def _groups(messages: list[queue.Spoken]) -> list[Group]:
    """Messages by reporter and channel, each group where its first message stands."""
    found: dict[Any, Group] = {}
    for spoken in messages:
        said = spoken.message
        alone = said.anonymous or said.author_id is None
        key = said.id if alone else (said.channel, said.author_id)
        found.setdefault(key, Group(said, [])).spoken.append(spoken)
    return list(found.values())


def _plan(site: Site, detail: queue.CaseDetail) -> Plan | None:
    """Where the case is, on the plan of the wards."""
    ward = site.catalog.agencies.get(detail.case.ward or "")
    name = geography.short_name(ward) if ward else detail.case.place or ""
    return plan(city.here().places.points, name, _point(detail))


def _point(detail: queue.CaseDetail) -> tuple[float, float] | None:
    for spoken in detail.messages:
        said = spoken.message
        if (
            said.latitude is not None
            and said.longitude is not None
            and not said.deleted_at
        ):
            return said.latitude, said.longitude
    return None


def _undo(detail: queue.CaseDetail, site: Site) -> set[int]:
    """Answers that still wait to be taken back."""
    now = site.clock()
    return {
        reply.id
        for reply in detail.replies
        if reply.state == "queued" and reply.not_before and reply.not_before > now
    }


def _last(detail: queue.CaseDetail) -> int:
    return max((entry.id for entry in detail.audit), default=0)


def _of_answers(detail: queue.CaseDetail) -> dict[str, Any]:
    """What the list of answers says beside them. `lost`: accounts that answers wait
    for, as nothing leaves through them until somebody signs them in again."""
    accounts = [account for spoken in detail.messages for account in spoken.accounts]
    lost = {one.id: one.handle for one in accounts if one.status == "needs_login"}
    return {"lost": lost, "by_hand": by_hand.BY_HAND}


def _of_emergency(detail: queue.CaseDetail) -> dict[str, Any]:
    """Whom to telephone, the nearest of each service, and who told 112."""
    here, ward = city.here(), detail.case.ward
    known = here.catalog.agencies.get(ward or "")
    told = [line.actor for line in detail.audit if line.action == "told_112"]
    return {
        "stations": stations.nearest(
            here.stations, ward, known.parent if known else None
        ),
        "told_by": told[0] if told else None,
    }


def _is_free(detail: queue.CaseDetail, site: Site) -> bool:
    """Whether anybody may take the case: nobody holds it, or the hold has run out."""
    ends = detail.case.claim_expires_at
    return detail.case.claimed_by is None or (ends is not None and ends < site.clock())
