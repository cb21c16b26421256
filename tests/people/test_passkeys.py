"""Passkeys, held by an authenticator in software: what is believed of one, and what is
not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from authenticator import Authenticator
from hypothesis import given, settings
from hypothesis import strategies as some

from aggregator.people import invitations, passkeys, staff
from aggregator.people.challenges import Asking
from aggregator.people.passkeys import Party
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database

HERE = Party("aduan.example", "https://aduan.example")
SESSION, BROWSER = "session 1", "browser 1"
Use = Callable[..., bool]


@pytest.fixture
def phone(database: Database, now: datetime, budi: Viewer) -> Authenticator:
    """Budi's, with a passkey that is kept."""
    return kept(database, now, budi)


def kept(database: Database, now: datetime, viewer: Viewer) -> Authenticator:
    phone = Authenticator(HERE.origin, HERE.id)
    asked = passkeys.offer(database, now, HERE, viewer, SESSION)
    answer = phone.make(asked)
    passkeys.add(database, now, HERE, viewer, SESSION, "HP saya", answer)
    return phone


def ask(database: Database, now: datetime) -> str:
    return passkeys.ask(database, now, HERE, Asking("sign_in", BROWSER))


def lets_in(database: Database, now: datetime, answer: str) -> str | None:
    """Whom an answer lets in."""
    try:
        return passkeys.sign_in(database, now, HERE, BROWSER, answer).login
    except PeopleError as error:
        assert error.code == "passkey_refused"
        return None


def test_a_passkey_signs_in_whose_it_is(
    database: Database, now: datetime, phone: Authenticator, budi: Viewer
) -> None:
    answer = phone.sign(ask(database, now))
    assert lets_in(database, now, answer) == "budi"
    (row,) = passkeys.of_person(database, budi)
    assert (row.name, row.sign_count, row.last_used_at) == ("HP saya", 1, now)


@pytest.mark.threat("PAS-1")
@pytest.mark.parametrize(
    "false",
    [
        {"origin": "https://aduan.example.jahat.test"},
        {"origin": "http://aduan.example"},
        {"origin": "https://aduan.example:8443"},
        {"host": "jahat.test"},
        {"verifies": False},
    ],
    ids=str,
)
def test_an_answer_of_a_false_page_lets_nobody_in(
    database: Database, now: datetime, phone: Authenticator, false: dict[str, str]
) -> None:
    forger = replace(phone, **false)
    assert lets_in(database, now, forger.sign(ask(database, now))) is None
    assert lets_in(database, now, phone.sign(ask(database, now))) == "budi"


@pytest.mark.threat("PAS-1")
@pytest.mark.parametrize(
    "false", [{"origin": "https://jahat.test"}, {"host": "jahat.test"}], ids=str
)
def test_a_passkey_that_was_made_for_a_false_page_is_not_kept(
    database: Database, now: datetime, budi: Viewer, false: dict[str, str]
) -> None:
    forger = replace(Authenticator(HERE.origin, HERE.id), **false)
    made = forger.make(passkeys.offer(database, now, HERE, budi, SESSION))
    with pytest.raises(PeopleError, match="not accepted"):
        passkeys.add(database, now, HERE, budi, SESSION, "HP", made)
    assert passkeys.of_person(database, budi) == []


@pytest.mark.threat("PAS-2")
def test_an_answer_counts_once_and_for_a_few_minutes(
    database: Database, now: datetime, phone: Authenticator
) -> None:
    answer = phone.sign(ask(database, now))
    assert lets_in(database, now, answer) == "budi"
    assert lets_in(database, now, answer) is None
    late = phone.sign(ask(database, now))
    assert lets_in(database, now + timedelta(minutes=5), late) is None


@pytest.mark.threat("PAS-2")
def test_what_was_asked_elsewhere_or_for_something_else_is_no_answer_here(
    database: Database, now: datetime, phone: Authenticator, budi: Viewer
) -> None:
    for asking in (Asking("sign_in", "browser 2"), Asking("prove", SESSION)):
        asked = passkeys.ask(database, now, HERE, asking)
        assert lets_in(database, now, phone.sign(asked)) is None
    for_new = passkeys.offer(database, now, HERE, budi, SESSION)
    assert lets_in(database, now, phone.sign(for_new)) is None
    mine = json.loads(ask(database, now)) | {"challenge": "c2F5YSBrYXJhbmcgc2VuZGlyaQ"}
    assert lets_in(database, now, phone.sign(json.dumps(mine))) is None


