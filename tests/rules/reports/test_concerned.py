"""Which offices a secret report may be about."""

from __future__ import annotations

import pytest

from aggregator.rules.reports import concerned

NAMES = concerned.names(
    [
        ("dishub", "Dinas Perhubungan"),
        ("dishub", "Dishub"),
        ("inspektorat", "Inspektorat"),
        ("satpolpp", "Satpol PP"),
    ]
)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Petugas DISHUB minta uang", {"dishub"}),
        ("oknum dinas perhubungan & satpol-pp", {"dishub", "satpolpp"}),
        ("@dishub_kota tolong", {"dishub"}),
        ("Dinas lain, perhubungan lain", set()),
        ("Mohon Inspektorat menindak", set()),
        ("Saya lapor ke inspektorat karena dishub", {"dishub"}),
        ("Orang inspektorat minta jatah", {"inspektorat"}),
        ("Mohon ditindak.\nOrang inspektorat juga", {"inspektorat"}),
        ("Mohon ditindak! inspektorat diam", {"inspektorat"}),
    ],
)
def test_offices_are_found_by_their_names_and_an_appeal_is_no_complaint(
    said: str, found: set[str]
) -> None:
    assert concerned.in_text(said, NAMES, {"inspektorat"}) == found
