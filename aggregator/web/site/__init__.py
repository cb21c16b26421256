"""What every page needs: who is asking, in which language, and how a template is
answered with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field
from starlette.datastructures import FormData

from aggregator.city.catalog import Agency, Catalog
from aggregator.people.refusal import Refusal
from aggregator.people.sessions import Signed
from aggregator.people.viewers import Viewer
from aggregator.store import options
from aggregator.store.db import Database, Reads
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault
from aggregator.web import words
from aggregator.web.site import navigation
from aggregator.web.site.alarms import Alarms
from aggregator.web.site.brakes import Flood
from aggregator.web.site.csrf import Guard
from aggregator.web.site.fragments import Fragments
from aggregator.web.site.sessions import Sessions
from aggregator.web.words import i18n
from aggregator.web.words import queue as words_queue

_WITHOUT_CODE = ("/keamanan", "/keluar", "/masuk/lagi")
"""Pages for who must have a second step and has none yet."""


class NotSignedIn(Exception):
    """The page is for people who have signed in."""


class OwesCode(Exception):
    """The page is for people with a second step of signing in: their role must have
    one."""


class OwesProof(Exception):
    """The act is for people who have shown lately who they are. `back`: the page they
    come back to where that is another than the one they asked for."""

    def __init__(self, back: str = "") -> None:
        super().__init__("who asks has not shown lately who they are")
        self.back = back


@dataclass(frozen=True, slots=True)
class Site:
    """The parts the pages work with; `wake` hurries the worker."""

    database: Database
    vault: Vault
    settings: Settings
    catalog: Catalog
    clock: Callable[[], datetime]
    wake: Callable[[], None]
    pieces: Fragments
    guard: Guard
    sessions: Sessions
    alarms: Alarms = field(default_factory=Alarms)
    flood: Flood = field(default_factory=Flood)

    def viewer(self, request: Request, source: Reads | None = None) -> Viewer:
        """Who asks; read in the look of a page where it has one."""
        found = self.maybe_viewer(request, source)
        if found is None:
            raise NotSignedIn
        if found.owes_code and not request.url.path.startswith(_WITHOUT_CODE):
            raise OwesCode
        return found

    @property
    def claim_minutes(self) -> int:
        """How long a claim lasts while nothing happens."""
        with self.database.reading() as session:
            return options.number(
                session, options.CLAIM_MINUTES, self.settings.claim_minutes
            )

    def admin(self, request: Request) -> Viewer:
        """Who runs the installation. Refusal `admins_only` for others."""
        viewer = self.viewer(request)
        if viewer.role != "admin":
            raise Refusal(f"{viewer.login} is no administrator", "admins_only")
        return viewer

    def administrator(self, request: Request) -> Viewer:
        """Who changes the installation: the same, and surely at the screen. Refusal
        `admins_only`, OwesProof."""
        self.admin(request)
        return self.proved(request)

    def proved(self, request: Request, back: str = "") -> Viewer:
        """Who asks, where they have shown lately who they are: who holds a copy of
        their cookie has not. OwesProof."""
        signed = self.signed(request)
        if not signed.is_proved(self.clock()):
            raise OwesProof(back)
        return signed.viewer

    def maybe_viewer(
        self, request: Request, source: Reads | None = None
    ) -> Viewer | None:
        signed = self.sessions.of(request, source)
        return None if signed is None or signed.waits_for_code else signed.viewer

    def signed(self, request: Request) -> Signed:
        """The session of who asks. NotSignedIn, OwesCode."""
        self.viewer(request)
        found = self.sessions.of(request)
        assert found is not None
        return found

    def language(self, request: Request, viewer: Viewer | None) -> str:
        chosen = viewer.language if viewer else request.cookies.get("bahasa", "id")
        return chosen if chosen in i18n.LANGUAGES else "id"

    def page(
        self,
        request: Request,
        template: str,
        *,
        viewer: Viewer | None = None,
        status: int = 200,
        **values: Any,
    ) -> HTMLResponse:
        """Render a template with what all of them use."""
        language = self.language(request, viewer)
        translate = i18n.translations(language).gettext
        context = {
            **self.pieces.names(language),
            "request": request,
            "viewer": viewer,
            "ago": lambda moment: words.ago(translate, moment, self.clock()),
            "due_clock": lambda due: words_queue.clock(translate, due, self.clock()),
            "told": lambda kind, data: words_queue.told(translate, kind, data),
            "time_left": lambda until: words.time_left(translate, until, self.clock()),
            "closes_soon": lambda until: until - self.clock() < words.SOON,
            "csrf": self.guard.token(request),
            "nav_here": navigation.current(request.url.path),
            "alarms": lambda: (
                self.alarms.of(self.database, viewer, self.clock()) if viewer else ()
            ),
            **values,
        }
        text = self.pieces.templates.get_template(template).render(context)
        return HTMLResponse(text, status_code=status)

    def message(
        self, request: Request, code: str, status: int, **detail: Any
    ) -> HTMLResponse:
        """A page of one sentence."""
        return self.page(
            request,
            "site/message.html",
            viewer=self.maybe_viewer(request),
            status=status,
            code=code,
            detail=detail,
        )

    def offices(self) -> list[tuple[str, list[Agency]]]:
        """Every office by its kind, in the order people look for them."""
        return self.pieces.offices


async def _posted(request: Request) -> FormData:
    """As sent, without what no database keeps."""
    form = await request.form()
    return FormData(
        [
            (name, storable(value) if isinstance(value, str) else value)
            for name, value in form.multi_items()
        ]
    )


Posted = Annotated[FormData, Depends(_posted)]
"""The form of a POST, for pages that are plain functions: they run in a thread, and a
database that makes one of them wait does not make the others wait."""


def see(path: str) -> Response:
    """After an act: look at this page (a reload does not repeat the act)."""
    return RedirectResponse(path, status_code=303)


def local(path: str) -> str:
    """A path of this site, whatever was asked for."""
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if safe else "/"


Id = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A number in an address that can be one of a row."""
_WHOLE = re.compile(r"[0-9]{1,18}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def whole_number(typed: object) -> int | None:
    """A number of ours as a form or an address says it; None for anything else."""
    return int(typed) if isinstance(typed, str) and _WHOLE.fullmatch(typed) else None


def number_in(form: Mapping[str, Any], name: str) -> int | None:
    return whole_number(form.get(name))


def numbers_in(form: FormData, name: str) -> list[int]:
    """All that are numbers of ours."""
    said = (whole_number(value) for value in form.getlist(name))
    return [number for number in said if number is not None]


def storable(text: str) -> str:
    """Without the sign that PostgreSQL refuses, and without halves of signs."""
    return _UNSTORABLE.sub("", text)


def now_utc() -> datetime:
    return datetime.now(UTC)
