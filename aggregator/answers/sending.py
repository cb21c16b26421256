"""An answer on its way from a draft to the queue: looked at once more, then sent with
the pictures of the draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.accounts import filestore
from aggregator.answers import checks, contradictions, drafts, replies
from aggregator.answers.checks import Caution
from aggregator.answers.contradictions import Contradiction
from aggregator.answers.replies import Answer, Kept, Previewed
from aggregator.cases import casefile
from aggregator.cases.casefile import CaseFile, Seen
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.answers import Draft, Reply
from connectors.base import Upload


@dataclass(frozen=True, slots=True)
class Looked:
    """An answer as it will be, with all that is worth a second look."""

    answer: Answer
    seen: Previewed
    cautions: list[Caution]
    against: list[Contradiction]


def look(file: CaseFile, data_dir: Path, answer: Answer, draft: Draft | None) -> Looked:
    """What would be sent, with the pictures of one's draft. Sends nothing. Refusal."""
    answer = with_pictures(file, data_dir, answer, draft)
    seen = replies.preview_reply(file, answer)
    public = seen.message.public and not answer.private
    said = [(answer.text, public)]
    if answer.publicly is not None:
        said.append((answer.publicly, True))
    session, now, case = file.session, file.now, file.case
    return Looked(
        answer,
        seen,
        [
            one
            for text, is_public in said
            for one in checks.cautions(
                session, now, case, seen.message, text, public=is_public
            )
        ],
        contradictions.find(session, now, case, answer.text),
    )


def with_pictures(
    file: CaseFile, data_dir: Path, answer: Answer, draft: Draft | None
) -> Answer:
    """The answer with the pictures of one's draft; they stay with the case where the
    channel takes none. Refusal."""
    if draft is None or not draft.files:
        return answer
    pictures = tuple(
        Kept(
            one["sha256"],
            Upload(
                one["name"],
                one["mime"],
                filestore.path_of(data_dir, one["sha256"]).read_bytes(),
            ),
        )
        for one in draft.files
    )
    seen = replies.preview_reply(file, replace(answer, files=pictures))
    stay = seen.preview.problem == "no_files"
    return replace(
        answer, files=tuple(replace(picture, stays=stay) for picture in pictures)
    )


def send(
    database: Database,
    data_dir: Path,
    now: datetime,
    viewer: Viewer,
    number: str,
    answer: Answer,
    *,
    key: str,
    seen: Seen | None = None,
    hold: timedelta = timedelta(),
) -> Reply:
    """Queue an answer with the pictures of one's draft, which ends with it; `hold` as
    in `replies.reply`. Refusal."""
    replies.check_words(answer)
    with database.writing() as session:
        known = replies.sent_before(session, viewer, number, key, answer)
        if known is not None:
            return known
        file = casefile.act_in(session, now, viewer, number, seen)
        draft = drafts.own(session, viewer, file.case)
        answer = with_pictures(file, data_dir, answer, draft)
        queued = replies.reply_in(file, answer, key=key, hold=hold)
        drafts.end(file, draft, answer.text)
        return queued
