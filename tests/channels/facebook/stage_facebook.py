"""Facebook for the contract suite: Dishub's page, with one post residents comment
on."""

from __future__ import annotations

from typing import Any, ClassVar

from metastage import PAGE_ID, MetaStage

from connectors._meta.page import PageAccount
from connectors.base import Request
from connectors.facebook import Facebook, FacebookApp
from sandbox.meta_hooks import feed_value
from sandbox.serve import Sandbox


class Stage(MetaStage):
    shape: ClassVar[Any] = {
        "object": "page",
        "entry": [
            {
                "id": PAGE_ID,
                "time": 1_772_000_100,
                "changes": [
                    {
                        "field": "feed",
                        "value": {
                            "item": "comment",
                            "verb": "add",
                            "post_id": f"{PAGE_ID}_7",
                            "comment_id": "7_8",
                            "parent_id": f"{PAGE_ID}_7",
                            "from": {"id": "5001", "name": "Siti Contoh"},
                            "message": "Lampu jalan mati",
                            "photo": "https://scontent.example/1.jpg",
                            "photos": ["https://scontent.example/2.jpg"],
                            "created_time": 1_772_000_099,
                        },
                    },
                    {
                        "field": "ratings",
                        "value": {
                            "item": "rating",
                            "open_graph_story_id": 9,
                            "reviewer_id": 5002,
                            "rating": 2,
                        },
                    },
                    {"field": "mention", "value": {"post_id": "1_2", "item": "post"}},
                    {
                        "field": "feed",
                        "value": {"item": "reaction", "reaction_type": "like"},
                    },
                ],
            }
        ],
    }
    poll_endpoint: ClassVar[str | None] = "GET /:id/feed"
    send_endpoint: ClassVar[str | None] = "POST /:id/comments"
    page_size: ClassVar[int] = 100

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.post = self.state.post(
            self.page, self.page, "Rekayasa lalu lintas akhir pekan"
        )

    def app(self) -> FacebookApp:
        return FacebookApp(**self.app_values())

    def account(self) -> PageAccount:
        return PageAccount(access_token=self.token.key)

    def always(self) -> dict[str, Any]:
        return {"channel": "facebook", "account": "dishub.kota"}

    def connect(self) -> Facebook:
        return Facebook(self.app(), self.account(), PAGE_ID)

    def say(self, text: str) -> str:
        return self.state.comment(self.post, self.state.person("Siti Contoh"), text).id

    def poison(self) -> None:
        made = self.state.comment(self.post, self.state.person("Siti Contoh"), "")
        made.broken = True

    def say_ourselves(self, text: str) -> str:
        return self.state.comment(self.post, self.page, text).id

    def delivery(self, text: str) -> Request:
        made = self.state.comment(self.post, self.state.person("Siti Contoh"), text)
        return self._change("feed", feed_value(made, "add", False))

    def unknown_delivery(self) -> Request:
        return self._change("telepathy", {"item": "thought", "post_id": "1_1"})

    def _change(self, field: str, value: dict[str, Any]) -> Request:
        return self.signed(
            "page", {"id": PAGE_ID, "changes": [{"field": field, "value": value}]}
        )

    def answerable(self) -> dict[str, Any]:
        comment = self.say("Lampu mati")
        return {
            "object_id": comment,
            "post_id": self.post.id,
            "is_comment": True,
            "account_id": PAGE_ID,
            "account_handle": "dishub.kota",
        }

    def refuse(self, to: dict[str, Any]) -> None:
        self.state.change(self.state.said[to["object_id"]], "remove")

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("facebook")]