@pytest.mark.threat("PAS-3")
def test_a_counter_that_goes_back_is_a_copy_and_lets_nobody_in(
    database: Database, now: datetime, phone: Authenticator
) -> None:
    copy = replace(phone)
    for _ in range(2):
        assert lets_in(database, now, phone.sign(ask(database, now))) == "budi"
    assert lets_in(database, now, copy.sign(ask(database, now))) is None


@pytest.mark.threat("PAS-3")
def test_another_key_signs_nothing_in_its_name(
    database: Database, now: datetime, phone: Authenticator, rina: Viewer
) -> None:
    other = Authenticator(HERE.origin, HERE.id, id=phone.id, handle=phone.handle)
    assert lets_in(database, now, other.sign(ask(database, now))) is None
    hers = kept(database, now, rina)
    named = replace(hers, handle=phone.handle)
    assert lets_in(database, now, named.sign(ask(database, now))) is None


@pytest.mark.threat("PAS-3")
def test_another_s_passkey_shows_nothing_of_this_person(
    database: Database, now: datetime, phone: Authenticator, budi: Viewer, rina: Viewer
) -> None:
    hers = kept(database, now, rina)

    def shows(device: Authenticator) -> bool:
        asking = Asking("prove", SESSION)
        asked = passkeys.ask(database, now, HERE, asking, budi)
        answer = device.sign(asked)
        return passkeys.is_of(database, now, HERE, budi, SESSION, answer)

    assert shows(phone)
    assert not shows(hers)


def test_one_device_is_kept_once(
    database: Database, now: datetime, phone: Authenticator, budi: Viewer, rina: Viewer
) -> None:
    asked = passkeys.offer(database, now, HERE, rina, SESSION)
    with pytest.raises(PeopleError, match="already"):
        passkeys.add(database, now, HERE, rina, SESSION, "", phone.make(asked))


def test_who_removed_it_is_disabled_or_reset_is_not_let_in_by_it(
    database: Database, now: datetime, phone: Authenticator, budi: Viewer, rina: Viewer
) -> None:
    (row,) = passkeys.of_person(database, budi)
    passkeys.remove(database, rina, row.id)
    assert lets_in(database, now, phone.sign(ask(database, now))) == "budi"
    passkeys.remove(database, budi, row.id)
    assert lets_in(database, now, phone.sign(ask(database, now))) is None
    again = kept(database, now, budi)
    staff.disable(database, now, SYSTEM, "budi")
    assert lets_in(database, now, again.sign(ask(database, now))) is None
    token = invitations.reset(database, now, SYSTEM, "budi")
    invitations.accept(database, now, token, "kata sandi panjang")
    assert lets_in(database, now, again.sign(ask(database, now))) is None


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://Aduan.Example", "aduan.example"),
        ("https://aduan.example:8443/", "aduan.example"),
        ("http://localhost:8080", "localhost"),
        ("http://aduan.example", None),
        ("http://127.0.0.1:8080", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
        ("", None),
    ],
)
def test_passkeys_need_https_and_a_name(address: str, host: str | None) -> None:
    found = passkeys.party(address)
    assert (found.id if found else None) == host


@pytest.mark.sqlite
@pytest.mark.threat("ODD-2")
def test_no_bytes_break_the_reader_of_answers(
    database: Database, now: datetime, phone: Authenticator, budi: Viewer
) -> None:
    json_of = some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(),
        lambda one: some.lists(one) | some.dictionaries(some.text(), one),
        max_leaves=5,
    )
    parts = some.sampled_from(["clientDataJSON", "authenticatorData", "signature"])

    @settings(max_examples=30)
    @given(some.text() | json_of.map(json.dumps), parts, json_of)
    def told(text: str, part: str, odd: object) -> None:
        assert lets_in(database, now, text) is None
        answer = json.loads(phone.sign(ask(database, now)))
        answer["response"][part] = odd
        assert lets_in(database, now, json.dumps(answer)) is None
        assert lets_in(database, now, json.dumps(answer | {"id": odd})) is None

    told()
