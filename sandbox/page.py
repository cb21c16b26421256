"""What residents see, on one plain page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from html import escape

from sandbox.world import World
from sandbox.x_types import Post

WIB = timezone(timedelta(hours=7))
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
section{border:1px solid #ccc;border-radius:.5rem;padding:.5rem 1rem;margin:.8rem 0}
p{margin:.3rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.city{background:#e8f3ec;border-left:4px solid #2b7a4b;padding:.2rem .6rem}
.gone{text-decoration:line-through;color:#777} small{color:#555}
"""


def render(world: World) -> str:
    parts = [*_telegram(world), *_x(world), *_web(world)]
    return (
        "<!doctype html><html lang=id><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>Yang dilihat warga</title><style>{STYLE}</style>"
        "<h1>Yang dilihat warga</h1><p>Percakapan di platform tiruan ini, "
        f"dengan jawaban kota diberi warna.</p>{''.join(parts)}</html>"
    )


def _telegram(world: World) -> Iterable[str]:
    for chat in world.telegram.chats.values():
        lines = []
        for message in chat.messages.values():
            author = message.get("from", {"first_name": chat.title})
            said = message.get("text") or message.get("caption") or ""
            picture = " [foto]" if "photo" in message else ""
            lines.append(
                _line(
                    author["first_name"],
                    said + picture,
                    message["date"],
                    city=author.get("is_bot", False),
                )
            )
        if lines:
            yield _section(f"Telegram · {chat.title}", lines)


def _x(world: World) -> Iterable[str]:
    city = {token.user for token in world.x.tokens.values()}
    threads: dict[int, list[Post]] = defaultdict(list)
    for post in world.x.posts.values():
        if post.chain[-1] == post.id:
            threads[post.conversation_id].append(post)
    for posts in threads.values():
        lines = [
            _line(
                f"@{post.author.username}",
                post.text
                + " [foto]" * len(post.media)
                + " [diedit]" * (len(post.chain) > 1),
                post.created_at,
                city=post.author in city,
                gone=post.deleted,
            )
            for post in posts
        ]
        yield _section(f"X · @{posts[0].author.username}", lines)


def _web(world: World) -> Iterable[str]:
    for answer in world.answers.received:
        yield _section(
            f"Situs kota · {answer.number}", [_line("Kota", answer.text, city=True)]
        )


def _section(title: str, lines: Iterable[str]) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(lines)}</section>"


def _line(
    who: str,
    text: str,
    at: float | None = None,
    *,
    city: bool = False,
    gone: bool = False,
) -> str:
    marks = " ".join(name for name, on in (("city", city), ("gone", gone)) if on)
    clock = datetime.fromtimestamp(at, WIB).strftime("%H:%M") if at else ""
    return (
        f'<p class="{marks}"><b>{escape(who)}</b> {escape(text)}'
        f" <small>{clock}</small></p>"
    )
