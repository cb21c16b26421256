"""Bluesky for the contract suite: DKPP's account, and Siti who mentions it."""

from __future__ import annotations

from typing import Any, ClassVar

from resident import Resident

from connectors.bluesky import Bluesky, BlueskyAccount, BlueskyApp
from sandbox.bluesky import OFFICES, PREFIX, BlueskyService
from sandbox.serve import Sandbox

HANDLE = "dkpp-demo.bogor.example"
PASSWORD = OFFICES[HANDLE][2]


class Stage(Resident):
    shape: ClassVar[Any] = {
        "notifications": [
            {
                "uri": "at://did:plc:siti/app.bsky.feed.post/3l1",
                "cid": "bafyreia",
                "author": {
                    "did": "did:plc:siti",
                    "handle": "siti.warga.example",
                    "displayName": "Siti",
                },
                "reason": "mention",
                "reasonSubject": "at://did:plc:dkpp/app.bsky.feed.post/3l0",
                "record": {
                    "$type": "app.bsky.feed.post",
                    "text": "@dkpp-demo.bogor.example ayam liar di pasar",
                    "createdAt": "2026-03-02T06:00:00.000Z",
                    "langs": ["id"],
                    "reply": {
                        "root": {
                            "uri": "at://did:plc:dkpp/app.bsky.feed.post/3l0",
                            "cid": "b0",
                        },
                        "parent": {
                            "uri": "at://did:plc:dkpp/app.bsky.feed.post/3l0",
                            "cid": "b0",
                        },
                    },
                    "facets": [
                        {
                            "index": {"byteStart": 0, "byteEnd": 24},
                            "features": [
                                {
                                    "$type": "app.bsky.richtext.facet#mention",
                                    "did": "did:plc:dkpp",
                                }
                            ],
                        }
                    ],
                    "embed": {
                        "$type": "app.bsky.embed.recordWithMedia",
                        "record": {
                            "record": {
                                "uri": "at://did:plc:x/app.bsky.feed.post/1",
                                "cid": "bx",
                            }
                        },
                        "media": {
                            "images": [
                                {
                                    "alt": "ayam",
                                    "image": {
                                        "ref": {"$link": "bafkreib"},
                                        "mimeType": "image/jpeg",
                                    },
                                }
                            ]
                        },
                    },
                },
                "isRead": False,
                "indexedAt": "2026-03-02T06:00:01.000Z",
                "labels": [{"val": "spam"}],
            }
        ],
        "cursor": "2026-03-02T06:00:01.000Z",
    }
    poll_endpoint: ClassVar[str | None] = "GET app.bsky.notification.listNotifications"
    send_endpoint: ClassVar[str | None] = "POST com.atproto.repo.createRecord"
    page_size: ClassVar[int] = 100
    greeting: ClassVar[str] = f"@{HANDLE} "
    unable: ClassVar[frozenset[str]] = frozenset({"edit"})

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform = sandbox.world.platform("bluesky")
        assert isinstance(platform, BlueskyService)
        self.service = platform
        office = platform.state.find(HANDLE)
        assert office is not None
        self.office = office

    def app(self) -> BlueskyApp:
        here = self.sandbox.url + PREFIX
        return BlueskyApp(base_url=here, cdn_url=here)

    def account(self) -> BlueskyAccount:
        return BlueskyAccount(handle=HANDLE, app_password=PASSWORD)

    def always(self) -> dict[str, Any]:
        return {"channel": "bluesky"}

    def connect(self) -> Bluesky:
        return Bluesky(self.app(), self.account(), self.office.did)

    def say(self, text: str) -> str:
        return self.service.act({"text": f"@{HANDLE} {text}"})

    def poison(self) -> None:
        self.service.state.poison(self.office)

    def lock_out(self) -> None:
        self.sandbox.revoke(PASSWORD)

    def remove(self, native_id: str) -> None:
        self.service.act({"delete": native_id})

    def answerable(self) -> dict[str, Any]:
        post = self.service.state.posts[self.say("Ada ayam liar di pasar")]
        here = {"uri": post.uri, "cid": post.cid}
        return {**here, "root_uri": post.uri, "root_cid": post.cid}

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("bluesky")]
