"""The city's own web form: residents write on our page, so nothing is fetched.

An answer is shown on the tracking page; where the city's site has an address for
answers, it is posted there too, with our key, so that the site can ignore a repetition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from connectors._shared import form, http
from connectors._shared.phone import tidy_contact
from connectors.base import (
    AccountSettings,
    FileKind,
    Identity,
    Json,
    Later,
    Message,
    Preview,
    RawItem,
    Reply,
    Sent,
    Settings,
)
from connectors.errors import BadItem


class WebFormApp(Settings):
    """The web form needs nothing for the whole installation."""


class WebFormAccount(AccountSettings):
    handle: str = Field(
        title="Name in the address",
        description="/lapor/NAME",
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
    )
    title: str = Field(default="Lapor", title="Title of the page")
    intro: str = Field(default="", title="Sentence under the title")
    answers_url: str = Field(
        default="",
        title="Where answers are posted",
        description=(
            "The city's own site; empty: answers are shown on the tracking page only"
        ),
    )
    answers_token: SecretStr = Field(
        default=SecretStr(""), title="Token for that address"
    )


class WebForm:
    label: ClassVar[str] = "Web form"
    hears: ClassVar[frozenset[Later]] = frozenset()
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture"})
    App: ClassVar[type[Settings]] = WebFormApp
    Account: ClassVar[type[AccountSettings]] = WebFormAccount
    text_limit: ClassVar[int] = 5000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 3600

    def __init__(
        self, app: WebFormApp, account: WebFormAccount, external_id: str | None = None
    ) -> None:
        self._account = account

    def close(self) -> None:
        """Nothing stays open between calls."""

    def check(self) -> Identity:
        return Identity(self._account.handle, self._account.handle, self._account.title)

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        rows = payload if isinstance(payload, list) else [payload]
        for row in rows:
            key = row.get("submission_id") if isinstance(row, dict) else None
            yield RawItem(f"submission:{key}", "webform.submission", row)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        said = item.payload
        if not isinstance(said, dict) or not isinstance(said.get("submission_id"), str):
            raise BadItem("a submission without submission_id")
        anonymous = bool(said.get("anonymous"))
        contact = None if anonymous else tidy_contact(form.text(said, "contact"))
        yield Message(
            kind="dm",
            native_id=said["submission_id"],
            conversation_id=said["submission_id"],
            author_id=contact,
            author_name=None if anonymous else form.text(said, "name"),
            text=form.text(said, "text"),
            media=tuple(form.stored_media(said)),
            created_at=_time(said),
            public=False,
            anonymous=anonymous,
            contact=contact,
            place=form.text(said, "place"),
            geo=form.geo(said),
            reply_to={"submission_id": said["submission_id"], "contact": contact},
        )

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text)
        problem = (
            "too_long"
            if length > cls.text_limit
            else "no_files"
            if reply.files
            else None
        )
        return Preview(
            (reply.text,), length, cls.text_limit, public=False, problem=problem
        )

    def send(self, reply: Reply) -> Sent:
        if not self._account.answers_url:
            return Sent(external_id=reply.key)
        token = self._account.answers_token.get_secret_value()
        with http.session() as client:
            response = http.request(
                client,
                "POST",
                self._account.answers_url,
                platform="the city's site",
                sends=True,
                json={
                    "number": reply.number,
                    "answer_id": reply.key,
                    "text": reply.text,
                    "contact": reply.to.get("contact"),
                },
                headers={
                    "Authorization": f"Bearer {token}",
                    "Idempotency-Key": reply.key,
                },
            )
        http.raise_for_status(response, "the city's site", sends=True)
        answer = http.decoded(response, "the city's site", sends=True)
        return Sent(external_id=str(answer.get("id") or reply.key))


def _time(said: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said["created_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
