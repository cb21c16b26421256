"""Codes of an authenticator: what fits, what was used, what is left when the phone is
lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from cryptography.fernet import Fernet

from aggregator.accounts import states
from aggregator.people import invitations, second_factor, staff
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.vault import Vault

HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def secret(database: Database, vault: Vault, now: datetime, budi: Viewer) -> str:
    """Budi's authenticator, switched on a minute ago."""
    offered = second_factor.offer(vault, budi)
    before = now - 2 * HALF_A_MINUTE
    code = pyotp.TOTP(offered.secret).at(before)
    second_factor.turn_on(database, vault, before, budi, offered.sealed, code)
    return offered.secret


@pytest.fixture
def passes(
    database: Database, vault: Vault, budi: Viewer
) -> Callable[[datetime, str], bool]:
    return lambda at, code: second_factor.passes(database, vault, at, budi.id, code)


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, False), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_off(
    secret: str, passes: Callable[..., bool], now: datetime, steps: int, taken: bool
) -> None:
    """One step back is the code that switched the second step on: it was used."""
    at = now - HALF_A_MINUTE
    shown = pyotp.TOTP(secret).at(at + steps * HALF_A_MINUTE)
    assert passes(at, f"{shown[:3]} {shown[3:]}") is taken


def test_a_code_lets_in_once(
    secret: str, passes: Callable[..., bool], now: datetime
) -> None:
    code = pyotp.TOTP(secret).at(now)
    assert passes(now, code)
    assert not passes(now, code)
    assert not passes(now, pyotp.TOTP(secret).at(now - HALF_A_MINUTE)), (
        "older than the last used"
    )


def test_a_recovery_code_lets_in_once_however_it_is_typed(
    database: Database,
    vault: Vault,
    secret: str,
    passes: Callable[..., bool],
    now: datetime,
    budi: Viewer,
) -> None:
    shown = pyotp.TOTP(secret).at(now)
    codes = second_factor.renew_codes(database, vault, now, budi, shown)
    assert len(set(codes)) == 10
    assert passes(now, codes[0].upper().replace("-", " "))
    assert not passes(now, codes[0])
    assert passes(now, codes[1])


def test_new_recovery_codes_end_the_old_ones(
    database: Database,
    vault: Vault,
    secret: str,
    passes: Callable[..., bool],
    now: datetime,
    budi: Viewer,
) -> None:
    old = second_factor.renew_codes(
        database, vault, now, budi, pyotp.TOTP(secret).at(now)
    )
    second_factor.renew_codes(database, vault, now, budi, old[0])
    assert not passes(now, old[1])


def test_nothing_that_could_be_used_is_stored(database: Database, secret: str) -> None:
    stored = staff.get(database, "budi")
    assert stored.totp is not None and secret not in stored.totp
    assert all(len(code) == 64 for code in stored.recovery_codes)


def test_without_an_authenticator_no_code_fits(
    passes: Callable[..., bool], now: datetime
) -> None:
    assert not passes(now, "000000")
    assert not passes(now, "")


def test_switching_off_needs_a_code_and_forgets_devices(
    database: Database, vault: Vault, secret: str, now: datetime, budi: Viewer
) -> None:
    token, _ = second_factor.remember(database, now, budi.id, "Firefox, Android") or (
        "",
        None,
    )
    with pytest.raises(PeopleError, match="does not fit"):
        second_factor.turn_off(database, vault, now, budi, "123")
    second_factor.turn_off(database, vault, now, budi, pyotp.TOTP(secret).at(now))
    assert staff.get(database, "budi").totp is None
    assert not second_factor.is_remembered(database, now, budi.id, token)


def test_a_device_is_remembered_for_thirty_days_for_one_person(
    database: Database, now: datetime, budi: Viewer, dewi: Viewer
) -> None:
    token, _ = second_factor.remember(database, now, budi.id, "Firefox, Android") or (
        "",
        None,
    )
    assert second_factor.is_remembered(
        database, now + timedelta(days=29), budi.id, token
    )
    assert not second_factor.is_remembered(
        database, now + timedelta(days=30), budi.id, token
    )
    assert not second_factor.is_remembered(database, now, dewi.id, token)


def test_only_ones_own_devices_are_forgotten(
    database: Database, now: datetime, budi: Viewer, dewi: Viewer
) -> None:
    second_factor.remember(database, now, budi.id, "Firefox, Android")
    (device,) = second_factor.devices(database, now, budi)
    second_factor.forget(database, dewi, device.id or 0)
    assert second_factor.devices(database, now, budi) == [device]
    second_factor.forget(database, budi, device.id or 0)
    assert second_factor.devices(database, now, budi) == []


def test_a_reset_ends_the_second_step_with_the_password(
    database: Database, secret: str, now: datetime, budi: Viewer
) -> None:
    token, _ = second_factor.remember(database, now, budi.id, "Firefox, Android") or (
        "",
        None,
    )
    invitations.reset(database, now, SYSTEM, "budi")
    stored = staff.get(database, "budi")
    assert (stored.totp, stored.recovery_codes) == (None, [])
    assert not second_factor.is_remembered(database, now, budi.id, token)


def test_authenticators_outlive_a_change_of_the_key(
    database: Database, now: datetime, budi: Viewer
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    offered = second_factor.offer(Vault([old]), budi)
    shown = pyotp.TOTP(offered.secret)
    second_factor.turn_on(
        database, Vault([old]), now, budi, offered.sealed, shown.at(now)
    )
    states.reseal_all(database, Vault([new, old]), SYSTEM)
    later = now + HALF_A_MINUTE
    assert second_factor.passes(database, Vault([new]), later, budi.id, shown.at(later))
