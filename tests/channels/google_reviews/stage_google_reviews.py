"""Google reviews for the contract suite: a health centre, and people who were there."""

from __future__ import annotations

from typing import Any, ClassVar

from resident import Resident

from connectors._google.business import GoogleReviewsApp
from connectors.base import Request
from connectors.google_reviews import GoogleReviews, GoogleReviewsAccount
from sandbox.google_reviews import PUSH_TOKEN, GoogleBusiness
from sandbox.serve import Sandbox

LOCATION = "accounts/101/locations/2001"


class Stage(Resident):
    shape: ClassVar[Any] = {
        "reviews": [
            {
                "name": f"{LOCATION}/reviews/AbC",
                "reviewId": "AbC",
                "reviewer": {"displayName": "Siti Contoh", "isAnonymous": False},
                "starRating": "TWO",
                "comment": "Antrean dari subuh, loket cuma satu",
                "createTime": "2026-03-02T06:00:00.123456789Z",
                "updateTime": "2026-03-03T06:00:00Z",
                "reviewReply": {
                    "comment": "Terima kasih",
                    "updateTime": "2026-03-02T08:00:00Z",
                    "reviewReplyState": "APPROVED",
                },
                "reviewMediaItems": [
                    {"thumbnailUrl": "https://lh3.example/a", "videoUrl": ""}
                ],
                "reviewReplyUrl": "https://business.google.example/reply",
            }
        ],
        "averageRating": 4.1,
        "totalReviewCount": 1,
        "nextPageToken": "t",
    }
    poll_endpoint: ClassVar[str | None] = "GET /v4/accounts/:a/locations/:l/reviews"
    send_endpoint: ClassVar[str | None] = (
        "PUT /v4/accounts/:a/locations/:l/reviews/:r/reply"
    )
    page_size: ClassVar[int] = 50
    unable: ClassVar[frozenset[str]] = frozenset({"answer"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform = sandbox.world.platform("google_reviews")
        assert isinstance(platform, GoogleBusiness)
        self.google = platform
        self.given = sandbox.accounts("google_reviews")[0]

    def app(self) -> GoogleReviewsApp:
        return GoogleReviewsApp(**self.given["app"])

    def account(self) -> GoogleReviewsAccount:
        return GoogleReviewsAccount(**self.given["settings"])

    def always(self) -> dict[str, Any]:
        return {"channel": "google_reviews", "who": "Siti Contoh", "place": LOCATION}

    def connect(self) -> GoogleReviews:
        return GoogleReviews(self.app(), self.account(), LOCATION)

    def say(self, text: str) -> str:
        return self.google.act(
            {"who": "Siti Contoh", "stars": 2, "text": text, "place": LOCATION}
        )

    def poison(self) -> None:
        self.google.nulls.add(LOCATION)

    def lock_out(self) -> None:
        self.sandbox.revoke(self.given["settings"]["refresh_token"])

    def edit(self, native_id: str, text: str) -> None:
        self.google.act({"edit": native_id, "text": text})

    def delivery(self, text: str) -> Request:
        review = self.google.reviews[self.say(text)]
        return self._pushed(self.google.notice(review, "NEW_REVIEW"))

    def unknown_delivery(self) -> Request:
        review = self.google.reviews[self.say("Ada apa ini")]
        return self._pushed(self.google.notice(review, "NEW_HOLOGRAM"))

    def _pushed(self, content: bytes) -> Request:
        return Request(
            "POST", {"content-type": "application/json"}, {"token": PUSH_TOKEN}, content
        )

    def answerable(self) -> dict[str, Any]:
        return {"review": self.say("Petugas loketnya ketus"), "answered": False}

    def refuse(self, to: dict[str, Any]) -> None:
        self.google.act({"delete": to["review"]})

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("google_reviews")]
