"""YouTube for the contract suite: the channel of DLH with one video, and Siti who
comments."""

from __future__ import annotations

from typing import Any, ClassVar

from resident import Resident

from connectors.youtube import YouTube, YouTubeAccount
from connectors.youtube.api import YouTubeApp
from sandbox.serve import Sandbox
from sandbox.youtube import CLIENT_ID, CLIENT_SECRET


class Stage(Resident):
    shape: ClassVar[Any] = {
        "kind": "youtube#commentThreadListResponse",
        "items": [
            {
                "kind": "youtube#commentThread",
                "id": "Ugx1",
                "snippet": {
                    "videoId": "v1",
                    "canReply": True,
                    "isPublic": True,
                    "totalReplyCount": 1,
                    "topLevelComment": {
                        "kind": "youtube#comment",
                        "id": "Ugx1",
                        "snippet": {
                            "videoId": "v1",
                            "textDisplay": "TPS penuh &amp; bau<br>tolong",
                            "authorDisplayName": "@siti",
                            "authorChannelId": {"value": "UC1"},
                            "imageUrl": "https://images.example/1.jpg",
                            "likeCount": 2,
                            "moderationStatus": "published",
                            "publishedAt": "2026-03-02T06:00:00Z",
                            "updatedAt": "2026-03-02T07:00:00Z",
                        },
                    },
                },
                "replies": {
                    "comments": [
                        {
                            "id": "Ugx1.a",
                            "snippet": {"parentId": "Ugx1", "textOriginal": "Betul"},
                        }
                    ]
                },
            }
        ],
    }
    poll_endpoint: ClassVar[str | None] = "GET /youtube/v3/commentThreads"
    send_endpoint: ClassVar[str | None] = "POST /youtube/v3/comments"
    page_size: ClassVar[int] = 100

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform: Any = sandbox.world.platform("youtube")
        self.platform, self.youtube = platform, platform.youtube
        self.refresh_token = "1//stageDlhOpensNothing"
        self.channel = self.youtube.add_channel("dlh_kota", "DLH", self.refresh_token)
        self.video = self.youtube.add_video(self.channel, "Memilah sampah")
        self.siti = self.youtube.add_channel("siti", "Siti")

    def app(self) -> YouTubeApp:
        here = self.sandbox.url
        return YouTubeApp(
            base_url=here,
            authorize_url=f"{here}/youtube/oauth/auth",
            token_url=f"{here}/youtube/oauth/token",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )

    def account(self, **changes: Any) -> YouTubeAccount:
        return YouTubeAccount(refresh_token=self.refresh_token, **changes)

    def always(self) -> dict[str, Any]:
        return {"channel": "youtube", "who": "Siti", "video": self.video}

    def connect(self, **changes: Any) -> YouTube:
        return YouTube(self.app(), self.account(**changes), self.channel.id)

    def say(self, text: str) -> str:
        return str(self.youtube.comment(self.video, self.siti, text).id)

    def poison(self) -> None:
        self.youtube.comment(self.video, self.siti, None)

    def lock_out(self) -> None:
        self.sandbox.revoke(self.refresh_token)

    def edit(self, native_id: str, text: str) -> None:
        self.youtube.edit(native_id, text)

    def say_ourselves(self, text: str) -> str:
        top = self.say("TPS penuh")
        return str(self.youtube.comment(self.video, self.channel, text, top=top).id)

    def answerable(self) -> dict[str, Any]:
        return {"parent_id": self.say("TPS penuh"), "video_id": self.video}

    def refuse(self, to: dict[str, Any]) -> None:
        self.youtube.delete(to["parent_id"])

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("youtube")]
