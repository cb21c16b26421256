"""The reviews of the sandbox, in the order and with the errors of Google."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests

from sandbox.google_reviews import CLIENT_ID, CLIENT_SECRET, PREFIX, GoogleBusiness
from sandbox.serve import Sandbox

LOCATION = "accounts/101/locations/2001"


@pytest.fixture
def google(sandbox: Sandbox) -> GoogleBusiness:
    found = sandbox.world.platform("google_reviews")
    assert isinstance(found, GoogleBusiness)
    return found


def token(sandbox: Sandbox, refresh: str) -> requests.Response:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    return requests.post(f"{sandbox.url}{PREFIX}/token", data=form, timeout=60)


def reviews(sandbox: Sandbox, access: str, **asked: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {access}"}
    url = f"{sandbox.url}{PREFIX}/v4/{LOCATION}/reviews"
    return requests.get(url, params=asked, headers=headers, timeout=60)


def test_who_changes_a_review_puts_it_in_front(
    sandbox: Sandbox, google: GoogleBusiness
) -> None:
    made = [google.act({"who": "Siti", "stars": n, "text": "antre"}) for n in (1, 2, 3)]
    google.act({"edit": made[0], "text": "sudah lebih baik"})
    answer = reviews(sandbox, google.access(LOCATION), pageSize=2).json()
    assert [row["name"] for row in answer["reviews"]] == [made[0], made[2]]
    assert answer["reviews"][0]["updateTime"] > answer["reviews"][0]["createTime"]
    rest = reviews(
        sandbox, google.access(LOCATION), pageSize=2, pageToken=answer["nextPageToken"]
    ).json()
    assert [row["name"] for row in rest["reviews"]] == [made[1]]


def test_stars_alone_are_a_review_without_comment(
    sandbox: Sandbox, google: GoogleBusiness
) -> None:
    google.act({"stars": 4})
    (row,) = reviews(sandbox, google.access(LOCATION)).json()["reviews"]
    assert "comment" not in row
    assert row["reviewer"] == {"isAnonymous": True}


def test_access_ends_after_an_hour_and_a_withdrawn_sign_in_gives_none(
    sandbox: Sandbox, google: GoogleBusiness
) -> None:
    access = token(sandbox, "1//demo-2001").json()["access_token"]
    assert reviews(sandbox, access).status_code == 200
    sandbox.advance(3601)
    assert reviews(sandbox, access).json()["error"]["status"] == "UNAUTHENTICATED"
    sandbox.revoke("1//demo-2001")
    assert token(sandbox, "1//demo-2001").json()["error"] == "invalid_grant"


def test_a_push_names_the_review_in_base64(google: GoogleBusiness) -> None:
    review = google.reviews[google.act({"who": "Siti", "text": "antre"})]
    message = json.loads(google.notice(review, "NEW_REVIEW"))["message"]
    assert json.loads(base64.b64decode(message["data"]))["reviewName"] == review.name
