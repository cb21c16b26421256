"""Answers that are being written: kept, shared, approved, cautioned about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from aggregator.answers import checks, drafts, replies
from aggregator.answers.drafts import Writing
from aggregator.answers.replies import Answer
from aggregator.cases import casefile, claims
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Draft
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message


@pytest.fixture
def account(register: Callable[..., Account]) -> Account:
    return register("dishub_x", "dishub")


@pytest.fixture
def number(account: Account, post: Callable[..., Case | None]) -> str:
    case = post(account, "Lampu mati di Gg. Kepatihan")
    assert case is not None
    return case.number or ""


def of(database: Database, now: datetime, viewer: Viewer, number: str) -> drafts.Drafts:
    with casefile.reading(database, now, viewer, number) as file:
        return drafts.of_case(file)


def own(database: Database, now: datetime, viewer: Viewer, number: str) -> Draft | None:
    return of(database, now, viewer, number).own


def version(database: Database, now: datetime, viewer: Viewer, number: str) -> int:
    with casefile.reading(database, now, viewer, number) as file:
        return file.case.version


def end(
    database: Database, now: datetime, viewer: Viewer, number: str, sent: str
) -> None:
    with casefile.acting(database, now, viewer, number) as file:
        drafts.end(file, drafts.of_case(file).own, sent)


def test_a_draft_is_kept_without_changing_the_case_and_ends_when_emptied(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    before = version(database, now, budi, number)
    drafts.save(database, now, budi, number, Writing("Tim PJU", private=True))
    drafts.save(database, now, budi, number, Writing("Tim PJU datang", private=True))
    kept = own(database, now, budi, number)
    assert kept is not None and (kept.text, kept.private) == ("Tim PJU datang", True)
    assert version(database, now, budi, number) == before
    assert drafts.save(database, now, budi, number, Writing("  ")).own is None
    assert own(database, now, budi, number) is None


def test_only_a_shared_draft_is_seen_and_gone_on_with_by_colleagues(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    row = drafts.save(database, now, budi, number, Writing("Tim PJU datang")).own
    assert row is not None
    assert of(database, now, dewi, number).shared == []
    with pytest.raises(Refusal):
        drafts.take(database, now, dewi, number, row.id or 0)
    drafts.save(database, now, budi, number, Writing("Tim PJU datang", shared=True))
    assert (
        drafts.take(database, now, dewi, number, row.id or 0).text == "Tim PJU datang"
    )


def test_approval_is_of_the_text_that_was_read(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    drafts.save(database, now, budi, number, Writing("Besok kami tambal"))
    asked = drafts.ask(database, now, budi, number)
    read = asked.version
    with pytest.raises(Refusal) as refused:
        drafts.decide(
            database,
            now,
            dewi,
            number,
            asked.id or 0,
            approved=False,
            version=read,
            remark="",
        )
    assert refused.value.code == "reason_needed"
    back = drafts.decide(
        database,
        now,
        dewi,
        number,
        asked.id or 0,
        approved=False,
        version=read,
        remark="Sebut lokasinya",
    )
    assert (back.state, back.remark) == ("returned", "Sebut lokasinya")
    drafts.save(
        database, now, budi, number, Writing("Besok kami tambal di Gg. Kepatihan")
    )
    again = drafts.ask(database, now, budi, number)
    with pytest.raises(Refusal) as stale:
        drafts.decide(
            database, now, dewi, number, again.id or 0, approved=True, version=read
        )
    assert stale.value.code == "draft_changed"
    done = drafts.decide(
        database, now, dewi, number, again.id or 0, approved=True, version=again.version
    )
    assert done.state == "approved"
    with pytest.raises(Refusal) as own:
        drafts.decide(
            database, now, budi, number, again.id or 0, approved=True, version=1
        )
    assert own.value.code == "not_approver"


def found(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    text: str,
    *,
    public: bool = True,
    anonymous: bool = False,
) -> dict[str, checks.Caution]:
    with casefile.reading(database, now, viewer, number) as file:
        message = file.session.get_one(Message, file.case.first_message_id)
        message.anonymous = anonymous
        every = checks.cautions(
            file.session, now, file.case, message, text, public=public
        )
    return {one.code: one for one in every}


def test_what_should_be_looked_at_before_sending(
    database: Database, now: datetime, number: str, budi: Viewer, account: Account
) -> None:
    text = "Halo Kak, hubungi 0812-3456-7890. Jangan bawel; selesai dalam 3 hari kerja."
    seen = found(database, now, budi, number, text)
    assert seen["personal_data"].words == ("phone",)
    assert seen["insult"].words == ("bawel",)
    assert seen["promise"].day == date(2026, 3, 5)
    assert "open_variable" not in seen
    assert found(database, now, budi, number, "Halo {gelar}")["open_variable"]
    private = found(database, now, budi, number, text, public=False)
    assert "personal_data" not in private


def test_the_name_of_somebody_anonymous_is_noticed(
    database: Database, now: datetime, number: str, budi: Viewer, account: Account
) -> None:
    text = "Terima kasih Siti"
    named = found(database, now, budi, number, text, anonymous=True, public=False)
    assert "names_reporter" in named
    assert "names_reporter" not in found(database, now, budi, number, text)


def test_nearly_the_same_public_answers_are_counted(
    database: Database,
    now: datetime,
    number: str,
    budi: Viewer,
    account: Account,
    post: Callable[..., Case | None],
) -> None:
    text = "Terima kasih, tim PJU sedang menuju lokasi yang dilaporkan warga."
    other = post(account, "Zebra cross pudar di Warung Jambu", author_id="tono")
    assert other is not None and other.number
    claims.claim(database, now, budi, other.number)
    replies.reply(database, now, budi, other.number, Answer(text), key="k1")
    soon = now + timedelta(minutes=5)
    assert found(database, soon, budi, number, text + "!")["alike"].count == 1
    assert "alike" not in found(database, now + timedelta(days=2), budi, number, text)


def test_a_private_answer_and_its_public_sentence_are_queued_together_or_not_at_all(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    claims.claim(database, now, budi, number)
    with pytest.raises(Refusal) as refused:
        replies.reply(
            database,
            now,
            budi,
            number,
            Answer("Ini datanya", private=True, publicly="a" * 101),
            key="k1",
        )
    assert refused.value.code == "too_long"
    reply = replies.reply(
        database,
        now,
        budi,
        number,
        Answer(
            "Ini datanya", private=True, publicly="Kami lanjutkan lewat pesan pribadi"
        ),
        key="k1",
        hold=replies.UNDO_WITHIN,
    )
    assert (reply.private, reply.not_before) == (True, now + replies.UNDO_WITHIN)


def test_a_page_left_open_does_not_overwrite_what_was_written_on_another_device(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    desk = drafts.save(
        database, now, budi, number, Writing("Dijadwalkan besok", seen=0)
    ).own
    assert desk is not None
    phone = drafts.save(
        database, now, budi, number, Writing("Sudah di lokasi", seen=desk.version)
    ).own
    assert phone is not None
    for text in ("Dijadwalkan besok pagi", ""):
        with pytest.raises(Refusal) as refused:
            drafts.save(database, now, budi, number, Writing(text, seen=desk.version))
        assert refused.value.code == "written_elsewhere"
    end(database, now, budi, number, "Dijadwalkan besok")
    both = "Dijadwalkan besok. Sudah di lokasi."
    kept = drafts.save(
        database, now, budi, number, Writing(both, seen=desk.version)
    ).own
    assert kept is not None and kept.text == both
    end(database, now, budi, number, both)
    assert own(database, now, budi, number) is None
